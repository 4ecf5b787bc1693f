/* Calls a dead-man service.  One call at a time: a beat that comes while one is tried is left out, the
 * next one says the same.  https://healthchecks.io/docs/http_api/ */
#include "src/program/serve/heartbeat.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/http.h"
#include "scenarios/config.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define TRIES_MAX    3
#define PAUSE_MS     1000  /* between two tries, at most a tenth of the time between two beats */
#define TIMEOUT_MS   10000 /* of a call, at most a third of that ... */
#define PATIENCE_MS  1000  /* ... but no less than this */
#define ANSWER_LIMIT 65536 /* bytes */

struct heartbeat {
	struct event_base *base; /* borrowed, as are the next two */
	struct secrets *secrets;
	const struct config *config;
	struct http *http; /* owned */
	char *url;         /* owned; a secret */
	bool (*is_well)(void *arg, struct error *ret_why);
	void *arg;                    /* borrowed, for is_well */
	struct event *beat, *again;   /* owned */
	struct http_request *request; /* owned while in flight */
	char *target, *reason; /* owned; of the call that is tried; reason NULL: all is well */
	bool calling;
	int tries;
	char *trouble; /* owned */
};

/* A path's end goes in front of a query; a fragment is never sent. */
char *heartbeat_url(const char *url, const char *end)
{
	size_t path = strcspn(url, "?#");
	const char *query = url[path] == '?' ? url + path : "";

	size_t query_len = strcspn(query, "#");

	while (path > 0 && url[path - 1] == '/')
		path--;
	return mem_printf("%.*s%s%.*s", (int)path, url, end, (int)query_len, query);
}

/* One call. */

static void end_call(struct heartbeat *heartbeat, char *why)
{
	secret_mask(heartbeat->secrets, why);
	free(heartbeat->trouble);
	heartbeat->trouble = why;
	free(heartbeat->target);
	free(heartbeat->reason);
	heartbeat->target = heartbeat->reason = NULL;
	heartbeat->calling = false;
}

static void on_answer(void *arg, const struct http_reply *reply)
{
	struct heartbeat *heartbeat = arg;
	int64_t pause_ms = heartbeat->config->heartbeat.every_ms / 10;
	struct timeval pause;
	char *why = NULL;

	if (pause_ms > PAUSE_MS)
		pause_ms = PAUSE_MS;
	pause = (struct timeval){pause_ms / 1000, pause_ms % 1000 * 1000};
	heartbeat->request = NULL;
	if (reply->result != HTTP_ANSWERED)
		why = mem_printf("heartbeat.url: %s", reply->error);
	else if (reply->status < 200 || reply->status > 299)
		why = mem_printf("heartbeat.url answered with status %d: check that the service "
				 "still knows this address",
				 reply->status);
	if (why != NULL && heartbeat->tries < TRIES_MAX) {
		free(why);
		(void)event_add(heartbeat->again, &pause);
		return;
	}
	end_call(heartbeat, why);
}

static int64_t timeout_of(const struct heartbeat *heartbeat)
{
	int64_t timeout_ms = heartbeat->config->heartbeat.every_ms / 3;

	if (timeout_ms > TIMEOUT_MS)
		return TIMEOUT_MS;
	return timeout_ms > PATIENCE_MS ? timeout_ms : PATIENCE_MS;
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	static const struct http_header plain = {"Content-Type", "text/plain; charset=utf-8"};
	struct heartbeat *heartbeat = arg;
	struct http_ask ask = {.method = "POST",
			       .url = heartbeat->target,
			       .headers = &plain,
			       .header_count = 1,
			       .body = heartbeat->reason != NULL ? heartbeat->reason : "",
			       .timeout_ms = timeout_of(heartbeat),
			       .max_bytes = ANSWER_LIMIT};

	(void)fd;
	(void)what;
	ask.body_len = strlen(ask.body);
	heartbeat->tries++;
	heartbeat->request = http_start(heartbeat->http, &ask, on_answer, heartbeat);
}

/* reason NULL: all is well. */
static void call(struct heartbeat *heartbeat, const char *end, const char *reason)
{
	heartbeat->calling = true;
	heartbeat->tries = 0;
	heartbeat->target = heartbeat_url(heartbeat->url, end);
	if (reason != NULL) {
		heartbeat->reason = mem_dup_n(reason, strnlen(reason, HEARTBEAT_TEXT_LIMIT));
		secret_mask(heartbeat->secrets, heartbeat->reason);
	}
	event_active(heartbeat->again, EV_TIMEOUT, 1);
}

/* The beat. */

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct heartbeat *heartbeat = arg;
	struct error why = {""};

	(void)fd;
	(void)what;
	if (heartbeat->calling)
		return;
	if (heartbeat->is_well(heartbeat->arg, &why))
		call(heartbeat, "", NULL);
	else
		call(heartbeat, "/fail", why.text);
}

struct heartbeat *heartbeat_new(struct event_base *base, struct secrets *secrets,
				const struct config *config,
				bool (*is_well)(void *arg, struct error *ret_why), void *arg,
				struct error *error)
{
	int64_t every_ms = config->heartbeat.every_ms;
	const struct timeval every = {.tv_sec = every_ms / 1000, .tv_usec = every_ms % 1000 * 1000};
	struct heartbeat *heartbeat;
	struct error unset = {""};
	const char *url;

	if (config->heartbeat.url == NULL)
		return NULL;
	url = secret_resolve(secrets, config->heartbeat.url, &unset);
	if (url == NULL) {
		(void)error_set(error, "heartbeat.url: %s", unset.text);
		return NULL;
	}
	heartbeat = mem_zalloc(sizeof *heartbeat);
	*heartbeat = (struct heartbeat){
	    .base = base,
	    .secrets = secrets,
	    .config = config,
	    .http = http_new(base),
	    .url = mem_dup(url),
	    .is_well = is_well,
	    .arg = arg,
	    .beat = event_new(base, -1, EV_PERSIST, on_beat, heartbeat),
	    .again = event_new(base, -1, 0, on_again, heartbeat),
	};
	if (heartbeat->beat == NULL || heartbeat->again == NULL ||
	    event_add(heartbeat->beat, &every) != 0)
		abort(); /* out of memory, as in mem.h */
	call(heartbeat, "/start", NULL);
	return heartbeat;
}

void heartbeat_free(struct heartbeat *heartbeat)
{
	if (heartbeat == NULL)
		return;
	http_cancel(heartbeat->request);
	http_free(heartbeat->http);
	event_free(heartbeat->beat);
	event_free(heartbeat->again);
	free(heartbeat->target);
	free(heartbeat->reason);
	free(heartbeat->trouble);
	free(heartbeat->url);
	free(heartbeat);
}

const char *heartbeat_trouble(const struct heartbeat *heartbeat)
{
	return heartbeat->trouble;
}
