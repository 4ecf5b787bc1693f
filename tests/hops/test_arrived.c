/* What Prometheus and Alertmanager say of an alert that arrived, but late, doubled, without its text or
 * without its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/hops/stand.h"

#define RULES  "/api/v1/rules?type=alert"
#define ALERTS "/api/v2/alerts?"
#define STATUS "/api/v2/status"
#define SENT(n)                                                      \
	"alertmanager_notifications_total{integration=\"slack\"} " n \
	"\nalertmanager_notification_requests_total{integration=\"slack\"} " n "\n"

#define arrived_test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

/* Prometheus: so many alerts of one rule. */
static void answer_rule(struct stand *stand, int alerts, const char *state, int keep_s)
{
	char list[1024] = "";

	for (int i = 0; i < alerts; i++) {
		char alert[300];

		(void)snprintf(alert, sizeof alert,
			       "%s{\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"queue\":"
			       "\"orders-" STAND_DRILL "\",\"n\":\"%d\"},\"annotations\":"
			       "{\"runbook_url\":\"wiki\"},\"state\":\"%s\",\"activeAt\":\"%s\"}",
			       i > 0 ? "," : "", i, state, stand_time(stand, 3000));
		strcat(list, alert);
	}
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"rules\":[{"
	    "\"state\":\"%s\",\"name\":\"OrdersQueueMissing\",\"query\":\"up\",\"duration\":30,"
	    "\"keepFiringFor\":%d,\"alerts\":[%s],\"health\":\"ok\",\"lastEvaluation\":\"%s\"}],"
	    "\"interval\":15}]}}",
	    alerts > 0 ? state : "inactive", keep_s, list, stand_time(stand, 20000));
}

/* Alertmanager: the alert for the receivers, or none; and so many posts so far. */
static void answer_alert(struct stand *stand, bool there, const char *receivers, const char *sent)
{
	(void)stand_answers(stand, ALERTS,
			    there
				? "[{\"annotations\":{\"runbook_url\":\"wiki\"},\"endsAt\":\"%s\","
				  "\"fingerprint\":\"7d41\",\"receivers\":[%s],\"startsAt\":\"%s\","
				  "\"status\":{\"state\":\"active\",\"silencedBy\":[],"
				  "\"inhibitedBy\":[]},\"labels\":{\"alertname\":"
				  "\"OrdersQueueMissing\",\"queue\":\"orders-" STAND_DRILL "\"}}]"
				: "[]%.0s%.0s%.0s",
			    stand_time(stand, 300000), receivers, stand_time(stand, 3000));
	(void)stand_answers(stand, "/metrics",
			    "alertmanager_alerts_received_total{status=\"firing\"} 5\n%s", sent);
}

static void answer_config(struct stand *stand, const char *team, const char *other)
{
	(void)stand_answers(
	    stand, STATUS,
	    "{\"cluster\":{\"peers\":[]},\"config\":{\"original\":\"route:\\n  receiver: team\\n"
	    "  group_wait: 10s\\n  group_interval: 1m\\n  repeat_interval: 4h\\nreceivers:\\n"
	    "- name: team\\n  slack_configs:\\n  - send_resolved: %s\\n    api_url: <secret>\\n"
	    "- name: other\\n  slack_configs:\\n  - send_resolved: %s\\n    api_url: <secret>\\n\"},"
	    "\"uptime\":\"%s\",\"versionInfo\":{\"version\":\"0.25.0\"}}",
	    team, other, stand_time(stand, -3600000));
}

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	answer_rule(stand, 0, "", 0);
	answer_alert(stand, false, "", SENT("7"));
	answer_config(stand, "true", "true");
	(void)stand_answers(stand, "/api/v2/silences", "[]");
	stand->want.finding = FINDING_UNRESOLVED;
	stand->want.reverted_wall_ms = stand->want.injected_wall_ms + 10000;
	return 0;
}

static void assert_about(const struct stand *stand, size_t i, enum hop_about about)
{
	assert_true(i < stand->finding_count);
	assert_int_equal(stand->findings[i].about, about);
}

/* Prometheus. */

static void look_at_rule(struct stand *stand, int after, int keep_s)
{
	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	answer_rule(stand, 1, "firing", keep_s);
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	answer_rule(stand, after, "firing", keep_s);
	stand_observe(stand, &hop_prometheus, HOP_AFTER);
	stand_explain(stand, &hop_prometheus);
}

