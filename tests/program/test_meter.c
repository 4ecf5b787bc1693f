/* What /metrics says: every count and time in both formats, whatever the names are. */
#include "src/program/serve/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "src/program/serve/meter_table.h"
#include "src/store/history.h"
#include "tests/reports/make_record.h"
#include "tests/store/shelf.h"

#define NOW_MS INT64_C(1795262400000)
#define PLACE  "{scenario=\"orders-bad-queue\",environment=\"production\"}"
#define ALERT \
	"{scenario=\"orders-bad-queue\",environment=\"production\",alert=\"OrdersQueueMissing\""
#define MANY    10000
#define HOUR_MS INT64_C(3600000)

static const struct meter_now nothing = {.now_wall_ms = NOW_MS, .loaded_wall_ms = NOW_MS - 1500};

/* Helpers. */

static char *text_of(struct meter *meter, const struct meter_now *now, bool open_metrics)
{
	struct buf text = {0};

	meter_write(meter, now, open_metrics, &text);
	return buf_take(&text);
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	}
	return false;
}

static void assert_line(const char *text, const char *line)
{
	if (!has_line(text, line))
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void assert_nowhere(const char *text, const char *piece)
{
	if (strstr(text, piece) != NULL)
		fail_msg("\"%s\" in:\n%s", piece, text);
}

/* A drill that is over, and counted. */
static void count(struct meter *meter, enum verdict verdict, enum finding finding,
		  int64_t latency_ms)
{
	struct made *made = make_running();

	make_over(made, verdict, "so it was");
	(void)make_finding(made, 0, finding, latency_ms, "so it was");
	meter_finished(meter, &made->record);
	made_free(made);
}

/* Labels and rows. */

static void assert_label(const char *value, const char *expected)
{
	struct buf labels = {0};

	meter_label(&labels, "a", value);
	assert_string_equal(buf_text(&labels), expected);
	buf_done(&labels);
}

static void test_any_text_is_a_label(void **state)
{
	char *large = mem_zalloc(METER_VALUE * 3);
	struct buf labels = {0};

	(void)state;
	assert_label("plain", "a=\"plain\"");
	assert_label(NULL, "a=\"\"");
	assert_label("", "a=\"\"");
	assert_label("\"\\\n", "a=\"\\\"\\\\\\n\"");
	assert_label("a\r\tb\x7f", "a=\"a  b \"");
	assert_label("\xc3\xa4\xf0\x9f\x94\xa5", "a=\"\xc3\xa4\xf0\x9f\x94\xa5\"");
	assert_label("x\xff\xc3", "a=\"x\xef\xbf\xbd\xef\xbf\xbd\"");
	(void)memset(large, 'x', METER_VALUE * 2);
	meter_label(&labels, "a", large);
	assert_int_equal(labels.len, METER_VALUE + 4);
	buf_done(&labels);
	free(large);
}

static void test_rows_are_sorted_and_so_many_and_no_more(void **state)
{
	struct meter_table table = {.row_size = sizeof(struct meter_row), .limit = 3};
	const void *b = meter_table_get(&table, "b", "other");

	(void)state;
	(void)meter_table_get(&table, "a", "other");
	(void)meter_table_get(&table, "c", "other");
	assert_ptr_equal(meter_table_get(&table, "d", "other"),
			 meter_table_get(&table, "e", "other"));
	assert_ptr_equal(meter_table_get(&table, "b", "other"), b);
	assert_int_equal(table.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(table.rows[i]->labels, &"a\0b\0c\0other"[i * 2]);
	meter_table_done(&table);
}

/* Drills. */

static void test_a_drill_is_counted_and_its_proof_dated(void **state)
{
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	count(meter, VERDICT_PASS, FINDING_DELIVERED, 2100);
	text = text_of(meter, &nothing, false);
	assert_line(text, "# TYPE firedrill_drills_total counter");
	assert_line(text, "firedrill_drills_total{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"pass\",origin=\"hand\"} 1");
	assert_line(text, "firedrill_last_verdict{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"pass\"} 1");
	assert_non_null(strstr(text, "firedrill_last_pass_timestamp_seconds" PLACE " 17"));
	assert_line(text, "firedrill_findings_total{environment=\"production\",finding="
			  "\"delivered\"} 1");
	assert_line(text, "firedrill_findings_total{environment=\"production\",finding="
			  "\"missing\"} 0");
	assert_nowhere(text, "# EOF");
	free(text);
	count(meter, VERDICT_GAP, FINDING_MISSING, -1);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_last_verdict{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"gap\"} 1");
	assert_nowhere(text, "firedrill_last_verdict{scenario=\"orders-bad-queue\",environment="
			     "\"production\",verdict=\"pass\"}");
	/* The proof is as old as it was. */
	assert_non_null(strstr(text, "firedrill_last_pass_timestamp_seconds" PLACE " 17"));
	free(text);
	meter_free(meter);
}

static void test_one_that_nobody_finished_is_counted_and_is_no_proof(void **state)
{
	const struct history_drill old = {.scenario = "orders-bad-queue",
					  .environment = "production",
					  .origin = "schedule",
					  .ended_wall_ms = 1000};
	struct history_drill last = old;
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	count(meter, VERDICT_PASS, FINDING_DELIVERED, 2100);
	meter_unfinished(meter, &old);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_drills_total{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"aborted\",origin=\"schedule\"} 1");
	assert_line(text, "firedrill_last_verdict{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"pass\"} 1");
	free(text);
	last.ended_wall_ms = NOW_MS + HOUR_MS;
	meter_unfinished(meter, &last);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_last_verdict{scenario=\"orders-bad-queue\",environment="
			  "\"production\",verdict=\"aborted\"} 1");
	free(text);
	meter_free(meter);
}

static void test_OpenMetrics_names_families_and_ends(void **state)
{
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	count(meter, VERDICT_PASS, FINDING_DELIVERED, 2100);
	text = text_of(meter, &nothing, true);
	assert_line(text, "# TYPE firedrill_drills counter");
	assert_line(text, "# TYPE firedrill_build info");
	assert_line(text, "# UNIT firedrill_delivery_latency_seconds seconds");
	assert_line(text, "firedrill_build_info{version=\"" FIREDRILL_VERSION "\"} 1");
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
	assert_non_null(strstr(text, "le=\"2.5\"} 1 # {drill=\"fd-k3q9x2m7\"} 2.100 17"));
	free(text);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"2.5\"} 1");
	free(text);
	meter_free(meter);
}

static void test_latencies_add_up(void **state)
{
	static const int64_t latencies_ms[] = {1, 1000, 1001, 90000, 1800000, 1800001, 99999999};
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof latencies_ms / sizeof *latencies_ms; i++)
		count(meter, VERDICT_GAP, FINDING_LATE, latencies_ms[i]);
	/* What never came, came elsewhere, or should not have come has no latency here. */
	count(meter, VERDICT_GAP, FINDING_MISSING, -1);
	count(meter, VERDICT_GAP, FINDING_WRONG_CHANNEL, 500);
	count(meter, VERDICT_GAP, FINDING_UNEXPECTED, 500);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"1.0\"} 2");
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"2.5\"} 3");
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"60.0\"} 3");
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"90.0\"} 4");
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"1800.0\"} 5");
	assert_line(text, "firedrill_delivery_latency_seconds_bucket" ALERT ",le=\"+Inf\"} 7");
	assert_line(text, "firedrill_delivery_latency_seconds_count" ALERT "} 7");
	assert_line(text, "firedrill_delivery_latency_seconds_sum" ALERT "} 103692.002");
	assert_nowhere(text, "firedrill_resolved_latency_seconds_bucket");
	free(text);
	meter_free(meter);
}

