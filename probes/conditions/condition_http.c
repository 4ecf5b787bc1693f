/* A condition of `stop_when`, looked at once: an HTTP check, or a query to Prometheus. */
#include "probes/conditions/condition.h"

#include <stdlib.h>
#include <string.h>

#include "probes/conditions/prometheus.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define HEADER_LIMIT 32
#define ANSWER_LIMIT (64 * 1024) /* bytes */
#define LOOK_MAX_MS  10000       /* one look takes no longer */
#define TEXT_LIMIT   1024        /* bytes of the evidence */
#define URL_SHOWN    160 /* bytes of a URL in it; its query may be a secret and is not shown */
#define QUERY_SHOWN  160 /* bytes of a PromQL query in it */
#define WANTED_SHOWN 80  /* bytes of a text that is missing */
#define BODY_SHOWN   120 /* bytes of an answer's body */

struct condition_op {
	const struct condition_context *context; /* borrowed */
	const struct stop_condition *condition;  /* borrowed */
	struct http_request *request;            /* owned */
	struct error problem;                    /* why nothing could be asked; "" */
	condition_done_fn *done;
	void *arg; /* borrowed, for done */
};

/* What was found. */

static void add_target(struct buf *text, const struct condition_op *op)
{
	const struct stop_condition *condition = op->condition;
	const char *url = condition->check != NULL ? condition->check : condition->prometheus;
	char *shown = mem_dup_n(url, strcspn(url, "?#"));
	size_t len = strlen(shown), kept;

	secret_mask(op->context->secrets, shown); /* before the cut could split one */
	kept = text_cut(shown, len, URL_SHOWN);
	if (condition->check == NULL) {
		buf_adds(text, "the query ");
		text_quote(text, op->context->secrets, condition->query, strlen(condition->query),
			   QUERY_SHOWN);
		buf_adds(text, " at ");
	}
	buf_add(text, shown, kept);
	buf_adds(text, kept < len ? "... " : " ");
	free(shown);
}

static enum condition_answer read_check(const struct condition_op *op,
					const struct http_reply *reply, struct buf *text)
{
	const struct stop_condition *condition = op->condition;
	const char *wanted = condition->contains;
	bool good =
	    condition->status > 0 ? reply->status == condition->status : reply->status / 100 == 2;

	buf_addf(text, "answered %d", reply->status);
	if (!good)
		return CONDITION_MET;
	if (wanted == NULL || memmem(reply->body, reply->body_len, wanted, strlen(wanted)) != NULL)
		return CONDITION_CALM;
	buf_adds(text, " without ");
	text_quote(text, op->context->secrets, wanted, strlen(wanted), WANTED_SHOWN);
	buf_adds(text, ": ");
	text_quote(text, op->context->secrets, reply->body, reply->body_len, BODY_SHOWN);
	return CONDITION_MET;
}

static enum condition_answer read_reply(const struct condition_op *op,
					const struct http_reply *reply, struct buf *text)
{
	add_target(text, op);
	if (op->problem.text[0] != '\0' || reply->result != HTTP_ANSWERED) {
		buf_addf(text, "could not be asked: %s",
			 op->problem.text[0] != '\0' ? op->problem.text : reply->error);
		return CONDITION_UNASKED;
	}
	if (op->condition->check != NULL)
		return read_check(op, reply, text);
	return prometheus_read(reply->status, reply->body, reply->body_len, op->context->secrets,
			       text);
}

static void on_reply(void *arg, const struct http_reply *reply)
{
	struct condition_op *op = arg;
	condition_done_fn *done = op->done;
	void *done_arg = op->arg;
	struct buf sentence = {.limit = TEXT_LIMIT};
	enum condition_answer answer = read_reply(op, reply, &sentence);
	char *text = buf_take(&sentence);

	secret_mask(op->context->secrets, text);
	text_clean(text, strlen(text));
	free(op);
	done(done_arg, &(struct condition_result){.answer = answer, .text = text});
	free(text);
}

/* The asking. */

static bool add_headers(struct condition_op *op, struct http_header *list)
{
	const struct pairs *headers = &op->condition->headers;

	if (headers->count > HEADER_LIMIT)
		return error_set(&op->problem, "it has more than %d headers", HEADER_LIMIT);
	for (size_t i = 0; i < headers->count; i++) {
		const char *value = headers->list[i].value;

		if (secret_is_reference(value))
			value = secret_resolve(op->context->secrets, value, &op->problem);
		if (value == NULL)
			return false;
		list[i] = (struct http_header){headers->list[i].name, value};
	}
	return true;
}

static char *make_url(struct condition_op *op)
{
	char *url;

	if (op->condition->check != NULL)
		return mem_dup(op->condition->check);
	url = prometheus_url(op->condition->prometheus, op->condition->query);
	if (url == NULL)
		(void)error_set(&op->problem, "its address must end before any ? or #");
	return url;
}

static struct condition_op *ask(const struct condition_context *context,
				const struct stop_condition *condition, condition_done_fn *done,
				void *arg)
{
	struct condition_op *op = mem_zalloc(sizeof *op);
	struct http_header headers[HEADER_LIMIT];
	struct http_ask ask = {.headers = headers, .max_bytes = ANSWER_LIMIT};
	char *url;

	*op = (struct condition_op){context, condition, NULL, {""}, done, arg};
	url = make_url(op);
	if (url != NULL && add_headers(op, headers)) {
		ask.url = url;
		ask.header_count = condition->headers.count;
	} else {
		ask.url = ""; /* nothing is sent: it comes back, from the loop, as unusable */
	}
	ask.timeout_ms = condition->every_ms > 0 && condition->every_ms < LOOK_MAX_MS
			     ? condition->every_ms
			     : LOOK_MAX_MS;
	op->request = http_start(context->http, &ask, on_reply, op);
	free(url);
	return op;
}

static void cancel(struct condition_op *op)
{
	if (op == NULL)
		return;
	http_cancel(op->request);
	free(op);
}

const struct condition_driver condition_http = {.ask = ask, .cancel = cancel};
