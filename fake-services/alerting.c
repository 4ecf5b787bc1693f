/* The alerting service: conditions come in, alerts pend, fire and resolve. */
#include "fake-services/alerting_state.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/alerting_lines.h"
#include "fake-services/client.h"
#include "fake-services/notice.h"
#include "fake-services/notify.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define POLL_MS    200
#define KEEP_MS    1000
#define LOOKS      6 /* at a condition that is not seen any more, until it is over */
#define MAX_LABEL  200
#define MAX_ALERTS 1000

const struct rule fake_alerting_rules[ALERTING_RULES] = {
    {.name = "OrdersQueueMissing",
     .source = FROM_LOG,
     .needle = "msg=\"publish failed\"",
     .query = "count_over_time({service=\"orders\"} |= \"publish failed\" [1s]) > 0",
     .label = "queue",
     .summary = "Orders cannot be published: the queue %s does not exist",
     .severity = "critical",
     .runbook = "https://wiki.example/runbooks/orders-queue"},
    {.name = "WorkerStopped",
     .source = FROM_EVENT,
     .query = "count_over_time({service=\"tasks\"} |= \"task stopped\" [1s]) > 0",
     .label = "task",
     .summary = "The task %s has stopped and is started again and again",
     .severity = "critical",
     .runbook = "https://wiki.example/runbooks/worker-stopped",
     .at_once = true},
    {.name = "OrdersHealthDown",
     .source = FROM_HEALTH,
     .query = "count_over_time({service=\"monitor\"} |= \"health check failed\" [1s]) > 0",
     .summary = "The orders API says that it is not healthy%s",
     .severity = "critical",
     .runbook = "https://wiki.example/runbooks/orders-health"},
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
		      fake_notifier_receiver(alerting->notifier, alert->rule->name));
}

static void notify(struct fake_alerting *alerting, const struct alert *alert, bool resolved)
{
	struct buf summary = {.limit = 1024};
	const char *value = strstr(alert->rule->summary, "%s");

	buf_add(&summary, alert->rule->summary, (size_t)(value - alert->rule->summary));
	buf_adds(&summary, alert->label);
	buf_adds(&summary, value + 2);
	fake_notifier_post(alerting->notifier, &(struct notice){.alert = alert->rule->name,
								.label = alert->label,
								.severity = alert->rule->severity,
								.summary = buf_text(&summary),
								.runbook = alert->rule->runbook,
								.resolved = resolved});
	buf_done(&summary);
}

/* It fires: who is told? */
static void fire(struct fake_alerting *alerting, struct alert *alert)
{
	alert->firing = true;
	alert->fired_wall_ms = clock_wall_ms();
	alerting->fired[alert->rule - fake_alerting_rules]++;
	tell(alerting, "firing", alert);
	if (alerting->wrong.no_delivery) {
		alerting->untold++;
		return;
	}
	alert->told = true;
	alerting->told++;
	notify(alerting, alert, false);
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

	if (alert->quiet == LOOKS) {
		if (alert->firing) {
			tell(alerting, "resolved", alert);
			if (alert->told)
				notify(alerting, alert, true);
		}
		drop(alerting, alert);
	} else if (!alert->firing && now - alert->since_ms >= wait) {
		fire(alerting, alert);
	}
}

/* Looks at all alerts, and again when the next of them fires: an idle service sleeps. */
static void evaluate(struct fake_alerting *alerting)
{
	struct alert *alert, *next;
	int64_t now = clock_ms(), fires = INT64_MAX, look = alerting->keep_ms / (LOOKS - 1);

	for (alert = LIST_FIRST(&alerting->alerts); alert != NULL; alert = next) {
		next = LIST_NEXT(alert, link);
		evaluate_one(alerting, alert, now);
	}
	LIST_FOREACH(alert, &alerting->alerts, link)
	if (!alert->firing && alert->since_ms + alerting->for_ms < fires)
		fires = alert->since_ms + alerting->for_ms;
	if (fires != INT64_MAX)
		start_timer(alerting->evaluate, fires > now ? fires - now : 1);
	if (!LIST_EMPTY(&alerting->alerts) && !evtimer_pending(alerting->look, NULL))
		start_timer(alerting->look, look > 0 ? look : 1);
}

