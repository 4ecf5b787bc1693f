/* What the alerting service is told and asked over HTTP. */
#include <cjson/cJSON.h>
#include <string.h>

#include "fake-services/alerting_state.h"
#include "fake-services/notify.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"

#define JSON_TYPE "application/json"

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
		    receiver, "name",
		    fake_notifier_receiver(alerting->notifier, alert->rule->name));
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
	for (size_t i = 0; i < ALERTING_RULES; i++)
		buf_addf(&text, "alerting_fired_total{alertname=\"%s\",receiver=\"%s\"} %zu\n",
			 fake_alerting_rules[i].name,
			 fake_notifier_receiver(alerting->notifier, fake_alerting_rules[i].name),
			 alerting->fired[i]);
	buf_addf(&text,
		 "# TYPE alertmanager_notifications_total counter\n"
		 "alertmanager_notifications_total{integration=\"slack\"} %zu\n"
		 "# TYPE alertmanager_notifications_failed_total counter\n"
		 "alertmanager_notifications_failed_total{integration=\"slack\"} %zu\n",
		 fake_notifier_posted(alerting->notifier) +
		     fake_notifier_failed(alerting->notifier),
		 fake_notifier_failed(alerting->notifier));
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

void fake_alerting_request(void *arg, struct fake_request *request)
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
