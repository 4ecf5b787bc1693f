/* What the parts of the driver share: asking, explaining the alert, explaining the receivers. */
#ifndef PROBES_ALERTMANAGER_PARTS_H
#define PROBES_ALERTMANAGER_PARTS_H

#include "probes/hops/account.h"
#include "probes/hops/alert.h"
#include "probes/hops/hop.h"

/* The alert that fits best, of all looks since the fault was put in. */
struct alertmanager_found {
	enum alert_fit fit;
	enum hop_time time; /* of the look that has it */
	const cJSON *alert; /* borrowed; NULL: none */
	int64_t since_ms;   /* by our clock; 0: not known */
};

#define ALERTMANAGER_EVIDENCE 1500 /* bytes of one */

void alertmanager_explain(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *const observations[HOP_TIME_COUNT],
			  hop_tell_fn *tell, void *arg);

/* Tells of the receivers of an alert that is there. */
void alertmanager_tell_receiver(const struct account *account,
				const struct alertmanager_found *found);

/* Why it is not passed on: adds a sentence and gives cause and advice; false when nothing holds it
 * back. */
bool alertmanager_held_back(const struct account *account, const struct alertmanager_found *found,
			    struct buf *text, const char **ret_cause, const char **ret_advice);

/* The names of a list of {"name"}: "a" and "b". */
void alertmanager_add_names(struct buf *text, const cJSON *list);

#endif
