/* Any bytes as Alertmanager's configuration, as a PromQL expression and as counters: read within
 * limits, or refused with a reason. */
#include "tests/fuzz/fuzz.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/alertmanager_facts.h"
#include "probes/hops/alertmanager_route.h"
#include "probes/hops/exposition.h"
#include "probes/hops/promql.h"
#include "src/base/mem.h"

#define ROOM 100000 /* bytes of facts */

static void check_config(const char *text, size_t len)
{
	struct survey_facts facts = {.left = ROOM};
	struct alertmanager_route routes[ROUTES_MATCHED];
	cJSON *config = alertmanager_config(&facts, text, len);
	cJSON *labels = cJSON_CreateObject();
	char *json = cJSON_PrintUnformatted(config);
	size_t count = 0;

	PROMISE(json != NULL && strlen(json) < 4 * ROOM);
	PROMISE(survey_text(config, "error")[0] != '\0' ||
		cJSON_IsArray(survey_item(config, "receivers")));
	(void)cJSON_AddStringToObject(labels, "severity", "page");
	if (alertmanager_routes(survey_item(config, "route"), labels, routes, &count))
		PROMISE(count > 0 && count <= ROUTES_MATCHED && routes[0].receiver != NULL);
	free(json);
	cJSON_Delete(labels);
	cJSON_Delete(config);
}

static void check_expression(const char *text)
{
	struct promql promql;

	if (!promql_read(text, &promql))
		return;
	PROMISE(promql.count > 0 && promql.count <= PROMQL_SELECTORS);
	PROMISE(promql.needs_any || !promql.needs_all);
	for (size_t i = 0; i < promql.count; i++)
		PROMISE(promql.name[i][0] != '\0' && strstr(text, promql.name[i]) != NULL &&
			strlen(promql.ask[i]) >= strlen(promql.name[i]));
	promql_done(&promql);
}

static void on_sample(void *arg, const struct exposition_sample *sample)
{
	size_t *told = arg;

	(*told)++;
	PROMISE(sample->name[0] == 'a' && isfinite(sample->value) && sample->label_count <= 16);
	(void)exposition_label(sample, "reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_n((const char *)data, size);
	size_t told = 0;

	check_config(text, size);
	check_expression(text);
	PROMISE(exposition_read(text, size, "a", on_sample, &told) == told);
	free(text);
	return 0;
}
