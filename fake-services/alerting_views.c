/* What the alerting service tells of itself, as Prometheus, Alertmanager and Loki would. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/alerting_lines.h"
#include "fake-services/alerting_setup.h"
#include "fake-services/alerting_state.h"
#include "fake-services/notify.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define VERSION "0.27.0" /* of Alertmanager, as far as the answers go */

static void add_time(cJSON *object, const char *key, int64_t wall_ms)
{
	char when[32];

	clock_rfc3339(wall_ms, when, sizeof when);
	(void)cJSON_AddStringToObject(object, key, when);
}

static void send_json(struct fake_request *request, cJSON *answer)
{
	char *text = cJSON_PrintUnformatted(answer);

	fake_reply(request, 200, "application/json", text, strlen(text));
	cJSON_free(text);
	cJSON_Delete(answer);
}

/* Prometheus' envelope; the data to be filled. */
static cJSON *success(cJSON *answer)
{
	(void)cJSON_AddStringToObject(answer, "status", "success");
	return cJSON_AddObjectToObject(answer, "data");
}

/* Alerts. */

static void add_labels(const struct fake_alerting *alerting, const struct alert *alert, cJSON *view)
{
	cJSON *labels = cJSON_AddObjectToObject(view, "labels");

	(void)cJSON_AddStringToObject(labels, "alertname", alert->rule->name);
	(void)cJSON_AddStringToObject(labels, "environment", alerting->environment);
	if (alert->rule->label != NULL)
		(void)cJSON_AddStringToObject(labels, alert->rule->label, alert->label);
	(void)cJSON_AddStringToObject(labels, "severity", alert->rule->severity);
}

static void add_annotations(const struct rule *rule, const char *label, cJSON *view)
{
	cJSON *annotations = cJSON_AddObjectToObject(view, "annotations");
	const char *value = strstr(rule->summary, "%s");
	char *summary =
	    mem_printf("%.*s%s%s", (int)(value - rule->summary), rule->summary, label, value + 2);

	(void)cJSON_AddStringToObject(annotations, "summary", summary);
	(void)cJSON_AddStringToObject(annotations, "runbook", rule->runbook);
	free(summary);
}

static cJSON *prometheus_alert(const struct fake_alerting *alerting, const struct alert *alert)
{
	cJSON *view = cJSON_CreateObject();

	add_labels(alerting, alert, view);
	add_annotations(alert->rule, alert->label, view);
	(void)cJSON_AddStringToObject(view, "state", alert->firing ? "firing" : "pending");
	add_time(view, "activeAt", alert->wall_ms);
	(void)cJSON_AddStringToObject(view, "value", "1e+00");
	return view;
}

/* https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
static void send_alerts_1(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(success(answer), "alerts");
	const struct alert *alert;

	LIST_FOREACH(alert, &alerting->alerts, link)
	(void)cJSON_AddItemToArray(list, prometheus_alert(alerting, alert));
	send_json(request, answer);
}

/* Rules. */

static cJSON *rule_view(const struct fake_alerting *alerting, const struct rule *rule)
{
	const struct alert *alert;
	cJSON *view = cJSON_CreateObject(), *labels, *list;
	const char *state = "inactive";
	char *label =
	    rule->label != NULL ? mem_printf("{{ $labels.%s }}", rule->label) : mem_dup("");

	(void)cJSON_AddStringToObject(view, "name", rule->name);
	(void)cJSON_AddStringToObject(view, "query", rule->query);
	(void)cJSON_AddNumberToObject(view, "duration",
				      rule->at_once ? 0 : (double)alerting->for_ms / 1000);
	(void)cJSON_AddNumberToObject(view, "keepFiringFor", 0);
	labels = cJSON_AddObjectToObject(view, "labels");
	(void)cJSON_AddStringToObject(labels, "environment", alerting->environment);
	(void)cJSON_AddStringToObject(labels, "severity", rule->severity);
	add_annotations(rule, label, view);
	free(label);
	list = cJSON_AddArrayToObject(view, "alerts");
	LIST_FOREACH(alert, &alerting->alerts, link)
	{
		if (alert->rule != rule)
			continue;
		(void)cJSON_AddItemToArray(list, prometheus_alert(alerting, alert));
		if (alert->firing || strcmp(state, "firing") != 0)
			state = alert->firing ? "firing" : "pending";
	}
	(void)cJSON_AddStringToObject(view, "health", "ok");
	(void)cJSON_AddStringToObject(view, "type", "alerting");
	(void)cJSON_AddStringToObject(view, "state", state);
	add_time(view, "lastEvaluation", clock_wall_ms());
	return view;
}

