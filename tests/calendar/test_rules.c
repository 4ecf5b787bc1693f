/* Recurrence rules: how they are written, and when they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static void rules_come_when_the_rfc_says(void **state)
{
	static const struct {
		const char *text, *moments; /* after 2026-11-21 */
	} rows[] = {
	    {"RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
	     "Tue 2026-11-24 10:00, Tue 2026-12-01 10:00"},
	    {"rrule:freq=weekly;byday=tu;byhour=10", "Tue 2026-11-24 10:00, Tue 2026-12-01 10:00"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=2TU;BYHOUR=9,15;BYMINUTE=30",
	     "Tue 2026-12-08 09:30, Tue 2026-12-08 15:30, Tue 2027-01-12 09:30"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=-1FR", "Fri 2026-11-27 00:00, Fri 2026-12-25 00:00"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
	     "Mon 2026-11-30 00:00, Thu 2026-12-31 00:00"},
	    {"RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "Mon 2026-11-30 00:00, Thu 2026-12-31 00:00"},
	    {"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "Tue 2028-02-29 00:00"},
	    {"RRULE:FREQ=YEARLY", "Fri 2027-01-01 00:00, Sat 2028-01-01 00:00"},
	    {"RRULE:FREQ=MONTHLY", "Tue 2026-12-01 00:00, Fri 2027-01-01 00:00"},
	    {"RRULE:FREQ=WEEKLY", "Mon 2026-11-23 00:00, Mon 2026-11-30 00:00"},
	    {"RRULE:FREQ=DAILY", "Sun 2026-11-22 00:00, Mon 2026-11-23 00:00"},
	    {"RRULE:FREQ=HOURLY;INTERVAL=6", "Sat 2026-11-21 06:00, Sat 2026-11-21 12:00"},
	    {"RRULE:FREQ=HOURLY;BYHOUR=9,10;BYDAY=MO",
	     "Mon 2026-11-23 09:00, Mon 2026-11-23 10:00"},
	    {"RRULE:FREQ=WEEKLY;INTERVAL=2", "Mon 2026-11-30 00:00, Mon 2026-12-14 00:00"},
	    {"DTSTART:20261124 RRULE:FREQ=WEEKLY;INTERVAL=2",
	     "Tue 2026-11-24 00:00, Tue 2026-12-08 00:00"},
	    {"DTSTART:20270105T101500\nRRULE:FREQ=DAILY;COUNT=2",
	     "Tue 2027-01-05 10:15, Wed 2027-01-06 10:15"},
	    {"RRULE:FREQ=DAILY;UNTIL=20261123", "Sun 2026-11-22 00:00, Mon 2026-11-23 00:00"},
	    {"RRULE:FREQ=DAILY;BYHOUR=9;UNTIL=20261123T085959Z",
	     "Sat 2026-11-21 09:00, Sun 2026-11-22 09:00"},
	    {"RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "Mon 2027-01-04 00:00, Mon 2028-01-03 00:00"},
	    {"RRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO",
	     "Mon 2026-12-28 00:00, Mon 2027-12-27 00:00"},
	    {"RRULE:FREQ=YEARLY;BYYEARDAY=-1", "Thu 2026-12-31 00:00, Fri 2027-12-31 00:00"},
	};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct schedule *schedule = schedules_open(calendar, rows[i].text, "UTC");

		schedules_expect(schedule, "UTC", "2026-11-21 00:00", rows[i].moments);
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

/* The file was written by an implementation that others made. */
static void rules_come_when_another_implementation_says(void **state)
{
	FILE *file = fopen(RULES_FILE, "re");
	struct calendar *calendar = calendar_new();
	char line[1000];
	size_t count = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		char *rule_end = strchr(line + strcspn(line, " ") + 1, ' '), *at = rule_end;
		int64_t moment_ms = INT64_C(1795000000000);
		struct schedule *schedule;

		if (line[0] == '#')
			continue;
		assert_non_null(rule_end);
		*rule_end = '\0';
		schedule = schedules_open(calendar, line, "UTC");
		for (int i = 0; i < 8; i++) {
			moment_ms = schedule_next(schedule, moment_ms);
			if (moment_ms != strtoll(at + 1, &at, 10) * 1000)
				fail_msg("%s: moment %d", line, i);
		}
		schedule_free(schedule);
		count++;
	}
	assert_true(count > 100);
	(void)fclose(file);
	calendar_free(calendar);
}

static void a_rule_that_is_over_gives_nothing_more(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* after 2026-11-21 */
	} rows[] = {
	    {"DTSTART:20270105T101500 RRULE:FREQ=DAILY;COUNT=3", 3},
	    {"DTSTART:20261118 RRULE:FREQ=DAILY;COUNT=5", 1},
	    {"RRULE:FREQ=DAILY;UNTIL=20261123", 2},
	    {"RRULE:FREQ=DAILY;BYHOUR=9;UNTIL=20261123T090000Z", 3},
	    {"RRULE:FREQ=DAILY;BYHOUR=9;UNTIL=20261123T085959Z", 2},
	    {"RRULE:FREQ=DAILY;BYHOUR=9;UNTIL=20261123", 3},
	};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct schedule *schedule = schedules_open(calendar, rows[i].text, "UTC");

		assert_int_equal(schedule_count(schedule, when(11, 21, 0, 0), when(30, 1, 0, 0), 9),
				 rows[i].count);
		assert_int_equal(schedule_next(schedule, when(14, 1, 0, 0)), -1);
		schedule_free(schedule);
	}
	calendar_free(calendar);
}

