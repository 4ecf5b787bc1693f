/* What the two files of the canary driver share. */
#ifndef PROBES_FAULTS_FAULT_CANARY_H
#define PROBES_FAULTS_FAULT_CANARY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "probes/faults/fault.h"

#define POLLED_DEFAULT_MS 60000
#define POLLED_MAX_MS     86400000
#define DELAY_MAX_MS      3600000
#define ANSWER_SHOWN      100 /* bytes of it in evidence */

/* As in struct fault_driver. */
char *fault_canary_plan(const struct fault *fault, const char *drill, struct error *error);
void fault_canary_describe(const char *text, fault_call_fn *tell, void *arg);
char *fault_canary_target(const char *text);

/* False when the recipe names none that is known. */
bool fault_canary_mode(const cJSON *recipe, enum canary_mode *ret_mode);

#endif
