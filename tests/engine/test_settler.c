/* What earlier lives left behind is put right, from the ledger alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/engine/restorer.h"
#include "tests/engine/leftovers.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/little_fault.h"

#define HOUR_MS INT64_C(3600000)

/* The ledger that cannot be read, for one test. */

static int unread;          /* so many readings fail; -1: all */
static const char *foreign; /* the drill whose row cannot be read; NULL: all rows can be */

bool __real_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unreadable, void *arg, struct error *error);
bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unreadable, void *arg, struct error *error);

struct reading {
	ledger_visit_fn *visit;
	ledger_unreadable_fn *unreadable;
	void *arg;
};

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	const struct reading *reading = arg;
	const struct ledger_unreadable row = {fault, "of a newer firedrill"};

	if (foreign == NULL || strcmp(fault->drill, foreign) != 0)
		return reading->visit == NULL || reading->visit(reading->arg, fault);
	return reading->unreadable == NULL || reading->unreadable(reading->arg, &row);
}

bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unreadable, void *arg, struct error *error)
{
	const struct reading reading = {visit, unreadable, arg};

	if (unread == 0)
		return __real_ledger_visit_all(ledger, on_row, NULL, (void *)(uintptr_t)&reading,
					       error);
	unread -= unread > 0 ? 1 : 0;
	return error_set(error, "the disk is on fire");
}

static int setup(void **state)
{
	unread = 0;
	foreign = NULL;
	return little_world_setup(state);
}

static void begin(struct little_world *world, const struct settler_ask *ask,
		  struct settled_log *log)
{
	const struct settler_world settler = {world->base, &world->faults, world->ledger,
					      world->locks};

	log->settler = settler_start(&settler, ask, log_told, log_rest, log_done, log);
	assert_string_equal(buf_text(&log->story), "");
}

static void end(struct settled_log *log)
{
	settler_free(log->settler);
	buf_done(&log->story);
	buf_done(&log->messages);
}

/* Runs one round, and checks that it is over exactly once. */
static void settle(struct little_world *world, struct settled_log *log)
{
	begin(world, &(const struct settler_ask){0}, log);
	little_pass(world, 120000);
	assert_int_equal(log->dones, 1);
	assert_int_equal(log->rests, 0);
}

/* One round. */

static void an_empty_ledger_is_settled_at_once(void **state)
{
	struct settled_log log = {0};

	settle(*state, &log);
	assert_string_equal(buf_text(&log.story), "done ");
	end(&log);
}

static void a_fault_in_any_state_is_reverted_and_confirmed(void **state)
{
	static const enum fault_state states[] = {FAULT_INJECTING, FAULT_INJECTED, FAULT_REVERTING,
						  FAULT_UNCONFIRMED, FAULT_STUCK};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct settled_log log = {0};
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		LEAVE(world, .drill = LEFT_A, .state = states[i]);
		settle(world, &log);
		assert_string_equal(buf_text(&log.story),
				    "begun:" LEFT_A " clean:" LEFT_A " done ");
		assert_int_equal(log.found, states[i]);
		assert_int_equal(log.tries, 1);
		assert_string_equal(log.target, "the target of " LEFT_A);
		assert_false(world->fault.in_place);
		assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
		assert_story(world, "revert/reverting confirm/unconfirmed");
		end(&log);
		(void)little_world_teardown(&made);
	}
}

static void an_intent_that_was_never_tried_is_closed_and_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INTENT);
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "clean:" LEFT_A " done ");
	assert_string_equal(log.text, "nothing was touched");
	assert_int_equal(world->fault.revert.calls, 0);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	end(&log);
}

static void an_inject_whose_end_nobody_saw_is_looked_at_twice(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	int ended = little_ended_injects();

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTING);
	begin(world, &(const struct settler_ask){0}, &log);
	little_pass(world, 5000);
	assert_false(world->fault.in_place);
	world->fault.in_place = true; /* it landed */
	little_pass(world, 120000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	assert_in_range(log.took_ms, RESTORER_LANDING_MS, RESTORER_LANDING_MS + 1000);
	assert_false(world->fault.in_place);
	assert_int_equal(little_ended_injects(), ended + 1);
	end(&log);
}

static void an_inject_that_ended_is_settled_without_waiting(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	int ended = little_ended_injects();

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	settle(world, &log);
	assert_in_range(log.took_ms, 0, 1000);
	assert_int_equal(little_ended_injects(), ended);
	end(&log);
}

