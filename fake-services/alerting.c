/* The alerting service: conditions come in, alerts pend, fire and resolve. */
#include "fake-services/alerting.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "fake-services/client.h"
#include "fake-services/notify.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define POLL_MS    200
#define KEEP_MS    1000
#define MAX_LABEL  200
#define MAX_ALERTS 1000
#define JSON_TYPE  "application/json"

enum source { FROM_LOG, FROM_EVENT, FROM_HEALTH };

struct rule {
	const char *name;
	enum source source;
	const char *needle;  /* in a log line */
	const char *label;   /* its name; NULL: none */
	const char *summary; /* %s: the label's value */
	const char *severity, *runbook;
	bool at_once; /* fires without waiting: one event is enough */
};

static const struct rule rules[] = {
    {.name = "OrdersQueueMissing",
     .source = FROM_LOG,
     .needle = "msg=\"publish failed\"",
     .label = "queue",
     .summary = "Orders cannot be published: the queue %s does not exist",
     .severity = "critical",
     .runbook = "https://wiki.example/orders-queue"},
    {.name = "WorkerStopped",
     .source = FROM_EVENT,
     .label = "task",
     .summary = "The task %s has stopped and is started again and again",
     .severity = "critical",
     .runbook = "https://wiki.example/worker-stopped",
     .at_once = true},
    {.name = "OrdersHealthDown",
     .source = FROM_HEALTH,
     .summary = "The orders API says that it is not healthy%s",
     .severity = "critical",
     .runbook = "https://wiki.example/orders-health"},
};

/* A condition that holds: pending, then firing. */
struct alert {
	const struct rule *rule;
	char *label; /* owned; "" for none */
	bool firing;
	int64_t since_ms, seen_ms; /* clock_ms() */
	int64_t wall_ms;           /* when it began, by the wall clock */
	LIST_ENTRY(alert) link;
};

struct fake_alerting {
	struct event_base *base;       /* borrowed */
	struct fake_server *server;    /* owned */
	struct fake_client *health;    /* owned; NULL: no health check */
	struct notifier *notifier;     /* owned */
	struct event *evaluate, *poll; /* owned */
	char *environment;             /* owned */
	int64_t for_ms, keep_ms;
	bool loud;
	size_t events;
	size_t fired[sizeof rules / sizeof rules[0]];
	struct fake_alerting_wrong wrong;
	LIST_HEAD(, alert) alerts; /* owned */
	size_t alert_count;
};

/* Alerts. */

