/* Posting an alert to a chat: by incoming webhook, or with a bot's token.
 * Shape: https://prometheus.io/docs/alerting/latest/configuration/#slack_config.  No retries: what a
 * chat refuses is lost, and only this service's log and metrics know. */
#include "fake-services/notify.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "fake-services/client.h"
#include "fake-services/notice.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define JSON_TYPE      "application/json; charset=utf-8"
#define MAX_CLIENTS    (FAKE_MAX_ROUTES + 8)
#define MAX_REMEMBERED 1000 /* first messages, for edits and replies */

struct route {
	char *alert, *receiver, *webhook, *api, *token, *channel; /* owned; NULL as given */
	struct fake_client *client; /* borrowed from the notifier; NULL: posts nowhere */
	struct notifier_counts counts;
};

/* One connection for each URL. */
struct known {
	char *url;                  /* owned */
	struct fake_client *client; /* owned */
};

/* Where the first message of an alert went. */
struct first {
	char *key;          /* owned: alert and label */
	char *channel, *ts; /* owned */
	STAILQ_ENTRY(first) link;
};

/* One message on its way. */
struct delivery {
	struct notifier *notifier;  /* borrowed */
	struct route *route;        /* borrowed */
	struct event *timer;        /* owned; until it is sent */
	struct fake_client *client; /* borrowed from the notifier */
	char *method, *body;        /* owned; "" for a webhook */
	char *key;                  /* owned; to be remembered; NULL: not */
	LIST_ENTRY(delivery) link;
};

struct notifier {
	struct event_base *base;                 /* borrowed */
	const struct fake_alerting_wrong *wrong; /* borrowed */
	char *environment;                       /* owned */
	bool loud;
	struct route routes[FAKE_MAX_ROUTES];
	size_t route_count;
	struct known known[MAX_CLIENTS];
	size_t known_count;
	LIST_HEAD(, delivery) deliveries;      /* owned */
	STAILQ_HEAD(first_list, first) firsts; /* owned; the newest last */
	size_t first_count;
};

/* First messages, so that a resolved one can refer to them. */

static struct first *find_first(const struct notifier *notifier, const char *key)
{
	struct first *first;

	STAILQ_FOREACH(first, &notifier->firsts, link)
	if (strcmp(first->key, key) == 0)
		return first;
	return NULL;
}

static void forget_first(struct notifier *notifier, struct first *first)
{
	STAILQ_REMOVE(&notifier->firsts, first, first, link);
	notifier->first_count--;
	free(first->key);
	free(first->channel);
	free(first->ts);
	free(first);
}

static void remember_first(struct notifier *notifier, const char *key, const cJSON *answer)
{
	const cJSON *channel = cJSON_GetObjectItemCaseSensitive(answer, "channel");
	const cJSON *ts = cJSON_GetObjectItemCaseSensitive(answer, "ts");
	struct first *first = find_first(notifier, key);

	if (!cJSON_IsString(channel) || !cJSON_IsString(ts))
		return;
	if (first != NULL)
		forget_first(notifier, first);
	else if (notifier->first_count == MAX_REMEMBERED)
		forget_first(notifier, STAILQ_FIRST(&notifier->firsts));
	first = mem_zalloc(sizeof *first);
	first->key = mem_dup(key);
	first->channel = mem_dup(channel->valuestring);
	first->ts = mem_dup(ts->valuestring);
	STAILQ_INSERT_TAIL(&notifier->firsts, first, link);
	notifier->first_count++;
}

/* Deliveries. */

static void delivery_free(struct delivery *delivery)
{
	LIST_REMOVE(delivery, link);
	event_free(delivery->timer);
	free(delivery->method);
	free(delivery->body);
	free(delivery->key);
	free(delivery);
}

/* A webhook says "ok"; the API says {"ok":true}. */
static bool was_accepted(const struct delivery *delivery, int status, const char *body,
			 const cJSON *answer)
{
	if (status / 100 != 2)
		return false;
	if (delivery->method[0] == '\0')
		return strcmp(body, "ok") == 0;
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok"));
}

static void on_answer(void *arg, int status, const char *body)
{
	struct delivery *delivery = arg;
	struct notifier *notifier = delivery->notifier;
	cJSON *answer = cJSON_Parse(body);
	bool ok = was_accepted(delivery, status, body, answer);
	char when[32];

	clock_rfc3339(clock_wall_ms(), when, sizeof when);
	if (ok)
		delivery->route->counts.posted++;
	else
		delivery->route->counts.failed++;
	if (notifier->loud)
		(void)fprintf(stderr,
			      "%s %s level=%s service=alerting msg=\"%s\" receiver=%s "
			      "status=%d answer=\"%.80s\"\n",
			      when, notifier->environment, ok ? "info" : "error",
			      ok ? "notified" : "notify failed, not retried",
			      delivery->route->receiver, status, ok ? "ok" : body);
	if (ok && delivery->key != NULL)
		remember_first(notifier, delivery->key, answer);
	cJSON_Delete(answer);
	delivery_free(delivery);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct delivery *delivery = arg;

	(void)fd;
	(void)what;
	fake_client_send(delivery->client, delivery->method, JSON_TYPE, delivery->route->token,
			 delivery->body, on_answer, delivery);
}

