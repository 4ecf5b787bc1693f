/* An HTTP server for the fakes. */
#include "fake-services/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "src/base/mem.h"

#define MAX_BODY    ((ev_ssize_t)8 * 1024 * 1024)
#define MAX_HEADERS ((ev_ssize_t)64 * 1024)
#define MAX_PAIRS   200

enum held_end { HELD_FOR_EVER, HELD_UNTIL_SENT, HELD_UNTIL_CLOSED, HELD_UNTIL_LOOKED_AT };

struct fake_server {
	struct event_base *base; /* borrowed */
	struct evhttp *http;     /* owned */
	char *url;               /* owned */
	fake_handler_fn *handler;
	void *arg;                      /* borrowed */
	LIST_HEAD(, fake_request) held; /* owned: answered later or never */
};

/* Lives from the request's arrival to its answer. */
struct fake_request {
	struct fake_server *server; /* borrowed */
	struct evhttp_request *req; /* owned by evhttp while its connection lives */
	char *path;                 /* owned */
	char *body;                 /* owned */
	size_t body_len;
	enum held_end end;
	int status;      /* of a late answer */
	char *late_type; /* owned */
	char *late_body; /* owned */
	size_t late_len;
	fake_handler_fn *late_handler; /* looks at it later */
	void *late_arg;                /* borrowed */
	struct event *timer;           /* owned; NULL unless it is answered later */
	LIST_ENTRY(fake_request) link;
};

/* Requests. */

static void request_free(struct fake_request *request)
{
	if (request->timer != NULL)
		event_free(request->timer);
	free(request->late_type);
	free(request->late_body);
	free(request->path);
	free(request->body);
	free(request);
}

static void on_request(struct evhttp_request *req, void *arg)
{
	struct fake_server *server = arg;
	struct fake_request *request = mem_zalloc(sizeof *request);
	struct evbuffer *input = evhttp_request_get_input_buffer(req);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));

	request->server = server;
	request->req = req;
	request->path = mem_dup(path != NULL ? path : "/");
	request->body_len = evbuffer_get_length(input);
	request->body = mem_zalloc(request->body_len + 1);
	(void)evbuffer_copyout(input, request->body, request->body_len);
	server->handler(server->arg, request);
}

const char *fake_request_verb(const struct fake_request *request)
{
	switch ((int)evhttp_request_get_command(request->req)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "";
	}
}

const char *fake_request_path(const struct fake_request *request)
{
	return request->path;
}

const char *fake_request_query(const struct fake_request *request)
{
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request->req));

	return query != NULL ? query : "";
}

const char *fake_request_body(const struct fake_request *request)
{
	return request->body;
}

size_t fake_request_body_len(const struct fake_request *request)
{
	return request->body_len;
}

const char *fake_request_header(const struct fake_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request->req), name);
}

/* Answers. */

static void send_now(struct evhttp_request *req, int status, const char *type, const char *body,
		     size_t len)
{
	struct evbuffer *output = evhttp_request_get_output_buffer(req);

	(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
	(void)evbuffer_add(output, body, len);
	evhttp_send_reply(req, status, NULL, NULL);
}

void fake_reply_header(struct fake_request *request, const char *name, const char *value)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(request->req), name, value);
}

void fake_reply(struct fake_request *request, int status, const char *type, const char *body,
		size_t len)
{
	send_now(request->req, status, type, body, len);
	request_free(request);
}

