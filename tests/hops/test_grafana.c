/* The hop type "grafana": its rules, its Alertmanager, its contact points. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "tests/hops/stand.h"

#define RULES     "/api/prometheus/grafana/api/v1/rules"
#define ALERTS    "/api/alertmanager/grafana/api/v2/alerts"
#define RECEIVERS "/api/alertmanager/grafana/config/api/v1/receivers"
#define SILENCES  "/api/alertmanager/grafana/api/v2/silences"

#define LABELS                                                                             \
	"\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"orders-" STAND_DRILL \
	"\"},\"annotations\":{\"summary\":\"a queue is missing\"}"
#define LABELS_WITHOUT_ID "\"labels\":{\"alertname\":\"OrdersQueueMissing\"},\"annotations\":{}"

enum { RULE, ALERT, RECEIVER }; /* the order of the findings */

/* One rule of this name; `rest` are more of its keys, `instances` those of "alerts". */
static void has_rule(struct stand *stand, const char *name, const char *rest, const char *instances)
{
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"file\":\"folder\","
	    "\"rules\":[{\"name\":\"Other\",\"state\":\"firing\",\"health\":\"ok\",\"type\":"
	    "\"alerting\",\"alerts\":[{\"state\":\"Alerting\",\"labels\":{}}]},"
	    "{\"name\":\"%s\",\"type\":\"alerting\",%s,\"lastEvaluation\":\"%s\","
	    "\"duration\":60,\"alerts\":[%s]}]}]}}",
	    name, rest, stand_time(stand, 20000), instances);
}

/* An instance of the rule in this state since then. */
static char *instance(struct stand *stand, const char *state, const char *labels, int64_t after_ms)
{
	struct buf text = {0};

	buf_addf(&text, "{\"state\":\"%s\",\"activeAt\":\"%s\",%s}", state,
		 stand_time(stand, after_ms), labels);
	return buf_take(&text);
}

static void fires(struct stand *stand, const char *labels, int64_t after_ms)
{
	char *text = instance(stand, "Alerting", labels, after_ms);

	has_rule(stand, "OrdersQueueMissing", "\"state\":\"firing\",\"health\":\"ok\"", text);
	free(text);
}

/* Its Alertmanager has the alert, for one receiver, with this status. */
static void has_alert(struct stand *stand, const char *labels, const char *status)
{
	(void)stand_answers(stand, ALERTS,
			    "[{%s,\"startsAt\":\"%s\",\"receivers\":[{\"name\":\"ops\"}],"
			    "\"status\":{%s}}]",
			    labels, stand_time(stand, 11000), status);
}

#define ACTIVE "\"state\":\"active\",\"silencedBy\":[],\"inhibitedBy\":[],\"mutedBy\":[]"

static void has_receiver(struct stand *stand, const char *attempt, const char *error)
{
	(void)stand_answers(
	    stand, RECEIVERS,
	    "[{\"name\":\"other\",\"active\":true,\"integrations\":[]},"
	    "{\"name\":\"ops\",\"active\":true,\"integrations\":[{\"name\":\"slack\","
	    "\"sendResolved\":true,\"lastNotifyAttempt\":\"%s\","
	    "\"lastNotifyAttemptDuration\":\"12ms\",\"lastNotifyAttemptError\":\"%s\""
	    "}]}]",
	    attempt, error);
}

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	fires(stand, LABELS, 10000);
	has_alert(stand, LABELS, ACTIVE);
	has_receiver(stand, stand_time(stand, 15000), "");
	(void)stand_answers(stand, SILENCES, "[]");
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

static void explain(struct stand *stand)
{
	stand_explain(stand, &hop_grafana);
	assert_int_equal(stand->finding_count, 3);
}

static void see(struct stand *stand, enum hop_time time)
{
	stand_observe(stand, &hop_grafana, time);
	explain(stand);
}

static void an_alert_that_went_all_the_way_was_had_by_all(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, "is Alerting since 10.0 s after the fault",
		   NULL);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_HAD_IT, "active, for the receiver \"ops\"",
		   NULL);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_HAD_IT,
		   "sent something without an error 15.0 s after the fault", "sends elsewhere");
	assert_int_equal(stand->findings[RULE].at_wall_ms, stand->want.injected_wall_ms + 10000);
	assert_int_equal(stand->findings[RECEIVER].at_wall_ms,
			 stand->want.injected_wall_ms + 15000);
	assert_int_equal(stand->observed[HOP_PEAK].requests, 4);
}

