/* The judge: what counts as delivered, and which gaps there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/given.h"

/* Delivered. */

static void an_alert_with_the_nonce_in_time_is_delivered(void **state)
{
	struct given *given = *state;
	const struct sighting *seen = given_firing(given, 0, 3000);

	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].finding, FINDING_DELIVERED);
	assert_int_equal(given->judgement.findings[0].latency_ms, 3000);
	assert_int_equal(given->judgement.findings[0].late_by_ms, 0);
	assert_ptr_equal(given->judgement.findings[0].seen, seen);
	assert_false(given->judgement.findings[0].resolved_wanted);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, TIME_NEVER);
	assert_false(given->judgement.gap.found);
}

static void an_alert_at_the_very_deadline_is_delivered_and_one_ms_later_it_is_late(void **state)
{
	struct given *given = *state;
	struct sighting *seen = given_firing(given, 0, WITHIN);

	assert_pass(given);
	seen->at_ms++;
	assert_gap(given, FINDING_LATE);
	assert_int_equal(given->judgement.findings[0].late_by_ms, 1);
	assert_int_equal(given->judgement.findings[0].latency_ms, WITHIN + 1);
}

static void an_alert_that_was_read_late_but_posted_in_time_is_delivered(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, WITHIN - 1)->read_ms = INJECTED + WITHIN + 60000;
	assert_pass(given);
}

static void without_a_nonce_one_match_and_none_before_is_delivered(void **state)
{
	struct given *given = *state;

	given_without_nonce(given, 0);
	given_firing(given, 0, 3000);
	assert_pass(given);
}

static void a_nonce_proves_the_alert_although_the_same_one_stood_there_before(void **state)
{
	struct given *given = *state;

	given->expect[0].before_count = 3;
	given->expect[0].firing_before = true;
	given_firing(given, 0, 3000);
	assert_pass(given);
}

static void the_alert_itself_proves_a_fault_that_no_witness_could_see(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_UNKNOWN;
	given_firing(given, 0, 3000);
	assert_pass(given);
}

static void a_blind_time_or_an_unseen_control_does_not_undo_an_alert_that_was_read(void **state)
{
	struct given *given = *state;

	given->expect[0].blind_ms = 4000;
	given->expect[0].control_seen = false;
	given_firing(given, 0, 3000);
	assert_pass(given);
}

static void an_alert_while_the_fault_was_still_being_put_in_has_no_negative_latency(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, INJECT_STARTED - INJECTED + 10);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].latency_ms, 0);
}

static void with_the_nonce_half_a_second_between_the_clocks_is_forgiven(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, INJECT_STARTED - INJECTED - 500)->read_ms = INJECT_STARTED;
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].latency_ms, 0);
}

static void the_deadline_may_be_at_once(void **state)
{
	struct given *given = *state;

	given->wanted[0].within_ms = 0;
	given->wanted[0].grace_ms = 0;
	assert_gap(given, FINDING_MISSING);
	given_firing(given, 0, 0);
	assert_pass(given);
}

static void any_number_is_fine_when_at_most_is_zero(void **state)
{
	struct given *given = *state;

	given->wanted[0].at_most = 0;
	for (int64_t at_ms = 1000; at_ms <= 5000; at_ms += 1000)
		given_firing(given, 0, at_ms);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].latency_ms, 1000);
}

static void the_earliest_alert_counts_in_whatever_order_they_were_read(void **state)
{
	struct given *given = *state;

	given->wanted[0].at_most = 0;
	given_firing(given, 0, WITHIN + 1000);
	given_firing(given, 0, 2000);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].latency_ms, 2000);
}

/* The gaps. */

static void an_alert_that_never_came_is_missing(void **state)
{
	struct given *given = *state;
	static char fault[] = "PUT answered 200";

	given->evidence.fault_text = fault;
	assert_gap(given, FINDING_MISSING);
	assert_int_equal(given->judgement.findings[0].latency_ms, TIME_NEVER);
	assert_null(given->judgement.findings[0].seen);
	assert_true(given->judgement.gap.found);
	assert_string_equal(given->judgement.gap.after, "emission");
	assert_string_equal(given->judgement.gap.before, "chat");
	assert_string_equal(given->judgement.gap.evidence,
			    "PUT answered 200; QueueMissing never arrived in #ops");
}

static void missing_says_when_the_other_channels_were_searched(void **state)
{
	struct given *given = *state;

	given->expect[0].searched_elsewhere = true;
	assert_gap(given, FINDING_MISSING);
	assert_non_null(strstr(given->judgement.text, "nor in any other channel"));
}

