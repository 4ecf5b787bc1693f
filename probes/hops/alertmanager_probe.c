/* An alert sent straight to Alertmanager: what it carries, whether it may be sent, and how long it may
 * take. */
#include <stdlib.h>
#include <string.h>

#include "probes/hops/alertmanager_outlook.h"
#include "probes/hops/alertmanager_parts.h"
#include "probes/hops/alertmanager_route.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define ID_LABEL    "drill_id"
#define DRILL_LABEL "drill"

/* Labels. */

char *alertmanager_labels(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	struct account account;
	struct alertmanager_found found;
	char *labels = NULL;

	account_open(&account, settings, want, observations, NULL, NULL);
	found = alertmanager_find(&account);
	if (found.fit == ALERT_FITS || found.fit == ALERT_WITHOUT_ID)
		labels = cJSON_PrintUnformatted(survey_item(found.alert, "labels"));
	account_done(&account);
	return labels;
}

/* A text with every `from` as `to`. Owned by the caller. */
static char *replace(const char *text, const char *from, const char *to)
{
	struct buf buf = {0};
	const char *at;

	while ((at = strstr(text, from)) != NULL) {
		buf_add(&buf, text, (size_t)(at - text));
		buf_adds(&buf, to);
		text = at + strlen(from);
	}
	buf_adds(&buf, text);
	return buf_take(&buf);
}

static void set_text(cJSON *object, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	(void)cJSON_AddStringToObject(object, key, text);
}

/* Wherever the drill's id would be, the probe's is: so that no message of it is taken for the drill's
 * alert, and its group is one of its own where alerts are grouped by the id. */
static cJSON *labels_of(const struct hop_probe *probe)
{
	cJSON *given = probe->labels != NULL ? cJSON_Parse(probe->labels) : NULL;
	cJSON *labels = cJSON_CreateObject();
	const cJSON *label;

	set_text(labels, "alertname", probe->alert);
	cJSON_ArrayForEach(label, given)
	{
		char *value;

		if (!cJSON_IsString(label) || label->string == NULL ||
		    label->valuestring[0] == '\0')
			continue;
		value = replace(label->valuestring, probe->drill, probe->id);
		set_text(labels, label->string, value);
		free(value);
	}
	set_text(labels, ID_LABEL, probe->id);
	set_text(labels, DRILL_LABEL, "true");
	cJSON_Delete(given);
	return labels;
}

/* The whole. */

static void add_time(cJSON *object, const char *key, int64_t wall_ms)
{
	char text[32];

	clock_rfc3339(wall_ms, text, sizeof text);
	(void)cJSON_AddStringToObject(object, key, text);
}

char *alertmanager_probe_body(const struct hop_probe *probe)
{
	cJSON *list = cJSON_CreateArray(), *alert = cJSON_CreateObject(), *annotations;
	int64_t began_ms = probe->began_wall_ms + probe->ahead_ms;
	int64_t ends_ms = clock_wall_ms() + probe->ahead_ms + probe->ends_after_ms;
	char *body;

	(void)cJSON_AddItemToArray(list, alert);
	(void)cJSON_AddItemToObject(alert, "labels", labels_of(probe));
	annotations = cJSON_AddObjectToObject(alert, "annotations");
	(void)cJSON_AddStringToObject(annotations, "summary", probe->summary);
	(void)cJSON_AddStringToObject(annotations, "description", probe->summary);
	add_time(alert, "startsAt", began_ms);
	add_time(alert, "endsAt", ends_ms > began_ms ? ends_ms : began_ms);
	body = cJSON_PrintUnformatted(list);
	cJSON_Delete(list);
	return body;
}

/* May it be sent? */

static bool has_id(const cJSON *labels, const char *name, const struct hop_probe *probe)
{
	return strstr(survey_text(labels, name), probe->id) != NULL;
}

/* A rule that wants a label to be equal which no other alert can have holds nothing back. */
static bool may_hold_back(const cJSON *rule, const cJSON *labels, const struct hop_probe *probe)
{
	const struct alertmanager_labels all = {.list = labels, .all = true};
	const cJSON *one;

	cJSON_ArrayForEach(one, survey_item(rule, "equal"))
	{
		if (has_id(labels, survey_text(one, "name"), probe))
			return false;
	}
	return alertmanager_judge(survey_item(rule, "source"), &all) != ROUTE_NO;
}