static void test_a_resolved_message_has_a_latency_of_its_own(void **state)
{
	struct meter *meter = meter_new();
	struct made *made = make_running();
	struct expectation_finding *finding;
	char *text;

	(void)state;
	make_over(made, VERDICT_PASS, "all came");
	finding = make_finding(made, 0, FINDING_DELIVERED, 2100, "came");
	finding->resolved_wanted = true;
	finding->resolved = FINDING_DELIVERED;
	finding->resolved_latency_ms = 31000;
	meter_finished(meter, &made->record);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_resolved_latency_seconds_bucket" ALERT ",le=\"30.0\"} 0");
	assert_line(text, "firedrill_resolved_latency_seconds_bucket" ALERT ",le=\"45.0\"} 1");
	free(text);
	made_free(made);
	meter_free(meter);
}

static void test_blind_time_of_a_channel_is_counted_once_a_drill(void **state)
{
	struct meter *meter = meter_new();
	struct made *made = make_running();
	char *text;

	(void)state;
	(void)make_expectation(made, "Second", "#ops");
	(void)make_expectation(made, "Third", "#audits");
	made->record.evidence.expect[0].blind_ms = 2000;
	made->record.evidence.expect[1].blind_ms = 3500;
	make_over(made, VERDICT_INCONCLUSIVE, "could not be read");
	meter_finished(meter, &made->record);
	meter_finished(meter, &made->record);
	text = text_of(meter, &nothing, false);
	assert_line(text,
		    "firedrill_chat_blind_seconds_total{chat=\"slack\",channel=\"#ops\"} 7.000");
	assert_line(text,
		    "firedrill_chat_blind_seconds_total{chat=\"slack\",channel=\"#audits\"} 0.000");
	free(text);
	made_free(made);
	meter_free(meter);
}

