/* The judge: absence that proves nothing, and alerts that must never come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/engine/given.h"

/* Unknown: absence that proves nothing. */

static void a_channel_that_could_not_be_read_proves_nothing(void **state)
{
	struct given *given = *state;
	static char trouble[] = "Slack said not_in_channel";

	given->expect[0].readable = false;
	given->expect[0].trouble = trouble;
	assert_unknown(given, "could not be read: Slack said not_in_channel");
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
}

static void a_control_that_was_not_seen_proves_nothing(void **state)
{
	struct given *given = *state;

	given->expect[0].control_seen = false;
	assert_unknown(given, "control message never appeared in #ops");
}

static void reading_must_reach_the_end_of_the_grace(void **state)
{
	struct given *given = *state;

	given->expect[0].covered_ms = INJECTED + WITHIN + GRACE - 1;
	assert_unknown(given, "not read to the end");
	given->expect[0].covered_ms++;
	assert_gap(given, FINDING_MISSING);
}

static void a_blind_time_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->expect[0].blind_ms = 1;
	assert_unknown(given, "could not be read for 1 ms");
}

static void a_fault_that_its_lease_took_out_before_the_deadline_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.reverted_ms = INJECTED + WITHIN * 8 / 10;
	assert_unknown(given, "taken out 8.0 s after it was in place, and the deadline is 10.0 s");
	given->evidence.reverted_ms = INJECTED + WITHIN * 9 / 10;
	assert_gap(given, FINDING_MISSING);
}

static void a_drill_that_was_ended_early_blames_nothing_else_for_what_it_did_not_see(void **state)
{
	struct given *given = *state;
	const char *text;

	given->evidence.stop = STOP_OPERATOR;
	given->evidence.reverted_ms = INJECTED + WITHIN * 3 / 10;
	given_judge(given);
	text = given->judgement.findings[0].text;
	assert_string_equal(text, "the drill was ended 3.0 s after the fault was in place, and the "
				  "deadline is 10.0 s");
	given->evidence.stop = STOP_REFUSED;
	given->expect[0].readable = false;
	given_judge(given);
	text = given->judgement.findings[0].text;
	assert_string_equal(text, "#ops was not looked at: the drill had ended before");
}

static void a_witness_that_cannot_tell_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_unknown(given, "had an effect");
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
}

/* An inject that timed out: the other alert shows that the fault came, but not when. */
static void when_nobody_saw_the_fault_come_a_miss_and_a_lateness_are_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.unseen_end = true;
	given->evidence.witnessed = WITNESS_UNKNOWN;
	given_firing(given, 1, 1000);
	assert_unknown(given, "when the fault came into place");
	given_firing(given, 0, WITHIN + 1);
	assert_unknown(given, "when the fault came into place");
	given->evidence.witnessed = WITNESS_BITES; /* soon after it was given up: it saw it */
	assert_gap(given, FINDING_LATE);
	given->expect[0].sighting_count = 0;
	assert_gap(given, FINDING_MISSING);
}

static void when_nobody_saw_the_fault_come_what_is_in_time_is_delivered(void **state)
{
	struct given *given = *state;

	given->evidence.unseen_end = true;
	given->evidence.witnessed = WITNESS_UNKNOWN;
	given_firing(given, 0, 1000);
	assert_pass(given);
}

static void what_was_changed_before_it_was_read_is_not_called_late(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, WITHIN + 1000)->guessed = true;
	assert_unknown(given, "whether it came in time");
}

static void an_alert_that_was_firing_before_makes_a_miss_confounded(void **state)
{
	struct given *given = *state;

	given->expect[0].firing_before = true;
	given->expect[0].before_count = 1;
	assert_unknown(given, "already firing");
	assert_int_equal(given->judgement.reason, REASON_CONFOUNDED);
}

static void without_a_nonce_an_alert_just_before_confounds_hit_and_miss_alike(void **state)
{
	struct given *given = *state;

	given_without_nonce(given, 0);
	given->expect[0].before_count = 1;
	assert_unknown(given, "just before the drill");
	given_firing(given, 0, 2000);
	assert_unknown(given, "just before the drill");
	assert_int_equal(given->judgement.reason, REASON_CONFOUNDED);
}

