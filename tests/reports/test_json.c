/* One drill as one line of JSON: the public contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "reports/plain.h"
#include "src/base/buf.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

/* The report of a drill, which is freed. */
static cJSON *report_of(struct made *made)
{
	char *line = json_report(&made->record);
	const char *end = NULL;
	cJSON *report = cJSON_ParseWithOpts(line, &end, 1);

	assert_non_null(report);
	assert_ptr_equal(end, line + strlen(line));
	assert_false(text_has_control(line, false));
	assert_true(text_is_utf8(line));
	free(line);
	made_free(made);
	return report;
}

static const cJSON *at(const cJSON *report, const char *key)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(report, key);

	assert_non_null(value);
	return value;
}

static void assert_text(const cJSON *object, const char *key, const char *text)
{
	const char *value = cJSON_GetStringValue(at(object, key));

	assert_non_null(value);
	assert_string_equal(value, text);
}

static void assert_number(const cJSON *object, const char *key, double number)
{
	assert_true(cJSON_IsNumber(at(object, key)));
	assert_true(at(object, key)->valuedouble == number);
}

/* "drill,scenario,...": the keys of an object in their order. */
static void assert_keys(const cJSON *object, const char *keys)
{
	struct buf all = {0};
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		buf_adds(&all, all.len > 0 ? "," : "");
		buf_adds(&all, item->string);
	}
	assert_string_equal(buf_text(&all), keys);
	buf_done(&all);
}

static struct made *make_pass(void)
{
	struct made *made = make_running();
	struct expectation_finding *finding;

	make_expectation(made, "OrdersQueueMissing", "#general")->never = true;
	(void)make_sighting(made, 0, 2100, NULL, "[FIRING:1] OrdersQueueMissing");
	make_sighting(made, 0, 93000, NULL, "[RESOLVED] OrdersQueueMissing")->resolved = true;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	finding = make_finding(made, 0, FINDING_DELIVERED, 2100, "arrived, resolved");
	finding->resolved_wanted = true;
	finding->resolved = FINDING_DELIVERED;
	finding->resolved_latency_ms = 2860;
	finding->resolved_how = RESOLVED_EDIT;
	(void)make_finding(made, 1, FINDING_SILENT, TIME_NEVER, "stayed out of #general");
	make_text(&made->record.report_permalink, "https://acme.slack.com/archives/C0/p1");
	return made;
}

static void the_keys_are_those_of_the_contract(void **state)
{
	cJSON *report = report_of(make_pass());

	(void)state;
	assert_keys(
	    report,
	    "drill,scenario,environment,origin,repeats,fault,verdict,reason,text,exit_code,owner,runbook,"
	    "started,duration_ms,phases,expectations,gap,hops,probes,"
	    "report_permalink,"
	    "report_problem");
	assert_keys(at(report, "fault"),
		    "kind,via,effect,state,injected_ms,reverted_ms,text,revert_text");
	assert_keys(at(report, "phases")->child, "phase,at_ms");
	assert_keys(
	    at(report, "expectations")->child,
	    "alert,chat,channel,verdict,text,latency_ms,permalink,found_in,resolved,within_ms,"
	    "timing");
	assert_keys(at(at(report, "expectations")->child, "resolved"),
		    "verdict,how,latency_ms,permalink,text");
	cJSON_Delete(report);
}

static void a_repeat_names_the_drill_that_it_confirms(void **state)
{
	struct made *made = make_pass();
	cJSON *report;

	(void)state;
	made->record.origin = ORIGIN_REPEAT;
	(void)snprintf(made->record.repeats, sizeof made->record.repeats, "fd-aaaaaaaa");
	report = report_of(made);
	assert_text(report, "origin", "repeat");
	assert_text(report, "repeats", "fd-aaaaaaaa");
	cJSON_Delete(report);
}

