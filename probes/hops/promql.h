/* Which series a PromQL expression reads: read conservatively, or not at all.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/ */
#ifndef PROBES_PROMQL_H
#define PROBES_PROMQL_H

#include <stdbool.h>
#include <stddef.h>

#define PROMQL_SELECTORS 12 /* more in one expression: it is not read */

struct promql {
	size_t count;
	char *ask[PROMQL_SELECTORS];  /* owned; an expression that is empty when the selector is:
					 "up{job=\"x\"}", "last_over_time(a[5m] offset 1h)" */
	char *name[PROMQL_SELECTORS]; /* owned; the selector as it is written */
	bool needs_all; /* it has no value unless every one is there: no `or`, no `unless` ... */
	bool needs_any; /* ... unless one is there: no absent(), vector(), scalar() or time() */
};

/* False when the expression cannot be read for sure, or selects nothing; then there is nothing to
 * free. */
bool promql_read(const char *expression, struct promql *ret_promql);
void promql_done(struct promql *promql);

/* What is behind the text that begins here with its quote; NULL when that is not closed. */
const char *promql_skip_quoted(const char *at);

#endif
