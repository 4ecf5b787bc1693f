/* When the digest comes, over restarts, reloads and clocks that are set, in virtual time. */
#include "src/program/serve/digest_clock.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/calendar/schedule.h"
#include "tests/engine/virtual_time.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

static struct {
	struct event_base *base;
	struct calendar *calendar;
	struct schedule *daily, *weekly; /* at 9:00; on Mondays */
	struct digest_clock *clock;
	int64_t promised_wall_ms; /* as it is remembered from life to life */
	struct digest_due last;
	size_t told;
	int64_t promised_at_telling;
} world;

static void on_promised(void *arg, int64_t due_wall_ms)
{
	(void)arg;
	world.promised_wall_ms = due_wall_ms;
}

static void on_due(void *arg, const struct digest_due *due)
{
	(void)arg;
	world.last = *due;
	world.told++;
	world.promised_at_telling = world.promised_wall_ms;
}

static struct schedule *schedule_at(const char *when)
{
	const struct schedule_ask ask = {.when = when, .zone = "UTC"};
	struct error error = {""};
	struct schedule *schedule = schedule_new(world.calendar, &ask, &error);

	assert_non_null(schedule);
	return schedule;
}

static void live(const struct schedule *schedule)
{
	const struct digest_clock_hears hears = {on_promised, on_due, NULL};

	world.clock = digest_clock_new(world.base, world.promised_wall_ms, &hears);
	digest_clock_set(world.clock, schedule);
}

static void end(void)
{
	digest_clock_free(world.clock);
	world.clock = NULL;
}

static void pass(int64_t ms)
{
	for (; ms > DAY / 2; ms -= DAY / 2) /* it runs for a day at most */
		virtual_time_pass(world.base, DAY / 2);
	virtual_time_pass(world.base, ms);
}

/* To that time after the next 9:00 of the daily schedule; when that is. */
static int64_t pass_nine(int64_t after_ms)
{
	int64_t nine_ms = schedule_next(world.daily, clock_wall_ms());

	pass(nine_ms + after_ms - clock_wall_ms());
	return nine_ms;
}

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	world.base = event_base_new();
	world.calendar = calendar_new();
	world.daily = schedule_at("0 9 * * *");
	world.weekly = schedule_at("0 9 * * Mon");
	world.promised_wall_ms = -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	end();
	schedule_free(world.daily);
	schedule_free(world.weekly);
	calendar_free(world.calendar);
	event_base_free(world.base);
	return 0;
}

static void the_first_life_posts_none_before_one_is_due(void **state)
{
	int64_t due_ms;

	(void)state;
	live(world.daily);
	assert_int_equal(world.told, 0);
	assert_int_equal(world.promised_wall_ms, schedule_next(world.daily, clock_wall_ms()));
	due_ms = pass_nine(-1000);
	assert_int_equal(world.told, 0);
	pass(2000);
	assert_int_equal(world.told, 1);
	assert_int_equal(world.last.due_wall_ms, due_ms);
	assert_int_equal(world.last.since_wall_ms, due_ms - DAY);
	assert_null(world.last.late);
	assert_int_equal(world.promised_at_telling, due_ms + DAY);
	pass(10 * DAY);
	assert_int_equal(world.told, 11);
}

static void what_was_due_while_it_did_not_run_comes_once_and_late(void **state)
{
	int64_t due_ms;

	(void)state;
	live(world.daily);
	(void)pass_nine(HOUR);
	end();
	due_ms = pass_nine(0);
	pass(2 * DAY + HOUR); /* two more were due */
	live(world.daily);
	assert_int_equal(world.told, 2);
	assert_int_equal(world.last.due_wall_ms, due_ms);
	assert_int_equal(world.last.since_wall_ms, due_ms - DAY);
	assert_string_equal(world.last.late, "firedrill was not running");
	assert_int_equal(world.promised_at_telling, due_ms + 3 * DAY);
	for (int i = 0; i < 3; i++) { /* restarts and reloads */
		digest_clock_set(world.clock, world.daily);
		end();
		live(world.daily);
	}
	assert_int_equal(world.told, 2);
	(void)pass_nine(0);
	assert_int_equal(world.told, 3);
	assert_null(world.last.late);
}