static void test_the_report_of_a_drill_is_told_or_not(void **state)
{
	struct meter *meter = meter_new();
	struct made *made = make_running();
	char *text;

	(void)state;
	make_over(made, VERDICT_PASS, "came");
	meter_finished(meter, &made->record);
	make_text(&made->record.report_permalink, "https://chat.example/1");
	meter_finished(meter, &made->record);
	make_text(&made->record.report_problem, "#ops: channel_not_found");
	meter_finished(meter, &made->record);
	meter_finished(meter, &made->record);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_reports_total{path=\"drill\",result=\"delivered\"} 1");
	assert_line(text, "firedrill_reports_total{path=\"drill\",result=\"failed\"} 2");
	assert_line(text, "firedrill_reports_total{path=\"chat\",result=\"failed\"} 0");
	free(text);
	made_free(made);
	meter_free(meter);
}

static void test_reads_of_a_chat_never_go_back(void **state)
{
	static const struct {
		uint64_t reads, errors;
	} steps[] = {{10, 2}, {10, 2}, {15, 3}, {4, 0}, {6, 1}};
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		meter_read(meter, "slack", steps[i].reads, steps[i].errors);
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_chat_reads_total{chat=\"slack\"} 21");
	assert_line(text, "firedrill_chat_read_errors_total{chat=\"slack\"} 4");
	free(text);
	meter_free(meter);
}

/* What is true now. */

static void test_the_state_of_now_is_told(void **state)
{
	static const struct meter_fault faults[] = {
	    {"fd-aaaaaaaa", "a", "staging", "injected", NOW_MS + 60000},
	    {"fd-bbbbbbbb", "b", "staging", "stuck", NOW_MS - 1250},
	    {"fd-cccccccc", "c", "production", "no such word", NOW_MS + 5000}};
	static const struct meter_next next[] = {
	    {"a", "staging", NOW_MS + 1000}, {"b", "staging", -1}, {"c", "quiet", NOW_MS}};
	static const struct meter_gap gaps[] = {{"a", "staging", NOW_MS - 9000},
						{"b", "staging", NOW_MS - 5000}};
	const struct meter_now now = {.now_wall_ms = NOW_MS,
				      .loaded_wall_ms = NOW_MS - 1500,
				      .halted = true,
				      .ledger_lost = true,
				      .reload_failed = true,
				      .running = 2,
				      .waiting = 3,
				      .faults = faults,
				      .fault_count = 3,
				      .next = next,
				      .next_count = 3,
				      .gaps = gaps,
				      .gap_count = 2};
	struct meter *meter = meter_new();
	char *text;

	(void)state;
	meter_missed(meter, "a", "staging", 4);
	meter_missed(meter, "a", "staging", 1);
	meter_told(meter, "chat", true);
	meter_told(meter, "second", false);
	meter_told(meter, "no such path", true);
	text = text_of(meter, &now, false);
	assert_line(text, "firedrill_halted 1");
	assert_line(text, "firedrill_ledger_lost 1");
	assert_line(text, "firedrill_config_last_reload_successful 0");
	assert_line(text, "firedrill_config_last_reload_timestamp_seconds 1795262398.500");
	assert_line(text, "firedrill_drills_running 2");
	assert_line(text, "firedrill_drills_waiting 3");
	assert_line(text,
		    "firedrill_faults_in_place{environment=\"staging\",state=\"injected\"} 1");
	assert_line(text, "firedrill_faults_in_place{environment=\"staging\",state=\"stuck\"} 1");
	assert_line(text,
		    "firedrill_faults_in_place{environment=\"production\",state=\"stuck\"} 1");
	assert_line(text, "firedrill_faults_in_place{environment=\"quiet\",state=\"stuck\"} 0");
	assert_line(text,
		    "firedrill_fault_lease_remaining_seconds{environment=\"staging\"} -1.250");
	assert_line(text,
		    "firedrill_fault_lease_remaining_seconds{environment=\"production\"} 5.000");
	assert_nowhere(text, "firedrill_fault_lease_remaining_seconds{environment=\"quiet\"}");
	assert_line(text, "firedrill_open_gaps{environment=\"staging\"} 2");
	assert_line(text, "firedrill_open_gaps{environment=\"quiet\"} 0");
	assert_line(
	    text, "firedrill_oldest_gap_timestamp_seconds{environment=\"staging\"} 1795262391.000");
	assert_line(text, "firedrill_next_run_timestamp_seconds{scenario=\"a\",environment="
			  "\"staging\"} 1795262401.000");
	assert_nowhere(text, "firedrill_next_run_timestamp_seconds{scenario=\"b\"");
	assert_line(text,
		    "firedrill_missed_starts_total{scenario=\"a\",environment=\"staging\"} 5");
	assert_line(text, "firedrill_missed_starts_total{scenario=\"c\",environment=\"quiet\"} 0");
	assert_line(text, "firedrill_drills_total{scenario=\"c\",environment=\"quiet\",verdict="
			  "\"gap\",origin=\"schedule\"} 0");
	assert_nowhere(text, "firedrill_drills_total{scenario=\"b\"");
	assert_line(text, "firedrill_reports_total{path=\"chat\",result=\"delivered\"} 1");
	assert_line(text, "firedrill_reports_total{path=\"chat\",result=\"failed\"} 0");
	assert_line(text, "firedrill_reports_total{path=\"second\",result=\"failed\"} 1");
	assert_nowhere(text, "fd-");
	free(text);
	meter_free(meter);
}

