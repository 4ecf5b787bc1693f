/* The parts of the driver, one file each: what they tell, and what they share. */
#ifndef PROBES_PROMETHEUS_PARTS_H
#define PROBES_PROMETHEUS_PARTS_H

#include <cjson/cJSON.h>

#include "probes/hops/hop.h"

struct account;
struct buf;

/* prometheus_explain.c: `explain` and `labels` of hop.h. */
void prometheus_explain(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT],
			hop_tell_fn *tell, void *arg);
char *prometheus_labels(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT]);

/* prometheus_metric.c: adds the name of a rule and its group; of a rule that is not there (NULL) what
 * is expected. */
void prometheus_add_rule(struct buf *text, const struct account *account, const cJSON *rule);
/* What was found by the look of that time: the rule, and its alert since then; NULL: none. */
void prometheus_tell_metric(const struct account *account, enum hop_time time, const cJSON *rule,
			    const cJSON *alert, int64_t since_ms);

/* prometheus_arrived.c: how many alerts that fit are firing; 0: none, or not known. */
int prometheus_count(const struct account *account, enum hop_time time);
/* For FINDING_UNREADABLE: does this alert have the text? NULL: it was not there when asked. */
void prometheus_tell_text(const struct account *account, const cJSON *alert);
/* For FINDING_UNRESOLVED: is the rule over, after the revert? */
void prometheus_tell_end(const struct account *account);

/* prometheus_foresee.c: `foresee` of hop.h. */
void prometheus_foresee(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *observation,
			const struct hop_forecast *forecast);
/* prometheus_inventory.c: `inventory` and `proofs` of hop.h. */
bool prometheus_inventory(const struct hop_settings *settings,
			  const struct hop_observation *observation, hop_item_fn *tell, void *arg,
			  struct error *error);
void prometheus_proofs(const struct hop_settings *settings, const struct hop_want *want,
		       const char *channel,
		       const struct hop_observation *const observations[HOP_TIME_COUNT],
		       hop_item_fn *tell, void *arg);

#endif
