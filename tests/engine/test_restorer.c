/* The restorer alone, as it works for what an earlier life left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/clock.h"
#include "src/engine/restorer.h"
#include "tests/engine/little_asserts.h"

#define DRILL  "fd-k3q9x2m7"
#define RECIPE "{\"drill\":\"" DRILL "\"}"

static struct restorer *restorer; /* freed by its own callback in one test */

static void leave_fault(struct little_world *world)
{
	const struct ledger_fault fault = {
	    .drill = DRILL,
	    .scenario = "orders",
	    .environment = "staging",
	    .target = "orders",
	    .via = VIA_HTTP,
	    .recipe = RECIPE,
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = clock_wall_ms(),
	};
	struct error error = {""};

	memcpy(world->drills[0].id, DRILL, sizeof DRILL);
	assert_true(ledger_intend(world->ledger, &fault, &error));
	assert_true(ledger_advance(world->ledger, DRILL, FAULT_INJECTING, "", &error));
	world->fault.in_place = true;
}

struct watcher {
	int changes, done;
	enum fault_state state;
	bool frees;
};

static void on_changed(void *arg)
{
	struct watcher *watcher = arg;

	watcher->changes++;
	if (!restorer_is_done(restorer))
		return;
	watcher->done++;
	watcher->state = restorer_state(restorer);
	if (watcher->frees) {
		restorer_free(restorer);
		restorer = NULL;
	}
}

static void begin_landing(struct little_world *world, enum fault_via via, int64_t sure_after_ms,
			  struct watcher *watcher)
{
	restorer =
	    restorer_start(world->base, &world->faults, world->ledger, fault_driver_find(via),
			   DRILL, RECIPE, sure_after_ms, on_changed, watcher);
	assert_int_equal(watcher->changes, 0);
}

static void begin(struct little_world *world, enum fault_via via, struct watcher *watcher)
{
	begin_landing(world, via, TIME_NEVER, watcher);
}

static void a_fault_of_an_earlier_life_is_reverted_and_confirmed_from_its_recipe(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	begin(world, VIA_HTTP, &watcher);
	assert_false(restorer_has_reverted(restorer));
	little_pass(world, 60000);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_int_equal(watcher.changes, 2);
	assert_false(world->fault.in_place);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	assert_story(world, "revert/reverting confirm/unconfirmed");
	restorer_free(restorer);
}

static void it_may_be_freed_by_the_callback_that_says_it_is_done(void **state)
{
	static const enum fault_via vias[] = {VIA_HTTP, VIA_NONE};
	struct little_world *world = *state;
	struct watcher watcher = {.frees = true};

	leave_fault(world);
	for (size_t i = 0; i < sizeof vias / sizeof vias[0]; i++) {
		begin(world, vias[i], &watcher);
		little_pass(world, 60000);
		assert_int_equal(watcher.done, 1);
		assert_null(restorer);
		watcher = (struct watcher){.frees = true};
	}
}

static void it_may_be_freed_at_any_time_and_calls_nobody_after_it(void **state)
{
	for (int64_t ms = 0; ms <= 60; ms += 5) {
		struct little_world *world = *state;
		struct watcher watcher = {0};

		if (ms == 0)
			leave_fault(world);
		world->fault.revert.takes_ms = 20;
		world->fault.confirm.takes_ms = 20;
		begin(world, VIA_HTTP, &watcher);
		little_pass(world, ms);
		restorer_free(restorer);
		watcher.changes = 0;
		little_pass(world, 60000); /* the sentinel: time goes on */
		assert_int_equal(watcher.changes, 0);
		assert_null(world->fault.ops);
	}
}

static void a_fault_that_cannot_be_reverted_takes_less_than_a_minute_to_be_stuck(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	little_answers(&world->fault.revert, FAULT_UNKNOWN, -1);
	begin(world, VIA_HTTP, &watcher);
	little_pass(world, 60000);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(watcher.state, FAULT_STUCK);
	assert_int_equal(restorer_reverted_ms(restorer), TIME_NEVER);
	assert_true(restorer_has_reverted(restorer));
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
	restorer_free(restorer);
	watcher = (struct watcher){0}; /* people put it right, and it is tried again */
	world->fault.revert.times = 0;
	begin(world, VIA_HTTP, &watcher);
	little_pass(world, 60000);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	restorer_free(restorer);
}

/* An inject whose end nobody saw may still take effect. */

