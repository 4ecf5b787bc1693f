/* Whatever happens, each planned moment is begun or told as missed, exactly once; see planned_world.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "src/base/clock.h"
#include "src/calendar/schedule.h"
#include "tests/engine/planned_world.h"
#include "tests/engine/virtual_time.h"

static const char *const names[] = {"staging", "production", "canary", "lab"};

/* The same on every run: Knuth's MMIX. */
static uint64_t roll(uint64_t *dice, uint64_t most)
{
	*dice = *dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*dice >> 33) % most;
}

static void make(struct planned_world *world, uint64_t *dice, size_t items)
{
	static const char *const whens[] = {
	    "17 * * * *", "0 10 * * Tue", "@daily",    "@every 6h", "*/5 * * * *",
	    "30 2 * * *", "0 0 1 * *",    "* * * * *", "@every 7m", "15 1,2,3 * * Mon-Fri"};
	char scenario[32];

	for (size_t i = 0; i < 4; i++)
		(void)planned_place(world, names[i], (int64_t)roll(dice, 3) * 7 * MINUTE_MS);
	for (size_t i = 0; i < items; i++) {
		(void)snprintf(scenario, sizeof scenario, "s%zu", i);
		planned_item(world, scenario, names[roll(dice, 4)], whens[roll(dice, 10)], "UTC")
		    ->jitter_ms = (int64_t)roll(dice, 4) * MINUTE_MS;
	}
}

static void take_out_or_bring_back(struct planned_world *world, struct planned_item *item)
{
	item->is_out = !item->is_out;
	planned_set(world);
	planned_pass(world, 1);
	item->last_wall_ms = -1; /* counts from now on */
}

static void do_something(struct planned_world *world, uint64_t *dice)
{
	switch (roll(dice, 12)) {
	case 0:
		virtual_time_jump_wall((int64_t)roll(dice, 12) * 20 * MINUTE_MS);
		break;
	case 1:
		virtual_time_jump_wall(-(int64_t)roll(dice, 12) * 20 * MINUTE_MS);
		break;
	case 2:
		planned_restart(world, (int64_t)roll(dice, 30) * HOUR_MS);
		break;
	case 3:
		planner_pause(world->planner, "firedrill was halted");
		break;
	case 4:
		planner_go_on(world->planner);
		break;
	case 5:
		planned_set(world);
		break;
	case 6:
		take_out_or_bring_back(world, &world->items[roll(dice, world->item_count)]);
		break;
	case 7:
		world->takes_ms = (int64_t)roll(dice, 6) * 8 * MINUTE_MS;
		break;
	default:
		break;
	}
}

static void no_moment_is_lost_or_doubled_whatever_happens(void **state)
{
	uint64_t dice = 4711;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct planned_world *world;
		void *made = NULL;

		(void)planned_setup(&made);
		world = made;
		world->jumps = true;
		make(world, &dice, 20);
		planned_set(world);
		for (int turn = 0; turn < 60; turn++) {
			do_something(world, &dice);
			planned_pass(world, (int64_t)roll(&dice, 10) * HOUR_MS + 1);
		}
		planner_go_on(world->planner);
		planned_pass(world, 1);
		assert_true(world->begun > 100);
		assert_true(world->missed > 10);
		(void)planned_teardown(&made);
	}
}

static void when_more_is_planned_than_fits_all_of_it_is_told_and_all_have_their_turn(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *lab = planned_place(world, "lab", MINUTE_MS);
	char scenario[32];

	for (int i = 0; i < 30; i++) {
		(void)snprintf(scenario, sizeof scenario, "s%d", i);
		(void)planned_item(world, scenario, "lab", "*/10 * * * *", "UTC");
	}
	planned_set(world); /* thirty wanted in ten minutes, five fit */
	planned_pass(world, DAY_MS);
	assert_in_range(lab->begun, 24 * 30 - 6, 24 * 30);
	for (size_t i = 0; i < world->item_count; i++) {
		assert_in_range(world->items[i].begun, 23, 25);
		assert_in_range(world->items[i].missed, 110, 122);
	}
}

static void a_year_runs_as_planned(void **state)
{
	struct planned_world *world = *state;
	const struct planned_item *hourly, *daily, *weekly, *monthly;

	(void)planned_place(world, "staging", 0);
	(void)planned_place(world, "production", 0);
	hourly = planned_item(world, "hourly", "staging", "17 * * * *", "Europe/Berlin");
	daily = planned_item(world, "daily", "production", "30 2 * * *", "Europe/Berlin");
	weekly = planned_item(world, "weekly", "production", "0 10 * * Tue", "America/New_York");
	monthly = planned_item(world, "monthly", "production", "5 0 1 * *", "UTC");
	planned_set(world);
	planned_pass(world, 365 * DAY_MS);
	assert_int_equal(hourly->begun, 365 * 24); /* real hours, in spring and autumn, too */
	assert_int_equal(daily->begun, 365);       /* once, when 02:30 is left out or comes twice */
	assert_int_equal(weekly->begun, 52);
	assert_int_equal(monthly->begun, 12);
	assert_int_equal(world->missed, 0);
	assert_int_equal(world->late_ms, 0);
	planned_check(world);
}

static void in_autumn_and_spring_a_time_that_comes_twice_or_never_runs_once(void **state)
{
	struct planned_world *world = *state;
	const struct planned_item *item;
	int64_t before;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "30 2 * * *", "Europe/Berlin");
	planned_set(world);
	for (int i = 0; i < 400; i++) {
		before = item->last_wall_ms;
		planned_pass(world, DAY_MS);
		if (before >= 0)
			assert_in_range(item->last_wall_ms - before, 23 * HOUR_MS, 25 * HOUR_MS);
	}
	assert_int_equal(item->begun, 400);
}

#define PLANNED(test) cmocka_unit_test_setup_teardown(test, planned_setup, planned_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_moment_is_lost_or_doubled_whatever_happens),
	    PLANNED(when_more_is_planned_than_fits_all_of_it_is_told_and_all_have_their_turn),
	    PLANNED(a_year_runs_as_planned),
	    PLANNED(in_autumn_and_spring_a_time_that_comes_twice_or_never_runs_once),
	};

	return cmocka_run_group_tests_name("planner_promise", tests, NULL, NULL);
}