static void start_timer(struct event *timer, int64_t ms)
{
	const struct timeval period = {.tv_sec = (time_t)(ms / 1000),
				       .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	(void)event_add(timer, &period);
}

static void tell(const struct fake_alerting *alerting, const char *what, const struct alert *alert)
{
	char when[32];

	if (!alerting->loud)
		return;
	clock_rfc3339(clock_wall_ms(), when, sizeof when);
	(void)fprintf(stderr,
		      "%s %s level=info service=alerting msg=\"%s\" alert=%s%s%s%s%s receiver=%s\n",
		      when, alerting->environment, what, alert->rule->name,
		      alert->rule->label != NULL ? " " : "",
		      alert->rule->label != NULL ? alert->rule->label : "",
		      alert->rule->label != NULL ? "=" : "", alert->label,
		      notifier_receiver(alerting->notifier, alert->rule->name));
}

static void notify(struct fake_alerting *alerting, const struct alert *alert, bool resolved)
{
	struct buf summary = {.limit = 1024};
	const char *value = strstr(alert->rule->summary, "%s");

	buf_add(&summary, alert->rule->summary, (size_t)(value - alert->rule->summary));
	buf_adds(&summary, alert->label);
	buf_adds(&summary, value + 2);
	notifier_post(alerting->notifier, &(struct notice){.alert = alert->rule->name,
							   .label = alert->label,
							   .severity = alert->rule->severity,
							   .summary = buf_text(&summary),
							   .runbook = alert->rule->runbook,
							   .resolved = resolved});
	buf_done(&summary);
}

static void drop(struct fake_alerting *alerting, struct alert *alert)
{
	LIST_REMOVE(alert, link);
	alerting->alert_count--;
	free(alert->label);
	free(alert);
}

static void evaluate_one(struct fake_alerting *alerting, struct alert *alert, int64_t now)
{
	int64_t wait = alert->rule->at_once ? 0 : alerting->for_ms;

	if (now - alert->seen_ms > alerting->keep_ms) {
		if (alert->firing) {
			tell(alerting, "resolved", alert);
			notify(alerting, alert, true);
		}
		drop(alerting, alert);
	} else if (!alert->firing && now - alert->since_ms >= wait) {
		alert->firing = true;
		alerting->fired[alert->rule - rules]++;
		tell(alerting, "firing", alert);
		notify(alerting, alert, false);
	}
}

/* When the state of an alert will change by itself. */
static int64_t due_ms(const struct fake_alerting *alerting, const struct alert *alert)
{
	int64_t over = alert->seen_ms + alerting->keep_ms + 1;
	int64_t fires = alert->since_ms + alerting->for_ms;

	return !alert->firing && fires < over ? fires : over;
}

/* Looks at all alerts, and again when the next of them is due: an idle service sleeps. */
static void evaluate(struct fake_alerting *alerting)
{
	struct alert *alert, *next;
	int64_t now = clock_ms(), due = INT64_MAX;

	for (alert = LIST_FIRST(&alerting->alerts); alert != NULL; alert = next) {
		next = LIST_NEXT(alert, link);
		evaluate_one(alerting, alert, now);
	}
	LIST_FOREACH(alert, &alerting->alerts, link)
	if (due_ms(alerting, alert) < due)
		due = due_ms(alerting, alert);
	if (due != INT64_MAX)
		start_timer(alerting->evaluate, due > now ? due - now : 1);
}

/* The condition of a rule was seen just now. */
static void see(struct fake_alerting *alerting, const struct rule *rule, const char *label)
{
	struct alert *alert;

	LIST_FOREACH(alert, &alerting->alerts, link)
	if (alert->rule == rule && strcmp(alert->label, label) == 0)
		break;
	if (alert == NULL) {
		if (alerting->alert_count == MAX_ALERTS)
			return;
		alert = mem_zalloc(sizeof *alert);
		alert->rule = rule;
		alert->label = mem_dup(label);
		alert->since_ms = clock_ms();
		alert->wall_ms = clock_wall_ms();
		LIST_INSERT_HEAD(&alerting->alerts, alert, link);
		alerting->alert_count++;
	}
	alert->seen_ms = clock_ms();
}

/* Where conditions come from: log lines, events, the health check. */

/* The word after " label=" in a line, as far as a label may be long. */
static char *word_after(const char *line, size_t len, const char *label)
{
	char *key = mem_printf(" %s=", label);
	const char *at = memmem(line, len, key, strlen(key));
	size_t used = 0;

	if (at != NULL) {
		at += strlen(key);
		len -= (size_t)(at - line);
		while (used < len && used < MAX_LABEL && at[used] > ' ' && at[used] != '"')
			used++;
	}
	free(key);
	return mem_dup_n(at != NULL ? at : "", used);
}

static void read_line(struct fake_alerting *alerting, const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct rule *rule = &rules[i];
		char *label;

		if (rule->source != FROM_LOG ||
		    memmem(line, len, rule->needle, strlen(rule->needle)) == NULL)
			continue;
		label = word_after(line, len, rule->label);
		see(alerting, rule, label);
		free(label);
	}
}

void fake_alerting_log(struct fake_alerting *alerting, const char *lines)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");

		read_line(alerting, lines, len);
		lines += len;
		lines += *lines == '\n' ? 1 : 0;
	}
	evaluate(alerting);
}

void fake_alerting_event(struct fake_alerting *alerting, const char *task, const char *status,
			 const char *output)
{
	char *label = mem_dup_n(task, strnlen(task, MAX_LABEL));
	char when[32];

	alerting->events++;
	clock_rfc3339(clock_wall_ms(), when, sizeof when);
	if (alerting->loud)
		(void)fprintf(stderr,
			      "%s %s level=warn service=alerting msg=\"task stopped\" task=%s "
			      "status=\"%.80s\" output=\"%.*s\"\n",
			      when, alerting->environment, label, status,
			      (int)strcspn(output, "\r\n"), output);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].source == FROM_EVENT)
			see(alerting, &rules[i], label);
	free(label);
	evaluate(alerting);
}

static void on_health(void *arg, int status, const char *body)
{
	struct fake_alerting *alerting = arg;

	(void)body;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].source == FROM_HEALTH && status != 200)
			see(alerting, &rules[i], "");
	evaluate(alerting);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct fake_alerting *alerting = arg;

	(void)fd;
	(void)what;
	if (fake_client_waiting(alerting->health) == 0)
		fake_client_send(alerting->health, "/health", NULL, NULL, NULL, on_health,
				 alerting);
}

