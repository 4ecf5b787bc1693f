/* What runs next, and what is told of what did not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/calendar/schedule.h"
#include "tests/engine/planned_world.h"
#include "tests/engine/virtual_time.h"

static void assert_story(struct planned_world *world, const char *story)
{
	assert_string_equal(buf_text(&world->story), story);
	buf_done(&world->story);
}

static void ask(struct planned_world *world, const char *scenario, const char *environment,
		uint64_t number)
{
	const struct planner_due wish = {
	    .scenario = scenario, .environment = environment, .ask = number};

	assert_true(planner_ask(world->planner, &wish));
}

/* Staging, with a drill of each of these letters at every full hour. */
static struct planned_place *plan_hourly(struct planned_world *world, const char *letters,
					 int64_t spacing_ms)
{
	struct planned_place *staging = planned_place(world, "staging", spacing_ms);

	for (char name[2] = {letters[0], '\0'}; *letters != '\0'; name[0] = *++letters)
		(void)planned_item(world, name, "staging", "0 * * * *", "UTC");
	planned_set(world);
	return staging;
}

/* Passes the time up to the minute of the next full hour. */
static void pass_to_hour(struct planned_world *world, int64_t after_ms)
{
	planned_pass(world, HOUR_MS - clock_wall_ms() % HOUR_MS + after_ms);
}

static void what_is_planned_begins_at_its_moment(void **state)
{
	struct planned_world *world = *state;
	const struct planned_item *item;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "17 * * * *", "UTC");
	planned_set(world);
	assert_int_equal(planner_next(world->planner, "a", "staging") % HOUR_MS, 17 * MINUTE_MS);
	assert_int_equal(planner_next(world->planner, "b", "staging"), -1);
	pass_to_hour(world, 0);
	world->begun = 0;
	planned_pass(world, 24 * HOUR_MS);
	assert_int_equal(world->begun, 24);
	assert_int_equal(world->missed, 0);
	assert_int_equal(world->late_ms, 0);
	assert_int_equal(item->last_wall_ms % HOUR_MS, 17 * MINUTE_MS);
}

static void a_planned_time_has_its_jitter_always_the_same(void **state)
{
	struct planned_world *world = *state;
	struct planned_item *item;
	int64_t jitter = planner_jitter_ms("a", "staging", 600000);

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "0 * * * *", "UTC");
	item->jitter_ms = 600000;
	planned_set(world);
	pass_to_hour(world, 30 * MINUTE_MS);
	world->begun = 0;
	planned_pass(world, 24 * HOUR_MS);
	assert_int_equal(world->begun, 24);
	assert_int_equal(item->last_wall_ms % HOUR_MS, jitter);
	assert_in_range(jitter, 1, 600000);
}

static void jitter_is_evenly_spread(void **state)
{
	size_t tenth[10] = {0}, same = 0;
	char scenario[16];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(scenario, sizeof scenario, "scenario-%d", i);
		tenth[planner_jitter_ms(scenario, "staging", 599999) / 60000]++;
		same += planner_jitter_ms(scenario, "staging", 599999) ==
				planner_jitter_ms(scenario, "production", 599999)
			    ? 1
			    : 0;
	}
	for (size_t i = 0; i < 10; i++)
		assert_in_range(tenth[i], 880, 1120); /* four standard deviations of 1,000 */
	assert_in_range(same, 0, 5);
	assert_int_equal(planner_jitter_ms("a", "b", 0), 0);
	assert_in_range(planner_jitter_ms("a", "b", 1), 0, 1);
	assert_int_not_equal(planner_jitter_ms("ab", "c", DAY_MS),
			     planner_jitter_ms("a", "bc", DAY_MS));
}

static void one_at_a_time_in_an_environment_the_most_overdue_first(void **state)
{
	struct planned_world *world = *state;

	(void)planned_place(world, "staging", 0);
	(void)planned_place(world, "production", 0);
	(void)planned_item(world, "late", "staging", "2 * * * *", "UTC");
	(void)planned_item(world, "early", "staging", "1 * * * *", "UTC");
	(void)planned_item(world, "first", "staging", "0 * * * *", "UTC");
	(void)planned_item(world, "other", "production", "1 * * * *", "UTC");
	world->takes_ms = 5 * MINUTE_MS;
	planned_set(world);
	pass_to_hour(world, -1);
	buf_done(&world->story);
	planned_pass(world, 4 * MINUTE_MS);
	assert_story(world, "begun first/staging schedule:0 begun other/production schedule:0 ");
	assert_int_equal(planner_waiting(world->planner), 2);
	planned_pass(world, 8 * MINUTE_MS);
	assert_story(world, "begun early/staging schedule:0 begun late/staging schedule:0 ");
	assert_int_equal(planner_waiting(world->planner), 0);
}

