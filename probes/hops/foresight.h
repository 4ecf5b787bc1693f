/* What foreseeing needs: one observation read back, and sentences about what will happen. */
#ifndef PROBES_FORESIGHT_H
#define PROBES_FORESIGHT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/hops/hop.h"
#include "src/base/buf.h"

struct foresight {
	const struct hop_settings *settings; /* borrowed */
	const struct hop_want *want;         /* borrowed */
	const struct hop_forecast *forecast; /* borrowed */
	cJSON *facts;                        /* owned; NULL: there are none */
	cJSON *labels;                       /* owned; those that are known; NULL: none are */
	int64_t now_wall_ms;                 /* by the station's clock, when it was observed */
};

/* All borrowed until foresight_done. */
void foresight_open(struct foresight *foresight, const struct hop_settings *settings,
		    const struct hop_want *want, const struct hop_observation *observation,
		    const struct hop_forecast *forecast);
void foresight_done(struct foresight *foresight);

/* One part of the observation (see survey.h); NULL when it is not there, and then that is told to be
 * unknown. */
const cJSON *foresight_part(const struct foresight *foresight, const char *part);

/* It takes that long there, or back. */
void foresight_there(const struct foresight *foresight, enum hop hop, const char *what,
		     int64_t least_ms, int64_t most_ms);
void foresight_back(const struct foresight *foresight, enum hop hop, const char *what,
		    int64_t least_ms, int64_t most_ms);

/* Tells one caution and empties the text. */
void foresight_caution(const struct foresight *foresight, enum hop hop, enum hop_worry worry,
		       int64_t ms, struct buf *text, const char *advice);
void foresight_unknown(const struct foresight *foresight, const char *why);

/* A length of time in an observation; 0 when there is none. */
int64_t foresight_ms(const cJSON *item, const char *key);

#endif