static void test_what_is_not_known_has_no_sample(void **state)
{
	struct meter *meter = meter_new();
	char *text = text_of(meter, &nothing, false);

	(void)state;
	assert_nowhere(text, "\nfiredrill_last_");
	assert_nowhere(text, "\nfiredrill_drills_total");
	assert_line(text, "firedrill_halted 0");
	assert_line(text, "firedrill_ledger_lost 0");
	assert_non_null(strstr(text, "\nprocess_resident_memory_bytes "));
	assert_nowhere(text, "\nprocess_resident_memory_bytes 0\n");
	assert_nowhere(text, "\nprocess_open_fds 0\n");
	free(text);
	meter_free(meter);
}

/* What came before. */

static void put(struct history *history, const char *id, const char *scenario, const char *verdict,
		int64_t ended_ms)
{
	const struct history_drill drill = {.drill = id,
					    .scenario = scenario,
					    .environment = "staging",
					    .kind = "none",
					    .via = "none",
					    .origin = "schedule",
					    .repeats = "",
					    .verdict = verdict,
					    .reason = "",
					    .started_wall_ms = ended_ms - 1000,
					    .ended_wall_ms = ended_ms,
					    .report = "{}"};

	assert_true(history_add(history, &drill, 0, NULL));
}

static void test_what_came_before_is_remembered_of_what_is_still_planned(void **state)
{
	static const struct history_limits limits = {.keep_ms = 400 * 24 * HOUR_MS,
						     .bytes = HISTORY_BYTES};
	static const struct meter_next next[] = {{"kept", "staging", -1}};
	struct meter_now now = nothing;
	struct shelf *shelf = *state;
	struct history *history = history_open(shelf->path, &limits, NULL);
	struct meter *meter = meter_new();
	char *text;

	assert_non_null(history);
	put(history, "fd-aaaaaaaa", "kept", "pass", NOW_MS - 2 * HOUR_MS);
	put(history, "fd-bbbbbbbb", "kept", "gap", NOW_MS - HOUR_MS);
	put(history, "fd-cccccccc", "gone", "gap", NOW_MS - HOUR_MS);
	assert_true(meter_remember(meter, history, NULL));
	now.next = next;
	now.next_count = 1;
	text = text_of(meter, &now, false);
	assert_line(text, "firedrill_last_verdict{scenario=\"kept\",environment=\"staging\","
			  "verdict=\"gap\"} 1");
	assert_line(text, "firedrill_last_drill_timestamp_seconds{scenario=\"kept\",environment="
			  "\"staging\"} 1795258800.000");
	assert_line(text, "firedrill_last_pass_timestamp_seconds{scenario=\"kept\",environment="
			  "\"staging\"} 1795255200.000");
	assert_nowhere(text, "\"gone\"");
	assert_nowhere(text, "\nfiredrill_drills_total");
	free(text);
	meter_free(meter);
	history_close(history);
}

/* Limits. */

