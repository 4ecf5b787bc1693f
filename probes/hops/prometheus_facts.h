/* What Prometheus tells, reduced to the facts that matter to an alert.
 * https://prometheus.io/docs/prometheus/latest/querying/api/ */
#ifndef PROBES_PROMETHEUS_FACTS_H
#define PROBES_PROMETHEUS_FACTS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "probes/hops/survey.h"

struct prometheus_series; /* the selectors of all rules that are calm */

/* All of these take answers of any bytes with a NUL behind their end; NULL when they are not what
 * Prometheus answers. The facts are owned by the caller. */
cJSON *prometheus_targets(struct survey_facts *facts, const char *body, size_t len);
cJSON *prometheus_alertmanagers(struct survey_facts *facts, const char *body, size_t len);
cJSON *prometheus_delivery(struct survey_facts *facts, const char *body, size_t len);
cJSON *prometheus_rules_parse(const char *body, size_t len); /* the whole answer, owned */

/*
 * Whether the series exist that calm rules read is one question for all of them: an instant query,
 * which costs Prometheus about what evaluating these rules once does.
 */
struct prometheus_series *prometheus_series_new(const cJSON *rules);
void prometheus_series_free(struct prometheus_series *series); /* NULL is fine */
/* The form to be posted to /api/v1/query, owned by the caller; NULL: there is nothing to ask. */
char *prometheus_series_form(const struct prometheus_series *series, int64_t timeout_ms);
/* False when it is no answer to that. */
bool prometheus_series_read(struct prometheus_series *series, const char *body, size_t len);

/* {"count": 2, "list": [{"name", "group", "state", ..., "series": "exist" or "dead"}]} */
cJSON *prometheus_rules(struct survey_facts *facts, const cJSON *answer,
			const struct prometheus_series *series);

/* Adds to a rule "labels", those that stand in it without a template; "reach_ms", how far back its
 * expression looks; "jobs" that it reads; "recorded" when it reads what another rule makes. What is not
 * known is left out. */
void prometheus_add_sources(struct survey_facts *facts, cJSON *object, const cJSON *rule);

#endif
