/* What the files of the settler share. */
#ifndef ENGINE_SETTLER_PARTS_H
#define ENGINE_SETTLER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/error.h"
#include "src/engine/settler.h"
#include "src/engine/settler_work.h"

/* One fault. */
struct job {
	struct settler *settler;   /* borrowed */
	struct job *next;          /* owned */
	char *drill;               /* owned */
	struct settler_work *work; /* owned; NULL: it waits */
	int64_t due_ms;            /* TIME_NEVER: aside, another process has it */
	int64_t patient_until_ms;  /* while it is busy */
	int64_t pause_ms;          /* the last one; 0: it was not stuck yet */
	int tries;
	bool told_busy;
	bool over;
	bool is_open; /* in the last reading of the ledger */
};

struct settler {
	struct settler_world world;
	struct texts drills, environments; /* owned; see struct settler_ask */
	int64_t patience_ms;
	bool elsewhere, for_ever;
	settler_told_fn *told;
	settler_rest_fn *rest; /* may be NULL */
	settler_done_fn *done;
	void *arg; /* borrowed, for all three */

	struct job *first;   /* owned; in the order of the ledger */
	struct texts open;   /* owned; drills with an open fault, as last read */
	struct texts known;  /* owned; drills that were told to be over */
	struct event *timer; /* owned; the next round, or the next look */
	bool has_read;
	bool in_round;         /* something became of a fault since the last rest */
	int unread;            /* readings of the ledger that failed, in a row */
	int64_t read_again_ms; /* nothing is read before */
	struct error error;    /* of the last one */
};

/* Faults that were set aside or put right elsewhere are over; new ones get a job. */
void settler_read(struct settler *settler);
/* The ledger could not be read: again after a pause. */
void settler_note_unread(struct settler *settler);
void settler_drop_over(struct settler *settler); /* frees the jobs that are */

#endif
