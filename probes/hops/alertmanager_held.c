/* What holds an alert back in Alertmanager: a silence, an inhibition, a muting time interval. */
#include "probes/hops/alertmanager_holding.h"
#include "probes/hops/alertmanager_parts.h"
#include "probes/hops/survey.h"

void alertmanager_add_names(struct buf *text, const cJSON *list)
{
	const cJSON *one;
	int count = 0;

	cJSON_ArrayForEach(one, list)
	{
		buf_adds(text, count++ > 0 ? ", " : "");
		account_add_quoted(text, survey_text(one, "name"));
	}
}

const char *alertmanager_receivers_word(const struct alertmanager_found *found)
{
	const cJSON *receivers = survey_item(found->alert, "receivers");

	return cJSON_GetArraySize(receivers) == 1 ? "receiver" : "receivers";
}

static void add_silence(struct buf *text, const struct account *account,
			const struct alertmanager_found *found)
{
	const char *id =
	    survey_text(cJSON_GetArrayItem(survey_item(found->alert, "silenced"), 0), "name");
	const cJSON *silences = account_part(account, found->time, "silences");
	const cJSON *silence = survey_find(survey_item(silences, "list"), "id", id);

	buf_addf(text, "; silenced by the silence %.40s", id);
	if (silence == NULL)
		return;
	alertmanager_add_author(text, silence);
	buf_addf(text, " until %.40s", survey_text(silence, "until"));
}

static void add_inhibitor(struct buf *text, const struct account *account,
			  const struct alertmanager_found *found)
{
	const char *source =
	    survey_text(cJSON_GetArrayItem(survey_item(found->alert, "inhibited"), 0), "name");
	const cJSON *alerts = account_part(account, found->time, "alerts");
	const cJSON *other = survey_find(survey_item(alerts, "list"), "fingerprint", source);

	buf_adds(text, "; inhibited by the alert ");
	account_add_quoted(
	    text, other != NULL ? survey_text(survey_item(other, "labels"), "alertname") : source);
}

bool alertmanager_held_back(const struct account *account, const struct alertmanager_found *found,
			    struct buf *text, const char **ret_cause, const char **ret_advice)
{
	if (cJSON_GetArraySize(survey_item(found->alert, "silenced")) > 0) {
		add_silence(text, account, found);
		*ret_cause = "a silence holds the alert back";
		*ret_advice = "end the silence if nobody needs it any more, or make it narrower";
		return true;
	}
	if (cJSON_GetArraySize(survey_item(found->alert, "inhibited")) > 0) {
		add_inhibitor(text, account, found);
		*ret_cause = "an inhibition rule holds the alert back while the other one is there";
		*ret_advice = "look at `inhibit_rules`: its `equal` labels also match when both "
			      "alerts lack them";
		return true;
	}
	if (cJSON_GetArraySize(survey_item(found->alert, "muted")) > 0) {
		buf_adds(text, "; muted by the time interval ");
		alertmanager_add_names(text, survey_item(found->alert, "muted"));
		*ret_cause = "a time interval of the route mutes the alert now";
		*ret_advice = "look at the interval's hours and zone (UTC unless `location` says "
			      "otherwise), or drill at another time";
		return true;
	}
	return false;
}