static void while_an_inject_may_land_a_clean_target_is_looked_at_once_more(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	begin_landing(world, VIA_HTTP, clock_ms() + 12000, &watcher);
	little_pass(world, 11000);
	assert_true(restorer_has_reverted(restorer));
	assert_false(restorer_is_done(restorer));
	assert_int_equal(watcher.changes, 1);
	assert_int_equal(little_ledger_state(world), FAULT_UNCONFIRMED);
	assert_non_null(strstr(restorer_text(restorer), "looked at once more in 12"));
	little_pass(world, 2000);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_int_equal(world->fault.revert.calls, 1);
	assert_int_equal(world->fault.confirm.calls, 2);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	restorer_free(restorer);
}

static void what_landed_after_the_first_revert_is_reverted_again(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};
	int64_t landed_ms;

	leave_fault(world);
	begin_landing(world, VIA_HTTP, clock_ms() + 12000, &watcher);
	little_pass(world, 5000);
	assert_false(world->fault.in_place);
	world->fault.in_place = true;
	landed_ms = clock_ms();
	little_pass(world, 8000);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(watcher.changes, 2);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_false(world->fault.in_place);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_true(restorer_reverted_ms(restorer) > landed_ms);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	restorer_free(restorer);
}

static void the_tries_after_a_landing_count_anew(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	little_answers(&world->fault.revert, FAULT_UNKNOWN, 4);
	begin_landing(world, VIA_HTTP, clock_ms() + 30000, &watcher);
	little_pass(world, 29000);
	assert_true(restorer_has_reverted(restorer));
	world->fault.in_place = true;
	world->fault.revert.times = 5;
	little_pass(world, 60000);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_int_equal(world->fault.revert.calls, 11);
	assert_false(world->fault.in_place);
	restorer_free(restorer);
}

static void a_look_that_began_too_early_is_not_enough(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	world->fault.confirm.takes_ms = 10000; /* what it saw is as old as that */
	begin_landing(world, VIA_HTTP, clock_ms() + 5000, &watcher);
	little_pass(world, 15000);
	assert_int_equal(watcher.done, 0);
	little_pass(world, 10000);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(world->fault.confirm.calls, 2);
	restorer_free(restorer);
}

static void a_conflict_is_stuck_also_while_an_inject_may_land(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	begin_landing(world, VIA_HTTP, clock_ms() + 12000, &watcher);
	little_pass(world, 5000);
	little_answers(&world->fault.confirm, FAULT_CONFLICT, 1);
	little_pass(world, 8000);
	assert_int_equal(watcher.state, FAULT_STUCK);
	assert_int_equal(world->fault.revert.calls, 1);
	restorer_free(restorer);
}

static void a_look_that_gets_no_answer_reverts_again(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	begin_landing(world, VIA_HTTP, clock_ms() + 12000, &watcher);
	little_pass(world, 5000);
	little_answers(&world->fault.confirm, FAULT_UNKNOWN, 1);
	little_pass(world, 10000);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	assert_int_equal(world->fault.revert.calls, 2);
	restorer_free(restorer);
}

static void what_leaves_nothing_behind_need_not_be_looked_at_again(void **state)
{
	struct little_world *world = *state;
	struct watcher watcher = {0};

	leave_fault(world);
	begin_landing(world, VIA_NONE, clock_ms() + 12000, &watcher);
	little_pass(world, 100);
	assert_int_equal(watcher.done, 1);
	assert_int_equal(watcher.state, FAULT_CLEAN);
	restorer_free(restorer);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, little_world_setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_fault_of_an_earlier_life_is_reverted_and_confirmed_from_its_recipe),
	    IN_WORLD(it_may_be_freed_by_the_callback_that_says_it_is_done),
	    IN_WORLD(it_may_be_freed_at_any_time_and_calls_nobody_after_it),
	    IN_WORLD(a_fault_that_cannot_be_reverted_takes_less_than_a_minute_to_be_stuck),
	    IN_WORLD(while_an_inject_may_land_a_clean_target_is_looked_at_once_more),
	    IN_WORLD(what_landed_after_the_first_revert_is_reverted_again),
	    IN_WORLD(the_tries_after_a_landing_count_anew),
	    IN_WORLD(a_look_that_began_too_early_is_not_enough),
	    IN_WORLD(a_conflict_is_stuck_also_while_an_inject_may_land),
	    IN_WORLD(a_look_that_gets_no_answer_reverts_again),
	    IN_WORLD(what_leaves_nothing_behind_need_not_be_looked_at_again),
	};

	return cmocka_run_group_tests_name("restorer", tests, NULL, NULL);
}