static void the_end_of_a_rule_is_that_of_its_zone(void **state)
{
	static const char text[] = "RRULE:FREQ=DAILY;BYHOUR=10;UNTIL=20261123T090000Z";
	struct calendar *calendar = calendar_new();
	struct schedule *berlin = schedules_open(calendar, text, "Europe/Berlin");
	struct schedule *kolkata = schedules_open(calendar, text, "Asia/Kolkata");
	struct schedule *new_york = schedules_open(calendar, text, "America/New_York");
	int64_t from_ms = when(11, 21, 16, 0), until_ms = when(12, 1, 0, 0);

	(void)state;
	assert_int_equal(schedule_count(berlin, from_ms, until_ms, 9), 2);
	assert_int_equal(schedule_count(kolkata, from_ms, until_ms, 9), 2);
	assert_int_equal(schedule_count(new_york, from_ms, until_ms, 9), 1);
	schedule_free(berlin);
	schedule_free(kolkata);
	schedule_free(new_york);
	calendar_free(calendar);
}

/* The rule is walked anew from wherever it is asked: that must change nothing. */
static void where_a_rule_is_asked_from_changes_nothing(void **state)
{
	static const char *const texts[] = {
	    "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH,SU;BYHOUR=7,19",
	    "RRULE:FREQ=MONTHLY;INTERVAL=5;BYDAY=2TU,-1FR;BYHOUR=10",
	    "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=3,6;BYMONTHDAY=1,15,31",
	    "RRULE:FREQ=DAILY;INTERVAL=11;BYHOUR=3,4,5;BYMINUTE=15,45",
	    "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
	    "RRULE:FREQ=HOURLY;INTERVAL=7;BYMINUTE=10,20",
	    "RRULE:FREQ=YEARLY;BYWEEKNO=1,26,53;BYDAY=WE",
	    "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO",
	    "RRULE:FREQ=YEARLY;BYWEEKNO=1,53",
	    "DTSTART:20240229 RRULE:FREQ=YEARLY;INTERVAL=2",
	    "RRULE:FREQ=YEARLY;BYDAY=20MO,-1SU",
	    "DTSTART:20240430T101112 RRULE:FREQ=YEARLY;BYMONTH=2,4;INTERVAL=3",
	    "DTSTART:20250131T090000 RRULE:FREQ=MONTHLY;INTERVAL=2",
	};
	struct calendar *calendar = calendar_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct schedule *walked = schedules_open(calendar, texts[i], "UTC");
		struct schedule *jumped = schedules_open(calendar, texts[i], "UTC");
		int64_t at_ms = schedule_next(walked, when(-22, 1, 0, 0)); /* 2024 */

		for (int k = 0; k < 300 && at_ms >= 0 && at_ms < when(40, 1, 0, 0); k++) {
			int64_t next_ms = schedule_next(walked, at_ms);

			(void)schedule_next(jumped, when(60, 1, 0, 0)); /* forgets the rest */
			if (schedule_next(jumped, at_ms) != next_ms)
				fail_msg("%s: moment %d", texts[i], k);
			at_ms = next_ms;
		}
		schedule_free(walked);
		schedule_free(jumped);
	}
	calendar_free(calendar);
}

