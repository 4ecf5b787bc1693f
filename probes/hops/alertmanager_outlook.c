/* The ways that an alert can take through Alertmanager, and which of them count. */
#include "probes/hops/alertmanager_outlook.h"

#include <string.h>

#include "probes/hops/alertmanager_parts.h"
#include "probes/hops/survey.h"

static const cJSON *integrations_of(const cJSON *config, const char *name)
{
	return survey_item(alertmanager_receiver_named(config, name), "integrations");
}

bool alertmanager_has_slack(const cJSON *integrations)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, integrations)
	{
		if (strcmp(survey_text(one, "type"), "slack") == 0)
			return true;
	}
	return false;
}

bool alertmanager_posts(const struct alertmanager_way *way)
{
	return way->integrations == NULL || cJSON_GetArraySize(way->integrations) > 0;
}

/* Whether a pager or a mailbox is told as well, and when, is not the question: with chats those count,
 * else those that post anything, else all. */
static void find_counting(struct alertmanager_outlook *outlook)
{
	bool any_chat = false, any_post = false;

	for (size_t i = 0; i < outlook->count; i++) {
		any_chat |= alertmanager_has_slack(outlook->ways[i].integrations);
		any_post |= alertmanager_posts(&outlook->ways[i]);
	}
	for (size_t i = 0; i < outlook->count; i++) {
		struct alertmanager_way *way = &outlook->ways[i];

		way->counts = any_chat   ? alertmanager_has_slack(way->integrations)
			      : any_post ? alertmanager_posts(way)
					 : true;
	}
}

bool alertmanager_find_ways(struct alertmanager_outlook *outlook)
{
	struct alertmanager_route routes[ROUTES_POSSIBLE];

	if (!alertmanager_possible_routes(survey_item(outlook->config, "route"), &outlook->labels,
					  routes, &outlook->count))
		return false;
	for (size_t i = 0; i < outlook->count; i++) {
		outlook->ways[i].route = routes[i];
		outlook->ways[i].integrations =
		    integrations_of(outlook->config, routes[i].receiver);
	}
	find_counting(outlook);
	return true;
}
