/* An incoming webhook of the little chat. */
#include "tests/engine/little_webhook.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"

struct webhook_op {
	struct little_webhook *webhook; /* borrowed */
	struct event *timer;            /* owned */
	webhook_done_fn *done;
	void *arg;
};

struct showing {
	struct little_webhook *webhook; /* borrowed */
	struct event *timer;            /* owned */
	char *text;                     /* owned */
};

static void free_op(struct webhook_op *op)
{
	op->webhook->in_flight--;
	event_free(op->timer);
	free(op);
}

static void on_op(evutil_socket_t fd, short what, void *arg)
{
	struct webhook_op *op = arg;
	webhook_done_fn *done = op->done;
	void *done_arg = op->arg;
	const struct webhook_answer answer = {op->webhook->result, "it answered 200: ok"};

	(void)fd;
	(void)what;
	free_op(op);
	done(done_arg, &answer);
}

static void on_showing(evutil_socket_t fd, short what, void *arg)
{
	struct showing *showing = arg;

	(void)fd;
	(void)what;
	(void)little_chat_say(&showing->webhook->world->chat, "ops", NULL, showing->text);
	event_free(showing->timer);
	free(showing->text);
	free(showing);
}

static void show_later(struct little_webhook *webhook, const char *text)
{
	struct showing *showing = mem_zalloc(sizeof *showing);
	const struct timeval delay = {webhook->after_ms / 1000, webhook->after_ms % 1000 * 1000};

	showing->webhook = webhook;
	showing->text = mem_dup(text);
	showing->timer = evtimer_new(webhook->world->base, on_showing, showing);
	(void)event_add(showing->timer, &delay);
}

static struct webhook_op *post(const struct webhook_context *context, const char *url,
			       const char *text, webhook_done_fn *done, void *arg)
{
	struct little_webhook *webhook = (struct little_webhook *)(uintptr_t)context;
	struct webhook_op *op = mem_zalloc(sizeof *op);
	const struct timeval now = {0};

	webhook->posted++;
	webhook->in_flight++;
	(void)snprintf(webhook->url, sizeof webhook->url, "%s", url);
	(void)snprintf(webhook->text, sizeof webhook->text, "%s", text);
	*op = (struct webhook_op){.webhook = webhook, .done = done, .arg = arg};
	op->timer = evtimer_new(webhook->world->base, on_op, op);
	if (!webhook->hangs)
		(void)event_add(op->timer, &now);
	if (!webhook->loses &&
	    (webhook->result == WEBHOOK_TAKEN || webhook->result == WEBHOOK_UNSURE))
		show_later(webhook, text);
	return op;
}

static void cancel(struct webhook_op *op)
{
	if (op != NULL)
		free_op(op);
}

const struct webhook_driver little_webhook_driver = {.post = post, .cancel = cancel};