static void wishes_go_first_then_repeats_then_schedules(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = planned_place(world, "staging", 0);

	(void)planned_item(world, "planned", "staging", "0 * * * *", "UTC");
	world->takes_ms = -1;
	planned_set(world);
	pass_to_hour(world, -MINUTE_MS);
	buf_done(&world->story);
	ask(world, "hand", "staging", 1);
	planned_pass(world, 2 * MINUTE_MS);
	assert_story(world, "begun hand/staging hand:1 ");
	planner_repeat(world->planner, "gap", "staging", "fd-12345678");
	ask(world, "hand", "staging", 2);
	ask(world, "hand", "staging", 3);
	for (int i = 0; i < 4; i++) {
		planned_end(world, staging);
		planned_pass(world, 1000);
	}
	assert_story(world, "begun hand/staging hand:2 begun hand/staging hand:3 "
			    "begun gap/staging repeat:0fd-12345678 "
			    "begun planned/staging schedule:0 ");
}

static void a_wish_can_be_dropped_until_it_begins(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = planned_place(world, "staging", 0);
	const struct planner_due nowhere = {.scenario = "a", .environment = "nowhere"};

	world->takes_ms = -1;
	planned_set(world);
	ask(world, "a", "staging", 1);
	ask(world, "b", "staging", 2);
	ask(world, "c", "staging", 3);
	planned_pass(world, 1000);
	planner_drop_ask(world->planner, 1);
	planner_drop_ask(world->planner, 2);
	assert_int_equal(planner_waiting(world->planner), 1);
	planned_end(world, staging);
	planned_pass(world, 1000);
	assert_story(world, "begun a/staging hand:1 begun c/staging hand:3 ");
	assert_false(planner_ask(world->planner, &nowhere));
}

static void spacing_is_kept_from_the_end_of_one_to_the_next(void **state)
{
	struct planned_world *world = *state;

	(void)plan_hourly(world, "ab", 10 * MINUTE_MS);
	pass_to_hour(world, 10 * MINUTE_MS);
	assert_int_equal(world->begun, 1);
	planned_pass(world, 2 * MINUTE_MS);
	assert_int_equal(world->begun, 2);
	assert_int_equal(world->late_ms, 11 * MINUTE_MS);
}

static void the_spacing_of_an_earlier_life_is_kept(void **state)
{
	struct planned_world *world = *state;
	const struct planner_place place = {"staging", 10 * MINUTE_MS,
					    clock_wall_ms() - 4 * MINUTE_MS};

	(void)planned_place(world, "staging", 10 * MINUTE_MS);
	planner_set(world->planner, NULL, 0, &place, 1);
	ask(world, "a", "staging", 1);
	planned_pass(world, 5 * MINUTE_MS);
	assert_int_equal(world->begun, 0);
	planned_pass(world, 2 * MINUTE_MS);
	assert_int_equal(world->begun, 1);
}

static void what_cannot_begin_makes_room_at_once(void **state)
{
	struct planned_world *world = *state;

	world->takes_ms = 0;
	(void)plan_hourly(world, "ab", 10 * MINUTE_MS);
	pass_to_hour(world, 0);
	assert_int_equal(world->begun, 2);
	assert_int_equal(planner_waiting(world->planner), 0);
}

static void what_comes_round_while_it_waits_is_missed_and_told(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = planned_place(world, "staging", 0);

	(void)planned_item(world, "a", "staging", "* * * * *", "UTC");
	world->takes_ms = -1;
	planned_set(world);
	pass_to_hour(world, 30000);
	buf_done(&world->story);
	world->missed = world->told = 0;
	planned_pass(world, 180 * MINUTE_MS);
	assert_int_equal(planner_waiting(world->planner), 1);
	assert_in_range(world->told, 2, 5); /* not of each minute */
	planned_end(world, staging);
	planned_pass(world, 1000);
	assert_in_range(world->missed, 180, 180 + 59);
	assert_non_null(strstr(buf_text(&world->story), "it still waited for its turn"));
	assert_non_null(strstr(buf_text(&world->story), "begun a/staging"));
	planned_check(world);
}

