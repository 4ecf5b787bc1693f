/* Times at which nothing runs by itself, as people write them. */
#include "src/calendar/blackout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/calendar/civil.h"
#include "src/calendar/schedule.h"
#include "src/calendar/spans.h"
#include "src/calendar/week.h"

#define ADVICE                                                                                \
	"write days such as \"2026-12-19 to 2027-01-06\", times such as "                     \
	"\"2026-12-19 18:00 to 2026-12-20 06:00\", or hours of every week such as \"Sat,Sun " \
	"00:00-24:00\""

struct blackout {
	struct local *local;         /* borrowed */
	struct spans spans;          /* of UTC */
	struct week_window *windows; /* owned */
	size_t window_count;
};

/* Takes what looks like the pattern, in which a 0 stands for any digit, off the start of the text. */
static bool take(const char **text, const char *pattern, int ret_numbers[3])
{
	const char *at = *text;
	int i = 0;

	memset(ret_numbers, 0, 3 * sizeof *ret_numbers);
	for (; *pattern != '\0'; pattern++, at++) {
		if (*pattern == '0' ? !isdigit((unsigned char)*at) : *at != *pattern)
			return false;
		if (*pattern == '0')
			ret_numbers[i] = ret_numbers[i] * 10 + (*at - '0');
		else
			i++;
	}
	*text = at;
	return true;
}

/* "2026-12-19", "2026-12-19 18:00" as a time of the clock on the wall. ret_day: it is the day as a whole. */
static bool take_time(const char **text, int64_t *ret_wall, bool *ret_day)
{
	int date[3], time[3];

	if (!take(text, "0000-00-00", date) || !civil_exists(date[0], date[1], date[2]))
		return false;
	*ret_day = !take(text, " 00:00", time);
	*ret_wall =
	    civil_day(date[0], date[1], date[2]) * CIVIL_DAY_S + time[1] * 3600 + time[2] * 60;
	return time[2] < 60 && time[1] * 60 + time[2] <= WEEK_DAY_MINUTES;
}

/* Times of the clock on the wall; false with an error. */
static bool parse_span(const char *text, struct span *ret_span, struct error *error)
{
	bool from_day = false, until_day = false;
	const char *at = text;

	if (!take_time(&at, &ret_span->from, &from_day))
		return error_set(error, "\"%.60s\" is no blackout: " ADVICE, text);
	ret_span->until = ret_span->from;
	until_day = from_day;
	if (*at != '\0') {
		if (strncmp(at, " to ", 4) != 0)
			return error_set(error, "\"%.60s\" is no blackout: " ADVICE, text);
		at += 4;
		if (!take_time(&at, &ret_span->until, &until_day) || *at != '\0')
			return error_set(error, "\"%.60s\" is no blackout: " ADVICE, text);
	}
	if (until_day)
		ret_span->until += CIVIL_DAY_S;
	if (ret_span->until <= ret_span->from)
		return error_set(error, "\"%.60s\" ends before it begins: " ADVICE, text);
	return true;
}

/* One that begins with a digit is of days or times, any other of every week. */
static bool is_span(const char *text)
{
	return isdigit((unsigned char)text[0]);
}

static bool parse_week(const char *text, struct week_window *ret_window, struct error *error)
{
	struct error why = {""};

	if (week_parse(text, ret_window, &why))
		return true;
	if (strstr(why.text, "begins when it ends") != NULL)
		return error_set(error, "%s", why.text);
	return error_set(error, "\"%.60s\" is no blackout: " ADVICE, text);
}

bool schedule_check_blackout(const char *text, struct error *error)
{
	struct week_window window;
	struct span span;

	return is_span(text) ? parse_span(text, &span, error) : parse_week(text, &window, error);
}

static bool add(struct blackout *blackout, const char *text, struct error *error)
{
	struct span span = {0, 0};

	if (!is_span(text))
		return parse_week(text, &blackout->windows[blackout->window_count++], error);
	if (!parse_span(text, &span, error))
		return false;
	spans_add(&blackout->spans, local_to_utc(blackout->local, span.from),
		  local_to_utc(blackout->local, span.until));
	return true;
}

struct blackout *blackout_new(const char *const *texts, size_t count, struct local *local,
			      struct error *error)
{
	struct blackout *blackout = mem_zalloc(sizeof *blackout);

	blackout->local = local;
	blackout->windows = mem_zalloc((count + 1) * sizeof *blackout->windows);
	for (size_t i = 0; i < count; i++) {
		if (!add(blackout, texts[i], error)) {
			blackout_free(blackout);
			return NULL;
		}
	}
	spans_sort(&blackout->spans);
	return blackout;
}

void blackout_free(struct blackout *blackout)
{
	if (blackout == NULL)
		return;
	spans_done(&blackout->spans);
	free(blackout->windows);
	free(blackout);
}

/* Hours go by the clock on the wall, which is looked at anew when it is changed. */
static int64_t end_of_hours(const struct blackout *blackout, int64_t utc)
{
	struct local_span span = local_span(blackout->local, utc);
	int64_t wall = utc + span.offset, minute = wall / 60;
	int64_t end = week_end(blackout->windows, blackout->window_count, minute);

	if (end == minute)
		return utc;
	return end * 60 - span.offset < span.until ? end * 60 - span.offset : span.until;
}

int64_t blackout_end(const struct blackout *blackout, int64_t utc)
{
	int64_t of_spans = spans_end(&blackout->spans, utc);
	int64_t of_hours = blackout->window_count > 0 ? end_of_hours(blackout, utc) : utc;

	return of_spans > of_hours ? of_spans : of_hours;
}