static void without_a_nonce_an_alert_between_baseline_and_fault_confounds(void **state)
{
	struct given *given = *state;
	struct sighting *before;

	given_without_nonce(given, 0);
	before = given_firing(given, 0, -5000);
	before->read_ms = INJECT_STARTED - 1;
	given_firing(given, 0, 2000);
	assert_unknown(given, "just before the drill");
	before->read_ms = INJECTED + 1; /* however late it was read */
	assert_unknown(given, "just before the drill");
}

static void without_a_nonce_the_clocks_are_not_forgiven_a_millisecond(void **state)
{
	struct given *given = *state;
	struct sighting *seen;

	given_without_nonce(given, 0);
	seen = given_firing(given, 0, INJECT_STARTED - INJECTED);
	assert_pass(given);
	seen->at_ms--;
	assert_unknown(given, "just before the drill");
}

static void the_nonce_at_an_impossible_time_is_neither_delivered_nor_missing(void **state)
{
	struct given *given = *state;
	struct sighting *seen = given_firing(given, 0, INJECT_STARTED - INJECTED - 501);

	seen->read_ms = INJECTED + 2000;
	assert_unknown(given, "time before the fault");
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
}

static void the_nonce_read_before_the_fault_is_no_alert_at_all(void **state)
{
	struct given *given = *state;

	/* somebody quoted the announcement */
	given_firing(given, 0, -2000)->read_ms = INJECT_STARTED - 1;
	assert_gap(given, FINDING_MISSING);
}

static void more_messages_than_can_be_kept_make_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->expect[0].unread_count = 1;
	assert_unknown(given, "more messages");
}

static void once_is_only_known_after_the_settle_time_was_read(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 2000);
	given->expect[0].covered_ms = INJECTED + 2000 + SETTLE - 1;
	assert_unknown(given, "only once");
	given->expect[0].covered_ms++;
	assert_pass(given);
	given->expect[0].covered_ms = TIME_NEVER;
	given->wanted[0].settle_ms = 0; /* then nothing more is asked for */
	assert_pass(given);
	given->wanted[0].settle_ms = SETTLE;
	given->wanted[0].at_most = 0;
	assert_pass(given);
}

static void an_alert_in_another_channel_is_unknown_while_the_right_one_is(void **state)
{
	struct given *given = *state;
	static char general[] = "#general";

	given_firing(given, 0, 2000)->channel = general;
	given->expect[0].covered_ms = INJECTED;
	assert_unknown(given, "not read to the end");
}

/* Never. */

static void a_never_that_did_not_come_is_silent(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].finding, FINDING_SILENT);
	assert_int_equal(given->judgement.findings[0].latency_ms, TIME_NEVER);
}

static void a_never_that_came_is_unexpected(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given_firing(given, 0, 2000);
	assert_gap(given, FINDING_UNEXPECTED);
	assert_int_equal(given->judgement.findings[0].latency_ms, 2000);
	assert_false(given->judgement.gap.found);
}

static void a_never_needs_a_channel_that_was_read_until_its_deadline(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given->expect[0].covered_ms = INJECTED + WITHIN - 1;
	assert_unknown(given, "not read to the end");
	given->expect[0].covered_ms++;
	assert_pass(given);
	given->expect[0].readable = false;
	assert_unknown(given, "could not be read");
}

static void a_never_proves_nothing_when_the_fault_may_not_have_been_there(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_unknown(given, "had an effect");
}

static void a_never_that_was_there_before_is_confounded(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given_without_nonce(given, 0);
	given->expect[0].before_count = 1;
	assert_unknown(given, "just before");
	given_firing(given, 0, 1000);
	assert_unknown(given, "just before");
	assert_int_equal(given->judgement.reason, REASON_CONFOUNDED);
}

static void after_its_deadline_only_the_nonce_counts_against_a_never(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given_firing(given, 0, WITHIN + 1);
	assert_gap(given, FINDING_UNEXPECTED);
	given_without_nonce(given, 0);
	assert_pass(given);
	given->sightings[0][0].at_ms--;
	assert_gap(given, FINDING_UNEXPECTED);
}

