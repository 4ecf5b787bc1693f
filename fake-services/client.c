/* An HTTP client for the fakes. */
#include "fake-services/client.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "src/base/mem.h"

#define TIMEOUT_S 10
#define MAX_BODY  ((ev_ssize_t)8 * 1024 * 1024)

struct fake_client {
	struct event_base *base;              /* borrowed */
	struct evhttp_uri *uri;               /* owned */
	struct evhttp_connection *connection; /* owned */
	LIST_HEAD(, sent) sent;               /* owned: not answered yet */
};

struct sent {
	struct fake_client *client; /* borrowed */
	fake_answer_fn *done;
	void *arg;           /* borrowed */
	struct event *fails; /* owned; set when it could not even be sent */
	LIST_ENTRY(sent) link;
};

static void finish(struct sent *sent, int status, const char *body)
{
	fake_answer_fn *done = sent->done;
	void *arg = sent->arg;

	LIST_REMOVE(sent, link);
	if (sent->fails != NULL)
		event_free(sent->fails);
	free(sent);
	if (done != NULL)
		done(arg, status, body);
}

/* evhttp gives no request at all when there was no answer. */
static void on_answer(struct evhttp_request *req, void *arg)
{
	struct sent *sent = arg;
	struct evbuffer *input;
	char *body;
	size_t len;
	int status;

	if (req == NULL || evhttp_request_get_response_code(req) == 0) {
		finish(sent, 0, "");
		return;
	}
	status = evhttp_request_get_response_code(req);
	input = evhttp_request_get_input_buffer(req);
	len = evbuffer_get_length(input);
	body = mem_zalloc(len + 1);
	(void)evbuffer_copyout(input, body, len);
	finish(sent, status, body);
	free(body);
}

static void on_fails(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg, 0, "");
}

static void set_headers(struct fake_client *client, struct evhttp_request *req, const char *type,
			const char *bearer)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	char *value =
	    mem_printf("%s:%d", evhttp_uri_get_host(client->uri), evhttp_uri_get_port(client->uri));

	(void)evhttp_add_header(headers, "Host", value);
	free(value);
	(void)evhttp_add_header(headers, "User-Agent", "fake-services");
	if (type != NULL)
		(void)evhttp_add_header(headers, "Content-Type", type);
	if (bearer == NULL)
		return;
	value = mem_printf("Bearer %s", bearer);
	(void)evhttp_add_header(headers, "Authorization", value);
	free(value);
}

void fake_client_send(struct fake_client *client, const char *more, const char *type,
		      const char *bearer, const char *body, fake_answer_fn *done, void *arg)
{
	const char *path = evhttp_uri_get_path(client->uri);
	struct sent *sent = mem_zalloc(sizeof *sent);
	struct evhttp_request *req = evhttp_request_new(on_answer, sent);
	char *whole = mem_printf("%s%s", path != NULL ? path : "", more);

	*sent = (struct sent){.client = client, .done = done, .arg = arg};
	LIST_INSERT_HEAD(&client->sent, sent, link);
	set_headers(client, req, type, bearer);
	if (body != NULL)
		(void)evbuffer_add(evhttp_request_get_output_buffer(req), body, strlen(body));
	if (evhttp_make_request(client->connection, req,
				body != NULL ? EVHTTP_REQ_POST : EVHTTP_REQ_GET,
				whole[0] != '\0' ? whole : "/") != 0) {
		const struct timeval now = {0};

		sent->fails = evtimer_new(client->base, on_fails, sent);
		(void)evtimer_add(sent->fails, &now);
	}
	free(whole);
}

struct fake_client *fake_client_new(struct event_base *base, const char *url, struct error *error)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	struct fake_client *client;

	if (uri == NULL || evhttp_uri_get_scheme(uri) == NULL ||
	    strcasecmp(evhttp_uri_get_scheme(uri), "http") != 0 ||
	    evhttp_uri_get_host(uri) == NULL || evhttp_uri_get_host(uri)[0] == '\0') {
		if (uri != NULL)
			evhttp_uri_free(uri);
		(void)error_set(error,
				"\"%s\" is no URL that can be called; "
				"write http://127.0.0.1:PORT/PATH",
				url);
		return NULL;
	}
	if (evhttp_uri_get_port(uri) < 0)
		(void)evhttp_uri_set_port(uri, 80);
	client = mem_zalloc(sizeof *client);
	client->base = base;
	client->uri = uri;
	LIST_INIT(&client->sent);
	client->connection = evhttp_connection_base_new(base, NULL, evhttp_uri_get_host(uri),
							(ev_uint16_t)evhttp_uri_get_port(uri));
	evhttp_connection_set_timeout(client->connection, TIMEOUT_S);
	evhttp_connection_set_max_body_size(client->connection, MAX_BODY);
	return client;
}

void fake_client_free(struct fake_client *client)
{
	struct sent *sent, *next;

	if (client == NULL)
		return;
	evhttp_connection_free(client->connection);
	for (sent = LIST_FIRST(&client->sent); sent != NULL; sent = next) {
		next = LIST_NEXT(sent, link);
		if (sent->fails != NULL)
			event_free(sent->fails);
		free(sent);
	}
	evhttp_uri_free(client->uri);
	free(client);
}

size_t fake_client_waiting(const struct fake_client *client)
{
	const struct sent *sent;
	size_t count = 0;

	LIST_FOREACH(sent, &client->sent, link)
	count++;
	return count;
}
