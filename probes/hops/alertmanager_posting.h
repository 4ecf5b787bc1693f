/* With what the receivers of an alert post, and what was counted of that during the drill. */
#ifndef PROBES_ALERTMANAGER_POSTING_H
#define PROBES_ALERTMANAGER_POSTING_H

#include "probes/hops/alertmanager_parts.h"
#include "probes/hops/alertmanager_route.h"

#define ALERTMANAGER_KINDS 8 /* different integrations of the receivers of one alert */

/* What the receivers of the alert post with, and how often that was tried during the drill. */
struct alertmanager_posting {
	const struct account *account;          /* borrowed */
	const struct alertmanager_found *found; /* borrowed */
	const cJSON *config;                    /* borrowed; NULL: it cannot be read */
	struct alertmanager_kind {
		const char *type, *receiver; /* borrowed; receiver NULL: counted for all together */
		double sent;                 /* notifications begun, those under way included */
		double failed;               /* ... given up */
		double posted;               /* requests that were answered well */
		double refused;              /* requests that were not */
	} kinds[ALERTMANAGER_KINDS];
	size_t count;
	int chats;               /* integrations that post to a chat, of all its receivers */
	bool shared;             /* ... and count what other alerts caused, too */
	const char *no_resolved; /* an integration that does not tell when it is over; NULL */
	struct alertmanager_route routes[ROUTES_MATCHED];
	size_t route_count; /* 0: the routes cannot be followed for sure */
};

/* Account and found are borrowed, must outlive it. */
void alertmanager_posting_read(struct alertmanager_posting *ret_posting,
			       const struct account *account,
			       const struct alertmanager_found *found);

/* What chats are posted with: whether mail or a pager was told as well is not the question. */
bool alertmanager_posting_is_judged(const struct alertmanager_posting *posting, size_t kind);

#endif
