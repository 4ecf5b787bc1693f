/* Schedules, as tests make them, on a day that is always the same: 2026-11-21, 14:03 UTC, a Saturday. */
#ifndef TESTS_CALENDAR_SCHEDULES_H
#define TESTS_CALENDAR_SCHEDULES_H

#include "src/calendar/schedule.h"

/* Links with WRAP clock_wall_ms. */
int64_t __wrap_clock_wall_ms(void);

/* Fails the test when there is none. To be freed before its calendar. */
struct schedule *schedules_open(struct calendar *calendar, const char *text, const char *zone);
struct schedule *schedules_ask(struct calendar *calendar, const struct schedule_ask *ask);

/* It is refused, and what is said of it contains `says`. */
void schedules_refuse(const char *text, const char *says);

/* The next moments after a time of UTC, as the clock there shows them, are these and in this order:
 * "Sun 2026-03-29 03:00, ...". The time is "2026-03-28 12:00". */
void schedules_expect(const struct schedule *schedule, const char *zone, const char *after,
		      const char *moments);

#endif
