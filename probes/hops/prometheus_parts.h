/* What the two halves of the driver share: asking, and explaining. */
#ifndef PROBES_PROMETHEUS_PARTS_H
#define PROBES_PROMETHEUS_PARTS_H

#include "probes/hops/hop.h"

void prometheus_explain(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT],
			hop_tell_fn *tell, void *arg);

#endif
