/* Holidays: files of iCalendar, good ones and broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define BERLIN       "Europe/Berlin"
#define NEW_YORK     "America/New_York"
#define HEAD         "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:one\r\n" lines "END:VEVENT\r\n"
#define TAIL         "END:VCALENDAR\r\n"
#define FILE_OF(lines)    \
	HEAD EVENT(lines) \
	TAIL

static char path[] = "/tmp/firedrill-holidays-XXXXXX";

static void write_file(const char *text, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static struct schedule *open_with(struct calendar *calendar, const char *text, const char *when,
				  const char *zone)
{
	static const char *const names[] = {"test"};
	struct schedule_ask ask = {
	    .when = when, .zone = zone, .holidays = names, .holiday_count = 1};
	struct error error = {""};

	write_file(text, strlen(text));
	if (!calendar_add_holidays(calendar, "test", path, &error))
		fail_msg("%s: %s", text, error.text);
	return schedules_ask(calendar, &ask);
}

struct row {
	const char *text, *when, *zone, *after, *moments;
};

static void expect_all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct calendar *calendar = calendar_new();
		struct schedule *schedule =
		    open_with(calendar, rows[i].text, rows[i].when, rows[i].zone);

		schedules_expect(schedule, rows[i].zone, rows[i].after, rows[i].moments);
		schedule_free(schedule);
		calendar_free(calendar);
	}
}

static void a_day_is_a_day_in_the_zone_of_the_schedule(void **state)
{
	static const char christmas[] =
	    FILE_OF("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n");
	static const struct row rows[] = {
	    {christmas, "0 0 * * *", "UTC", "2026-12-23 12:00",
	     "Thu 2026-12-24 00:00, Sun 2026-12-27 00:00"},
	    {christmas, "30 23 * * *", NEW_YORK, "2026-12-24 12:00",
	     "Thu 2026-12-24 23:30, Sun 2026-12-27 23:30"},
	    {christmas, "@every 12h", BERLIN, "2026-12-24 00:00",
	     "Thu 2026-12-24 13:00, Sun 2026-12-27 01:00"},
	    /* a day of 23 hours, and one of 25 */
	    {FILE_OF("DTSTART;VALUE=DATE:20270328\r\n"), "30 0 * * *", BERLIN, "2027-03-26 12:00",
	     "Sat 2027-03-27 00:30, Mon 2027-03-29 00:30"},
	    {FILE_OF("DTSTART;VALUE=DATE:20271031\r\n"), "30 23 * * *", BERLIN, "2027-10-29 22:00",
	     "Sat 2027-10-30 23:30, Mon 2027-11-01 23:30"},
	    {christmas, "RRULE:FREQ=DAILY;BYHOUR=10", BERLIN, "2026-12-24 00:00",
	     "Thu 2026-12-24 10:00, Sun 2026-12-27 10:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void an_event_is_as_long_as_it_says(void **state)
{
	static const struct row rows[] = {
	    {FILE_OF("DTSTART;VALUE=DATE:20261225\r\n"), "0 10 * * *", "UTC", "2026-12-24 00:00",
	     "Thu 2026-12-24 10:00, Sat 2026-12-26 10:00"},
	    {FILE_OF("DTSTART;VALUE=DATE:20261225\r\nDURATION:P3D\r\n"), "0 10 * * *", "UTC",
	     "2026-12-24 00:00", "Thu 2026-12-24 10:00, Mon 2026-12-28 10:00"},
	    {FILE_OF("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261225\r\n"), "0 10 * * *",
	     "UTC", "2026-12-24 00:00", "Thu 2026-12-24 10:00, Sat 2026-12-26 10:00"},
	    {FILE_OF("DTSTART:20261225T080000Z\r\nDTEND:20261225T103000Z\r\n"), "0 * * * *", BERLIN,
	     "2026-12-25 06:30", "Fri 2026-12-25 08:00, Fri 2026-12-25 12:00"},
	    {FILE_OF("DTSTART;TZID=America/New_York:20261225T080000\r\nDURATION:PT2H\r\n"),
	     "0 * * * *", "UTC", "2026-12-25 11:30", "Fri 2026-12-25 12:00, Fri 2026-12-25 15:00"},
	    {FILE_OF("DTSTART;TZID=\"/example.org/20260101_1/America/New_York\":20261225T080000\r\n"
		     "DTEND;TZID=Europe/Berlin:20261225T160000\r\n"),
	     "0 * * * *", "UTC", "2026-12-25 11:30", "Fri 2026-12-25 12:00, Fri 2026-12-25 15:00"},
	    /* of no zone: at that time of every clock */
	    {FILE_OF("DTSTART:20261225T080000\r\nDTEND:20261225T100000\r\n"), "0 * * * *", NEW_YORK,
	     "2026-12-25 11:30", "Fri 2026-12-25 07:00, Fri 2026-12-25 10:00"},
	    {FILE_OF("DTSTART:20261225T080000Z\r\n"), "0 8 * * *", "UTC", "2026-12-24 12:00",
	     "Fri 2026-12-25 08:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void what_recurs_is_left_out_each_time(void **state)
{
	static const struct row rows[] = {
	    {FILE_OF("DTSTART;VALUE=DATE:19700101\r\nRRULE:FREQ=YEARLY\r\n"), "0 10 1,2 1 *", "UTC",
	     "2026-12-01 00:00", "Sat 2027-01-02 10:00, Sun 2028-01-02 10:00"},
	    {FILE_OF("DTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"),
	     "0 10 * 11 Thu", "UTC", "2026-11-15 00:00",
	     "Thu 2026-11-19 10:00, Thu 2027-11-04 10:00, Thu 2027-11-11 10:00, "
	     "Thu 2027-11-18 10:00, Thu 2028-11-02 10:00"},
	    {FILE_OF("DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=DAILY;COUNT=3\r\n"
		     "EXDATE;VALUE=DATE:20261225\r\n"),
	     "0 10 * * *", "UTC", "2026-12-23 00:00",
	     "Wed 2026-12-23 10:00, Fri 2026-12-25 10:00, Sun 2026-12-27 10:00"},
	    {FILE_OF("DTSTART;VALUE=DATE:20261224\r\nRDATE;VALUE=DATE:20261226,20261228\r\n"),
	     "0 10 * * *", "UTC", "2026-12-23 12:00",
	     "Fri 2026-12-25 10:00, Sun 2026-12-27 10:00, Tue 2026-12-29 10:00"},
	    {FILE_OF("DTSTART;TZID=Europe/Berlin:20261201T090000\r\nDURATION:PT1H\r\n"
		     "RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261215T080000Z\r\n"
		     "EXDATE:20261208T080000Z\r\n"),
	     "30 9 * * Tue", BERLIN, "2026-11-28 12:00",
	     "Tue 2026-12-08 09:30, Tue 2026-12-22 09:30"},
	    /* one of them is moved, another one is cancelled */
	    {HEAD EVENT("DTSTART;VALUE=DATE:20261207\r\nRRULE:FREQ=WEEKLY\r\n")
		 EVENT("RECURRENCE-ID;VALUE=DATE:20261214\r\nDTSTART;VALUE=DATE:20261215\r\n")
		     EVENT("RECURRENCE-ID;VALUE=DATE:20261221\r\nDTSTART;VALUE=DATE:20261221\r\n"
			   "STATUS:CANCELLED\r\n") TAIL,
	     "0 10 * * Mon,Tue", "UTC", "2026-12-07 00:00",
	     "Tue 2026-12-08 10:00, Mon 2026-12-14 10:00, Mon 2026-12-21 10:00, "
	     "Tue 2026-12-22 10:00, Tue 2026-12-29 10:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void files_are_read_as_programs_write_them(void **state)
{
	static const struct row rows[] = {
	    /* folded lines, only "\n", small letters, a mark at the start, alarms, blank lines */
	    {"\xef\xbb\xbf"
	     "begin:vcalendar\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\n"
	     "DTSTART:19701025T030000\nEND:STANDARD\nEND:VTIMEZONE\n\nbegin:vevent\n"
	     "dtstart;value=da\n te:20261\n\t225\nSUMMARY:Chris\n tmas\\, DTSTART:20261224\n"
	     "BEGIN:VALARM\nTRIGGER:-PT1H\nDURATION:broken\nEND:VALARM\nend:vevent\n\n"
	     "end:vcalendar",
	     "0 10 * * *", "UTC", "2026-12-24 00:00", "Thu 2026-12-24 10:00, Sat 2026-12-26 10:00"},
	    {HEAD EVENT("DTSTART;VALUE=DATE:20261225\r\n") TAIL HEAD EVENT(
		 "DTSTART;VALUE=DATE:20261226\r\n") EVENT("DTSTART;VALUE=DATE:20261228\r\n") TAIL,
	     "0 10 * * *", "UTC", "2026-12-24 00:00",
	     "Thu 2026-12-24 10:00, Sun 2026-12-27 10:00, Tue 2026-12-29 10:00"},
	};

	(void)state;
	expect_all(rows, LENGTH(rows));
}

static void expect_refusal(const char *says)
{
	struct calendar *calendar = calendar_new();
	struct error error = {""};

	if (calendar_add_holidays(calendar, "test", path, &error))
		fail_msg("taken, not: %s", says);
	if (strstr(error.text, says) == NULL || strstr(error.text, path) == NULL)
		fail_msg("not \"%s\": %s", says, error.text);
	calendar_free(calendar);
}

static void a_broken_file_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "it is empty"},
	    {"\r\n\r\n", "it is empty"},
	    {"<html><body>Not found</body></html>\n", "line 1: this is no iCalendar"},
	    {"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "line 1: BEGIN:VCALENDAR is missing"},
	    {"BEGIN:\r\n", "BEGIN:VCALENDAR is missing"},
	    {HEAD TAIL, "there is no event in it"},
	    {HEAD EVENT("DTSTART:20261225\r\n"), "cut off"},
	    {HEAD "BEGIN:VEVENT\r\nDTSTART:20261225\r\n", "BEGIN:VEVENT of line 3"},
	    {HEAD "BEGIN:VEVENT\r\nDTSTA", "line 4: a \":\" is missing"},
	    {FILE_OF("SUMMARY:x\r\n"), "line 3: this event has no DTSTART"},
	    {FILE_OF("DTSTART:tomorrow\r\n"), "line 5: this is no date"},
	    {FILE_OF("DTSTART:20261325\r\n"), "line 5: this is no date"},
	    {FILE_OF("DTSTART:\r\n"), "line 5: this is no date"},
	    {FILE_OF("DTSTART:20261225T990000\r\n"), "line 5: this is no date"},
	    {FILE_OF("DTSTART:20261225,20261226\r\n"), "line 5: there are too many times"},
	    {FILE_OF("DTSTART:20261225\r\nDTSTART:20261226\r\n"), "line 6: this stands twice"},
	    {FILE_OF("DTSTART:20261225\r\nDTEND:20261224\r\n"), "line 3: this event ends before"},
	    {FILE_OF("DTSTART:20261225\r\nDTEND:20261226T000000\r\n"), "must both be days"},
	    {FILE_OF("DTSTART:20261225\r\nDURATION:3 days\r\n"), "line 6: this is no length"},
	    {FILE_OF("DTSTART:20261225\r\nDURATION:P\r\n"), "line 6: this is no length"},
	    {FILE_OF("DTSTART:20261225\r\nDURATION:-P1D\r\n"), "line 6: this is no length"},
	    {FILE_OF("DTSTART:20261225\r\nDURATION:P99999999999999999999W\r\n"),
	     "line 6: this is no length"},
	    {FILE_OF("DTSTART;TZID=Mars/Base:20261225T100000\r\n"), "line 5: its TZID is no zone"},
	    {FILE_OF("DTSTART;TZID=../../../../etc/passwd:20261225T100000\r\n"),
	     "line 5: its TZID is no zone"},
	    {FILE_OF("DTSTART:20261225\r\nRRULE:FREQ=SECONDLY\r\n"),
	     "line 6: a rule goes by hours"},
	    {FILE_OF("DTSTART:20261225\r\nRRULE:FREQ=HOURLY\r\n"),
	     "line 6: FREQ=HOURLY makes no days"},
	    {FILE_OF("DTSTART:20261225\r\nRRULE:nonsense\r\n"), "line 6: the rule has no FREQ"},
	    {FILE_OF("DTSTART:20261225\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"),
	     "line 6: this RRULE never comes"},
	    {FILE_OF("DTSTART:20261225\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=DAILY\r\n"),
	     "line 7: there is a second RRULE"},
	    {FILE_OF("DTSTART:20261225T000000\r\nDURATION:PT1M\r\n"
		     "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7\r\n"),
	     "line 7: there are more than 20000 days"},
	    {HEAD "END:VEVENT\r\n", "line 3: an END without its BEGIN"},
	    {HEAD "BEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "line 4: an END without its BEGIN"},
	    {FILE_OF("DTSTART:20261225\r\n") "garbage:1\r\n", "line 8: there is something outside"},
	    {HEAD "BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\n",
	     "line 10: more than 8 components"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		write_file(rows[i].text, strlen(rows[i].text));
		expect_refusal(rows[i].says);
	}
}

static void what_is_no_text_is_refused(void **state)
{
	static const char binary[] = "BEGIN:VCALENDAR\n\0\1\2\3\377";

	(void)state;
	write_file(binary, sizeof binary);
	expect_refusal("line 2: there is a NUL in it");
	write_file("\xff\xfe"
		   "B\0E\0G\0",
		   8);
	expect_refusal("line 1: there is a NUL in it");
}

static void a_file_of_10_mb_is_refused(void **state)
{
	(void)state;
	write_file(HEAD, strlen(HEAD));
	assert_int_equal(truncate(path, 10485760), 0);
	expect_refusal("larger than 1 MiB");
}

static void many_events_and_deep_ones_take_bounded_time(void **state)
{
	struct buf text = {0};

	(void)state;
	buf_adds(&text, HEAD);
	for (int i = 0; i < 10001; i++)
		buf_adds(&text, EVENT("DTSTART:20261225\r\n"));
	buf_adds(&text, TAIL);
	write_file(text.data, text.len);
	expect_refusal("more than 10000 events");
	buf_done(&text);
	buf_adds(&text, HEAD);
	for (int i = 0; i < 9000; i++)
		buf_adds(&text, EVENT("DTSTART:20261225\r\nRRULE:FREQ=DAILY\r\n"));
	buf_adds(&text, TAIL);
	write_file(text.data, text.len);
	expect_refusal("more than 20000 days");
	buf_done(&text);
}

static void what_is_no_file_is_refused_at_once(void **state)
{
	(void)state;
	assert_int_equal(unlink(path), 0);
	expect_refusal("cannot be opened: No such file");
	assert_int_equal(mkdir(path, 0700), 0);
	expect_refusal("no ordinary file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refusal("no ordinary file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	expect_refusal("no ordinary file");
	assert_int_equal(unlink(path), 0);
}

static void a_schedule_that_is_always_on_holidays_is_refused(void **state)
{
	static const char *const names[] = {"test"};
	static const char text[] = FILE_OF("DTSTART;VALUE=DATE:19700101\r\nRRULE:FREQ=YEARLY\r\n");
	struct calendar *calendar = calendar_new();
	struct schedule_ask ask = {
	    .when = "0 10 1 1 *", .zone = BERLIN, .holidays = names, .holiday_count = 1};
	struct error error = {""};

	(void)state;
	assert_null(schedule_new(calendar, &ask, &error));
	assert_non_null(strstr(error.text, "there is no calendar \"test\""));
	write_file(text, strlen(text));
	assert_true(calendar_add_holidays(calendar, "test", path, &error));
	assert_null(schedule_new(calendar, &ask, &error));
	assert_non_null(strstr(error.text, "on holidays or in a blackout"));
	calendar_free(calendar);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_day_is_a_day_in_the_zone_of_the_schedule),
	    cmocka_unit_test(an_event_is_as_long_as_it_says),
	    cmocka_unit_test(what_recurs_is_left_out_each_time),
	    cmocka_unit_test(files_are_read_as_programs_write_them),
	    cmocka_unit_test(a_broken_file_is_refused_with_its_line),
	    cmocka_unit_test(what_is_no_text_is_refused),
	    cmocka_unit_test(a_file_of_10_mb_is_refused),
	    cmocka_unit_test(many_events_and_deep_ones_take_bounded_time),
	    cmocka_unit_test(what_is_no_file_is_refused_at_once),
	    cmocka_unit_test(a_schedule_that_is_always_on_holidays_is_refused),
	};

	return cmocka_run_group_tests_name("holidays", tests, make_file, remove_file);
}
