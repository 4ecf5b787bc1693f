/* With what the receivers of an alert post, and what was counted of that during the drill. */
#include "probes/hops/alertmanager_posting.h"

#include <stdio.h>
#include <string.h>

#include "probes/hops/survey.h"

static double growth(const struct alertmanager_posting *posting, const char *what, const char *type,
		     const char *receiver)
{
	char key[400];

	(void)snprintf(key, sizeof key, "%s %s%s%.200s", what, type, receiver != NULL ? " of " : "",
		       receiver != NULL ? receiver : "");
	return alert_growth(posting->account, posting->found->time, "counters", key);
}

static void add_kind(struct alertmanager_posting *posting, const char *type, const char *receiver)
{
	struct alertmanager_kind *kind;

	for (size_t i = 0; i < posting->count; i++) {
		if (strcmp(posting->kinds[i].type, type) == 0 &&
		    (receiver == NULL || strcmp(posting->kinds[i].receiver, receiver) == 0))
			return;
	}
	if (posting->count == ALERTMANAGER_KINDS)
		return;
	kind = &posting->kinds[posting->count++];
	kind->type = type;
	kind->receiver = receiver;
	kind->sent = growth(posting, "sent", type, receiver); /* < 0: it is not counted */
	kind->failed = growth(posting, "failed", type, receiver);
	kind->refused = growth(posting, "refused", type, receiver);
	kind->posted = growth(posting, "tried", type, receiver) - kind->refused;
	if (kind->posted < 0) /* one of them began anew */
		kind->posted = 0;
}

const cJSON *alertmanager_receiver_named(const cJSON *config, const char *name)
{
	return survey_find(survey_item(config, "receivers"), "name", name);
}

/* How many chats are told: of all integrations when none of them is known for a chat. */
static int count_chats(const struct alertmanager_posting *posting)
{
	const cJSON *one, *integration;
	int all = 0, slack = 0;

	cJSON_ArrayForEach(one, survey_item(posting->found->alert, "receivers"))
	{
		const cJSON *receiver =
		    alertmanager_receiver_named(posting->config, survey_text(one, "name"));

		cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
		{
			all++;
			slack += strcmp(survey_text(integration, "type"), "slack") == 0;
		}
	}
	return slack > 0 ? slack : all;
}

bool alertmanager_posting_is_judged(const struct alertmanager_posting *posting, size_t kind)
{
	bool has_slack = false;

	for (size_t i = 0; i < posting->count; i++)
		has_slack |= strcmp(posting->kinds[i].type, "slack") == 0;
	return !has_slack || strcmp(posting->kinds[kind].type, "slack") == 0;
}

/* Does that receiver post with what is judged? */
static bool is_kind(const struct alertmanager_posting *posting, const char *receiver)
{
	const cJSON *integration;

	cJSON_ArrayForEach(
	    integration,
	    survey_item(alertmanager_receiver_named(posting->config, receiver), "integrations"))
	{
		for (size_t i = 0; i < posting->count; i++) {
			if (alertmanager_posting_is_judged(posting, i) &&
			    strcmp(posting->kinds[i].type, survey_text(integration, "type")) == 0)
				return true;
		}
	}
	return false;
}

/* Does another alert that is there at that time go to integrations of the same kinds? */
static bool is_shared(const struct alertmanager_posting *posting, enum hop_time time)
{
	const cJSON *alerts = account_part(posting->account, time, "alerts"), *other, *one;
	const char *own = survey_text(posting->found->alert, "fingerprint");

	cJSON_ArrayForEach(other, survey_item(alerts, "list"))
	{
		if (strcmp(survey_text(other, "fingerprint"), own) == 0 ||
		    strcmp(survey_text(other, "state"), "suppressed") == 0)
			continue;
		cJSON_ArrayForEach(one, survey_item(other, "receivers"))
		{
			if (is_kind(posting, survey_text(one, "name")))
				return true;
		}
	}
	return survey_item(alerts, "cut") != NULL;
}

/* Are the routes that we followed those that Alertmanager followed? */
static bool same_receivers(const struct alertmanager_posting *posting, size_t count)
{
	const cJSON *told = survey_item(posting->found->alert, "receivers");

	for (size_t i = 0; i < count; i++) {
		if (survey_find(told, "name", posting->routes[i].receiver) == NULL)
			return false;
	}
	return cJSON_GetArraySize(told) <= (int)count;
}

static void read_kinds(struct alertmanager_posting *posting, bool by_receiver)
{
	const cJSON *one, *integration;

	cJSON_ArrayForEach(one, survey_item(posting->found->alert, "receivers"))
	{
		const char *name = survey_text(one, "name");
		const cJSON *receiver = alertmanager_receiver_named(posting->config, name);

		cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
		{
			const char *type = survey_text(integration, "type");

			add_kind(posting, type, by_receiver ? name : NULL);
			if (cJSON_IsFalse(survey_item(integration, "resolved")))
				posting->no_resolved = type;
		}
	}
}

void alertmanager_posting_read(struct alertmanager_posting *posting, const struct account *account,
			       const struct alertmanager_found *found)
{
	enum hop_time time = found->time;
	const cJSON *status = account_part(account, time, "status");
	const cJSON *counters = account_part(account, time, "counters");
	bool by_receiver = survey_item(counters, "by_receiver") != NULL;
	size_t count;

	*posting = (struct alertmanager_posting){.account = account, .found = found};
	posting->config = survey_item(status, "config");
	if (survey_item(posting->config, "receivers") == NULL)
		posting->config = NULL;
	read_kinds(posting, by_receiver);
	posting->chats = count_chats(posting);
	posting->shared =
	    !by_receiver && (is_shared(posting, HOP_BEFORE) || is_shared(posting, time));
	if (alertmanager_routes(survey_item(posting->config, "route"),
				survey_item(found->alert, "labels"), posting->routes, &count) &&
	    same_receivers(posting, count))
		posting->route_count = count;
}
