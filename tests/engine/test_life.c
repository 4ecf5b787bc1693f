/* One life: settles what earlier ones left, runs its drills, obeys `halt`, tells the truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/engine/life.h"
#include "src/engine/restorer.h"
#include "tests/engine/leftovers.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/virtual_time.h"

/* The ledger that cannot be read, for one test. */

static bool unreadable;

bool __real_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error);
bool __wrap_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error);

bool __real_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error);
bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error);

bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error)
{
	if (!unreadable)
		return __real_ledger_visit_all(ledger, visit, unvisited, arg, error);
	return error_set(error, "the disk is on fire");
}

bool __wrap_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error)
{
	if (!unreadable)
		return __real_ledger_visit_open(ledger, environment, visit, arg, error);
	return error_set(error, "the disk is on fire");
}

enum { DRILLS = 4 };

/* A life, and what it told. */
struct lived {
	struct little_world *world;
	struct life_world callbacks;
	struct life *life;
	struct settled_log settled;
	size_t finished;
	enum verdict verdicts[DRILLS];
	char text[DRILLS][512];
	int64_t started_ms[DRILLS];
	int halts, dones;
	char halted[128];
	enum exit_code worst;
	int64_t done_ms;
	bool frees;
};

static void on_finished(void *arg, const struct drill_record *record)
{
	struct lived *lived = arg;

	assert_in_range(lived->finished, 0, DRILLS - 1);
	lived->verdicts[lived->finished] = record->judgement.verdict;
	lived->started_ms[lived->finished] = record->started_ms;
	(void)snprintf(lived->text[lived->finished++], sizeof lived->text[0], "%s",
		       record->judgement.text);
}

static void on_settled(void *arg, const struct settled *settled)
{
	struct lived *lived = arg;

	log_told(&lived->settled, settled);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	struct lived *lived = arg;

	lived->halts++;
	(void)snprintf(lived->halted, sizeof lived->halted, "%s/%s", by, reason);
}

static void on_done(void *arg, enum exit_code worst)
{
	struct lived *lived = arg;

	lived->dones++;
	lived->worst = worst;
	lived->done_ms = clock_ms();
	if (lived->frees) {
		life_free(lived->life);
		lived->life = NULL;
	}
}

static void add(struct lived *lived, const struct environment *environment)
{
	struct error error = {""};

	assert_true(life_add(lived->life, &lived->world->scenario, environment,
			     &lived->world->options, &error));
}

/* A life with one drill in staging. */
static void be_born(struct little_world *world, struct lived *lived)
{
	*lived = (struct lived){.world = world, .worst = EXIT_USAGE};
	lived->callbacks = (struct life_world){
	    .drills = &world->drill_world,
	    .finished = on_finished,
	    .settled = on_settled,
	    .halted = on_halted,
	    .done = on_done,
	    .arg = lived,
	};
	lived->life = life_new(&lived->callbacks);
	add(lived, &world->staging);
	life_start(lived->life);
	assert_int_equal(lived->dones, 0);
}

static bool is_done(void *arg)
{
	const struct lived *lived = arg;

	return lived->dones > 0;
}

static void live_to_the_end(struct lived *lived)
{
	assert_true(virtual_time_run(lived->world->base, is_done, lived));
	little_pass(lived->world, 60000); /* whatever else would be said, is said now */
	assert_int_equal(lived->dones, 1);
}

static void die(struct lived *lived)
{
	life_free(lived->life);
	buf_done(&lived->settled.story);
	buf_done(&lived->settled.messages);
}

static int setup(void **state)
{
	struct little_world *world;

	unreadable = false;
	(void)little_world_setup(state);
	world = *state;
	little_simple(world);
	world->options.allow_protected = true;
	return 0;
}

/* Settling, then drilling. */

static void a_life_with_nothing_to_settle_runs_its_drills(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	be_born(world, &lived);
	add(&lived, &world->production);
	live_to_the_end(&lived);
	assert_int_equal(lived.finished, 2);
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_int_equal(lived.verdicts[1], VERDICT_PASS);
	assert_int_equal(lived.worst, EXIT_PASS);
	assert_int_equal(lived.halts, 0);
	assert_null(life_trouble(lived.life));
	die(&lived);
}