/* The condition of a rule was seen just now. */
static void see(struct fake_alerting *alerting, const struct rule *rule, const char *label)
{
	struct alert *alert;

	if (!fake_alerting_has_rule(alerting, rule))
		return;
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
	alert->quiet = 0;
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
	fake_lines_add(alerting->lines, "orders", line, len);
	for (size_t i = 0; i < ALERTING_RULES; i++) {
		const struct rule *rule = &fake_alerting_rules[i];
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
	if (alerting->wrong.lose_lines)
		return;
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
	char *label, *line, when[32];

	if (alerting->wrong.lose_lines)
		return;
	label = mem_dup_n(task, strnlen(task, MAX_LABEL));
	line = mem_printf("level=error service=tasks msg=\"task stopped\" task=%s status=\"%.80s\" "
			  "output=\"%.*s\"",
			  label, status, (int)strcspn(output, "\r\n"), output);
	alerting->events++;
	clock_rfc3339(clock_wall_ms(), when, sizeof when);
	if (alerting->loud)
		(void)fprintf(stderr, "%s %s %s\n", when, alerting->environment, line);
	fake_lines_add(alerting->lines, "tasks", line, strlen(line));
	free(line);
	for (size_t i = 0; i < ALERTING_RULES; i++)
		if (fake_alerting_rules[i].source == FROM_EVENT)
			see(alerting, &fake_alerting_rules[i], label);
	free(label);
	evaluate(alerting);
}

static void on_health(void *arg, int status, const char *body)
{
	struct fake_alerting *alerting = arg;
	char *line;

	(void)body;
	alerting->was_dead = status != 200;
	if (status == 200 || alerting->wrong.lose_lines) {
		evaluate(alerting);
		return;
	}
	line =
	    mem_printf("level=error service=monitor msg=\"health check failed\" status=%d", status);
	fake_lines_add(alerting->lines, "monitor", line, strlen(line));
	free(line);
	for (size_t i = 0; i < ALERTING_RULES; i++)
		if (fake_alerting_rules[i].source == FROM_HEALTH)
			see(alerting, &fake_alerting_rules[i], "");
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

/* Looks are counted, not time: when the machine had none for us, it had none for what we wait for. */
static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct fake_alerting *alerting = arg;
	struct alert *alert;

	(void)fd;
	(void)what;
	LIST_FOREACH(alert, &alerting->alerts, link)
	alert->quiet++;
	evaluate(alerting);
}

bool fake_alerting_has_rule(const struct fake_alerting *alerting, const struct rule *rule)
{
	const char *missing = alerting->wrong.no_rule;

	return missing == NULL || strcmp(missing, rule->name) != 0;
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
	alerting->control = options->control;
	alerting->started_wall_ms = clock_wall_ms();
	alerting->poll_ms = options->poll_ms > 0 ? options->poll_ms : POLL_MS;
	alerting->health_url = mem_dup(options->health_url);
	alerting->lines = fake_lines_new(alerting->environment);
	LIST_INIT(&alerting->alerts);
	alerting->evaluate = evtimer_new(base, on_evaluate, alerting);
	alerting->look = evtimer_new(base, on_look, alerting);
	alerting->poll = event_new(base, -1, EV_PERSIST, on_poll, alerting);
	alerting->notifier = fake_notifier_new(base, options, &alerting->wrong, error);
	if (alerting->notifier != NULL && options->health_url != NULL)
		alerting->health = fake_client_new(base, options->health_url, error);
	if (alerting->notifier != NULL && (options->health_url == NULL || alerting->health != NULL))
		alerting->server = fake_server_new(base, options->address, options->port,
						   fake_alerting_request, alerting, error);
	if (alerting->server == NULL) {
		fake_alerting_free(alerting);
		return NULL;
	}
	if (alerting->health != NULL)
		start_timer(alerting->poll, alerting->poll_ms);
	return alerting;
}

void fake_alerting_free(struct fake_alerting *alerting)
{
	struct alert *alert, *next;

	if (alerting == NULL)
		return;
	event_free(alerting->evaluate);
	event_free(alerting->look);
	event_free(alerting->poll);
	fake_client_free(alerting->health);
	fake_server_free(alerting->server);
	fake_notifier_free(alerting->notifier);
	for (alert = LIST_FIRST(&alerting->alerts); alert != NULL; alert = next) {
		next = LIST_NEXT(alert, link);
		drop(alerting, alert);
	}
	fake_lines_free(alerting->lines);
	cJSON_Delete(alerting->control_texts);
	free(alerting->health_url);
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
	return fake_notifier_posted(alerting->notifier);
}

size_t fake_alerting_failed(const struct fake_alerting *alerting)
{
	return fake_notifier_failed(alerting->notifier);
}

struct fake_alerting_wrong *fake_alerting_wrong(struct fake_alerting *alerting)
{
	return &alerting->wrong;
}