/* https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
static void send_rules(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject(), *group = cJSON_CreateObject(), *rules;

	(void)cJSON_AddItemToArray(cJSON_AddArrayToObject(success(answer), "groups"), group);
	(void)cJSON_AddStringToObject(group, "name", "orders");
	(void)cJSON_AddStringToObject(group, "file", "rules.yml");
	(void)cJSON_AddNumberToObject(group, "interval", (double)alerting->poll_ms / 1000);
	rules = cJSON_AddArrayToObject(group, "rules");
	for (size_t i = 0; i < ALERTING_RULES; i++)
		if (fake_alerting_has_rule(alerting, &fake_alerting_rules[i]))
			(void)cJSON_AddItemToArray(rules,
						   rule_view(alerting, &fake_alerting_rules[i]));
	send_json(request, answer);
}

/* The rest of Prometheus. */

static void send_targets(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject(), *data = success(answer), *target, *labels;
	cJSON *list = cJSON_AddArrayToObject(data, "activeTargets");
	char *interval = mem_printf("%lldms", (long long)alerting->poll_ms);

	(void)cJSON_AddArrayToObject(data, "droppedTargets");
	if (alerting->health_url != NULL) {
		target = cJSON_CreateObject();
		(void)cJSON_AddItemToArray(list, target);
		labels = cJSON_AddObjectToObject(target, "labels");
		(void)cJSON_AddStringToObject(labels, "job", "orders");
		(void)cJSON_AddStringToObject(labels, "instance", alerting->health_url);
		(void)cJSON_AddStringToObject(target, "scrapePool", "orders");
		(void)cJSON_AddStringToObject(target, "scrapeInterval", interval);
		(void)cJSON_AddStringToObject(target, "scrapeTimeout", interval);
		(void)cJSON_AddStringToObject(target, "health", alerting->was_dead ? "down" : "up");
		(void)cJSON_AddStringToObject(target, "lastError",
					      alerting->was_dead ? "the health check failed" : "");
	}
	free(interval);
	send_json(request, answer);
}

static void send_alertmanagers(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject(), *data = success(answer);
	cJSON *active = cJSON_AddArrayToObject(data, "activeAlertmanagers");
	cJSON *one = cJSON_CreateObject();
	char *url = mem_printf("%s/api/v2/alerts", fake_alerting_url(alerting));

	(void)cJSON_AddItemToArray(active, one);
	(void)cJSON_AddStringToObject(one, "url", url);
	(void)cJSON_AddArrayToObject(data, "droppedAlertmanagers");
	free(url);
	send_json(request, answer);
}

static void send_config_1(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject();
	char *yaml = fake_alerting_rules_yaml(alerting);

	(void)cJSON_AddStringToObject(success(answer), "yaml", yaml);
	free(yaml);
	send_json(request, answer);
}

/* Alertmanager: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */

/* The same alert has the same one: FNV-1a over its name and label. */
static void add_fingerprint(const struct alert *alert, cJSON *view)
{
	char *key = mem_printf("%s/%s", alert->rule->name, alert->label);
	uint64_t hash = UINT64_C(14695981039346656037);
	char text[20];

	for (const char *at = key; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	(void)snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
	(void)cJSON_AddStringToObject(view, "fingerprint", text);
	free(key);
}

static cJSON *alertmanager_alert(const struct fake_alerting *alerting, const struct alert *alert)
{
	static const char *const lists[] = {"silencedBy", "inhibitedBy", "mutedBy"};
	cJSON *view = cJSON_CreateObject(), *receiver = cJSON_CreateObject(), *status;

	add_labels(alerting, alert, view);
	add_annotations(alert->rule, alert->label, view);
	add_time(view, "startsAt", alert->fired_wall_ms);
	add_time(view, "updatedAt", alert->fired_wall_ms);
	add_time(view, "endsAt", clock_wall_ms() + alerting->keep_ms);
	add_fingerprint(alert, view);
	(void)cJSON_AddStringToObject(
	    receiver, "name", fake_notifier_receiver(alerting->notifier, alert->rule->name));
	(void)cJSON_AddItemToArray(cJSON_AddArrayToObject(view, "receivers"), receiver);
	status = cJSON_AddObjectToObject(view, "status");
	(void)cJSON_AddStringToObject(status, "state", "active");
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		(void)cJSON_AddArrayToObject(status, lists[i]);
	return view;
}

static void send_alerts_2(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateArray();
	const struct alert *alert;

	LIST_FOREACH(alert, &alerting->alerts, link)
	if (alert->told)
		(void)cJSON_AddItemToArray(answer, alertmanager_alert(alerting, alert));
	send_json(request, answer);
}

static void send_silences(const struct fake_alerting *alerting, struct fake_request *request)
{
	(void)alerting;
	send_json(request, cJSON_CreateArray());
}

static void send_receivers(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateArray();
	struct notifier_route route;

	for (size_t i = 0; fake_notifier_route(alerting->notifier, i, &route); i++) {
		cJSON *one = route.first ? cJSON_CreateObject() : NULL;

		if (one == NULL)
			continue;
		(void)cJSON_AddStringToObject(one, "name", route.receiver);
		(void)cJSON_AddItemToArray(answer, one);
	}
	send_json(request, answer);
}

static void send_status(const struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *answer = cJSON_CreateObject(), *cluster;
	char *yaml = fake_alerting_routes_yaml(alerting);

	cluster = cJSON_AddObjectToObject(answer, "cluster");
	(void)cJSON_AddStringToObject(cluster, "status", "disabled");
	(void)cJSON_AddArrayToObject(cluster, "peers");
	(void)cJSON_AddStringToObject(cJSON_AddObjectToObject(answer, "config"), "original", yaml);
	(void)cJSON_AddStringToObject(cJSON_AddObjectToObject(answer, "versionInfo"), "version",
				      VERSION);
	add_time(answer, "uptime", alerting->started_wall_ms);
	free(yaml);
	send_json(request, answer);
}

/* Counters of both. */

static void add_receiver_counts(struct buf *text, const struct fake_alerting *alerting,
				const char *receiver)
{
	struct notifier_counts counts = fake_notifier_counts(alerting->notifier, receiver);
	const struct {
		const char *name;
		size_t count;
	} lines[] = {{"notifications_total", counts.begun},
		     {"notifications_failed_total", counts.failed},
		     {"notification_requests_total", counts.posted + counts.failed},
		     {"notification_requests_failed_total", counts.failed}};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		buf_addf(text, "alertmanager_%s{integration=\"slack\",receiver_name=\"%s\"} %zu\n",
			 lines[i].name, receiver, lines[i].count);
}

static void add_fired(struct buf *text, const struct fake_alerting *alerting)
{
	for (size_t i = 0; i < ALERTING_RULES; i++)
		buf_addf(text, "alerting_fired_total{alertname=\"%s\",receiver=\"%s\"} %zu\n",
			 fake_alerting_rules[i].name,
			 fake_notifier_receiver(alerting->notifier, fake_alerting_rules[i].name),
			 alerting->fired[i]);
}

static void send_metrics(const struct fake_alerting *alerting, struct fake_request *request)
{
	struct notifier_route route;
	struct buf text = {0};

	add_fired(&text, alerting);
	buf_addf(&text,
		 "prometheus_config_last_reload_successful 1\n"
		 "prometheus_notifications_sent_total{alertmanager=\"%s\"} %zu\n"
		 "prometheus_notifications_errors_total{alertmanager=\"%s\"} %zu\n"
		 "prometheus_notifications_dropped_total 0\n"
		 "prometheus_notifications_queue_length 0\n"
		 "alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} %zu\n"
		 "alertmanager_alerts_invalid_total{version=\"v2\"} 0\n",
		 fake_alerting_url(alerting), alerting->told, fake_alerting_url(alerting),
		 alerting->untold, alerting->told);
	for (size_t i = 0; fake_notifier_route(alerting->notifier, i, &route); i++)
		if (route.posts && route.first)
			add_receiver_counts(&text, alerting, route.receiver);
	fake_reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&text),
		   text.len);
	buf_done(&text);
}

static void send_lines(const struct fake_alerting *alerting, struct fake_request *request)
{
	fake_lines_send(alerting->lines, request);
}

bool fake_alerting_show(const struct fake_alerting *alerting, struct fake_request *request)
{
	static const struct {
		const char *path;
		void (*send)(const struct fake_alerting *alerting, struct fake_request *request);
	} views[] = {{"/loki/api/v1/query_range", send_lines},
		     {"/api/v1/rules", send_rules},
		     {"/api/v1/targets", send_targets},
		     {"/api/v1/alertmanagers", send_alertmanagers},
		     {"/api/v1/alerts", send_alerts_1},
		     {"/api/v1/status/config", send_config_1},
		     {"/api/v2/alerts", send_alerts_2},
		     {"/api/v2/silences", send_silences},
		     {"/api/v2/status", send_status},
		     {"/api/v2/receivers", send_receivers},
		     {"/metrics", send_metrics}};

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
		if (strcmp(fake_request_path(request), views[i].path) != 0)
			continue;
		views[i].send(alerting, request);
		return true;
	}
	return false;
}