static void what_the_chat_refused_is_told_in_its_words(void **state)
{
	struct stand *stand = *state;

	has_receiver(stand, stand_time(stand, 15000), "slack: channel_not_found");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "\"slack: channel_not_found\"",
		   "refused the message");
}

static void an_old_error_is_not_this_alert_s(void **state)
{
	struct stand *stand = *state;

	has_receiver(stand, stand_time(stand, -60000), "slack: channel_not_found");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "has not tried to send anything",
		   "wait or interval");
	has_receiver(stand, stand_time(stand, 5000), ""); /* before the alert began */
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "has not tried", NULL);
	has_receiver(stand, "0001-01-01T00:00:00.000Z", "");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "has not tried", NULL);
}

static void an_error_at_the_peak_is_not_hidden_by_a_later_success(void **state)
{
	struct stand *stand = *state;

	has_receiver(stand, stand_time(stand, 15000), "503 from the chat");
	see(stand, HOP_PEAK);
	has_receiver(stand, stand_time(stand, 25000), "");
	see(stand, HOP_AFTER);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "503 from the chat", NULL);
}

static void an_empty_contact_point_posts_nowhere(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(stand, RECEIVERS, "[{\"name\":\"ops\",\"integrations\":[]}]");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "posts nowhere", "is empty");
	(void)stand_answers(stand, RECEIVERS, "[]");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "posts nowhere", NULL);
}

static void of_several_receivers_the_one_that_failed_is_told(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(stand, ALERTS,
			    "[{" LABELS ",\"startsAt\":\"%s\",\"receivers\":[{\"name\":\"mail\"},"
			    "{\"name\":\"ops\"}],\"status\":{" ACTIVE "}}]",
			    stand_time(stand, 11000));
	has_receiver(stand, stand_time(stand, 15000), "rate_limited");
	see(stand, HOP_PEAK);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "\"ops\" failed", NULL);
}

static void a_silence_is_told_with_who_why_and_until_when(void **state)
{
	struct stand *stand = *state;

	has_alert(stand, LABELS, "\"state\":\"suppressed\",\"silencedBy\":[\"s-1\"]");
	(void)stand_answers(stand, SILENCES,
			    "[{\"id\":\"s-0\",\"createdBy\":\"bob\",\"comment\":\"no\"},"
			    "{\"id\":\"s-1\",\"createdBy\":\"anna\",\"comment\":\"moving house\","
			    "\"endsAt\":\"%s\",\"status\":{\"state\":\"active\"}}]",
			    stand_time(stand, 3600000));
	see(stand, HOP_PEAK);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_HAD_IT,
		   "silenced by \"anna\", who wrote \"moving house\", until 1 h", "a silence");
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, "nothing is sent", "a silence");
	assert_non_null(strstr(stand->findings[RECEIVER].evidence, "(silence s-1)"));
}

static void other_suppressions_are_told_by_their_kind(void **state)
{
	static const struct {
		const char *status, *says;
	} rows[] = {
	    {"\"state\":\"suppressed\",\"silencedBy\":[\"gone\"]", "silenced (silence gone)"},
	    {"\"state\":\"suppressed\",\"inhibitedBy\":[\"abc\"]", "inhibited by another alert"},
	    {"\"state\":\"active\",\"mutedBy\":[\"nights\"]", "muted by the timing \"nights\""},
	    {"\"state\":\"suppressed\"", "suppressed"},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		has_alert(stand, LABELS, rows[i].status);
		see(stand, HOP_PEAK);
		stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_LACKED_IT, rows[i].says, NULL);
	}
}

static void a_rule_that_fires_into_no_alertmanager_is_lost_there(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(stand, ALERTS, "[]");
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_LACKED_IT, "none of its 0 alerts",
		   "another Alertmanager");
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_NOT_ASKED, "is not known", NULL);
}

static void a_rule_that_does_not_exist_is_lost_there(void **state)
{
	struct stand *stand = *state;

	has_rule(stand, "OrdersQueueMissing2", "\"state\":\"firing\",\"health\":\"ok\"", "");
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT,
		   "none of 2 alert rules is called \"OrdersQueueMissing\"", "does not exist");
}

