/* Blackouts: how they are written, and what they leave out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define BERLIN       "Europe/Berlin"

static void what_people_write_is_understood(void **state)
{
	static const char *const good[] = {
	    "2026-12-19 to 2027-01-06",
	    "2026-12-24",
	    "2026-12-24 to 2026-12-24",
	    "2026-12-19 18:00 to 2026-12-20 06:00",
	    "2026-12-19 to 2026-12-20 06:00",
	    "2026-12-19 18:00 to 2026-12-20",
	    "2026-12-19 18:00 to 2026-12-19 24:00",
	    "Sat,Sun 00:00-24:00",
	    "daily 22:00-06:00",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct error error = {""};

		if (!schedule_check_blackout(good[i], &error))
			fail_msg("%s: %s", good[i], error.text);
	}
}

static void nonsense_is_refused_with_a_right_one(void **state)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "Christmas",
	    "2026",
	    "2026-12",
	    "2026-02-30",
	    "2026-13-01",
	    "2026-00-10",
	    "26-12-19",
	    "2026-12-19 to",
	    "2026-12-19 to ",
	    "2026-12-19 to 2026-12-32",
	    "2026-12-19 - 2027-01-06",
	    "2026-12-19  to 2027-01-06",
	    "2026-12-19 to 2026-12-18",
	    "2026-12-19 18:00",
	    "2026-12-19 18:00 to 2026-12-19 18:00",
	    "2026-12-19 18:60 to 2026-12-20",
	    "2026-12-19 25:00 to 2026-12-20",
	    "2026-12-19 1:00 to 2026-12-20",
	    "2026-12-19 18:00 to 2026-12-20 06:00 ",
	    "2026-12-19T18:00 to 2026-12-20",
	    "19.12.2026 to 06.01.2027",
	    "Sat,Sun",
	    "Mon-Fri 9-17",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct error error = {""};

		if (schedule_check_blackout(wrong[i], &error))
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_non_null(strstr(error.text, "\"2026-12-19 to 2027-01-06\""));
	}
}

struct row {
	const char *when, *zone, *blackouts[3];
	const char *after, *moments;
};

static void expect_all(const struct row *rows, size_t count)
{
	struct calendar *calendar = calendar_new();

	for (size_t i = 0; i < count; i++) {
		struct schedule_ask ask = {
		    .when = rows[i].when, .zone = rows[i].zone, .blackouts = rows[i].blackouts};
		struct schedule *schedule;

		while (ask.blackout_count < 3 && rows[i].blackouts[ask.blackout_count] != NULL)
			ask.blackout_count++;
		schedule = schedules_ask(calendar, &ask);
		schedules_expect(schedule, rows[i].zone, rows[i].after, rows[i].moments);
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

static void both_days_of_a_blackout_are_left_out(void **state)
{
	static const struct row rows[] = {
	    {"0 10 * * *",
	     "UTC",
	     {"2026-12-19 to 2027-01-06"},
	     "2026-12-17 12:00",
	     "Fri 2026-12-18 10:00, Thu 2027-01-07 10:00"},
	    {"0 0 * * *",
	     BERLIN,
	     {"2026-12-19 to 2026-12-20"},
	     "2026-12-17 12:00",
	     "Fri 2026-12-18 00:00, Mon 2026-12-21 00:00"},
	    {"30 23 * * *",
	     BERLIN,
	     {"2026-12-19"},
	     "2026-12-17 12:00",
	     "Thu 2026-12-17 23:30, Fri 2026-12-18 23:30, Sun 2026-12-20 23:30"},
	    {"0 10 * * *",
	     "UTC",
	     {"2026-12-20 to 2026-12-22", "2026-12-18", "2026-12-19"},
	     "2026-12-16 12:00",
	     "Thu 2026-12-17 10:00, Wed 2026-12-23 10:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void the_first_minute_of_a_blackout_is_in_it_and_its_end_is_not(void **state)
{
	static const struct row rows[] = {
	    {"*/30 * * * *",
	     "UTC",
	     {"2026-12-19 18:00 to 2026-12-20 06:00"},
	     "2026-12-19 17:00",
	     "Sat 2026-12-19 17:30, Sun 2026-12-20 06:00, Sun 2026-12-20 06:30"},
	    {"@every 1h",
	     BERLIN,
	     {"2026-12-19 18:00 to 2026-12-20 06:00"},
	     "2026-12-19 15:00",
	     "Sat 2026-12-19 17:00, Sun 2026-12-20 06:00"},
	    {"RRULE:FREQ=HOURLY",
	     BERLIN,
	     {"2026-12-19 18:00 to 2026-12-19 20:00"},
	     "2026-12-19 15:30",
	     "Sat 2026-12-19 17:00, Sat 2026-12-19 20:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void hours_of_every_week_are_left_out(void **state)
{
	static const struct row rows[] = {
	    {"0 * * * *",
	     "UTC",
	     {"daily 17:00-09:00", "Sat,Sun 00:00-24:00"},
	     "2026-11-20 14:30",
	     "Fri 2026-11-20 15:00, Fri 2026-11-20 16:00, Mon 2026-11-23 09:00"},
	    {"0 2 * * *",
	     BERLIN,
	     {"Sun 00:00-24:00"},
	     "2026-10-23 12:00",
	     "Sat 2026-10-24 02:00, Mon 2026-10-26 02:00"},
	    {"30 0 * * *",
	     BERLIN,
	     {"Sun 00:00-24:00"},
	     "2026-03-27 12:00",
	     "Sat 2026-03-28 00:30, Mon 2026-03-30 00:30"},
	    /* an hour that comes twice is left out twice */
	    {"30 * * * *",
	     BERLIN,
	     {"Sun 02:00-03:00"},
	     "2026-10-24 23:00",
	     "Sun 2026-10-25 01:30, Sun 2026-10-25 03:30"},
	    /* what is moved to behind the change is not inside any more */
	    {"30 2 * * *",
	     BERLIN,
	     {"Sun 02:00-03:00"},
	     "2026-03-28 12:00",
	     "Sun 2026-03-29 03:00, Mon 2026-03-30 02:30"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void a_schedule_that_is_always_in_a_blackout_is_refused(void **state)
{
	static const char *const blackouts[][2] = {
	    {"daily 00:00-24:00"},
	    {"daily 00:00-12:00", "daily 12:00-00:00"},
	    {"2026-01-01 to 2040-01-01"},
	    {"2026-01-01 to 2030-01-01", "2030-01-01 to 2040-01-01"},
	};
	static const char *const texts[] = {"* * * * *", "@every 1s", "0 10 * * *",
					    "RRULE:FREQ=HOURLY"};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(blackouts) * LENGTH(texts); i++) {
		struct schedule_ask ask = {.when = texts[i % LENGTH(texts)],
					   .zone = BERLIN,
					   .blackouts = blackouts[i / LENGTH(texts)]};
		struct error error = {""};

		ask.blackout_count = ask.blackouts[1] != NULL ? 2 : 1;
		assert_null(schedule_new(calendar, &ask, &error));
		assert_non_null(strstr(error.text, "on holidays or in a blackout"));
	}
	calendar_free(calendar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_people_write_is_understood),
	    cmocka_unit_test(nonsense_is_refused_with_a_right_one),
	    cmocka_unit_test(both_days_of_a_blackout_are_left_out),
	    cmocka_unit_test(the_first_minute_of_a_blackout_is_in_it_and_its_end_is_not),
	    cmocka_unit_test(hours_of_every_week_are_left_out),
	    cmocka_unit_test(a_schedule_that_is_always_in_a_blackout_is_refused),
	};

	return cmocka_run_group_tests_name("blackouts", tests, NULL, NULL);
}