static void a_pass_tells_everything_it_knows(void **state)
{
	cJSON *report = report_of(make_pass());
	const cJSON *first = at(report, "expectations")->child, *second = first->next;
	const cJSON *phases = at(report, "phases");

	(void)state;
	assert_text(report, "drill", "fd-k3q9x2m7");
	assert_text(report, "scenario", "orders-bad-queue");
	assert_text(report, "environment", "production");
	assert_text(report, "origin", "hand");
	assert_true(cJSON_IsNull(at(report, "repeats")));
	assert_text(at(report, "fault"), "kind", "bad-queue-name");
	assert_text(at(report, "fault"), "via", "http");
	assert_text(at(report, "fault"), "effect", "mutation");
	assert_text(at(report, "fault"), "state", "clean");
	assert_text(report, "verdict", "pass");
	assert_true(cJSON_IsNull(at(report, "reason")));
	assert_number(report, "exit_code", 0);
	assert_text(report, "started", "2026-11-21T10:00:58.000Z");
	assert_number(report, "duration_ms", 121900);
	assert_int_equal(cJSON_GetArraySize(phases), PHASE_COUNT);
	assert_text(cJSON_GetArrayItem(phases, 4), "phase", "inject");
	assert_number(cJSON_GetArrayItem(phases, 4), "at_ms", 1042);
	assert_text(first, "verdict", "delivered");
	assert_text(first, "chat", "slack");
	assert_text(first, "channel", "#ops");
	assert_number(first, "latency_ms", 2100);
	assert_text(first, "permalink",
		    "https://acme.slack.com/archives/C024BE91L/p1795255261000100");
	assert_true(cJSON_IsNull(at(first, "found_in")));
	assert_text(at(first, "resolved"), "verdict", "delivered");
	assert_number(at(first, "resolved"), "latency_ms", 2860);
	assert_text(at(first, "resolved"), "how", "edit");
	assert_true(cJSON_IsNull(at(at(first, "resolved"), "text")));
	assert_text(second, "verdict", "silent");
	assert_true(cJSON_IsNull(at(second, "latency_ms")));
	assert_true(cJSON_IsNull(at(second, "permalink")));
	assert_true(cJSON_IsNull(at(second, "resolved")));
	assert_true(cJSON_IsNull(at(report, "gap")));
	assert_int_equal(cJSON_GetArraySize(at(report, "hops")), 0);
	assert_text(report, "report_permalink", "https://acme.slack.com/archives/C0/p1");
	assert_true(cJSON_IsNull(at(report, "report_problem")));
	cJSON_Delete(report);
}

static void a_gap_tells_between_what_and_where_it_came_instead(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	(void)make_sighting(made, 0, 2100, "#general", "[FIRING:1] OrdersQueueMissing");
	make_over(made, VERDICT_GAP, "OrdersQueueMissing arrived in #general instead of #ops");
	(void)make_finding(made, 0, FINDING_WRONG_CHANNEL, 2100, "arrived in #general");
	make_gap(made, "receiver", "chat", "it was posted in #general");
	report = report_of(made);
	assert_text(report, "verdict", "gap");
	assert_number(report, "exit_code", 1);
	assert_keys(at(report, "gap"),
		    "alert,of,verdict,after,before,evidence,cause,advice,confirmed,probes");
	assert_true(cJSON_IsNull(at(at(report, "gap"), "cause")));
	assert_text(at(report, "gap"), "after", "receiver");
	assert_text(at(report, "gap"), "before", "chat");
	assert_text(at(report, "expectations")->child, "verdict", "wrong-channel");
	assert_text(at(report, "expectations")->child, "found_in", "#general");
	cJSON_Delete(report);
}

static void every_station_has_an_entry_and_the_gap_its_cause(void **state)
{
	struct made *made = make_running();
	const cJSON *rule, *receiver;
	cJSON *report;

	(void)state;
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER, "never arrived in #ops");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 31000, "it fires");
	make_hop(made, HOP_RECEIVER, "am", HOP_NOT_ASKED, TIME_NEVER, "nobody listens");
	make_hop(made, HOP_CHAT, NULL, HOP_LACKED_IT, TIME_NEVER, "nothing");
	make_gap(made, "rule", "chat", "it fires; nothing");
	make_cause(made, "the receiver posts nowhere", "give it an integration");
	report = report_of(made);
	assert_text(at(report, "gap"), "cause", "the receiver posts nowhere");
	assert_text(at(report, "gap"), "advice", "give it an integration");
	assert_int_equal(cJSON_GetArraySize(at(report, "hops")), 3);
	rule = at(report, "hops")->child;
	assert_keys(rule, "alert,hop,of,name,state,at_ms,evidence,cause,advice");
	assert_text(rule, "alert", "OrdersQueueMissing");
	assert_text(rule, "hop", "rule");
	assert_text(rule, "of", "alert");
	assert_text(rule, "name", "prometheus");
	assert_text(rule, "state", "had-it");
	assert_number(rule, "at_ms", 31000 + (double)(MADE_INJECTED_MS - MADE_STARTED_MS));
	assert_text(rule, "evidence", "it fires");
	receiver = rule->next;
	assert_text(receiver, "state", "not-asked");
	assert_true(cJSON_IsNull(at(receiver, "at_ms")));
	assert_true(cJSON_IsNull(at(receiver->next, "name")));
	assert_text(receiver->next, "state", "lacked-it");
	cJSON_Delete(report);
}

static void an_inconclusive_drill_has_its_reason(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	make_over(made, VERDICT_INCONCLUSIVE, "#ops was blind");
	made->record.judgement.reason = REASON_UNOBSERVABLE;
	(void)make_finding(made, 0, FINDING_UNKNOWN, TIME_NEVER, "#ops was blind");
	made->record.judgement.findings[0].resolved_wanted = true;
	report = report_of(made);
	assert_text(report, "reason", "unobservable");
	assert_number(report, "exit_code", 5);
	assert_text(at(at(report, "expectations")->child, "resolved"), "verdict", "unknown");
	assert_true(
	    cJSON_IsNull(at(at(at(report, "expectations")->child, "resolved"), "latency_ms")));
	cJSON_Delete(report);
}

