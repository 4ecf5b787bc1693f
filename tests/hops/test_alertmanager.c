/* The hop type "alertmanager": the alert, what holds it back, its receivers; answers as 0.25 gives
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "tests/hops/am_stand.h"

/* A later Alertmanager may have ways to post that are not known here, in words and in counters. */
static void a_way_to_post_that_is_not_known_is_not_asked(void **state)
{
	static const char *const receivers[] = {
	    "  carrierpigeon_configs:\n  - send_resolved: true\n", "  deliver_to: [ ops ]\n"};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof receivers / sizeof receivers[0]; i++) {
		char config[400];

		(void)snprintf(config, sizeof config,
			       "route:\n  receiver: team\nreceivers:\n"
			       "- name: team\n%s",
			       receivers[i]);
		am_answer_status(stand, config, -3600000);
		(void)stand_answers(stand, ALERTS, "[]");
		am_look(stand, HOP_BEFORE);
		am_answer_alert(stand, OURS, "page", "{\"name\":\"team\"}", HEALTHY, 3000);
		am_look(stand, HOP_PEAK);
		stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "whether it posted was not asked",
			   NULL);
	}
}

static void a_posted_alert_had_it(void **state)
{
	struct stand *stand = *state;

	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT,
		   "active, since 3.0 s after the fault) for the receivers \"team\", \"paged\"",
		   NULL);
	assert_int_equal(stand->findings[0].at_wall_ms, stand->want.injected_wall_ms + 3000);
	stand_says(
	    stand, 1, HOP_RECEIVER, HOP_HAD_IT,
	    "slack: 1 begun, 1 posted, 0 attempts refused, 0 given up; pagerduty: 0 begun, 0 "
	    "posted, 0 attempts refused, 0 given up (all receivers of that kind)",
	    "another channel");
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, "slack does not tell when it is over", NULL);
	stand_says(
	    stand, 1, HOP_RECEIVER, HOP_HAD_IT,
	    "by the route severity=\"page\" (group_wait 1m, group_interval 1m, repeat_interval "
	    "4h) and the route severity!~\"info\" (group_wait 10s",
	    NULL);
}

static void of_an_alert_in_another_channel_is_not_said_that_it_may_not_be_shown(void **state)
{
	struct stand *stand = *state;

	stand->want.finding = FINDING_WRONG_CHANNEL;
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, "slack: 1 begun, 1 posted",
		   "its receiver posts to that channel");
}

static void a_receiver_without_integration_posts_nowhere(void **state)
{
	struct stand *stand = *state;

	am_answer_alert(stand, OURS, "info", "{\"name\":\"null\"}", HEALTHY, 3000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "\"null\"", NULL);
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT,
		   "\"null\" by the route severity=~\"info|debug\"", "no integration");
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "posts nowhere", NULL);
}

static void a_silence_is_told_with_who_why_and_until_when(void **state)
{
	struct stand *stand = *state;

	am_see(stand, "\"state\":\"suppressed\",\"silencedBy\":[\"1c13-95f\"],\"inhibitedBy\":[]",
	       RECEIVED("6") SENT("7") FAILED("1"));
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT,
		   "silenced by the silence 1c13-95f of \"joe\" with the comment \"maintenance of "
		   "\"db\"\" until 2027-11-21",
		   "a silence");
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "\"joe\"", "a silence");
}

