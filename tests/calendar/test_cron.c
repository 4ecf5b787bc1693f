/* Cron lines: how they are written, and when they come, in UTC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

struct moment {
	int month, day, hour, minute; /* month 0: none */
};

static void lines_come_when_crontab_says(void **state)
{
	static const struct {
		const char *text;
		struct moment after, want[4];
	} rows[] = {
	    {"17 * * * *", {11, 21, 10, 17}, {{11, 21, 11, 17}, {11, 21, 12, 17}}},
	    {"* * * * *", {11, 21, 23, 59}, {{11, 22, 0, 0}, {11, 22, 0, 1}}},
	    {"0 10 * * Tue", {11, 21, 0, 0}, {{11, 24, 10, 0}, {12, 1, 10, 0}}},
	    {"0 10 * * 2", {11, 24, 10, 0}, {{12, 1, 10, 0}, {12, 8, 10, 0}}},
	    {"0 0 * * 7", {11, 21, 0, 0}, {{11, 22, 0, 0}, {11, 29, 0, 0}}},
	    {"0 0 * * 0", {11, 21, 0, 0}, {{11, 22, 0, 0}, {11, 29, 0, 0}}},
	    {"0 0 * * sat-SUN", {11, 20, 0, 0}, {{11, 21, 0, 0}, {11, 22, 0, 0}, {11, 28, 0, 0}}},
	    {"0 0 * * Fri-Mon",
	     {11, 20, 0, 0},
	     {{11, 21, 0, 0}, {11, 22, 0, 0}, {11, 23, 0, 0}, {11, 27, 0, 0}}},
	    {"0 0 * * 5-7", {11, 20, 0, 0}, {{11, 21, 0, 0}, {11, 22, 0, 0}, {11, 27, 0, 0}}},
	    {"*/20 9-10 * * *",
	     {11, 21, 9, 30},
	     {{11, 21, 9, 40}, {11, 21, 10, 0}, {11, 21, 10, 20}, {11, 21, 10, 40}}},
	    {"5-59/25 0 * * *", {11, 21, 0, 5}, {{11, 21, 0, 30}, {11, 21, 0, 55}, {11, 22, 0, 5}}},
	    {"1,3,2-2 0 1 Jan,dec *", {1, 1, 0, 2}, {{1, 1, 0, 3}, {12, 1, 0, 1}}},
	    {"0 0 31 * *", {3, 31, 0, 0}, {{5, 31, 0, 0}, {7, 31, 0, 0}, {8, 31, 0, 0}}},
	    {"0\t0  13 * Fri ", {11, 1, 0, 0}, {{11, 6, 0, 0}, {11, 13, 0, 0}, {11, 20, 0, 0}}},
	    {"0 0 13 2 Fri", {2, 1, 0, 0}, {{2, 6, 0, 0}, {2, 13, 0, 0}, {2, 20, 0, 0}}},
	    {"0 0 */10 * Mon", {1, 1, 0, 0}, {{5, 11, 0, 0}, {6, 1, 0, 0}, {8, 31, 0, 0}}},
	    {"0 0 13 * */2", {11, 1, 0, 0}, {{12, 13, 0, 0}}},
	    {"@hourly", {11, 21, 10, 17}, {{11, 21, 11, 0}, {11, 21, 12, 0}}},
	    {"@daily", {11, 21, 10, 17}, {{11, 22, 0, 0}, {11, 23, 0, 0}}},
	    {"@MIDNIGHT", {11, 21, 10, 17}, {{11, 22, 0, 0}, {11, 23, 0, 0}}},
	    {"@weekly", {11, 21, 10, 17}, {{11, 22, 0, 0}, {11, 29, 0, 0}}},
	    {"@monthly", {11, 1, 0, 0}, {{12, 1, 0, 0}}},
	    {"@yearly", {1, 1, 0, 0}, {{13, 1, 0, 0}}},
	    {"@annually", {11, 1, 0, 0}, {{13, 1, 0, 0}}},
	    {"@every 6h", {11, 21, 10, 17}, {{11, 21, 12, 0}, {11, 21, 18, 0}}},
	    {"@every 90m", {11, 21, 0, 0}, {{11, 21, 1, 30}, {11, 21, 3, 0}, {11, 21, 4, 30}}},
	};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct moment *after = &rows[i].after;
		int64_t at_ms = when(after->month, after->day, after->hour, after->minute);
		struct schedule *schedule = schedules_open(calendar, rows[i].text, "UTC");

		for (size_t k = 0; k < 4 && rows[i].want[k].month > 0; k++) {
			const struct moment *want = &rows[i].want[k];

			at_ms = schedule_next(schedule, at_ms);
			if (at_ms != when(want->month, want->day, want->hour, want->minute))
				fail_msg("%s: moment %zu", rows[i].text, k);
		}
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

static void nonsense_is_refused_with_what_would_be_right(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "five fields"},
	    {"daily", "five fields"},
	    {"10:00", "five fields"},
	    {"* * * *", "five fields"},
	    {"0 0 10 * * Tue", "five fields"},
	    {"60 * * * *", "number from 0 to 59"},
	    {"* 24 * * *", "number from 0 to 23"},
	    {"* * 0 * *", "number from 1 to 31"},
	    {"* * 32 * *", "number from 1 to 31"},
	    {"* * * 13 *", "or a name such as Jan"},
	    {"* * * * 8", "or a name such as Mon"},
	    {"* * * * Tues", "or a name such as Mon"},
	    {"* * * Mon *", "or a name such as Jan"},
	    {"-1 * * * *", "minute"},
	    {"1- * * * *", "minute"},
	    {"1,,2 * * * *", "minute"},
	    {"1, * * * *", "minute"},
	    {"*5 * * * *", "minute"},
	    {"99999999999999999999 * * * *", "minute"},
	    {"* * L * *", "day of the month"},
	    {"* * ? * *", "day of the month"},
	    {"0 0 * * Mon#1", "day of the week"},
	    {"30-10 * * * *", "two ranges"},
	    {"0 22-2 * * *", "two ranges"},
	    {"*/0 * * * *", "from 1 on"},
	    {"*/x * * * *", "from 1 on"},
	    {"*/60 * * * *", "longer than its range"},
	    {"0 1-3/3 * * *", "longer than its range"},
	    {"5/15 * * * *", "needs a range"},
	    {"@reboot", "@every 6h"},
	    {"@dayly", "@daily"},
	    {"@every", "@every 6h"},
	    {"@every ", "not a length of time"},
	    {"@every 6", "not a length of time"},
	    {"@every 999ms", "at least \"@every 1s\""},
	    {"@every 0s", "at least \"@every 1s\""},
	    {"@every 400d", "366 days"},
	    {"0 0 30 2 *", "never comes"},
	    {"0 0 31 4,6,9,11 *", "never comes"},
	    {"\xc3\xa9 * * * *", "minute"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		schedules_refuse(rows[i].text, rows[i].says);
}

static void the_leap_day_comes_every_four_years(void **state)
{
	struct calendar *calendar = calendar_new();
	struct schedule *schedule = schedules_open(calendar, "0 12 29 2 *", "UTC");

	(void)state;
	/* 2026 + 2 */
	assert_int_equal(schedule_next(schedule, when(1, 1, 0, 0)), when(26, 29, 12, 0));
	schedule_free(schedule);
	calendar_free(calendar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_come_when_crontab_says),
	    cmocka_unit_test(nonsense_is_refused_with_what_would_be_right),
	    cmocka_unit_test(the_leap_day_comes_every_four_years),
	};

	return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
