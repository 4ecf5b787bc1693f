/* The judge: evidence in, verdict out.  Each test states one promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/given.h"

static int make_one(void **state)
{
	*state = given_new(1);
	return 0;
}

static int make_two(void **state)
{
	*state = given_new(2);
	return 0;
}

static int unmake(void **state)
{
	given_free(*state);
	return 0;
}

static void assert_verdict(struct given *given, enum verdict verdict, enum reason reason,
			   enum exit_code exit_code)
{
	const struct judgement *judgement = given_judge(given);

	assert_string_equal(verdict_name(judgement->verdict), verdict_name(verdict));
	assert_string_equal(reason_name(judgement->reason), reason_name(reason));
	assert_int_equal(judgement->exit_code, exit_code);
	assert_non_null(judgement->text);
	assert_true(judgement->text[0] != '\0');
}

static void assert_pass(struct given *given)
{
	assert_verdict(given, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void assert_gap(struct given *given, enum finding finding)
{
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_string_equal(finding_name(given->judgement.findings[0].finding),
			    finding_name(finding));
}

static void assert_inconclusive(struct given *given, enum reason reason, const char *because)
{
	assert_verdict(given, VERDICT_INCONCLUSIVE, reason, EXIT_INCONCLUSIVE);
	assert_non_null(strstr(given->judgement.text, because));
}

static void assert_unknown(struct given *given, const char *because)
{
	assert_int_equal(given_finding(given, 0), FINDING_UNKNOWN);
	assert_non_null(strstr(given->judgement.findings[0].text, because));
	assert_inconclusive(given, given->judgement.reason, because);
}

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

static void want_resolved(struct given *given)
{
	given->wanted[0].resolved_ms = RESOLVED;
	given_firing(given, 0, 2000);
}

static void a_resolved_message_a_reply_and_an_edit_all_resolve(void **state)
{
	struct given *given = *state;
	struct sighting *resolved;

	want_resolved(given);
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

	want_resolved(given);
	given_resolved(given, 0, -3000);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, 0);
}

static void resolved_before_it_fired_does_not_count(void **state)
{
	struct given *given = *state;

	want_resolved(given);
	given_resolved(given, 0, 0)->at_ms = INJECTED + 1000;
	assert_gap(given, FINDING_UNRESOLVED);
	assert_null(given->judgement.findings[0].resolved_seen);
}

static void an_alert_that_fired_again_after_it_was_resolved_is_unresolved(void **state)
{
	struct given *given = *state;

	want_resolved(given);
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

	want_resolved(given);
	given->expect[0].covered_ms = REVERTED + RESOLVED;
	assert_gap(given, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved_latency_ms, TIME_NEVER);
}

static void a_resolved_message_after_its_deadline_is_unresolved_and_says_how_late(void **state)
{
	struct given *given = *state;

	want_resolved(given);
	given_resolved(given, 0, RESOLVED + 3000);
	assert_gap(given, FINDING_UNRESOLVED);
	assert_int_equal(given->judgement.findings[0].resolved, FINDING_LATE);
	assert_non_null(strstr(given->judgement.text, "3.0 s after the deadline"));
}

static void resolved_is_unknown_when_it_was_not_read_for(void **state)
{
	struct given *given = *state;

	want_resolved(given);
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

	want_resolved(given);
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

static void a_witness_that_cannot_tell_makes_a_miss_unknown(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_unknown(given, "had an effect");
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
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

static void make_never(struct given *given, size_t i)
{
	given->wanted[i].never = true;
	given->expect[i].control_wanted = given->expect[i].control_seen = false;
}

static void a_never_that_did_not_come_is_silent(void **state)
{
	struct given *given = *state;

	make_never(given, 0);
	assert_pass(given);
	assert_int_equal(given->judgement.findings[0].finding, FINDING_SILENT);
	assert_int_equal(given->judgement.findings[0].latency_ms, TIME_NEVER);
}

static void a_never_that_came_is_unexpected(void **state)
{
	struct given *given = *state;

	make_never(given, 0);
	given_firing(given, 0, 2000);
	assert_gap(given, FINDING_UNEXPECTED);
	assert_int_equal(given->judgement.findings[0].latency_ms, 2000);
	assert_false(given->judgement.gap.found);
}

static void a_never_needs_a_channel_that_was_read_until_its_deadline(void **state)
{
	struct given *given = *state;

	make_never(given, 0);
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

	make_never(given, 0);
	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_unknown(given, "had an effect");
}

static void a_never_that_was_there_before_is_confounded(void **state)
{
	struct given *given = *state;

	make_never(given, 0);
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

	make_never(given, 0);
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

	make_never(given, 0);
	given_firing(given, 0, -9000)->read_ms = INJECTED;
	assert_unknown(given, "time before the fault");
}

/* Several expectations. */

