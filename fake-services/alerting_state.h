/* What the alerting service remembers.  Internal to alerting*.c. */
#ifndef FAKE_SERVICES_ALERTING_STATE_H
#define FAKE_SERVICES_ALERTING_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "fake-services/alerting.h"

#define ALERTING_RULES 3

struct cJSON;
struct event;
struct fake_client;
struct fake_request;
struct fake_server;
struct lines;
struct notifier;

enum source { FROM_LOG, FROM_EVENT, FROM_HEALTH };

struct rule {
	const char *name;
	enum source source;
	const char *needle;  /* in a log line */
	const char *query;   /* what it reads, in LogQL, for those who ask */
	const char *label;   /* its name; NULL: none */
	const char *summary; /* %s: the label's value */
	const char *severity, *runbook;
	bool at_once; /* fires without waiting: one event is enough */
};

extern const struct rule fake_alerting_rules[ALERTING_RULES];

/* Is it loaded? */
bool fake_alerting_has_rule(const struct fake_alerting *alerting, const struct rule *rule);

/* A condition that holds: pending, then firing. */
struct alert {
	const struct rule *rule;
	char *label; /* owned; "" for none */
	bool firing;
	int quiet;             /* looks since its condition was seen */
	int64_t since_ms;      /* clock_ms() */
	int64_t wall_ms;       /* when it began, by the wall clock */
	int64_t fired_wall_ms; /* when it fired; 0: it is pending */
	bool told;             /* it was given to the notifier */
	LIST_ENTRY(alert) link;
};

struct fake_alerting {
	struct event_base *base;              /* borrowed */
	struct fake_server *server;           /* owned */
	struct fake_client *health;           /* owned; NULL: no health check */
	struct notifier *notifier;            /* owned */
	struct event *evaluate, *look, *poll; /* owned */
	char *environment;                    /* owned */
	int64_t for_ms, keep_ms;
	bool loud;
	size_t events;
	size_t told, untold; /* alerts that fired: given to the notifier, and not */
	int64_t started_wall_ms;
	int64_t poll_ms;
	char *health_url; /* owned; NULL: no health check */
	bool was_dead;    /* the last health check failed */
	bool control;
	struct cJSON *control_texts; /* owned; texts that `wrong` points to */
	struct lines *lines;         /* owned; what came in */
	size_t fired[ALERTING_RULES];
	struct fake_alerting_wrong wrong;
	LIST_HEAD(, alert) alerts; /* owned */
	size_t alert_count;
};

/* alerting_api.c: the server's handler; arg is the service. */
void fake_alerting_request(void *arg, struct fake_request *request);

/* alerting_views.c: what it tells of itself. False: there is no such path. */
bool fake_alerting_show(const struct fake_alerting *alerting, struct fake_request *request);

#endif