static void what_was_due_over_a_weekend_down_is_told_once_and_not_made_up_for(void **state)
{
	struct planned_world *world = *state;

	(void)planned_place(world, "staging", 0);
	(void)planned_item(world, "a", "staging", "30 * * * *", "UTC");
	(void)planned_item(world, "b", "staging", "0 3 * * *", "UTC");
	(void)planned_item(world, "c", "staging", "0 3 1 1 *", "UTC");
	planned_set(world);
	pass_to_hour(world, 24 * HOUR_MS);
	buf_done(&world->story);
	planned_restart(world, 72 * HOUR_MS);
	planned_pass(world, 1000);
	assert_story(world, "missed a/staging 72 firedrill was not running; "
			    "missed b/staging 3 firedrill was not running; ");
	planned_pass(world, HOUR_MS);
	assert_non_null(strstr(buf_text(&world->story), "begun a/staging"));
	planned_check(world);
}

static void what_was_begun_before_a_restart_is_not_begun_again(void **state)
{
	struct planned_world *world = *state;
	struct planned_item *item;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "0 * * * *", "UTC");
	item->jitter_ms = 10 * MINUTE_MS;
	planned_set(world);
	pass_to_hour(world, 11 * MINUTE_MS);
	planned_pass(world, HOUR_MS);
	buf_done(&world->story);
	planned_restart(world, 1000);
	planned_pass(world, 30 * MINUTE_MS);
	assert_story(world, "");
}

static void a_moment_that_is_yet_to_come_with_its_jitter_survives_a_restart(void **state)
{
	struct planned_world *world = *state;
	struct planned_item *item;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "0 * * * *", "UTC");
	item->jitter_ms = 20 * MINUTE_MS;
	assert_true(planner_jitter_ms("a", "staging", item->jitter_ms) > MINUTE_MS);
	planned_set(world);
	pass_to_hour(world, 30 * MINUTE_MS);
	pass_to_hour(world, 1000);
	buf_done(&world->story);
	planned_restart(world, 1000);
	planned_pass(world, 30 * MINUTE_MS);
	assert_story(world, "begun a/staging schedule:0 ");
}

/* The clock on the wall. */

static void after_a_jump_forward_what_was_due_in_between_is_missed(void **state)
{
	struct planned_world *world = *state;

	(void)plan_hourly(world, "a", 0);
	pass_to_hour(world, 30 * MINUTE_MS);
	buf_done(&world->story);
	virtual_time_jump_wall(5 * HOUR_MS);
	planned_pass(world, MINUTE_MS + 1000);
	assert_story(world, "missed a/staging 5 the clock of this machine was set forward; ");
	pass_to_hour(world, 0);
	assert_story(world, "begun a/staging schedule:0 ");
	planned_check(world);
}

static void what_a_short_jump_forward_left_behind_begins(void **state)
{
	struct planned_world *world = *state;

	(void)plan_hourly(world, "a", 0);
	pass_to_hour(world, 58 * MINUTE_MS);
	buf_done(&world->story);
	virtual_time_jump_wall(4 * MINUTE_MS);
	planned_pass(world, MINUTE_MS + 1000);
	assert_story(world, "begun a/staging schedule:0 ");
}

static void after_a_jump_back_nothing_runs_twice(void **state)
{
	struct planned_world *world = *state;

	(void)plan_hourly(world, "a", 0);
	pass_to_hour(world, 30 * MINUTE_MS);
	buf_done(&world->story);
	virtual_time_jump_wall(-3 * HOUR_MS);
	planned_pass(world, 3 * HOUR_MS);
	assert_story(world, "");
	planned_pass(world, HOUR_MS);
	assert_story(world, "begun a/staging schedule:0 ");
}

static void after_a_jump_back_of_years_it_goes_on_at_once(void **state)
{
	struct planned_world *world = *state;

	(void)planned_place(world, "staging", 0);
	(void)planned_item(world, "a", "staging", "0 * * * *", "UTC");
	world->items[0].last_wall_ms = clock_wall_ms();
	planned_set(world);
	pass_to_hour(world, 30 * MINUTE_MS);
	virtual_time_jump_wall(-800 * DAY_MS);
	world->items[0].last_wall_ms = -1;
	buf_done(&world->story);
	planned_pass(world, 2 * HOUR_MS);
	assert_story(world, "begun a/staging schedule:0 begun a/staging schedule:0 ");
	virtual_time_jump_wall(800 * DAY_MS);
}

