/* One answer of a station: asked with the hop's address, headers and limits, and judged before it is
 * read, so that a login page or a proxy's complaint is never taken for facts. */
#ifndef PROBES_FETCH_H
#define PROBES_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "scenarios/config.h"

struct fetch; /* one request in flight */
struct hop_context;
struct secrets;

/* What is asked; borrowed during fetch_start only. */
struct fetch_ask {
	const char *path; /* put behind the hop's address: "/api/v2/status" */
	const char *form; /* NULL: GET; else the body of a POST, already encoded as a form */
	const char *json; /* the same, as JSON; NULL: none */
	size_t max_bytes; /* of the answer */
};

/* Borrowed, valid inside the callback only. */
struct fetch_answer {
	const char *body;   /* of a 2xx, with a NUL behind its end; NULL: `error` says why not */
	size_t len;         /* bytes */
	const char *error;  /* one sentence that says what to do, secrets masked; NULL */
	int64_t at_wall_ms; /* by our clock, in the middle of the request */
	int64_t ahead_ms;   /* the other clock is ahead by this; 0: less than can be told */
};
typedef void fetch_done_fn(void *arg, const struct fetch_answer *answer);

/* The contract of probes/http.h. `context` and `settings` are borrowed until it is done. */
struct fetch *fetch_start(const struct hop_context *context, const struct hop_settings *settings,
			  const struct fetch_ask *ask, fetch_done_fn *done, void *arg);
void fetch_cancel(struct fetch *fetch); /* NULL is fine */

/*
 * How far the clock that wrote a Date header (whole seconds, RFC 9110 6.6.1) is ahead of ours, when
 * the request took from `start_wall_ms` to `end_wall_ms`; 0 when that is within what such a header
 * can tell, or when there was none (-1).
 */
int64_t fetch_ahead(int64_t date_ms, int64_t start_wall_ms, int64_t end_wall_ms);

#endif