static void a_fault_without_a_witness_can_be_missed(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_NOT_ASKED;
	assert_gap(given, FINDING_MISSING);
}

static void without_an_announcement_the_control_is_not_asked_for(void **state)
{
	struct given *given = *state;

	given->expect[0].control_wanted = given->expect[0].control_seen = false;
	assert_gap(given, FINDING_MISSING);
}

static void an_alert_in_the_grace_is_late_and_not_missing(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, WITHIN + 4000);
	assert_gap(given, FINDING_LATE);
	assert_int_equal(given->judgement.findings[0].late_by_ms, 4000);
	assert_non_null(strstr(given->judgement.text, "4.0 s after the deadline"));
}

static void two_alerts_instead_of_one_are_a_duplicate(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 2000);
	given_firing(given, 0, 2500);
	assert_gap(given, FINDING_DUPLICATE);
	assert_non_null(strstr(given->judgement.text, "2 times instead of 1"));
}

static void the_same_alert_elsewhere_does_not_count_as_a_duplicate(void **state)
{
	struct given *given = *state;
	static char general[] = "#general";

	given_firing(given, 0, 2000);
	given_firing(given, 0, 2100)->channel = general;
	assert_pass(given);
}

static void an_alert_in_another_channel_is_a_wrong_channel(void **state)
{
	struct given *given = *state;
	static char general[] = "#general";
	const struct sighting *seen = given_firing(given, 0, 2000);

	given->sightings[0][0].channel = general;
	assert_gap(given, FINDING_WRONG_CHANNEL);
	assert_ptr_equal(given->judgement.findings[0].seen, seen);
	assert_int_equal(given->judgement.findings[0].latency_ms, 2000);
	assert_string_equal(given->judgement.gap.after, "receiver");
	assert_string_equal(given->judgement.text,
			    "QueueMissing arrived in #general instead of #ops");
}

static void an_alert_that_lacks_what_it_must_contain_is_unreadable(void **state)
{
	struct given *given = *state;
	static char runbook[] = "runbook", *contains[] = {runbook};

	given->wanted[0].contains = (struct texts){contains, 1};
	given_firing(given, 0, 2000)->lacks = runbook;
	assert_gap(given, FINDING_UNREADABLE);
	assert_non_null(strstr(given->judgement.text, "runbook"));
}

static void an_alert_that_changed_before_it_was_read_is_not_called_unreadable(void **state)
{
	struct given *given = *state;
	static char runbook[] = "runbook", *contains[] = {runbook};
	struct sighting *seen = given_firing(given, 0, 2000);

	seen->lacks = runbook;
	seen->guessed = true;
	given->wanted[0].contains = (struct texts){contains, 1};
	assert_unknown(given, "changed before");
	seen->lacks = NULL;
	given->wanted[0].contains = (struct texts){NULL, 0};
	assert_pass(given);
}

/* Resolved. */

static void a_resolved_message_a_reply_and_an_edit_all_resolve(void **state)
{
	struct given *given = *state;
	struct sighting *resolved;

	given_want_resolved(given);
	resolved = given_resolved(given, 0, 7000);
	for (int how = 0; how < 3; how++) {
		resolved->reply = how == 1;
		resolved->edit = how == 2;
		assert_pass(given);
		assert_true(given->judgement.findings[0].resolved_wanted);
		assert_int_equal(given->judgement.findings[0].resolved, FINDING_DELIVERED);
		assert_int_equal(given->judgement.findings[0].resolved_latency_ms, 7000);
		assert_ptr_equal(given->judgement.findings[0].resolved_seen, resolved);
	}
}

static void resolved_before_the_revert_is_resolved_without_a_negative_latency(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, -3000);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, 0);
}

static void resolved_before_it_fired_does_not_count(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, 0)->at_ms = INJECTED + 1000;
	assert_gap(given, FINDING_UNRESOLVED);
	assert_null(given->judgement.findings[0].resolved_seen);
}

static void an_alert_that_fired_again_after_it_was_resolved_is_unresolved(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->wanted[0].at_most = 0;
	given_resolved(given, 0, 0)->at_ms = INJECTED + 3000;
	given_firing(given, 0, 4000);
	assert_gap(given, FINDING_UNRESOLVED);
	given_resolved(given, 0, 5000);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, 5000);
}

static void no_resolved_message_until_its_deadline_is_unresolved(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->expect[0].covered_ms = REVERTED + RESOLVED;
	assert_gap(given, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, TIME_NEVER);
}

