/* Allowed hours, as people write them: "Mon-Fri 09:00-17:00" in an IANA zone.  Hours are those of the
 * clock on the wall: on the nights of the change an hour of them is missing or comes twice. */
#ifndef CALENDAR_HOURS_H
#define CALENDAR_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"

#define HOURS_AHEAD_MS INT64_C(691200000) /* 8 days: how far is looked ahead */

/* One text: days ("Mon", "Mon-Fri", "Sat,Sun", "daily"), a blank, "HH:MM-HH:MM" (24:00 is the end
 * of the day; an end before the start goes over midnight). False with an error that shows a right
 * one. */
MUST_CHECK bool hours_check(const char *text, struct error *error);

/* Is the moment inside one of the texts, which hours_check has found good? No text: always.
 * zone: an IANA name; false with an error when it is not known on this machine. */
MUST_CHECK bool hours_include(const char *const *texts, unsigned long count, const char *zone,
			      int64_t wall_ms, bool *ret_inside, struct error *error);

/* The next moment that is inside, at most 8 days on; -1: none. For "wait until ...". */
int64_t hours_next(const char *const *texts, unsigned long count, const char *zone,
		   int64_t wall_ms);

/* The next moment that is not inside; when there is none for 8 days, the end of these. */
int64_t hours_end(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms);

#endif