static void a_gap_beside_something_unknown_is_a_gap(void **state)
{
	struct given *given = *state;

	given->expect[0].readable = false;
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(given->judgement.findings[0].finding, FINDING_UNKNOWN);
	assert_int_equal(given->judgement.findings[1].finding, FINDING_MISSING);
	assert_non_null(strstr(given->judgement.text, "HealthDown"));
	assert_non_null(strstr(given->judgement.gap.evidence, "HealthDown"));
}

static void a_delivered_alert_does_not_hide_a_missing_one(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 1000);
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(given->judgement.findings[0].finding, FINDING_DELIVERED);
	assert_int_equal(given->judgement.findings[1].finding, FINDING_MISSING);
}

static void a_delivered_alert_does_not_make_an_unknown_one_pass(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 1000);
	given->expect[1].blind_ms = 5;
	assert_inconclusive(given, REASON_UNOBSERVABLE, "HealthDown");
}

static void the_reason_and_the_sentence_speak_of_the_same_alert(void **state)
{
	struct given *given = *state;

	given->expect[0].readable = false;
	given->expect[1].firing_before = true;
	assert_inconclusive(given, REASON_CONFOUNDED, "HealthDown the alert was already firing");
}

static void one_alert_with_the_nonce_shows_that_the_fault_bit_for_all(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_inconclusive(given, REASON_UNOBSERVABLE, "had an effect");
	given_firing(given, 0, 1000);
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	make_never(given, 1);
	assert_pass(given);
}

/* What ends a drill early. */

static void a_fault_that_was_not_put_in_had_no_effect(void **state)
{
	struct given *given = *state;
	static char text[] = "PUT answered 403";

	given->evidence.injected = false;
	given->evidence.fault_text = text;
	assert_inconclusive(given, REASON_FAULT_HAD_NO_EFFECT, "PUT answered 403");
	assert_int_equal(given->judgement.findings[0].finding, FINDING_UNKNOWN);
}

static void a_witness_that_says_no_wins_over_any_finding(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_NO_EFFECT;
	assert_inconclusive(given, REASON_FAULT_HAD_NO_EFFECT, "no effect");
	assert_int_equal(given->judgement.findings[0].finding, FINDING_UNKNOWN);
	given_firing(given, 0, 1000);
	assert_inconclusive(given, REASON_FAULT_HAD_NO_EFFECT, "no effect");
}

static void every_stop_has_its_verdict(void **state)
{
	static const struct {
		enum stop stop;
		enum verdict verdict;
		enum reason reason;
		enum exit_code exit_code;
	} table[] = {
	    {STOP_REFUSED, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED},
	    {STOP_NO_RECORD, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED},
	    {STOP_OPERATOR, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED},
	    {STOP_UNOBSERVABLE, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE},
	    {STOP_CLOCK, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE},
	};
	static char why[] = "because of this";
	struct given *given = *state;

	given->evidence.stop_text = why;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		given->evidence.stop = table[i].stop;
		assert_verdict(given, table[i].verdict, table[i].reason, table[i].exit_code);
		assert_string_equal(given->judgement.text, why);
		assert_false(given->judgement.gap.found);
	}
	given->evidence.stop_text = NULL;
	assert_verdict(given, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE);
}

static void a_drill_that_touched_nothing_finds_nothing(void **state)
{
	struct given *given = *state;

	given->evidence.inject_tried = given->evidence.injected = false;
	given->evidence.witnessed = WITNESS_NOT_ASKED;
	given->evidence.fault_state = FAULT_ABSENT;
	given->evidence.inject_started_ms = TIME_NEVER;
	given->evidence.injected_ms = TIME_NEVER;
	given->evidence.reverted_ms = TIME_NEVER;
	given->wanted[0].resolved_ms = RESOLVED;
	assert_unknown(given, "not in place");
	make_never(given, 0);
	assert_unknown(given, "not in place");
	given_firing(given, 0, 0); /* whatever it is, it is not the fault's */
	assert_unknown(given, "not in place");
	given->wanted[0].never = false;
	assert_unknown(given, "not in place");
	assert_int_equal(judge_read_until(&given->evidence, &given->expect[0]), TIME_NEVER);
	assert_false(judge_has_arrived(&given->evidence, &given->expect[0]));
}

static void an_alert_while_inject_has_not_answered_counts_from_its_start(void **state)
{
	struct given *given = *state;

	given->evidence.injected_ms = TIME_NEVER;
	given_firing(given, 0, 400);
	assert_int_equal(given_finding(given, 0), FINDING_DELIVERED);
	assert_int_equal(given->judgement.findings[0].latency_ms, INJECTED + 400 - INJECT_STARTED);
}

/* Exit codes. */

