/* One HTTP question in a test. */
#include "tests/fake-services/ask.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/support/loop.h"

struct ask {
	struct evhttp_connection *connection; /* owned */
};

static char *header_of(struct evhttp_request *request, const char *name)
{
	const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);

	return mem_dup(value != NULL ? value : "");
}

static void on_answer(struct evhttp_request *request, void *arg)
{
	struct answer *answer = arg;
	struct evbuffer *input;

	answer->done = true;
	if (request == NULL || evhttp_request_get_response_code(request) == 0)
		return;
	free(answer->body);
	free(answer->type);
	free(answer->retry_after);
	free(answer->policy);
	input = evhttp_request_get_input_buffer(request);
	answer->status = evhttp_request_get_response_code(request);
	answer->body = mem_zalloc(evbuffer_get_length(input) + 1);
	(void)evbuffer_copyout(input, answer->body, evbuffer_get_length(input));
	answer->type = header_of(request, "Content-Type");
	answer->retry_after = header_of(request, "Retry-After");
	answer->policy = header_of(request, "Content-Security-Policy");
	answer->json = cJSON_Parse(answer->body);
}

static enum evhttp_cmd_type verb_of(const char *verb)
{
	if (strcmp(verb, "PUT") == 0)
		return EVHTTP_REQ_PUT;
	if (strcmp(verb, "DELETE") == 0)
		return EVHTTP_REQ_DELETE;
	return strcmp(verb, "POST") == 0 ? EVHTTP_REQ_POST : EVHTTP_REQ_GET;
}

struct answer *ask_start(struct event_base *base, const char *verb, const char *url,
			 const char *type, const char *token, const char *body)
{
	struct answer *answer = mem_zalloc(sizeof *answer);
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	struct evhttp_request *request = evhttp_request_new(on_answer, answer);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *query = evhttp_uri_get_query(uri), *path = evhttp_uri_get_path(uri);
	char *target = mem_printf("%s%s%s", path[0] != '\0' ? path : "/", query != NULL ? "?" : "",
				  query != NULL ? query : "");
	char *bearer = mem_printf("Bearer %s", token != NULL ? token : "");

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	*answer = (struct answer){.body = mem_dup(""),
				  .type = mem_dup(""),
				  .retry_after = mem_dup(""),
				  .policy = mem_dup(""),
				  .ask = mem_zalloc(sizeof(struct ask))};
	answer->ask->connection = evhttp_connection_base_new(base, NULL, evhttp_uri_get_host(uri),
							     (ev_uint16_t)evhttp_uri_get_port(uri));
	(void)evhttp_add_header(headers, "Host", "127.0.0.1");
	if (type != NULL)
		(void)evhttp_add_header(headers, "Content-Type", type);
	if (token != NULL)
		(void)evhttp_add_header(headers, "Authorization", bearer);
	if (body != NULL)
		(void)evbuffer_add(evhttp_request_get_output_buffer(request), body, strlen(body));
	(void)evhttp_make_request(answer->ask->connection, request, verb_of(verb), target);
	free(target);
	free(bearer);
	evhttp_uri_free(uri);
	return answer;
}

struct answer *ask(struct event_base *base, const char *verb, const char *url, const char *type,
		   const char *token, const char *body)
{
	struct answer *answer = ask_start(base, verb, url, type, token, body);

	loop_until(base, &answer->done);
	return answer;
}

void answer_free(struct answer *answer)
{
	if (answer == NULL)
		return;
	evhttp_connection_free(answer->ask->connection);
	free(answer->ask);
	free(answer->body);
	free(answer->type);
	free(answer->retry_after);
	free(answer->policy);
	cJSON_Delete(answer->json);
	free(answer);
}