static struct fake_client *client_for(struct notifier *notifier, const char *url,
				      struct error *error)
{
	struct fake_client *client;

	for (size_t i = 0; i < notifier->known_count; i++)
		if (strcmp(notifier->known[i].url, url) == 0)
			return notifier->known[i].client;
	if (notifier->known_count == MAX_CLIENTS) {
		(void)error_set(error, "too many webhooks; use at most %d", MAX_CLIENTS);
		return NULL;
	}
	client = fake_client_new(notifier->base, url, error);
	if (client != NULL)
		notifier->known[notifier->known_count++] =
		    (struct known){.url = mem_dup(url), .client = client};
	return client;
}

/* Takes the body. The key is copied; NULL: the answer is not remembered. */
static void deliver(struct notifier *notifier, struct route *route, struct fake_client *client,
		    const char *method, char *body, const char *key)
{
	struct delivery *delivery = mem_zalloc(sizeof *delivery);
	int64_t ms = notifier->wrong->delay_ms;
	const struct timeval delay = {.tv_sec = (time_t)(ms / 1000),
				      .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	*delivery = (struct delivery){.notifier = notifier,
				      .route = route,
				      .client = client,
				      .method = mem_dup(method),
				      .body = body,
				      .key = mem_dup(key)};
	delivery->timer = evtimer_new(notifier->base, on_due, delivery);
	route->counts.begun++;
	LIST_INSERT_HEAD(&notifier->deliveries, delivery, link);
	(void)evtimer_add(delivery->timer, &delay);
}

/* What is said. */

static char *key_of(const struct notice *notice)
{
	return mem_printf("%s/%s", notice->alert, notice->label);
}

static cJSON *payload_of(const struct notifier *notifier, const struct route *route,
			 const struct notice *notice)
{
	return fake_notice_payload(notice, notifier->environment, route->channel,
				   notifier->wrong->garble);
}

static char *print(cJSON *payload)
{
	char *printed = cJSON_PrintUnformatted(payload);
	char *text = mem_dup(printed);

	cJSON_free(printed);
	cJSON_Delete(payload);
	return text;
}

static void set_text(cJSON *payload, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(payload, key);
	(void)cJSON_AddStringToObject(payload, key, text);
}

static void post_by_webhook(struct notifier *notifier, struct route *route,
			    const struct notice *notice)
{
	struct fake_client *client = route->client;

	if (notifier->wrong->wrong_channel != NULL)
		client = client_for(notifier, notifier->wrong->wrong_channel, NULL);
	if (client != NULL)
		deliver(notifier, route, client, "", print(payload_of(notifier, route, notice)),
			NULL);
}

static void post_by_token(struct notifier *notifier, struct route *route,
			  const struct notice *notice)
{
	cJSON *payload = payload_of(notifier, route, notice);
	char *key = key_of(notice);
	const struct first *first = notice->resolved ? find_first(notifier, key) : NULL;
	const char *method = "/chat.postMessage";

	if (notifier->wrong->wrong_channel != NULL)
		set_text(payload, "channel", notifier->wrong->wrong_channel);
	if (first != NULL && notifier->wrong->resolved_as_edit) {
		method = "/chat.update";
		set_text(payload, "channel", first->channel);
		set_text(payload, "ts", first->ts);
	} else if (first != NULL && notifier->wrong->resolved_as_reply) {
		set_text(payload, "channel", first->channel);
		set_text(payload, "thread_ts", first->ts);
	}
	deliver(notifier, route, route->client, method, print(payload),
		notice->resolved ? NULL : key);
	free(key);
}

/* Routes. */

/* Its index; the count of routes when none takes the alert. */
static size_t find_route(const struct notifier *notifier, const char *alert)
{
	size_t i = 0;

	for (; i < notifier->route_count; i++) {
		const struct route *route = &notifier->routes[i];

		if (route->alert == NULL || strcmp(route->alert, alert) == 0)
			break;
	}
	return i;
}

const char *fake_notifier_receiver(const struct notifier *notifier, const char *alert)
{
	size_t i = find_route(notifier, alert);

	return i < notifier->route_count ? notifier->routes[i].receiver : "none";
}

void fake_notifier_post(struct notifier *notifier, const struct notice *notice)
{
	const struct fake_alerting_wrong *wrong = notifier->wrong;
	size_t i = find_route(notifier, notice->alert);
	struct route *route = i < notifier->route_count ? &notifier->routes[i] : NULL;

	if (route == NULL || route->client == NULL || wrong->drop_alert ||
	    (wrong->no_resolved && notice->resolved))
		return;
	for (int copies = wrong->duplicate ? 2 : 1; copies > 0; copies--)
		if (route->api != NULL)
			post_by_token(notifier, route, notice);
		else
			post_by_webhook(notifier, route, notice);
}

/* What it tells of itself. */

bool fake_notifier_route(const struct notifier *notifier, size_t index,
			 struct notifier_route *ret_route)
{
	const struct route *route = &notifier->routes[index];

	if (index >= notifier->route_count)
		return false;
	*ret_route = (struct notifier_route){.alert = route->alert,
					     .receiver = route->receiver,
					     .posts = route->client != NULL,
					     .first = true};
	for (size_t i = 0; i < index; i++)
		if (strcmp(notifier->routes[i].receiver, route->receiver) == 0)
			ret_route->first = false;
	return true;
}

static void add_counts(struct notifier_counts *sum, const struct route *route)
{
	sum->begun += route->counts.begun;
	sum->posted += route->counts.posted;
	sum->failed += route->counts.failed;
}

struct notifier_counts fake_notifier_counts(const struct notifier *notifier, const char *receiver)
{
	struct notifier_counts sum = {0};

	for (size_t i = 0; i < notifier->route_count; i++)
		if (strcmp(notifier->routes[i].receiver, receiver) == 0)
			add_counts(&sum, &notifier->routes[i]);
	return sum;
}

static struct notifier_counts count_all(const struct notifier *notifier)
{
	struct notifier_counts sum = {0};

	for (size_t i = 0; i < notifier->route_count; i++)
		add_counts(&sum, &notifier->routes[i]);
	return sum;
}

size_t fake_notifier_posted(const struct notifier *notifier)
{
	return count_all(notifier).posted;
}

size_t fake_notifier_failed(const struct notifier *notifier)
{
	return count_all(notifier).failed;
}

/* The object. */

static bool add_route(struct notifier *notifier, const struct fake_route *wanted,
		      struct error *error)
{
	struct route *route = &notifier->routes[notifier->route_count++];
	const char *url = wanted->api != NULL ? wanted->api : wanted->webhook;

	*route = (struct route){.alert = mem_dup(wanted->alert),
				.receiver = mem_dup(wanted->receiver),
				.webhook = mem_dup(wanted->webhook),
				.api = mem_dup(wanted->api),
				.token = mem_dup(wanted->token),
				.channel = mem_dup(wanted->channel)};
	if (url != NULL)
		route->client = client_for(notifier, url, error);
	return url == NULL || route->client != NULL;
}

struct notifier *fake_notifier_new(struct event_base *base,
				   const struct fake_alerting_options *options,
				   const struct fake_alerting_wrong *wrong, struct error *error)
{
	struct notifier *notifier = mem_zalloc(sizeof *notifier);

	notifier->base = base;
	notifier->wrong = wrong;
	notifier->loud = options->loud;
	notifier->environment =
	    mem_dup(options->environment != NULL ? options->environment : "staging");
	LIST_INIT(&notifier->deliveries);
	STAILQ_INIT(&notifier->firsts);
	for (size_t i = 0; i < options->route_count && i < FAKE_MAX_ROUTES; i++)
		if (!add_route(notifier, &options->routes[i], error)) {
			fake_notifier_free(notifier);
			return NULL;
		}
	return notifier;
}

static void route_done(struct route *route)
{
	free(route->alert);
	free(route->receiver);
	free(route->webhook);
	free(route->api);
	free(route->token);
	free(route->channel);
}

void fake_notifier_free(struct notifier *notifier)
{
	struct delivery *delivery, *next;

	if (notifier == NULL)
		return;
	for (size_t i = 0; i < notifier->known_count; i++) {
		fake_client_free(notifier->known[i].client);
		free(notifier->known[i].url);
	}
	for (delivery = LIST_FIRST(&notifier->deliveries); delivery != NULL; delivery = next) {
		next = LIST_NEXT(delivery, link);
		delivery_free(delivery);
	}
	while (!STAILQ_EMPTY(&notifier->firsts))
		forget_first(notifier, STAILQ_FIRST(&notifier->firsts));
	for (size_t i = 0; i < notifier->route_count; i++)
		route_done(&notifier->routes[i]);
	free(notifier->environment);
	free(notifier);
}
