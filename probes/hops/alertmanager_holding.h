/* What may hold an alert back, or its texts: inhibitions, silences, time intervals, templates. */
#ifndef PROBES_ALERTMANAGER_HOLDING_H
#define PROBES_ALERTMANAGER_HOLDING_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/hops/survey.h"
#include "src/base/buf.h"

struct alertmanager_labels;
struct alertmanager_route;

/* Facts. */

/* Adds "matchers" (and "unreadable") of `match`, `match_re` and `matchers` of a holder in the
 * configuration; the prefix is "", "source_" or "target_". */
void alertmanager_add_matchers(struct survey_facts *facts, const cJSON *holder, const char *prefix,
			       cJSON *object);

/* Adds "inhibits": [{"source", "target", "equal"}] and "intervals": [{"name", "spans"}] of the
 * configuration; neither when there is no room for all. */
void alertmanager_add_holding(struct survey_facts *facts, const cJSON *config, cJSON *object);

/*
 * What the texts of a Slack message are made of, as far as the integration says: "labels",
 * "annotations", "default" (what Alertmanager writes by itself: the labels that all alerts of the group
 * share), "nothing" (the same text for each alert), "unknown" (templates in files). Static.
 */
const char *alertmanager_prints(const cJSON *integration);

/* Adds ` of "ana" with the comment "maintenance"`. */
void alertmanager_add_author(struct buf *text, const cJSON *silence);

/* Judging. Each adds a sentence to the text and is true only when it is sure. */

/* `alerts`, `silences` and `config` are parts of an observation; NULL: not there. */
bool alertmanager_is_silenced(const cJSON *silences, const struct alertmanager_labels *labels,
			      struct buf *text);
bool alertmanager_is_inhibited(const cJSON *config, const cJSON *alerts,
			       const struct alertmanager_labels *labels, struct buf *text);
bool alertmanager_is_muted(const cJSON *config, const struct alertmanager_route *route,
			   int64_t wall_ms, struct buf *text);

#endif