static void a_rule_is_found_inside_what_people_call_it(void **state)
{
	struct stand *stand = *state;

	stand->want.alert = "[FIRING:1] OrdersQueueMissing in orders";
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
}

static void a_rule_that_does_not_fire_says_why(void **state)
{
	static const struct {
		const char *rest, *evidence, *cause;
	} rows[] = {
	    {"\"state\":\"inactive\",\"health\":\"ok\"",
	     "the rule is inactive, evaluated last 20.0 s after", "does not cross"},
	    {"\"state\":\"inactive\",\"health\":\"ok\",\"isPaused\":true", "paused", "paused it"},
	    {"\"state\":\"inactive\",\"health\":\"error\",\"lastError\":\"no such table\"",
	     "cannot be evaluated: \"no such table\"", "is broken"},
	    {"\"state\":\"inactive\",\"health\":\"nodata\"", "finds no data at all",
	     "do not exist"},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		has_rule(stand, "OrdersQueueMissing", rows[i].rest,
			 "{\"state\":\"Normal\"," LABELS "}");
		see(stand, HOP_PEAK);
		stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT, rows[i].evidence, rows[i].cause);
	}
}

static void a_rule_that_is_not_evaluated_is_said_to_be(void **state)
{
	struct stand *stand = *state;

	has_rule(stand, "OrdersQueueMissing", "\"state\":\"inactive\",\"health\":\"ok\"", "");
	stand->want.injected_wall_ms += 25000;
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT, "was evaluated last 5.0 s before",
		   "not evaluated");
}

static void a_pending_rule_says_how_long_it_must_hold(void **state)
{
	struct stand *stand = *state;
	char *text = instance(stand, "Pending", LABELS, 9000);

	has_rule(stand, "OrdersQueueMissing", "\"state\":\"pending\",\"health\":\"ok\"", text);
	free(text);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT,
		   "only pending, since 9.0 s after the fault; it must hold for 1 min", "not over");
}

static void a_rule_that_drops_the_id_is_told_so(void **state)
{
	struct stand *stand = *state;

	fires(stand, LABELS_WITHOUT_ID, 10000);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT, "no annotation has " STAND_DRILL,
		   "leaves out the label");
	fires(stand, LABELS_WITHOUT_ID, -60000);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT, "since 1 min before the fault",
		   "fired already");
}

static void without_an_id_the_time_decides(void **state)
{
	struct stand *stand = *state;

	stand->want.has_nonce = false;
	stand->want.needle_count = 1;
	fires(stand, LABELS_WITHOUT_ID, 10000);
	has_alert(stand, LABELS_WITHOUT_ID, ACTIVE);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
	fires(stand, LABELS_WITHOUT_ID, -10000);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "nobody can tell", NULL);
}

static void seen_only_after_the_fault_absence_proves_nothing(void **state)
{
	struct stand *stand = *state;

	has_rule(stand, "OrdersQueueMissing", "\"state\":\"inactive\",\"health\":\"ok\"", "");
	(void)stand_answers(stand, ALERTS, "[]");
	see(stand, HOP_AFTER);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "only after the fault was taken out",
		   NULL);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_NOT_ASKED, "only after", NULL);
	has_rule(stand, "Else", "\"state\":\"inactive\",\"health\":\"ok\"", "");
	see(stand, HOP_AFTER);
	stand_says(stand, RULE, HOP_RULE, HOP_LACKED_IT, "none of 2", NULL); /* that lasts */
}

static void each_part_that_cannot_be_asked_is_said_on_its_own(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, RECEIVERS, "gone")->status = 410;
	see(stand, HOP_PEAK);
	assert_non_null(stand->observed[HOP_PEAK].json);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
	stand_says(stand, RECEIVER, HOP_RECEIVER, HOP_NOT_ASKED, "answered 410", NULL);
	stand_answers(stand, RULES, "<html>login</html>")->status = 200;
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "a page for people", NULL);
	stand_says(stand, ALERT, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void a_grafana_that_refuses_us_is_not_asked(void **state)
{
	static const char *const paths[] = {RULES, ALERTS, RECEIVERS, SILENCES};
	struct stand *stand = *state;

	for (size_t i = 0; i < 4; i++)
		stand_answers(stand, paths[i], "{\"message\":\"Unauthorized\"}")->status = 401;
	see(stand, HOP_PEAK);
	assert_null(stand->observed[HOP_PEAK].json);
	for (size_t i = RULE; i <= RECEIVER; i++)
		assert_int_equal(stand->findings[i].state, HOP_NOT_ASKED);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "it wants authentication", NULL);
}

