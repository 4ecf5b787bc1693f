/* The recipe of a fault behind requests, and what is told of it. For fault_http.c only: these are
 * `plan`, `describe` and `target` of its driver. */
#ifndef PROBES_FAULT_HTTP_PLAN_H
#define PROBES_FAULT_HTTP_PLAN_H

#include "probes/faults/fault.h"

MUST_CHECK char *fault_http_plan(const struct fault *fault, const char *drill, struct error *error);
void fault_http_describe(const char *recipe, fault_call_fn *tell, void *arg);
char *fault_http_target(const char *recipe);

#endif
