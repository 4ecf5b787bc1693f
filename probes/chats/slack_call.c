/* One call of Slack's Web API, and how an op of the driver ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_parts.h"
#include "probes/http.h"
#include "scenarios/config.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define JSON_TYPE "application/json; charset=utf-8"
#define FEW_READS 2 /* between two refusals: only the smallest tier allows so few */

struct chat_op *slack_op_new(struct chat *chat, const char *channel, chat_done_fn *done, void *arg)
{
	struct chat_op *op = mem_zalloc(sizeof *op);

	*op = (struct chat_op){
	    .chat = chat,
	    .done = done,
	    .arg = arg,
	    .channel = mem_dup(channel),
	};
	LIST_INSERT_HEAD(&chat->ops, op, link);
	return op;
}

static void free_op(struct chat_op *op)
{
	free(op->channel);
	free(op->since);
	free(op->page);
	free(op);
}

void slack_op_free(struct chat_op *op)
{
	if (op == NULL)
		return;
	http_cancel(op->request);
	LIST_REMOVE(op, link);
	free_op(op);
}

/* Calling. */

void slack_form_add(struct buf *form, const char *name, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.~";

	if (value == NULL)
		return;
	buf_addf(form, "%s%s=", form->len > 0 ? "&" : "", name);
	while (*value != '\0') {
		size_t run = strspn(value, plain);

		buf_add(form, value, run);
		value += run;
		if (*value != '\0')
			buf_addf(form, "%%%02X", (unsigned)(unsigned char)*value++);
	}
}

/* How many calls were accepted tells the tier that allows one a minute from a mere rush. */
static void count_reads(struct chat *chat, struct slack_answer *answer, const char *method)
{
	if (strcmp(method, "conversations.history") != 0 &&
	    strcmp(method, "conversations.replies") != 0)
		return;
	if (answer->result == CHAT_OK)
		chat->reads++;
	if (answer->result != CHAT_SLOW)
		return;
	answer->capped = answer->capped && chat->reads <= FEW_READS;
	chat->reads = 0;
}

static void on_http(void *arg, const struct http_reply *http)
{
	struct chat_op *op = arg;
	char *channel = slack_channel_label(op->chat, op->channel);
	const struct slack_names names = {
	    .method = op->method,
	    .channel = channel,
	    .bot = op->chat->bot,
	};
	struct slack_answer answer;

	op->request = NULL;
	slack_answer_read(&answer, http, op->creates, &names, op->chat->secrets);
	free(channel);
	count_reads(op->chat, &answer, op->method);
	op->answered(op, &answer);
	slack_answer_done(&answer);
}

static void call(struct chat_op *op, const char *type, const char *body, size_t len)
{
	char *url = mem_printf("%s/%s", op->chat->url, op->method);
	const struct http_header header = {"Content-Type", type};
	const struct http_ask ask = {
	    .method = "POST",
	    .url = url,
	    .headers = &header,
	    .header_count = 1,
	    .body = body,
	    .body_len = len,
	    .bearer = op->chat->token,
	    .timeout_ms = op->chat->settings->timeout_ms,
	};

	if (op->started_ms == 0)
		op->started_ms = clock_ms();
	op->request = http_start(op->chat->http, &ask, on_http, op);
	free(url);
}

void slack_call_form(struct chat_op *op, const char *method, struct buf *form,
		     slack_answered_fn *answered)
{
	op->method = method;
	op->creates = false;
	op->answered = answered;
	call(op, FORM_TYPE, buf_text(form), form->len);
	buf_done(form);
}

void slack_call_json(struct chat_op *op, const char *method, char *json, bool creates,
		     slack_answered_fn *answered)
{
	op->method = method;
	op->creates = creates;
	op->answered = answered;
	call(op, JSON_TYPE, json, strlen(json));
	free(json);
}

/* Ending. */

static void finish(struct chat_op *op, struct chat_reply *reply)
{
	LIST_REMOVE(op, link);
	reply->started_ms = op->started_ms;
	op->done(op->arg, reply);
	free_op(op);
}

void slack_op_finish(struct chat_op *op, const struct slack_answer *answer,
		     struct chat_reply *reply)
{
	reply->result = answer->result;
	reply->error = answer->result != CHAT_OK ? answer->error : NULL;
	reply->code = answer->code;
	reply->retry_after_ms = answer->retry_after_ms;
	reply->date_ms = answer->date_ms;
	reply->capped = reply->capped || answer->capped;
	finish(op, reply);
}

void slack_op_refuse(struct chat_op *op, const char *code)
{
	char *channel = slack_channel_label(op->chat, op->channel);
	const struct slack_names names = {
	    .method = op->method,
	    .channel = channel,
	    .bot = op->chat->bot,
	};
	struct chat_reply reply = {.result = CHAT_PERMANENT, .code = code};
	char error[512];

	slack_error_write(code, &names, error, sizeof error);
	free(channel);
	reply.error = error;
	finish(op, &reply);
}

void slack_op_stuck(struct chat_op *op)
{
	struct chat_reply reply = {
	    .result = CHAT_RETRY,
	    .code = op->creates ? "ambiguous" : "",
	    .error = "Slack's answer lacks what it should have; firedrill tries again by itself",
	};

	finish(op, &reply);
}
