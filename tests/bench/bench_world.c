/* A pipeline without any latency of its own: switches that post the alert into a fake chat at once.
 * What is left of a drill's time is firedrill's. Runs until its standard input ends. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-services/chat.h"
#include "src/base/mem.h"

#define SWITCHES 64

struct world {
	struct event_base *base;
	struct fake_chat *chat;     /* owned */
	char values[SWITCHES][256]; /* of /switch, which is /switch/0, and /switch/1 and so on */
};

static void alert(struct world *world, const char *value)
{
	char text[320];
	const struct fake_post post = {.text = text, .username = "alerts"};

	(void)snprintf(text, sizeof text, "[FIRING:1] BenchAlert (%s)", value);
	(void)fake_chat_post(world->chat, "ops", &post);
}

static void on_switch(struct evhttp_request *request, void *arg)
{
	struct world *world = arg;
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const char *number = strrchr(path, '/') + 1;
	char *value = world->values[strtoul(number, NULL, 10) % SWITCHES];
	struct evbuffer *body = evhttp_request_get_input_buffer(request), *answer = evbuffer_new();

	if (evhttp_request_get_command(request) == EVHTTP_REQ_PUT) {
		ev_ssize_t len = evbuffer_copyout(body, value, sizeof world->values[0] - 1);

		value[len > 0 ? len : 0] = '\0';
		if (strcmp(value, "whole") != 0)
			alert(world, value);
	}
	(void)evbuffer_add_printf(answer, "%s", value);
	evhttp_send_reply(request, 200, "OK", answer);
	evbuffer_free(answer);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	char drop[64];

	(void)what;
	if (read(fd, drop, sizeof drop) <= 0)
		(void)event_base_loopbreak(arg);
}

int main(void)
{
	const struct fake_chat_options options = {.token = "xoxb-bench"};
	struct world world = {.base = event_base_new()};
	struct evhttp *http = evhttp_new(world.base);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	struct event *input =
	    event_new(world.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, world.base);
	struct error error = {""};
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	for (size_t i = 0; i < SWITCHES; i++)
		(void)snprintf(world.values[i], sizeof world.values[i], "whole");
	world.chat = fake_chat_new(world.base, &options, &error);
	if (world.chat == NULL || bound == NULL ||
	    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len) !=
		0) {
		(void)fprintf(stderr, "bench_world: %s\n", error.text);
		return 1;
	}
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_PUT);
	evhttp_set_gencb(http, on_switch, &world);
	(void)fake_chat_add_channel(world.chat, "ops", FAKE_MEMBER);
	(void)event_add(input, NULL);
	(void)printf("{\"chat\":\"%s\",\"switch\":\"http://127.0.0.1:%d/switch\"}\n",
		     fake_chat_url(world.chat), ntohs(address.sin_port));
	(void)fflush(stdout);
	(void)event_base_dispatch(world.base);
	event_free(input);
	evhttp_free(http);
	fake_chat_free(world.chat);
	event_base_free(world.base);
	return 0;
}
