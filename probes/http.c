/* HTTP on the loop: a request is a transfer of libcurl, from its question to its answer. */
#include "probes/http.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/http_multi.h"
#include "probes/http_parts.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define READ_SIZE 16384L

struct http {
	struct event_base *base;    /* borrowed */
	struct http_multi *multi;   /* owned */
	struct http_request *first; /* owned list of transfers in flight */
	size_t connections;
};

struct http_request {
	struct http *http;                 /* borrowed */
	struct http_request *next, **link; /* borrowed; *link is what points here */
	CURL *easy;                        /* owned; NULL for a refused ask */
	struct curl_slist *headers;        /* owned */
	struct event *refusal;             /* owned; reports a refused ask from the loop */
	char *body;                        /* owned; what is sent */
	size_t body_len, body_sent;
	struct buf answer;
	size_t header_len;
	bool repeatable; /* may be sent again when a connection dies under it */
	struct http_origin origin;
	struct error error; /* of a refused ask */
	char detail[CURL_ERROR_SIZE];
	int64_t timeout_ms, started_ms;
	http_done_fn *done;
	void *arg;
};

/* The life of a request. */

static struct http_request *request_new(struct http *http, const struct http_ask *ask,
					http_done_fn *done, void *arg)
{
	struct http_request *request = mem_zalloc(sizeof *request);

	*request = (struct http_request){
	    .http = http,
	    .next = http->first,
	    .link = &http->first,
	    .answer.limit = ask->max_bytes > 0 ? ask->max_bytes : HTTP_MAX_BYTES_DEFAULT,
	    .timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : HTTP_TIMEOUT_DEFAULT_MS,
	    .started_ms = clock_ms(),
	    .done = done,
	    .arg = arg,
	};
	if (http->first != NULL)
		http->first->link = &request->next;
	http->first = request;
	return request;
}

/* After this nobody calls back and nobody finds it any more. */
static void request_unlink(struct http_request *request)
{
	long connects = 0;

	*request->link = request->next;
	if (request->next != NULL)
		request->next->link = request->link;
	if (request->easy != NULL) {
		(void)curl_easy_getinfo(request->easy, CURLINFO_NUM_CONNECTS, &connects);
		http_multi_remove(request->http->multi, request->easy);
	}
	if (request->refusal != NULL)
		event_free(request->refusal);
	request->refusal = NULL;
	request->http->connections += (size_t)connects;
	request->http = NULL;
}

static void request_free(struct http_request *request)
{
	curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	buf_done(&request->answer);
	free(request->body);
	free(request);
}

/* The owner may start and cancel others from inside `done`. */
static void finish(struct http_request *request, CURLcode code)
{
	const struct http_outcome outcome = {
	    .easy = request->easy,
	    .code = code,
	    .body_too_large = request->answer.full,
	    .head_too_large = request->header_len > HTTP_HEADER_LIMIT,
	    .origin = &request->origin,
	    .timeout_ms = request->timeout_ms,
	    .max_bytes = request->answer.limit,
	    .detail = request->detail,
	};
	struct http_reply reply = {.body = "", .started_ms = request->started_ms};

	request_unlink(request);
	http_outcome_tell(&outcome, &reply, &request->error);
	if (reply.result == HTTP_ANSWERED) {
		reply.body = buf_text(&request->answer);
		reply.body_len = request->answer.len;
	}
	request->done(request->arg, &reply);
	request_free(request);
}

static void on_refusal(evutil_socket_t fd, short what, void *arg)
{
	struct http_request *request = arg;
	const struct http_reply reply = {
	    .result = HTTP_BAD_ASK,
	    .error = request->error.text,
	    .body = "",
	    .content_type = "",
	    .retry_after_ms = -1,
	    .date_ms = -1,
	    .started_ms = request->started_ms,
	};

	(void)fd;
	(void)what;
	request_unlink(request);
	request->done(request->arg, &reply);
	request_free(request);
}

/* libcurl gives and takes bytes. */

static size_t on_answer(char *data, size_t one, size_t len, void *arg)
{
	struct http_request *request = arg;

	(void)one; /* always 1 */
	buf_add(&request->answer, data, len);
	return request->answer.full ? 0 : len;
}