static void inhibition_and_mute_intervals_are_told_by_name(void **state)
{
	struct stand *stand = *state;

	am_see(stand, "\"state\":\"suppressed\",\"silencedBy\":[],\"inhibitedBy\":[\"beef\"]",
	       RECEIVED("6"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "inhibited by the alert \"NetworkDown\"",
		   "an inhibition rule");
	am_see(
	    stand,
	    "\"state\":\"suppressed\",\"silencedBy\":[],\"inhibitedBy\":[],\"mutedBy\":[\"nights\"]",
	    RECEIVED("6"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "muted by the time interval \"nights\"",
		   "a time interval");
}

static void failures_are_told_with_their_reason(void **state)
{
	struct stand *stand = *state;

	am_see(stand, HEALTHY, RECEIVED("6") SENT("9") FAILED("3"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT,
		   "slack: 2 begun, 0 posted, 2 attempts refused, 2 given up", "the posts fail");
	(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") CLIENT_ERRORS("1"));
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") CLIENT_ERRORS("2"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "reason: clientError",
		   "refuses the posts");
	am_see(stand, HEALTHY, RECEIVED("6") SENT("10") CLIENT_ERRORS("3"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, NULL, "some posts of that kind failed");
}

static void what_is_under_way_is_not_taken_for_posted(void **state)
{
	struct stand *stand = *state;

	am_see(stand, HEALTHY, RECEIVED("6") SENT("7") FAILED("1") SLACK("s_total", "1"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "slack: 1 begun, 0 posted",
		   "has not answered yet");
	(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") FAILED("1"));
	am_see(stand, HEALTHY,
	       RECEIVED("6") SENT("8") FAILED("1") SLACK("_requests_total", "3")
		   SLACK("_requests_failed_total", "4"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "slack: 1 begun, 0 posted, 4 attempts",
		   "are tried again");
}

static void no_attempt_is_explained_by_what_the_route_says(void **state)
{
	struct stand *stand = *state;

	am_see(stand, HEALTHY, RECEIVED("6") SENT("7") FAILED("1"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "the mute time interval \"nights\"",
		   "possibly a time interval");
	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 25000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, NULL, "younger than the group_wait");
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, NULL, "group_interval");
}

static void counters_by_receiver_are_used_where_they_are_kept(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(
	    stand, "/metrics",
	    RECEIVED("5") "alertmanager_notifications_total{integration=\"slack\",receiver_name="
			  "\"team\"} 1\nalertmanager_notifications_total{integration=\"slack\","
			  "receiver_name=\"others\"} 1\n");
	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	(void)stand_answers(
	    stand, "/metrics",
	    RECEIVED("6") "alertmanager_notifications_total{integration=\"slack\",receiver_name="
			  "\"team\"} 1\nalertmanager_notifications_total{integration=\"slack\","
			  "receiver_name=\"others\"} 9\n");
	am_look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "slack: 0 begun", NULL);
}

static void an_alert_that_is_not_there_is_lost_before(void **state)
{
	struct stand *stand = *state;

	am_look(stand, HOP_BEFORE);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "received 0 firing alerts",
		   "nothing reaches this Alertmanager");
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "nothing to post", NULL);
	(void)stand_answers(stand, "/metrics", RECEIVED("9"));
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "received 4 firing alerts",
		   "not sent here");
	(void)stand_answers(stand, "/metrics",
			    RECEIVED("9") "alertmanager_alerts_invalid_total{version=\"v1\"} 2\n");
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "refused 2", "refuses alerts");
	am_answer_status(stand, CONFIG, 4000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "started 4.0 s after the fault",
		   "restarted");
}

static void an_alert_without_the_id_and_an_old_one_are_told_apart(void **state)
{
	struct stand *stand = *state;

	am_answer_alert(stand, "all", "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "id is in none",
		   "does not come this far");
	stand->want.has_nonce = false;
	am_answer_alert(stand, "all", "low", "{\"name\":\"team\"}", HEALTHY, -90000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "before the fault", "there before");
	(void)stand_answers(stand, ALERTS, "[]");
	am_look(stand, HOP_BEFORE); /* it was not there: only its sender's clock is behind */
	am_answer_alert(stand, "all", "low", "{\"name\":\"team\"}", HEALTHY, -90000);
	am_look(stand, HOP_PEAK);
	assert_string_equal(stand->findings[0].cause, "");
}

static void after_the_fault_a_missing_alert_says_nothing(void **state)
{
	struct stand *stand = *state;

	am_look(stand, HOP_AFTER);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "only after the fault", NULL);
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "only after the fault", NULL);
	am_answer_alert(stand, OURS, "info", "{\"name\":\"null\"}", HEALTHY, 3000);
	am_look(stand, HOP_AFTER);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void a_configuration_that_cannot_be_read_is_said_to_be(void **state)
{
	struct stand *stand = *state;

	am_answer_status(stand, "route:\n  receiver: &a team\nreceivers: []\n", -60000);
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8"));
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "cannot be read: line 2", NULL);
	am_answer_status(stand, "route:\n  match: [a]\n  match_re: [b]\nreceivers:\n- [c]\n- d\n",
			 -60000);
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8"));
	assert_null(strstr(stand->findings[1].evidence, "route"));
	stand_answers(stand, STATUS, "%s", "no")->status = 500;
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "answered 500", NULL);
}