static void several_faults_are_settled_at_once(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	int64_t began_ms = clock_ms();

	world->fault.revert.takes_ms = 2000;
	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED, .environment = "production");
	settle(world, &log);
	assert_true(log.done_ms - began_ms < 3000);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	assert_int_equal(state_of(world, LEFT_B), FAULT_CLEAN);
	end(&log);
}

static void at_most_32_faults_are_worked_on_at_once(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	world->fault.revert.takes_ms = 1000;
	for (int i = 0; i < 70; i++) {
		char drill[16];

		(void)snprintf(drill, sizeof drill, "fd-aaaaaa%02d", i);
		LEAVE(world, .drill = drill, .state = FAULT_INJECTED);
	}
	begin(world, &(const struct settler_ask){0}, &log);
	little_pass(world, 500);
	assert_int_equal(world->fault.revert.in_flight, 32);
	little_pass(world, 10000);
	assert_int_equal(log.dones, 1);
	assert_int_equal(world->fault.revert.calls, 70);
	assert_int_equal(state_of(world, "fd-aaaaaa69"), FAULT_CLEAN);
	end(&log);
}

static void what_cannot_be_reverted_is_stuck_and_does_not_hinder_the_others(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .recipe = "{}");
	LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED);
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " begun:" LEFT_B " clean:" LEFT_B
						  " stuck:" LEFT_A " done ");
	assert_int_equal(state_of(world, LEFT_A), FAULT_STUCK);
	assert_true(log.text[0] != '\0');
	end(&log);
}

static void a_fault_that_another_process_works_on_is_left_alone(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "busy:" LEFT_A " done ");
	assert_int_equal(world->fault.revert.calls, 0);
	assert_int_equal(state_of(world, LEFT_A), FAULT_INJECTING);
	locks_close(others);
	end(&log);
}

static void a_busy_fault_is_waited_for_as_long_as_there_is_patience(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};
	int64_t began_ms = clock_ms();

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.patience_ms = 15000}, &log);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "busy:" LEFT_A " done ");
	assert_in_range(log.done_ms - began_ms, 15000, 15500);
	locks_close(others);
	end(&log);
}

static void what_another_process_puts_right_meanwhile_is_over_without_a_word(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};
	int64_t began_ms = clock_ms();

	LEAVE(world, .drill = LEFT_A, .state = FAULT_UNCONFIRMED);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.patience_ms = 15000}, &log);
	little_pass(world, 4000);
	assert_true(ledger_advance(world->ledger, LEFT_A, FAULT_CLEAN, "", &error));
	locks_close(others);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "done ");
	assert_true(log.done_ms - began_ms < 5000);
	assert_int_equal(world->fault.revert.calls, 0);
	end(&log);
}

static void what_a_process_that_dies_leaves_is_taken_up_while_there_is_patience(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.patience_ms = 15000}, &log);
	little_pass(world, 4000);
	locks_close(others);
	little_pass(world, 1000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	end(&log);
}

static void its_lock_is_held_while_it_is_settled_and_free_afterwards(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	world->fault.revert.takes_ms = 1000;
	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	begin(world, &(const struct settler_ask){0}, &log);
	little_pass(world, 500);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_BUSY);
	little_pass(world, 1000);
	assert_int_equal(log.dones, 1);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	locks_close(others);
	end(&log);
}

static void what_reads_clean_is_not_settled_before_the_ledger_knows(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_UNCONFIRMED);
	world->fault.confirm.takes_ms = 1000;
	begin(world, &(const struct settler_ask){0}, &log);
	little_pass(world, 500); /* somebody else is quicker: our own move is refused */
	assert_true(ledger_advance(world->ledger, LEFT_A, FAULT_CLEAN, "", &error));
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " stuck:" LEFT_A " done ");
	end(&log);
}

/* What is asked for. */

static void only_what_is_asked_for_is_settled(void **state)
{
	static const char *const drill = LEFT_B, *const environment = "staging";
	const struct settler_ask asks[] = {
	    {.drills = &drill, .drill_count = 1},
	    {.environments = &environment, .environment_count = 1, .elsewhere = true},
	    {.environments = &environment, .environment_count = 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct settled_log log = {0};
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
		LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED, .environment = "production");
		begin(world, &asks[i], &log);
		little_pass(world, 60000);
		assert_string_equal(buf_text(&log.story),
				    i < 2 ? "begun:" LEFT_B " clean:" LEFT_B " done "
					  : "begun:" LEFT_A " clean:" LEFT_A " done ");
		end(&log);
		(void)little_world_teardown(&made);
	}
}

