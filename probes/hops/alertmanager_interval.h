/* Time intervals of Alertmanager's configuration.
 * https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0 */
#ifndef PROBES_ALERTMANAGER_INTERVAL_H
#define PROBES_ALERTMANAGER_INTERVAL_H

#include <cjson/cJSON.h>
#include <stdint.h>

enum interval_judged { INTERVAL_OUTSIDE, INTERVAL_INSIDE, INTERVAL_UNKNOWN };

/* Is that time inside one of the spans ({"times", "weekdays", "days_of_month", "months", "years",
 * "location"}, each list or text as the configuration has it)? Other zones than UTC are not known. */
enum interval_judged alertmanager_inside(const cJSON *spans, int64_t wall_ms);

#endif
