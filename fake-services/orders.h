/* The orders API: publishes one order every tick to its queue and logs like a real service.
 *
 *	GET, PUT /admin/queue   the queue's name as text
 *	GET, PUT /admin/health  "ok" or "dead"
 *	GET /health             200 "ok", or 503
 *	GET /metrics            Prometheus text
 *	POST /orders            one order more
 *
 * and, where it is allowed, for tests in other languages:
 *
 *	PUT /control/wrong      the misbehaviours below as JSON; those not named are off
 *	GET /control/asked      how many requests below /admin have arrived */
#ifndef FAKE_SERVICES_ORDERS_H
#define FAKE_SERVICES_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct broker;
struct fake_orders;

struct fake_orders_options {
	const char *address;     /* NULL: "127.0.0.1" */
	int port;                /* 0: any free one */
	struct broker *broker;   /* taken, also on failure; NULL: embedded, knows "orders" only */
	const char *queue;       /* NULL: "orders" */
	int64_t tick_ms;         /* 0: 200; below 0: publishes on demand only */
	const char *environment; /* in stderr lines; NULL: none */
	bool loud;               /* log lines go to stderr too */
	bool control;            /* the misbehaviours below can be set over HTTP */
};

/* The base must outlive it. NULL with an error when it cannot listen. */
struct fake_orders *fake_orders_new(struct event_base *base,
				    const struct fake_orders_options *options, struct error *error);
void fake_orders_free(struct fake_orders *orders); /* NULL is fine */
const char *fake_orders_url(const struct fake_orders *orders);

/* Log lines are POSTed to this URL from now on: an alerting service's /logs. */
MUST_CHECK bool fake_orders_send_logs(struct fake_orders *orders, const char *url,
				      struct error *error);

const char *fake_orders_queue(const struct fake_orders *orders); /* borrowed until it changes */
bool fake_orders_healthy(const struct fake_orders *orders);
size_t fake_orders_failures(const struct fake_orders *orders); /* publishes that did not work */
size_t fake_orders_changes(const struct fake_orders *orders);  /* PUTs that arrived */
size_t fake_orders_asked(const struct fake_orders *orders);    /* requests below /admin */

/* Misbehaviours, all off. */
struct fake_orders_wrong {
	bool ignore_put; /* PUT says 200 and changes nothing */
	int put_status;  /* PUT answers this status and changes nothing */
	int puts_pass;   /* that many PUTs are still carried out before the two above begin */
	bool no_logs;    /* failures are not logged */
	bool hang;       /* requests are never answered */
	int delay_ms;    /* requests below /admin and of /health are looked at only after so long */
	int put_delay_ms; /* PUTs are carried out only after so long more: they land late */
};
struct fake_orders_wrong *fake_orders_wrong(struct fake_orders *orders); /* borrowed */

#endif
