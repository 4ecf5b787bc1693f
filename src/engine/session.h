/* Several drills: one after another in each environment and for each target, else all at once. */
#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "src/engine/drill.h"

struct session;
typedef void session_drill_fn(void *arg, const struct drill_record *record);
typedef void session_done_fn(void *arg);

/* All borrowed, must outlive the session. finished: a drill is over, its record is valid during the
 * call only; done: the last one is. Both from the loop. */
struct session *session_new(const struct drill_world *world, const struct drill_options *options,
			    session_drill_fn *finished, session_done_fn *done, void *arg);
void session_free(struct session *session); /* NULL is fine */

/* A drill more; before session_start. False with an error when it cannot run there at all. */
MUST_CHECK bool session_add(struct session *session, const struct scenario *scenario,
			    const struct environment *environment, struct error *error);
size_t session_count(const struct session *session); /* drills that were added */

void session_start(struct session *session);
/* Stops what runs (it is reverted and reported) and drops what has not begun. */
void session_stop(struct session *session, const char *why);
size_t session_dropped(const struct session *session);

#endif
