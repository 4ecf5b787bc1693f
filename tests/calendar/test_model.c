/* Schedules against a model that walks minute by minute, and asks the C library what the clocks show:
 * random lines, in UTC, and in zones in the weeks in which their clocks are changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "tests/calendar/when.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define FIELDS       5
#define LINES        60 /* random ones, for each zone and season */
#define DAYS         12
#define MINUTES      (DAYS * 1440)

/* A line as the model has it: what it says of each value, and how it is written. */
struct line {
	char text[400];
	bool takes[FIELDS][60];
	bool star[FIELDS]; /* written with a star at its start */
	bool every_hour;
};

static const struct {
	int first, last;
} ranges[FIELDS] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};

static unsigned int random_of(unsigned int *seed, unsigned int below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void write_star(struct line *line, int i, int step)
{
	char text[16];

	(void)snprintf(text, sizeof text, step > 1 ? "*/%d" : "*", step);
	(void)strcat(line->text, text);
	line->star[i] = true;
	for (int value = ranges[i].first; value <= ranges[i].last; value += step)
		line->takes[i][value] = true;
}

/* One to three ranges, some of one value only. */
static void write_list(struct line *line, int i, unsigned int *seed)
{
	unsigned int count = 1 + random_of(seed, 3);
	int size = ranges[i].last - ranges[i].first + 1;

	for (unsigned int k = 0; k < count; k++) {
		int first = ranges[i].first + (int)random_of(seed, (unsigned int)size);
		int more = (int)random_of(seed, (unsigned int)(ranges[i].last - first + 1));
		int last = first + (random_of(seed, 2) == 0 ? 0 : more);
		char text[32];

		(void)snprintf(text, sizeof text, first == last ? "%s%d" : "%s%d-%d",
			       k == 0 ? "" : ",", first, last);
		(void)strcat(line->text, text);
		for (int value = first; value <= last; value++)
			line->takes[i][value] = true;
	}
}

static void write_line(struct line *line, unsigned int *seed)
{
	*line = (struct line){.every_hour = true};
	for (int i = 0; i < FIELDS; i++) {
		unsigned int kind = random_of(seed, i == 1 ? 4 : 6);
		int most = ranges[i].last - ranges[i].first;

		(void)strcat(line->text, i == 0 ? "" : " ");
		if (kind == 0 || (i > 1 && kind < 4))
			write_star(line, i, 1);
		else if (kind == 1)
			write_star(line, i, 2 + (int)random_of(seed, (unsigned int)most - 1));
		else
			write_list(line, i, seed);
	}
	for (int hour = 0; hour < 24; hour++)
		line->every_hour = line->every_hour && line->takes[1][hour];
}

static bool takes(const struct line *line, const struct tm *shown)
{
	bool of_month = line->takes[2][shown->tm_mday], of_week = line->takes[4][shown->tm_wday];
	bool day = line->star[2] || line->star[4] ? of_month && of_week : of_month || of_week;

	return line->takes[0][shown->tm_min] && line->takes[1][shown->tm_hour] &&
	       line->takes[3][shown->tm_mon + 1] && day;
}

/* What the clock shows, as a number and in its parts; `shown` as if there were no zones. */
struct look {
	time_t shown;
	struct tm parts;
};

static struct look look_at(time_t utc)
{
	struct look look;
	struct tm copy;

	(void)localtime_r(&utc, &look.parts);
	copy = look.parts;
	look.shown = timegm(&copy);
	return look;
}

/* Was the same shown in the 3 hours before? */
static bool again(const struct look *looks, size_t i)
{
	for (size_t back = 1; back <= 180 && back <= i; back++) {
		if (looks[i - back].shown == looks[i].shown)
			return true;
	}
	return false;
}

/* Does the clock jump to here over a time of the line? */
static bool jumps(const struct line *line, const struct look *looks, size_t i)
{
	for (time_t shown = looks[i - 1].shown + 60; shown < looks[i].shown; shown += 60) {
		struct tm parts;

		(void)gmtime_r(&shown, &parts);
		if (takes(line, &parts))
			return true;
	}
	return false;
}

static bool runs(const struct line *line, const struct look *looks, size_t i)
{
	if (line->every_hour)
		return takes(line, &looks[i].parts);
	return jumps(line, looks, i) || (takes(line, &looks[i].parts) && !again(looks, i));
}

static size_t follow(const struct line *line, const struct schedule *schedule, const char *zone,
		     time_t start, const struct look *looks)
{
	size_t count = 0;
	int64_t next_ms = schedule_next(schedule, (start + 200 * 60) * INT64_C(1000) - 1);

	for (size_t i = 200; i < MINUTES; i++) { /* the first ones are for looking back */
		int64_t at_ms = (start + (time_t)i * 60) * INT64_C(1000);

		if ((next_ms == at_ms) != runs(line, looks, i))
			fail_msg("\"%s\" in %s at %lld", line->text, zone,
				 (long long)(at_ms / 1000));
		if (next_ms == at_ms) {
			next_ms = schedule_next(schedule, at_ms);
			count++;
		}
	}
	return count;
}

/* How many moments there were. Some lines never come; more come in other weeks. */
static size_t follow_all(const char *zone, int month, int day, unsigned int *seed)
{
	struct look *looks = mem_zalloc(MINUTES * sizeof *looks);
	struct calendar *calendar = calendar_new();
	time_t start = (time_t)(when(month, day, 0, 0) / 1000);
	size_t count = 0;

	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	for (size_t i = 0; i < MINUTES; i++)
		looks[i] = look_at(start + (time_t)i * 60);
	for (int i = 0; i < LINES; i++) {
		struct line line;
		struct schedule_ask ask = {.when = line.text, .zone = zone};
		struct schedule *schedule;
		struct error error = {""};

		write_line(&line, seed);
		schedule = schedule_new(calendar, &ask, &error);
		if (schedule == NULL && strstr(error.text, "never comes") == NULL)
			fail_msg("\"%s\": %s", line.text, error.text);
		if (schedule != NULL)
			count += follow(&line, schedule, zone, start, looks);
		schedule_free(schedule);
	}
	calendar_free(calendar);
	free(looks);
	return count;
}

static void random_lines_come_when_the_model_says(void **state)
{
	static const struct {
		const char *zone;
		int month, day; /* where the look begins */
	} rows[] = {
	    {"UTC", 2, 20},
	    {"Europe/Berlin", 3, 24},
	    {"Europe/Berlin", 10, 20},
	    {"America/New_York", 3, 3},
	    {"America/New_York", 10, 26},
	    {"Australia/Lord_Howe", 3, 30},
	    {"Australia/Lord_Howe", 9, 28},
	    {"America/Havana", 10, 27},
	    {"Asia/Kolkata", 3, 24},
	    {"Pacific/Apia", -168, 25}, /* December 2011: the 30th was left out */
	};
	unsigned int seed = 20261121;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_true(follow_all(rows[i].zone, rows[i].month, rows[i].day, &seed) > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_lines_come_when_the_model_says),
	};

	return cmocka_run_group_tests_name("schedules against a model", tests, NULL, NULL);
}
