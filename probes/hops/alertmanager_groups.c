/* Groups that outlive their alerts.
 *
 * A group stays until what ended in it was told, at its next flush, and up to half a minute longer; an
 * alert that joins it then waits for group_interval, not for group_wait.  The list of alerts does not have
 * those that ended: only the number of all groups tells that there are more than the list can explain.
 * https://github.com/prometheus/alertmanager/blob/v0.25.0/dispatch/dispatch.go (aggrGroup, flush) */
#include "probes/hops/alertmanager_outlook.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/survey.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

struct keys {
	char **list; /* owned, each one */
	size_t count;
};

/* Of a route and the labels that it groups by; with "..." of all labels. Owned by the caller. */
static char *key_of(const struct alertmanager_route *route, const cJSON *alert)
{
	const cJSON *labels = survey_item(alert, "labels"), *one;
	struct buf key = {0};

	buf_addf(&key, "%p", (const void *)route->route);
	cJSON_ArrayForEach(one, route->group_by)
	{
		const char *name = survey_text(one, "name"), *value = survey_text(labels, name);

		if (strcmp(name, "...") == 0)
			value = survey_text(alert, "fingerprint");
		buf_addf(&key, "\n%zu %s", strlen(value), value);
	}
	return buf_take(&key);
}

static int by_text(const void *a, const void *b)
{
	char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Frees them. */
static size_t count_different(struct keys *keys)
{
	size_t different = 0;

	if (keys->count > 1)
		qsort(keys->list, keys->count, sizeof *keys->list, by_text);
	for (size_t i = 0; i < keys->count; i++)
		different += i == 0 || strcmp(keys->list[i], keys->list[i - 1]) != 0;
	for (size_t i = 0; i < keys->count; i++)
		free(keys->list[i]);
	free(keys->list);
	return different;
}

/* One whose routes cannot be told adds none: then there seem to be more groups than there are. */
static void add_alert(struct keys *keys, const cJSON *config, const cJSON *alert)
{
	struct alertmanager_route routes[ROUTES_MATCHED];
	size_t count;

	if (!alertmanager_routes(survey_item(config, "route"), survey_item(alert, "labels"), routes,
				 &count))
		return;
	keys->list = mem_grow(keys->list, keys->count + count, sizeof *keys->list);
	for (size_t i = 0; i < count; i++)
		keys->list[keys->count++] = key_of(&routes[i], alert);
}

bool alertmanager_may_have_left_groups(const cJSON *config, const cJSON *alerts,
				       const cJSON *counters)
{
	const cJSON *groups = survey_item(counters, "groups"), *alert;
	struct keys keys = {0};

	if (!cJSON_IsNumber(groups))
		return true;
	if (groups->valuedouble <= 0)
		return false;
	cJSON_ArrayForEach(alert, survey_item(alerts, "list")) add_alert(&keys, config, alert);
	return groups->valuedouble > (double)count_different(&keys);
}
