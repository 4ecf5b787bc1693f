/* One answer of a station. */
#include "probes/hops/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/hop.h"
#include "probes/http.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define HEADER_LIMIT 32
#define BODY_SHOWN   120 /* bytes of an answer that is not 2xx */
#define URL_SHOWN    200 /* bytes of the address in an error */
#define DATE_COARSE  500 /* ms: half of a Date header's second */

struct fetch {
	const struct hop_context *context; /* borrowed */
	struct http_request *request;      /* owned */
	char *shown;                       /* owned; the address, for people */
	struct error problem;              /* why nothing could be asked; "" */
	int64_t started_wall_ms;
	fetch_done_fn *done;
	void *arg; /* borrowed, for done */
};

int64_t fetch_ahead(int64_t date_ms, int64_t start_wall_ms, int64_t end_wall_ms)
{
	int64_t half = (end_wall_ms - start_wall_ms) / 2, ahead;

	if (date_ms < 0)
		return 0;
	ahead = date_ms + DATE_COARSE - (start_wall_ms + half);
	return llabs(ahead) <= 2 * DATE_COARSE + half ? 0 : ahead;
}

/* What to do about a status that is no answer. */
static const char *advice_for(int status)
{
	switch (status) {
	case 401:
		return "it wants authentication; give it in `headers` of this hop";
	case 403:
		return "these credentials may not read it; give others in `headers` of this hop";
	case 404:
		return "is the path prefix of `url` right?";
	case 429:
		return "it is asked too often";
	default:
		if (status / 100 == 3)
			return "it sends us elsewhere; give the final address as `url`";
		if (status / 100 == 5)
			return "it, or a proxy before it, is not well";
		return "it is not what this hop's `type` says, or `url` is wrong";
	}
}

static char *refusal(const struct fetch *fetch, const struct http_reply *reply)
{
	struct buf text = {.limit = 1024};
	char *sentence;

	if (fetch->problem.text[0] != '\0') {
		buf_addf(&text, "%s could not be asked: %s", fetch->shown, fetch->problem.text);
	} else if (reply->result != HTTP_ANSWERED) {
		buf_addf(&text, "%s could not be asked: %s", fetch->shown, reply->error);
	} else {
		buf_addf(&text, "%s answered %d", fetch->shown, reply->status);
		if (reply->body_len > 0 && strstr(reply->content_type, "html") == NULL) {
			buf_adds(&text, " ");
			text_quote(&text, fetch->context->secrets, reply->body, reply->body_len,
				   BODY_SHOWN);
		}
		buf_addf(&text, ": %s", advice_for(reply->status));
	}
	sentence = buf_take(&text);
	secret_mask(fetch->context->secrets, sentence);
	text_clean(sentence, strlen(sentence));
	return sentence;
}

static void on_reply(void *arg, const struct http_reply *reply)
{
	struct fetch *fetch = arg;
	fetch_done_fn *done = fetch->done;
	void *done_arg = fetch->arg;
	int64_t now = clock_wall_ms(), start = fetch->started_wall_ms;
	struct fetch_answer answer = {.at_wall_ms = start + (now - start) / 2};
	char *error = NULL;

	if (fetch->problem.text[0] == '\0' && reply->result == HTTP_ANSWERED &&
	    reply->status / 100 == 2) {
		answer.body = reply->body;
		answer.len = reply->body_len;
	} else {
		error = refusal(fetch, reply);
	}
	answer.error = error;
	if (reply->result == HTTP_ANSWERED)
		answer.ahead_ms = fetch_ahead(reply->date_ms, start, now);
	free(fetch->shown);
	free(fetch);
	done(done_arg, &answer);
	free(error);
}

static bool add_headers(struct fetch *fetch, const struct pairs *headers, struct http_header *list)
{
	if (headers->count > HEADER_LIMIT)
		return error_set(&fetch->problem, "it has more than %d headers", HEADER_LIMIT);
	for (size_t i = 0; i < headers->count; i++) {
		const char *value = headers->list[i].value;

		if (secret_is_reference(value))
			value = secret_resolve(fetch->context->secrets, value, &fetch->problem);
		if (value == NULL)
			return false;
		list[i] = (struct http_header){headers->list[i].name, value};
	}
	return true;
}

/* Bytes of an address without the slashes at its end. */
static size_t base_len(const char *base)
{
	size_t len = strcspn(base, "?#");

	while (len > 0 && base[len - 1] == '/')
		len--;
	return len;
}

static char *join(struct fetch *fetch, const char *base, const char *path)
{
	if (strpbrk(base, "?#") != NULL) {
		(void)error_set(&fetch->problem, "its `url` must end before any ? or #");
		return NULL;
	}
	return mem_printf("%.*s%s", (int)base_len(base), base, path);
}

/* The address without its query. */
static char *show(const struct fetch *fetch, const char *base, const char *path)
{
	char *shown =
	    mem_printf("%.*s%.*s", (int)base_len(base), base, (int)strcspn(path, "?"), path);

	secret_mask(fetch->context->secrets, shown);
	shown[text_cut(shown, strlen(shown), URL_SHOWN)] = '\0';
	return shown;
}

struct fetch *fetch_start(const struct hop_context *context, const struct hop_settings *settings,
			  const struct fetch_ask *ask, fetch_done_fn *done, void *arg)
{
	struct fetch *fetch = mem_zalloc(sizeof *fetch);
	struct http_header headers[HEADER_LIMIT + 1];
	struct http_ask question = {.headers = headers, .url = ""};
	char *url;

	*fetch = (struct fetch){
	    .context = context, .started_wall_ms = clock_wall_ms(), .done = done, .arg = arg};
	url = join(fetch, settings->url, ask->path);
	if (url != NULL && add_headers(fetch, &settings->headers, headers)) {
		question.url = url; /* else "": nothing is sent, it comes back as unusable */
		question.header_count = settings->headers.count;
	}
	if (ask->form != NULL) {
		headers[question.header_count++] =
		    (struct http_header){"Content-Type", "application/x-www-form-urlencoded"};
		question.body = ask->form;
		question.body_len = strlen(ask->form);
	}
	if (ask->json != NULL) {
		headers[question.header_count++] =
		    (struct http_header){"Content-Type", "application/json"};
		question.body = ask->json;
		question.body_len = strlen(ask->json);
	}
	question.timeout_ms = settings->timeout_ms;
	question.max_bytes = ask->max_bytes;
	fetch->shown = show(fetch, settings->url, ask->path);
	fetch->request = http_start(context->http, &question, on_reply, fetch);
	free(url);
	return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
	if (fetch == NULL)
		return;
	http_cancel(fetch->request);
	free(fetch->shown);
	free(fetch);
}
