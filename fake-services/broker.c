/* The embedded broker. */
#include "fake-services/broker.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct embedded {
	struct broker broker;
	char *queue; /* owned */
};

static bool embedded_publish(struct broker *broker, const char *queue, const char *body,
			     struct error *error)
{
	const struct embedded *embedded = (const struct embedded *)broker;

	(void)body;
	if (strcmp(queue, embedded->queue) == 0)
		return true;
	return error_set(error, "NOT_FOUND - no queue '%s' in vhost '/'", queue);
}

static void embedded_free(struct broker *broker)
{
	struct embedded *embedded = (struct embedded *)broker;

	free(embedded->queue);
	free(embedded);
}

static const struct broker_kind kind = {.publish = embedded_publish, .free = embedded_free};

struct broker *fake_broker_new_embedded(const char *queue)
{
	struct embedded *embedded = mem_zalloc(sizeof *embedded);

	embedded->broker.kind = &kind;
	embedded->queue = mem_dup(queue);
	return &embedded->broker;
}

bool fake_broker_publish(struct broker *broker, const char *queue, const char *body,
			 struct error *error)
{
	return broker->kind->publish(broker, queue, body, error);
}

void fake_broker_free(struct broker *broker)
{
	if (broker != NULL)
		broker->kind->free(broker);
}
