/* Allowed hours, as people write them. */
#include "src/calendar/hours.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/calendar/zone.h"

#define MINUTE_MS   INT64_C(60000)
#define DAY_MINUTES 1440
#define ZONE_STEP   (15 * MINUTE_MS) /* clocks are changed at quarters of an hour only */
#define ADVICE      "write days and times such as \"Mon-Fri 09:00-17:00\" or \"daily 22:00-06:00\""

struct window {
	bool days[7]; /* on which it begins; 0: Monday */
	int start,
	    end; /* minutes of the day; an end that is not after the start: of the next day */
};

static const char *const day_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* Reading: each takes what it knows off the start of the text, and is false for anything else. */

static bool take_character(const char **text, char character)
{
	if (**text != character)
		return false;
	(*text)++;
	return true;
}

static bool take_day(const char **text, int *ret_day)
{
	for (int i = 0; i < 7; i++) {
		if (strncasecmp(*text, day_names[i], 3) == 0) {
			*text += 3;
			*ret_day = i;
			return true;
		}
	}
	return false;
}

/* "Mon", "Fri-Mon", "Sat,Sun", "daily". */
static bool take_days(const char **text, struct window *window)
{
	int first, last;

	if (strncasecmp(*text, "daily", 5) == 0) {
		*text += 5;
		for (int i = 0; i < 7; i++)
			window->days[i] = true;
		return true;
	}
	do {
		if (!take_day(text, &first))
			return false;
		last = first;
		if (take_character(text, '-') && !take_day(text, &last))
			return false;
		for (int i = first; i != last; i = (i + 1) % 7)
			window->days[i] = true;
		window->days[last] = true;
	} while (take_character(text, ','));
	return true;
}

/* "09:00" as minutes of the day; up to and with "24:00". */
static bool take_time(const char **text, int *ret_minutes)
{
	const char *t = *text;
	int hour, minute;

	for (int i = 0; i < 5; i++) {
		if (i == 2 ? t[i] != ':' : !isdigit((unsigned char)t[i]))
			return false;
	}
	hour = (t[0] - '0') * 10 + (t[1] - '0');
	minute = (t[3] - '0') * 10 + (t[4] - '0');
	*ret_minutes = hour * 60 + minute;
	*text += 5;
	return minute < 60 && *ret_minutes <= DAY_MINUTES;
}

static bool parse(const char *text, struct window *ret_window, struct error *error)
{
	struct window window = {.start = 0};
	const char *at = text;
	bool good = take_days(&at, &window) && take_character(&at, ' ');

	while (good && *at == ' ')
		at++;
	good = good && take_time(&at, &window.start) && take_character(&at, '-') &&
	       take_time(&at, &window.end) && *at == '\0';
	if (!good || window.start == DAY_MINUTES)
		return error_set(error, "\"%.40s\" is not understood: " ADVICE, text);
	if (window.start == window.end)
		return error_set(error,
				 "\"%.40s\" begins when it ends: " ADVICE
				 ", or 00:00-24:00 for the whole day",
				 text);
	*ret_window = window;
	return true;
}

/* All texts; NULL with an error. Owned by the caller. */
static struct window *parse_all(const char *const *texts, unsigned long count, struct error *error)
{
	struct window *windows = mem_zalloc((count + 1) * sizeof *windows);

	for (unsigned long i = 0; i < count; i++) {
		if (!parse(texts[i], &windows[i], error)) {
			free(windows);
			return NULL;
		}
	}
	return windows;
}

/* Looking: at a minute of local time, counted from 1970-01-01, a Thursday. */

static bool is_inside(const struct window *windows, unsigned long count, int64_t local_minute)
{
	int minute = (int)(local_minute % DAY_MINUTES);
	int today = (int)((local_minute / DAY_MINUTES + 3) % 7), yesterday = (today + 6) % 7;

	for (unsigned long i = 0; i < count; i++) {
		const struct window *window = &windows[i];
		bool over_midnight = window->end < window->start;

		if (window->days[today] && minute >= window->start &&
		    (over_midnight || minute < window->end))
			return true;
		if (over_midnight && window->days[yesterday] && minute < window->end)
			return true;
	}
	return count == 0;
}

static bool look(const struct window *windows, unsigned long count, const char *zone,
		 int64_t wall_ms, bool *ret_inside, struct error *error)
{
	int offset;

	if (wall_ms < 0)
		return error_set(error,
				 "the machine's clock is wrong: it shows a time before 1970");
	if (!zone_offset(zone, wall_ms, &offset, error))
		return false;
	*ret_inside = is_inside(windows, count, wall_ms / MINUTE_MS + offset);
	return true;
}

/* The first moment from wall_ms on that is inside, or is not; -1: none that is looked at. When it
 * cannot be told, nothing is inside. */
static int64_t find(const char *const *texts, unsigned long count, const char *zone,
		    int64_t wall_ms, bool inside)
{
	struct window *windows = parse_all(texts, count, NULL);
	int64_t at_ms = wall_ms, end_ms = wall_ms + HOURS_AHEAD_MS, step = -1;
	bool known = windows != NULL && wall_ms >= 0, now_inside = !inside;
	int offset = 0;

	for (; known && at_ms <= end_ms; at_ms = at_ms / MINUTE_MS * MINUTE_MS + MINUTE_MS) {
		if (at_ms / ZONE_STEP != step)
			known = zone_offset(zone, at_ms, &offset, NULL);
		step = at_ms / ZONE_STEP;
		now_inside = known && is_inside(windows, count, at_ms / MINUTE_MS + offset);
		if (now_inside == inside)
			break;
	}
	free(windows);
	if (!known)
		return inside ? -1 : wall_ms;
	return now_inside == inside ? at_ms : -1;
}

bool hours_check(const char *text, struct error *error)
{
	struct window window;

	return parse(text, &window, error);
}

bool hours_include(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms,
		   bool *ret_inside, struct error *error)
{
	struct window *windows = parse_all(texts, count, error);
	bool good = windows != NULL;

	if (good && count == 0)
		*ret_inside = true;
	else if (good)
		good = look(windows, count, zone, wall_ms, ret_inside, error);
	free(windows);
	return good;
}

int64_t hours_next(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms)
{
	return find(texts, count, zone, wall_ms, true);
}

int64_t hours_end(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms)
{
	int64_t end_ms;

	if (wall_ms < 0)
		return wall_ms;
	end_ms = find(texts, count, zone, wall_ms, false);
	return end_ms >= 0 ? end_ms : wall_ms + HOURS_AHEAD_MS;
}