static void a_rule_that_is_over_says_so(void **state)
{
	struct stand *stand = *state;

	look_at_rule(stand, 0, 0);
	assert_int_equal(stand->finding_count, 3);
	assert_about(stand, 1, ABOUT_ALERT);
	assert_int_equal(stand->findings[1].count, 1);
	assert_about(stand, 2, ABOUT_END);
	stand_says(stand, 2, HOP_RULE, HOP_HAD_IT, "was not firing any more, ", NULL);
	assert_non_null(strstr(stand->findings[2].evidence, "after the repair"));
}

static void a_rule_that_goes_on_says_for_how_long_and_why(void **state)
{
	struct stand *stand = *state;

	look_at_rule(stand, 1, 0);
	stand_says(stand, 2, HOP_RULE, HOP_LACKED_IT, "is still firing, ", "still true");
	look_at_rule(stand, 1, 300);
	stand_says(stand, 2, HOP_RULE, HOP_LACKED_IT, "keep_firing_for is 5 min",
		   "keep_firing_for holds");
}

static void a_rule_that_cannot_be_asked_after_the_repair_is_not_guessed(void **state)
{
	struct stand *stand = *state;

	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	answer_rule(stand, 1, "firing", 0);
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	stand_explain(stand, &hop_prometheus);
	assert_about(stand, 2, ABOUT_END);
	assert_int_equal(stand->findings[2].state, HOP_NOT_ASKED);
}

static void two_alerts_with_the_id_are_counted(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_DUPLICATE;
	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	answer_rule(stand, 2, "firing", 0);
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	stand_explain(stand, &hop_prometheus);
	assert_int_equal(stand->finding_count, 2);
	assert_int_equal(stand->findings[1].count, 2);
}

static void the_text_that_the_message_lacks_is_looked_for_in_the_rule(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_UNREADABLE;
	stand->want.lacks = "wiki";
	look_at_rule(stand, 0, 0);
	assert_about(stand, 2, ABOUT_TEXT);
	stand_says(stand, 2, HOP_RULE, HOP_HAD_IT, "annotations have \"wiki\"", NULL);
	stand->want.lacks = "runbook"; /* the template writes it beside the value of runbook_url */
	stand_explain(stand, &hop_prometheus);
	stand_says(stand, 2, HOP_RULE, HOP_HAD_IT, "annotations have \"runbook\"", NULL);
	stand->want.lacks = "owner";
	stand_explain(stand, &hop_prometheus);
	stand_says(stand, 2, HOP_RULE, HOP_LACKED_IT, "\"owner\"", "no annotation");
}

static void a_rule_that_was_pending_at_the_deadline_waits_for_its_for(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_LATE;
	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	answer_rule(stand, 1, "pending", 0);
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	stand_explain(stand, &hop_prometheus);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "less than its `for` of 30.0 s",
		   "waits for its `for`");
}

static void one_that_arrived_in_time_is_never_said_to_have_been_calm(void **state)
{
	struct stand *stand = *state;

	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	stand_observe(stand, &hop_prometheus, HOP_AFTER);
	stand_explain(stand, &hop_prometheus);
	stand_says(stand, 1, HOP_RULE, HOP_NOT_ASKED, NULL, NULL);
}

/* Alertmanager. */

#define TEAM "{\"name\":\"team\"}"

static void look_at_alert(struct stand *stand, bool after, const char *sent)
{
	stand_observe(stand, &hop_alertmanager, HOP_BEFORE);
	answer_alert(stand, true, TEAM, SENT("8"));
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	answer_alert(stand, after, TEAM, sent);
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	stand_explain(stand, &hop_alertmanager);
}

static void a_receiver_that_sends_no_resolved_is_named(void **state)
{
	struct stand *stand = *state;

	answer_config(stand, "false", "true");
	look_at_alert(stand, false, SENT("8"));
	assert_int_equal(stand->finding_count, 4);
	assert_about(stand, 1, ABOUT_ALERT);
	assert_int_equal(stand->findings[1].state, HOP_HAD_IT);
	assert_int_equal(stand->findings[1].count, 1);
	assert_string_equal(stand->findings[1].cause, "");
	assert_about(stand, 2, ABOUT_END);
	stand_says(stand, 2, HOP_ALERTMANAGER, HOP_HAD_IT, "does not have the alert any more",
		   NULL);
	assert_about(stand, 3, ABOUT_END);
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "send_resolved is false",
		   "does not send resolved");
}

