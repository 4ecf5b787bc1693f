/* Settles what earlier lives left behind: every open fault of the ledger that nobody works on is
 * reverted and confirmed, from the ledger alone, and messages of drills that died are told of.  For the
 * start of a run, for `revert`, and for the guardian. */
#ifndef ENGINE_SETTLER_H
#define ENGINE_SETTLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/words.h"

struct event_base;
struct fault_context;
struct ledger;
struct ledger_message;
struct locks;
struct settler;

#define SETTLER_PAUSE_FIRST_MS 30000  /* before a stuck one is tried again; doubled each time ... */
#define SETTLER_PAUSE_MAX_MS   900000 /* ... up to this */

/* All borrowed, must outlive the settler. */
struct settler_world {
	struct event_base *base;
	const struct fault_context *faults;
	struct ledger *ledger;
	struct locks *locks;
};

enum settled_how {
	SETTLED_BEGUN, /* about to be reverted */
	SETTLED_CLEAN, /* reverted and read back, or nothing had been touched */
	SETTLED_STUCK, /* could not be; will be tried again when that was asked for */
	SETTLED_BUSY,  /* another process works on it: left alone */
	SETTLED_UNTOLD /* its drill died, or could not tell its end; nothing was left but messages */
};

/* What became of one fault, or of a drill without one. Borrowed, valid inside the callback only. */
struct settled {
	const char *drill, *scenario, *environment, *target;
	const struct ledger_message *messages; /* of the drill, as far as they say no end of it */
	size_t message_count;
	enum fault_via via; /* VIA_COUNT: its row in the ledger cannot be read */
	enum settled_how how;
	enum fault_state found; /* the state it was found in */
	const char *text;       /* one sentence of evidence */
	int tries;              /* rounds so far */
	int64_t took_ms;        /* of this round */
	int64_t intended_wall_ms;
};

struct settler_ask {
	const char *const *drills; /* those only; count 0: all but the acknowledged ones */
	size_t drill_count;
	const char *const *environments; /* those only; count 0: all */
	size_t environment_count;
	bool elsewhere; /* in all environments but those */
	/* Others may be about to finish theirs: wait so long for faults that are busy; 0: no longer
	 * than to be sure that somebody works on them. */
	int64_t patience_ms;
	bool for_ever; /* try stuck ones again and again; else one round */
};

typedef void settler_told_fn(void *arg, const struct settled *settled);
/* Nothing is left that was asked for (or, without for_ever, one round is over). error NULL, or why
 * the ledger cannot be read. */
typedef void settler_done_fn(void *arg, const char *error);
/* With for_ever: a round is over and some are stuck; nothing happens until the next try. */
typedef void settler_rest_fn(void *arg);

/* ask is copied (its texts are not needed after the call). Callbacks come from the loop, never from
 * inside start; told may be called many times, done once; rest may be NULL. The settler may be freed
 * from inside rest and done, not from inside told. */
struct settler *settler_start(const struct settler_world *world, const struct settler_ask *ask,
			      settler_told_fn *told, settler_rest_fn *rest, settler_done_fn *done,
			      void *arg);
/* Tries those that are stuck now instead of after their pause. */
void settler_hurry(struct settler *settler);
/* Does not wait any longer for faults that others work on. */
void settler_lose_patience(struct settler *settler);
void settler_free(struct settler *settler); /* cancels; NULL is fine */

#endif
