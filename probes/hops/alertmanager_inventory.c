/* To which receivers Alertmanager's routes lead, and which of them an alert proves. */
#include "probes/hops/alertmanager_parts.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/survey.h"
#include "src/base/mem.h"

#define DETAIL_LIMIT 300 /* bytes */

/* Receivers that some route delivers to: each once. */
struct leaves {
	const char **names; /* owned list of borrowed names */
	size_t count;
};

static void add_leaf(struct leaves *leaves, const char *name)
{
	for (size_t i = 0; i < leaves->count; i++)
		if (strcmp(leaves->names[i], name) == 0)
			return;
	leaves->names = mem_grow(leaves->names, leaves->count + 1, sizeof *leaves->names);
	leaves->names[leaves->count++] = name;
}

/* A route without matchers takes every alert. */
static bool takes_all(const cJSON *route)
{
	return cJSON_GetArraySize(survey_item(route, "matchers")) == 0 &&
	       survey_item(route, "unreadable") == NULL;
}

/* A route delivers what none of its children takes; one behind a sibling that takes all and does not
 * `continue` gets nothing.  yaml_read bounds how deep they are nested. */
static void add_leaves(struct leaves *leaves, const cJSON *route, const char *inherited)
{
	const char *own = survey_text(route, "receiver");
	const char *receiver = own[0] != '\0' ? own : inherited;
	const cJSON *child;
	bool all_taken = false;

	cJSON_ArrayForEach(child, survey_item(route, "routes"))
	{
		add_leaves(leaves, child, receiver);
		all_taken |= takes_all(child);
		if (takes_all(child) && survey_item(child, "continue") == NULL)
			break;
	}
	if (!all_taken && receiver[0] != '\0')
		add_leaf(leaves, receiver);
}

/* "slack #ops, pagerduty". */
static void add_detail(struct buf *text, const cJSON *receiver)
{
	const cJSON *integration;
	int count = 0;

	cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
	{
		const char *channel = survey_text(integration, "channel");

		buf_addf(text, "%s%s%s%s", count++ > 0 ? ", " : "",
			 survey_text(integration, "type"), channel[0] != '\0' ? " " : "", channel);
	}
}

static bool posts_nowhere(const cJSON *receiver)
{
	return cJSON_GetArraySize(survey_item(receiver, "integrations")) == 0;
}

static void tell_receiver(const struct hop_settings *settings, const cJSON *receiver,
			  const char *labels, hop_item_fn *tell, void *arg)
{
	struct buf detail = {.limit = DETAIL_LIMIT};

	add_detail(&detail, receiver);
	tell(arg, &(struct hop_item){.kind = HOP_ITEM_RECEIVER,
				     .station = settings->name,
				     .name = survey_text(receiver, "name"),
				     .detail = buf_text(&detail),
				     .cannot = posts_nowhere(receiver) ? "it posts nowhere" : NULL,
				     .labels = labels});
	buf_done(&detail);
}

/* NULL with an error: it was not asked, or cannot be read. */
static const cJSON *config_of(const cJSON *facts, struct error *error)
{
	const cJSON *status = survey_item(facts, "status"), *config = survey_item(status, "config");
	const char *why = survey_text(status, "error");

	if (survey_item(config, "receivers") != NULL)
		return config;
	if (why[0] == '\0')
		why = survey_text(config, "error");
	(void)error_set(error, "its configuration was not asked: %s",
			why[0] != '\0' ? why : "it did not tell it");
	return NULL;
}

bool alertmanager_inventory(const struct hop_settings *settings,
			    const struct hop_observation *observation, hop_item_fn *tell, void *arg,
			    struct error *error)
{
	cJSON *facts = cJSON_Parse(observation->json);
	const cJSON *config = config_of(facts, error), *receiver;
	struct leaves leaves = {0};

	add_leaves(&leaves, survey_item(config, "route"), "");
	for (size_t i = 0; i < leaves.count; i++) {
		receiver = alertmanager_receiver_named(config, leaves.names[i]);
		if (receiver != NULL)
			tell_receiver(settings, receiver, NULL, tell, arg);
	}
	free(leaves.names);
	cJSON_Delete(facts);
	return config != NULL;
}

/* What proves a receiver. */

/* The one alert that this can be; NULL when it is none, or one of several: one of another name that has all
 * texts of `match` may be the one that was read in the chat. */