static void a_never_with_the_nonce_at_an_impossible_time_is_not_silent(void **state)
{
	struct given *given = *state;

	given_never(given, 0);
	given_firing(given, 0, -9000)->read_ms = INJECTED;
	assert_unknown(given, "time before the fault");
}

static void a_fault_that_was_gone_when_it_was_to_be_reverted_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.gone_before_revert = true;
	assert_unknown(given, "gone before the wait was over");
	assert_int_equal(given->judgement.reason, REASON_FAULT_HAD_NO_EFFECT);
	given_firing(given, 0, 2000); /* it was there long enough for this */
	assert_pass(given);
}

static void a_target_that_could_not_be_asked_at_the_end_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.lost_sight = true;
	assert_unknown(given, "could not be asked at the end of the wait");
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
	given_firing(given, 0, 2000);
	assert_pass(given);
}

static void a_fault_that_was_gone_leaves_a_never_undecided_unless_another_alert_came(void **state)
{
	struct given *given = *state;

	given->evidence.gone_before_revert = true;
	given_never(given, 0);
	given_never(given, 1);
	assert_unknown(given, "gone before the wait was over");
	given->wanted[1].never = false;
	given_firing(given, 1, 2000);
	assert_pass(given);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(a_channel_that_could_not_be_read_proves_nothing),
	    ONE(a_control_that_was_not_seen_proves_nothing),
	    ONE(reading_must_reach_the_end_of_the_grace),
	    ONE(a_blind_time_makes_a_miss_unknown),
	    ONE(a_fault_that_its_lease_took_out_before_the_deadline_makes_a_miss_unknown),
	    ONE(a_drill_that_was_ended_early_blames_nothing_else_for_what_it_did_not_see),
	    ONE(a_witness_that_cannot_tell_makes_a_miss_unknown),
	    ONE(an_alert_that_was_firing_before_makes_a_miss_confounded),
	    ONE(without_a_nonce_an_alert_just_before_confounds_hit_and_miss_alike),
	    ONE(without_a_nonce_an_alert_between_baseline_and_fault_confounds),
	    ONE(without_a_nonce_the_clocks_are_not_forgiven_a_millisecond),
	    ONE(the_nonce_at_an_impossible_time_is_neither_delivered_nor_missing),
	    ONE(the_nonce_read_before_the_fault_is_no_alert_at_all),
	    ONE(more_messages_than_can_be_kept_make_a_miss_unknown),
	    ONE(once_is_only_known_after_the_settle_time_was_read),
	    ONE(an_alert_in_another_channel_is_unknown_while_the_right_one_is),
	    ONE(a_never_that_did_not_come_is_silent),
	    ONE(a_never_that_came_is_unexpected),
	    ONE(a_never_needs_a_channel_that_was_read_until_its_deadline),
	    ONE(a_never_proves_nothing_when_the_fault_may_not_have_been_there),
	    ONE(a_never_that_was_there_before_is_confounded),
	    ONE(after_its_deadline_only_the_nonce_counts_against_a_never),
	    ONE(a_fault_that_was_gone_when_it_was_to_be_reverted_makes_a_miss_unknown),
	    ONE(a_target_that_could_not_be_asked_at_the_end_makes_a_miss_unknown),
	    cmocka_unit_test_setup_teardown(
		when_nobody_saw_the_fault_come_a_miss_and_a_lateness_are_unknown, given_two,
		given_unmake),
	    ONE(what_was_changed_before_it_was_read_is_not_called_late),
	    ONE(when_nobody_saw_the_fault_come_what_is_in_time_is_delivered),
	    cmocka_unit_test_setup_teardown(
		a_fault_that_was_gone_leaves_a_never_undecided_unless_another_alert_came, given_two,
		given_unmake),
	    ONE(a_never_with_the_nonce_at_an_impossible_time_is_not_silent),
	};

	return cmocka_run_group_tests_name("judge: unknown", tests, NULL, NULL);
}
