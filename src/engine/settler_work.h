/* The work on one open fault: locked, read anew, put right, told.  Used by settler*.c only. */
#ifndef ENGINE_SETTLER_WORK_H
#define ENGINE_SETTLER_WORK_H

#include <stdbool.h>

#include "src/base/error.h"
#include "src/engine/settler.h"

enum work_end {
	WORK_GOES_ON,
	WORK_CLEAN,
	WORK_STUCK,
	WORK_BUSY,   /* another process works on it, or on its target */
	WORK_BEHIND, /* this process works on its target: its turn comes */
	WORK_GONE,   /* it is open no more, or was set aside meanwhile */
	WORK_UNREAD  /* the ledger could not be read */
};

struct work_ask {
	const struct settler_world *world; /* borrowed, outlives the work */
	const char *drill;
	bool acked_too;  /* also when a person has set it aside */
	bool tells_busy; /* told when it is busy; else that is only the outcome */
	int tries;       /* rounds before this one */
	settler_told_fn *told;
	void *told_arg; /* borrowed */
};

struct settler_work;
typedef void work_done_fn(void *arg, enum work_end end);

/* WORK_GOES_ON: *ret_work is owned by the caller, and done comes from the loop, exactly once. Else it
 * is over already. The error is set with WORK_UNREAD only. told is called from inside, too. */
MUST_CHECK enum work_end settler_work_start(const struct work_ask *ask, work_done_fn *done,
					    void *arg, struct settler_work **ret_work,
					    struct error *error);
/* Lets go of the fault, as it stands; also from inside done. NULL is fine. */
void settler_work_free(struct settler_work *work);

#endif