static void on_evaluate(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evaluate(arg);
}

/* What can be asked. */

static cJSON *labels_of(const struct fake_alerting *alerting, const struct alert *alert)
{
	cJSON *labels = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(labels, "alertname", alert->rule->name);
	(void)cJSON_AddStringToObject(labels, "environment", alerting->environment);
	if (alert->rule->label != NULL)
		(void)cJSON_AddStringToObject(labels, alert->rule->label, alert->label);
	(void)cJSON_AddStringToObject(labels, "severity", alert->rule->severity);
	return labels;
}

static void add_common(const struct fake_alerting *alerting, const struct alert *alert, cJSON *view,
		       const char *start_key)
{
	cJSON *annotations = cJSON_CreateObject();
	char when[32];

	clock_rfc3339(alert->wall_ms, when, sizeof when);
	(void)cJSON_AddStringToObject(annotations, "runbook", alert->rule->runbook);
	(void)cJSON_AddItemToObject(view, "labels", labels_of(alerting, alert));
	(void)cJSON_AddItemToObject(view, "annotations", annotations);
	(void)cJSON_AddStringToObject(view, start_key, when);
}

static void send_json(struct fake_request *request, cJSON *answer)
{
	char *text = cJSON_PrintUnformatted(answer);

	fake_reply(request, 200, JSON_TYPE, text, strlen(text));
	cJSON_free(text);
	cJSON_Delete(answer);
}

/* https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
static void send_prometheus(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject(), *alerts;
	const struct alert *alert;

	(void)cJSON_AddStringToObject(answer, "status", "success");
	alerts = cJSON_AddArrayToObject(cJSON_AddObjectToObject(answer, "data"), "alerts");
	LIST_FOREACH(alert, &alerting->alerts, link)
	{
		cJSON *view = cJSON_CreateObject();

		add_common(alerting, alert, view, "activeAt");
		(void)cJSON_AddStringToObject(view, "state", alert->firing ? "firing" : "pending");
		(void)cJSON_AddStringToObject(view, "value", "1e+00");
		(void)cJSON_AddItemToArray(alerts, view);
	}
	send_json(request, answer);
}

/* https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
static void send_alertmanager(const struct fake_alerting *alerting, struct fake_request *request)
{
	static const char *const lists[] = {"silencedBy", "inhibitedBy", "mutedBy"};
	cJSON *answer = cJSON_CreateArray();
	const struct alert *alert;

	LIST_FOREACH(alert, &alerting->alerts, link)
	{
		cJSON *view, *receiver, *status;

		if (!alert->firing)
			continue;
		view = cJSON_CreateObject();
		add_common(alerting, alert, view, "startsAt");
		receiver = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(
		    receiver, "name", notifier_receiver(alerting->notifier, alert->rule->name));
		(void)cJSON_AddItemToArray(cJSON_AddArrayToObject(view, "receivers"), receiver);
		status = cJSON_AddObjectToObject(view, "status");
		(void)cJSON_AddStringToObject(status, "state", "active");
		for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
			(void)cJSON_AddArrayToObject(status, lists[i]);
		(void)cJSON_AddItemToArray(answer, view);
	}
	send_json(request, answer);
}

static void send_metrics(const struct fake_alerting *alerting, struct fake_request *request)
{
	struct buf text = {0};

	buf_adds(&text, "# TYPE alerting_fired_total counter\n");
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		buf_addf(&text, "alerting_fired_total{alertname=\"%s\",receiver=\"%s\"} %zu\n",
			 rules[i].name, notifier_receiver(alerting->notifier, rules[i].name),
			 alerting->fired[i]);
	buf_addf(&text,
		 "# TYPE alertmanager_notifications_total counter\n"
		 "alertmanager_notifications_total{integration=\"slack\"} %zu\n"
		 "# TYPE alertmanager_notifications_failed_total counter\n"
		 "alertmanager_notifications_failed_total{integration=\"slack\"} %zu\n",
		 notifier_posted(alerting->notifier) + notifier_failed(alerting->notifier),
		 notifier_failed(alerting->notifier));
	fake_reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text),
		   text.len);
	buf_done(&text);
}

static void take_event(struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *event = cJSON_Parse(fake_request_body(request));
	const cJSON *task = cJSON_GetObjectItemCaseSensitive(event, "task");
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(event, "status");
	const cJSON *output = cJSON_GetObjectItemCaseSensitive(event, "output");

	if (cJSON_IsString(task)) {
		fake_alerting_event(alerting, task->valuestring,
				    cJSON_IsString(status) ? status->valuestring : "",
				    cJSON_IsString(output) ? output->valuestring : "");
		fake_reply_text(request, 202, "accepted\n");
	} else {
		fake_reply_text(request, 400, "An event is {\"task\": NAME, \"status\": TEXT}\n");
	}
	cJSON_Delete(event);
}

static void on_request(void *arg, struct fake_request *request)
{
	struct fake_alerting *alerting = arg;
	const char *path = fake_request_path(request);
	bool post = strcmp(fake_request_verb(request), "POST") == 0;
	bool get = strcmp(fake_request_verb(request), "GET") == 0;

	if (post && strcmp(path, "/logs") == 0) {
		fake_alerting_log(alerting, fake_request_body(request));
		fake_reply_text(request, 202, "accepted\n");
	} else if (post && strcmp(path, "/events") == 0) {
		take_event(alerting, request);
	} else if (get && strcmp(path, "/api/v1/alerts") == 0) {
		send_prometheus(alerting, request);
	} else if (get && strcmp(path, "/api/v2/alerts") == 0) {
		send_alertmanager(alerting, request);
	} else if (get && strcmp(path, "/metrics") == 0) {
		send_metrics(alerting, request);
	} else {
		fake_reply_text(request, 404,
				"There is POST /logs, POST /events, GET /api/v1/alerts, "
				"GET /api/v2/alerts and GET /metrics\n");
	}
}

/* The object. */

