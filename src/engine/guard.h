/* May this drill run at all?  Asked before anything is touched. */
#ifndef ENGINE_GUARD_H
#define ENGINE_GUARD_H

#include <stdbool.h>

#include "probes/faults/fault.h"
#include "src/engine/drill.h"

/* False when a guard says no: the error names the guard and how to satisfy it, and
 * evidence->left_before tells that an earlier fault is not confirmed reverted there. */
MUST_CHECK bool guard_allows(const struct drill_world *world, const struct drill_record *record,
			     const struct fault_driver *driver, const struct drill_options *options,
			     bool *ret_left_before, struct error *error);

#endif
