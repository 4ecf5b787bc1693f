/* The parts of the driver, one file each: what they tell, and what they share. */
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

/* alertmanager_explain.c: `explain` of hop.h. */
void alertmanager_explain(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *const observations[HOP_TIME_COUNT],
			  hop_tell_fn *tell, void *arg);
/* The best one of the peak and the time after. */
struct alertmanager_found alertmanager_find(const struct account *account);

/* alertmanager_held.c: why it is not passed on; adds a sentence and gives cause and advice; false when
 * nothing holds it back. */
bool alertmanager_held_back(const struct account *account, const struct alertmanager_found *found,
			    struct buf *text, const char **ret_cause, const char **ret_advice);
/* "receiver" or "receivers", as many as it has. Static. */
const char *alertmanager_receivers_word(const struct alertmanager_found *found);
/* The names of a list of {"name"}: "a", "b". */
void alertmanager_add_names(struct buf *text, const cJSON *list);

/* alertmanager_posting.c: a receiver of the configuration; NULL: it names none so. */
const cJSON *alertmanager_receiver_named(const cJSON *config, const char *name);

/* alertmanager_receiver.c: tells of the receivers of an alert that is there. */
void alertmanager_tell_receiver(const struct account *account,
				const struct alertmanager_found *found);

/* alertmanager_foresee.c: `foresee` of hop.h. */
void alertmanager_foresee(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *observation,
			  const struct hop_forecast *forecast);

/* alertmanager_probe.c: `labels` and `may_send` of hop.h. */
char *alertmanager_labels(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *const observations[HOP_TIME_COUNT]);
bool alertmanager_may_send(const struct hop_settings *settings, const struct hop_probe *probe,
			   const struct hop_observation *const observations[HOP_TIME_COUNT],
			   int64_t *ret_held_ms, struct error *error);
/* The body of POST /api/v2/alerts. Owned by the caller. */
char *alertmanager_probe_body(const struct hop_probe *probe);

/* alertmanager_arrived.c: how many alerts there are that fit. */
int alertmanager_count(const struct account *account, enum hop_time time);
/* For FINDING_UNREADABLE: does the alert there have the text? */
void alertmanager_tell_text(const struct account *account, const struct alertmanager_found *found);
/* For FINDING_UNRESOLVED: is it over there, after the revert, and is that told? */
void alertmanager_tell_end(const struct account *account, const struct alertmanager_found *found);

/* alertmanager_inventory.c: `inventory` and `proofs` of hop.h. */
bool alertmanager_inventory(const struct hop_settings *settings,
			    const struct hop_observation *observation, hop_item_fn *tell, void *arg,
			    struct error *error);
void alertmanager_proofs(const struct hop_settings *settings, const struct hop_want *want,
			 const char *channel,
			 const struct hop_observation *const observations[HOP_TIME_COUNT],
			 hop_item_fn *tell, void *arg);

#endif
