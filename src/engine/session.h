/* Several drills: one after another in each environment and for each target, else all at once.  Those
 * of a daemon come one by one, as long as it lives. */
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
struct session *session_new(const struct drill_world *world, session_drill_fn *finished,
			    session_done_fn *done, void *arg);
void session_free(struct session *session); /* NULL is fine */

/* Before session_start: it goes on when its drills are over, until session_close. */
void session_stay(struct session *session);

/* A drill more; before session_start, or at any time of one that stays. options are copied. False with
 * an error when it cannot run there at all, or when the session is closed or stopped. */
MUST_CHECK bool session_add(struct session *session, const struct scenario *scenario,
			    const struct environment *environment,
			    const struct drill_options *options, struct error *error);
size_t session_count(const struct session *session); /* drills that are not over */

void session_start(struct session *session);
/* No more drills are taken; it is done when those that it has are over. */
void session_close(struct session *session);
/* Stops the drills of one wish (drill_options.ask), 0: all, as session_stop would. */
void session_stop_ask(struct session *session, uint64_t ask, const char *why);
/* Stops what runs (it is reverted and reported) and drops what has not begun; in one that stays the
 * latter is aborted, and finished as any other, so that nobody waits for it in vain. */
void session_stop(struct session *session, const char *why);
/* A drill that runs has the environment, or the target, of this one. */
bool session_has_place(const struct session *session, const struct drill_record *record);
/* What waits for another session of this process (drill_world.is_taken) may go on. */
void session_look(struct session *session);
size_t session_dropped(const struct session *session);

#endif