static void test_alerts_beyond_the_limit_are_counted_together(void **state)
{
	struct meter *meter = meter_new();
	struct made *made = make_running();
	char names[METER_ALERTS + 5][16];
	char *text;

	(void)state;
	for (size_t i = 0; i < METER_ALERTS + 5; i++) {
		(void)snprintf(names[i], sizeof names[i], "Alert%zu", i);
		made->expect[0].alert = names[i];
		if (i == 0)
			make_over(made, VERDICT_PASS, "came");
		meter_finished(meter, &made->record);
	}
	text = text_of(meter, &nothing, false);
	assert_line(text, "firedrill_delivery_latency_seconds_count{scenario=\"other\","
			  "environment=\"other\",alert=\"other\"} 5");
	free(text);
	made_free(made);
	meter_free(meter);
}

static void test_ten_thousand_scenarios_are_a_few_megabytes(void **state)
{
	struct meter_next *next = mem_zalloc(MANY * sizeof *next);
	char(*names)[24] = mem_zalloc(MANY * sizeof *names);
	struct meter_now now = nothing;
	struct meter *meter = meter_new();
	char *text, *again;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof names[i], "scenario-%zu", i);
		next[i] = (struct meter_next){names[i], "production", NOW_MS};
	}
	now.next = next;
	now.next_count = MANY;
	text = text_of(meter, &now, true);
	again = text_of(meter, &now, true);
	assert_true(strlen(text) < 6000000);
	assert_true(strlen(text) - strlen(again) + 10 < 20);
	assert_non_null(strstr(text, "scenario-9999"));
	free(text);
	free(again);
	free(next);
	free(names);
	meter_free(meter);
}

static void test_hostile_names_stay_inside_their_quotes(void **state)
{
	struct meter *meter = meter_new();
	struct made *made = make_running();
	char *hostile = make_hostile(1 << 20);
	char *text;

	(void)state;
	made->expect[0].alert = hostile;
	make_over(made, VERDICT_PASS, "came");
	meter_finished(meter, &made->record);
	made->expect[0].alert = (char *)"a\"} 1\nevil_metric 1\n";
	meter_finished(meter, &made->record);
	text = text_of(meter, &nothing, true);
	assert_true(strlen(text) < 40000);
	assert_nowhere(text, "\nevil_metric");
	assert_nowhere(text, "\x1b");
	free(text);
	free(hostile);
	made_free(made);
	meter_free(meter);
}

static void test_the_format_is_what_is_asked_for(void **state)
{
	static const char prometheus[] =
	    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
	    "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

	(void)state;
	assert_true(meter_wants_open_metrics(prometheus));
	assert_true(meter_wants_open_metrics("Application/OpenMetrics-Text"));
	assert_true(meter_wants_open_metrics("text/html, application/openmetrics-text ;q=0.2"));
	assert_false(meter_wants_open_metrics("text/plain,application/openmetrics-text;q=0.9"));
	assert_false(meter_wants_open_metrics("application/openmetrics-text;q=0"));
	assert_false(meter_wants_open_metrics("application/openmetrics-textual"));
	assert_false(meter_wants_open_metrics("*/*"));
	assert_false(meter_wants_open_metrics(""));
	assert_false(meter_wants_open_metrics(",;,q=,application/openmetrics-text;q=x"));
	assert_non_null(strstr(meter_type(true), "openmetrics-text; version=1.0.0"));
	assert_non_null(strstr(meter_type(false), "text/plain; version=0.0.4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_text_is_a_label),
	    cmocka_unit_test(test_rows_are_sorted_and_so_many_and_no_more),
	    cmocka_unit_test(test_a_drill_is_counted_and_its_proof_dated),
	    cmocka_unit_test(test_one_that_nobody_finished_is_counted_and_is_no_proof),
	    cmocka_unit_test(test_OpenMetrics_names_families_and_ends),
	    cmocka_unit_test(test_latencies_add_up),
	    cmocka_unit_test(test_a_resolved_message_has_a_latency_of_its_own),
	    cmocka_unit_test(test_blind_time_of_a_channel_is_counted_once_a_drill),
	    cmocka_unit_test(test_the_report_of_a_drill_is_told_or_not),
	    cmocka_unit_test(test_reads_of_a_chat_never_go_back),
	    cmocka_unit_test(test_the_state_of_now_is_told),
	    cmocka_unit_test(test_what_is_not_known_has_no_sample),
	    shelf_test(test_what_came_before_is_remembered_of_what_is_still_planned),
	    cmocka_unit_test(test_alerts_beyond_the_limit_are_counted_together),
	    cmocka_unit_test(test_ten_thousand_scenarios_are_a_few_megabytes),
	    cmocka_unit_test(test_hostile_names_stay_inside_their_quotes),
	    cmocka_unit_test(test_the_format_is_what_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
