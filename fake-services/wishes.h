/* What the command line of a serving command said. */
#ifndef FAKE_SERVICES_WISHES_H
#define FAKE_SERVICES_WISHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_EXTRA 64 /* channels, webhooks, routes of the command line */

struct wishes {
	const char *command; /* borrowed */
	char *address;       /* owned; NULL: 127.0.0.1 */
	int port;
	int64_t tick_ms, for_ms, keep_ms;
	bool stay, quiet, control, ways;
	const char *amqp, *queue, *logs, *health, *environment, *webhook; /* borrowed */
	const char *channels[MAX_EXTRA], *hooks[MAX_EXTRA], *routes[MAX_EXTRA];
	size_t channel_count, hook_count, route_count;
};

enum wishes_of { WISHES_WORLD, WISHES_CHAT, WISHES_ORDERS, WISHES_ALERTING };

/* 0, or the exit code of a misuse that has been told. Texts are borrowed from argv. */
int wishes_read(struct wishes *wishes, enum wishes_of which, int argc, char **argv);
void wishes_done(struct wishes *wishes);

#endif