static size_t on_header(char *data, size_t one, size_t len, void *arg)
{
	struct http_request *request = arg;

	(void)data;
	(void)one;
	request->header_len += len;
	return request->header_len > HTTP_HEADER_LIMIT ? 0 : len;
}

static size_t on_body(char *ret_data, size_t one, size_t room, void *arg)
{
	struct http_request *request = arg;
	size_t left = request->body_len - request->body_sent;
	size_t len = left < one * room ? left : one * room;

	memcpy(ret_data, request->body + request->body_sent, len);
	request->body_sent += len;
	return len;
}

static int on_rewind(void *arg, curl_off_t offset, int origin)
{
	struct http_request *request = arg;

	if (!request->repeatable || origin != SEEK_SET || offset != 0)
		return CURL_SEEKFUNC_FAIL;
	request->body_sent = 0;
	return CURL_SEEKFUNC_OK;
}

static void on_transfer(void *arg, CURLcode code)
{
	finish(arg, code);
}

/* Setting up. */

static void set_body(CURL *easy, struct http_request *request, const struct http_ask *ask,
		     const char *method)
{
	bool changes = strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0;
	bool wants_body = changes || strcmp(method, "PUT") == 0;

	/* libcurl sends again when a kept-alive connection dies under a request, but what is not
	 * idempotent must never be sent twice: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
	 * With a body that cannot be rewound it gives up; without one, only a new connection helps.
	 */
	request->repeatable = !changes;
	if (changes && ask->body_len == 0)
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (ask->body == NULL && !wants_body)
		return;
	request->body_len = ask->body != NULL ? ask->body_len : 0;
	request->body = mem_dup_n(ask->body != NULL ? ask->body : "", request->body_len);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_READDATA, request);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, request);
}

static void set_question(CURL *easy, struct http_request *request, const struct http_ask *ask)
{
	const char *method = http_ask_method(ask);

	request->headers = http_ask_headers(ask);
	curl_easy_setopt(easy, CURLOPT_URL, ask->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "firedrill/" FIREDRILL_VERSION);
	set_body(easy, request, ask, method);
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	if (ask->user != NULL || ask->password != NULL) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, ask->user != NULL ? ask->user : "");
		curl_easy_setopt(easy, CURLOPT_PASSWORD,
				 ask->password != NULL ? ask->password : "");
	}
	if (request->origin.loopback)
		curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none: it could not reach us */
}

static void set_limits(CURL *easy, struct http_request *request)
{
	const char *authorities = getenv("SSL_CERT_FILE");

	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->answer.limit);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_SIZE);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never join a name look-up's thread */
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->detail);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	if (authorities != NULL && authorities[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
}

static void refuse(struct http_request *request)
{
	const struct timeval at_once = {0};

	request->refusal = evtimer_new(request->http->base, on_refusal, request);
	if (request->refusal == NULL || event_add(request->refusal, &at_once) != 0)
		abort(); /* out of memory, as in mem.h */
}

/* What others call. */

struct http *http_new(struct event_base *base)
{
	struct http *http = mem_zalloc(sizeof *http);

	http->base = base;
	http->multi = http_multi_new(base, on_transfer);
	return http;
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->first != NULL)
		http_cancel(http->first);
	http_multi_free(http->multi);
	free(http);
}

struct http_request *http_start(struct http *http, const struct http_ask *ask, http_done_fn *done,
				void *arg)
{
	struct http_request *request = request_new(http, ask, done, arg);

	if (!http_ask_check(ask, &request->origin, &request->error)) {
		refuse(request);
		return request;
	}
	request->easy = curl_easy_init();
	if (request->easy == NULL)
		abort();
	set_question(request->easy, request, ask);
	set_limits(request->easy, request);
	http_multi_add(http->multi, request->easy);
	return request;
}

void http_cancel(struct http_request *request)
{
	if (request == NULL || request->http == NULL) /* from inside its own done */
		return;
	request_unlink(request);
	request_free(request);
}

size_t http_connection_count(const struct http *http)
{
	return http->connections;
}
