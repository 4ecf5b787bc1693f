/* A Slack that says what a test tells it to, and remembers what it was asked. */
#include "tests/chats/slack_server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "probes/chats/chat.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define FIRST_SECOND 1700000000

void slack_server_ts(int number, char ret_ts[32])
{
	(void)snprintf(ret_ts, 32, "%d.000100", FIRST_SECOND + number);
}

/* A page of the history, newest first. */

static void put_messages(struct buf *json, const struct slack_server *server, int from, int to)
{
	char ts[32];

	for (int i = to; i >= from; i--) {
		slack_server_ts(i, ts);
		buf_addf(json, "%s{\"ts\":\"%s\",\"text\":\"%d %s\"}", i < to ? "," : "", ts, i,
			 server->nonce != NULL ? server->nonce : "");
	}
}

/* The cursor is the number of the message that the page before ended with. */
static char *history_page(const struct slack_server *server, const struct evkeyvalq *form)
{
	const char *oldest = evhttp_find_header(form, "oldest");
	const char *latest = evhttp_find_header(form, "latest");
	const char *cursor = evhttp_find_header(form, "cursor");
	int from = 1, to = server->history, cut = cursor != NULL ? atoi(cursor) : 0;
	bool forward = server->forward && oldest != NULL && latest == NULL, more;
	struct buf json = {0};
	char ts[32];

	for (; oldest != NULL && from <= to; from++) {
		slack_server_ts(from, ts);
		if (chat_ts_compare(ts, oldest) > 0)
			break;
	}
	for (; latest != NULL && to >= from; to--) {
		slack_server_ts(to, ts);
		if (chat_ts_compare(ts, latest) < 0)
			break;
	}
	if (cut > 0 && forward)
		from = cut + 1;
	else if (cut > 0)
		to = cut - 1;
	more = to - from + 1 > server->page_size;
	if (more && forward)
		to = from + server->page_size - 1;
	else if (more)
		from = to - server->page_size + 1;
	buf_adds(&json, "{\"ok\":true,\"messages\":[");
	put_messages(&json, server, from, to);
	buf_addf(&json, "],\"has_more\":%s", more ? "true" : "false");
	if (more && !server->no_cursor)
		buf_addf(&json, ",\"response_metadata\":{\"next_cursor\":\"%d\"}",
			 forward ? to : from);
	buf_adds(&json, "}");
	return buf_take(&json);
}

/* Serving. */

static char *copy_header(struct evhttp_request *request, const char *name)
{
	const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);

	return mem_dup(value != NULL ? value : "");
}

static const struct slack_ask *remember(struct slack_server *server, struct evhttp_request *request)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(input);
	struct slack_ask *ask;

	server->asks = mem_grow(server->asks, server->ask_count + 1, sizeof *server->asks);
	ask = &server->asks[server->ask_count++];
	*ask = (struct slack_ask){
	    .path = mem_dup(evhttp_request_get_uri(request)),
	    .body = mem_zalloc(len + 1),
	    .type = copy_header(request, "Content-Type"),
	    .authorization = copy_header(request, "Authorization"),
	};
	(void)evbuffer_copyout(input, ask->body, len);
	return ask;
}

static void reply_with(struct evhttp_request *request, int status, const char *body)
{
	struct evbuffer *output = evhttp_request_get_output_buffer(request);

	(void)evbuffer_add(output, body, strlen(body));
	evhttp_send_reply(request, status, "Scripted", NULL);
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct slack_server *server = arg;
	const struct slack_ask *ask = remember(server, request);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evkeyvalq form;

	if (server->told < server->scripted) {
		const struct slack_script *script = &server->script[server->told++];

		if (script->hang)
			return;
		if (script->retry_after != NULL)
			(void)evhttp_add_header(headers, "Retry-After", script->retry_after);
		reply_with(request, script->status, script->body);
	} else if (strstr(ask->path, "conversations.history") != NULL) {
		char *page;

		(void)evhttp_parse_query_str(ask->body, &form);
		page = history_page(server, &form);
		evhttp_clear_headers(&form);
		reply_with(request, 200, page);
		free(page);
	} else {
		reply_with(request, 200,
			   "{\"ok\":true,\"channels\":[{\"id\":\"C000000001\",\"name\":\"ops\","
			   "\"is_member\":true}]}");
	}
}

void slack_server_open(struct slack_server *server, struct event_base *base)
{
	struct evhttp_bound_socket *socket;
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	server->base = base;
	server->http = evhttp_new(base);
	evhttp_set_gencb(server->http, on_request, server);
	socket = evhttp_bind_socket_with_handle(server->http, "127.0.0.1", 0);
	(void)getsockname(evhttp_bound_socket_get_fd(socket), (struct sockaddr *)&address, &len);
	(void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/api/",
		       ntohs(address.sin_port));
}

void slack_server_close(struct slack_server *server)
{
	evhttp_free(server->http);
	for (size_t i = 0; i < server->scripted; i++)
		free(server->script[i].body);
	for (size_t i = 0; i < server->ask_count; i++) {
		free(server->asks[i].path);
		free(server->asks[i].body);
		free(server->asks[i].type);
		free(server->asks[i].authorization);
	}
	free(server->asks);
}

void slack_server_answer(struct slack_server *server, int status, const char *retry_after,
			 const char *body)
{
	server->script[server->scripted++] = (struct slack_script){
	    .status = status, .retry_after = retry_after, .body = mem_dup(body)};
}

void slack_server_say(struct slack_server *server, const char *body)
{
	slack_server_answer(server, 200, NULL, body);
}

void slack_server_hang(struct slack_server *server)
{
	server->script[server->scripted++] = (struct slack_script){.hang = true};
}

bool slack_server_asked(const struct slack_server *server, size_t index, const char *method,
			const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof path, "/api/%s", method);
	return index < server->ask_count && strcmp(server->asks[index].path, path) == 0 &&
	       strstr(server->asks[index].body, text) != NULL;
}
