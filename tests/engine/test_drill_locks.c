/* Between processes: one drill at a time where it matters, and a fault is never put in when nobody
 * would put it right should this process die. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/engine/leftovers.h"
#include "tests/engine/little_asserts.h"

static int setup(void **state)
{
	(void)little_world_setup(state);
	little_simple(*state);
	return 0;
}

static void assert_taken(struct locks *locks, const char *name)
{
	struct error error = {""};

	assert_int_equal(locks_take(locks, name, &error), LOCK_TAKEN);
}

static void assert_busy(struct locks *locks, const char *name)
{
	struct error error = {""};

	assert_int_equal(locks_take(locks, name, &error), LOCK_BUSY);
}

static void assert_refused(const struct drill_record *record, const char *because)
{
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	if (strstr(record->judgement.text, because) == NULL)
		fail_msg("%s", record->judgement.text);
}

/* Locks. */

static void let_go(struct little_world *world)
{
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
}

static void a_drill_locks_its_environment_and_target_and_its_fault_to_its_end(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	char *fault;

	world->expect[0].resolved_ms = 60000; /* so that there is something to wait for */
	(void)little_start(world);
	fault = lock_name_fault(world->drills[0].id);
	little_run_until_phase(world, PHASE_BASELINE);
	assert_busy(others, "environment:staging");
	assert_busy(others, "target:http://orders.staging.example/");
	assert_taken(others, fault);
	locks_release(others, fault);
	little_run_until_phase(world, PHASE_ANNOUNCE);
	assert_busy(others, fault);
	little_run_until_phase(world, PHASE_REPORT);
	assert_busy(others, fault);
	assert_busy(others, "environment:staging");
	(void)little_run(world);
	assert_taken(others, "environment:staging");
	assert_taken(others, "target:http://orders.staging.example/");
	assert_busy(others, fault); /* whoever is told has not written it down yet */
	let_go(world);
	assert_taken(others, fault);
	free(fault);
	locks_close(others);
}

static void a_drill_that_is_freed_lets_go_of_its_locks(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	char *fault;

	(void)little_start(world);
	fault = lock_name_fault(world->drills[0].id);
	little_run_until_phase(world, PHASE_WATCH);
	let_go(world);
	assert_taken(others, fault);
	assert_taken(others, "environment:staging");
	assert_taken(others, "target:http://orders.staging.example/");
	assert_int_equal(world->guardian.releases, 0); /* it is still in place */
	free(fault);
	locks_close(others);
}

static void a_drill_of_another_process_in_the_environment_refuses_this_one(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record;

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	assert_taken(others, "environment:staging");
	record = little_run(world);
	assert_refused(record, "guard lock: another drill runs in staging (fd-aaaaaaaa, orders)");
	assert_refused(record, "firedrill status");
	assert_nothing_touched(world, record);
	assert_int_equal(world->chat.calls, 0);
	locks_close(others);
}

static void a_lock_that_is_about_to_be_given_back_is_waited_for(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);

	assert_taken(others, "environment:staging");
	(void)little_start(world);
	little_pass(world, 1000);
	assert_int_equal(drill_record(world->drills[0].drill)->phase, PHASE_GUARD);
	locks_close(others);
	assert_outcome(little_run(world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_drill_that_is_stopped_while_it_waits_for_a_lock_is_over_at_once(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record;

	assert_taken(others, "environment:staging");
	record = little_start(world);
	little_pass(world, 500);
	drill_stop(world->drills[0].drill, "stopped by the test");
	little_pass(world, 10);
	assert_int_equal(record->phase, PHASE_DONE);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_nothing_touched(world, little_run(world));
	locks_close(others);
}

static void a_drill_of_another_process_that_changes_the_target_refuses_this_one(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record;

	assert_taken(others, "target:http://orders.staging.example/");
	record = little_run(world);
	assert_refused(record, "guard lock: another drill changes http://orders.staging.example/;");
	assert_nothing_touched(world, record);
	assert_taken(others, "environment:staging"); /* a refused drill lets go */
	locks_close(others);
}

static void a_fault_left_in_the_target_by_a_drill_elsewhere_refuses_this_one(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	LEAVE(world, .drill = LEFT_A, .environment = "production", .state = FAULT_INJECTED,
	      .target = "http://orders.staging.example/");
	record = little_run(world);
	assert_refused(record, "guard leftover: the fault of drill fd-aaaaaaaa in production");
	assert_nothing_touched(world, record);
}

static void a_drill_that_changes_nothing_locks_its_environment_only(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record;

	world->scenario.fault.via = VIA_NONE;
	assert_taken(others, "target:");
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	assert_busy(others, "environment:staging");
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_string_equal(record->target, "");
	locks_close(others);
}

static void without_the_lock_of_its_fault_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record = little_start(world);
	char *fault = lock_name_fault(world->drills[0].id);

	assert_taken(others, fault);
	(void)little_run(world);
	assert_refused(record, "another firedrill works on");
	assert_nothing_touched(world, record);
	assert_int_equal(world->guardian.holds, 0);
	assert_not_in_story(world, "capture");
	free(fault);
	locks_close(others);
}

/* The guardian. */

static void somebody_holds_the_fault_before_its_intent_until_it_is_clean(void **state)
{
	struct little_world *world = *state;

	(void)little_run(world);
	assert_story(world, "=record hold capture/intent inject/injecting revert/reverting "
			    "confirm/unconfirmed release =recovery");
	assert_int_equal(world->guardian.holds, 1);
	assert_int_equal(world->guardian.releases, 1);
}

static void when_nobody_can_hold_it_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	const struct drill_record *record;
	char *fault;

	world->guardian.refuses = true;
	record = little_run(world);
	fault = lock_name_fault(world->drills[0].id);
	assert_refused(record, "there is no guardian");
	assert_nothing_touched(world, record);
	assert_int_equal(world->guardian.releases, 0);
	assert_int_equal(world->fault.capture.calls, 0);
	assert_int_equal(record->evidence.fault_state, FAULT_ABSENT);
	let_go(world);
	assert_taken(others, fault);
	free(fault);
	locks_close(others);
}