struct fake_alerting *fake_alerting_new(struct event_base *base,
					const struct fake_alerting_options *options,
					struct error *error)
{
	struct fake_alerting *alerting = mem_zalloc(sizeof *alerting);

	alerting->base = base;
	alerting->for_ms = options->for_ms;
	alerting->keep_ms = options->keep_ms > 0 ? options->keep_ms : KEEP_MS;
	alerting->loud = options->loud;
	alerting->environment =
	    mem_dup(options->environment != NULL ? options->environment : "staging");
	LIST_INIT(&alerting->alerts);
	alerting->evaluate = evtimer_new(base, on_evaluate, alerting);
	alerting->poll = event_new(base, -1, EV_PERSIST, on_poll, alerting);
	alerting->notifier = notifier_new(base, options, &alerting->wrong, error);
	if (alerting->notifier != NULL && options->health_url != NULL)
		alerting->health = fake_client_new(base, options->health_url, error);
	if (alerting->notifier != NULL && (options->health_url == NULL || alerting->health != NULL))
		alerting->server = fake_server_new(base, options->address, options->port,
						   on_request, alerting, error);
	if (alerting->server == NULL) {
		fake_alerting_free(alerting);
		return NULL;
	}
	if (alerting->health != NULL)
		start_timer(alerting->poll, options->poll_ms > 0 ? options->poll_ms : POLL_MS);
	return alerting;
}

void fake_alerting_free(struct fake_alerting *alerting)
{
	struct alert *alert, *next;

	if (alerting == NULL)
		return;
	event_free(alerting->evaluate);
	event_free(alerting->poll);
	fake_client_free(alerting->health);
	fake_server_free(alerting->server);
	notifier_free(alerting->notifier);
	for (alert = LIST_FIRST(&alerting->alerts); alert != NULL; alert = next) {
		next = LIST_NEXT(alert, link);
		drop(alerting, alert);
	}
	free(alerting->environment);
	free(alerting);
}

const char *fake_alerting_url(const struct fake_alerting *alerting)
{
	return fake_server_url(alerting->server);
}

size_t fake_alerting_firing(const struct fake_alerting *alerting, const char *name)
{
	const struct alert *alert;
	size_t count = 0;

	LIST_FOREACH(alert, &alerting->alerts, link)
	if (alert->firing && (name == NULL || strcmp(alert->rule->name, name) == 0))
		count++;
	return count;
}

size_t fake_alerting_events(const struct fake_alerting *alerting)
{
	return alerting->events;
}

size_t fake_alerting_posted(const struct fake_alerting *alerting)
{
	return notifier_posted(alerting->notifier);
}

size_t fake_alerting_failed(const struct fake_alerting *alerting)
{
	return notifier_failed(alerting->notifier);
}

struct fake_alerting_wrong *fake_alerting_wrong(struct fake_alerting *alerting)
{
	return &alerting->wrong;
}