static void what_was_due_in_the_moment_of_a_reload_is_not_lost(void **state)
{
	int64_t due_ms;

	(void)state;
	live(world.daily);
	due_ms = pass_nine(-500);
	virtual_time_take(1000); /* reading */
	digest_clock_set(world.clock, world.daily);
	assert_int_equal(world.told, 1);
	assert_int_equal(world.last.due_wall_ms, due_ms);
	assert_null(world.last.late);
	pass(HOUR);
	assert_int_equal(world.told, 1);
}

static void one_that_is_configured_no_more_is_owed_to_nobody(void **state)
{
	(void)state;
	live(world.daily);
	digest_clock_set(world.clock, NULL);
	assert_int_equal(world.promised_wall_ms, -1);
	pass(2 * DAY);
	end();
	live(NULL);
	end();
	live(world.daily);
	pass(HOUR);
	end();
	assert_int_equal(world.told, 0);
}

static void another_schedule_counts_from_the_reload(void **state)
{
	int64_t due_ms;

	(void)state;
	live(world.weekly);
	(void)pass_nine(HOUR);
	if (world.told > 0) /* a Monday */
		(void)pass_nine(HOUR);
	world.told = 0;
	digest_clock_set(world.clock, world.daily);
	assert_int_equal(world.told, 0);
	due_ms = pass_nine(HOUR);
	assert_int_equal(world.told, 1);
	assert_int_equal(world.last.due_wall_ms, due_ms);
	end();
	live(world.weekly); /* another one by a restart: what was promised is not due yet */
	assert_int_equal(world.told, 1);
	assert_int_equal(world.promised_wall_ms, schedule_next(world.weekly, clock_wall_ms()));
}

static void a_clock_that_is_set_back_brings_none_twice(void **state)
{
	(void)state;
	live(world.daily);
	(void)pass_nine(HOUR);
	assert_int_equal(world.told, 1);
	virtual_time_jump_wall(-3 * HOUR);
	digest_clock_set(world.clock, world.daily);
	pass(6 * HOUR);
	assert_int_equal(world.told, 1);
	virtual_time_jump_wall(-30 * DAY); /* it was wrong before */
	pass(DAY);
	assert_int_equal(world.told, 2);
}

static void after_a_long_sleep_one_comes_and_says_why_so_late(void **state)
{
	int64_t due_ms;

	(void)state;
	live(world.daily);
	due_ms = pass_nine(-HOUR);
	virtual_time_jump_wall(3 * DAY);
	pass(60000);
	assert_int_equal(world.told, 1);
	assert_int_equal(world.last.due_wall_ms, due_ms);
	assert_non_null(strstr(world.last.late, "asleep"));
	pass(HOUR);
	assert_int_equal(world.told, 2); /* that day's */
}

static void what_cannot_have_been_promised_is_not_believed(void **state)
{
	static const int64_t nonsense[] = {0, 1, -2, INT64_MIN, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
		world.promised_wall_ms = nonsense[i];
		live(world.daily);
		assert_int_equal(world.promised_wall_ms,
				 schedule_next(world.daily, clock_wall_ms()));
		end();
	}
	assert_int_equal(world.told, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_first_life_posts_none_before_one_is_due),
	    TEST(what_was_due_while_it_did_not_run_comes_once_and_late),
	    TEST(what_was_due_in_the_moment_of_a_reload_is_not_lost),
	    TEST(one_that_is_configured_no_more_is_owed_to_nobody),
	    TEST(another_schedule_counts_from_the_reload),
	    TEST(a_clock_that_is_set_back_brings_none_twice),
	    TEST(after_a_long_sleep_one_comes_and_says_why_so_late),
	    TEST(what_cannot_have_been_promised_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
