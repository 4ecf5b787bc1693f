/* The miniature world: one chat, and in staging and production each an orders API with its alerting.
 *
 * Staging is right: all three alerts reach #ops-staging.  Production has two gaps: the receiver of
 * OrdersQueueMissing has no chat integration, and OrdersHealthDown goes to #general.  Only
 * WorkerStopped reaches #ops. */
#ifndef FAKE_SERVICES_WORLD_H
#define FAKE_SERVICES_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct fake_alerting;
struct fake_route;
struct fake_chat;
struct fake_orders;

struct fake_world_options {
	const char *token; /* of the bot that is in all channels; NULL: "xoxb-firedrill" */
	int64_t tick_ms;   /* 0: 200; between two orders and between two health checks */
	int64_t for_ms;    /* 0: 1000; below 0: none */
	int64_t keep_ms;   /* 0: 1000 */
	bool loud;         /* the services log to stderr */
	bool control;      /* misbehaviours of all services can be set over HTTP */
};

struct fake_environment {
	struct fake_orders *orders;     /* owned */
	struct fake_alerting *alerting; /* owned */
};

/* Its services, without a chat. False with an error; to be stopped in any case. */
MUST_CHECK bool fake_environment_start(struct event_base *base,
				       const struct fake_world_options *options, const char *name,
				       const struct fake_route *routes, size_t route_count,
				       struct fake_environment *environment, struct error *error);
void fake_environment_stop(struct fake_environment *environment);

struct fake_world {
	struct fake_chat *chat; /* owned */
	struct fake_environment staging, production;
};

/* Options may be NULL. The base must outlive it. */
struct fake_world *fake_world_new(struct event_base *base, const struct fake_world_options *options,
				  struct error *error);
void fake_world_free(struct fake_world *world); /* NULL is fine */

/* One line of JSON that says where everything is. Owned by the caller. */
char *fake_world_line(const struct fake_world *world, const char *token);

/* The channels of the world, with the bot in all of them. */
struct fake_chat *fake_world_chat(struct event_base *base, const char *token, const char *address,
				  int port, struct error *error);
extern const char *const fake_world_channels[4];

#endif