/* One plan after another. */

static void a_reload_keeps_what_waits_and_what_runs(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = plan_hourly(world, "ab", 0);

	world->takes_ms = -1;
	pass_to_hour(world, 1000);
	buf_done(&world->story);
	ask(world, "c", "staging", 7);
	for (int i = 0; i < 3; i++)
		planned_set(world);
	assert_int_equal(planner_waiting(world->planner), 2);
	planned_pass(world, 1000);
	assert_story(world, "");
	for (int i = 0; i < 2; i++) {
		planned_end(world, staging);
		planned_pass(world, 1000);
	}
	assert_story(world, "begun c/staging hand:7 begun b/staging schedule:0 ");
}

static void what_a_reload_takes_away_while_it_waits_is_told(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = plan_hourly(world, "ab", 0);

	world->takes_ms = -1;
	pass_to_hour(world, 1000);
	buf_done(&world->story);
	planner_repeat(world->planner, "a", "staging", "fd-12345678");
	world->checks = false; /* the repeat's time is none of the schedule */
	world->items[1].is_out = true;
	planned_set(world);
	planned_pass(world, 1000);
	assert_story(world, "missed b/staging 1 the plan was changed while it waited; ");
	staging->is_out = world->items[0].is_out = true;
	planned_set(world);
	planned_pass(world, 1000);
	assert_story(world, "missed a/staging 1 the plan was changed while it waited; ");
	assert_int_equal(planner_waiting(world->planner), 0);
	planned_end(world, staging);
	planned_pass(world, 2 * HOUR_MS);
	assert_story(world, "");
}

static void a_wish_where_a_reload_took_the_environment_away_is_handed_on(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = planned_place(world, "staging", HOUR_MS);

	world->takes_ms = -1;
	planned_set(world);
	ask(world, "a", "staging", 1);
	ask(world, "b", "staging", 2);
	planned_pass(world, 1000);
	staging->is_out = true;
	staging->spacing_ms = 0;
	planned_set(world);
	world->takes_ms = 0;
	planned_end(world, staging);
	planned_pass(world, 1000);
	assert_story(world, "begun a/staging hand:1 begun b/staging hand:2 ");
}

/* What a daemon might do while it hears that something is due, or was missed. */
static void pull_and_push(struct planned_world *world)
{
	planner_pause(world->planner, "firedrill was halted");
	planner_go_on(world->planner);
	if (world->takes_ms > 0)
		planner_repeat(world->planner, "a", "production", "fd-12345678");
	planner_drop_ask(world->planner, 1);
}

static void take_all_away(struct planned_world *world)
{
	world->places[0].is_out = world->items[0].is_out = world->items[1].is_out = true;
	planned_set(world);
}

static void another_schedule_counts_from_its_reload_on(void **state)
{
	struct planned_world *world = *state;
	struct planned_item *item;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "0 * * * *", "UTC");
	planned_set(world);
	pass_to_hour(world, 31 * MINUTE_MS);
	buf_done(&world->story);
	world->checks = false;
	planned_change(world, item, "*/10 * * * *");
	planned_pass(world, 10 * MINUTE_MS);
	assert_story(world, "begun a/staging schedule:0 ");
	assert_int_equal(item->last_wall_ms % HOUR_MS, 40 * MINUTE_MS);
}

static void a_moment_is_not_lost_when_a_reload_takes_its_jitter_away(void **state)
{
	struct planned_world *world = *state;
	struct planned_item *item;

	(void)planned_place(world, "staging", 0);
	item = planned_item(world, "a", "staging", "0 */6 * * *", "UTC");
	item->jitter_ms = 5 * HOUR_MS;
	assert_true(planner_jitter_ms("a", "staging", item->jitter_ms) > HOUR_MS);
	planned_set(world);
	planned_pass(world, 6 * HOUR_MS - clock_wall_ms() % (6 * HOUR_MS) + HOUR_MS);
	buf_done(&world->story);
	world->checks = false;
	item->jitter_ms = 0;
	planned_set(world);
	planned_pass(world, 1000);
	assert_story(world, "begun a/staging schedule:0 ");
	assert_int_equal(planner_next(world->planner, "a", "staging") % (6 * HOUR_MS), 0);
}