static bool is_harmless(const cJSON *config, const cJSON *labels, const struct hop_probe *probe,
			struct error *error)
{
	const cJSON *rules = survey_item(config, "inhibits"), *rule;
	int number = 0;

	if (!cJSON_IsArray(rules) || survey_item(config, "error") != NULL)
		return error_set(error, "the configuration of Alertmanager could not be read, so "
					"nobody knows whether an inhibition rule would let such an "
					"alert hold back real ones");
	cJSON_ArrayForEach(rule, rules)
	{
		number++;
		if (may_hold_back(rule, labels, probe))
			return error_set(error,
					 "rule %d of `inhibit_rules` may let such an alert hold "
					 "back real ones",
					 number);
	}
	return true;
}

/* How long it is held back. */

static bool is_of_group(const cJSON *alert, const cJSON *labels, const cJSON *group_by)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, group_by)
	{
		const char *name = survey_text(one, "name");

		if (strcmp(survey_text(survey_item(alert, "labels"), name),
			   survey_text(labels, name)) != 0)
			return false;
	}
	return true;
}

/* Was an alert of its group there at any of the times? */
static bool has_group(const struct account *account, const cJSON *labels, const cJSON *group_by)
{
	for (int time = 0; time < HOP_TIME_COUNT; time++) {
		const cJSON *alerts = account_part(account, (enum hop_time)time, "alerts"), *alert;

		if (survey_item(alerts, "cut") != NULL)
			return true;
		cJSON_ArrayForEach(alert, survey_item(alerts, "list"))
		{
			if (is_of_group(alert, labels, group_by))
				return true;
		}
	}
	return false;
}

static bool is_group_of_its_own(const cJSON *labels, const cJSON *group_by,
				const struct hop_probe *probe)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, group_by)
	{
		const char *name = survey_text(one, "name");

		if (strcmp(name, "...") == 0 || has_id(labels, name, probe))
			return true;
	}
	return false;
}

static int64_t length_of(const char *text)
{
	struct error error;
	int64_t ms;

	return duration_parse(text, &ms, &error) ? ms : INT64_MAX / 2;
}

/* A group that is there tells of a new alert when its interval is over only. */
static int64_t held_ms(const struct account *account, const cJSON *config, const cJSON *labels,
		       const struct hop_probe *probe)
{
	struct alertmanager_route routes[ROUTES_MATCHED];
	bool left =
	    alertmanager_may_have_left_groups(config, account_part(account, HOP_AFTER, "alerts"),
					      account_part(account, HOP_AFTER, "counters"));
	int64_t longest_ms = 0;
	size_t count = 0;

	if (!alertmanager_routes(survey_item(config, "route"), labels, routes, &count))
		return INT64_MAX / 2;
	for (size_t i = 0; i < count; i++) {
		const cJSON *by = routes[i].group_by;
		int64_t ms = length_of(routes[i].group_wait);

		if (!is_group_of_its_own(labels, by, probe) &&
		    (left || has_group(account, labels, by)) &&
		    length_of(routes[i].group_interval) > ms)
			ms = length_of(routes[i].group_interval);
		if (ms > longest_ms)
			longest_ms = ms;
	}
	return longest_ms;
}

bool alertmanager_may_send(const struct hop_settings *settings, const struct hop_probe *probe,
			   const struct hop_observation *const observations[HOP_TIME_COUNT],
			   int64_t *ret_held_ms, struct error *error)
{
	const struct hop_want want = {.drill = probe->drill, .alert = probe->alert};
	cJSON *labels = labels_of(probe);
	struct account account;
	const cJSON *config;
	bool good;

	account_open(&account, settings, &want, observations, NULL, NULL);
	config = survey_item(account_part(&account, HOP_AFTER, "status"), "config");
	good = is_harmless(config, labels, probe, error);
	*ret_held_ms = good ? held_ms(&account, config, labels, probe) : 0;
	account_done(&account);
	cJSON_Delete(labels);
	return good;
}
