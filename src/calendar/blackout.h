/* Times at which nothing runs by itself, as people write them; see schedule.h.  Private to this folder. */
#ifndef CALENDAR_BLACKOUT_H
#define CALENDAR_BLACKOUT_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/calendar/local.h"

struct blackout;

/* NULL with an error that shows a right text. The zone is borrowed and outlives it. */
MUST_CHECK struct blackout *blackout_new(const char *const *texts, size_t count,
					 struct local *local, struct error *error);
void blackout_free(struct blackout *blackout); /* NULL is fine */

/* A moment (UTC, in seconds) until which it is left out for certain; the moment itself when it is not. */
int64_t blackout_end(const struct blackout *blackout, int64_t utc);

#endif
