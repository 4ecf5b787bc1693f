/* The end of an alert: how it was told, when, and what was odd about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/given.h"

static const struct expectation_finding *finding_of(struct given *given)
{
	return &given_judge(given)->findings[0];
}

static void assert_odd(struct given *given, const char *text)
{
	const struct expectation_finding *finding = finding_of(given);

	assert_non_null(finding->resolved_text);
	assert_string_equal(finding->resolved_text, text);
	assert_non_null(strstr(finding->text, text));
}

static void a_message_an_edit_and_a_reply_are_told_from_each_other(void **state)
{
	struct given *given = *state;
	struct sighting *resolved;

	given_want_resolved(given);
	resolved = given_resolved(given, 0, 7000);
	assert_int_equal(finding_of(given)->resolved_how, RESOLVED_MESSAGE);
	resolved->edit = true;
	assert_int_equal(finding_of(given)->resolved_how, RESOLVED_EDIT);
	resolved->edit = false;
	resolved->reply = true;
	assert_int_equal(finding_of(given)->resolved_how, RESOLVED_REPLY);
	assert_null(finding_of(given)->resolved_text);
	assert_pass(given);
}

static void without_an_end_there_is_no_way_in_which_it_was_told(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	assert_int_equal(finding_of(given)->resolved_how, RESOLVED_NOT);
	assert_int_equal(finding_of(given)->resolved, FINDING_UNRESOLVED);
	assert_null(finding_of(given)->resolved_text);
}

static void
an_edit_is_late_only_when_the_message_was_read_without_it_after_the_deadline(void **state)
{
	struct given *given = *state;
	struct sighting *resolved;

	given_want_resolved(given);
	resolved = given_resolved(given, 0, RESOLVED + 1000);
	assert_int_equal(finding_of(given)->resolved, FINDING_LATE); /* a message has one time */
	resolved->edit = true;
	resolved->before_ms = 0; /* changed before it was ever read: perhaps more than once */
	assert_int_equal(finding_of(given)->resolved, FINDING_UNKNOWN);
	assert_int_equal(finding_of(given)->finding, FINDING_UNKNOWN);
	assert_non_null(strstr(finding_of(given)->text, "nobody could tell"));
	resolved->before_ms = REVERTED + RESOLVED;
	assert_int_equal(finding_of(given)->resolved, FINDING_UNKNOWN);
	resolved->before_ms = REVERTED + RESOLVED + 1;
	assert_int_equal(finding_of(given)->resolved, FINDING_LATE);
	assert_gap(given, FINDING_UNRESOLVED);
}

static void an_end_before_the_repair_passes_but_is_told(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, -3000);
	assert_pass(given);
	assert_odd(given, "it was resolved 3.0 s before the repair");
	assert_string_equal(finding_of(given)->text,
			    "arrived, resolved; it was resolved 3.0 s before the repair");
}

static void an_end_just_before_the_repair_may_be_the_clocks_only(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, -1500);
	assert_pass(given);
	assert_null(finding_of(given)->resolved_text);
	given->sightings[0][1].at_ms--;
	assert_odd(given, "it was resolved 1.5 s before the repair");
}

static void without_a_message_of_ours_times_are_too_rough_to_say_that(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, -3000);
	given->expect[0].control_seen = false;
	assert_null(finding_of(given)->resolved_text);
}

static void one_that_fired_again_is_told_though_it_was_resolved_in_the_end(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->wanted[0].at_most = 0;
	given_resolved(given, 0, 0)->at_ms = INJECTED + 3000;
	given_firing(given, 0, 5000);
	given_resolved(given, 0, 4000);
	assert_pass(given);
	assert_odd(given, "it fired again 2.0 s after it was resolved");
}

static void one_that_fired_again_and_was_not_resolved_says_both(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->wanted[0].at_most = 0;
	given_resolved(given, 0, 0)->at_ms = INJECTED + 3000;
	given_firing(given, 0, 5000);
	assert_gap(given, FINDING_UNRESOLVED);
	assert_string_equal(finding_of(given)->text,
			    "arrived, but no resolved message followed; it fired again 2.0 s "
			    "after it was resolved");
}

static void more_than_one_return_is_counted_in_whatever_order_they_were_read(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->wanted[0].at_most = 0;
	given_firing(given, 0, 8000);
	given_firing(given, 0, 4000);
	given_resolved(given, 0, 0)->at_ms = INJECTED + 7000;
	given_resolved(given, 0, 0)->at_ms = INJECTED + 3500;
	given_resolved(given, 0, 5000);
	assert_odd(given, "it fired again 2 times, first 500 ms after it was resolved");
}

static void two_alerts_before_one_end_are_no_return(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->wanted[0].at_most = 0;
	given_firing(given, 0, 2500);
	given_resolved(given, 0, 1000);
	assert_pass(given);
	assert_null(finding_of(given)->resolved_text);
}

static void an_end_alone_is_no_alert_and_is_told_as_such(void **state)
{
	struct given *given = *state;
	const struct expectation_finding *finding;

	given->wanted[0].resolved_ms = RESOLVED;
	given_resolved(given, 0, 1000);
	assert_gap(given, FINDING_MISSING);
	finding = &given->judgement.findings[0];
	assert_string_equal(finding->text, "never arrived in #ops, only its resolved message did");
	assert_null(finding->seen);
	assert_true(finding->resolved_wanted);
	assert_int_equal(finding->resolved, FINDING_DELIVERED);
	assert_int_equal(finding->resolved_how, RESOLVED_MESSAGE);
	assert_int_equal(finding->resolved_latency_ms, 1000);
	assert_non_null(strstr(given->judgement.gap.cause, "came without the alert itself"));
	assert_non_null(given->judgement.gap.advice);
}

static void an_end_alone_that_nobody_waited_for_is_told_too(void **state)
{
	struct given *given = *state;

	given_resolved(given, 0, 1000);
	assert_gap(given, FINDING_MISSING);
	assert_non_null(strstr(given->judgement.text, "only its resolved message"));
	assert_false(given->judgement.findings[0].resolved_wanted);
}

static void an_end_of_before_the_fault_is_none_of_it(void **state)
{
	struct given *given = *state;

	given_resolved(given, 0, 0)->at_ms = INJECT_STARTED - 2000;
	assert_gap(given, FINDING_MISSING);
	assert_null(strstr(given->judgement.text, "resolved"));
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(a_message_an_edit_and_a_reply_are_told_from_each_other),
	    ONE(without_an_end_there_is_no_way_in_which_it_was_told),
	    ONE(an_edit_is_late_only_when_the_message_was_read_without_it_after_the_deadline),
	    ONE(an_end_before_the_repair_passes_but_is_told),
	    ONE(an_end_just_before_the_repair_may_be_the_clocks_only),
	    ONE(without_a_message_of_ours_times_are_too_rough_to_say_that),
	    ONE(one_that_fired_again_is_told_though_it_was_resolved_in_the_end),
	    ONE(one_that_fired_again_and_was_not_resolved_says_both),
	    ONE(more_than_one_return_is_counted_in_whatever_order_they_were_read),
	    ONE(two_alerts_before_one_end_are_no_return),
	    ONE(an_end_alone_is_no_alert_and_is_told_as_such),
	    ONE(an_end_alone_that_nobody_waited_for_is_told_too),
	    ONE(an_end_of_before_the_fault_is_none_of_it),
	};

	return cmocka_run_group_tests_name("judge_resolved", tests, NULL, NULL);
}
