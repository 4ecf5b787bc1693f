/* What Prometheus answers to a query. */
#ifndef PROBES_PROMETHEUS_H
#define PROBES_PROMETHEUS_H

#include <stddef.h>

#include "probes/conditions/condition.h"
#include "src/base/buf.h"

struct secrets;

/* The address of a query at a base URL, which may have a path and a slash at its end. Owned by the
 * caller; NULL when the base URL has a query of its own. */
char *prometheus_url(const char *base, const char *query);

/*
 * Reads an answer, of any bytes, with a NUL behind its end.  Met: a vector or a matrix with any
 * series, or a scalar that is neither 0 nor NaN.  Adds what was found: "gave 2 series, ...".
 * https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
 */
enum condition_answer prometheus_read(int status, const char *body, size_t len,
				      const struct secrets *secrets, struct buf *text);

#endif
