/* A server that answers well unless told otherwise. */
#include "tests/probes/hostile.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "src/base/mem.h"

#define FLOOD_AT_ONCE 65536 /* bytes */

static const char usual_answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
				   "Content-Length: 5\r\n\r\nhello";

struct hostile_peer {
	struct hostile *hostile;          /* borrowed */
	struct hostile_peer *next;        /* borrowed */
	struct bufferevent *conversation; /* owned */
	struct event *drip;               /* owned */
	size_t answered;
	bool flooding, ending;
};

static void peer_free(struct hostile_peer *peer)
{
	struct hostile_peer **at = &peer->hostile->first;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	event_free(peer->drip);
	bufferevent_free(peer->conversation);
	free(peer);
}

static void say(struct hostile_peer *peer, const char *text, size_t len)
{
	(void)bufferevent_write(peer->conversation, text, len);
	peer->hostile->sent += len;
}

static void arm_drip(struct hostile_peer *peer)
{
	const struct timeval wait = {.tv_usec = peer->hostile->drip_ms * 1000L};

	(void)event_add(peer->drip, &wait);
}

static void on_drip(evutil_socket_t fd, short what, void *arg)
{
	struct hostile_peer *peer = arg;

	(void)fd;
	(void)what;
	say(peer, peer->hostile->flood, 1);
	arm_drip(peer);
}

static void pour(struct hostile_peer *peer)
{
	const char *flood = peer->hostile->flood;
	size_t len = strlen(flood), poured = 0;

	while (poured < FLOOD_AT_ONCE) {
		say(peer, flood, len);
		poured += len;
	}
}

/* Closing with unsent bytes and no linger time is a reset. */
static void end(struct hostile_peer *peer)
{
	const struct linger none = {.l_onoff = 1};

	if (peer->hostile->end == HOSTILE_RESET)
		(void)setsockopt(bufferevent_getfd(peer->conversation), SOL_SOCKET, SO_LINGER,
				 &none, sizeof none);
	peer_free(peer);
}

static void on_written(struct bufferevent *conversation, void *arg)
{
	struct hostile_peer *peer = arg;

	(void)conversation;
	if (peer->ending)
		end(peer);
	else if (peer->flooding)
		pour(peer);
}

static void answer(struct hostile_peer *peer)
{
	struct hostile *hostile = peer->hostile;

	hostile->requests++;
	if (hostile->patience > 0 && peer->answered == hostile->patience) {
		peer_free(peer);
		return;
	}
	peer->answered++;
	peer->ending = hostile->end != HOSTILE_KEEP;
	peer->flooding = hostile->flood != NULL && hostile->drip_ms == 0;
	if (hostile->answer != NULL)
		say(peer, hostile->answer,
		    hostile->answer_len > 0 ? hostile->answer_len : strlen(hostile->answer));
	if (hostile->flood != NULL && hostile->drip_ms > 0)
		arm_drip(peer);
	if (hostile->answer == NULL && peer->ending)
		end(peer);
}

/* Bytes of a whole request at the start of input, 0 while some are missing. */
static size_t request_len(const char *input, size_t len)
{
	const char *head = memmem(input, len, "\r\n\r\n", 4);
	const char *body = memmem(input, len, "Content-Length: ", 16);
	size_t total;

	if (head == NULL)
		return 0;
	total = (size_t)(head - input) + 4;
	if (body != NULL && body < head)
		total += strtoul(body + 16, NULL, 10);
	return total <= len ? total : 0;
}

static void on_read(struct bufferevent *conversation, void *arg)
{
	struct hostile_peer *peer = arg;
	struct evbuffer *input = bufferevent_get_input(conversation);
	size_t len = evbuffer_get_length(input);
	const char *data = (const char *)evbuffer_pullup(input, -1);
	size_t whole = data != NULL ? request_len(data, len) : 0;

	if (whole == 0)
		return;
	(void)snprintf(peer->hostile->request, sizeof peer->hostile->request, "%.*s", (int)whole,
		       data);
	(void)evbuffer_drain(input, whole);
	answer(peer);
}

static void on_event(struct bufferevent *conversation, short what, void *arg)
{
	(void)conversation;
	(void)what;
	peer_free(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int len, void *arg)
{
	struct hostile *hostile = arg;
	struct hostile_peer *peer = mem_zalloc(sizeof *peer);

	(void)listener;
	(void)address;
	(void)len;
	hostile->connections++;
	*peer = (struct hostile_peer){.hostile = hostile, .next = hostile->first};
	hostile->first = peer;
	peer->conversation = bufferevent_socket_new(hostile->base, fd, BEV_OPT_CLOSE_ON_FREE);
	peer->drip = evtimer_new(hostile->base, on_drip, peer);
	assert_non_null(peer->conversation);
	assert_non_null(peer->drip);
	bufferevent_setcb(peer->conversation, on_read, on_written, on_event, peer);
	if (!hostile->deaf)
		(void)bufferevent_enable(peer->conversation, EV_READ | EV_WRITE);
	if (hostile->greeting != NULL)
		say(peer, hostile->greeting, strlen(hostile->greeting));
}

struct hostile *hostile_new(struct event_base *base)
{
	struct hostile *hostile = mem_zalloc(sizeof *hostile);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	hostile->base = base;
	hostile->answer = usual_answer;
	hostile->listener = evconnlistener_new_bind(base, on_accept, hostile,
						    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
						    128, (struct sockaddr *)&address, (int)len);
	assert_non_null(hostile->listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(hostile->listener),
				     (struct sockaddr *)&address, &len),
			 0);
	(void)snprintf(hostile->url, sizeof hostile->url, "http://127.0.0.1:%d",
		       ntohs(address.sin_port));
	return hostile;
}

void hostile_free(struct hostile *hostile)
{
	if (hostile == NULL)
		return;
	while (hostile->first != NULL)
		peer_free(hostile->first);
	evconnlistener_free(hostile->listener);
	free(hostile);
}