static void a_fault_that_is_left_shows_in_state_and_exit_code(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	make_stuck(made, "connection refused");
	report = report_of(made);
	assert_text(at(report, "fault"), "state", "stuck");
	assert_text(at(report, "fault"), "revert_text", "connection refused");
	assert_number(report, "exit_code", 3);
	cJSON_Delete(report);
}

static void only_phases_that_were_entered_are_listed(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	make_refused(made, "production is protected");
	report = report_of(made);
	assert_int_equal(cJSON_GetArraySize(at(report, "phases")), 3);
	assert_text(at(report, "phases")->child, "phase", "guard");
	assert_text(at(report, "phases")->child->next, "phase", "report");
	cJSON_Delete(report);
}

static void a_running_drill_has_no_verdict_that_could_be_taken_for_a_pass(void **state)
{
	cJSON *report = report_of(make_running());

	(void)state;
	assert_true(cJSON_IsNull(at(report, "verdict")));
	assert_true(cJSON_IsNull(at(report, "exit_code")));
	assert_true(cJSON_IsNull(at(report, "text")));
	assert_true(cJSON_IsNull(at(report, "duration_ms")));
	assert_text(at(report, "expectations")->child, "verdict", "unknown");
	cJSON_Delete(report);
}

static void a_scenario_without_owner_and_runbook_has_nulls(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	made->scenario.owner = NULL;
	made->scenario.runbook = NULL;
	report = report_of(made);
	assert_true(cJSON_IsNull(at(report, "owner")));
	assert_true(cJSON_IsNull(at(report, "runbook")));
	cJSON_Delete(report);
}

static void hostile_texts_come_back_repaired_and_otherwise_unchanged(void **state)
{
	struct made *made = make_running();
	char *hostile = make_hostile(4096), *repaired = plain_utf8(hostile);
	cJSON *report;

	(void)state;
	made->scenario.name = hostile;
	made->scenario.owner = hostile;
	made->scenario.runbook = hostile;
	made->environment.name = hostile;
	made->expect[0].alert = hostile;
	made->expect[0].channel = hostile;
	make_text(&make_sighting(made, 0, 2100, hostile, hostile)->permalink, hostile);
	make_over(made, VERDICT_GAP, hostile);
	(void)make_finding(made, 0, FINDING_WRONG_CHANNEL, 2100, hostile);
	make_gap(made, "emission", "chat", hostile);
	make_text(&made->record.evidence.fault_text, hostile);
	make_text(&made->record.evidence.revert_text, hostile);
	make_text(&made->record.report_problem, hostile);
	report = report_of(made);
	assert_text(report, "scenario", repaired);
	assert_text(report, "environment", repaired);
	assert_text(report, "text", repaired);
	assert_text(at(report, "fault"), "text", repaired);
	assert_text(at(report, "gap"), "evidence", repaired);
	assert_text(at(report, "expectations")->child, "permalink", repaired);
	assert_text(at(report, "expectations")->child, "found_in", repaired);
	assert_text(report, "report_problem", repaired);
	cJSON_Delete(report);
	free(repaired);
	free(hostile);
}

static void what_turns_the_writing_direction_or_controls_a_terminal_is_escaped(void **state)
{
	struct made *made = make_running();
	char *line;

	(void)state;
	make_over(made, VERDICT_GAP,
		  "a\xe2\x80\xaeyz \xe2\x81\xa6"
		  "q\xc2\x9b\x7f \xc3\xa9");
	line = json_report(&made->record);
	assert_non_null(strstr(line, "a\\u202eyz \\u2066q\\u009b\\u007f \xc3\xa9"));
	free(line);
	made_free(made);
}

static void times_beyond_32_bits_stay_exact(void **state)
{
	struct made *made = make_running();
	cJSON *report;

	(void)state;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	made->record.judgement.findings[0].latency_ms = INT64_C(31622400000); /* 366 days */
	report = report_of(made);
	assert_number(at(report, "expectations")->child, "latency_ms", 31622400000.0);
	cJSON_Delete(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_keys_are_those_of_the_contract),
	    cmocka_unit_test(a_repeat_names_the_drill_that_it_confirms),
	    cmocka_unit_test(a_pass_tells_everything_it_knows),
	    cmocka_unit_test(a_gap_tells_between_what_and_where_it_came_instead),
	    cmocka_unit_test(every_station_has_an_entry_and_the_gap_its_cause),
	    cmocka_unit_test(an_inconclusive_drill_has_its_reason),
	    cmocka_unit_test(a_fault_that_is_left_shows_in_state_and_exit_code),
	    cmocka_unit_test(only_phases_that_were_entered_are_listed),
	    cmocka_unit_test(a_running_drill_has_no_verdict_that_could_be_taken_for_a_pass),
	    cmocka_unit_test(a_scenario_without_owner_and_runbook_has_nulls),
	    cmocka_unit_test(hostile_texts_come_back_repaired_and_otherwise_unchanged),
	    cmocka_unit_test(what_turns_the_writing_direction_or_controls_a_terminal_is_escaped),
	    cmocka_unit_test(times_beyond_32_bits_stay_exact),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
