/* Looks at a station of an alert pipeline as a drill does:
 *     hop_look TYPE URL ALERT DRILL [HEADER VALUE]      (DRILL "-": the alert has no id)
 * Each line on its input is "before", "peak", "after", "explain WALL_MS" with the time of the fault, or
 * "foresee LABELS" with those that are known, as JSON; each is answered with one line of JSON. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/hop.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

struct looks {
	struct hop_observation seen[HOP_TIME_COUNT]; /* their texts are owned */
	bool made[HOP_TIME_COUNT];
	enum hop_time now;
	struct event_base *base; /* borrowed */
};

static void say(cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	(void)puts(text);
	(void)fflush(stdout);
	free(text);
	cJSON_Delete(json);
}

static void on_observed(void *arg, const struct hop_observation *observation)
{
	struct looks *looks = arg;
	cJSON *json = cJSON_CreateObject();

	looks->seen[looks->now] = *observation;
	looks->seen[looks->now].json = mem_dup(observation->json);
	looks->seen[looks->now].error = mem_dup(observation->error);
	looks->made[looks->now] = true;
	(void)cJSON_AddNumberToObject(json, "requests", observation->requests);
	(void)cJSON_AddNumberToObject(json, "ahead_ms", (double)observation->ahead_ms);
	if (observation->json != NULL)
		(void)cJSON_AddItemToObject(json, "facts", cJSON_Parse(observation->json));
	else
		(void)cJSON_AddStringToObject(json, "error", observation->error);
	say(json);
	(void)event_base_loopbreak(looks->base);
}

static void on_finding(void *arg, const struct hop_finding *finding)
{
	cJSON *json = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(json, "hop", hop_name(finding->hop));
	(void)cJSON_AddStringToObject(json, "state", hop_state_name(finding->state));
	(void)cJSON_AddNumberToObject(json, "at_wall_ms", (double)finding->at_wall_ms);
	(void)cJSON_AddStringToObject(json, "evidence", finding->evidence);
	if (finding->cause != NULL)
		(void)cJSON_AddStringToObject(json, "cause", finding->cause);
	if (finding->advice != NULL)
		(void)cJSON_AddStringToObject(json, "advice", finding->advice);
	(void)cJSON_AddItemToArray(arg, json);
}

static void explain(const struct hop_driver *driver, const struct hop_settings *settings,
		    struct hop_want *want, struct looks *looks, const char *injected)
{
	const struct hop_observation *seen[HOP_TIME_COUNT];
	cJSON *findings = cJSON_CreateArray();

	want->injected_wall_ms = strtoll(injected, NULL, 10);
	for (int t = 0; t < HOP_TIME_COUNT; t++)
		seen[t] = looks->made[t] ? &looks->seen[t] : NULL;
	driver->explain(settings, want, seen, on_finding, findings);
	say(findings);
}

static void on_delay(void *arg, const struct hop_delay *delay)
{
	cJSON *json = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(json, "hop", hop_name(delay->hop));
	(void)cJSON_AddStringToObject(json, "what", delay->what);
	(void)cJSON_AddBoolToObject(json, "resolving", delay->resolving);
	(void)cJSON_AddNumberToObject(json, "least_ms", (double)delay->least_ms);
	(void)cJSON_AddNumberToObject(json, "most_ms", (double)delay->most_ms);
	(void)cJSON_AddItemToArray(cJSON_GetObjectItem(arg, "delays"), json);
}

static void on_caution(void *arg, const struct hop_caution *caution)
{
	(void)cJSON_AddItemToArray(cJSON_GetObjectItem(arg, "cautions"),
				   cJSON_CreateString(caution->text));
}

static void on_labels(void *arg, const char *json)
{
	(void)cJSON_AddItemToObject(arg, "labels", cJSON_Parse(json));
}

static void on_unknown(void *arg, const char *name, const char *why)
{
	(void)name;
	(void)cJSON_AddItemToArray(cJSON_GetObjectItem(arg, "unknown"), cJSON_CreateString(why));
}

static void foresee(const struct hop_driver *driver, const struct hop_settings *settings,
		    struct hop_want *want, const struct looks *looks, const char *labels)
{
	cJSON *told = cJSON_CreateObject();
	const struct hop_forecast forecast = {on_delay, on_caution, on_labels, on_unknown, told};

	(void)cJSON_AddArrayToObject(told, "delays");
	(void)cJSON_AddArrayToObject(told, "cautions");
	(void)cJSON_AddArrayToObject(told, "unknown");
	want->labels = labels;
	if (looks->made[HOP_BEFORE] && looks->seen[HOP_BEFORE].json != NULL)
		driver->foresee(settings, want, &looks->seen[HOP_BEFORE], &forecast);
	want->labels = NULL;
	say(told);
}

static void forget(struct looks *looks, enum hop_time time)
{
	free((char *)(uintptr_t)looks->seen[time].json);
	free((char *)(uintptr_t)looks->seen[time].error);
	looks->seen[time] = (struct hop_observation){0};
}

static void obey(const struct hop_driver *driver, const struct hop_context *context,
		 const struct hop_settings *settings, struct hop_want *want, struct looks *looks)
{
	static const char *const times[HOP_TIME_COUNT] = {"before", "peak", "after"};
	char line[1000];

	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "explain ", 8) == 0)
			explain(driver, settings, want, looks, line + 8);
		if (strncmp(line, "foresee ", 8) == 0)
			foresee(driver, settings, want, looks, line + 8);
		for (int t = 0; t < HOP_TIME_COUNT; t++) {
			if (strcmp(line, times[t]) != 0)
				continue;
			looks->now = (enum hop_time)t;
			forget(looks, looks->now);
			(void)driver->observe(context, settings, on_observed, looks);
			(void)event_base_loop(context->base, EVLOOP_NO_EXIT_ON_EMPTY);
		}
	}
}

int main(int argc, char **argv)
{
	const struct hop_driver *driver = argc >= 5 ? hop_driver_find(argv[1]) : NULL;
	struct event_base *base = event_base_new();
	struct looks looks = {.base = base};
	const char *needles[2];
	struct pair header;

	if (driver == NULL || base == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 2;
	needles[0] = argv[3];
	needles[1] = argv[4];
	header = argc >= 7 ? (struct pair){.name = argv[5], .value = argv[6]} : (struct pair){0};
	{
		struct hop_context context = {base, http_new(base), secrets_new()};
		struct hop_settings settings = {.type = argv[1],
						.name = argv[1],
						.url = argv[2],
						.headers = {&header, argc >= 7},
						.timeout_ms = 5000};
		bool has_nonce = strcmp(argv[4], "-") != 0;
		struct hop_want want = {.drill = argv[4],
					.alert = argv[3],
					.needles = needles,
					.needle_count = has_nonce ? 2 : 1,
					.has_nonce = has_nonce};

		obey(driver, &context, &settings, &want, &looks);
		http_free(context.http);
		secrets_free(context.secrets);
	}
	for (int t = 0; t < HOP_TIME_COUNT; t++)
		forget(&looks, (enum hop_time)t);
	event_base_free(base);
	curl_global_cleanup();
	return 0;
}
