/* Warnings of what the author wrote: lengths of time and texts that do not go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/engine/timing.h"
#include "src/engine/timing_written.h"

#define S      INT64_C(1000)
#define M      (60 * S)
#define NONCE  "fd-00000000"
#define TOLD   4
#define LENGTH 600

/* A scenario as it is resolved, and what is told of it. */
struct written {
	struct scenario scenario;
	struct expectation expect[2];
	char *match[2], *resolved_match[1];
	int64_t spacing_ms;
	struct timing timing;
	bool asked; /* the stations were */
	char key[TOLD][32], text[TOLD][LENGTH], advice[TOLD][LENGTH];
	size_t count;
};

static int setup(void **state)
{
	static struct written written;
	static char alert[] = "OrdersQueueMissing", id[] = NONCE, word[] = "resolved";

	written = (struct written){
	    .match = {alert, id},
	    .resolved_match = {word},
	    .timing = {
		.least_ms = -1, .most_ms = -1, .resolve_least_ms = -1, .resolve_most_ms = -1}};
	for (size_t i = 0; i < 2; i++)
		written.expect[i] =
		    (struct expectation){.alert = alert,
					 .match = {written.match, 2},
					 .resolved_match = {written.resolved_match, 1},
					 .within_ms = 90 * S,
					 .resolved_ms = 3 * M};
	written.scenario = (struct scenario){
	    .fault = {.kind = KIND_BAD_QUEUE_NAME, .via = VIA_HTTP, .hold_at_most_ms = 5 * M},
	    .expect = written.expect,
	    .expect_count = 1};
	*state = &written;
	return 0;
}

static void on_warning(void *arg, const struct timing_warning *warning)
{
	struct written *written = arg;

	assert_true(written->count < TOLD);
	assert_true(warning->text[0] != '\0' && warning->advice[0] != '\0');
	(void)snprintf(written->key[written->count], sizeof written->key[0], "%s", warning->key);
	(void)snprintf(written->text[written->count], LENGTH, "%s", warning->text);
	(void)snprintf(written->advice[written->count], LENGTH, "%s", warning->advice);
	written->count++;
}

static void warn(struct written *written, size_t expect)
{
	written->count = 0;
	timing_warn_written(&written->scenario, expect, written->spacing_ms,
			    written->asked ? &written->timing : NULL, on_warning, written);
}

static void assert_calm(struct written *written)
{
	for (size_t i = 0; i < written->scenario.expect_count; i++) {
		warn(written, i);
		if (written->count > 0)
			fail_msg("expectation %zu: %s: %s; %s", i, written->key[0],
				 written->text[0], written->advice[0]);
	}
}

static void assert_warned(struct written *written, const char *key, const char *text,
			  const char *advice)
{
	warn(written, 0);
	assert_int_equal(written->count, 1);
	assert_string_equal(written->key[0], key);
	if (strstr(written->text[0], text) == NULL || strstr(written->advice[0], advice) == NULL)
		fail_msg("%s; %s\nwanted: %s; %s", written->text[0], written->advice[0], text,
			 advice);
}

static void what_goes_together_is_not_warned_of(void **state)
{
	struct written *written = *state;

	assert_calm(written);
	written->scenario.expect_count = 2;
	assert_calm(written);
	written->scenario.fault.hold_at_most_ms = 30 * M; /* not too long yet */
	assert_calm(written);
}

static void a_lease_that_may_end_before_the_deadline_is_named_with_the_right_one(void **state)
{
	struct written *written = *state;

	written->scenario.fault.hold_at_most_ms = 90 * S;
	assert_warned(written, "fault.hold_at_most", "may be taken out before the alert is due",
		      "write hold_at_most = \"95s\" at least");
	written->scenario.fault.hold_at_most_ms = 95 * S;
	assert_calm(written);
}

static void a_lease_is_warned_of_once_with_the_longest_deadline(void **state)
{
	struct written *written = *state;

	written->scenario.expect_count = 2;
	written->expect[1].within_ms = 5 * M;
	warn(written, 0);
	assert_int_equal(written->count, 0);
	warn(written, 1);
	assert_int_equal(written->count, 1);
	assert_non_null(strstr(written->advice[0], "hold_at_most = \"6m\" at least"));
}

