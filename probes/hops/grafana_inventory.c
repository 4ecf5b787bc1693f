/* Which alert rules and contact points Grafana has, and which of them an alert proves. */
#include <string.h>

#include "probes/hops/grafana_parts.h"
#include "src/base/buf.h"

#define TEXT_LIMIT 400 /* bytes */

static void tell_rule(const struct hop_settings *settings, const cJSON *rule, hop_item_fn *tell,
		      void *arg)
{
	const char *health = survey_text(rule, "health"), *error = survey_text(rule, "error");
	struct buf cannot = {.limit = TEXT_LIMIT};

	if (survey_number(rule, "paused") > 0)
		buf_adds(&cannot, "it is paused");
	else if (error[0] != '\0' || strcmp(health, "error") == 0 || strcmp(health, "err") == 0)
		buf_addf(&cannot, "it cannot be evaluated: %s", error);
	else if (strcmp(health, "nodata") == 0)
		buf_adds(&cannot, "its query finds no data");
	tell(arg, &(struct hop_item){.kind = HOP_ITEM_RULE,
				     .station = settings->name,
				     .name = survey_text(rule, "name"),
				     .detail = survey_text(rule, "group"),
				     .cannot = cannot.len > 0 ? buf_text(&cannot) : NULL});
	buf_done(&cannot);
}

static void tell_receiver(const struct hop_settings *settings, const cJSON *receiver,
			  hop_item_fn *tell, void *arg)
{
	const cJSON *integrations = survey_item(receiver, "integrations"), *one;
	struct buf detail = {.limit = TEXT_LIMIT};

	cJSON_ArrayForEach(one, integrations)
	    buf_addf(&detail, "%s%s", detail.len > 0 ? ", " : "", survey_text(one, "name"));
	tell(arg, &(struct hop_item){
		      .kind = HOP_ITEM_RECEIVER,
		      .station = settings->name,
		      .name = survey_text(receiver, "name"),
		      .detail = buf_text(&detail),
		      .cannot = cJSON_GetArraySize(integrations) == 0 ? "it posts nowhere" : NULL});
	buf_done(&detail);
}

/* The list of a part; NULL with an error when it was not asked. A part that was cut is told, and the
 * error says so. */
static const cJSON *list_of(const cJSON *facts, const char *part, struct error *error)
{
	const cJSON *object = survey_item(facts, part), *list = survey_item(object, "list");
	const char *why = survey_text(object, "error");

	if (list == NULL)
		(void)error_set(error, "its %s were not asked: %s", part,
				why[0] != '\0' ? why : "it did not tell them");
	else if (survey_item(object, "cut") != NULL)
		(void)error_set(error, "it has more %s than are looked at", part);
	return list;
}

bool grafana_inventory(const struct hop_settings *settings,
		       const struct hop_observation *observation, hop_item_fn *tell, void *arg,
		       struct error *error)
{
	cJSON *facts = cJSON_Parse(observation->json);
	struct error trouble = {""};
	const cJSON *rules = list_of(facts, GRAFANA_RULES, &trouble), *one;
	const cJSON *receivers = list_of(facts, GRAFANA_RECEIVERS, &trouble);

	cJSON_ArrayForEach(one, rules) if (survey_text(one, "name")[0] != '\0')
	    tell_rule(settings, one, tell, arg);
	cJSON_ArrayForEach(one, receivers) if (survey_text(one, "name")[0] != '\0' &&
					       survey_item(one, "unused") == NULL)
	    tell_receiver(settings, one, tell, arg);
	cJSON_Delete(facts);
	return trouble.text[0] == '\0' || error_set(error, "%s", trouble.text);
}

/* What proves them: only by the drill's id, for alerts without one cannot be told apart here. */

static bool fires_with_id(const struct account *account, const cJSON *rule)
{
	const cJSON *alert;

	cJSON_ArrayForEach(
	    alert,
	    survey_item(rule,
			"alerts")) if (strncmp(survey_text(alert, "state"), "Alerting", 8) == 0 &&
				       account_has_id(account->want,
						      survey_text(alert, "text"))) return true;
	return false;
}

/* The only rule of the alert's name that fires with the id; NULL. */
static const cJSON *proven_rule(const struct account *account, enum hop_time time)
{
	const cJSON *part = account_part(account, time, GRAFANA_RULES), *rule, *proven = NULL;
	size_t count = 0;

	cJSON_ArrayForEach(rule, survey_item(part, "list"))
	{
		if (!account_is_alert(account->want, survey_text(rule, "name")) ||
		    !fires_with_id(account, rule))
			continue;
		count++;
		proven = rule;
	}
	return count == 1 ? proven : NULL;
}

/* The only contact point that the only alert with the id goes to; NULL. */
static const cJSON *proven_receiver(const struct account *account, enum hop_time time)
{
	const cJSON *part = account_part(account, time, GRAFANA_ALERTS), *alert, *found = NULL;
	const cJSON *points = account_part(account, time, GRAFANA_RECEIVERS), *point;
	size_t count = 0;

	cJSON_ArrayForEach(alert, survey_item(part, "list"))
	{
		if (!account_has_id(account->want, survey_text(alert, "text")))
			continue;
		count++;
		found = alert;
	}
	if (count != 1 || cJSON_GetArraySize(survey_item(found, "receivers")) != 1 ||
	    cJSON_GetArraySize(survey_item(found, "silenced")) > 0 ||
	    cJSON_GetArraySize(survey_item(found, "inhibited")) > 0 ||
	    cJSON_GetArraySize(survey_item(found, "muted")) > 0)
		return NULL;
	point = survey_find(survey_item(points, "list"), "name", grafana_first(found, "receivers"));
	return cJSON_GetArraySize(survey_item(point, "integrations")) > 0 ? point : NULL;
}

void grafana_proofs(const struct hop_settings *settings, const struct hop_want *want,
		    const char *channel,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_item_fn *tell, void *arg)
{
	const cJSON *rule = NULL, *receiver = NULL;
	struct account account;

	(void)channel; /* where a contact point posts, is not told */
	account_open(&account, settings, want, observations, NULL, NULL);
	rule = proven_rule(&account, HOP_PEAK);
	receiver = proven_receiver(&account, HOP_PEAK);
	if (rule != NULL)
		tell_rule(settings, rule, tell, arg);
	if (receiver != NULL)
		tell_receiver(settings, receiver, tell, arg);
	account_done(&account);
}
