/* Where orders are published: a queue that exists, or not. */
#ifndef FAKE_SERVICES_BROKER_H
#define FAKE_SERVICES_BROKER_H

#include <stdbool.h>

#include "src/base/error.h"

struct broker;

/* What a kind of broker can do. A kind embeds `struct broker` as its first member. */
struct broker_kind {
	/* False with an error that names the queue when the message did not get into it. */
	bool (*publish)(struct broker *broker, const char *queue, const char *body,
			struct error *error);
	void (*free)(struct broker *broker);
};

struct broker {
	const struct broker_kind *kind; /* static */
};

/* In memory; knows one queue and forgets what is published to it. */
struct broker *fake_broker_new_embedded(const char *queue);

/* RabbitMQ at "amqp://user:password@host:port/vhost"; declares the queue, durable. Blocks for up to
 * five seconds when connecting and for each message: for a process of its own only. */
struct broker *fake_broker_new_amqp(const char *url, const char *queue, struct error *error);

MUST_CHECK bool fake_broker_publish(struct broker *broker, const char *queue, const char *body,
				    struct error *error);
void fake_broker_free(struct broker *broker); /* NULL is fine */

#endif
