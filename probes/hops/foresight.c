/* What foreseeing needs. */
#include "probes/hops/foresight.h"

#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/survey.h"
#include "src/base/mem.h"

#define WHY_LIMIT 1000 /* bytes */
#define MS_LIMIT  1e12

void foresight_open(struct foresight *foresight, const struct hop_settings *settings,
		    const struct hop_want *want, const struct hop_observation *observation,
		    const struct hop_forecast *forecast)
{
	*foresight = (struct foresight){
	    .settings = settings,
	    .want = want,
	    .forecast = forecast,
	    .facts = observation->json != NULL ? cJSON_Parse(observation->json) : NULL,
	    .labels = want->labels != NULL ? cJSON_Parse(want->labels) : NULL,
	    .now_wall_ms = observation->at_wall_ms + observation->ahead_ms,
	};
}

void foresight_done(struct foresight *foresight)
{
	cJSON_Delete(foresight->facts);
	cJSON_Delete(foresight->labels);
}

const cJSON *foresight_part(const struct foresight *foresight, const char *part)
{
	const cJSON *facts = survey_item(foresight->facts, part);
	const char *error = survey_text(facts, "error");

	if (cJSON_IsObject(facts) && error[0] == '\0')
		return facts;
	foresight_unknown(foresight, error[0] != '\0' ? error : "it did not tell");
	return NULL;
}

static void tell(const struct foresight *foresight, const struct hop_delay *delay)
{
	foresight->forecast->delay(foresight->forecast->arg, delay);
}

void foresight_there(const struct foresight *foresight, enum hop hop, const char *what,
		     int64_t least_ms, int64_t most_ms)
{
	tell(foresight,
	     &(struct hop_delay){hop, foresight->settings->name, what, false, least_ms, most_ms});
}

void foresight_back(const struct foresight *foresight, enum hop hop, const char *what,
		    int64_t least_ms, int64_t most_ms)
{
	tell(foresight,
	     &(struct hop_delay){hop, foresight->settings->name, what, true, least_ms, most_ms});
}

void foresight_caution(const struct foresight *foresight, enum hop hop, enum hop_worry worry,
		       int64_t ms, struct buf *text, const char *advice)
{
	char *cleaned = mem_dup(buf_text(text));
	const struct hop_caution caution = {
	    .hop = hop,
	    .name = foresight->settings->name,
	    .worry = worry,
	    .ms = ms,
	    .text = cleaned,
	    .advice = advice,
	};

	text_clean(cleaned, strlen(cleaned));
	buf_done(text);
	foresight->forecast->caution(foresight->forecast->arg, &caution);
	free(cleaned);
}

void foresight_unknown(const struct foresight *foresight, const char *why)
{
	char *cleaned = mem_printf("%.*s", WHY_LIMIT, why);

	text_clean(cleaned, strlen(cleaned));
	foresight->forecast->unknown(foresight->forecast->arg, foresight->settings->name, cleaned);
	free(cleaned);
}

int64_t foresight_ms(const cJSON *item, const char *key)
{
	double ms = survey_number(item, key);

	return ms > 0 && ms < MS_LIMIT ? (int64_t)ms : 0;
}
