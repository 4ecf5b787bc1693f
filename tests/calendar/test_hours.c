/* Allowed hours: how they are written, and what is inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/calendar/hours.h"
#include "src/calendar/zone.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define MINUTE_MS    INT64_C(60000)
#define DAY_MS       INT64_C(86400000)

static bool inside_of(const char *text, const char *zone, int64_t wall_ms)
{
	const char *const texts[] = {text};
	struct error error = {""};
	bool inside = false;

	if (!hours_include(texts, 1, zone, wall_ms, &inside, &error))
		fail_msg("%s: %s", text, error.text);
	return inside;
}

static void what_people_write_is_understood(void **state)
{
	static const char *const good[] = {
	    "Mon 09:00-17:00",     "Mon-Fri 09:00-17:00",         "Sat,Sun 10:00-12:00",
	    "daily 00:00-24:00",   "Mon,Wed-Fri,Sun 00:00-00:01", "Fri-Mon 22:00-06:00",
	    "mon-FRI 09:00-17:00", "Daily 23:59-24:00",           "Mon   09:00-17:00",
	    "Mon-Mon 09:00-17:00", "daily 22:00-00:00",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct error error = {""};

		if (!hours_check(good[i], &error))
			fail_msg("%s: %s", good[i], error.text);
	}
}

static void nonsense_is_refused_with_a_right_one(void **state)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "daily",
	    "Mon",
	    "09:00-17:00",
	    "Mon-Fri",
	    "Mon-Fri 9:00-17:00",
	    "Mon-Fri 09:00 - 17:00",
	    "Mon-Fri 09:00-17:00 ",
	    " Mon-Fri 09:00-17:00",
	    "Mon-Fri  ",
	    "Mon-Fri 09:00",
	    "Mon-Fri 09:00-",
	    "Mon-Fri 09:0",
	    "Mon-Fri 09:60-17:00",
	    "Mon-Fri 24:00-06:00",
	    "Mon-Fri 09:00-24:01",
	    "Mon-Fri 09:00-25:00",
	    "Mon-Fri 99:99-99:99",
	    "Mon-Fri 09:00-17:00,18:00-19:00",
	    "Mon, Tue 09:00-17:00",
	    "Mon,,Tue 09:00-17:00",
	    "Mon- 09:00-17:00",
	    "-Fri 09:00-17:00",
	    "Mon-Wed-Fri 09:00-17:00",
	    "Monday 09:00-17:00",
	    "Mo-Fr 09:00-17:00",
	    "weekdays 09:00-17:00",
	    "daily,Mon 09:00-17:00",
	    "Mon\t09:00-17:00",
	    "Mon-Fri 09:00\342\200\22317:00",
	    "Mon-Fri 09:00-17:00; rm -rf",
	    "Mon %s%n 09:00-17:00",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct error error = {""};

		if (hours_check(wrong[i], &error))
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_non_null(strstr(error.text, "\"Mon-Fri 09:00-17:00\""));
	}
}

static void hours_without_any_time_in_them_are_refused(void **state)
{
	struct error error = {""};

	(void)state;
	assert_false(hours_check("daily 09:00-09:00", &error));
	assert_non_null(strstr(error.text, "00:00-24:00 for the whole day"));
}

/* 2026-11-16 is a Monday. */

static void the_first_minute_is_inside_and_the_last_is_not(void **state)
{
	static const char text[] = "Mon-Fri 09:00-17:00";

	(void)state;
	assert_false(inside_of(text, "UTC", when(11, 16, 9, 0) - 1));
	assert_true(inside_of(text, "UTC", when(11, 16, 9, 0)));
	assert_true(inside_of(text, "UTC", when(11, 16, 17, 0) - 1));
	assert_false(inside_of(text, "UTC", when(11, 16, 17, 0)));
}

