/* A deadline that nothing could have kept is the cause of a gap, whatever else is. */
#ifndef ENGINE_GAP_DEADLINE_H
#define ENGINE_GAP_DEADLINE_H

#include "src/engine/judge.h"

/* For a gap of an expectation that was found so: makes its deadline the cause and what to do about it
 * the advice, when that deadline cannot be kept. */
void gap_blame_deadline(const struct expectation_evidence *expect, enum finding finding,
			struct gap *gap);

#endif
