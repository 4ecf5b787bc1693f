/* Moments by the clock on the wall, as people and machines read them: always UTC.  What is stored may be
 * damaged, so a time before 1970 or from the year 10000 on is taken for not known. */
#ifndef REPORTS_WHEN_H
#define REPORTS_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"

/* Milliseconds since 1970 UTC. */
bool when_is_known(int64_t wall_ms);
/* As clock_rfc3339, of a time that is known; false: nothing is written. */
bool when_rfc3339(int64_t wall_ms, char *ret_text, size_t size);
/* "2026-11-21 10:03:12 UTC", or "at an unknown time". */
void when_text(struct buf *buf, int64_t wall_ms);

/* The parts, of times that come from a clock and not from a file. */
void when_day(struct buf *buf, int64_t wall_ms);    /* "2026-11-21" */
void when_second(struct buf *buf, int64_t wall_ms); /* "10:03:12 UTC" */
void when_minute(struct buf *buf, int64_t wall_ms); /* "10:03 UTC" */

#endif