static void what_a_person_set_aside_is_settled_only_when_it_is_named(void **state)
{
	static const char *const drill = LEFT_A;
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_STUCK);
	assert_true(ledger_ack(world->ledger, LEFT_A, "known", "me", &error));
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "done ");
	end(&log);
	log = (struct settled_log){0};
	begin(world, &(const struct settler_ask){.drills = &drill, .drill_count = 1}, &log);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	end(&log);
}

static void what_was_set_aside_waits_while_a_drill_changes_its_target(void **state)
{
	static const char *const drill = LEFT_A;
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};
	const struct settler_ask ask = {.drills = &drill, .drill_count = 1};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_STUCK, .target = "the queue");
	assert_true(ledger_ack(world->ledger, LEFT_A, "known", "me", &error));
	assert_int_equal(locks_take(others, "target:the queue", &error), LOCK_TAKEN);
	begin(world, &ask, &log);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "busy:" LEFT_A " done ");
	assert_non_null(strstr(log.text, "changes the same target"));
	assert_int_equal(world->fault.revert.calls, 0);
	end(&log);
	locks_release(others, "target:the queue");
	log = (struct settled_log){0};
	begin(world, &ask, &log);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	assert_int_equal(locks_take(others, "target:the queue", &error), LOCK_TAKEN);
	locks_close(others);
	end(&log);
}

static void two_that_were_set_aside_in_one_target_are_put_right_one_after_the_other(void **state)
{
	static const char *const drills[] = {LEFT_A, LEFT_B};
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};

	for (size_t i = 0; i < 2; i++) {
		LEAVE(world, .drill = drills[i], .state = FAULT_STUCK, .target = "the queue");
		assert_true(ledger_ack(world->ledger, drills[i], "known", "me", &error));
	}
	world->fault.revert.takes_ms = 3000;
	begin(world, &(const struct settler_ask){.drills = drills, .drill_count = 2}, &log);
	little_pass(world, 60000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " begun:" LEFT_B
						  " clean:" LEFT_B " done ");
	end(&log);
}

/* Again and again. */

static void a_dead_target_is_tried_until_it_returns(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	int64_t returns_ms = clock_ms() + HOUR_MS;

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	world->fault.dead_until_ms = returns_ms;
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, HOUR_MS / 2);
	assert_true(log.rests >= 5);
	assert_int_equal(log.dones, 0);
	assert_int_equal(state_of(world, LEFT_A), FAULT_STUCK);
	little_pass(world, HOUR_MS);
	assert_int_equal(log.dones, 1);
	assert_false(world->fault.in_place);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	assert_true(log.done_ms < returns_ms + SETTLER_PAUSE_MAX_MS + 60000);
	assert_string_equal(log.error, "");
	end(&log);
}

static void the_pauses_double_up_to_their_limit(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	little_answers(&world->fault.revert, FAULT_CONFLICT, -1); /* stuck at once */
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, HOUR_MS);
	assert_in_range(log.rest_ms[1] - log.rest_ms[0], SETTLER_PAUSE_FIRST_MS,
			SETTLER_PAUSE_FIRST_MS + 100);
	assert_in_range(log.rest_ms[2] - log.rest_ms[1], 2 * SETTLER_PAUSE_FIRST_MS,
			2 * SETTLER_PAUSE_FIRST_MS + 100);
	assert_in_range(log.rest_ms[6] - log.rest_ms[5], SETTLER_PAUSE_MAX_MS,
			SETTLER_PAUSE_MAX_MS + 100);
	assert_int_equal(log.tries, log.rests);
	end(&log);
}

static void an_acknowledgement_ends_the_retries(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};
	int calls;

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	little_answers(&world->fault.revert, FAULT_CONFLICT, -1);
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 1000);
	assert_int_equal(log.rests, 1);
	assert_true(ledger_ack(world->ledger, LEFT_A, "we replaced it", "me", &error));
	calls = world->fault.revert.calls;
	little_pass(world, HOUR_MS);
	assert_int_equal(world->fault.revert.calls, calls);
	assert_int_equal(log.dones, 1);
	assert_int_equal(state_of(world, LEFT_A), FAULT_STUCK);
	end(&log);
}

static void what_a_person_does_is_noticed_long_before_the_next_try(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};
	int tries;

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	world->fault.dead_until_ms = clock_ms() + 10 * HOUR_MS;
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 2 * HOUR_MS); /* by now there are 15 minutes between two tries */
	tries = log.tries;
	assert_int_equal(log.dones, 0);
	while (state_of(world, LEFT_A) != FAULT_STUCK)
		little_pass(world, 1000);
	assert_true(ledger_ack(world->ledger, LEFT_A, "known", "me", &error));
	little_pass(world, 31000);
	assert_int_equal(log.dones, 1);
	assert_in_range(log.tries, tries, tries + 1);
	end(&log);
}

