/* No fault is left behind: ledger, inject, witness, revert and confirm that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/little_asserts.h"

/* The ledger that refuses: for one test, one kind of write. */

static struct {
	bool intend, complete;
	enum fault_state advance; /* FAULT_ABSENT: none */
	int advances;             /* so many are refused, then it is FAULT_ABSENT; 0: all */
} refuses;

bool __real_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error);
bool __wrap_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error);
bool __real_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error);
bool __wrap_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error);
bool __real_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);
bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);

bool __wrap_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error)
{
	if (refuses.intend)
		return error_set(error, "the disk is full");
	return __real_ledger_intend(ledger, fault, error);
}

bool __wrap_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error)
{
	if (refuses.complete)
		return error_set(error, "the disk is full");
	return __real_ledger_complete(ledger, drill, recipe, error);
}

bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error)
{
	if (state != FAULT_ABSENT && state == refuses.advance) {
		if (refuses.advances > 0 && --refuses.advances == 0)
			refuses.advance = FAULT_ABSENT;
		return error_set(error, "the disk is full");
	}
	return __real_ledger_advance(ledger, drill, state, note, error);
}

static int setup(void **state)
{
	refuses.intend = refuses.complete = false;
	refuses.advance = FAULT_ABSENT;
	refuses.advances = 0;
	(void)little_world_setup(state);
	little_simple(*state);
	return 0;
}

/* The ledger. */

static void without_a_durable_intent_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.intend = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "disk is full"));
	assert_nothing_touched(world, record);
}

static void without_the_complete_recipe_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.complete = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void without_a_durable_injecting_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.advance = FAULT_INJECTING;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void a_ledger_that_fails_later_never_keeps_a_fault_from_being_reverted(void **state)
{
	static const enum fault_state states[] = {FAULT_INJECTED, FAULT_REVERTING,
						  FAULT_UNCONFIRMED, FAULT_CLEAN};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		refuses.advance = states[i];
		record = little_run(world);
		assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
		assert_false(world->fault.in_place);
		assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
		if (states[i] == FAULT_CLEAN) {
			/* it counts as left until somebody looks, and the report says why */
			assert_int_equal(little_ledger_state(world), FAULT_UNCONFIRMED);
			assert_non_null(strstr(record->evidence.revert_text, "disk is full"));
		}
		assert_int_equal(record->evidence.ledger_problem != NULL,
				 little_ledger_state(world) != FAULT_CLEAN);
		(void)little_world_teardown(&made);
	}
}

static void a_ledger_that_fails_for_a_moment_is_told_what_it_missed(void **state)
{
	static const enum fault_state states[] = {FAULT_INJECTED, FAULT_REVERTING,
						  FAULT_UNCONFIRMED};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		refuses.advance = states[i];
		refuses.advances = 1;
		record = little_run(world);
		assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(record->evidence.ledger_problem);
		(void)little_world_teardown(&made);
	}
}

/* The fault. */

static void a_capture_that_fails_stops_the_drill(void **state)
{
	static const enum fault_outcome outcomes[] = {FAULT_NO, FAULT_UNKNOWN, FAULT_CONFLICT};

	(void)state;
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		little_answers(&world->fault.capture, outcomes[i], -1);
		record = little_run(world);
		assert_int_equal(record->judgement.verdict, VERDICT_INCONCLUSIVE);
		assert_nothing_touched(world, record);
		(void)little_world_teardown(&made);
	}
}

static void an_inject_that_is_refused_has_no_effect_and_is_reverted_all_the_same(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.inject, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_int_equal(world->fault.witness.calls, 0);
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 100);
}

static void an_inject_that_may_have_happened_is_watched_and_reverted(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.inject, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_restored(world, record);
}

static void an_inject_that_may_have_happened_proves_no_gap_without_a_witness(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->scenario.fault.via = VIA_EXEC;
	little_answers(&world->fault.inject, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_unobservable(record, "had an effect");
	assert_restored(world, record);
}

static void an_inject_that_may_have_happened_proves_a_gap_when_the_witness_saw_it(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.inject, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
}

static void a_witness_that_says_no_ends_the_drill_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.witness, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 1000);
}

/* A service that says yes at once and acts later. */
static void what_comes_only_after_the_witness_saw_nothing_is_taken_out_too(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.inject.lands_after_ms = 5000;
	little_answers(&world->fault.witness, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_restored(world, record);
}

static void a_witness_that_cannot_tell_makes_a_miss_inconclusive(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.witness, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_unobservable(record, "had an effect");
	assert_restored(world, record);
}

static void the_lease_ends_the_watch(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	world->scenario.fault.hold_at_most_ms = 3000;
	record = little_run(world);
	assert_restored(world, record);
	assert_in_range(record->phase_ms[PHASE_REVERT] - record->evidence.inject_started_ms, 3000,
			3100);
	assert_finding(record, 0, FINDING_DELIVERED);
}

static void the_lease_ends_a_witness_that_never_speaks(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.witness.hangs = true;
	world->scenario.fault.hold_at_most_ms = 3000;
	record = little_run(world);
	assert_restored(world, record);
	assert_in_range(record->phase_ms[PHASE_REVERT] - record->evidence.inject_started_ms, 3000,
			3100);
	assert_unobservable(record, "had an effect");
}

/* Putting it right. */

static void a_revert_that_fails_for_a_while_is_tried_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.revert, FAULT_UNKNOWN, 4);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(world->fault.revert.calls, 5);
	assert_restored(world, record);
}