static const cJSON *find(const struct account *account, enum hop_time time)
{
	const cJSON *alerts = account_part(account, time, "alerts"), *alert, *found = NULL;
	const struct hop_want *want = account->want;
	size_t carrying = 0;

	if (!want->has_nonce && survey_item(alerts, "cut") != NULL)
		return NULL;
	cJSON_ArrayForEach(alert, survey_item(alerts, "list"))
	{
		int64_t since = account_ms(account, time, survey_number(alert, "starts_ms"));
		enum alert_fit fit = alert_fit(want, alert, since);

		if (want->has_nonce ? fit != ALERT_FITS : fit == ALERT_OTHER)
			continue;
		carrying++;
		found = alert;
		if (!want->has_nonce && (fit != ALERT_FITS || since == 0))
			return NULL;
	}
	return carrying == 1 ? found : NULL;
}

static bool is_held_back(const cJSON *alert)
{
	return cJSON_GetArraySize(survey_item(alert, "silenced")) > 0 ||
	       cJSON_GetArraySize(survey_item(alert, "inhibited")) > 0 ||
	       cJSON_GetArraySize(survey_item(alert, "muted")) > 0;
}

static const char *without_hash(const char *channel)
{
	return channel[0] == '#' ? channel + 1 : channel;
}

enum posts { POSTS_ELSEWHERE, POSTS_THERE, POSTS_UNKNOWN };

/* Does the receiver post to this channel?  What is no chat, does not; of any other integration than
 * Slack's it is not known, and a template may turn into anything. */
static enum posts where_it_posts(const cJSON *receiver, const char *channel)
{
	static const char *const no_chats[] = {"email",     "pagerduty", "opsgenie",
					       "victorops", "pushover",  "sns"};
	const cJSON *integration;
	enum posts posts = POSTS_ELSEWHERE;

	cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
	{
		const char *type = survey_text(integration, "type");
		const char *written = survey_text(integration, "channel");
		bool chat = true;

		for (size_t i = 0; i < sizeof no_chats / sizeof no_chats[0]; i++)
			chat &= strcmp(type, no_chats[i]) != 0;
		if (!chat)
			continue;
		if (written[0] == '\0' || strstr(written, "{{") != NULL)
			return POSTS_UNKNOWN;
		if (strcmp(without_hash(written), without_hash(channel)) == 0)
			posts = POSTS_THERE;
	}
	return posts;
}

/* The only receiver of the alert, or the only one of them that posts to the channel. */
static const cJSON *proven_by(const cJSON *config, const cJSON *alert, const char *channel)
{
	const cJSON *names = survey_item(alert, "receivers"), *one, *proven = NULL;
	int count = cJSON_GetArraySize(names);
	size_t there = 0;

	cJSON_ArrayForEach(one, names)
	{
		const cJSON *receiver =
		    alertmanager_receiver_named(config, survey_text(one, "name"));
		enum posts posts = where_it_posts(receiver, channel);

		if (receiver == NULL)
			return NULL;
		if (count == 1)
			return posts_nowhere(receiver) ? NULL : receiver;
		if (posts == POSTS_UNKNOWN)
			return NULL;
		if (posts == POSTS_THERE) {
			there++;
			proven = receiver;
		}
	}
	return there == 1 ? proven : NULL;
}

void alertmanager_proofs(const struct hop_settings *settings, const struct hop_want *want,
			 const char *channel,
			 const struct hop_observation *const observations[HOP_TIME_COUNT],
			 hop_item_fn *tell, void *arg)
{
	static const enum hop_time order[] = {HOP_PEAK, HOP_AFTER};
	struct account account;
	bool told = false;

	account_open(&account, settings, want, observations, NULL, NULL);
	for (size_t i = 0; !told && i < sizeof order / sizeof order[0]; i++) {
		const cJSON *config = config_of(account.times[order[i]].facts, NULL);
		const cJSON *alert = find(&account, order[i]);
		const cJSON *receiver = config != NULL && alert != NULL && !is_held_back(alert)
					    ? proven_by(config, alert, channel)
					    : NULL;
		char *labels;

		if (receiver == NULL)
			continue;
		labels = cJSON_PrintUnformatted(survey_item(alert, "labels"));
		tell_receiver(settings, receiver, labels, tell, arg);
		free(labels);
		told = true;
	}
	account_done(&account);
}
