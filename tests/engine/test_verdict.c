/* The judge: what becomes of the whole drill, its exit code, and how long it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/given.h"

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

static void a_repeat_that_passes_is_flaky_and_one_that_does_not_is_a_gap(void **state)
{
	struct given *given = *state;

	given->evidence.is_repeat = true;
	given_firing(given, 0, 1000);
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	given_firing(given, 1, 1000);
	assert_verdict(given, VERDICT_FLAKY, REASON_NONE, EXIT_PASS);
	given->evidence.fault_state = FAULT_STUCK;
	assert_verdict(given, VERDICT_FLAKY, REASON_NONE, EXIT_FAULT_LEFT);
}

static void a_repeat_that_cannot_tell_is_inconclusive_as_any_other(void **state)
{
	struct given *given = *state;

	given->evidence.is_repeat = true;
	given_firing(given, 0, 1000);
	given->expect[1].blind_ms = 5;
	assert_inconclusive(given, REASON_UNOBSERVABLE, "HealthDown");
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
	assert_inconclusive(given, REASON_CONFOUNDED, "HealthDown: the alert was already firing");
}

static void one_alert_with_the_nonce_shows_that_the_fault_bit_for_all(void **state)
{
	struct given *given = *state;

	given->evidence.witnessed = WITNESS_UNKNOWN;
	assert_inconclusive(given, REASON_UNOBSERVABLE, "had an effect");
	given_firing(given, 0, 1000);
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	given_never(given, 1);
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
	    {STOP_CONDITION, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED},
	    {STOP_REAL_ALERT, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED},
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
	given_never(given, 0);
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

	given_want_resolved(given);
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

	given_want_resolved(given);
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

	given_never(given, 0);
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

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)
#define TWO(test) cmocka_unit_test_setup_teardown(test, given_two, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TWO(a_gap_beside_something_unknown_is_a_gap),
	    TWO(a_delivered_alert_does_not_hide_a_missing_one),
	    TWO(a_repeat_that_passes_is_flaky_and_one_that_does_not_is_a_gap),
	    TWO(a_repeat_that_cannot_tell_is_inconclusive_as_any_other),
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

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
