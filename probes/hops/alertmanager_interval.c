/* Time intervals of Alertmanager's configuration. */
#include "probes/hops/alertmanager_interval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "probes/hops/survey.h"

/* The time that is judged, in UTC, and how ranges of one kind are read. */
struct moment {
	int minute; /* of the day */
	int weekday, day, month, year, days_in_month;
};

typedef bool read_fn(const char *text, int *ret_number);

static bool read_number(const char *text, int *ret_number)
{
	char *end;
	long number = strtol(text, &end, 10);

	*ret_number = (int)number;
	return end != text && *end == '\0' && number > -10000 && number < 10000;
}

static bool read_name(const char *text, const char *const *names, int count, int *ret_number)
{
	for (int i = 0; i < count; i++) {
		if (strcasecmp(text, names[i]) == 0) {
			*ret_number = i;
			return true;
		}
	}
	return false;
}

static bool read_weekday(const char *text, int *ret_number)
{
	static const char *const names[] = {"sunday",   "monday", "tuesday", "wednesday",
					    "thursday", "friday", "saturday"};

	return read_name(text, names, 7, ret_number);
}

static bool read_month(const char *text, int *ret_number)
{
	static const char *const names[] = {
	    "",     "january", "february",  "march",   "april",    "may",     "june",
	    "july", "august",  "september", "october", "november", "december"};

	return read_number(text, ret_number) || read_name(text, names, 13, ret_number);
}

/* "monday:friday" or "sunday"; false when it cannot be read. */
static bool read_range(const char *text, read_fn *read, int *ret_from, int *ret_to)
{
	char from[32], to[32] = "";
	const char *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);

	if (len >= sizeof from || (colon != NULL && strlen(colon + 1) >= sizeof to))
		return false;
	memcpy(from, text, len);
	from[len] = '\0';
	(void)snprintf(to, sizeof to, "%s", colon != NULL ? colon + 1 : from);
	return read(from, ret_from) && read(to, ret_to);
}

/* Days count from the end of the month when they are negative. */
static int day_of(int day, const struct moment *moment)
{
	return day < 0 ? moment->days_in_month + day + 1 : day;
}

/* A list that is not there allows everything. */
static enum interval_judged in_list(const cJSON *list, read_fn *read, int value,
				    const struct moment *of_month)
{
	const cJSON *one;
	int from, to;

	if (cJSON_GetArraySize(list) == 0)
		return INTERVAL_INSIDE;
	cJSON_ArrayForEach(one, list)
	{
		const char *text = cJSON_GetStringValue(one);

		if (text == NULL || !read_range(text, read, &from, &to))
			return INTERVAL_UNKNOWN;
		if (of_month != NULL) {
			from = day_of(from, of_month);
			to = day_of(to, of_month);
		}
		if (value >= from && value <= to)
			return INTERVAL_INSIDE;
	}
	return INTERVAL_OUTSIDE;
}

/* "22:00" */
static bool read_clock(const char *text, int *ret_minute)
{
	int hours, minutes;

	if (!read_range(text, read_number, &hours, &minutes) || strchr(text, ':') == NULL ||
	    hours < 0 || hours > 24 || minutes < 0 || minutes > 59)
		return false;
	*ret_minute = hours * 60 + minutes;
	return true;
}

static enum interval_judged in_times(const cJSON *times, int minute)
{
	const cJSON *one;
	int from, to;

	if (cJSON_GetArraySize(times) == 0)
		return INTERVAL_INSIDE;
	cJSON_ArrayForEach(one, times)
	{
		if (!read_clock(survey_text(one, "start_time"), &from) ||
		    !read_clock(survey_text(one, "end_time"), &to))
			return INTERVAL_UNKNOWN;
		if (minute >= from && minute < to)
			return INTERVAL_INSIDE;
	}
	return INTERVAL_OUTSIDE;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool split(int64_t wall_ms, struct moment *ret_moment)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL)
		return false;
	*ret_moment = (struct moment){.minute = tm.tm_hour * 60 + tm.tm_min,
				      .weekday = tm.tm_wday,
				      .day = tm.tm_mday,
				      .month = tm.tm_mon + 1,
				      .year = tm.tm_year + 1900};
	ret_moment->days_in_month = days_in_month(ret_moment->year, ret_moment->month);
	return true;
}

static bool is_utc(const char *location)
{
	return location[0] == '\0' || strcmp(location, "UTC") == 0 ||
	       strcmp(location, "Etc/UTC") == 0;
}

/* All that is said of a span must hold. */
static enum interval_judged in_span(const cJSON *span, const struct moment *moment)
{
	const enum interval_judged parts[] = {
	    in_times(survey_item(span, "times"), moment->minute),
	    in_list(survey_item(span, "weekdays"), read_weekday, moment->weekday, NULL),
	    in_list(survey_item(span, "days_of_month"), read_number, moment->day, moment),
	    in_list(survey_item(span, "months"), read_month, moment->month, NULL),
	    in_list(survey_item(span, "years"), read_number, moment->year, NULL),
	};
	enum interval_judged all = INTERVAL_INSIDE;

	if (!is_utc(survey_text(span, "location")))
		return INTERVAL_UNKNOWN;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i] == INTERVAL_OUTSIDE)
			return INTERVAL_OUTSIDE;
		if (parts[i] == INTERVAL_UNKNOWN)
			all = INTERVAL_UNKNOWN;
	}
	return all;
}

enum interval_judged alertmanager_inside(const cJSON *spans, int64_t wall_ms)
{
	enum interval_judged any = INTERVAL_OUTSIDE;
	struct moment moment;
	const cJSON *span;

	if (!split(wall_ms, &moment))
		return INTERVAL_UNKNOWN;
	cJSON_ArrayForEach(span, spans)
	{
		enum interval_judged one = in_span(span, &moment);

		if (one == INTERVAL_INSIDE)
			return INTERVAL_INSIDE;
		if (one == INTERVAL_UNKNOWN)
			any = INTERVAL_UNKNOWN;
	}
	return any;
}