static void what_was_held_is_released_when_the_drill_ends_before_its_fault(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.capture, FAULT_UNKNOWN, -1);
	record = little_run(world);
	assert_nothing_touched(world, record);
	assert_int_equal(world->guardian.holds, 1);
	assert_int_equal(world->guardian.releases, 1);
}

static void a_stuck_fault_is_released_for_others_to_try(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	char *fault;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	(void)little_run(world);
	fault = lock_name_fault(world->drills[0].id);
	assert_int_equal(world->guardian.releases, 1);
	let_go(world);
	assert_taken(others, fault);
	free(fault);
	locks_close(others);
}

/* What the ledger has of it. */

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	bool *found = arg;
	assert_string_equal(fault->target, "http://orders.staging.example/");
	assert_true(fault->lease_wall_ms >= fault->intended_wall_ms + HOLD_MS);
	*found = true;
	return true;
}

static void the_ledger_knows_what_is_changed(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};
	bool found = false;

	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	assert_true(ledger_visit_open(world->ledger, NULL, on_row, &found, &error));
	assert_true(found);
	assert_string_equal(drill_record(world->drills[0].drill)->target,
			    "http://orders.staging.example/");
	(void)little_run(world);
}

static bool on_unseen(void *arg, const struct ledger_fault *fault)
{
	*(bool *)arg = fault->state == FAULT_INJECTING && !fault->inject_ended;
	return true;
}

static void an_inject_that_may_have_happened_stays_injecting_in_the_ledger(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};
	bool unseen = false;

	little_answers(&world->fault.inject, FAULT_UNKNOWN, -1);
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	assert_true(ledger_visit_open(world->ledger, NULL, on_unseen, &unseen, &error));
	assert_true(unseen);
	(void)little_run(world);
	assert_story(world, "inject/injecting witness/injecting revert/reverting");
	assert_restored(world, drill_record(world->drills[0].drill));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_drill_locks_its_environment_and_target_and_its_fault_to_its_end),
	    IN_WORLD(a_drill_that_is_freed_lets_go_of_its_locks),
	    IN_WORLD(a_drill_of_another_process_in_the_environment_refuses_this_one),
	    IN_WORLD(a_lock_that_is_about_to_be_given_back_is_waited_for),
	    IN_WORLD(a_drill_that_is_stopped_while_it_waits_for_a_lock_is_over_at_once),
	    IN_WORLD(a_drill_of_another_process_that_changes_the_target_refuses_this_one),
	    IN_WORLD(a_fault_left_in_the_target_by_a_drill_elsewhere_refuses_this_one),
	    IN_WORLD(a_drill_that_changes_nothing_locks_its_environment_only),
	    IN_WORLD(without_the_lock_of_its_fault_nothing_is_touched),
	    IN_WORLD(somebody_holds_the_fault_before_its_intent_until_it_is_clean),
	    IN_WORLD(when_nobody_can_hold_it_nothing_is_touched),
	    IN_WORLD(what_was_held_is_released_when_the_drill_ends_before_its_fault),
	    IN_WORLD(a_stuck_fault_is_released_for_others_to_try),
	    IN_WORLD(the_ledger_knows_what_is_changed),
	    IN_WORLD(an_inject_that_may_have_happened_stays_injecting_in_the_ledger),
	};

	return cmocka_run_group_tests_name("drill: locks", tests, NULL, NULL);
}