static void what_is_left_later_is_settled_in_a_later_round(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .recipe = "{}");
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 25000);
	assert_int_equal(log.rests, 1);
	LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED);
	little_pass(world, 60000);
	assert_int_equal(state_of(world, LEFT_B), FAULT_CLEAN);
	end(&log);
}

static void a_hurried_settler_does_not_wait_for_its_pause(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	little_answers(&world->fault.revert, FAULT_CONFLICT, 1);
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 1000);
	assert_int_equal(log.rests, 1);
	settler_hurry(log.settler);
	little_pass(world, 1000);
	assert_int_equal(log.dones, 1);
	settler_hurry(log.settler); /* nothing is left to do */
	little_pass(world, 1000);
	assert_int_equal(log.dones, 1);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	end(&log);
}

static void for_ever_does_not_wait_for_what_others_work_on(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 1000);
	assert_string_equal(buf_text(&log.story), "busy:" LEFT_A " done ");
	locks_close(others);
	end(&log);
}

static void what_was_stuck_and_others_tried_in_vain_is_tried_again(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};
	int64_t returns_ms = clock_ms() + 5 * 60000;

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	world->fault.dead_until_ms = returns_ms;
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 20000); /* the first round is over: stuck */
	assert_int_equal(log.rests, 1);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	little_pass(world, 60000); /* the next try finds another at work */
	assert_int_equal(log.dones, 0);
	locks_close(others);
	little_pass(world, HOUR_MS);
	assert_int_equal(log.dones, 1);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	end(&log);
}

static void a_fault_whose_lock_was_only_looked_at_is_settled_all_the_same(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 100);
	locks_close(others);
	little_pass(world, 1000);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	end(&log);
}

static void while_something_is_stuck_the_faults_of_others_are_taken_up_when_they_die(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .recipe = "{}");
	LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED);
	assert_int_equal(locks_take(others, "fault:" LEFT_B, &error), LOCK_TAKEN);
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 25000);
	assert_int_equal(log.rests, 1);
	locks_close(others);
	little_pass(world, 60000);
	assert_int_equal(state_of(world, LEFT_B), FAULT_CLEAN);
	assert_non_null(strstr(buf_text(&log.story), "busy:" LEFT_B));
	end(&log);
}

/* The ledger, and freeing. */

static void a_ledger_that_cannot_be_read_is_tried_again_and_then_told(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	unread = 3; /* it comes back */
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	end(&log);
	log = (struct settled_log){0};
	unread = -1;
	settle(world, &log);
	assert_string_equal(buf_text(&log.story), "done ");
	assert_string_equal(log.error, "the disk is on fire");
	end(&log);
}

static void a_row_that_cannot_be_read_keeps_no_other_fault_in_place(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	LEAVE(world, .drill = LEFT_B, .state = FAULT_INJECTED);
	foreign = LEFT_A;
	settle(world, &log);
	assert_string_equal(buf_text(&log.story),
			    "stuck:" LEFT_A " begun:" LEFT_B " clean:" LEFT_B " done ");
	assert_string_equal(log.error, "");
	assert_int_equal(state_of(world, LEFT_A), FAULT_INJECTED);
	assert_int_equal(state_of(world, LEFT_B), FAULT_CLEAN);
	end(&log);
	log = (struct settled_log){0};
	settle(world, &log);
	assert_string_equal(log.text, "of a newer firedrill");
	end(&log);
}

static void a_row_that_can_be_read_by_now_is_settled_by_a_keeper(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	foreign = LEFT_A;
	begin(world, &(const struct settler_ask){.for_ever = true}, &log);
	little_pass(world, 20000);
	assert_string_equal(buf_text(&log.story), "stuck:" LEFT_A " rest ");
	foreign = NULL;
	little_pass(world, 60000);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	assert_int_equal(log.dones, 1);
	end(&log);
}

static void a_ledger_that_fails_when_a_fault_is_taken_up_is_told_too(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct little_world *world = *state;
		struct settled_log log = {0};

		if (first == 0)
			LEAVE(world, .drill = LEFT_A, .recipe = "{}");
		begin(world, &(const struct settler_ask){.for_ever = first == 1}, &log);
		little_pass(world, first == 0 ? 0 : 30000);
		unread = -1;
		little_pass(world, 120000);
		assert_int_equal(log.dones, 1);
		end(&log);
		unread = 0;
	}
}