static void what_an_earlier_life_left_is_settled_before_the_first_drill(void **state)
{
	struct little_world *world = *state;
	struct lived lived;
	int64_t born_ms = clock_ms();

	LEAVE(world, .drill = LEFT_A);
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_string_equal(buf_text(&lived.settled.story), "begun:" LEFT_A " clean:" LEFT_A " ");
	assert_true(lived.started_ms[0] >= born_ms + RESTORER_LANDING_MS);
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_int_equal(lived.worst, EXIT_PASS);
	die(&lived);
}

static void what_is_stuck_refuses_the_drill_and_the_exit_code_is_3(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	LEAVE(world, .drill = LEFT_A, .recipe = "{}");
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_REFUSED);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(lived.worst, EXIT_FAULT_LEFT);
	die(&lived);
}

static void
what_is_stuck_elsewhere_is_tried_first_hinders_no_drill_and_gives_exit_code_3(void **state)
{
	struct little_world *world = *state;
	struct lived lived;
	int64_t born_ms = clock_ms();

	LEAVE(world, .drill = LEFT_A, .recipe = "{}", .environment = "production");
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_true(lived.started_ms[0] > born_ms + 10000);
	assert_int_equal(lived.worst, EXIT_FAULT_LEFT);
	assert_non_null(strstr(buf_text(&lived.settled.story), "stuck:" LEFT_A));
	die(&lived);
}

static void what_a_person_set_aside_hinders_nothing(void **state)
{
	struct little_world *world = *state;
	struct lived lived;
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_STUCK);
	assert_true(ledger_ack(world->ledger, LEFT_A, "known", "ann", &error));
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_string_equal(buf_text(&lived.settled.story), "");
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_int_equal(lived.worst, EXIT_PASS);
	assert_int_equal(state_of(world, LEFT_A), FAULT_STUCK);
	die(&lived);
}

static void what_another_process_is_about_to_finish_is_waited_for_where_it_matters(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct error error = {""};
	struct lived lived;
	int64_t born_ms = clock_ms();

	LEAVE(world, .drill = LEFT_A, .state = FAULT_UNCONFIRMED);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	be_born(world, &lived);
	little_pass(world, 5000);
	assert_true(ledger_advance(world->ledger, LEFT_A, FAULT_CLEAN, "", &error));
	locks_close(others);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_in_range(lived.started_ms[0], born_ms + 5000, born_ms + 6000);
	assert_int_equal(lived.worst, EXIT_PASS);
	die(&lived);
}

static void what_another_process_works_on_elsewhere_is_left_alone(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct error error = {""};
	struct lived lived;

	LEAVE(world, .drill = LEFT_A, .environment = "production");
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_string_equal(buf_text(&lived.settled.story), "busy:" LEFT_A " ");
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_int_equal(lived.worst, EXIT_PASS);
	assert_int_equal(state_of(world, LEFT_A), FAULT_INJECTING);
	locks_close(others);
	die(&lived);
}

static void a_drill_that_ends_stuck_makes_the_exit_code_3(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_PASS);
	assert_int_equal(lived.worst, EXIT_FAULT_LEFT);
	die(&lived);
}

static void a_ledger_that_cannot_be_read_injects_nothing_and_the_exit_code_is_3(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	unreadable = true;
	be_born(world, &lived);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_REFUSED);
	assert_non_null(strstr(lived.text[0], "the disk is on fire"));
	assert_string_equal(life_trouble(lived.life), "the disk is on fire");
	assert_int_equal(world->fault.capture.calls, 0);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(lived.worst, EXIT_FAULT_LEFT);
	die(&lived);
}

/* Every crash: freeing a drill is what the end of its process is to it. */

static void whenever_a_life_ends_by_a_crash_the_next_one_puts_it_right(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms <= 900; ms += 19) {
		struct little_world *world;
		struct lived crashed, next;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->fault.capture.takes_ms = 30;
		world->fault.inject.takes_ms = 30;
		world->fault.inject.hangs = ms % 3 == 0; /* and lands all the same */
		world->fault.inject.lands_after_ms = ms % 3 == 0 ? 5000 : 0;
		world->fault.witness.takes_ms = 30;
		world->fault.revert.takes_ms = 30;
		world->fault.confirm.takes_ms = 30;
		world->rules[0].after_ms = 300;
		be_born(world, &crashed);
		little_pass(world, ms);
		die(&crashed);
		world->fault.inject.hangs = false;
		world->fault.inject.lands_after_ms = 0;
		be_born(world, &next);
		live_to_the_end(&next);
		assert_int_equal(next.worst, EXIT_PASS);
		assert_false(world->fault.in_place);
		assert_null(world->fault.ops);
		die(&next);
		(void)little_world_teardown(&made);
	}
}

