/* Local time to UTC and back, fast: each zone's changes are looked up once and kept.  Private to this
 * folder.  Times are seconds; local time is that of the clock on the wall, counted from 1970-01-01 00:00
 * as if there were no zones. */
#ifndef CALENDAR_LOCAL_H
#define CALENDAR_LOCAL_H

#include <stdint.h>

#include "src/base/error.h"

struct local;  /* one zone */
struct locals; /* all that were asked for */

struct locals *locals_new(void);
void locals_free(struct locals *locals); /* with its zones; NULL is fine */

/* Borrowed until locals_free; NULL with an error when this machine does not know the zone. */
struct local *locals_find(struct locals *locals, const char *zone, struct error *error);

/* A time in which the clock is not changed: UTC, `until` not included. The clock may be the same before
 * and after it. */
struct local_span {
	int64_t from, until, offset; /* offset: what is added to UTC */
};
struct local_span local_span(struct local *local, int64_t utc);

/* The moment at which the clock shows that: the first one when it does so twice; the moment of the
 * change when it jumps over it. */
int64_t local_to_utc(struct local *local, int64_t wall);

#endif
