/* What Alertmanager tells, reduced to the facts that matter to an alert.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
#ifndef PROBES_ALERTMANAGER_FACTS_H
#define PROBES_ALERTMANAGER_FACTS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "probes/hops/survey.h"

/* All of these take answers of any bytes with a NUL behind their end; NULL when they are not what
 * Alertmanager answers. The facts are owned by the caller. */
cJSON *alertmanager_alerts(struct survey_facts *facts, const char *body, size_t len);
cJSON *alertmanager_silences(struct survey_facts *facts, const char *body, size_t len);
cJSON *alertmanager_status(struct survey_facts *facts, const char *body, size_t len);
/* Counters by name; zeros are left out, but for ALERT_SENT and "groups", those that are there now:
 * "received", "suppressed silence"; "sent slack" when a notification is begun, "tried slack" and
 * "refused slack" when a request of it is answered or not, "failed slack" and "failed slack
 * clientError" when it is given up.  "by_receiver" when they are kept by receiver, as in "sent slack
 * of team". */
cJSON *alertmanager_counters(struct survey_facts *facts, const char *body, size_t len);

/*
 * The configuration that it prints: {"receivers": [{"name", "integrations": [{"type", "channel",
 * "resolved", "prints"}]}], "route": {"receiver", "continue", "matchers": [{"name", "is", "value"}],
 * "group_wait", ..., "mute": [], "active": [], "routes": []}, and what alertmanager_add_holding
 * adds}, or {"error": "cannot read line 3: ..."}.  Addresses and secrets of receivers are not kept.
 */
cJSON *alertmanager_config(struct survey_facts *facts, const char *yaml, size_t len);

#endif
