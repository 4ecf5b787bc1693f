/* What will spoil a drill in Alertmanager, as it is configured. */
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/alertmanager_holding.h"
#include "probes/hops/alertmanager_outlook.h"
#include "probes/hops/survey.h"

#define TEXT_LIMIT 800 /* bytes of a sentence */

/* Only what is sure whichever way it takes. */

static void warn_of_nowhere(const struct alertmanager_outlook *outlook)
{
	struct buf text = {.limit = TEXT_LIMIT};
	const char *first = outlook->ways[0].route.receiver;

	for (size_t i = 0; i < outlook->count; i++) {
		if (alertmanager_posts(&outlook->ways[i]))
			return;
	}
	buf_adds(&text, "the alert goes to the receiver ");
	account_add_quoted(&text, first);
	for (size_t i = 1; i < outlook->count; i++) {
		if (strcmp(outlook->ways[i].route.receiver, first) == 0)
			continue;
		buf_adds(&text, " or ");
		account_add_quoted(&text, outlook->ways[i].route.receiver);
	}
	buf_adds(&text, ", which posts nowhere: no integration is configured for it");
	foresight_caution(&outlook->foresight, HOP_RECEIVER, HOP_WORRY_NOWHERE, 0, &text,
			  "give it one (`slack_configs`), or correct the route");
}

/* Do all integrations that count have this fact? */
typedef bool integration_is_fn(const cJSON *integration);

static bool is_silent_when_over(const cJSON *integration)
{
	return cJSON_IsFalse(survey_item(integration, "resolved"));
}

static bool prints_nothing(const cJSON *integration)
{
	return strcmp(survey_text(integration, "prints"), "nothing") == 0;
}

/* The receiver of the first; NULL when not all of them are so. */
static const char *all_are(const struct alertmanager_outlook *outlook, integration_is_fn *is)
{
	const char *receiver = NULL;
	const cJSON *one;

	for (size_t i = 0; i < outlook->count; i++) {
		const struct alertmanager_way *way = &outlook->ways[i];
		bool slack = alertmanager_has_slack(way->integrations);

		if (!way->counts)
			continue;
		if (cJSON_GetArraySize(way->integrations) == 0)
			return NULL;
		cJSON_ArrayForEach(one, way->integrations)
		{
			if (slack && strcmp(survey_text(one, "type"), "slack") != 0)
				continue;
			if (!is(one))
				return NULL;
		}
		if (receiver == NULL)
			receiver = way->route.receiver;
	}
	return receiver;
}

static void warn_of_receivers(const struct alertmanager_outlook *outlook)
{
	const char *silent = all_are(outlook, is_silent_when_over);
	const char *fixed = all_are(outlook, prints_nothing);
	struct buf text = {.limit = TEXT_LIMIT};

	if (silent != NULL) {
		buf_adds(&text, "the receiver ");
		account_add_quoted(&text, silent);
		buf_adds(&text, " does not tell when an alert is over (send_resolved is false)");
		foresight_caution(&outlook->foresight, HOP_RECEIVER, HOP_WORRY_NO_RESOLVED, 0,
				  &text, "write send_resolved: true there, or take `resolved` out");
	}
	if (fixed != NULL && outlook->foresight.want->has_nonce) {
		buf_adds(&text, "the receiver ");
		account_add_quoted(&text, fixed);
		buf_adds(&text, " writes the same text for every alert, so the drill's id is lost");
		foresight_caution(
		    &outlook->foresight, HOP_RECEIVER, HOP_WORRY_TEMPLATE, 0, &text,
		    "write the label that carries the id into its title or text, as in "
		    "{{ .CommonLabels.queue }}");
	}
}

static bool is_muted_on_all_ways(const struct alertmanager_outlook *outlook, struct buf *text)
{
	for (size_t i = 0; i < outlook->count; i++) {
		buf_done(text);
		text->limit = TEXT_LIMIT;
		if (outlook->ways[i].counts &&
		    !alertmanager_is_muted(outlook->config, &outlook->ways[i].route,
					   outlook->foresight.now_wall_ms, text))
			return false;
	}
	return text->len > 0;
}

static void warn_of_holding(const struct alertmanager_outlook *outlook)
{
	const char *advice;
	struct buf text = {.limit = TEXT_LIMIT};

	if (alertmanager_is_silenced(outlook->silences, &outlook->labels, &text))
		advice = "end the silence if nobody needs it any more, or make it narrower";
	else if (alertmanager_is_inhibited(outlook->config, outlook->alerts, &outlook->labels,
					   &text))
		advice = "drill when that alert is over, or look at `inhibit_rules`";
	else if (is_muted_on_all_ways(outlook, &text))
		advice = "look at the interval's hours, which are in UTC, or drill at another time";
	else
		advice = NULL;
	if (advice != NULL)
		foresight_caution(&outlook->foresight, HOP_ALERTMANAGER, HOP_WORRY_HELD_BACK, 0,
				  &text, advice);
	buf_done(&text);
}

void alertmanager_warn(const struct alertmanager_outlook *outlook)
{
	warn_of_nowhere(outlook);
	warn_of_receivers(outlook);
	warn_of_holding(outlook);
}