static void a_fault_that_is_not_confirmed_clean_wins_over_every_verdict(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 1000);
	for (enum fault_state state_ = FAULT_ABSENT; state_ < FAULT_STATE_COUNT; state_++) {
		bool clean = state_ == FAULT_ABSENT || state_ == FAULT_CLEAN;

		given->evidence.fault_state = state_;
		for (enum stop stop = STOP_NONE; stop <= STOP_CLOCK; stop++) {
			given->evidence.stop = stop;
			(void)given_judge(given);
			assert_int_equal(given->judgement.exit_code == EXIT_FAULT_LEFT, !clean);
		}
	}
}

static void an_earlier_fault_that_is_left_wins_over_the_refusal(void **state)
{
	struct given *given = *state;

	given->evidence.stop = STOP_REFUSED;
	given->evidence.left_before = true;
	assert_verdict(given, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
}

static void the_worst_exit_code_of_several_drills_counts(void **state)
{
	static const enum exit_code order[] = {EXIT_FAULT_LEFT,   EXIT_GAP,     EXIT_ABORTED,
					       EXIT_INCONCLUSIVE, EXIT_REFUSED, EXIT_PASS};

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		for (size_t j = i; j < sizeof order / sizeof order[0]; j++) {
			assert_int_equal(exit_code_worst(order[i], order[j]), order[i]);
			assert_int_equal(exit_code_worst(order[j], order[i]), order[i]);
		}
	}
}

/* How long to read. */

static int64_t read_until(struct given *given)
{
	return judge_read_until(&given->evidence, &given->expect[0]);
}

static void reading_goes_on_to_the_grace_and_shrinks_when_the_alert_comes(void **state)
{
	struct given *given = *state;

	assert_int_equal(read_until(given), INJECTED + WITHIN + GRACE);
	given_firing(given, 0, 2000);
	assert_int_equal(read_until(given), INJECTED + 2000 + SETTLE);
	given->wanted[0].settle_ms = 0;
	assert_int_equal(read_until(given), TIME_NEVER);
}

static void reading_goes_on_for_the_resolved_message_once_reverted(void **state)
{
	struct given *given = *state;

	want_resolved(given);
	given->evidence.reverted_ms = TIME_NEVER;
	assert_int_equal(read_until(given), INJECTED + 2000 + SETTLE);
	given->evidence.reverted_ms = REVERTED;
	assert_int_equal(read_until(given), REVERTED + RESOLVED);
	given_resolved(given, 0, 1000);
	assert_int_equal(read_until(given), INJECTED + 2000 + SETTLE);
}

static void reading_goes_on_when_it_fired_again_after_it_was_resolved(void **state)
{
	struct given *given = *state;

	want_resolved(given);
	given_resolved(given, 0, -5000);
	given_firing(given, 0, WITHIN - 1);
	assert_int_equal(read_until(given), REVERTED + RESOLVED);
}

static void a_late_alert_is_read_for_its_settle_time_too(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, WITHIN + 3000);
	assert_int_equal(read_until(given), INJECTED + WITHIN + 3000 + SETTLE);
}

static void a_never_is_read_for_until_its_deadline_or_until_it_came(void **state)
{
	struct given *given = *state;

	make_never(given, 0);
	assert_int_equal(read_until(given), INJECTED + WITHIN);
	given_firing(given, 0, 2000);
	assert_int_equal(read_until(given), TIME_NEVER);
}

static void an_alert_elsewhere_or_resolved_or_older_has_not_arrived(void **state)
{
	struct given *given = *state;
	static char general[] = "#general";

	assert_false(judge_has_arrived(&given->evidence, &given->expect[0]));
	given_firing(given, 0, 2000)->channel = general;
	given_firing(given, 0, -2000);
	given_resolved(given, 0, 2000);
	assert_false(judge_has_arrived(&given->evidence, &given->expect[0]));
	given_firing(given, 0, 2000);
	assert_true(judge_has_arrived(&given->evidence, &given->expect[0]));
}

/* No false pass, no false gap: every combination of what can be wrong. */

enum flaw {
	FLAW_UNREADABLE = 1 << 0,
	FLAW_NO_CONTROL = 1 << 1,
	FLAW_NOT_COVERED = 1 << 2,
	FLAW_BLIND = 1 << 3,
	FLAW_NO_WITNESS = 1 << 4,
	FLAW_FIRING_BEFORE = 1 << 5,
	FLAW_CROWDED = 1 << 6,
	FLAW_NOT_INJECTED = 1 << 7,
	FLAW_NO_EFFECT = 1 << 8,
	FLAW_STOPPED = 1 << 9,
	FLAW_ALL = (1 << 10) - 1
};

static struct given *given_flaws(unsigned flaws, bool never, bool nonce)
{
	struct given *given = given_new(1);
	struct expectation_evidence *expect = &given->expect[0];

