/* The part of `firedrill plan` that is about probes after a gap. */
#ifndef PROGRAM_PLAN_BISECT_H
#define PROGRAM_PLAN_BISECT_H

#include "scenarios/config.h"

/* Lines of the plan, on stdout; none where nothing is sent. */
void plan_bisect_print(const struct config *config, const struct environment *environment,
		       const struct scenario *scenario);

#endif
