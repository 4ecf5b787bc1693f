/* What explaining needs: the observations read back, the alert recognised, findings in sentences. */
#ifndef PROBES_ACCOUNT_H
#define PROBES_ACCOUNT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/hops/hop.h"
#include "src/base/buf.h"

struct account {
	const struct hop_settings *settings; /* borrowed */
	const struct hop_want *want;         /* borrowed */
	hop_tell_fn *tell;
	void *arg; /* borrowed, for tell */
	struct account_time {
		cJSON *facts;      /* owned; NULL: it was not asked then */
		const char *error; /* borrowed: why not; NULL when nobody tried */
		int64_t ahead_ms;
		int64_t at_wall_ms;
	} times[HOP_TIME_COUNT];
};

/* All borrowed until account_done. */
void account_open(struct account *account, const struct hop_settings *settings,
		  const struct hop_want *want,
		  const struct hop_observation *const observations[HOP_TIME_COUNT],
		  hop_tell_fn *tell, void *arg);
void account_done(struct account *account);

/* One part of an observation (see survey.h); NULL when it is not there. */
const cJSON *account_part(const struct account *account, enum hop_time time, const char *part);

/* Why neither the peak nor the time after has this part: a sentence, borrowed. */
const char *account_why_not(const struct account *account, const char *part);

/* A time that the station told, by our clock; 0 stays 0. */
int64_t account_ms(const struct account *account, enum hop_time time, double told_ms);

/* It arrived in time, so a station that has nothing of it was asked too late. */
bool account_must_have_had(const struct hop_want *want);

bool account_has_id(const struct hop_want *want, const char *text);
bool account_has_needles(const struct hop_want *want, const char *text); /* every one */
bool account_is_alert(const struct hop_want *want, const char *name);    /* its name */

/* Adds "12.3 s after the fault" or "3 min before the fault". */
void account_add_when(struct buf *text, const struct hop_want *want, int64_t wall_ms);
void account_add_quoted(struct buf *text, const char *quoted); /* foreign: cut and printable */

/* Adds "12.3 s after the repair", for an observation of that time. */
void account_add_since_revert(struct buf *text, const struct account *account, enum hop_time time);

/* Tells one finding, whose name and evidence are filled in, and empties the evidence. */
void account_tell_finding(const struct account *account, const struct hop_finding *finding,
			  struct buf *evidence);
/* The same of the alert itself. cause and advice may be NULL. */
void account_tell(const struct account *account, enum hop hop, enum hop_state state,
		  int64_t at_wall_ms, struct buf *evidence, const char *cause, const char *advice);

/* Tells that it was not asked, and why. */
void account_tell_not_asked(const struct account *account, enum hop hop, const char *why);

#endif
