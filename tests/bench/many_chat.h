/* A fake chat in a process of its own, that posts alerts at a steady rate when it is told to. */
#ifndef TESTS_BENCH_MANY_CHAT_H
#define TESTS_BENCH_MANY_CHAT_H

#include <stddef.h>
#include <sys/types.h>

#include "src/base/id.h"

struct many_chat {
	pid_t pid;
	int orders;    /* write end: ids go in, one alert for each comes out in the channel #ops */
	char url[128]; /* of the chat */
};

#define MANY_CHAT_TOKEN "xoxb-bench"
#define MANY_CHAT_RATE  20 /* alerts a second: one page a poll */

/* Forks; to be called before the caller has an event base. Ends the process when it fails. */
void many_chat_start(struct many_chat *ret_chat);
void many_chat_alert(const struct many_chat *chat, const char id[ID_LEN + 1]);
void many_chat_stop(const struct many_chat *chat);

#endif