/* The lever. */

static void a_halt_before_the_start_refuses_every_drill(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	little_halt(world);
	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED); /* settled all the same */
	be_born(world, &lived);
	add(&lived, &world->staging);
	live_to_the_end(&lived);
	assert_int_equal(lived.halts, 1);
	assert_string_equal(lived.halted, "ann@host/the shop is down");
	assert_int_equal(lived.finished, 2);
	assert_int_equal(lived.verdicts[0], VERDICT_REFUSED);
	assert_int_equal(lived.verdicts[1], VERDICT_REFUSED);
	assert_non_null(strstr(lived.text[0], "guard halt"));
	assert_int_equal(lived.worst, EXIT_REFUSED);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	die(&lived);
}

static void a_halt_in_the_watch_reverts_within_a_second_and_drops_the_rest(void **state)
{
	struct little_world *world = *state;
	struct lived lived;
	int64_t pulled_ms;

	world->rules[0].after_ms = 9000;
	be_born(world, &lived);
	add(&lived, &world->staging);
	little_pass(world, 3000);
	assert_true(world->fault.in_place);
	little_halt(world);
	pulled_ms = clock_ms();
	little_pass(world, 1000);
	assert_false(world->fault.in_place);
	live_to_the_end(&lived);
	assert_true(lived.done_ms < pulled_ms + 10000);
	assert_int_equal(lived.halts, 1);
	assert_int_equal(lived.finished, 1);
	assert_int_equal(lived.verdicts[0], VERDICT_ABORTED);
	assert_string_equal(lived.text[0], "halted by ann@host: the shop is down");
	assert_int_equal(life_dropped(lived.life), 1);
	assert_int_equal(lived.worst, EXIT_ABORTED);
	die(&lived);
}

static void a_halt_during_an_inject_that_hangs_takes_it_out(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	world->fault.inject.hangs = true;
	world->fault.inject.lands_after_ms = 8000;
	be_born(world, &lived);
	little_pass(world, 3000);
	little_halt(world);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_ABORTED);
	assert_int_equal(lived.worst, EXIT_ABORTED);
	assert_false(world->fault.in_place);
	assert_int_equal(world->fault.revert.calls, 2);
	die(&lived);
}

static void a_halt_while_leftovers_are_settled_injects_nothing_even_when_lifted_late(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	LEAVE(world, .drill = LEFT_A); /* settled for fifteen seconds */
	be_born(world, &lived);
	little_pass(world, 3000);
	little_halt(world);
	little_pass(world, 3000);
	little_resume(world);
	little_pass(world, 3000);
	little_halt(world);
	live_to_the_end(&lived);
	assert_int_equal(lived.halts, 1);
	assert_int_equal(lived.verdicts[0], VERDICT_REFUSED);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	die(&lived);
}

static void after_a_lift_that_came_in_time_the_next_pull_is_obeyed_too(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	LEAVE(world, .drill = LEFT_A);
	world->rules[0].after_ms = 9000;
	be_born(world, &lived);
	little_pass(world, 3000);
	little_halt(world);
	little_pass(world, 3000);
	little_resume(world);
	little_pass(world, 12000);
	assert_true(world->fault.in_place);
	little_halt(world);
	live_to_the_end(&lived);
	assert_int_equal(lived.verdicts[0], VERDICT_ABORTED);
	assert_false(world->fault.in_place);
	die(&lived);
}

/* Stopping and freeing. */

static void
a_life_that_is_stopped_while_it_settles_goes_on_settling_and_drops_its_drills(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	LEAVE(world, .drill = LEFT_A);
	be_born(world, &lived);
	little_pass(world, 3000);
	life_stop(lived.life, "stopped by the test");
	life_stop(lived.life, "stopped again");
	live_to_the_end(&lived);
	assert_int_equal(lived.finished, 0);
	assert_int_equal(life_dropped(lived.life), 1);
	assert_int_equal(lived.worst, EXIT_ABORTED);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	assert_int_equal(world->fault.inject.calls, 0);
	die(&lived);
}

