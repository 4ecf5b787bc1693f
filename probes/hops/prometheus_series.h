/* Do the series exist that a rule reads? */
#ifndef PROBES_PROMETHEUS_SERIES_H
#define PROBES_PROMETHEUS_SERIES_H

#include "src/base/buf.h"

struct prometheus_series;

enum series_found {
	SERIES_NOT_ASKED, /* or the expression cannot be read */
	SERIES_EXIST,     /* as far as it takes for a value */
	SERIES_DEAD       /* without them it has no value, whatever happens */
};

/* Adds the selectors that have no series now: "a{x=\"y\"}, b". */
enum series_found prometheus_series_of(const struct prometheus_series *series, const char *query,
				       struct buf *missing);

#endif