	given->wanted[0].never = never;
	given->wanted[0].settle_ms = 0;
	expect->has_nonce = nonce;
	expect->readable = (flaws & FLAW_UNREADABLE) == 0;
	expect->control_seen = (flaws & FLAW_NO_CONTROL) == 0;
	if ((flaws & FLAW_NOT_COVERED) != 0)
		expect->covered_ms = INJECTED + WITHIN - 1;
	expect->blind_ms = (flaws & FLAW_BLIND) != 0 ? 700 : 0;
	expect->firing_before = (flaws & FLAW_FIRING_BEFORE) != 0;
	expect->before_count = expect->firing_before ? 1 : 0;
	expect->unread_count = (flaws & FLAW_CROWDED) != 0 ? 1 : 0;
	if ((flaws & FLAW_NO_WITNESS) != 0)
		given->evidence.witnessed = WITNESS_UNKNOWN;
	if ((flaws & FLAW_NO_EFFECT) != 0)
		given->evidence.witnessed = WITNESS_NO_EFFECT;
	given->evidence.injected = (flaws & FLAW_NOT_INJECTED) == 0;
	given->evidence.stop = (flaws & FLAW_STOPPED) != 0 ? STOP_UNOBSERVABLE : STOP_NONE;
	return given;
}

static void nothing_seen_is_a_verdict_only_without_a_single_flaw(void **state)
{
	(void)state;
	for (unsigned flaws = 0; flaws <= FLAW_ALL; flaws++) {
		for (int kind = 0; kind < 4; kind++) {
			bool never = (kind & 1) != 0;
			struct given *given = given_flaws(flaws, never, (kind & 2) != 0);
			enum verdict verdict = given_judge(given)->verdict;

			if (flaws != 0)
				assert_int_equal(verdict, VERDICT_INCONCLUSIVE);
			else
				assert_int_equal(verdict, never ? VERDICT_PASS : VERDICT_GAP);
			given_free(given);
		}
	}
}

static void an_alert_seen_passes_only_when_it_is_the_faults_own(void **state)
{
	(void)state;
	for (unsigned flaws = 0; flaws <= FLAW_ALL; flaws++) {
		for (int kind = 0; kind < 2; kind++) {
			bool nonce = kind == 1;
			struct given *given = given_flaws(flaws, false, nonce);
			unsigned fatal = FLAW_STOPPED | FLAW_NOT_INJECTED | FLAW_NO_EFFECT |
					 (nonce ? 0 : FLAW_FIRING_BEFORE);

			given_firing(given, 0, 2000);
			assert_int_equal(given_judge(given)->verdict, (flaws & fatal) != 0
									  ? VERDICT_INCONCLUSIVE
									  : VERDICT_PASS);
			given_free(given);
		}
	}
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, make_one, unmake)
#define TWO(test) cmocka_unit_test_setup_teardown(test, make_two, unmake)

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
	    ONE(a_channel_that_could_not_be_read_proves_nothing),
	    ONE(a_control_that_was_not_seen_proves_nothing),
	    ONE(reading_must_reach_the_end_of_the_grace),
	    ONE(a_blind_time_makes_a_miss_unknown),
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
	    ONE(a_never_with_the_nonce_at_an_impossible_time_is_not_silent),
	    TWO(a_gap_beside_something_unknown_is_a_gap),
	    TWO(a_delivered_alert_does_not_hide_a_missing_one),
	    TWO(a_delivered_alert_does_not_make_an_unknown_one_pass),
	    TWO(the_reason_and_the_sentence_speak_of_the_same_alert),
	    TWO(one_alert_with_the_nonce_shows_that_the_fault_bit_for_all),
	    ONE(a_fault_that_was_not_put_in_had_no_effect),
	    ONE(a_witness_that_says_no_wins_over_any_finding),
	    ONE(every_stop_has_its_verdict),
	    ONE(a_drill_that_touched_nothing_finds_nothing),
	    ONE(an_alert_while_inject_has_not_answered_counts_from_its_start),
	    ONE(a_fault_that_is_not_confirmed_clean_wins_over_every_verdict),
	    ONE(an_earlier_fault_that_is_left_wins_over_the_refusal),
	    cmocka_unit_test(the_worst_exit_code_of_several_drills_counts),
	    ONE(reading_goes_on_to_the_grace_and_shrinks_when_the_alert_comes),
	    ONE(reading_goes_on_for_the_resolved_message_once_reverted),
	    ONE(reading_goes_on_when_it_fired_again_after_it_was_resolved),
	    ONE(a_late_alert_is_read_for_its_settle_time_too),
	    ONE(a_never_is_read_for_until_its_deadline_or_until_it_came),
	    ONE(an_alert_elsewhere_or_resolved_or_older_has_not_arrived),
	    cmocka_unit_test(nothing_seen_is_a_verdict_only_without_a_single_flaw),
	    cmocka_unit_test(an_alert_seen_passes_only_when_it_is_the_faults_own),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