static void ten_thousand_quiet_rules_leave_room_for_the_one_that_fires(void **state)
{
	struct stand *stand = *state;
	char *text = instance(stand, "Alerting", LABELS, 10000);
	struct buf rules = {0};

	for (int i = 0; i < 10000; i++)
		buf_addf(&rules,
			 "{\"name\":\"A rule with quite a long name, number %d\",\"state\":"
			 "\"inactive\",\"health\":\"ok\",\"lastEvaluation\":\"%s\"},",
			 i, stand_time(stand, 20000));
	(void)stand_answers(stand, RULES,
			    "{\"status\":\"success\",\"data\":{\"groups\":[{\"rules\":[%s{\"name\":"
			    "\"OrdersQueueMissing\",\"state\":\"firing\",\"health\":\"ok\","
			    "\"alerts\":[%s]}]}]}}",
			    rules.data, text);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
	(void)stand_answers(stand, RULES,
			    "{\"status\":\"success\",\"data\":{\"groups\":[{\"rules\":[%s{}]}]}}",
			    rules.data);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "more rules than can be looked at", NULL);
	buf_done(&rules);
	free(text);
}

static void hundreds_of_firing_instances_leave_absence_open(void **state)
{
	struct stand *stand = *state;
	struct buf instances = {0};

	for (int i = 0; i < 300; i++)
		buf_addf(&instances, "%s{\"state\":\"Alerting\"," LABELS_WITHOUT_ID "}",
			 i > 0 ? "," : "");
	has_rule(stand, "OrdersQueueMissing", "\"state\":\"firing\",\"health\":\"ok\"",
		 instances.data);
	buf_done(&instances);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_NOT_ASKED, "more is going on", NULL);
}

static void labels_with_quotes_unicode_and_newlines_are_read(void **state)
{
	static const char *const needles[] = {"r\u00e9gion \"west\"", STAND_DRILL};
	struct stand *stand = *state;

	stand->want.needles = needles;
	fires(stand,
	      "\"labels\":{\"a\":\"r\\u00e9gion \\\"west\\\"\",\"b\":\"x\\ny " STAND_DRILL
	      "\"},\"annotations\":null",
	      10000);
	see(stand, HOP_PEAK);
	stand_says(stand, RULE, HOP_RULE, HOP_HAD_IT, NULL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(an_alert_that_went_all_the_way_was_had_by_all),
	    test(what_the_chat_refused_is_told_in_its_words),
	    test(an_old_error_is_not_this_alert_s),
	    test(an_error_at_the_peak_is_not_hidden_by_a_later_success),
	    test(an_empty_contact_point_posts_nowhere),
	    test(of_several_receivers_the_one_that_failed_is_told),
	    test(a_silence_is_told_with_who_why_and_until_when),
	    test(other_suppressions_are_told_by_their_kind),
	    test(a_rule_that_fires_into_no_alertmanager_is_lost_there),
	    test(a_rule_that_does_not_exist_is_lost_there),
	    test(a_rule_is_found_inside_what_people_call_it),
	    test(a_rule_that_does_not_fire_says_why),
	    test(a_rule_that_is_not_evaluated_is_said_to_be),
	    test(a_pending_rule_says_how_long_it_must_hold),
	    test(a_rule_that_drops_the_id_is_told_so),
	    test(without_an_id_the_time_decides),
	    test(seen_only_after_the_fault_absence_proves_nothing),
	    test(each_part_that_cannot_be_asked_is_said_on_its_own),
	    test(a_grafana_that_refuses_us_is_not_asked),
	    test(ten_thousand_quiet_rules_leave_room_for_the_one_that_fires),
	    test(hundreds_of_firing_instances_leave_absence_open),
	    test(labels_with_quotes_unicode_and_newlines_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
