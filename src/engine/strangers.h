/* Alerts in the watched channels that may be real ones: a drill must not hide them.  What carries the
 * id of a drill, was posted by firedrill, says that something is over, or is a reply in a thread, is
 * none. */
#ifndef ENGINE_STRANGERS_H
#define ENGINE_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct expectation_evidence;
struct scenario;
struct secrets;
struct strangers;
typedef void strangers_changed_fn(void *arg);

/* All borrowed, must outlive it. changed: one was found; from the loop, once at most. */
struct strangers *strangers_new(const struct scenario *scenario, const char *drill,
				const struct secrets *secrets, strangers_changed_fn *changed,
				void *arg);
void strangers_free(struct strangers *strangers); /* looks no more; NULL is fine */

/* Watches the channel of an expectation; what was posted since then is remembered. */
void strangers_watch(struct strangers *strangers, struct channel *channel,
		     const struct expectation_evidence *expect, int64_t since_ms);

/* What was handed over until now stood there before; from now on it counts. */
void strangers_arm(struct strangers *strangers);

/* A sentence about the first one, NULL while there is none. Borrowed. */
const char *strangers_found(const struct strangers *strangers);

#endif
