/* Times that are left out: a sorted list of spans, found by halves.  Private to this folder. */
#ifndef CALENDAR_SPANS_H
#define CALENDAR_SPANS_H

#include <stddef.h>
#include <stdint.h>

/* Init with {0}. */
struct spans {
	struct span {
		int64_t from, until; /* seconds; `until` not included */
	} * list;                    /* owned */
	size_t count, capacity;
};

void spans_add(struct spans *spans, int64_t from, int64_t until);
void spans_sort(struct spans *spans); /* what touches is joined; before spans_end */
void spans_done(struct spans *spans); /* frees the contents */

/* The end of the span that a second is in; the second itself when it is in none. */
int64_t spans_end(const struct spans *spans, int64_t at);

#endif
