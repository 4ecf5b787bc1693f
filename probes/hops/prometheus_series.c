/* Do the series exist that the calm rules read? One question for all of them. */
#include "probes/hops/prometheus_facts.h"
#include "probes/hops/prometheus_series.h"

#include <stdlib.h>
#include <string.h>

#include "probes/faults/call.h"
#include "probes/hops/promql.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define SELECTOR_LIMIT 256         /* asked about at once, over all rules */
#define QUERY_LIMIT    (48 * 1024) /* bytes of the query */

struct prometheus_series {
	char *ask[SELECTOR_LIMIT]; /* owned */
	bool there[SELECTOR_LIMIT];
	size_t count, bytes;
	bool answered;
};

static size_t find(const struct prometheus_series *series, const char *ask)
{
	size_t at = 0;

	while (at < series->count && strcmp(series->ask[at], ask) != 0)
		at++;
	return at;
}

static void add(struct prometheus_series *series, const char *ask)
{
	size_t len = strlen(ask) + 64;

	if (find(series, ask) < series->count || series->count == SELECTOR_LIMIT ||
	    series->bytes + len > QUERY_LIMIT)
		return;
	series->ask[series->count++] = mem_dup(ask);
	series->bytes += len;
}

static void add_rule(struct prometheus_series *series, const cJSON *rule)
{
	struct promql promql;

	if (strcmp(survey_text(rule, "state"), "inactive") != 0 ||
	    series->count == SELECTOR_LIMIT || !promql_read(survey_text(rule, "query"), &promql))
		return;
	if (promql.needs_any)
		for (size_t i = 0; i < promql.count; i++)
			add(series, promql.ask[i]);
	promql_done(&promql);
}

struct prometheus_series *prometheus_series_new(const cJSON *rules)
{
	struct prometheus_series *series = mem_zalloc(sizeof *series);
	const cJSON *group, *rule;

	cJSON_ArrayForEach(group, survey_item(survey_item(rules, "data"), "groups"))
	{
		cJSON_ArrayForEach(rule, survey_item(group, "rules")) add_rule(series, rule);
	}
	return series;
}

void prometheus_series_free(struct prometheus_series *series)
{
	if (series == NULL)
		return;
	for (size_t i = 0; i < series->count; i++)
		free(series->ask[i]);
	free(series);
}

char *prometheus_series_form(const struct prometheus_series *series, int64_t timeout_ms)
{
	struct buf query = {0}, form = {0};

	if (series->count == 0)
		return NULL;
	for (size_t i = 0; i < series->count; i++)
		buf_addf(&query, "%slabel_replace(count(%s),\"i\",\"%zu\",\"\",\"\")",
			 i > 0 ? " or " : "", series->ask[i], i);
	buf_adds(&form, "query=");
	call_add_escaped(&form, buf_text(&query));
	if (timeout_ms > 0)
		buf_addf(&form, "&timeout=%lldms", (long long)timeout_ms);
	buf_done(&query);
	return buf_take(&form);
}

bool prometheus_series_read(struct prometheus_series *series, const char *body, size_t len)
{
	cJSON *json = cJSON_ParseWithLengthOpts(body, len + 1, NULL, true);
	const cJSON *data = survey_item(json, "data"), *result = survey_item(data, "result"), *one;

	series->answered = strcmp(survey_text(json, "status"), "success") == 0 &&
			   strcmp(survey_text(data, "resultType"), "vector") == 0 &&
			   cJSON_IsArray(result);
	cJSON_ArrayForEach(one, result)
	{
		const char *text = survey_text(survey_item(one, "metric"), "i");
		size_t i = strtoul(text, NULL, 10);

		if (series->answered && *text != '\0' && i < series->count)
			series->there[i] = true;
	}
	cJSON_Delete(json);
	return series->answered;
}

static bool is_gone(const struct prometheus_series *series, const char *ask)
{
	size_t at = find(series, ask);

	return at < series->count && !series->there[at];
}

/* A rule may read one series several times. */
static bool is_named(const struct prometheus_series *series, const struct promql *promql, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(promql->name[k], promql->name[i]) == 0 &&
		    is_gone(series, promql->ask[k]))
			return true;
	}
	return false;
}

enum series_found prometheus_series_of(const struct prometheus_series *series, const char *query,
				       struct buf *missing)
{
	struct promql promql;
	size_t gone = 0, unasked = 0, count;
	bool dead;

	if (!series->answered || !promql_read(query, &promql))
		return SERIES_NOT_ASKED;
	count = promql.count;
	for (size_t i = 0; i < count; i++) {
		unasked += find(series, promql.ask[i]) == series->count;
		if (!is_gone(series, promql.ask[i]))
			continue;
		if (!is_named(series, &promql, i))
			buf_addf(missing, "%s%s", gone > 0 ? ", " : "", promql.name[i]);
		gone++;
	}
	dead = gone > 0 && promql.needs_any && (promql.needs_all || gone == count);
	promql_done(&promql);
	if (dead)
		return SERIES_DEAD;
	return unasked > 0 ? SERIES_NOT_ASKED : SERIES_EXIST;
}
