/* Schedules on the days on which the clocks are changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define HOUR_MS      INT64_C(3600000)
#define BERLIN       "Europe/Berlin"
#define NEW_YORK     "America/New_York"
#define LORD_HOWE    "Australia/Lord_Howe"
#define APIA         "Pacific/Apia"
#define KOLKATA      "Asia/Kolkata"

struct row {
	const char *text, *zone, *after, *moments;
};

static void expect_all(const struct row *rows, size_t count)
{
	struct calendar *calendar = calendar_new();

	for (size_t i = 0; i < count; i++) {
		struct schedule *schedule = schedules_open(calendar, rows[i].text, rows[i].zone);

		schedules_expect(schedule, rows[i].zone, rows[i].after, rows[i].moments);
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

static void a_time_that_does_not_exist_runs_when_the_clock_has_jumped_over_it(void **state)
{
	static const struct row rows[] = {
	    {"30 2 * * *", BERLIN, "2026-03-28 00:00",
	     "Sat 2026-03-28 02:30, Sun 2026-03-29 03:00, Mon 2026-03-30 02:30"},
	    {"*/20 2 * * *", BERLIN, "2026-03-28 01:35",
	     "Sat 2026-03-28 02:40, Sun 2026-03-29 03:00, Mon 2026-03-30 02:00"},
	    {"0,30 2,3 * * *", BERLIN, "2026-03-28 12:00",
	     "Sun 2026-03-29 03:00, Sun 2026-03-29 03:30, Mon 2026-03-30 02:00"},
	    {"30 2 * * Sun", NEW_YORK, "2026-03-07 12:00",
	     "Sun 2026-03-08 03:00, Sun 2026-03-15 02:30"},
	    {"15 2 * * *", LORD_HOWE, "2026-10-03 00:00",
	     "Sun 2026-10-04 02:30, Mon 2026-10-05 02:15"},
	    {"RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", BERLIN, "2026-03-28 00:00",
	     "Sat 2026-03-28 02:30, Sun 2026-03-29 03:00, Mon 2026-03-30 02:30"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void a_time_that_comes_twice_runs_the_first_time_only(void **state)
{
	static const struct row rows[] = {
	    {"30 2 * * *", BERLIN, "2026-10-24 12:00",
	     "Sun 2026-10-25 02:30, Mon 2026-10-26 02:30"},
	    {"*/30 2 * * *", BERLIN, "2026-10-24 12:00",
	     "Sun 2026-10-25 02:00, Sun 2026-10-25 02:30, Mon 2026-10-26 02:00"},
	    {"30 1 * * *", NEW_YORK, "2026-10-31 12:00",
	     "Sun 2026-11-01 01:30, Mon 2026-11-02 01:30"},
	    {"45 1 * * *", LORD_HOWE, "2026-04-04 00:00",
	     "Sun 2026-04-05 01:45, Mon 2026-04-06 01:45"},
	    {"RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", BERLIN, "2026-10-24 12:00",
	     "Sun 2026-10-25 02:30, Mon 2026-10-26 02:30"},
	};
	struct calendar *calendar = calendar_new();
	struct schedule *schedule = schedules_open(calendar, "30 2 * * *", BERLIN);

	(void)state;
	expect_all(rows, LENGTH(rows));
	/* 02:30 of summer, which is 00:30 UTC; asked again in the hour that comes twice: the next day's */
	assert_int_equal(schedule_next(schedule, when(10, 25, 0, 0)), when(10, 25, 0, 30));
	assert_int_equal(schedule_next(schedule, when(10, 25, 1, 15)), when(10, 26, 1, 30));
	schedule_free(schedule);
	calendar_free(calendar);
}

static void the_days_around_a_change_are_as_long_as_they_are(void **state)
{
	static const struct {
		const char *text, *zone;
		int month, day; /* UTC noon before the change */
		int hours;      /* between the two moments that follow */
	} rows[] = {
	    {"0 10 * * *", BERLIN, 3, 27, 23},  {"0 10 * * *", BERLIN, 3, 28, 24},
	    {"0 20 * * *", BERLIN, 3, 28, 23},  {"0 20 * * *", BERLIN, 10, 24, 25},
	    {"0 20 * * *", NEW_YORK, 3, 7, 23}, {"0 20 * * *", KOLKATA, 3, 28, 24},
	    {"@every 24h", BERLIN, 3, 28, 24},  {"@every 24h", BERLIN, 10, 24, 24},
	};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct schedule *schedule = schedules_open(calendar, rows[i].text, rows[i].zone);
		int64_t first_ms = schedule_next(schedule, when(rows[i].month, rows[i].day, 12, 0));

		assert_int_equal(schedule_next(schedule, first_ms) - first_ms,
				 rows[i].hours * HOUR_MS);
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

static void a_line_of_every_hour_goes_by_real_time(void **state)
{
	static const char *const texts[] = {"30 * * * *", "30 */1 * * *", "30 0-23 * * *",
					    "RRULE:FREQ=HOURLY;BYMINUTE=30", "@every 1h"};
	static const char *const zones[] = {BERLIN, NEW_YORK, KOLKATA, "UTC"};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		for (size_t k = 0; k < LENGTH(zones); k++) {
			struct schedule *schedule = schedules_open(calendar, texts[i], zones[k]);

			assert_int_equal(
			    schedule_count(schedule, when(1, 1, 0, 0), when(13, 1, 0, 0), 10000),
			    365 * 24);
			assert_int_equal(schedule_step_ms(schedule, when(3, 28, 0, 0)), HOUR_MS);
			assert_int_equal(schedule_step_ms(schedule, when(10, 24, 0, 0)), HOUR_MS);
			schedule_free(schedule);
		}
	}
	calendar_free(calendar);
}

static void a_line_of_every_hour_shows_what_the_clock_shows(void **state)
{
	static const struct row rows[] = {
	    {"30 * * * *", BERLIN, "2026-03-29 00:00",
	     "Sun 2026-03-29 01:30, Sun 2026-03-29 03:30, Sun 2026-03-29 04:30"},
	    {"30 * * * *", BERLIN, "2026-10-24 23:00",
	     "Sun 2026-10-25 01:30, Sun 2026-10-25 02:30, Sun 2026-10-25 02:30, "
	     "Sun 2026-10-25 03:30"},
	    {"0 * * * *", LORD_HOWE, "2026-10-03 14:00",
	     "Sun 2026-10-04 01:00, Sun 2026-10-04 03:00, Sun 2026-10-04 04:00"},
	    {"40 * * * *", LORD_HOWE, "2026-04-04 14:00",
	     "Sun 2026-04-05 01:40, Sun 2026-04-05 01:40, Sun 2026-04-05 02:40"},
	    {"RRULE:FREQ=HOURLY;BYMINUTE=30", BERLIN, "2026-10-24 23:00",
	     "Sun 2026-10-25 01:30, Sun 2026-10-25 02:30, Sun 2026-10-25 02:30, "
	     "Sun 2026-10-25 03:30"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

/* On the 29th of December 2011 at midnight it was the 31st. */
static void a_day_that_is_left_out_runs_when_the_next_one_begins(void **state)
{
	static const struct row rows[] = {
	    {"0 10 * * *", APIA, "2011-12-29 00:00",
	     "Thu 2011-12-29 10:00, Sat 2011-12-31 00:00, Sat 2011-12-31 10:00"},
	    {"0 10 30 * *", APIA, "2011-12-29 00:00", "Sat 2011-12-31 00:00, Mon 2012-01-30 10:00"},
	    {"0 * * * *", APIA, "2011-12-30 08:30",
	     "Thu 2011-12-29 23:00, Sat 2011-12-31 00:00, Sat 2011-12-31 01:00"},
	    {"DTSTART:20110101T100000 RRULE:FREQ=DAILY", APIA, "2011-12-29 00:00",
	     "Thu 2011-12-29 10:00, Sat 2011-12-31 00:00, Sat 2011-12-31 10:00"},
	    {"@every 12h", APIA, "2011-12-29 12:00",
	     "Thu 2011-12-29 14:00, Sat 2011-12-31 02:00, Sat 2011-12-31 14:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void every_length_counts_from_1970_so_that_a_restart_changes_nothing(void **state)
{
	struct calendar *calendar = calendar_new();
	struct schedule *schedule = schedules_open(calendar, "@every 7m30s", BERLIN);
	int64_t step_ms = 450000, at_ms = when(11, 21, 14, 3);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t next_ms = schedule_next(schedule, at_ms);

		assert_int_equal(next_ms % step_ms, 0);
		assert_true(next_ms > at_ms && next_ms <= at_ms + step_ms);
		assert_int_equal(schedule_next(schedule, next_ms - 1), next_ms);
		at_ms += 100003;
	}
	schedule_free(schedule);
	calendar_free(calendar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_time_that_does_not_exist_runs_when_the_clock_has_jumped_over_it),
	    cmocka_unit_test(a_time_that_comes_twice_runs_the_first_time_only),
	    cmocka_unit_test(the_days_around_a_change_are_as_long_as_they_are),
	    cmocka_unit_test(a_line_of_every_hour_goes_by_real_time),
	    cmocka_unit_test(a_line_of_every_hour_shows_what_the_clock_shows),
	    cmocka_unit_test(a_day_that_is_left_out_runs_when_the_next_one_begins),
	    cmocka_unit_test(every_length_counts_from_1970_so_that_a_restart_changes_nothing),
	};

	return cmocka_run_group_tests_name("changes of the clock", tests, NULL, NULL);
}