static void nonsense_is_refused_with_what_would_be_right(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"RRULE:", "no FREQ"},
	    {"RRULE:BYDAY=TU", "no FREQ"},
	    {"RRULE:FREQ", "write HOURLY, DAILY"},
	    {"RRULE:FREQ=", "write HOURLY, DAILY"},
	    {"RRULE:FREQ=FORTNIGHTLY", "write HOURLY, DAILY"},
	    {"RRULE:FREQ=SECONDLY", "@every 90s"},
	    {"RRULE:FREQ=MINUTELY;INTERVAL=5", "*/5 9-16 * * *"},
	    {"RRULE:FREQ=DAILY;BYSECOND=0,1,2", "one value"},
	    {"RRULE:FREQ=DAILY;BYSECOND=60", "0 to 59"},
	    {"RRULE:FREQ=DAILY;BYMINUTE=60", "0 to 59"},
	    {"RRULE:FREQ=DAILY;BYHOUR=24", "0 to 23"},
	    {"RRULE:FREQ=DAILY;BYHOUR=", "0 to 23"},
	    {"RRULE:FREQ=DAILY;BYHOUR=1,,2", "0 to 23"},
	    {"RRULE:FREQ=DAILY;BYHOUR=ten", "0 to 23"},
	    {"RRULE:FREQ=MONTHLY;BYMONTHDAY=32", "1 to 31"},
	    {"RRULE:FREQ=MONTHLY;BYMONTHDAY=0", "1 to 31"},
	    {"RRULE:FREQ=YEARLY;BYMONTH=13", "1 to 12"},
	    {"RRULE:FREQ=DAILY;INTERVAL=0", "1 to 1000"},
	    {"RRULE:FREQ=DAILY;INTERVAL=-1", "1 to 1000"},
	    {"RRULE:FREQ=DAILY;INTERVAL=99999999999", "1 to 1000"},
	    {"RRULE:FREQ=DAILY;COUNT=1001", "1 to 1000"},
	    {"RRULE:FREQ=WEEKLY;BYDAY=XX", "MO or SU"},
	    {"RRULE:FREQ=DAILY;BYDAY=MO;BYDAY=TU", "twice"},
	    {"RRULE:FREQ=DAILY;FREQ=DAILY", "twice"},
	    {"RRULE:FREQ=DAILY;SKIP=OMIT", "no part of a rule"},
	    {"RRULE:RSCALE=CHINESE;FREQ=YEARLY", "no part of a rule"},
	    {"RRULE:FREQ=DAILY;UNTIL=tomorrow", "UNTIL=20271231"},
	    {"RRULE:FREQ=DAILY;UNTIL=20300101;COUNT=5", "not both"},
	    {"RRULE:FREQ=DAILY;UNTIL=20250101", "never comes"},
	    {"RRULE:FREQ=DAILY;COUNT=3", "an end (UNTIL, COUNT) that lies ahead"},
	    {"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"},
	    {"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never comes"},
	    {"RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "never comes"},
	    {"RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=1", "never comes"},
	    {"RRULE:FREQ=DAILY;BYWEEKNO=1", "FREQ=YEARLY only"},
	    {"RRULE:FREQ=MONTHLY;BYYEARDAY=1", "FREQ=YEARLY only"},
	    {"RRULE:FREQ=WEEKLY;BYMONTHDAY=1", "write FREQ=MONTHLY"},
	    {"RRULE:FREQ=WEEKLY;BYDAY=2TU", "MONTHLY or YEARLY only"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=54MO", "1MO or -1FR"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=0MO", "1MO or -1FR"},
	    {"RRULE:FREQ=WEEKLY;WKST=XX", "MO or SU"},
	    {"RRULE:FREQ=MONTHLY;BYDAY=6MO", "never comes"},
	    {"DTSTART:20261124", "behind DTSTART stands no rule"},
	    {"DTSTART:20261324 RRULE:FREQ=DAILY", "a time of the clock on the wall"},
	    {"DTSTART:20261124T100000Z RRULE:FREQ=DAILY", "a time of the clock on the wall"},
	    {"DTSTART:20261124 0 10 * * *", "behind DTSTART stands no rule"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		schedules_refuse(rows[i].text, rows[i].says);
}

static void a_rule_that_is_too_long_is_refused(void **state)
{
	char text[700] = "RRULE:FREQ=DAILY;BYMINUTE=0";

	(void)state;
	while (strlen(text) < 690)
		(void)strcat(text, ",1");
	schedules_refuse(text, "500 characters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_come_when_the_rfc_says),
	    cmocka_unit_test(rules_come_when_another_implementation_says),
	    cmocka_unit_test(a_rule_that_is_over_gives_nothing_more),
	    cmocka_unit_test(the_end_of_a_rule_is_that_of_its_zone),
	    cmocka_unit_test(where_a_rule_is_asked_from_changes_nothing),
	    cmocka_unit_test(nonsense_is_refused_with_what_would_be_right),
	    cmocka_unit_test(a_rule_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests_name("recurrence rules", tests, NULL, NULL);
}