static void routes_that_cannot_be_judged_are_not_told(void **state)
{
	struct stand *stand = *state;

	am_answer_status(
	    stand,
	    "route:\n  receiver: team\n  routes:\n  - receiver: paged\n    matchers:\n"
	    "    - queue=~\"(?i)ORDERS\\\\d+\"\nreceivers:\n- name: team\n  slack_configs:\n"
	    "  - send_resolved: true\n",
	    -60000);
	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	am_look(stand, HOP_PEAK);
	assert_null(strstr(stand->findings[1].evidence, "route"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_LACKED_IT, "slack: 0 begun", NULL);
	/* Our way through the routes is not the one that it told. */
	am_answer_status(stand, CONFIG, -60000);
	am_answer_alert(stand, OURS, "info", "{\"name\":\"team\"}", HEALTHY, 3000);
	am_look(stand, HOP_PEAK);
	assert_null(strstr(stand->findings[1].evidence, "route"));
}

static void what_is_no_alertmanager_is_not_asked(void **state)
{
	static const char *const bodies[] = {"<html>login</html>", "{\"status\":\"success\"}",
					     "[1]", "[{\"labels\":", ""};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		(void)stand_answers(stand, ALERTS, "%s", bodies[i]);
		am_look(stand, HOP_PEAK);
		assert_null(stand->observed[HOP_PEAK].json);
		stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "its answer about alerts is",
			   NULL);
		stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, NULL, NULL);
	}
	stand_answers(stand, ALERTS, "%s", "Unauthorized")->status = 401;
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "wants authentication", NULL);
}

static void a_storm_of_alerts_still_shows_the_newest(void **state)
{
	struct stand *stand = *state;
	struct buf alerts = {0};

	for (int i = 0; i < 20000; i++)
		buf_addf(
		    &alerts,
		    "{\"annotations\":{},\"fingerprint\":\"f%d\",\"startsAt\":\"2020-01-01T00:00:"
		    "00Z\",\"receivers\":[{\"name\":\"team\"}],\"status\":{" HEALTHY "},\"labels\":"
		    "{\"alertname\":\"Storm\",\"text\":\"\\\"\\\"\\\"\\\\\\\\ü\\n%d\"}},",
		    i, i);
	(void)stand_answers(stand, ALERTS,
			    "[%s{\"annotations\":{},\"fingerprint\":\"o\",\"startsAt\":\"%s\","
			    "\"receivers\":[{\"name\":\"null\"}],\"status\":{" HEALTHY
			    "},\"labels\":{"
			    "\"alertname\":\"OrdersQueueMissing\",\"queue\":\"" OURS "\"}}]",
			    buf_text(&alerts), stand_time(stand, 3000));
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "OrdersQueueMissing", NULL);
	(void)stand_answers(stand, ALERTS, "[%s{\"labels\":{}}]", buf_text(&alerts));
	am_look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "more alerts than", NULL);
	buf_done(&alerts);
}

static void no_secret_of_a_receiver_is_kept(void **state)
{
	struct stand *stand = *state;

	am_answer_status(stand,
			 "route:\n  receiver: team\nreceivers:\n- name: team\n  webhook_configs:\n"
			 "  - url: https://hooks.example/T0/B0/s3cret\n",
			 -60000);
	am_look(stand, HOP_PEAK);
	assert_null(strstr(stand->observed[HOP_PEAK].json, "s3cret"));
	assert_non_null(strstr(stand->observed[HOP_PEAK].json, "\"webhook\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    am_test(a_posted_alert_had_it),
	    am_test(a_way_to_post_that_is_not_known_is_not_asked),
	    am_test(of_an_alert_in_another_channel_is_not_said_that_it_may_not_be_shown),
	    am_test(a_receiver_without_integration_posts_nowhere),
	    am_test(a_silence_is_told_with_who_why_and_until_when),
	    am_test(inhibition_and_mute_intervals_are_told_by_name),
	    am_test(failures_are_told_with_their_reason),
	    am_test(what_is_under_way_is_not_taken_for_posted),
	    am_test(no_attempt_is_explained_by_what_the_route_says),
	    am_test(counters_by_receiver_are_used_where_they_are_kept),
	    am_test(an_alert_that_is_not_there_is_lost_before),
	    am_test(an_alert_without_the_id_and_an_old_one_are_told_apart),
	    am_test(after_the_fault_a_missing_alert_says_nothing),
	    am_test(a_configuration_that_cannot_be_read_is_said_to_be),
	    am_test(routes_that_cannot_be_judged_are_not_told),
	    am_test(what_is_no_alertmanager_is_not_asked),
	    am_test(a_storm_of_alerts_still_shows_the_newest),
	    am_test(no_secret_of_a_receiver_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
