/* Whether probes confirm a gap: a pure function of what they found. */
#ifndef ENGINE_GAP_PROBES_H
#define ENGINE_GAP_PROBES_H

#include "src/engine/judge.h"

/* after, before: where it is as the stations say. When the probes agree, the gap is confirmed and drawn
 * as narrow as both say; else it stays, and `gap->probes` says what they found. */
void gap_confirm(const struct evidence *evidence, size_t expect, enum hop after, enum hop before,
		 struct gap *gap);

#endif
