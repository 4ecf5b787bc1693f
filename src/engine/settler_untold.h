/* Messages of drills that died and left no open fault, so that only people were not told.  Used by
 * settler*.c only. */
#ifndef ENGINE_SETTLER_UNTOLD_H
#define ENGINE_SETTLER_UNTOLD_H

#include <stdbool.h>

#include "scenarios/scenario.h"
#include "src/engine/settler.h"

struct untold_ask {
	const struct settler_world *world;
	const struct texts *open; /* drills with an open fault: they are told with it */
	struct texts *known;      /* drills that were told already; grows */
	/* Is it one of those that are to be settled? */
	bool (*is_asked_for)(const void *arg, const char *drill, const char *environment);
	const void *asked_arg;
	settler_told_fn *told;
	void *told_arg;
};

/* All borrowed. A ledger that cannot be read is no failure: the next life tells. */
void untold_tell(const struct untold_ask *ask);

/* Adds a copy. */
void untold_know(struct texts *drills, const char *drill);
bool untold_is_among(const struct texts *drills, const char *drill);

#endif
