/* Local time in IANA zones, on both sides of every kind of change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/calendar/zone.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define HOUR_MS      INT64_C(3600000)

static int offset_of(const char *zone, int64_t wall_ms)
{
	struct error error = {""};
	int minutes = -1;

	if (!zone_offset(zone, wall_ms, &minutes, &error))
		fail_msg("%s: %s", zone, error.text);
	return minutes;
}

static void assert_format(const char *zone, int64_t wall_ms, const char *wanted)
{
	char text[ZONE_TIME_SIZE];

	zone_format(zone, wall_ms, text);
	assert_string_equal(text, wanted);
}

static void the_clocks_change_at_the_right_second_in_spring_and_in_autumn(void **state)
{
	const struct {
		const char *zone;
		int64_t change_ms;
		int before, after;
	} changes[] = {
	    {"Europe/Berlin", when(3, 29, 1, 0), 60, 120},
	    {"Europe/Berlin", when(10, 25, 1, 0), 120, 60},
	    {"America/New_York", when(3, 8, 7, 0), -300, -240},
	    {"America/New_York", when(11, 1, 6, 0), -240, -300},
	    {"Australia/Lord_Howe", when(4, 4, 15, 0), 660, 630},
	    {"Australia/Lord_Howe", when(10, 3, 15, 30), 630, 660},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(changes); i++) {
		assert_int_equal(offset_of(changes[i].zone, changes[i].change_ms - 1),
				 changes[i].before);
		assert_int_equal(offset_of(changes[i].zone, changes[i].change_ms),
				 changes[i].after);
	}
}

static void a_zone_without_changes_is_the_same_all_year(void **state)
{
	(void)state;
	for (int month = 1; month <= 12; month++) {
		assert_int_equal(offset_of("Asia/Kolkata", when(month, 15, 12, 0)), 330);
		assert_int_equal(offset_of("UTC", when(month, 15, 12, 0)), 0);
		assert_int_equal(offset_of("Etc/UTC", when(month, 15, 12, 0)), 0);
	}
}

static void a_moment_is_shown_as_people_there_see_it(void **state)
{
	(void)state;
	assert_format("Europe/Berlin", when(11, 21, 13, 3), "Sat 2026-11-21 14:03");
	assert_format("UTC", when(11, 21, 13, 3), "Sat 2026-11-21 13:03");
	assert_format("Asia/Kolkata", when(11, 21, 19, 0), "Sun 2026-11-22 00:30");
	assert_format("America/New_York", when(1, 1, 4, 59), "Wed 2025-12-31 23:59");
	assert_format("Europe/Berlin", when(3, 29, 1, 0), "Sun 2026-03-29 03:00");
	assert_format("Australia/Lord_Howe", when(4, 4, 15, 0), "Sun 2026-04-05 01:30");
	assert_format("Mars/Base", when(11, 21, 13, 3), "Sat 2026-11-21 13:03");
}

static void times_that_no_calendar_has_are_shown_without_harm(void **state)
{
	(void)state;
	assert_format("UTC", INT64_MIN, "Thu 1970-01-01 00:00");
	assert_format("America/New_York", INT64_MIN, "Thu 1970-01-01 00:00");
	assert_format("UTC", INT64_MAX, "Fri 9999-12-31 23:59");
	assert_format("Asia/Kolkata", INT64_MAX, "Fri 9999-12-31 23:59");
}

static int64_t day_start(const char *zone, int64_t wall_ms)
{
	struct error error = {""};
	int64_t start_ms = -1;

	if (!zone_day_start(zone, wall_ms, &start_ms, &error))
		fail_msg("%s: %s", zone, error.text);
	return start_ms;
}

static void a_day_begins_at_midnight_there(void **state)
{
	(void)state;
	assert_int_equal(day_start("UTC", when(11, 21, 13, 3)), when(11, 21, 0, 0));
	assert_int_equal(day_start("UTC", when(11, 21, 0, 0)), when(11, 21, 0, 0));
	assert_int_equal(day_start("UTC", when(11, 21, 0, 0) - 1), when(11, 20, 0, 0));
	assert_int_equal(day_start("Europe/Berlin", when(11, 21, 22, 59)), when(11, 20, 23, 0));
	assert_int_equal(day_start("Europe/Berlin", when(11, 21, 23, 0)), when(11, 21, 23, 0));
	assert_int_equal(day_start("Asia/Kolkata", when(11, 21, 18, 30)), when(11, 21, 18, 30));
	assert_int_equal(day_start("America/New_York", when(11, 21, 4, 0)), when(11, 20, 5, 0));
}

static void a_day_with_a_change_in_it_begins_under_the_old_time(void **state)
{
	(void)state;
	/* before and after the change of the same day, in spring and in autumn */
	assert_int_equal(day_start("Europe/Berlin", when(3, 29, 0, 30)), when(3, 28, 23, 0));
	assert_int_equal(day_start("Europe/Berlin", when(3, 29, 20, 0)), when(3, 28, 23, 0));
	assert_int_equal(day_start("Europe/Berlin", when(10, 25, 0, 30)), when(10, 24, 22, 0));
	assert_int_equal(day_start("Europe/Berlin", when(10, 25, 20, 0)), when(10, 24, 22, 0));
	/* and the day after it */
	assert_int_equal(day_start("Europe/Berlin", when(3, 30, 0, 30)), when(3, 29, 22, 0));
	assert_int_equal(day_start("Europe/Berlin", when(10, 26, 0, 30)), when(10, 25, 23, 0));
	assert_int_equal(day_start("Australia/Lord_Howe", when(10, 4, 0, 0)), when(10, 3, 13, 30));
}

