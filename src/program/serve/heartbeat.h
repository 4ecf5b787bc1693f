/* Calls a dead-man service while all is well: URL/start at the start, URL every `every`, URL/fail while
 * something is wrong; what is called is what healthchecks.io and its like understand.  By requests and
 * connections of its own, which no chat and no drill can hold up. */
#ifndef PROGRAM_HEARTBEAT_H
#define PROGRAM_HEARTBEAT_H

#include <stdbool.h>

#include "src/base/error.h"

struct config;
struct event_base;
struct heartbeat;
struct secrets;

#define HEARTBEAT_TEXT_LIMIT 10000 /* bytes of a reason; what is longer is cut */

/* All borrowed. is_well: asked at each beat; false with a reason in words. NULL with an error when the
 * address cannot be resolved; NULL without one when none is configured. */
struct heartbeat *heartbeat_new(struct event_base *base, struct secrets *secrets,
				const struct config *config,
				bool (*is_well)(void *arg, struct error *ret_why), void *arg,
				struct error *error);
void heartbeat_free(struct heartbeat *heartbeat); /* NULL is fine */
/* Why the last call failed; NULL: it did not. Borrowed. */
const char *heartbeat_trouble(const struct heartbeat *heartbeat);

/* "https://hc.example/a/fail?rid=1" of "https://hc.example/a/?rid=1" and "/fail". Owned by the caller. */
char *heartbeat_url(const char *url, const char *end);

#endif
