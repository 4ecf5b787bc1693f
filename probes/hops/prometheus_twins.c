/* Alerting rules that have both their name and their group's name in common with another. */
#include "probes/hops/prometheus_twins.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/survey.h"
#include "src/base/mem.h"

struct rule_name {
	const char *group, *name; /* borrowed */
};

struct prometheus_twins {
	struct rule_name *list; /* owned; sorted */
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	const struct rule_name *left = a, *right = b;
	int order = strcmp(left->group, right->group);

	return order != 0 ? order : strcmp(left->name, right->name);
}

static size_t count_rules(const cJSON *groups)
{
	const cJSON *group;
	size_t count = 0;

	cJSON_ArrayForEach(group, groups) count +=
	    (size_t)cJSON_GetArraySize(survey_item(group, "rules"));
	return count;
}

/* Keeps one of each pair, so that looking one up is finding it. */
static size_t keep_twins(struct rule_name *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 1; i < count; i++)
		if (by_name(&list[i - 1], &list[i]) == 0 &&
		    (kept == 0 || by_name(&list[kept - 1], &list[i]) != 0))
			list[kept++] = list[i];
	return kept;
}

struct prometheus_twins *prometheus_twins_new(const cJSON *groups)
{
	struct prometheus_twins *twins = mem_zalloc(sizeof *twins);
	const cJSON *group, *rule;

	twins->list = mem_grow(NULL, count_rules(groups) + 1, sizeof *twins->list);
	cJSON_ArrayForEach(group, groups)
	{
		cJSON_ArrayForEach(rule, survey_item(group, "rules")) twins->list[twins->count++] =
		    (struct rule_name){survey_text(group, "name"), survey_text(rule, "name")};
	}
	qsort(twins->list, twins->count, sizeof *twins->list, by_name);
	twins->count = keep_twins(twins->list, twins->count);
	return twins;
}

void prometheus_twins_free(struct prometheus_twins *twins)
{
	free(twins->list);
	free(twins);
}

bool prometheus_twins_has(const struct prometheus_twins *twins, const char *group, const char *name)
{
	const struct rule_name sought = {group, name};

	return twins->count > 0 &&
	       bsearch(&sought, twins->list, twins->count, sizeof sought, by_name) != NULL;
}

void prometheus_twins_add_labels(struct buf *text, const cJSON *rule)
{
	const cJSON *label;
	int count = 0;

	cJSON_ArrayForEach(label, survey_item(rule, "labels")) if (cJSON_IsString(label) &&
								   label->string != NULL)
	    buf_addf(text, "%s%s=\"%s\"", count++ > 0 ? ", " : "", label->string,
		     label->valuestring);
}