static void one_that_does_but_has_begun_no_post_waits_for_group_interval(void **state)
{
	struct stand *stand = *state;

	look_at_alert(stand, false, SENT("8"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "has begun no post", "group_interval");
}

static void one_that_has_posted_since_had_it(void **state)
{
	struct stand *stand = *state;

	look_at_alert(stand, false, SENT("9"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_HAD_IT, "1 begun, 1 posted", NULL);
}

static void what_was_posted_since_may_be_of_another_alert(void **state)
{
	struct stand *stand = *state;

	stand_observe(stand, &hop_alertmanager, HOP_BEFORE);
	answer_alert(stand, true, TEAM, SENT("8"));
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	answer_alert(stand, false, TEAM, SENT("9"));
	(void)stand_answers(stand, ALERTS,
			    "[{\"annotations\":{},\"fingerprint\":\"1\",\"receivers\":[" TEAM
			    "],\"startsAt\":\"%s\",\"status\":{\"state\":\"active\"},"
			    "\"labels\":{\"alertname\":\"Other\"}}]",
			    stand_time(stand, 4000));
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	stand_explain(stand, &hop_alertmanager);
	stand_says(stand, 3, HOP_RECEIVER, HOP_NOT_ASKED, "cannot be told", NULL);
}

static void an_alert_that_is_still_there_has_no_end_to_tell(void **state)
{
	struct stand *stand = *state;

	look_at_alert(stand, true, SENT("8"));
	stand_says(stand, 2, HOP_ALERTMANAGER, HOP_LACKED_IT, "still has the alert",
		   "has not told its end");
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "no end to tell", NULL);
}

static void without_a_look_at_the_peak_receivers_that_differ_are_not_guessed(void **state)
{
	struct stand *stand = *state;

	answer_config(stand, "false", "true");
	stand_observe(stand, &hop_alertmanager, HOP_BEFORE);
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	stand_explain(stand, &hop_alertmanager);
	stand_says(stand, 3, HOP_RECEIVER, HOP_NOT_ASKED, "1 of its integrations", NULL);
	answer_config(stand, "false", "false");
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	stand_explain(stand, &hop_alertmanager);
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "send_resolved is false", NULL);
}

static void two_receivers_of_one_alert_are_counted(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_DUPLICATE;
	stand_observe(stand, &hop_alertmanager, HOP_BEFORE);
	answer_alert(stand, true, TEAM ",{\"name\":\"other\"}", SENT("9"));
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	stand_explain(stand, &hop_alertmanager);
	assert_int_equal(stand->finding_count, 2);
	assert_int_equal(stand->findings[0].count, 1);
	assert_int_equal(stand->findings[1].count, 2);
}

static void a_late_post_has_the_waits_of_its_route(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_LATE;
	look_at_alert(stand, false, SENT("8"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, NULL, "waits 10s (group_wait)");
}

static void the_text_is_looked_for_in_the_alert_there(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_UNREADABLE;
	stand->want.lacks = "wiki";
	look_at_alert(stand, false, SENT("8"));
	assert_about(stand, 2, ABOUT_TEXT);
	stand_says(stand, 2, HOP_ALERTMANAGER, HOP_HAD_IT, "\"wiki\"", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    arrived_test(a_rule_that_is_over_says_so),
	    arrived_test(a_rule_that_goes_on_says_for_how_long_and_why),
	    arrived_test(a_rule_that_cannot_be_asked_after_the_repair_is_not_guessed),
	    arrived_test(two_alerts_with_the_id_are_counted),
	    arrived_test(the_text_that_the_message_lacks_is_looked_for_in_the_rule),
	    arrived_test(a_rule_that_was_pending_at_the_deadline_waits_for_its_for),
	    arrived_test(one_that_arrived_in_time_is_never_said_to_have_been_calm),
	    arrived_test(a_receiver_that_sends_no_resolved_is_named),
	    arrived_test(one_that_does_but_has_begun_no_post_waits_for_group_interval),
	    arrived_test(one_that_has_posted_since_had_it),
	    arrived_test(what_was_posted_since_may_be_of_another_alert),
	    arrived_test(an_alert_that_is_still_there_has_no_end_to_tell),
	    arrived_test(without_a_look_at_the_peak_receivers_that_differ_are_not_guessed),
	    arrived_test(two_receivers_of_one_alert_are_counted),
	    arrived_test(a_late_post_has_the_waits_of_its_route),
	    arrived_test(the_text_is_looked_for_in_the_alert_there),
	};

	return cmocka_run_group_tests_name("hops_arrived", tests, NULL, NULL);
}
