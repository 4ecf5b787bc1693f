/* What the files of a life share. */
#ifndef ENGINE_LIFE_PARTS_H
#define ENGINE_LIFE_PARTS_H

#include <stdbool.h>

#include "scenarios/scenario.h"
#include "src/engine/busy.h"
#include "src/engine/life.h"

struct life {
	const struct life_world *world;   /* borrowed */
	struct session *session;          /* owned */
	struct texts wanted;              /* owned; the environments of the drills */
	struct settler *here, *elsewhere; /* owned; of the wanted environments, of the others */
	struct settler *standing;         /* owned; of a life that stays; NULL: nothing is stuck */
	struct event *settle_again;       /* owned; the next look for what others left */
	struct busy untold;               /* drills whose messages were told of */
	struct event *turn;               /* owned; the start comes from the loop */
	struct event *look;               /* owned; at the lever */
	bool started, stays;
	bool drilling; /* the session was started */
	bool drilled, settled_here, settled_elsewhere;
	bool resting; /* the standing settler waits for its next try */
	bool closing; /* nothing more is looked for */
	bool looked;  /* at the lever, at least once */
	bool lost;    /* the ledger, and that was told */
	bool halted, is_over;
	int unread; /* looks at the lever that failed, in a row */
	enum exit_code worst;
	char *trouble; /* owned; why the ledger could not be read; NULL: it could */
};

/* life.c */

void life_note_trouble(struct life *life, const char *error);
void life_begin_drills(struct life *life, const char *error);
void life_end_when_over(struct life *life);

/* life_standing.c: of a life that stays. */

void life_stand(struct life *life); /* settles what is left, again and again */
void life_on_settle_again(int fd, short what, void *life);
/* A drill is over: is its fault left? */
void life_note_left(struct life *life, const struct drill_record *record);
void life_forget_trouble(struct life *life);

#endif