static void a_resolved_message_after_its_deadline_is_unresolved_and_says_how_late(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given_resolved(given, 0, RESOLVED + 3000);
	assert_gap(given, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_LATE);
	assert_non_null(strstr(given->judgement.text, "3.0 s after the deadline"));
}

static void resolved_is_unknown_when_it_was_not_read_for(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->expect[0].covered_ms = REVERTED + RESOLVED - 1;
	assert_unknown(given, "resolved deadline");
	given->expect[0].covered_ms = ALL_READ;
	given->expect[0].blind_ms = 1;
	assert_unknown(given, "resolved deadline");
	given->expect[0].blind_ms = 0;
	given->expect[0].unread_count = 1;
	assert_unknown(given, "resolved deadline");
}

static void resolved_without_a_revert_is_never_a_resolved_message_come_too_late(void **state)
{
	struct given *given = *state;

	given_want_resolved(given);
	given->evidence.reverted_ms = TIME_NEVER;
	given->evidence.fault_state = FAULT_STUCK;
	assert_int_equal(given_finding(given, 0), FINDING_UNKNOWN);
	given_resolved(given, 0, 500000);
	assert_int_equal(given_finding(given, 0), FINDING_DELIVERED);
	assert_int_equal(given->judgement.exit_code, EXIT_FAULT_LEFT);
}

static void a_late_alert_stays_late_whether_resolved_or_not(void **state)
{
	struct given *given = *state;

	given->wanted[0].resolved_ms = RESOLVED;
	given_firing(given, 0, WITHIN + 1);
	assert_gap(given, FINDING_LATE);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_UNRESOLVED);
	given_resolved(given, 0, 100);
	assert_gap(given, FINDING_LATE);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_DELIVERED);
}

static void a_resolved_message_alone_is_no_alert(void **state)
{
	struct given *given = *state;

	given_resolved(given, 0, 1000);
	assert_gap(given, FINDING_MISSING);
	given_without_nonce(given, 0);
	assert_unknown(given, "only a resolved message");
	assert_int_equal(given->judgement.reason, REASON_CONFOUNDED);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(an_alert_with_the_nonce_in_time_is_delivered),
	    ONE(an_alert_at_the_very_deadline_is_delivered_and_one_ms_later_it_is_late),
	    ONE(an_alert_that_was_read_late_but_posted_in_time_is_delivered),
	    ONE(without_a_nonce_one_match_and_none_before_is_delivered),
	    ONE(a_nonce_proves_the_alert_although_the_same_one_stood_there_before),
	    ONE(the_alert_itself_proves_a_fault_that_no_witness_could_see),
	    ONE(a_blind_time_or_an_unseen_control_does_not_undo_an_alert_that_was_read),
	    ONE(an_alert_while_the_fault_was_still_being_put_in_has_no_negative_latency),
	    ONE(with_the_nonce_half_a_second_between_the_clocks_is_forgiven),
	    ONE(the_deadline_may_be_at_once),
	    ONE(any_number_is_fine_when_at_most_is_zero),
	    ONE(the_earliest_alert_counts_in_whatever_order_they_were_read),
	    ONE(an_alert_that_never_came_is_missing),
	    ONE(missing_says_when_the_other_channels_were_searched),
	    ONE(a_fault_without_a_witness_can_be_missed),
	    ONE(without_an_announcement_the_control_is_not_asked_for),
	    ONE(an_alert_in_the_grace_is_late_and_not_missing),
	    ONE(two_alerts_instead_of_one_are_a_duplicate),
	    ONE(the_same_alert_elsewhere_does_not_count_as_a_duplicate),
	    ONE(an_alert_in_another_channel_is_a_wrong_channel),
	    ONE(an_alert_that_lacks_what_it_must_contain_is_unreadable),
	    ONE(an_alert_that_changed_before_it_was_read_is_not_called_unreadable),
	    ONE(a_resolved_message_a_reply_and_an_edit_all_resolve),
	    ONE(resolved_before_the_revert_is_resolved_without_a_negative_latency),
	    ONE(resolved_before_it_fired_does_not_count),
	    ONE(an_alert_that_fired_again_after_it_was_resolved_is_unresolved),
	    ONE(no_resolved_message_until_its_deadline_is_unresolved),
	    ONE(a_resolved_message_after_its_deadline_is_unresolved_and_says_how_late),
	    ONE(resolved_is_unknown_when_it_was_not_read_for),
	    ONE(resolved_without_a_revert_is_never_a_resolved_message_come_too_late),
	    ONE(a_late_alert_stays_late_whether_resolved_or_not),
	    ONE(a_resolved_message_alone_is_no_alert),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
