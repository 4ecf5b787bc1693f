/* How far back in time a PromQL expression looks.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/ */
#ifndef PROBES_PROMQL_REACH_H
#define PROBES_PROMQL_REACH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What changed so long ago cannot be in its value any more: the longest range, behind all subqueries,
 * behind the longest offset.  False when it cannot be read: fixed times (`@`), computed lengths.
 */
bool promql_reach(const char *expression, int64_t *ret_ms);

#endif