void fake_reply_text(struct fake_request *request, int status, const char *text)
{
	fake_reply(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* When the other side has gone meanwhile, evhttp has left the request to us. */
static void on_held_end(evutil_socket_t fd, short what, void *arg)
{
	struct fake_request *request = arg;
	struct evhttp_connection *connection = evhttp_request_get_connection(request->req);

	(void)fd;
	(void)what;
	LIST_REMOVE(request, link);
	if (request->end == HELD_UNTIL_LOOKED_AT) {
		event_free(request->timer);
		request->timer = NULL;
		request->late_handler(request->late_arg, request);
		return;
	}
	if (connection == NULL)
		evhttp_request_free(request->req);
	else if (request->end == HELD_UNTIL_CLOSED)
		evhttp_connection_free(connection);
	else
		send_now(request->req, request->status, request->late_type, request->late_body,
			 request->late_len);
	request_free(request);
}

static void hold(struct fake_request *request, enum held_end end, int64_t ms)
{
	struct timeval delay = {.tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000) * 1000};

	request->end = end;
	LIST_INSERT_HEAD(&request->server->held, request, link);
	if (end == HELD_FOR_EVER)
		return;
	request->timer = evtimer_new(request->server->base, on_held_end, request);
	(void)evtimer_add(request->timer, &delay);
}

void fake_reply_after(struct fake_request *request, int64_t ms, int status, const char *type,
		      const char *body, size_t len)
{
	request->status = status;
	request->late_type = mem_dup(type);
	request->late_body = mem_dup_n(body, len);
	request->late_len = len;
	hold(request, HELD_UNTIL_SENT, ms);
}

/* An answer to somebody who has gone is dropped by evhttp_send_reply. */
void fake_request_later(struct fake_request *request, int64_t ms, fake_handler_fn *handler,
			void *arg)
{
	request->late_handler = handler;
	request->late_arg = arg;
	hold(request, HELD_UNTIL_LOOKED_AT, ms);
}

void fake_reply_never(struct fake_request *request)
{
	hold(request, HELD_FOR_EVER, 0);
}

/* Not at once: evhttp does not expect its connection to go away inside its own callback. */
void fake_reply_reset(struct fake_request *request)
{
	hold(request, HELD_UNTIL_CLOSED, 0);
}

/* Forms. */

static void parse_pair(char *pair, void (*each)(void *arg, const char *name, const char *value),
		       void *arg)
{
	char *equals = strchr(pair, '=');
	char *name, *value;

	if (equals != NULL)
		*equals = '\0';
	name = evhttp_uridecode(pair, 1, NULL);
	value = evhttp_uridecode(equals != NULL ? equals + 1 : "", 1, NULL);
	if (name != NULL && value != NULL && name[0] != '\0')
		each(arg, name, value);
	free(name);
	free(value);
}

void fake_form_parse(const char *form, void (*each)(void *arg, const char *name, const char *value),
		     void *arg)
{
	char *copy = mem_dup(form);
	char *rest = copy;
	char *pair;

	for (int count = 0; count < MAX_PAIRS && (pair = strsep(&rest, "&")) != NULL; count++)
		parse_pair(pair, each, arg);
	free(copy);
}

/* The server. */

static int bound_port(struct evhttp_bound_socket *bound)
{
	struct sockaddr_in name = {0};
	socklen_t len = sizeof name;

	if (getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&name, &len) != 0)
		return 0;
	return ntohs(name.sin_port);
}

/* Without this the end of an answer over 64 KiB waits 40 ms for an acknowledgement (Nagle). Accepted
 * sockets inherit it from the listening one: https://man7.org/linux/man-pages/man7/tcp.7.html */
static void send_at_once(struct evhttp_bound_socket *bound)
{
	int on = 1;

	(void)setsockopt(evhttp_bound_socket_get_fd(bound), IPPROTO_TCP, TCP_NODELAY, &on,
			 sizeof on);
}

struct fake_server *fake_server_new(struct event_base *base, const char *address, int port,
				    fake_handler_fn *handler, void *arg, struct error *error)
{
	struct fake_server *server = mem_zalloc(sizeof *server);
	struct evhttp_bound_socket *bound;

	address = address != NULL ? address : "127.0.0.1";
	server->base = base;
	server->handler = handler;
	server->arg = arg;
	LIST_INIT(&server->held);
	server->http = evhttp_new(base);
	evhttp_set_max_body_size(server->http, MAX_BODY);
	evhttp_set_max_headers_size(server->http, MAX_HEADERS);
	evhttp_set_gencb(server->http, on_request, server);
	bound = evhttp_bind_socket_with_handle(server->http, address, (ev_uint16_t)port);
	if (bound == NULL) {
		(void)error_set(error, "cannot listen on %s:%d: %s; choose another port", address,
				port, strerror(errno));
		fake_server_free(server);
		return NULL;
	}
	send_at_once(bound);
	server->url = mem_printf("http://%s:%d", address, bound_port(bound));
	return server;
}

/* Held requests whose connection is still there are freed with it by evhttp_free. */
void fake_server_free(struct fake_server *server)
{
	struct fake_request *request, *next;

	if (server == NULL)
		return;
	for (request = LIST_FIRST(&server->held); request != NULL; request = next) {
		next = LIST_NEXT(request, link);
		if (evhttp_request_get_connection(request->req) == NULL)
			evhttp_request_free(request->req);
		request_free(request);
	}
	evhttp_free(server->http);
	free(server->url);
	free(server);
}

const char *fake_server_url(const struct fake_server *server)
{
	return server->url;
}

bool fake_server_parse(const char *listen, char **ret_address, int *ret_port, struct error *error)
{
	const char *colon = strrchr(listen, ':');
	const char *digits = colon != NULL ? colon + 1 : listen;
	char *end = NULL;
	long port = strtol(digits, &end, 10);

	if (digits[0] < '0' || digits[0] > '9' || *end != '\0' || port > 65535)
		return error_set(error,
				 "\"%s\" is no address to listen on; write 127.0.0.1:PORT, "
				 "with port 0 for any free one",
				 listen);
	*ret_port = (int)port;
	*ret_address =
	    colon != NULL && colon > listen ? mem_dup_n(listen, (size_t)(colon - listen)) : NULL;
	return true;
}