static void a_life_that_is_stopped_does_not_wait_for_others(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct error error = {""};
	struct lived lived;

	LEAVE(world, .drill = LEFT_A);
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	be_born(world, &lived);
	little_pass(world, 3000);
	assert_int_equal(lived.dones, 0);
	life_stop(lived.life, "stopped by the test");
	little_pass(world, 1000);
	assert_int_equal(lived.dones, 1);
	assert_int_equal(lived.worst, EXIT_ABORTED);
	assert_string_equal(buf_text(&lived.settled.story), "busy:" LEFT_A " ");
	locks_close(others);
	die(&lived);
}

static void a_life_may_be_freed_at_any_time_and_calls_nobody_after_it(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms <= 20000; ms += ms < 900 ? 97 : 1777) {
		struct little_world *world;
		struct lived lived;
		void *made = NULL;
		size_t told, calls, finished;
		int dones;

		(void)setup(&made);
		world = made;
		world->rules[0].after_ms = 9000;
		LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
		LEAVE(world, .drill = LEFT_B, .environment = "production");
		be_born(world, &lived);
		little_pass(world, ms);
		told = lived.settled.story.len;
		finished = lived.finished;
		dones = lived.dones;
		calls = world->chat.calls;
		life_free(lived.life);
		lived.life = NULL;
		little_pass(world, 120000); /* the sentinel: time goes on */
		assert_int_equal(lived.settled.story.len, told);
		assert_int_equal(lived.finished, finished);
		assert_int_equal(lived.dones, dones);
		assert_int_equal(world->chat.calls, calls);
		assert_null(world->fault.ops);
		die(&lived);
		(void)little_world_teardown(&made);
	}
}

static void a_life_may_be_freed_by_the_callback_that_says_it_is_done(void **state)
{
	struct little_world *world = *state;
	struct lived lived;

	LEAVE(world, .drill = LEFT_A, .environment = "production");
	be_born(world, &lived);
	lived.frees = true;
	live_to_the_end(&lived);
	assert_null(lived.life);
	die(&lived);
}

static void a_life_without_drills_settles_and_is_over(void **state)
{
	struct little_world *world = *state;
	struct lived lived = {.world = world, .worst = EXIT_USAGE};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
	lived.callbacks = (struct life_world){
	    .drills = &world->drill_world, .finished = on_finished, .done = on_done, .arg = &lived};
	lived.life = life_new(&lived.callbacks);
	life_start(lived.life);
	live_to_the_end(&lived);
	assert_int_equal(lived.worst, EXIT_PASS);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	die(&lived);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_life_with_nothing_to_settle_runs_its_drills),
	    IN_WORLD(what_an_earlier_life_left_is_settled_before_the_first_drill),
	    IN_WORLD(what_is_stuck_refuses_the_drill_and_the_exit_code_is_3),
	    IN_WORLD(what_is_stuck_elsewhere_is_tried_first_hinders_no_drill_and_gives_exit_code_3),
	    IN_WORLD(what_a_person_set_aside_hinders_nothing),
	    IN_WORLD(what_another_process_is_about_to_finish_is_waited_for_where_it_matters),
	    IN_WORLD(what_another_process_works_on_elsewhere_is_left_alone),
	    IN_WORLD(a_drill_that_ends_stuck_makes_the_exit_code_3),
	    IN_WORLD(a_ledger_that_cannot_be_read_injects_nothing_and_the_exit_code_is_3),
	    cmocka_unit_test(whenever_a_life_ends_by_a_crash_the_next_one_puts_it_right),
	    IN_WORLD(a_halt_before_the_start_refuses_every_drill),
	    IN_WORLD(a_halt_in_the_watch_reverts_within_a_second_and_drops_the_rest),
	    IN_WORLD(a_halt_during_an_inject_that_hangs_takes_it_out),
	    IN_WORLD(a_halt_while_leftovers_are_settled_injects_nothing_even_when_lifted_late),
	    IN_WORLD(after_a_lift_that_came_in_time_the_next_pull_is_obeyed_too),
	    IN_WORLD(a_life_that_is_stopped_while_it_settles_goes_on_settling_and_drops_its_drills),
	    IN_WORLD(a_life_that_is_stopped_does_not_wait_for_others),
	    cmocka_unit_test(a_life_may_be_freed_at_any_time_and_calls_nobody_after_it),
	    IN_WORLD(a_life_may_be_freed_by_the_callback_that_says_it_is_done),
	    IN_WORLD(a_life_without_drills_settles_and_is_over),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
