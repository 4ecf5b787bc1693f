/* The parts of explaining what Grafana knows, one for each station. */
#ifndef PROBES_GRAFANA_PARTS_H
#define PROBES_GRAFANA_PARTS_H

#include "probes/hops/account.h"
#include "probes/hops/grafana_facts.h"

#define GRAFANA_SLACK_MS 1000 /* by which a start may lie before the fault and still be its own */

/* Did it happen since the fault? By our clock. */
bool grafana_is_since_fault(const struct account *account, int64_t wall_ms);

/* Does the drill have this alert, which began then? By its id, else by its time. */
bool grafana_is_own(const struct account *account, const char *text, int64_t wall_ms);

void grafana_explain_rule(const struct account *account);

/* The alert as its Alertmanager had it at the peak and after; NULL when it did not. */
void grafana_explain_receiver(const struct account *account, const cJSON *at_peak,
			      const cJSON *at_after);

/* The first name of a list of names; "". */
const char *grafana_first(const cJSON *object, const char *key);

/* Adds who suppresses the alert; false when nobody does. */
bool grafana_add_suppression(const struct account *account, enum hop_time time, const cJSON *alert,
			     struct buf *text);

/* grafana_inventory.c: `inventory` and `proofs` of hop.h. */
bool grafana_inventory(const struct hop_settings *settings,
		       const struct hop_observation *observation, hop_item_fn *tell, void *arg,
		       struct error *error);
void grafana_proofs(const struct hop_settings *settings, const struct hop_want *want,
		    const char *channel,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_item_fn *tell, void *arg);

#endif
