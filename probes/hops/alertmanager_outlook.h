/* The ways that an alert can take through Alertmanager: what the two halves of foreseeing share, times and
 * what will spoil a drill. */
#ifndef PROBES_ALERTMANAGER_OUTLOOK_H
#define PROBES_ALERTMANAGER_OUTLOOK_H

#include "probes/hops/alertmanager_route.h"
#include "probes/hops/foresight.h"

/* One way that the alert may take. All borrowed. */
struct alertmanager_way {
	struct alertmanager_route route;
	const cJSON *integrations; /* of its receiver; NULL: that is not known */
	bool counts;               /* chats are posted to by it, or by none */
};

struct alertmanager_outlook {
	struct foresight foresight;
	struct alertmanager_labels labels;
	const cJSON *config, *alerts, *silences; /* borrowed; silences NULL: not asked */
	struct alertmanager_way ways[ROUTES_POSSIBLE];
	size_t count;
	int peers;        /* of the cluster; 0 or 1: it is alone */
	bool left_groups; /* there may be groups whose alerts have all ended */
};

/* May there be groups whose alerts have all ended?  Not known: yes. */
bool alertmanager_may_have_left_groups(const cJSON *config, const cJSON *alerts,
				       const cJSON *counters);

/* By its labels and its configuration. False when there are none, or more than fit. */
bool alertmanager_find_ways(struct alertmanager_outlook *outlook);
bool alertmanager_has_slack(const cJSON *integrations);
bool alertmanager_posts(const struct alertmanager_way *way); /* not known: yes */

/* Tells the cautions that are sure, whichever way the alert takes. */
void alertmanager_warn(const struct alertmanager_outlook *outlook);

#endif
