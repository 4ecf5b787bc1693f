/* Holidays: the days and times of a file of iCalendar, RFC 5545.  Private to this folder. */
#ifndef CALENDAR_HOLIDAYS_H
#define CALENDAR_HOLIDAYS_H

#include <stdint.h>

#include "src/base/error.h"
#include "src/calendar/content.h"
#include "src/calendar/local.h"

#define HOLIDAYS_MAX 20000 /* days and times of one file, of those that lie ahead */

struct holidays;

/* NULL with an error that names the line. Of what recurs, what lies in the 10 years from now on is read. */
MUST_CHECK struct holidays *holidays_read(struct content *content, struct locals *locals,
					  int64_t now, struct error *error);
void holidays_free(struct holidays *holidays); /* NULL is fine */

/* A moment (UTC, in seconds) until which it is left out for certain; the moment itself when it is not. Days,
 * and times without a zone, are those of `local`. */
int64_t holidays_end(const struct holidays *holidays, struct local *local, int64_t utc);

#endif
