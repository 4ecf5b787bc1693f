/* Any bytes as a station's answers, or as what was observed: one observation within its limits, and
 * findings whose sentences can be shown.
 *
 * The first byte says which driver ('0' and on: its answers, 'a' and on: its observations); the rest
 * are texts with "\n---\n" between them.  HTTP is played here: nothing is sent. */
#include "tests/fuzz/fuzz.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "probes/hops/hop.h"
#include "probes/http.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define SEPARATOR "\n---\n"
#define TEXTS     8
#define ASKED_MAX 64

static const char *const types[] = {"prometheus", "alertmanager", "grafana", "loki", "http-json"};
#define TYPE_COUNT (sizeof types / sizeof types[0])

/* A client that answers with the input's texts, one after the other. */
struct http {
	struct http_request {
		http_done_fn *done;
		void *arg; /* borrowed */
	} * waiting[ASKED_MAX];
	size_t asked, answered;
	char *texts[TEXTS]; /* owned */
	size_t text_count;
};

struct http_request *http_start(struct http *http, const struct http_ask *ask, http_done_fn *done,
				void *arg)
{
	struct http_request *request = mem_zalloc(sizeof *request);

	PROMISE(http->asked < ASKED_MAX && strncmp(ask->url, "http://station.example/", 23) == 0);
	*request = (struct http_request){done, arg};
	http->waiting[http->asked++] = request;
	return request;
}

void http_cancel(struct http_request *request)
{
	PROMISE(request == NULL); /* nothing here is cancelled */
}

static void answer_all(struct http *http)
{
	while (http->answered < http->asked) {
		struct http_request *request = http->waiting[http->answered];
		const char *body = http->texts[http->answered++ % http->text_count];
		const struct http_reply reply = {.result = HTTP_ANSWERED,
						 .status = body[0] == '!' ? 503 : 200,
						 .body = body,
						 .body_len = strlen(body),
						 .content_type = "",
						 .retry_after_ms = -1,
						 .date_ms = -1};

		request->done(request->arg, &reply);
		free(request);
	}
}

/* What was observed. */
struct seen {
	struct hop_observation observation;
	size_t times;
};

static void on_observed(void *arg, const struct hop_observation *observation)
{
	struct seen *seen = arg;

	PROMISE((observation->json == NULL) != (observation->error == NULL));
	PROMISE(observation->json == NULL || strlen(observation->json) <= HOP_OBSERVATION_MAX);
	PROMISE(observation->error == NULL || observation->error[0] != '\0');
	PROMISE(observation->requests > 0);
	seen->observation = *observation;
	seen->observation.json = mem_dup(observation->json);
	seen->observation.error = mem_dup(observation->error);
	seen->times++;
}

static void check_sentence(const char *text)
{
	PROMISE(text[0] != '\0' && strlen(text) < 4096);
	for (; *text != '\0'; text++)
		PROMISE((unsigned char)*text >= ' ');
}

static void on_finding(void *arg, const struct hop_finding *finding)
{
	PROMISE(finding->hop >= HOP_EMISSION && finding->hop < HOP_CHAT);
	PROMISE(finding->state >= HOP_NOT_ASKED && finding->state < HOP_STATE_COUNT);
	PROMISE(strcmp(finding->name, "station") == 0 && finding->at_wall_ms >= 0);
	check_sentence(finding->evidence);
	if (finding->cause != NULL)
		check_sentence(finding->cause);
	if (finding->advice != NULL)
		check_sentence(finding->advice);
	(*(size_t *)arg)++;
}

static void on_item(void *arg, const struct hop_item *item)
{
	PROMISE(item->kind == HOP_ITEM_RULE || item->kind == HOP_ITEM_RECEIVER);
	PROMISE(strcmp(item->station, "station") == 0 && item->name != NULL);
	PROMISE(item->detail != NULL && strlen(item->detail) < 4096);
	PROMISE(item->cannot == NULL || (item->cannot[0] != '\0' && strlen(item->cannot) < 4096));
	(*(size_t *)arg)++;
}

static void take_stock(const struct hop_driver *driver, const struct hop_settings *settings,
		       const struct hop_want *want,
		       const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	const struct hop_observation *peak = observations[HOP_PEAK];
	size_t items = 0, proofs = 0;
	struct error error = {""};

	if (driver->inventory != NULL && peak != NULL && peak->json != NULL)
		PROMISE(driver->inventory(settings, peak, on_item, &items, &error) ==
			(error.text[0] == '\0'));
	if (driver->proofs != NULL)
		driver->proofs(settings, want, "#ops", observations, on_item, &proofs);
	PROMISE(proofs <= 2);
}

static void explain(const struct hop_driver *driver, const struct hop_settings *settings,
		    const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	static const char *const needles[] = {"Alert", "fd-k3q9x2m7"};
	struct hop_want want = {.drill = "fd-k3q9x2m7",
				.alert = "Alert",
				.needles = needles,
				.injected_wall_ms = 946684800000,
				.deadline_wall_ms = 946684860000};

	for (int i = 0; i < 4; i++) {
		size_t findings = 0;

		want.has_nonce = (i & 1) != 0;
		want.needle_count = want.has_nonce ? 2 : 1;
		want.reverted_wall_ms = (i & 2) != 0 ? 946684860000 : 0;
		driver->explain(settings, &want, observations, on_finding, &findings);
		PROMISE(findings > 0 && findings <= 3);
		take_stock(driver, settings, &want, observations);
	}
}

/* What is foreseen. */

