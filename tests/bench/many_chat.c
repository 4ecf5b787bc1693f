/* A fake chat in a process of its own, that posts alerts at a steady rate. */
#include "tests/bench/many_chat.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-services/chat.h"
#include "src/base/mem.h"

#define TICKS_A_SECOND 20

struct poster {
	struct event_base *base;
	struct fake_chat *chat;
	char (*ids)[ID_LEN]; /* waiting to be posted, in order */
	size_t count, at;
};

static void on_order(evutil_socket_t fd, short what, void *arg)
{
	struct poster *poster = arg;
	char id[ID_LEN];

	(void)what;
	if (read(fd, id, sizeof id) != (ssize_t)sizeof id) {
		(void)event_base_loopbreak(poster->base);
		return;
	}
	poster->ids = mem_grow(poster->ids, poster->count + 1, sizeof *poster->ids);
	memcpy(poster->ids[poster->count++], id, sizeof id);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct poster *poster = arg;

	(void)fd;
	(void)what;
	for (int i = 0; i < MANY_CHAT_RATE / TICKS_A_SECOND && poster->at < poster->count; i++) {
		char text[64];
		const struct fake_post post = {.text = text, .username = "alerts"};

		(void)snprintf(text, sizeof text, "[FIRING:1] BenchAlert (%.*s)", ID_LEN,
			       poster->ids[poster->at++]);
		(void)fake_chat_post(poster->chat, "ops", &post);
	}
}

static void serve(int orders, int ready)
{
	const struct fake_chat_options options = {.token = MANY_CHAT_TOKEN};
	const struct timeval tick = {.tv_usec = 1000000 / TICKS_A_SECOND};
	struct poster poster = {.base = event_base_new()};
	struct error error = {""};
	const char *url;

	poster.chat = fake_chat_new(poster.base, &options, &error);
	if (poster.chat == NULL)
		_exit(1);
	(void)fake_chat_add_channel(poster.chat, "ops", FAKE_MEMBER);
	(void)event_add(event_new(poster.base, orders, EV_READ | EV_PERSIST, on_order, &poster),
			NULL);
	(void)event_add(event_new(poster.base, -1, EV_PERSIST, on_tick, &poster), &tick);
	url = fake_chat_url(poster.chat);
	(void)!write(ready, url, strlen(url));
	(void)close(ready);
	(void)event_base_dispatch(poster.base);
	_exit(0);
}

void many_chat_start(struct many_chat *ret_chat)
{
	int orders[2], ready[2];
	ssize_t len;

	if (pipe(orders) != 0 || pipe(ready) != 0)
		exit(1);
	*ret_chat = (struct many_chat){.pid = fork(), .orders = orders[1]};
	if (ret_chat->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(orders[1]);
		(void)close(ready[0]);
		serve(orders[0], ready[1]);
	}
	(void)close(orders[0]);
	(void)close(ready[1]);
	len = read(ready[0], ret_chat->url, sizeof ret_chat->url - 1);
	(void)close(ready[0]);
	if (ret_chat->pid < 0 || len <= 0)
		exit(1);
}

void many_chat_alert(const struct many_chat *chat, const char id[ID_LEN + 1])
{
	(void)!write(chat->orders, id, ID_LEN);
}

void many_chat_stop(const struct many_chat *chat)
{
	(void)close(chat->orders);
	(void)waitpid(chat->pid, NULL, 0);
}
