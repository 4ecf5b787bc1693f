/* May this drill run at all?  Asked before anything is touched. */
#ifndef ENGINE_GUARD_H
#define ENGINE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/faults/fault.h"
#include "src/engine/drill.h"

/* What the guards look at. All borrowed. */
struct guard_case {
	const struct config *config;
	const struct scenario *scenario; /* resolved */
	const struct environment *environment;
	const struct fault_driver *driver;
	const char *target; /* as the driver's `target` has it; NULL: not known */
	struct drill_options options;
	int64_t now_wall_ms;
	struct ledger *ledger; /* NULL: what only the ledger knows is not asked */
};

/* False when a guard says no: the error names the guard, what is the matter, and how to satisfy it;
 * ret_left_before tells that an earlier fault is not confirmed reverted there, and that nobody is
 * about to do it. The locks (drill_locks.c) come after these. */
MUST_CHECK bool guard_allows(const struct drill_world *world, const struct drill_record *record,
			     const struct fault_driver *driver, const char *target,
			     const struct drill_options *options, bool *ret_left_before,
			     struct error *error);

enum guard_answer {
	GUARD_PASSES,
	GUARD_REFUSES, /* as things are now */
	GUARD_LATER    /* only the drill itself can ask */
};

/* One guard, for `firedrill plan`. Borrowed, valid inside the callback only. */
struct guard_told {
	const char *name;
	enum guard_answer answer;
	const char *text; /* its rule here; when it refuses: why, and how to satisfy it */
};
typedef void guard_tell_fn(void *arg, const struct guard_told *told);

/* Every guard that has something to say about such a drill, in their order. Touches nothing but what
 * has to be looked at: files of `freeze`, and the ledger when there is one. */
void guard_describe(const struct guard_case *asked, guard_tell_fn *tell, void *arg);

#endif