static void on_delay(void *arg, const struct hop_delay *delay)
{
	(void)arg;
	PROMISE(delay->what[0] != '\0' && strcmp(delay->name, "station") == 0);
	PROMISE(delay->least_ms >= 0 && delay->least_ms <= delay->most_ms);
}

static void on_caution(void *arg, const struct hop_caution *caution)
{
	(void)arg;
	PROMISE(caution->worry >= 0 && caution->worry < HOP_WORRY_COUNT && caution->ms >= 0);
	check_sentence(caution->text);
	check_sentence(caution->advice);
}

static void on_labels(void *arg, const char *json)
{
	cJSON *labels = cJSON_Parse(json);

	(void)arg;
	PROMISE(cJSON_IsObject(labels));
	cJSON_Delete(labels);
}

static void on_unknown(void *arg, const char *name, const char *why)
{
	(void)arg;
	PROMISE(strcmp(name, "station") == 0);
	check_sentence(why);
}

static void foresee(const struct hop_driver *driver, const struct hop_settings *settings,
		    const struct hop_observation *observation)
{
	static const char *const needles[] = {"Alert", "fd-k3q9x2m7"};
	const struct hop_forecast forecast = {on_delay, on_caution, on_labels, on_unknown, NULL};
	struct hop_want want = {.drill = "fd-k3q9x2m7",
				.alert = "Alert",
				.needles = needles,
				.needle_count = 2,
				.has_nonce = true};

	if (driver->foresee == NULL || observation->json == NULL)
		return;
	driver->foresee(settings, &want, observation, &forecast);
	want.labels = "{\"alertname\":\"Alert\",\"severity\":\"page\"}";
	want.has_nonce = false;
	driver->foresee(settings, &want, observation, &forecast);
}

/* The labels that it had, and whether an alert with them may be sent. */
static void probe(const struct hop_driver *driver, const struct hop_settings *settings,
		  const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	static const char *const needles[] = {"Alert"};
	const struct hop_want want = {
	    .drill = "fd-k3q9x2m7", .alert = "Alert", .needles = needles, .needle_count = 1};
	struct hop_probe sent = {.id = "fd-k3q9x2m7-p2", .drill = want.drill, .alert = want.alert};
	char *labels =
	    driver->labels != NULL ? driver->labels(settings, &want, observations) : NULL;
	struct error error = {""};
	int64_t held_ms = 0;

	sent.labels = labels;
	if (driver->may_send != NULL) {
		bool may = driver->may_send(settings, &sent, observations, &held_ms, &error);

		PROMISE(may == (error.text[0] == '\0') && held_ms >= 0);
	}
	free(labels);
}

static void check_answers(struct http *http, const struct hop_driver *driver,
			  const struct hop_settings *settings)
{
	const struct hop_context context = {.http = http};
	struct seen seen = {.times = 0};
	const struct hop_observation *observations[] = {NULL, &seen.observation, &seen.observation};

	PROMISE(driver->observe(&context, settings, on_observed, &seen) != NULL);
	PROMISE(seen.times == 0); /* never from inside observe */
	answer_all(http);
	PROMISE(seen.times == 1);
	foresee(driver, settings, &seen.observation);
	explain(driver, settings, observations);
	observations[HOP_BEFORE] = &seen.observation;
	explain(driver, settings, observations);
	probe(driver, settings, observations);
	free((char *)(uintptr_t)seen.observation.json);
	free((char *)(uintptr_t)seen.observation.error);
}

static void check_observations(const struct http *http, const struct hop_driver *driver,
			       const struct hop_settings *settings)
{
	struct hop_observation observed[HOP_TIME_COUNT];
	const struct hop_observation *observations[HOP_TIME_COUNT] = {NULL};

	for (size_t i = 0; i < HOP_TIME_COUNT && i < http->text_count; i++) {
		observed[i] = (struct hop_observation){
		    .json = http->texts[i], .at_wall_ms = 946684830000, .ahead_ms = 5000};
		observations[HOP_TIME_COUNT - 1 - i] = &observed[i];
		foresee(driver, settings, &observed[i]);
	}
	explain(driver, settings, observations);
	probe(driver, settings, observations);
}

static void split(struct http *http, const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size, *next;

	while (http->text_count < TEXTS) {
		next = memmem(at, (size_t)(end - at), SEPARATOR, strlen(SEPARATOR));
		http->texts[http->text_count++] =
		    mem_dup_n(at, (size_t)((next != NULL ? next : end) - at));
		if (next == NULL)
			break;
		at = next + strlen(SEPARATOR);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char url[] = "http://station.example/", name[] = "station", query[] = "/x",
		    path[] = "data[*]", station[] = "rule";
	size_t which = size > 0 ? data[0] % 16 : 0; /* '0' is 0x30, 'a' is 0x61 */
	bool answers = size > 0 && data[0] < 'a';
	const struct hop_driver *driver;
	struct hop_settings settings = {.name = name,
					.url = url,
					.timeout_ms = 1000,
					.query = query,
					.path = path,
					.station = station};
	struct http http = {.asked = 0};

	which = (answers ? which : which + 4) % TYPE_COUNT;
	driver = hop_driver_find(types[which]);
	PROMISE(driver != NULL && strcmp(driver->type, types[which]) == 0);
	settings.type = (char *)(uintptr_t)types[which];
	split(&http, size > 0 ? data + 1 : data, size > 0 ? size - 1 : 0);
	if (answers)
		check_answers(&http, driver, &settings);
	else
		check_observations(&http, driver, &settings);
	for (size_t i = 0; i < http.text_count; i++)
		free(http.texts[i]);
	return 0;
}
