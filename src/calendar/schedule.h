/* When something runs by itself, as people write it: "17 * * * *", "0 10 * * Tue", "@daily",
 * "@every 6h", "RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=10;BYMINUTE=0", in an IANA zone, but not on holidays
 * and not in blackouts.  Cron lines: crontab(5); rules: RFC 5545, section 3.3.10, of hours or longer;
 * what a rule leaves open, and what it counts from, is in rule.h; zones: see zone.h.
 *
 * A time of the clock on the wall that does not exist (spring) runs at the moment when the clock has
 * jumped over it; one that comes twice (autumn) runs the first time only.  A line of every hour ("*", or a
 * rule FREQ=HOURLY without BYHOUR) goes by what the clock shows instead: each hour once, however often it is
 * called the same.  "@every" counts from 1970. */
#ifndef CALENDAR_SCHEDULE_H
#define CALENDAR_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

#define SCHEDULE_AHEAD_MS \
	INT64_C(157852800000) /* 5 years: what does not come by then never comes */

struct calendar;
struct schedule;

/* Zones and holidays as they were read: shared by many schedules, and read once. */
struct calendar *calendar_new(void);
void calendar_free(struct calendar *calendar); /* after its schedules; NULL is fine */

/* The days of a file of iCalendar (RFC 5545), by a name of ours: those of the next 10 years. A file over
 * 1 MiB, or with more than 10,000 events or 20,000 days, is refused with an error that says what is wrong
 * in which line. Days are those of the schedule's zone; times, those of their TZID. */
MUST_CHECK bool calendar_add_holidays(struct calendar *calendar, const char *name, const char *path,
				      struct error *error);

/* All borrowed during the call only. */
struct schedule_ask {
	const char *when;
	const char *zone;
	const char *const *holidays; /* names of calendar_add_holidays */
	size_t holiday_count;
	const char *const *blackouts;
	size_t blackout_count;
};

/* NULL with an error that says what would be right: a text that is no schedule, a zone that this
 * machine does not know, a schedule that never comes (February 30, or all of it on holidays). The
 * calendar is borrowed and outlives it. */
MUST_CHECK struct schedule *schedule_new(struct calendar *calendar, const struct schedule_ask *ask,
					 struct error *error);
void schedule_free(struct schedule *schedule); /* NULL is fine */

/* The first moment after that one; -1: none within SCHEDULE_AHEAD_MS. Wall clock, ms since 1970. */
int64_t schedule_next(const struct schedule *schedule, int64_t after_wall_ms);
/* Moments after the one and up to the other, counted to `most` at most. */
size_t schedule_count(const struct schedule *schedule, int64_t after_wall_ms, int64_t until_wall_ms,
		      size_t most);
/* The shortest time between two of its next moments. */
int64_t schedule_step_ms(const struct schedule *schedule, int64_t after_wall_ms);

/* For `check`, which has no zone yet: is the text right, and does it ever come? */
MUST_CHECK bool schedule_check(const char *when, struct error *error);
/* "2026-12-24", "2026-12-19 to 2027-01-06" (both days included), "2026-12-19 18:00 to 2026-12-20 06:00", or hours of
 * every week as in hours.h. */
MUST_CHECK bool schedule_check_blackout(const char *text, struct error *error);

#endif
