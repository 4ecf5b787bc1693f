/* Hours of every week, as people write them: what hours.h and blackouts have in common.  Private to this
 * folder. */
#ifndef CALENDAR_WEEK_H
#define CALENDAR_WEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"

#define WEEK_DAY_MINUTES 1440

struct week_window {
	bool days[7]; /* on which it begins; 0: Monday */
	int start,
	    end; /* minutes of the day; an end that is not after the start: of the next day */
};

/* One text as in hours.h. */
MUST_CHECK bool week_parse(const char *text, struct week_window *ret_window, struct error *error);
/* All texts; NULL with an error. Owned by the caller. */
MUST_CHECK struct week_window *week_parse_all(const char *const *texts, unsigned long count,
					      struct error *error);

/* Is a minute of local time, counted from 1970-01-01, in one of them? No window: always. */
bool week_includes(const struct week_window *windows, unsigned long count, int64_t local_minute);
/* The latest end of the windows that it is in; the minute itself when it is in none. */
int64_t week_end(const struct week_window *windows, unsigned long count, int64_t local_minute);

#endif
