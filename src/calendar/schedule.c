/* When something runs by itself: the times that a text names, as moments, less those that are left out. */
#include "src/calendar/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/calendar/blackout.h"
#include "src/calendar/calendar.h"
#include "src/calendar/cron.h"
#include "src/calendar/local.h"
#include "src/calendar/rule.h"

#define AHEAD_S      (SCHEDULE_AHEAD_MS / 1000)
#define NEVER        INT64_MAX
#define EVERY        "@every "
#define EVERY_MIN_MS 1000
#define STEP_LOOKS   200 /* moments whose distances are looked at */

struct schedule {
	struct local *local;              /* borrowed, as is what follows, from the calendar */
	int64_t every_ms;                 /* @every; else 0 */
	struct rule *rule;                /* owned; else NULL */
	struct cron cron;                 /* else this */
	struct blackout *blackout;        /* owned; NULL: none */
	const struct holidays **holidays; /* the list is owned */
	size_t holiday_count;
};

/* Times of the clock on the wall: the first one after that one, or NEVER. */
static int64_t wall_next(const struct schedule *schedule, int64_t wall)
{
	return schedule->rule != NULL ? rule_next(schedule->rule, wall)
				      : cron_next(&schedule->cron, wall);
}

/* By real time: whenever the clock shows one of the times, whatever is done to it. */
static int64_t next_shown(const struct schedule *schedule, int64_t after)
{
	struct local_span span = local_span(schedule->local, after);
	int64_t end = after + AHEAD_S, wall = after + span.offset;

	while (span.from <= end) {
		int64_t next = wall_next(schedule, wall);

		if (next == NEVER)
			return NEVER;
		if (next - span.offset < span.until)
			return next - span.offset;
		span = local_span(schedule->local, span.until);
		wall = span.from + span.offset - 1;
	}
	return NEVER;
}

/* Every time once. Several that the clock jumps over have the same moment; and those that come a second time
 * have that of the first, which is over. */
static int64_t next_once(const struct schedule *schedule, int64_t after)
{
	int64_t wall = after + local_span(schedule->local, after).offset, utc = after;

	while (utc <= after) {
		wall = wall_next(schedule, wall);
		if (wall == NEVER)
			return NEVER;
		utc = local_to_utc(schedule->local, wall);
	}
	return utc;
}

static bool is_hourly(const struct schedule *schedule)
{
	return schedule->rule != NULL ? rule_is_hourly(schedule->rule) : schedule->cron.every_hour;
}

/* The first moment after that one, whether it is left out or not; -1: none. */
static int64_t next_named(const struct schedule *schedule, int64_t after_ms)
{
	int64_t utc;

	if (schedule->every_ms > 0)
		return (after_ms / schedule->every_ms + 1) * schedule->every_ms;
	utc = is_hourly(schedule) ? next_shown(schedule, after_ms / 1000)
				  : next_once(schedule, after_ms / 1000);
	return utc == NEVER ? -1 : utc * 1000;
}

/* A moment until which that one is left out; the moment itself when it is not. UTC, in seconds. */
static int64_t left_out_until(const struct schedule *schedule, int64_t utc)
{
	int64_t until = schedule->blackout != NULL ? blackout_end(schedule->blackout, utc) : utc;

	for (size_t i = 0; i < schedule->holiday_count; i++) {
		int64_t end = holidays_end(schedule->holidays[i], schedule->local, utc);

		if (end > until)
			until = end;
	}
	return until;
}

static int64_t next_until(const struct schedule *schedule, int64_t after_ms, int64_t end_ms)
{
	int64_t at_ms = next_named(schedule, after_ms);

	while (at_ms >= 0 && at_ms <= end_ms) {
		int64_t utc = at_ms / 1000, until = left_out_until(schedule, utc);

		if (until == utc)
			return at_ms;
		at_ms = next_named(schedule, until * 1000 - 1);
	}
	return -1;
}

int64_t schedule_next(const struct schedule *schedule, int64_t after_wall_ms)
{
	int64_t after_ms = after_wall_ms < 0 ? 0 : after_wall_ms;

	if (after_ms > INT64_MAX / 2)
		return -1;
	return next_until(schedule, after_ms, after_ms + SCHEDULE_AHEAD_MS);
}

