/* The hop type "alertmanager": what other alerts, other channels and a missing id leave in doubt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/hops/am_stand.h"

#define OTHER                                                                                \
	"{\"fingerprint\":\"cafe\",\"receivers\":[{\"name\":\"%s\"}],\"status\":{\"state\":" \
	"\"%s\"},\"startsAt\":\"2020-01-01T00:00:00Z\",\"labels\":{\"alertname\":\"Theirs\"}}"

/* Before 0.26 all receivers that post with Slack are counted together. */
static void what_may_be_another_alerts_post_is_not_taken_for_ours(void **state)
{
	static const struct {
		const char *receiver, *others_state, *counters;
		enum hop_state state;
	} cases[] = {
	    {"team", "active", RECEIVED("6") SENT("8") FAILED("1"), HOP_NOT_ASKED},
	    {"team", "active", RECEIVED("6") SENT("7") FAILED("1"), HOP_LACKED_IT},
	    {"team", "suppressed", RECEIVED("6") SENT("8") FAILED("1"), HOP_HAD_IT},
	    {"null", "active", RECEIVED("6") SENT("8") FAILED("1"), HOP_HAD_IT},
	    {"paged", "active", RECEIVED("6") SENT("8") FAILED("1"), HOP_HAD_IT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct stand *stand = *state;

		(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") FAILED("1"));
		(void)stand_answers(stand, ALERTS, "[" OTHER "]", cases[i].receiver,
				    cases[i].others_state);
		am_see(stand, HEALTHY, cases[i].counters);
		stand_says(stand, 1, HOP_RECEIVER, cases[i].state,
			   cases[i].state == HOP_NOT_ASKED ? "other alerts go the same way" : NULL,
			   NULL);
	}
}

/* Ended alerts are not listed, but their end may still be posted. */
static void what_is_posted_before_group_wait_is_over_is_not_taken_for_ours(void **state)
{
	struct stand *stand = *state;

	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 25000);
	(void)stand_answers(stand, "/metrics", RECEIVED("6") SENT("8") FAILED("1"));
	am_look(stand, HOP_PEAK); /* 5 s later, and group_wait is 10 s */
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "younger than the group_wait", NULL);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 15000);
	am_look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, "1 posted", NULL);
}

static void of_two_channels_one_refusal_says_nothing_of_the_other(void **state)
{
	struct stand *stand = *state;

	am_answer_status(stand,
			 "route:\n  receiver: team\nreceivers:\n- name: team\n  slack_configs:\n"
			 "  - send_resolved: true\n  - send_resolved: true\n",
			 -60000);
	am_see(stand, HEALTHY, RECEIVED("6") SENT("9") FAILED("2"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "it goes to 2 channels", NULL);
	(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") FAILED("1"));
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "it goes to 2 channels", NULL);
	(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") FAILED("1"));
	am_see(stand, HEALTHY, RECEIVED("6") SENT("9") FAILED("1"));
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, "2 posted", NULL);
}

static void another_alert_with_the_id_is_not_taken_for_the_one_expected(void **state)
{
	struct stand *stand = *state;
	const char *needles[] = {"OrdersQueueGone", STAND_DRILL};

	stand->want.alert = "OrdersQueueGone";
	stand->want.needles = needles;
	stand->want.needle_count = 2;
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED,
		   "no alert \"OrdersQueueGone\", but \"OrdersQueueMissing\" with the drill's id",
		   NULL);
	stand_says(stand, 1, HOP_RECEIVER, HOP_NOT_ASKED, "cannot be told", NULL);
	needles[0] = "quote"; /* that is in its summary, whatever it is called */
	am_see(stand, HEALTHY, RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void a_post_without_the_id_is_a_cause(void **state)
{
	struct stand *stand = *state;

	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, "all", "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	(void)stand_answers(stand, "/metrics", RECEIVED("6") SENT("8") FAILED("1"));
	am_look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RECEIVER, HOP_HAD_IT, NULL, "no message can carry it");
}

/* The end of an alert that arrived: the looks at the peak and after, with these counters. */
static void end(struct stand *stand, const char *peak, const char *after)
{
	stand->want.finding = FINDING_UNRESOLVED;
	stand->want.reverted_wall_ms = stand->want.injected_wall_ms + 10000;
	am_answer_status(stand,
			 "route:\n  receiver: team\nreceivers:\n- name: team\n  slack_configs:\n"
			 "  - send_resolved: true\n",
			 -60000);
	am_answer_alert(stand, OURS, "low", "{\"name\":\"team\"}", HEALTHY, 3000);
	(void)stand_answers(stand, "/metrics", "%s", peak);
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	(void)stand_answers(stand, ALERTS, "[]");
	(void)stand_answers(stand, "/metrics", "%s", after);
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	stand_explain(stand, &hop_alertmanager);
	assert_int_equal(stand->finding_count, 4);
	stand_says(stand, 2, HOP_ALERTMANAGER, HOP_HAD_IT, "does not have the alert any more",
		   NULL);
}

static void a_resolved_message_that_is_refused_is_not_taken_for_posted(void **state)
{
	struct stand *stand = *state;

	end(stand, RECEIVED("6") SENT("8") FAILED("1"), RECEIVED("6") SENT("9") FAILED("1"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_HAD_IT, "1 begun, 1 posted", NULL);
	end(stand, RECEIVED("6") SENT("8") FAILED("1"), RECEIVED("6") SENT("11") FAILED("4"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "3 begun, 0 posted, 3 attempts refused",
		   "refuses the resolved message");
	end(stand, RECEIVED("6") SENT("8") FAILED("1"), RECEIVED("6") SENT("11") FAILED("3"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_NOT_ASKED, "3 begun, 1 posted, 2 attempts refused",
		   NULL);
	end(stand, RECEIVED("6") SENT("8") FAILED("1"), RECEIVED("6") SENT("8") FAILED("1"));
	stand_says(stand, 3, HOP_RECEIVER, HOP_LACKED_IT, "has begun no post", "group_interval");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    am_test(what_may_be_another_alerts_post_is_not_taken_for_ours),
	    am_test(what_is_posted_before_group_wait_is_over_is_not_taken_for_ours),
	    am_test(of_two_channels_one_refusal_says_nothing_of_the_other),
	    am_test(another_alert_with_the_id_is_not_taken_for_the_one_expected),
	    am_test(a_post_without_the_id_is_a_cause),
	    am_test(a_resolved_message_that_is_refused_is_not_taken_for_posted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