static void a_day_whose_midnight_is_missing_or_comes_twice_begins_once(void **state)
{
	(void)state;
	/* 00:00 became 01:00 at 04:00 UTC */
	assert_int_equal(day_start("America/Santiago", when(9, 6, 4, 0)), when(9, 6, 4, 0));
	assert_int_equal(day_start("America/Santiago", when(9, 6, 20, 0)), when(9, 6, 4, 0));
	assert_int_equal(day_start("America/Santiago", when(9, 6, 3, 59)), when(9, 5, 4, 0));
	/* 01:00 became 00:00 at 05:00 UTC: the first of the two midnights counts */
	assert_int_equal(day_start("America/Havana", when(11, 1, 4, 30)), when(11, 1, 4, 0));
	assert_int_equal(day_start("America/Havana", when(11, 1, 20, 0)), when(11, 1, 4, 0));
}

static void a_day_begins_at_most_25_hours_ago_and_never_in_the_future(void **state)
{
	static const char *const zones[] = {"Europe/Berlin",  "America/New_York",
					    "Asia/Kolkata",   "Australia/Lord_Howe",
					    "America/Havana", "UTC"};

	(void)state;
	for (size_t i = 0; i < LENGTH(zones); i++) {
		for (int64_t at_ms = when(1, 1, 0, 7); at_ms < when(12, 31, 0, 0);
		     at_ms += 5 * HOUR_MS) {
			int64_t start_ms = day_start(zones[i], at_ms);

			assert_true(start_ms <= at_ms);
			assert_true(at_ms - start_ms < 25 * HOUR_MS);
			assert_int_equal(day_start(zones[i], start_ms), start_ms);
		}
	}
}

static void a_zone_that_is_not_known_is_refused_with_a_right_one(void **state)
{
	static const char *const wrong[] = {
	    "Mars/Base",
	    "",
	    "europe/berlin",
	    "Europe/Berlin ",
	    "/etc/passwd",
	    "../../etc/fstab",
	    "Europe/..",
	    "Europe/B\xc3\xa9",
	    "zone.tab",
	    "Europe",
	    "Berlin",
	    "CEST-2%n%n",
	    "Europe/Berlin/Europe/Berlin/Europe/Berlin/Europe/Berlin/Europe/Berlin/Europe/Berlin",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct error error = {""};
		int64_t start_ms = 7;
		int minutes = 7;

		assert_false(zone_offset(wrong[i], when(1, 1, 0, 0), &minutes, &error));
		assert_int_equal(minutes, 7);
		assert_non_null(strstr(error.text, "\"Europe/Berlin\" or \"UTC\""));
		assert_false(zone_day_start(wrong[i], when(1, 1, 0, 0), &start_ms, &error));
		assert_int_equal(start_ms, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_clocks_change_at_the_right_second_in_spring_and_in_autumn),
	    cmocka_unit_test(a_zone_without_changes_is_the_same_all_year),
	    cmocka_unit_test(a_moment_is_shown_as_people_there_see_it),
	    cmocka_unit_test(times_that_no_calendar_has_are_shown_without_harm),
	    cmocka_unit_test(a_day_begins_at_midnight_there),
	    cmocka_unit_test(a_day_with_a_change_in_it_begins_under_the_old_time),
	    cmocka_unit_test(a_day_whose_midnight_is_missing_or_comes_twice_begins_once),
	    cmocka_unit_test(a_day_begins_at_most_25_hours_ago_and_never_in_the_future),
	    cmocka_unit_test(a_zone_that_is_not_known_is_refused_with_a_right_one),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
