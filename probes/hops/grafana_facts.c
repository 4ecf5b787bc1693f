/* What is kept of Grafana's answers.  Its alerting speaks Prometheus' and Alertmanager's languages
 * below paths of its own: https://grafana.com/docs/grafana/latest/developers/http_api/alerting/ */
#include "probes/hops/grafana_facts.h"

#include <string.h>

#define NAME_LIMIT     200 /* bytes */
#define ERROR_LIMIT    400
#define LABELS_LIMIT   1500
#define INSTANCE_LIMIT 50 /* of one rule; the ones that fire come first */

static bool is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

static void copy_text(struct survey_facts *facts, cJSON *to, const char *key, const cJSON *from,
		      const char *name, size_t limit)
{
	survey_add_text(facts, to, key, cJSON_GetStringValue(survey_item(from, name)), limit);
}

/* Labels and annotations as one text. */
static void add_labels(struct survey_facts *facts, cJSON *to, const cJSON *alert)
{
	cJSON *both = cJSON_CreateArray();

	(void)cJSON_AddItemReferenceToArray(both,
					    cJSON_GetObjectItemCaseSensitive(alert, "labels"));
	(void)cJSON_AddItemReferenceToArray(both,
					    cJSON_GetObjectItemCaseSensitive(alert, "annotations"));
	survey_add_flat(facts, to, "text", both, LABELS_LIMIT);
	cJSON_Delete(both);
}

/* Rules. */

/* "Alerting", "Alerting (NoData)", "NoData", "Error", "Pending", ...; "Normal" is of no interest. */
static bool is_normal(const cJSON *instance)
{
	const char *state = survey_text(instance, "state");

	return strncmp(state, "Normal", 6) == 0 || is(state, "inactive");
}

static void add_instances(struct survey_facts *facts, cJSON *object, const cJSON *rule)
{
	cJSON *list = cJSON_AddArrayToObject(object, "alerts");
	const cJSON *instance;
	int count = 0;

	cJSON_ArrayForEach(instance, survey_item(rule, "alerts"))
	{
		cJSON *member;

		if (is_normal(instance))
			continue;
		if (count++ == INSTANCE_LIMIT) {
			facts->cut = true;
			return;
		}
		member = survey_add_member(facts, list);
		if (member == NULL)
			return;
		copy_text(facts, member, "state", instance, "state", NAME_LIMIT);
		survey_add_time(facts, member, "ms", survey_item(instance, "activeAt"));
		add_labels(facts, member, instance);
	}
}

/* Nothing happens at it, and nothing is wrong with it. */
static bool is_quiet(const cJSON *rule)
{
	return is(survey_text(rule, "state"), "inactive") &&
	       is(survey_text(rule, "health"), "ok") &&
	       !cJSON_IsTrue(survey_item(rule, "isPaused"));
}

static void add_rule(struct survey_facts *facts, cJSON *list, const cJSON *group, const cJSON *rule)
{
	cJSON *member = survey_add_member(facts, list);

	if (member == NULL)
		return;
	copy_text(facts, member, "name", rule, "name", NAME_LIMIT);
	copy_text(facts, member, "state", rule, "state", NAME_LIMIT);
	copy_text(facts, member, "group", group, "name", NAME_LIMIT);
	survey_add_time(facts, member, "at_ms", survey_item(rule, "lastEvaluation"));
	if (is_quiet(rule))
		return;
	copy_text(facts, member, "health", rule, "health", NAME_LIMIT);
	copy_text(facts, member, "error", rule, "lastError", ERROR_LIMIT);
	survey_add_number(facts, member, "for_s", survey_number(rule, "duration"));
	if (cJSON_IsTrue(survey_item(rule, "isPaused")))
		survey_add_number(facts, member, "paused", 1);
	add_instances(facts, member, rule);
}

static bool read_rules(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	const cJSON *groups = survey_item(survey_item(answer, "data"), "groups"), *group, *rule;
	cJSON *list = cJSON_AddArrayToObject(ret_object, "list");

	if (!is(survey_text(answer, "status"), "success") ||
	    !(cJSON_IsArray(groups) || cJSON_IsNull(groups)))
		return false;
	for (int quiet = 0; quiet <= 1; quiet++) { /* what happens first, while there is room */
		cJSON_ArrayForEach(group, groups)
		{
			cJSON_ArrayForEach(rule, survey_item(group, "rules"))
			{
				if (is_quiet(rule) == (quiet == 1) &&
				    !is(survey_text(rule, "type"), "recording"))
					add_rule(facts, list, group, rule);
			}
		}
	}
	return true;
}

