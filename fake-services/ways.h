/* The ways in which an alert gets lost, each in an environment of its own: what firedrill proves
 * itself with.  One chat, and for each way an orders API, its alerting and a channel. */
#ifndef FAKE_SERVICES_WAYS_H
#define FAKE_SERVICES_WAYS_H

#include <stddef.h>

#include "fake-services/world.h"

struct fake_ways;

/* Options may be NULL. The base must outlive it. */
struct fake_ways *fake_ways_new(struct event_base *base, const struct fake_world_options *options,
				struct error *error);
void fake_ways_free(struct fake_ways *ways); /* NULL is fine */

/* A task stops in the environment "false-alarm", which nobody has broken. */
void fake_ways_alarm(struct fake_ways *ways);

/* One line of JSON: {"chat": URL, "token": "...", "ways": [{"way": NAME, "channel": "#NAME",
 * "orders": URL, "alerting": URL}, ...]}. Owned by the caller. */
char *fake_ways_line(const struct fake_ways *ways, const char *token);

struct fake_chat *fake_ways_chat(const struct fake_ways *ways); /* borrowed */
/* One of them by name; NULL: there is no such way. Borrowed. */
const struct fake_environment *fake_ways_find(const struct fake_ways *ways, const char *name);

#endif
