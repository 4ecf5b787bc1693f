/* Hours of every week, as people write them. */
#include "src/calendar/week.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"

#define ADVICE "write days and times such as \"Mon-Fri 09:00-17:00\" or \"daily 22:00-06:00\""

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
static bool take_days(const char **text, struct week_window *window)
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
	return minute < 60 && *ret_minutes <= WEEK_DAY_MINUTES;
}

bool week_parse(const char *text, struct week_window *ret_window, struct error *error)
{
	struct week_window window = {.start = 0};
	const char *at = text;
	bool good = take_days(&at, &window) && take_character(&at, ' ');

	while (good && *at == ' ')
		at++;
	good = good && take_time(&at, &window.start) && take_character(&at, '-') &&
	       take_time(&at, &window.end) && *at == '\0';
	if (!good || window.start == WEEK_DAY_MINUTES)
		return error_set(error, "\"%.40s\" is not understood: " ADVICE, text);
	if (window.start == window.end)
		return error_set(error,
				 "\"%.40s\" begins when it ends: " ADVICE
				 ", or 00:00-24:00 for the whole day",
				 text);
	*ret_window = window;
	return true;
}

struct week_window *week_parse_all(const char *const *texts, unsigned long count,
				   struct error *error)
{
	struct week_window *windows = mem_zalloc((count + 1) * sizeof *windows);

	for (unsigned long i = 0; i < count; i++) {
		if (!week_parse(texts[i], &windows[i], error)) {
			free(windows);
			return NULL;
		}
	}
	return windows;
}

/* Looking: at a minute of local time, counted from 1970-01-01, a Thursday. */

/* Minutes until the window ends that the minute is in; 0: it is in none. */
static int minutes_left(const struct week_window *window, int64_t local_minute)
{
	int minute = (int)(local_minute % WEEK_DAY_MINUTES);
	int today = (int)((local_minute / WEEK_DAY_MINUTES + 3) % 7), yesterday = (today + 6) % 7;
	bool over_midnight = window->end < window->start;

	if (window->days[today] && minute >= window->start &&
	    (over_midnight || minute < window->end))
		return window->end - minute + (over_midnight ? WEEK_DAY_MINUTES : 0);
	if (over_midnight && window->days[yesterday] && minute < window->end)
		return window->end - minute;
	return 0;
}

bool week_includes(const struct week_window *windows, unsigned long count, int64_t local_minute)
{
	return count == 0 || week_end(windows, count, local_minute) > local_minute;
}

int64_t week_end(const struct week_window *windows, unsigned long count, int64_t local_minute)
{
	int longest = 0;

	for (unsigned long i = 0; i < count; i++) {
		int left = minutes_left(&windows[i], local_minute);

		if (left > longest)
			longest = left;
	}
	return local_minute + longest;
}
