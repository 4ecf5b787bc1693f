/* Slack's incoming webhooks. */
#include "probes/chats/webhook.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_text.h"
#include "probes/http.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define TIMEOUT_MS   10000
#define ANSWER_LIMIT (64 * 1024) /* bytes; a good one is "ok" */
#define BODY_SHOWN   80          /* bytes of an answer in a sentence */

struct webhook_op {
	const struct webhook_context *context; /* borrowed */
	struct http_request *request;          /* owned */
	struct error problem;                  /* why nothing could be sent; "" */
	webhook_done_fn *done;
	void *arg; /* borrowed, for done */
};

/* Anything below 500 but "wait" and "too slow" is a no of the chat itself. */
static enum webhook_result result_of(const struct webhook_op *op, const struct http_reply *reply)
{
	if (op->problem.text[0] != '\0')
		return WEBHOOK_UNSENT;
	switch (reply->result) {
	case HTTP_ANSWERED:
		break;
	case HTTP_TIMEOUT:
	case HTTP_BROKEN:
	case HTTP_TOO_LARGE:
		return WEBHOOK_UNSURE;
	case HTTP_UNREACHABLE:
	case HTTP_BAD_ASK:
		return WEBHOOK_UNSENT;
	}
	if (reply->status / 100 == 2)
		return WEBHOOK_TAKEN;
	return reply->status / 100 == 4 && reply->status != 408 && reply->status != 429
		   ? WEBHOOK_REFUSED
		   : WEBHOOK_UNSENT;
}

/* Printable, on one line, without anything secret. Owned by the caller. */
static char *sentence_of(const struct webhook_op *op, const struct http_reply *reply)
{
	char *body, *sentence;

	if (op->problem.text[0] != '\0')
		return mem_dup(op->problem.text);
	if (reply->result != HTTP_ANSWERED) {
		sentence = mem_dup(reply->error);
		secret_mask(op->context->secrets, sentence);
		return sentence;
	}
	body = mem_dup_n(reply->body, strnlen(reply->body, reply->body_len));
	secret_mask(op->context->secrets, body);
	for (char *c = body; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
			*c = ' ';
	}
	sentence = mem_printf("it answered %d%s%.*s", reply->status, body[0] != '\0' ? ": " : "",
			      BODY_SHOWN, body);
	free(body);
	return sentence;
}

static void on_reply(void *arg, const struct http_reply *reply)
{
	struct webhook_op *op = arg;
	webhook_done_fn *done = op->done;
	void *done_arg = op->arg;
	char *text = sentence_of(op, reply);
	const struct webhook_answer answer = {result_of(op, reply), text};

	free(op);
	done(done_arg, &answer);
	free(text);
}

static char *write_body(const char *text)
{
	cJSON *object = cJSON_CreateObject();
	struct buf escaped = {0};
	char *body;

	slack_escape(&escaped, text);
	(void)cJSON_AddStringToObject(object, "text", buf_text(&escaped));
	body = cJSON_PrintUnformatted(object);
	buf_done(&escaped);
	cJSON_Delete(object);
	return body;
}

static struct webhook_op *post(const struct webhook_context *context, const char *url,
			       const char *text, webhook_done_fn *done, void *arg)
{
	static const struct http_header headers[] = {{"Content-Type", "application/json"}};
	struct webhook_op *op = mem_zalloc(sizeof *op);
	char *body = write_body(text);
	struct http_ask ask = {
	    .headers = headers,
	    .header_count = 1,
	    .body = body,
	    .body_len = strlen(body),
	    .timeout_ms = TIMEOUT_MS,
	    .max_bytes = ANSWER_LIMIT,
	};

	*op = (struct webhook_op){.context = context, .done = done, .arg = arg};
	ask.url = secret_resolve(context->secrets, url, &op->problem);
	if (ask.url == NULL)
		ask.url = ""; /* nothing is sent, it comes back as unusable */
	op->request = http_start(context->http, &ask, on_reply, op);
	free(body);
	return op;
}

static void cancel(struct webhook_op *op)
{
	if (op == NULL)
		return;
	http_cancel(op->request);
	free(op);
}

const struct webhook_driver webhook_slack = {.post = post, .cancel = cancel};