static void only_the_days_that_are_named_count(void **state)
{
	static const struct {
		const char *text;
		const char *days; /* from Monday on */
	} rows[] = {
	    {"Mon-Fri 09:00-17:00", "yyyyynn"}, {"Sat,Sun 09:00-17:00", "nnnnnyy"},
	    {"daily 09:00-17:00", "yyyyyyy"},   {"Wed 09:00-17:00", "nnynnnn"},
	    {"Fri-Mon 09:00-17:00", "ynnnyyy"}, {"Mon,Wed-Thu,Sun 09:00-17:00", "ynyynny"},
	    {"Sun-Sat 09:00-17:00", "yyyyyyy"}, {"Tue,Tue 09:00-17:00", "nynnnnn"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		for (int day = 0; day < 7; day++)
			assert_int_equal(inside_of(rows[i].text, "UTC", when(11, 16 + day, 12, 0)),
					 rows[i].days[day] == 'y');
	}
}

static void an_end_before_the_start_goes_over_midnight(void **state)
{
	static const char text[] = "Fri 22:00-06:00";

	(void)state;
	assert_false(inside_of(text, "UTC", when(11, 20, 21, 59)));
	assert_true(inside_of(text, "UTC", when(11, 20, 22, 0)));
	assert_true(inside_of(text, "UTC", when(11, 21, 5, 59)));
	assert_false(inside_of(text, "UTC", when(11, 21, 6, 0)));
	/* the early hours of Friday belong to Thursday */
	assert_false(inside_of(text, "UTC", when(11, 20, 5, 0)));
	assert_false(inside_of(text, "UTC", when(11, 21, 22, 0)));
	/* from Sunday into Monday */
	assert_true(inside_of("Sun 22:00-06:00", "UTC", when(11, 16, 5, 59)));
	assert_false(inside_of("Mon 22:00-06:00", "UTC", when(11, 16, 5, 59)));
}

static void the_whole_day_has_no_hole_at_midnight(void **state)
{
	(void)state;
	for (int64_t at_ms = when(11, 16, 0, 0); at_ms < when(11, 24, 0, 0); at_ms += MINUTE_MS) {
		assert_true(inside_of("daily 00:00-24:00", "UTC", at_ms));
		assert_true(inside_of("daily 00:00-24:00", "America/New_York", at_ms));
	}
	assert_false(inside_of("Mon 00:00-24:00", "UTC", when(11, 17, 0, 0)));
	assert_false(inside_of("Mon 22:00-00:00", "UTC", when(11, 17, 0, 0)));
}

static void one_of_several_texts_is_enough_and_none_means_always(void **state)
{
	const char *const texts[] = {"Mon 09:00-10:00", "Tue 09:00-10:00"};
	struct error error = {""};
	bool inside = false;

	(void)state;
	assert_true(hours_include(texts, 2, "UTC", when(11, 17, 9, 30), &inside, &error));
	assert_true(inside);
	assert_true(hours_include(texts, 2, "UTC", when(11, 18, 9, 30), &inside, &error));
	assert_false(inside);
	assert_true(hours_include(NULL, 0, "UTC", when(11, 18, 9, 30), &inside, &error));
	assert_true(inside);
}

static void hours_are_those_of_the_clock_on_the_wall_there(void **state)
{
	static const char text[] = "Mon-Fri 09:00-17:00";

	(void)state;
	assert_true(inside_of(text, "Europe/Berlin", when(11, 16, 8, 0)));  /* 09:00 in winter */
	assert_false(inside_of(text, "Europe/Berlin", when(7, 13, 6, 59))); /* 08:59 in summer */
	assert_true(inside_of(text, "Europe/Berlin", when(7, 13, 7, 0)));
	assert_true(inside_of(text, "Asia/Kolkata", when(11, 16, 3, 30)));
	assert_false(inside_of(text, "Asia/Kolkata", when(11, 16, 11, 30)));
	/* Friday 23:00 in UTC is Saturday in India and still Friday in New York */
	assert_false(inside_of("Fri 00:00-24:00", "Asia/Kolkata", when(11, 20, 23, 0)));
	assert_true(inside_of("Fri 00:00-24:00", "America/New_York", when(11, 20, 23, 0)));
}

static void an_hour_that_comes_twice_is_inside_twice_and_a_missing_one_never(void **state)
{
	static const char text[] = "Sun 02:00-03:00";

	(void)state;
	assert_true(inside_of(text, "Europe/Berlin", when(10, 25, 0, 30)));
	assert_true(inside_of(text, "Europe/Berlin", when(10, 25, 1, 30)));
	assert_false(inside_of(text, "Europe/Berlin", when(10, 25, 2, 0)));
	assert_false(inside_of(text, "Europe/Berlin", when(3, 29, 0, 59)));
	assert_false(inside_of(text, "Europe/Berlin", when(3, 29, 1, 0)));
}

static int64_t next_of(const char *text, const char *zone, int64_t wall_ms)
{
	return hours_next(&text, 1, zone, wall_ms);
}

static int64_t end_of(const char *text, const char *zone, int64_t wall_ms)
{
	return hours_end(&text, 1, zone, wall_ms);
}

static void the_next_moment_inside_is_the_first_one(void **state)
{
	static const char text[] = "Mon-Fri 09:00-17:00";

	(void)state;
	assert_int_equal(next_of(text, "UTC", when(11, 21, 14, 3)), when(11, 23, 9, 0));
	assert_int_equal(next_of(text, "Europe/Berlin", when(11, 21, 13, 3) + 999),
			 when(11, 23, 8, 0));
	assert_int_equal(next_of(text, "UTC", when(11, 16, 10, 0) + 17), when(11, 16, 10, 0) + 17);
	assert_int_equal(next_of(text, "UTC", when(11, 16, 17, 0)), when(11, 17, 9, 0));
	assert_int_equal(next_of("Mon 09:00-09:01", "UTC", when(11, 16, 9, 1)), when(11, 23, 9, 0));
	/* over the change of the clocks */
	assert_int_equal(next_of(text, "Europe/Berlin", when(3, 28, 12, 0)), when(3, 30, 7, 0));
	assert_int_equal(next_of(text, "America/New_York", when(10, 31, 12, 0)),
			 when(11, 2, 14, 0));
}

static void hours_that_are_missing_this_week_have_no_next_one(void **state)
{
	(void)state;
	assert_int_equal(next_of("Sun 02:00-03:00", "Europe/Berlin", when(3, 26, 12, 0)), -1);
	assert_int_equal(next_of("Sun 02:00-03:00", "Europe/Berlin", when(3, 28, 12, 0)),
			 when(4, 5, 0, 0));
}

static void the_end_is_the_first_moment_outside(void **state)
{
	static const char text[] = "Mon-Fri 09:00-17:00";
	const char *const halves[] = {"daily 09:00-12:00", "daily 12:00-13:00"};

	(void)state;
	assert_int_equal(end_of(text, "UTC", when(11, 16, 16, 59) + 1), when(11, 16, 17, 0));
	assert_int_equal(end_of(text, "UTC", when(11, 16, 8, 0)), when(11, 16, 8, 0));
	assert_int_equal(end_of("Fri 22:00-06:00", "UTC", when(11, 20, 23, 0)), when(11, 21, 6, 0));
	assert_int_equal(hours_end(halves, 2, "UTC", when(11, 16, 9, 30)), when(11, 16, 13, 0));
	assert_int_equal(end_of("daily 00:00-24:00", "UTC", when(11, 16, 9, 30)),
			 when(11, 16, 9, 30) + 8 * DAY_MS);
	/* the night of the change is an hour longer */
	assert_int_equal(end_of("Sat 22:00-06:00", "Europe/Berlin", when(10, 24, 20, 0)),
			 when(10, 25, 5, 0));
}

static void every_minute_agrees_with_the_next_one_and_the_end(void **state)
{
	static const char *const texts[] = {"Mon-Fri 09:00-17:00", "Sun 01:00-04:00",
					    "Tue 23:00-02:30"};
	static const char zone[] = "Australia/Lord_Howe";

	(void)state;
	for (int64_t at_ms = when(10, 1, 0, 0); at_ms < when(10, 8, 0, 0); at_ms += 7 * MINUTE_MS) {
		bool inside = false;

		assert_true(hours_include(texts, 3, zone, at_ms, &inside, NULL));
		assert_int_equal(inside, hours_next(texts, 3, zone, at_ms) == at_ms);
		assert_int_equal(!inside, hours_end(texts, 3, zone, at_ms) == at_ms);
	}
}

static void what_cannot_be_told_is_never_inside(void **state)
{
	const char *const good[] = {"daily 00:00-24:00"}, *const wrong[] = {"whenever"};
	struct error error = {""};
	bool inside = true;

	(void)state;
	assert_false(hours_include(good, 1, "Mars/Base", when(1, 1, 0, 0), &inside, &error));
	assert_false(hours_include(wrong, 1, "UTC", when(1, 1, 0, 0), &inside, &error));
	assert_false(hours_include(good, 1, "UTC", -1, &inside, &error));
	assert_int_equal(hours_next(good, 1, "Mars/Base", 1000), -1);
	assert_int_equal(hours_next(wrong, 1, "UTC", 1000), -1);
	assert_int_equal(hours_next(good, 1, "UTC", -1000), -1);
	assert_int_equal(hours_end(good, 1, "Mars/Base", 1000), 1000);
	assert_int_equal(hours_end(wrong, 1, "UTC", 1000), 1000);
	assert_int_equal(hours_end(good, 1, "UTC", -1000), -1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_people_write_is_understood),
	    cmocka_unit_test(nonsense_is_refused_with_a_right_one),
	    cmocka_unit_test(hours_without_any_time_in_them_are_refused),
	    cmocka_unit_test(the_first_minute_is_inside_and_the_last_is_not),
	    cmocka_unit_test(only_the_days_that_are_named_count),
	    cmocka_unit_test(an_end_before_the_start_goes_over_midnight),
	    cmocka_unit_test(the_whole_day_has_no_hole_at_midnight),
	    cmocka_unit_test(one_of_several_texts_is_enough_and_none_means_always),
	    cmocka_unit_test(hours_are_those_of_the_clock_on_the_wall_there),
	    cmocka_unit_test(an_hour_that_comes_twice_is_inside_twice_and_a_missing_one_never),
	    cmocka_unit_test(the_next_moment_inside_is_the_first_one),
	    cmocka_unit_test(hours_that_are_missing_this_week_have_no_next_one),
	    cmocka_unit_test(the_end_is_the_first_moment_outside),
	    cmocka_unit_test(every_minute_agrees_with_the_next_one_and_the_end),
	    cmocka_unit_test(what_cannot_be_told_is_never_inside),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
