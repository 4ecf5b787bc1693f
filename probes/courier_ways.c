/* The ways of the second path, one try of each. */
#include <event2/event.h>
#include <stdlib.h>

#include "probes/chats/chat.h"
#include "probes/chats/webhook.h"
#include "probes/courier_parts.h"
#include "probes/mail.h"
#include "scenarios/config.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

struct courier_try {
	const struct courier_world *world; /* borrowed */
	const struct courier_text *text;   /* borrowed */
	const struct chat_driver *driver;  /* of the chat's try */
	struct chat *chat;                 /* borrowed */
	struct chat_op *op;                /* owned while in flight, as are the next two */
	struct webhook_op *webhook;
	struct mail *mail;
	struct webhook_context webhooks;
	struct event *refusal; /* owned; tells from the loop that nothing could be tried */
	struct error refused;
	courier_tried_fn *done;
	void *arg; /* borrowed, for done */
};

static void try_free(struct courier_try *trial)
{
	if (trial->op != NULL)
		trial->driver->cancel(trial->op);
	webhook_slack.cancel(trial->webhook);
	mail_cancel(trial->mail);
	event_free(trial->refusal);
	free(trial);
}

/* The last call of a try: it is gone then. */
static void end(struct courier_try *trial, const struct courier_tried *tried)
{
	courier_tried_fn *done = trial->done;
	void *arg = trial->arg;

	trial->op = NULL;
	trial->webhook = NULL;
	trial->mail = NULL;
	try_free(trial);
	done(arg, tried);
}

static void on_refusal(evutil_socket_t fd, short what, void *arg)
{
	struct courier_try *trial = arg;
	struct error error = trial->refused;
	const struct courier_tried tried = {.error = error.text};

	(void)fd;
	(void)what;
	end(trial, &tried);
}

/* Another chat. */

static void end_chat(struct courier_try *trial, const struct chat_reply *reply)
{
	const struct courier_tried tried = {
	    .error = reply->result == CHAT_OK ? NULL : reply->error,
	    .again = reply->result != CHAT_PERMANENT,
	    .after_ms = reply->result == CHAT_SLOW ? reply->retry_after_ms : 0,
	};

	end(trial, &tried);
}

static void on_posted(void *arg, const struct chat_reply *reply)
{
	end_chat(arg, reply);
}

static void on_found(void *arg, const struct chat_reply *reply)
{
	static const struct courier_tried none = {.error = "there is no such channel"};
	struct courier_try *trial = arg;
	const struct chat_post post = {
	    .mark = trial->text->mark,
	    .tone = CHAT_BAD,
	    .headline = trial->text->subject,
	    .body = trial->text->text,
	};

	trial->op = NULL;
	if (reply->result != CHAT_OK)
		end_chat(trial, reply);
	else if (reply->channel_count == 0)
		end(trial, &none);
	else
		trial->op = trial->driver->post(trial->chat, reply->channels[0].id, NULL, &post,
						on_posted, trial);
}

static bool start_chat(struct courier_try *trial)
{
	const struct courier_world *world = trial->world;
	const struct second_settings *second = &world->config->report.second;

	trial->chat = world->chat(world->arg, second->chat, &trial->driver, &trial->refused);
	if (trial->chat == NULL)
		return false;
	trial->op = trial->driver->find(trial->chat, second->channel, on_found, trial);
	return true;
}

/* A webhook: told twice is better than not told. */

static void on_webhook(void *arg, const struct webhook_answer *answer)
{
	const struct courier_tried tried = {
	    .error = answer->result == WEBHOOK_TAKEN ? NULL : answer->text,
	    .again = answer->result != WEBHOOK_REFUSED,
	};

	end(arg, &tried);
}

/* Mail. */

static void on_mail(void *arg, const struct mail_answer *answer)
{
	char *part =
	    answer->refused != NULL
		? mem_printf("its server refused %s: check report.second.mail.to", answer->refused)
		: NULL;
	const struct courier_tried tried = {
	    .error = answer->error, .again = !answer->permanent, .part = part};

	end(arg, &tried);
	free(part);
}

/* For courier.c. */

const char *courier_way_name(enum courier_way way)
{
	switch (way) {
	case COURIER_CHAT:
		return "chat";
	case COURIER_WEBHOOK:
		return "webhook";
	case COURIER_MAIL:
		return "mail";
	case COURIER_WAYS:
		break;
	}
	return "";
}

bool courier_way_is_named(const struct config *config, enum courier_way way)
{
	const struct second_settings *second = &config->report.second;

	switch (way) {
	case COURIER_CHAT:
		return second->chat != NULL && second->channel != NULL;
	case COURIER_WEBHOOK:
		return second->webhook != NULL;
	case COURIER_MAIL:
		return second->mail.server != NULL;
	case COURIER_WAYS:
		break;
	}
	return false;
}

struct courier_try *courier_try_start(const struct courier_world *world, enum courier_way way,
				      const struct courier_text *text, const char *id,
				      courier_tried_fn *done, void *arg)
{
	const struct mail_letter letter = {
	    .subject = text->subject, .text = text->plain, .id = id, .wall_ms = clock_wall_ms()};
	const struct second_settings *second = &world->config->report.second;
	struct courier_try *trial = mem_zalloc(sizeof *trial);
	bool started = true;

	*trial = (struct courier_try){.world = world,
				      .text = text,
				      .webhooks = {world->http, world->secrets},
				      .refusal = event_new(world->base, -1, 0, on_refusal, trial),
				      .done = done,
				      .arg = arg};
	if (trial->refusal == NULL)
		abort(); /* out of memory, as in mem.h */
	switch (way) {
	case COURIER_CHAT:
		started = start_chat(trial);
		break;
	case COURIER_WEBHOOK:
		started = secret_resolve(world->secrets, second->webhook, &trial->refused) != NULL;
		if (started)
			trial->webhook = webhook_slack.post(&trial->webhooks, second->webhook,
							    text->plain, on_webhook, trial);
		break;
	case COURIER_MAIL:
		trial->mail =
		    mail_start(world->base, world->secrets, &second->mail, &letter, on_mail, trial);
		break;
	case COURIER_WAYS:
		started = false;
		break;
	}
	if (!started)
		event_active(trial->refusal, EV_TIMEOUT, 1);
	return trial;
}

void courier_try_cancel(struct courier_try *trial)
{
	if (trial != NULL)
		try_free(trial);
}
