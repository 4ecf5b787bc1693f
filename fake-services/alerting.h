/* A small alerting service: rules over log lines, task events and a health check; `for`; routes to
 * receivers; firing and resolved messages as Prometheus Alertmanager posts them to Slack.
 *
 *	POST /logs           lines of text
 *	POST /events         {"task": "...", "status": "...", "output": "..."}: a task has stopped
 *
 * and what it tells of itself, so that each of its stations can be asked where an alert was lost; it
 * is what has happened, whatever is wrong:
 *
 *	GET /loki/api/v1/query_range     as Loki: the lines that came in
 *	GET /api/v1/rules, /targets, /alertmanagers, /alerts, /status/config    as Prometheus
 *	GET /api/v2/alerts, /silences, /status, /receivers    as Alertmanager
 *	GET /metrics                     Prometheus text, of both
 *
 * and, where it is allowed:
 *
 *	PUT /control/wrong   the misbehaviours below as JSON; those not named are off
 *
 * Rules: OrdersQueueMissing (label queue, from the log line "publish failed"), WorkerStopped (label
 * task, from task events), OrdersHealthDown (no label of its own, from the health check). */
#ifndef FAKE_SERVICES_ALERTING_H
#define FAKE_SERVICES_ALERTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct fake_alerting;

/* Where alerts of one name go. With neither webhook nor api the receiver posts nowhere. */
struct fake_route {
	const char *alert;    /* the alert's name; NULL: all that no route before took */
	const char *receiver; /* its name, for logs and the API */
	const char *webhook;  /* URL of an incoming webhook */
	const char *api;      /* or the chat's API, "http://127.0.0.1:1234/api", */
	const char *token;    /* with a bot's token */
	const char *channel;  /* and a channel */
};

#define FAKE_MAX_ROUTES 16

struct fake_alerting_options {
	const char *address;     /* NULL: "127.0.0.1" */
	int port;                /* 0: any free one */
	const char *environment; /* a label of every alert; NULL: "staging" */
	const char *health_url;  /* polled: anything but 200 is bad; NULL: no health check */
	int64_t poll_ms;         /* 0: 200; of the health check */
	int64_t for_ms;          /* a condition must hold this long before it fires; 0: at once */
	int64_t keep_ms;         /* 0: 1000; a condition not seen for this long is over */
	const struct fake_route *routes; /* copied */
	size_t route_count; /* at most FAKE_MAX_ROUTES; an alert without one is not posted */
	bool loud;          /* what happens is told on stderr */
	bool control;       /* the misbehaviours below can be set over HTTP */
};

/* The base must outlive it. NULL with an error when it cannot listen or a URL is unusable. */
struct fake_alerting *fake_alerting_new(struct event_base *base,
					const struct fake_alerting_options *options,
					struct error *error);
void fake_alerting_free(struct fake_alerting *alerting); /* NULL is fine */
const char *fake_alerting_url(const struct fake_alerting *alerting);

/* The same as the requests, from C. */
void fake_alerting_log(struct fake_alerting *alerting, const char *lines);
void fake_alerting_event(struct fake_alerting *alerting, const char *task, const char *status,
			 const char *output);

size_t fake_alerting_firing(const struct fake_alerting *alerting,
			    const char *alert);                    /* NULL: any */
size_t fake_alerting_events(const struct fake_alerting *alerting); /* stops of tasks so far */
size_t fake_alerting_posted(const struct fake_alerting *alerting); /* that a chat said yes to */
size_t fake_alerting_failed(const struct fake_alerting *alerting); /* posts that did not work */

/* Misbehaviours, all off. */
struct fake_alerting_wrong {
	bool lose_lines;     /* what comes in is thanked for and thrown away */
	const char *no_rule; /* this rule is not loaded; borrowed */
	bool no_delivery;    /* what fires is told to no Alertmanager */
	bool drop_alert;     /* fires, posts nothing */
	int64_t delay_ms;    /* posts this much later */
	bool duplicate;      /* posts everything twice */
	const char
	    *wrong_channel; /* posts there instead: a channel, or with a webhook route the URL of
				      another one; borrowed */
	bool no_resolved;   /* never says that it is over */
	bool garble; /* the text is what a broken template leaves of it; the title is right */
	bool resolved_as_edit;  /* edits the first message; needs a token route */
	bool resolved_as_reply; /* says so in the first message's thread; needs a token route */
};
struct fake_alerting_wrong *fake_alerting_wrong(struct fake_alerting *alerting); /* borrowed */

#endif
