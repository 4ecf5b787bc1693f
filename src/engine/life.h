/* One life of firedrill, from its start to its end: settles what earlier lives left behind, runs the
 * drills, obeys `halt`, and ends with nothing in place or with the truth about it.  That of a daemon
 * stays when its drills are over, and takes more of them at any time.  Everything that
 * touches the world is given from outside, so that the simulation lives the same life. */
#ifndef ENGINE_LIFE_H
#define ENGINE_LIFE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/engine/session.h"
#include "src/engine/settler.h"

struct life;

#define LIFE_HALT_POLL_MS 500   /* between two looks at the lever */
#define LIFE_IDLE_POLL_MS 5000  /* ... of a life that stays, while no drill runs */
#define LIFE_SETTLE_MS    60000 /* in a life that stays: between two looks for what others left */

/* All borrowed, must outlive the life. */
struct life_world {
	const struct drill_world *drills;
	session_drill_fn *finished; /* a drill is over */
	settler_told_fn *settled;   /* a leftover of an earlier life; may be NULL */
	/* The lever was pulled (reason), seen for the first time in this life, in one that stays for the
	 * first time since it was lifted; may be NULL. */
	void (*halted)(void *arg, const char *reason, const char *by);
	/* The lever was lifted, or is not pulled when this life first looks, in a life that stays; may be
	 * NULL. */
	void (*resumed)(void *arg);
	/* The ledger, and with it the lever, cannot be read any more, or its file is another one (why);
	 * NULL: it can again, or can when this life first looks. In a life that stays; may be NULL. */
	void (*lost)(void *arg, const char *why);
	/* Over; the process may end. worst: of all drills, of those that were dropped (aborted), and 3
	 * when a fault that is neither clean nor set aside is open and nobody works on it, or when the
	 * ledger cannot be read. For a life that stays, what its drills found long ago does not count,
	 * nor what was stuck and is clean now: 3, or 0. The life may be freed from inside. */
	void (*done)(void *arg, enum exit_code worst);
	void *arg; /* for all six */
};

struct life *life_new(const struct life_world *world);
void life_free(struct life *life); /* NULL is fine */

/* Before life_start: it goes on when its drills are over, until life_close or life_stop. A `halt` then
 * stops what runs, and `resume` lets new drills in again. What is stuck, of its own drills or of those
 * of processes that died meanwhile, is tried again and again, never what somebody works on; `settled`
 * is told of each try, and of what others work on (SETTLED_BUSY) in the first round only. Every drill
 * that was added is finished, those that were stopped before they began as aborted. */
void life_stay(struct life *life);

/* A drill more; before life_start, or at any time of one that stays. options are copied. False with an
 * error when it cannot run there at all. */
MUST_CHECK bool life_add(struct life *life, const struct scenario *scenario,
			 const struct environment *environment, const struct drill_options *options,
			 struct error *error);
/* As session_has_place and session_look. */
bool life_has_place(const struct life *life, const struct drill_record *record);
void life_look(struct life *life);

void life_start(struct life *life);
/* Takes no more drills, and is done when those that it has are over, and no fault is just being put
 * right. */
void life_close(struct life *life);
/* Reverts and reports the drills of one wish (drill_options.ask); 0: all. */
void life_stop_ask(struct life *life, uint64_t ask, const char *why);
/* Reverts and reports what runs, drops what has not begun; settling goes on to its end. Repeated
 * calls do nothing more. */
void life_stop(struct life *life, const char *why);
size_t life_dropped(const struct life *life);
/* Why the ledger could not be read; NULL: it could, in a life that stays when it was read last. Then
 * nobody knows what is in place, nothing is put in, and the exit code is 3. Borrowed. */
const char *life_trouble(const struct life *life);

#endif
