/* One alert as Prometheus and Alertmanager tell it: labels and annotations; and whether it is the
 * one that a drill waits for. */
#ifndef PROBES_ALERT_H
#define PROBES_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/hops/account.h"
#include "probes/hops/hop.h"
#include "probes/hops/survey.h"

/* Adds "labels" and "annotations" of an alert; what is too long or too much is cut. */
void alert_copy(struct survey_facts *facts, const cJSON *alert, cJSON *ret_object);

/* Adds what is kept of one alert to its member of a list. */
typedef void alert_add_fn(struct survey_facts *facts, cJSON *member, const cJSON *alert);
/* A member for each of these alerts, the newest by the time under `key` first; at most `shown`: when
 * there are more, or no room is left, facts->cut is set. */
void alert_add_newest(struct survey_facts *facts, const cJSON *alerts, const char *key,
		      size_t shown, alert_add_fn *add, cJSON *ret_list);

/* Is a text in one of its values? */
bool alert_carries(const cJSON *alert, const char *text);
/* The same, or in the name of an annotation: a template writes "runbook" where runbook_url is. */
bool alert_has_text(const cJSON *alert, const char *text);

/* Was one of its values too long to be kept whole? */
bool alert_is_cut(const cJSON *alert);

/* In ascending order: the better one counts. */
enum alert_fit {
	ALERT_OTHER,
	ALERT_RELATED, /* the drill's id is in it, but neither the name nor the texts looked for */
	ALERT_EARLIER, /* right, but there before the fault; only when there is no id to look for */
	ALERT_WITHOUT_ID, /* right by name and time, but the drill's id is not in it */
	ALERT_FITS
};

/* `since_wall_ms`: when it began, by our clock; 0 when that is not known. */
enum alert_fit alert_fit(const struct hop_want *want, const cJSON *alert, int64_t since_wall_ms);

#define ALERT_SENT "sent " /* begins the counters of which zeros are kept */

/* By how much a counter in this part of the observations grew from before the fault until `time`; -1
 * when one of them is missing. A counter that is not told counts as 0, but for one that begins with
 * ALERT_SENT (-1: such a sender is not counted at all); one that fell began anew. */
double alert_growth(const struct account *account, enum hop_time time, const char *part,
		    const char *counter);

/* The observation of the time of the fault, or else the one after it: HOP_TIME_COUNT when neither
 * has this part. */
enum hop_time alert_best_time(const struct account *account, const char *part);

#endif
