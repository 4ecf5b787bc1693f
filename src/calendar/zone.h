/* Local time in IANA zones, through libical, which is loaded when the first zone other than UTC is
 * asked for: it and what it brings are 3 MiB that most runs never need.  Its zones are the machine's
 * own (tzdata).  Times are ms since 1970 UTC. */
#ifndef CALENDAR_ZONE_H
#define CALENDAR_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"

/* Minutes to add to UTC to get local time at that moment. False with an error when the zone is not
 * known on this machine ("Europe/Berlin", "UTC"). */
MUST_CHECK bool zone_offset(const char *zone, int64_t wall_ms, int *ret_minutes,
			    struct error *error);

/* Could it be the name of a zone? Only such names become paths: libical opens whatever file there is. */
bool zone_is_name(const char *zone);

/* When the calendar day of that moment began there. */
MUST_CHECK bool zone_day_start(const char *zone, int64_t wall_ms, int64_t *ret_wall_ms,
			       struct error *error);

#define ZONE_TIME_SIZE 32
/* "Sat 2026-11-21 14:03" there; in UTC when the zone is not known. */
void zone_format(const char *zone, int64_t wall_ms, char ret_text[ZONE_TIME_SIZE]);

#endif
