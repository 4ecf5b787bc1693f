/* What a rule makes its alerts from: labels that are known beforehand, jobs, how far back it looks. */
#include <stdlib.h>
#include <string.h>

#include "probes/hops/promql.h"
#include "probes/hops/promql_reach.h"
#include "probes/hops/prometheus_facts.h"
#include "src/base/mem.h"

#define NAME_LIMIT   200 /* bytes */
#define LABELS_SHOWN 30  /* of one rule */

/* Those whose value is known as it stands there; those from series and templates are not. */
static void add_labels(struct survey_facts *facts, cJSON *object, const cJSON *labels)
{
	cJSON *known = cJSON_AddObjectToObject(object, "labels");
	const cJSON *label;
	int count = 0;

	cJSON_ArrayForEach(label, labels)
	{
		const char *value = cJSON_GetStringValue(label);

		if (value == NULL || strstr(value, "{{") != NULL || ++count > LABELS_SHOWN)
			continue;
		survey_add_text(facts, known, label->string, value, NAME_LIMIT);
		if (strcmp(survey_text(known, label->string), value) != 0)
			cJSON_DeleteItemFromObjectCaseSensitive(known, label->string);
	}
}

/* The job that a selector like up{job="orders"} names; owned by the caller; NULL: it may be any. */
static char *job_of(const char *selector)
{
	static const char start[] = "job=\"";
	const char *brace = strchr(selector, '{'),
		   *at = brace != NULL ? strstr(brace, start) : NULL;
	size_t len;

	if (at == NULL || strchr("{, \t\r\n", at[-1]) == NULL)
		return NULL;
	at += sizeof start - 1;
	len = strcspn(at, "\"\\");
	return at[len] == '"' ? mem_dup_n(at, len) : NULL;
}

/* Where its values come from: "jobs" when each of its selectors names one; "recorded" when it reads
 * what another rule makes, which has a colon in its name by convention.
 * https://prometheus.io/docs/practices/rules/ */
static void add_sources(struct survey_facts *facts, cJSON *object, const char *query)
{
	struct promql promql;
	bool recorded = false, all = true;
	cJSON *jobs = cJSON_CreateArray();

	if (!promql_read(query, &promql)) {
		cJSON_Delete(jobs);
		return;
	}
	for (size_t i = 0; i < promql.count; i++) {
		size_t name = strcspn(promql.name[i], "{");
		char *job = job_of(promql.name[i]);
		cJSON *member = job != NULL ? survey_add_member(facts, jobs) : NULL;

		recorded |= memchr(promql.name[i], ':', name) != NULL;
		all &= member != NULL;
		if (member != NULL)
			survey_add_text(facts, member, "name", job, NAME_LIMIT);
		free(job);
	}
	promql_done(&promql);
	if (recorded)
		(void)cJSON_AddTrueToObject(object, "recorded");
	if (all)
		(void)cJSON_AddItemToObject(object, "jobs", jobs);
	else
		cJSON_Delete(jobs);
}

void prometheus_add_sources(struct survey_facts *facts, cJSON *object, const cJSON *rule)
{
	const char *query = survey_text(rule, "query");
	int64_t reach_ms = 0;

	if (promql_reach(query, &reach_ms))
		survey_add_number(facts, object, "reach_ms", (double)reach_ms);
	add_sources(facts, object, query);
	add_labels(facts, object, survey_item(rule, "labels"));
}