size_t schedule_count(const struct schedule *schedule, int64_t after_wall_ms, int64_t until_wall_ms,
		      size_t most)
{
	int64_t at_ms = after_wall_ms;
	size_t count = 0;

	while (count < most) {
		at_ms = schedule_next(schedule, at_ms);
		if (at_ms < 0 || at_ms > until_wall_ms)
			break;
		count++;
	}
	return count;
}

int64_t schedule_step_ms(const struct schedule *schedule, int64_t after_wall_ms)
{
	int64_t at_ms = schedule_next(schedule, after_wall_ms), step_ms = SCHEDULE_AHEAD_MS;

	for (int i = 0; i < STEP_LOOKS && at_ms >= 0; i++) {
		int64_t next_ms = schedule_next(schedule, at_ms);

		if (next_ms >= 0 && next_ms - at_ms < step_ms)
			step_ms = next_ms - at_ms;
		at_ms = next_ms;
	}
	return step_ms;
}

static bool parse_every(struct schedule *schedule, const char *text, struct error *error)
{
	struct error why;

	if (!duration_parse(text, &schedule->every_ms, &why))
		return error_set(error, "@every: %s", why.text);
	if (schedule->every_ms < EVERY_MIN_MS)
		return error_set(error,
				 "\"@every %.40s\" is less than a second: write at least "
				 "\"@every 1s\"",
				 text);
	return true;
}

static bool parse(struct schedule *schedule, const char *text, struct error *error)
{
	if (strncasecmp(text, EVERY, strlen(EVERY)) == 0)
		return parse_every(schedule,
				   text + strlen(EVERY) + strspn(text + strlen(EVERY), " "), error);
	if (!rule_is_one(text))
		return cron_parse(text, &schedule->cron, error);
	schedule->rule = rule_new(text, schedule->local, error);
	return schedule->rule != NULL;
}

static bool comes(const struct schedule *schedule, const struct schedule_ask *ask,
		  struct error *error)
{
	int64_t now_ms = clock_wall_ms(), named_ms = next_named(schedule, now_ms);

	if (schedule_next(schedule, now_ms) >= 0)
		return true;
	if (named_ms < 0 || named_ms > now_ms + SCHEDULE_AHEAD_MS)
		return error_set(error,
				 "\"%.80s\" never comes from now on: write days that exist, and in "
				 "a rule an end (UNTIL, COUNT) that lies ahead",
				 ask->when);
	return error_set(error,
			 "\"%.80s\" never comes: all of its times in the next 5 years are on "
			 "holidays or in a blackout; write other times, or take some of these out",
			 ask->when);
}

static bool leave_out(struct schedule *schedule, const struct calendar *calendar,
		      const struct schedule_ask *ask, struct error *error)
{
	if (ask->holiday_count > 0)
		schedule->holidays = mem_zalloc(ask->holiday_count * sizeof *schedule->holidays);
	for (size_t i = 0; i < ask->holiday_count; i++) {
		const struct holidays *found = calendar_holidays(calendar, ask->holidays[i]);

		if (found == NULL)
			return error_set(error,
					 "there is no calendar \"%.40s\": name one of "
					 "`calendars`",
					 ask->holidays[i]);
		schedule->holidays[schedule->holiday_count++] = found;
	}
	if (ask->blackout_count == 0)
		return true;
	schedule->blackout =
	    blackout_new(ask->blackouts, ask->blackout_count, schedule->local, error);
	return schedule->blackout != NULL;
}

struct schedule *schedule_new(struct calendar *calendar, const struct schedule_ask *ask,
			      struct error *error)
{
	struct schedule *schedule = mem_zalloc(sizeof *schedule);

	schedule->local = locals_find(calendar->locals, ask->zone, error);
	if (schedule->local != NULL && parse(schedule, ask->when, error) &&
	    leave_out(schedule, calendar, ask, error) && comes(schedule, ask, error))
		return schedule;
	schedule_free(schedule);
	return NULL;
}

void schedule_free(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	rule_free(schedule->rule);
	blackout_free(schedule->blackout);
	free(schedule->holidays);
	free(schedule);
}

bool schedule_check(const char *when, struct error *error)
{
	struct calendar *calendar = calendar_new();
	struct schedule_ask ask = {.when = when, .zone = "UTC"};
	struct schedule *schedule = schedule_new(calendar, &ask, error);
	bool good = schedule != NULL;

	schedule_free(schedule);
	calendar_free(calendar);
	return good;
}
