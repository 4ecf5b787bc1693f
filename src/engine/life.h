/* One life of firedrill, from its start to its end: settles what earlier lives left behind, runs the
 * drills, obeys `halt`, and ends with nothing in place or with the truth about it.  Everything that
 * touches the world is given from outside, so that the simulation lives the same life. */
#ifndef ENGINE_LIFE_H
#define ENGINE_LIFE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/engine/session.h"
#include "src/engine/settler.h"

struct life;

#define LIFE_HALT_POLL_MS 500 /* between two looks at the lever */

/* All borrowed, must outlive the life. */
struct life_world {
	const struct drill_world *drills;
	session_drill_fn *finished; /* a drill is over */
	settler_told_fn *settled;   /* a leftover of an earlier life; may be NULL */
	/* The lever was pulled (reason), seen for the first time in this life; may be NULL. */
	void (*halted)(void *arg, const char *reason, const char *by);
	/* Over; the process may end. worst: of all drills, of those that were dropped (aborted), and 3
	 * when a fault that is neither clean nor set aside is open and nobody works on it. The life may
	 * be freed from inside. */
	void (*done)(void *arg, enum exit_code worst);
	void *arg; /* for all four */
};

struct life *life_new(const struct life_world *world, const struct drill_options *options);
void life_free(struct life *life); /* NULL is fine */

/* A drill more; before life_start. False with an error when it cannot run there at all. */
MUST_CHECK bool life_add(struct life *life, const struct scenario *scenario,
			 const struct environment *environment, struct error *error);

void life_start(struct life *life);
/* Reverts and reports what runs, drops what has not begun; settling goes on to its end. Repeated
 * calls do nothing more. */
void life_stop(struct life *life, const char *why);
size_t life_dropped(const struct life *life);
/* Why the ledger could not be read; NULL: it could. Then nobody knows what is in place, nothing is
 * put in, and the exit code is 3. Borrowed. */
const char *life_trouble(const struct life *life);

#endif
