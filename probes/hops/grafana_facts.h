/* What is kept of Grafana's answers. */
#ifndef PROBES_GRAFANA_FACTS_H
#define PROBES_GRAFANA_FACTS_H

#include "probes/hops/survey.h"

/*
 * rules:     list of {name, group, state, health, error, for_s, paused, at_ms, alerts: list of
 *            {state, ms, text}}; the ones that are inactive and not ill have a name, a state and a
 *            group
 * alerts:    list of {name, text, state, ms, silenced: [id], inhibited, muted, receivers: [name]}
 * receivers: list of {name, unused, integrations: list of {name, ms, error}}
 * silences:  list of {id, by, comment, until_ms}
 */
#define GRAFANA_RULES     "rules"
#define GRAFANA_ALERTS    "alerts"
#define GRAFANA_RECEIVERS "receivers"
#define GRAFANA_SILENCES  "silences"

#define GRAFANA_PART_COUNT 4
extern const struct survey_part grafana_parts[GRAFANA_PART_COUNT];

#endif