static void it_may_be_freed_at_any_time_and_calls_nobody_after_it(void **state)
{
	for (int64_t ms = 0; ms <= 20000; ms += ms < 100 ? 9 : 1993) {
		struct settled_log log = {0};
		struct locks *others;
		struct little_world *world;
		struct error error = {""};
		void *made = NULL;
		size_t told;

		(void)state;
		(void)setup(&made);
		world = made;
		world->fault.revert.takes_ms = 20;
		world->fault.confirm.takes_ms = 20;
		LEAVE(world, .drill = LEFT_A);
		LEAVE(world, .drill = LEFT_B, .recipe = "{}");
		begin(world, &(const struct settler_ask){.for_ever = true}, &log);
		little_pass(world, ms);
		settler_free(log.settler);
		told = log.story.len;
		little_pass(world, 120000); /* the sentinel: time goes on */
		assert_int_equal(log.story.len, told);
		assert_null(world->fault.ops);
		others = little_other_process(world); /* and it let go */
		assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
		locks_close(others);
		buf_done(&log.story);
		(void)little_world_teardown(&made);
	}
}

static void it_may_be_freed_by_the_callback_that_says_it_is_done(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {.frees = true};

	LEAVE(world, .drill = LEFT_A);
	settle(world, &log);
	assert_null(log.settler);
	end(&log);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(an_empty_ledger_is_settled_at_once),
	    cmocka_unit_test(a_fault_in_any_state_is_reverted_and_confirmed),
	    IN_WORLD(an_intent_that_was_never_tried_is_closed_and_nothing_is_touched),
	    IN_WORLD(an_inject_whose_end_nobody_saw_is_looked_at_twice),
	    IN_WORLD(an_inject_that_ended_is_settled_without_waiting),
	    IN_WORLD(several_faults_are_settled_at_once),
	    IN_WORLD(at_most_32_faults_are_worked_on_at_once),
	    IN_WORLD(what_cannot_be_reverted_is_stuck_and_does_not_hinder_the_others),
	    IN_WORLD(a_fault_that_another_process_works_on_is_left_alone),
	    IN_WORLD(a_busy_fault_is_waited_for_as_long_as_there_is_patience),
	    IN_WORLD(what_another_process_puts_right_meanwhile_is_over_without_a_word),
	    IN_WORLD(what_a_process_that_dies_leaves_is_taken_up_while_there_is_patience),
	    IN_WORLD(its_lock_is_held_while_it_is_settled_and_free_afterwards),
	    IN_WORLD(what_reads_clean_is_not_settled_before_the_ledger_knows),
	    cmocka_unit_test(only_what_is_asked_for_is_settled),
	    IN_WORLD(what_a_person_set_aside_is_settled_only_when_it_is_named),
	    IN_WORLD(what_was_set_aside_waits_while_a_drill_changes_its_target),
	    IN_WORLD(two_that_were_set_aside_in_one_target_are_put_right_one_after_the_other),
	    IN_WORLD(a_dead_target_is_tried_until_it_returns),
	    IN_WORLD(the_pauses_double_up_to_their_limit),
	    IN_WORLD(an_acknowledgement_ends_the_retries),
	    IN_WORLD(what_a_person_does_is_noticed_long_before_the_next_try),
	    IN_WORLD(what_is_left_later_is_settled_in_a_later_round),
	    IN_WORLD(a_hurried_settler_does_not_wait_for_its_pause),
	    IN_WORLD(for_ever_does_not_wait_for_what_others_work_on),
	    IN_WORLD(what_was_stuck_and_others_tried_in_vain_is_tried_again),
	    IN_WORLD(a_fault_whose_lock_was_only_looked_at_is_settled_all_the_same),
	    IN_WORLD(while_something_is_stuck_the_faults_of_others_are_taken_up_when_they_die),
	    IN_WORLD(a_ledger_that_cannot_be_read_is_tried_again_and_then_told),
	    IN_WORLD(a_row_that_cannot_be_read_keeps_no_other_fault_in_place),
	    IN_WORLD(a_row_that_can_be_read_by_now_is_settled_by_a_keeper),
	    IN_WORLD(a_ledger_that_fails_when_a_fault_is_taken_up_is_told_too),
	    cmocka_unit_test(it_may_be_freed_at_any_time_and_calls_nobody_after_it),
	    IN_WORLD(it_may_be_freed_by_the_callback_that_says_it_is_done),
	};

	return cmocka_run_group_tests_name("settler", tests, NULL, NULL);
}
