/* How long an alert takes, as a part of a drill's line of JSON. */
#ifndef REPORTS_TIMING_JSON_H
#define REPORTS_TIMING_JSON_H

#include "reports/json_value.h"
#include "src/engine/record.h"

/* Adds `within_ms` and `timing` of an expectation; null where they are not known. */
void timing_json_add(cJSON *entry, const struct drill_record *record, size_t i);

#endif