static void a_revert_that_always_fails_is_stuck_and_exits_with_3(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_FAULT_LEFT);
	assert_int_equal(record->evidence.fault_state, FAULT_STUCK);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
	assert_int_equal(world->fault.confirm.calls, 0);
	assert_in_range(world->fault.revert.calls, 3, 20);
	assert_int_equal(record->evidence.reverted_ms, TIME_NEVER);
	assert_non_null(strstr(record->evidence.revert_text, "revert"));
}

static void a_revert_that_meets_a_conflict_is_stuck_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.revert, FAULT_CONFLICT, -1);
	record = little_run(world);
	assert_int_equal(record->judgement.exit_code, EXIT_FAULT_LEFT);
	assert_int_equal(world->fault.revert.calls, 1);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
}

static void a_fault_that_something_else_took_out_proves_no_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.revert.gone_at = 1;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_finding(record, 0, FINDING_UNKNOWN);
	assert_restored(world, record);
}

/* It may have been our own revert whose answer was lost, or somebody else before the wait was over. */
static void a_fault_that_only_a_later_try_found_gone_proves_no_gap_either(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.revert, FAULT_UNKNOWN, 1); /* its answer was lost */
	world->fault.revert.gone_at = 2;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_true(record->evidence.gone_before_revert);
}

static void a_fault_that_a_later_try_still_found_was_there_all_the_time(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.revert, FAULT_UNKNOWN, 1);
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
}

static void a_fault_that_was_gone_after_a_try_that_certainly_failed_proves_no_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.revert, FAULT_NO, 1); /* so it was not us */
	world->fault.revert.gone_at = 2;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_true(record->evidence.gone_before_revert);
}

static void a_target_that_cannot_be_asked_at_the_end_proves_no_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.revert, FAULT_UNKNOWN, -1); /* it died, maybe long ago */
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_FAULT_LEFT);
	assert_true(record->evidence.lost_sight);
}

static void a_target_that_says_at_the_end_that_it_stays_broken_proves_a_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	little_answers(&world->fault.revert, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_FAULT_LEFT);
}

static void a_confirm_that_fails_for_a_while_reverts_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.confirm, FAULT_NO, 2);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(world->fault.revert.calls, 3);
	assert_int_equal(world->fault.confirm.calls, 3);
	assert_restored(world, record);
}

static void a_confirm_that_always_fails_is_stuck(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.confirm, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_int_equal(record->judgement.exit_code, EXIT_FAULT_LEFT);
	assert_int_equal(record->evidence.fault_state, FAULT_STUCK);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
}

static void a_stuck_fault_after_a_gap_is_still_exit_3_and_the_gap_is_told(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->expect[0].resolved_ms = 5000;
	little_answers(&world->fault.revert, FAULT_NO, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_FAULT_LEFT);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(without_a_durable_intent_nothing_is_touched),
	    IN_WORLD(without_the_complete_recipe_nothing_is_touched),
	    IN_WORLD(without_a_durable_injecting_nothing_is_touched),
	    cmocka_unit_test(a_ledger_that_fails_later_never_keeps_a_fault_from_being_reverted),
	    cmocka_unit_test(a_ledger_that_fails_for_a_moment_is_told_what_it_missed),
	    cmocka_unit_test(a_capture_that_fails_stops_the_drill),
	    IN_WORLD(an_inject_that_is_refused_has_no_effect_and_is_reverted_all_the_same),
	    IN_WORLD(an_inject_that_may_have_happened_is_watched_and_reverted),
	    IN_WORLD(an_inject_that_may_have_happened_proves_no_gap_without_a_witness),
	    IN_WORLD(an_inject_that_may_have_happened_proves_a_gap_when_the_witness_saw_it),
	    IN_WORLD(a_witness_that_says_no_ends_the_drill_at_once),
	    IN_WORLD(what_comes_only_after_the_witness_saw_nothing_is_taken_out_too),
	    IN_WORLD(a_witness_that_cannot_tell_makes_a_miss_inconclusive),
	    IN_WORLD(the_lease_ends_the_watch),
	    IN_WORLD(the_lease_ends_a_witness_that_never_speaks),
	    IN_WORLD(a_revert_that_fails_for_a_while_is_tried_again),
	    IN_WORLD(a_revert_that_always_fails_is_stuck_and_exits_with_3),
	    IN_WORLD(a_revert_that_meets_a_conflict_is_stuck_at_once),
	    IN_WORLD(a_fault_that_something_else_took_out_proves_no_gap),
	    IN_WORLD(a_fault_that_only_a_later_try_found_gone_proves_no_gap_either),
	    IN_WORLD(a_fault_that_a_later_try_still_found_was_there_all_the_time),
	    IN_WORLD(a_fault_that_was_gone_after_a_try_that_certainly_failed_proves_no_gap),
	    IN_WORLD(a_target_that_cannot_be_asked_at_the_end_proves_no_gap),
	    IN_WORLD(a_target_that_says_at_the_end_that_it_stays_broken_proves_a_gap),
	    IN_WORLD(a_confirm_that_fails_for_a_while_reverts_again),
	    IN_WORLD(a_confirm_that_always_fails_is_stuck),
	    IN_WORLD(a_stuck_fault_after_a_gap_is_still_exit_3_and_the_gap_is_told),
	};

	return cmocka_run_group_tests_name("drill: fault", tests, NULL, NULL);
}
