/* The part of timing_warn (src/engine/timing.h) that is about what the author wrote. */
#ifndef ENGINE_TIMING_WRITTEN_H
#define ENGINE_TIMING_WRITTEN_H

#include "src/engine/timing.h"

/* The same arguments: a fault held too short or too long, a text of `match` that the resolved message
 * lacks, an alert without the drill's id where drills follow each other closely. */
void timing_warn_written(const struct scenario *resolved, size_t expect, int64_t spacing_ms,
			 const struct timing *timing, timing_warn_fn *warn, void *arg);

#endif