/* What its Alertmanager has. */

static void add_names(struct survey_facts *facts, cJSON *object, const char *key, const cJSON *from,
		      const char *inner)
{
	cJSON *list = cJSON_AddArrayToObject(object, key);
	const cJSON *item;

	cJSON_ArrayForEach(item, from)
	{
		cJSON *member = survey_add_member(facts, list);

		if (member == NULL)
			return;
		survey_add_text(
		    facts, member, "name",
		    cJSON_GetStringValue(inner == NULL ? item : survey_item(item, inner)),
		    NAME_LIMIT);
	}
}

static bool read_alerts(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	cJSON *list = cJSON_AddArrayToObject(ret_object, "list");
	const cJSON *alert;

	if (!cJSON_IsArray(answer))
		return false;
	cJSON_ArrayForEach(alert, answer)
	{
		const cJSON *status = survey_item(alert, "status");
		cJSON *member = survey_add_member(facts, list);

		if (member == NULL)
			return true;
		copy_text(facts, member, "name", survey_item(alert, "labels"), "alertname",
			  NAME_LIMIT);
		copy_text(facts, member, "state", status, "state", NAME_LIMIT);
		survey_add_time(facts, member, "ms", survey_item(alert, "startsAt"));
		add_labels(facts, member, alert);
		add_names(facts, member, "silenced", survey_item(status, "silencedBy"), NULL);
		add_names(facts, member, "inhibited", survey_item(status, "inhibitedBy"), NULL);
		add_names(facts, member, "muted", survey_item(status, "mutedBy"), NULL);
		add_names(facts, member, "receivers", survey_item(alert, "receivers"), "name");
	}
	return true;
}

static bool read_receivers(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	cJSON *list = cJSON_AddArrayToObject(ret_object, "list");
	const cJSON *receiver, *integration;

	if (!cJSON_IsArray(answer))
		return false;
	cJSON_ArrayForEach(receiver, answer)
	{
		cJSON *member = survey_add_member(facts, list), *inner;

		if (member == NULL)
			return true;
		copy_text(facts, member, "name", receiver, "name", NAME_LIMIT);
		if (cJSON_IsFalse(survey_item(receiver, "active")))
			survey_add_number(facts, member, "unused", 1);
		inner = cJSON_AddArrayToObject(member, "integrations");
		cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
		{
			cJSON *one = survey_add_member(facts, inner);

			if (one == NULL)
				return true;
			copy_text(facts, one, "name", integration, "name", NAME_LIMIT);
			survey_add_time(facts, one, "ms",
					survey_item(integration, "lastNotifyAttempt"));
			copy_text(facts, one, "error", integration, "lastNotifyAttemptError",
				  ERROR_LIMIT);
		}
	}
	return true;
}

static bool read_silences(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	cJSON *list = cJSON_AddArrayToObject(ret_object, "list");
	const cJSON *silence;

	if (!cJSON_IsArray(answer))
		return false;
	cJSON_ArrayForEach(silence, answer)
	{
		cJSON *member;

		if (is(survey_text(survey_item(silence, "status"), "state"), "expired"))
			continue;
		member = survey_add_member(facts, list);
		if (member == NULL)
			return true;
		copy_text(facts, member, "id", silence, "id", NAME_LIMIT);
		copy_text(facts, member, "by", silence, "createdBy", NAME_LIMIT);
		copy_text(facts, member, "comment", silence, "comment", NAME_LIMIT);
		survey_add_time(facts, member, "until_ms", survey_item(silence, "endsAt"));
	}
	return true;
}

const struct survey_part grafana_parts[GRAFANA_PART_COUNT] = {
    {GRAFANA_RULES, "/api/prometheus/grafana/api/v1/rules", 600U << 10, read_rules},
    {GRAFANA_ALERTS, "/api/alertmanager/grafana/api/v2/alerts", 250U << 10, read_alerts},
    {GRAFANA_RECEIVERS, "/api/alertmanager/grafana/config/api/v1/receivers", 80U << 10,
     read_receivers},
    {GRAFANA_SILENCES, "/api/alertmanager/grafana/api/v2/silences", 60U << 10, read_silences},
};
