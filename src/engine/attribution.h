/* Which messages can come from the fault, and which only look like it: read by the judge. */
#ifndef ENGINE_ATTRIBUTION_H
#define ENGINE_ATTRIBUTION_H

#include <stdbool.h>

#include "src/engine/evidence.h"

/* The earliest firing message of the fault, in the expected channel or found elsewhere; NULL: none.
 * Counts those of that place. Borrowed from the evidence. */
const struct sighting *attribution_first_firing(const struct evidence *evidence,
						const struct expectation_evidence *expect,
						bool elsewhere, int *ret_count);

/* The message that ended it: the first resolved one after the last that was firing; NULL: none.
 * Borrowed from the evidence. */
const struct sighting *attribution_first_resolved(const struct evidence *evidence,
						  const struct expectation_evidence *expect);

/* How often it fired once more after it was resolved; how long after, the first time. */
size_t attribution_refires(const struct evidence *evidence,
			   const struct expectation_evidence *expect, int64_t *ret_pause_ms);

/* With the drill's id: the first resolved message of an alert that never came here; NULL: none.
 * Borrowed from the evidence. */
const struct sighting *attribution_resolved_alone(const struct evidence *evidence,
						  const struct expectation_evidence *expect);

/* Was the same alert there before the fault, so that one now could be that one? */
bool attribution_is_mixed_up(const struct evidence *evidence,
			     const struct expectation_evidence *expect);

/* Where nothing that fired can come from the fault: the message because of which that proves
 * nothing, in words; NULL: there is none. Static. */
const char *attribution_doubt(const struct evidence *evidence,
			      const struct expectation_evidence *expect);

/* Does anything show that the fault had an effect: the witness, or an alert that it raised? */
bool attribution_shows_effect(const struct evidence *evidence);

#endif