static void a_lease_far_beyond_every_deadline_is_too_long(void **state)
{
	struct written *written = *state;

	written->scenario.fault.hold_at_most_ms = 120 * M;
	assert_warned(written, "fault.hold_at_most", "may stay for 2 h 0 min", "is enough");
	written->scenario.fault.hold_ms = 100 * M;
	assert_warned(written, "fault.hold", "stays in place for 1 h 40 min", "take it out");
	written->scenario.fault.hold_ms = 2 * M;
	written->scenario.fault.hold_at_most_ms = 5 * M;
	assert_calm(written);
}

static void a_deadline_that_only_stations_know_makes_no_claim_about_the_lease(void **state)
{
	struct written *written = *state;

	written->scenario.expect_count = 2;
	written->expect[1].within_ms = SCENARIO_AUTO;
	written->scenario.fault.hold_at_most_ms = 120 * M;
	assert_calm(written);
	written->scenario.fault.hold_at_most_ms = 90 * S;
	assert_calm(written);
}

static void a_control_drill_holds_nothing(void **state)
{
	struct written *written = *state;

	written->scenario.fault = (struct fault){.kind = KIND_NONE, .via = VIA_NONE};
	assert_calm(written);
	written->expect[0].never = true;
	written->expect[0].match.count = 1;
	assert_calm(written);
}

static void a_text_that_the_resolved_message_lacks_is_named(void **state)
{
	static char firing[] = "[FIRING:1] Orders", engine[] = "BackfiringEngine";
	struct written *written = *state;

	written->match[0] = firing;
	assert_warned(written, "match", "\"[FIRING:1] Orders\" in match may not be",
		      "take it out of match");
	written->expect[0].resolved_ms = 0;
	assert_calm(written);
	written->expect[0].resolved_ms = SCENARIO_AUTO;
	warn(written, 0);
	assert_int_equal(written->count, 1);
	written->match[0] = engine;
	assert_calm(written);
}

static void an_alert_without_the_id_needs_room_between_drills(void **state)
{
	struct written *written = *state;

	written->expect[0].match.count = 1;
	assert_warned(written, "match", "the environment has no spacing", "spacing = \"5m\"");
	written->spacing_ms = 4 * M;
	assert_warned(written, "match", "only 4 min must lie between two drills",
		      "add \"${drill}\" to match");
	written->spacing_ms = 5 * M;
	assert_calm(written);
	written->spacing_ms = 0;
	written->expect[0].within_ms = SCENARIO_AUTO;
	assert_calm(written);
}

static void a_fault_that_ends_before_the_slowest_alert_is_held_too_short(void **state)
{
	struct written *written = *state;

	written->asked = true;
	written->timing.least_ms = 22 * S;
	written->timing.most_ms = 6 * M;
	assert_warned(written, "fault.hold_at_most", "the fault may be held too short: for 5 min",
		      "write hold_at_most = \"7m\" at least");
	written->timing.least_ms = 5 * M + S;
	assert_warned(written, "fault.hold_at_most", "the fault will be held too short", "\"7m\"");
	written->timing.most_ms = 5 * M;
	assert_calm(written);
	written->timing.most_ms = -1; /* not known */
	assert_calm(written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(what_goes_together_is_not_warned_of, setup),
	    cmocka_unit_test_setup(
		a_lease_that_may_end_before_the_deadline_is_named_with_the_right_one, setup),
	    cmocka_unit_test_setup(a_lease_is_warned_of_once_with_the_longest_deadline, setup),
	    cmocka_unit_test_setup(a_lease_far_beyond_every_deadline_is_too_long, setup),
	    cmocka_unit_test_setup(
		a_deadline_that_only_stations_know_makes_no_claim_about_the_lease, setup),
	    cmocka_unit_test_setup(a_control_drill_holds_nothing, setup),
	    cmocka_unit_test_setup(a_text_that_the_resolved_message_lacks_is_named, setup),
	    cmocka_unit_test_setup(an_alert_without_the_id_needs_room_between_drills, setup),
	    cmocka_unit_test_setup(a_fault_that_ends_before_the_slowest_alert_is_held_too_short,
				   setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