static void everything_may_be_done_from_inside_the_callbacks(void **state)
{
	struct planned_world *world = *state;

	(void)planned_place(world, "staging", 0);
	(void)planned_place(world, "production", MINUTE_MS);
	(void)planned_item(world, "a", "staging", "* * * * *", "UTC");
	(void)planned_item(world, "b", "staging", "*/2 * * * *", "UTC");
	(void)planned_item(world, "c", "production", "* * * * *", "UTC");
	planned_set(world);
	world->checks = false;
	for (world->takes_ms = 0; world->takes_ms < 3 * MINUTE_MS; world->takes_ms += MINUTE_MS) {
		world->from_inside = planned_set;
		planned_pass(world, HOUR_MS);
		world->from_inside = pull_and_push;
		planned_pass(world, HOUR_MS);
		world->from_inside = take_all_away;
		planned_pass(world, 5 * MINUTE_MS);
		planner_go_on(world->planner);
		world->from_inside = NULL;
		world->places[0].is_out = world->items[0].is_out = world->items[1].is_out = false;
		planned_set(world);
		planned_pass(world, HOUR_MS);
	}
	assert_true(world->begun > 100);
}

/* A halt. */

static void nothing_begins_in_a_pause_and_what_comes_round_is_missed(void **state)
{
	struct planned_world *world = *state;
	struct planned_place *staging = plan_hourly(world, "ab", 0);

	world->takes_ms = -1;
	pass_to_hour(world, 1000);
	buf_done(&world->story);
	planner_pause(world->planner, "firedrill was halted");
	ask(world, "c", "staging", 5);
	planned_end(world, staging);
	planned_pass(world, 3 * HOUR_MS);
	planner_go_on(world->planner);
	planned_pass(world, 1000);
	assert_int_equal(world->begun, 2);
	assert_non_null(
	    strstr(buf_text(&world->story), "missed b/staging 1 firedrill was halted; "));
	assert_non_null(strstr(buf_text(&world->story), "begun c/staging hand:5 "));
	assert_int_equal(world->items[0].missed, 3);
	assert_int_equal(world->items[1].missed, 4);
	planned_check(world);
}

#define PLANNED(test) cmocka_unit_test_setup_teardown(test, planned_setup, planned_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PLANNED(what_is_planned_begins_at_its_moment),
	    PLANNED(a_planned_time_has_its_jitter_always_the_same),
	    cmocka_unit_test(jitter_is_evenly_spread),
	    PLANNED(one_at_a_time_in_an_environment_the_most_overdue_first),
	    PLANNED(wishes_go_first_then_repeats_then_schedules),
	    PLANNED(a_wish_can_be_dropped_until_it_begins),
	    PLANNED(spacing_is_kept_from_the_end_of_one_to_the_next),
	    PLANNED(the_spacing_of_an_earlier_life_is_kept),
	    PLANNED(what_cannot_begin_makes_room_at_once),
	    PLANNED(what_comes_round_while_it_waits_is_missed_and_told),
	    PLANNED(what_was_due_over_a_weekend_down_is_told_once_and_not_made_up_for),
	    PLANNED(what_was_begun_before_a_restart_is_not_begun_again),
	    PLANNED(a_moment_that_is_yet_to_come_with_its_jitter_survives_a_restart),
	    PLANNED(after_a_jump_forward_what_was_due_in_between_is_missed),
	    PLANNED(what_a_short_jump_forward_left_behind_begins),
	    PLANNED(after_a_jump_back_nothing_runs_twice),
	    PLANNED(after_a_jump_back_of_years_it_goes_on_at_once),
	    PLANNED(a_reload_keeps_what_waits_and_what_runs),
	    PLANNED(what_a_reload_takes_away_while_it_waits_is_told),
	    PLANNED(a_wish_where_a_reload_took_the_environment_away_is_handed_on),
	    PLANNED(another_schedule_counts_from_its_reload_on),
	    PLANNED(a_moment_is_not_lost_when_a_reload_takes_its_jitter_away),
	    PLANNED(everything_may_be_done_from_inside_the_callbacks),
	    PLANNED(nothing_begins_in_a_pause_and_what_comes_round_is_missed),
	};

	return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
