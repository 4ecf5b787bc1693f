/* A small service on loopback with switches of its own. */
#include "tests/faults/service.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

static const char *header(struct evhttp_request *request, const char *name)
{
	const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);

	return value != NULL ? value : "";
}

static const char *method(struct evhttp_request *request)
{
	switch (evhttp_request_get_command(request)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_HEAD:
	case EVHTTP_REQ_DELETE:
	case EVHTTP_REQ_OPTIONS:
	case EVHTTP_REQ_TRACE:
	case EVHTTP_REQ_CONNECT:
	case EVHTTP_REQ_PATCH:
		break;
	}
	return "OTHER";
}

static void reply(struct evhttp_request *request, int status, const char *body, size_t len)
{
	struct evbuffer *out = evbuffer_new();

	(void)evbuffer_add(out, body, len);
	evhttp_send_reply(request, status, "Answer", out);
	evbuffer_free(out);
}

static void reply_text(struct evhttp_request *request, int status, const char *body)
{
	reply(request, status, body, strlen(body));
}

static void write_down(struct service *service, struct evhttp_request *request, const char *body)
{
	if (service->log_count < SERVICE_LOG_SIZE)
		(void)snprintf(service->log[service->log_count++], sizeof service->log[0],
			       "%s %s %s", method(request), evhttp_request_get_uri(request), body);
	(void)snprintf(service->token, sizeof service->token, "%s", header(request, "X-Token"));
	(void)snprintf(service->authorization, sizeof service->authorization, "%s",
		       header(request, "Authorization"));
	(void)snprintf(service->content_type, sizeof service->content_type, "%s",
		       header(request, "Content-Type"));
}

static void get_value(struct service *service, struct evhttp_request *request)
{
	if (service->hangs_on_get)
		return;
	if (service->reads_left > 0 && --service->reads_left == 0)
		(void)snprintf(service->value, sizeof service->value, "%s", service->pending);
	if (service->get_body != NULL)
		reply(request, service->get_status > 0 ? service->get_status : 200,
		      service->get_body, service->get_body_len);
	else
		reply_text(request, service->get_status > 0 ? service->get_status : 200,
			   service->value);
}

static void put_value(struct service *service, struct evhttp_request *request, const char *body)
{
	int status = service->put_status > 0 ? service->put_status : 200;

	if (service->hangs_on_put)
		return;
	if (service->put_takes_effect_after > 0) {
		(void)snprintf(service->pending, sizeof service->pending, "%s", body);
		service->reads_left = service->put_takes_effect_after;
	} else if (!service->ignores_put && status / 100 == 2) {
		(void)snprintf(service->value, sizeof service->value, "%s", body);
	}
	if (!service->stores_then_hangs)
		reply_text(request, status, status / 100 == 2 ? "stored" : "refused");
}

static void publish(struct service *service, struct evhttp_request *request)
{
	bool to_default = strstr(evhttp_request_get_uri(request), "/amq.default/") != NULL;

	if (service->hangs_on_publish)
		return;
	if (service->queue_appears)
		service->has_queue = service->has_exchange = true;
	if (service->publish_status > 0)
		reply_text(request, service->publish_status, "{\"error\":\"other\"}");
	else if (service->has_no_vhost)
		reply_text(request, 404,
			   "{\"error\":\"Object Not Found\",\"reason\":\"Not Found\"}");
	else if (!to_default && !service->has_exchange)
		reply_text(request, 400,
			   "{\"error\":\"bad_request\",\"reason\":\"404 NOT_FOUND - no exchange "
			   "'nope' in vhost '/'\"}");
	else
		reply_text(request, 200,
			   service->has_queue ? "{\"routed\":true}" : "{\"routed\":false}");
}

static void exists(struct evhttp_request *request, bool does)
{
	if (does)
		reply_text(request, 200, "{\"name\":\"there\"}");
	else
		reply_text(request, 404,
			   "{\"error\":\"Object Not Found\",\"reason\":\"Not Found\"}");
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct service *service = arg;
	const char *uri = evhttp_request_get_uri(request);
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	char body[2048] = "";
	size_t len = evbuffer_get_length(in);

	(void)evbuffer_copyout(in, body, len < sizeof body ? len : sizeof body - 1);
	write_down(service, request, body);
	if (strncmp(uri, "/value", 6) == 0 && strcmp(method(request), "GET") == 0)
		get_value(service, request);
	else if (strncmp(uri, "/value", 6) == 0)
		put_value(service, request, body);
	else if (strcmp(method(request), "POST") == 0)
		publish(service, request);
	else if (service->api_status > 0)
		reply_text(request, service->api_status, "{\"error\":\"other\"}");
	else if (strncmp(uri, "/api/queues/", 12) == 0)
		exists(request, service->has_queue);
	else if (strncmp(uri, "/api/exchanges/", 15) == 0)
		exists(request, service->has_exchange);
	else
		reply_text(request, 404, "no such page");
}

void service_start(struct service *service, struct event_base *base)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	struct evhttp_bound_socket *bound;

	*service = (struct service){.server = evhttp_new(base)};
	assert_non_null(service->server);
	bound = evhttp_bind_socket_with_handle(service->server, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(
	    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len), 0);
	service->port = ntohs(address.sin_port);
	(void)snprintf(service->url, sizeof service->url, "http://127.0.0.1:%u", service->port);
	(void)snprintf(service->value, sizeof service->value, "orders");
	evhttp_set_gencb(service->server, on_request, service);
}

void service_stop(struct service *service)
{
	if (service->server != NULL)
		evhttp_free(service->server);
	service->server = NULL;
}

size_t service_count(const struct service *service, const char *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < service->log_count; i++) {
		if (strncmp(service->log[i], prefix, strlen(prefix)) == 0)
			count++;
	}
	return count;
}
