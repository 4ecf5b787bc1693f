/* What may hold an alert back: inhibitions, silences, time intervals. */
#include "probes/hops/alertmanager_holding.h"

#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/alertmanager_interval.h"
#include "probes/hops/alertmanager_route.h"

#define TEXT_LIMIT 200 /* bytes of a name */

/* Facts. */

static void add_inhibits(struct survey_facts *facts, const cJSON *rules, cJSON *object)
{
	cJSON *list = cJSON_AddArrayToObject(object, "inhibits"), *equal;
	const cJSON *rule, *name;

	cJSON_ArrayForEach(rule, rules)
	{
		cJSON *member = survey_add_member(facts, list);

		if (member == NULL)
			return;
		alertmanager_add_matchers(facts, rule, "source_",
					  cJSON_AddObjectToObject(member, "source"));
		alertmanager_add_matchers(facts, rule, "target_",
					  cJSON_AddObjectToObject(member, "target"));
		equal = cJSON_AddArrayToObject(member, "equal");
		cJSON_ArrayForEach(name, survey_item(rule, "equal"))
		{
			cJSON *one = survey_add_member(facts, equal);

			if (one != NULL)
				survey_add_text(facts, one, "name",
						cJSON_IsString(name) ? name->valuestring : "",
						TEXT_LIMIT);
		}
	}
}

/* A span as it stands there; one with more than can be kept is no fact. */
static void add_span(struct survey_facts *facts, const cJSON *span, cJSON *spans)
{
	char *text = cJSON_PrintUnformatted(span);
	size_t len = text != NULL ? strlen(text) : 0;

	cJSON_free(text);
	if (len >= facts->left) {
		facts->cut = true;
		return;
	}
	facts->left -= len;
	(void)cJSON_AddItemToArray(spans, cJSON_Duplicate(span, true));
}

static void add_intervals(struct survey_facts *facts, const cJSON *intervals, const char *key,
			  cJSON *list)
{
	const cJSON *interval, *span;

	cJSON_ArrayForEach(interval, intervals)
	{
		cJSON *member = survey_add_member(facts, list), *spans;

		if (member == NULL)
			return;
		survey_add_text(facts, member, "name", survey_text(interval, "name"), TEXT_LIMIT);
		spans = cJSON_AddArrayToObject(member, "spans");
		cJSON_ArrayForEach(span, survey_item(interval, key)) add_span(facts, span, spans);
	}
}

void alertmanager_add_holding(struct survey_facts *facts, const cJSON *config, cJSON *object)
{
	cJSON *intervals = cJSON_AddArrayToObject(object, "intervals");
	bool was_cut = facts->cut;

	add_inhibits(facts, survey_item(config, "inhibit_rules"), object);
	add_intervals(facts, survey_item(config, "time_intervals"), "time_intervals", intervals);
	add_intervals(facts, survey_item(config, "mute_time_intervals"), "time_intervals",
		      intervals); /* as they were called before 0.24 */
	if (facts->cut == was_cut)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(object, "inhibits"); /* routes without them do */
	cJSON_DeleteItemFromObjectCaseSensitive(object, "intervals");
	facts->cut = was_cut;
}

/* Silences. */

void alertmanager_add_author(struct buf *text, const cJSON *silence)
{
	buf_adds(text, " of ");
	account_add_quoted(text, survey_text(silence, "by"));
	buf_adds(text, " with the comment ");
	account_add_quoted(text, survey_text(silence, "comment"));
}

bool alertmanager_is_silenced(const cJSON *silences, const struct alertmanager_labels *labels,
			      struct buf *text)
{
	const cJSON *silence;

	cJSON_ArrayForEach(silence, survey_item(silences, "list"))
	{
		if (cJSON_GetArraySize(survey_item(silence, "matchers")) == 0 ||
		    alertmanager_judge(silence, labels) != ROUTE_YES)
			continue;
		buf_adds(text, "a silence");
		alertmanager_add_author(text, silence);
		buf_addf(text, " holds it back until %.40s", survey_text(silence, "until"));
		return true;
	}
	return false;
}

/* Inhibitions. */

/* Unless both values are known nobody can tell. */
static bool has_equal_labels(const cJSON *rule, const cJSON *source,
			     const struct alertmanager_labels *labels)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, survey_item(rule, "equal"))
	{
		const char *name = survey_text(one, "name");

		if ((!labels->all && survey_item(labels->list, name) == NULL) ||
		    strcmp(survey_text(source, name), survey_text(labels->list, name)) != 0)
			return false;
	}
	return true;
}

bool alertmanager_is_inhibited(const cJSON *config, const cJSON *alerts,
			       const struct alertmanager_labels *labels, struct buf *text)
{
	const cJSON *rule, *alert;

	cJSON_ArrayForEach(rule, survey_item(config, "inhibits"))
	{
		/* An alert that is both source and target is not held back by its like. */
		if (alertmanager_judge(survey_item(rule, "target"), labels) != ROUTE_YES ||
		    alertmanager_judge(survey_item(rule, "source"), labels) != ROUTE_NO)
			continue;
		cJSON_ArrayForEach(alert, survey_item(alerts, "list"))
		{
			const cJSON *source = survey_item(alert, "labels");
			const struct alertmanager_labels all = {source, true};

			if (alertmanager_judge(survey_item(rule, "source"), &all) != ROUTE_YES ||
			    !has_equal_labels(rule, source, labels))
				continue;
			buf_adds(text, "the alert ");
			account_add_quoted(text, survey_text(source, "alertname"));
			buf_adds(text, " inhibits it as long as it is there");
			return true;
		}
	}
	return false;
}

/* Time intervals. */

static enum interval_judged inside_named(const cJSON *config, const char *name, int64_t wall_ms)
{
	const cJSON *interval = survey_find(survey_item(config, "intervals"), "name", name);

	return interval != NULL ? alertmanager_inside(survey_item(interval, "spans"), wall_ms)
				: INTERVAL_UNKNOWN;
}

/* Inside one of those, outside of all, or not known. */
static enum interval_judged inside_any(const cJSON *config, const cJSON *names, int64_t wall_ms,
				       const char **ret_name)
{
	enum interval_judged any = INTERVAL_OUTSIDE;
	const cJSON *one;

	cJSON_ArrayForEach(one, names)
	{
		enum interval_judged judged =
		    inside_named(config, survey_text(one, "name"), wall_ms);

		*ret_name = survey_text(one, "name");
		if (judged == INTERVAL_INSIDE)
			return judged;
		if (judged == INTERVAL_UNKNOWN)
			any = judged;
	}
	return any;
}

bool alertmanager_is_muted(const cJSON *config, const struct alertmanager_route *route,
			   int64_t wall_ms, struct buf *text)
{
	const cJSON *mute = survey_item(route->route, "mute");
	const cJSON *active = survey_item(route->route, "active");
	const char *name = "";

	if (inside_any(config, mute, wall_ms, &name) == INTERVAL_INSIDE) {
		buf_adds(text, "the time interval ");
		account_add_quoted(text, name);
		buf_adds(text, " mutes its route now");
		return true;
	}
	if (cJSON_GetArraySize(active) > 0 &&
	    inside_any(config, active, wall_ms, &name) == INTERVAL_OUTSIDE) {
		buf_adds(text, "its route is active in the time interval ");
		account_add_quoted(text, name);
		buf_adds(text, " only, which is not now");
		return true;
	}
	return false;
}
