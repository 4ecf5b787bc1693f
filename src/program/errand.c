/* One message to people, carried to the chat. */
#include "src/program/errand.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "reports/settled.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define PATIENCE_MS  60000
#define PAUSE_MS     2000  /* before it is tried again; grows with each try ... */
#define PAUSE_MAX_MS 10000 /* ... up to this */

#define PAGES_MAX     3      /* of a channel that are read to find a message */
#define LANDING_MS    15000  /* so long after its sender died a post may still arrive */
#define CLOCKS_APART  300000 /* ms between the chat's clock and ours */
#define NOT_AMONG_THE "the drill's message is not among the latest ones; look for it yourself"

/* What is to be done next. */
enum step { STEP_FIND, STEP_LOOK, STEP_WRITE };

struct errand {
	struct app *app;          /* borrowed */
	char *drill;              /* owned; of the message to edit; NULL: a new one */
	char *chat, *channel;     /* owned; as they are configured */
	char *channel_id;         /* owned; "" until it is known */
	char ts[CHAT_TS_SIZE];    /* "" until it is known */
	char since[CHAT_TS_SIZE]; /* what is looked for was not posted before */
	int64_t sure_ms;          /* clock_ms(); what is not there then was never posted */
	bool outdated, last;
	char *headline, *body, *footer, *mark; /* owned */
	enum chat_tone tone;

	enum step step;
	char oldest[CHAT_TS_SIZE]; /* of those found; "": none yet */
	char *page;                /* owned; the next one to look at; NULL: the first */
	int pages;
	const struct chat_driver *driver;
	struct chat_op *op;  /* owned while in flight */
	struct event *again; /* owned; the next step, or the next try */
	int tries;
	int64_t give_up_ms;
	errand_over_fn *over;
	void *arg; /* borrowed, for over */
};

static void arm(struct errand *errand, int64_t delay_ms)
{
	const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	if (event_add(errand->again, &delay) != 0)
		abort(); /* out of memory, as in mem.h */
}

/* Its ends. */

static void give_up(struct errand *errand, const char *why)
{
	char *trouble = mem_printf("%s, channel %s: %s", errand->chat, errand->channel, why);

	errand->over(errand->arg, errand, trouble);
	free(trouble);
}

static void be_done(struct errand *errand)
{
	const struct ledger_message message = {
	    .drill = errand->drill, .chat = errand->chat, .channel = errand->channel};

	if (errand->drill != NULL && errand->last)
		(void)messages_forget(app_ledger(errand->app), &message, NULL);
	errand->over(errand->arg, errand, NULL);
}

/* There is no message, and none will come: a later life need not look for it. */
static void be_none(struct errand *errand)
{
	errand->last = true;
	be_done(errand);
}

static void try_again(struct errand *errand, const struct chat_reply *reply)
{
	int64_t pause_ms = PAUSE_MS * ++errand->tries;

	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	if (reply->result == CHAT_SLOW && reply->retry_after_ms > pause_ms)
		pause_ms = reply->retry_after_ms;
	if (pause_ms > errand->give_up_ms - clock_ms())
		give_up(errand, reply->error != NULL ? reply->error : NOT_AMONG_THE);
	else
		arm(errand, pause_ms);
}

/* The steps. */

static void go(struct errand *errand, enum step step)
{
	errand->step = step;
	errand->tries = 0;
	arm(errand, 0);
}

static void note_channel(struct errand *errand, const struct chat_reply *reply)
{
	bool looks = errand->drill != NULL && (errand->ts[0] == '\0' || errand->outdated);

	if (reply->channel_count == 0) {
		give_up(errand, "there is no such channel");
		return;
	}
	free(errand->channel_id);
	errand->channel_id = mem_dup(reply->channels[0].id);
	go(errand, looks ? STEP_LOOK : STEP_WRITE);
}

static bool is_ours(const struct errand *errand, const struct chat_message *message)
{
	return message->mark != NULL && strcmp(message->mark, errand->drill) == 0 &&
	       message->thread_ts == NULL;
}

/* The message itself, read back. One that is not there is edited all the same: then the chat says
 * what is wrong. */
static void look_at(struct errand *errand, const struct chat_reply *reply)
{
	for (size_t i = 0; i < reply->message_count; i++) {
		const struct chat_message *message = &reply->messages[i];

		if (is_ours(errand, message) && strcmp(message->ts, errand->ts) == 0 &&
		    !settled_is_outdated(message->text)) {
			be_done(errand);
			return;
		}
	}
	go(errand, STEP_WRITE);
}

/* What was posted about the drill after its death has its mark, too: the oldest is its own. */
static void note_oldest(struct errand *errand, const struct chat_reply *reply)
{
	for (size_t i = 0; i < reply->message_count; i++) {
		const struct chat_message *message = &reply->messages[i];

		if (is_ours(errand, message) && settled_is_outdated(message->text) &&
		    (errand->oldest[0] == '\0' || chat_ts_compare(message->ts, errand->oldest) < 0))
			strncpy(errand->oldest, message->ts, sizeof errand->oldest - 1);
	}
}

/* A page of the channel, of which there may be more. */
static void look_for(struct errand *errand, const struct chat_reply *reply)
{
	note_oldest(errand, reply);
	free(errand->page);
	errand->page = NULL;
	if (reply->more != NULL && ++errand->pages < PAGES_MAX) {
		errand->page = mem_dup(reply->more);
		go(errand, STEP_LOOK);
	} else if (errand->oldest[0] != '\0') {
		memcpy(errand->ts, errand->oldest, sizeof errand->ts);
		go(errand, STEP_WRITE);
	} else if (reply->more != NULL) {
		give_up(errand, NOT_AMONG_THE);
	} else if (clock_ms() < errand->sure_ms) {
		errand->pages = 0;
		try_again(errand, reply);
	} else {
		be_none(errand);
	}
}

static void on_reply(void *arg, const struct chat_reply *reply)
{
	struct errand *errand = arg;

	errand->op = NULL;
	if (reply->result == CHAT_PERMANENT && errand->step == STEP_LOOK && errand->ts[0] != '\0') {
		go(errand, STEP_WRITE); /* a bot may write where it must not read */
		return;
	}
	if (reply->result == CHAT_PERMANENT) {
		give_up(errand, reply->error);
		return;
	}
	if (reply->result != CHAT_OK) {
		try_again(errand, reply);
		return;
	}
	switch (errand->step) {
	case STEP_FIND:
		note_channel(errand, reply);
		break;
	case STEP_LOOK:
		if (errand->ts[0] != '\0')
			look_at(errand, reply);
		else
			look_for(errand, reply);
		break;
	case STEP_WRITE:
		be_done(errand);
		break;
	}
}

static struct chat_op *start_looking(struct errand *errand, struct chat *chat)
{
	if (errand->ts[0] != '\0')
		return errand->driver->thread(chat, errand->channel_id, errand->ts, NULL, on_reply,
					      errand);
	return errand->driver->read(chat, errand->channel_id, errand->since, errand->page, on_reply,
				    errand);
}

static void start_writing(struct errand *errand, struct chat *chat)
{
	const struct chat_post post = {
	    .mark = errand->mark,
	    .tone = errand->tone,
	    .headline = errand->headline,
	    .body = errand->body,
	    .footer = errand->footer,
	};

	if (errand->drill != NULL)
		errand->op = errand->driver->edit(chat, errand->channel_id, errand->ts, &post,
						  on_reply, errand);
	else
		errand->op =
		    errand->driver->post(chat, errand->channel_id, NULL, &post, on_reply, errand);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct errand *errand = arg;
	struct error error = {""};
	struct chat *chat = app_chat(errand->app, errand->chat, &errand->driver, &error);

	(void)fd;
	(void)what;
	if (chat == NULL) {
		give_up(errand, error.text);
		return;
	}
	switch (errand->step) {
	case STEP_FIND:
		errand->op = errand->driver->find(chat, errand->channel, on_reply, errand);
		break;
	case STEP_LOOK:
		errand->op = start_looking(errand, chat);
		break;
	case STEP_WRITE:
		start_writing(errand, chat);
		break;
	}
}

/* Public. */

/* Clocks may have been set since: then the whole time is waited for. */
static int64_t sure_ms(int64_t posted_wall_ms)
{
	int64_t age_ms = clock_wall_ms() - posted_wall_ms;

	if (age_ms < 0)
		age_ms = 0;
	return clock_ms() + (age_ms < LANDING_MS ? LANDING_MS - age_ms : 0);
}

/* Of the message to edit. */
static void take_message(struct errand *errand, const struct ledger_message *message)
{
	int64_t from_ms = message->posted_wall_ms - CLOCKS_APART;
	struct error error = {""};

	errand->drill = mem_dup(message->drill);
	errand->channel_id = mem_dup(message->channel_id);
	strncpy(errand->ts, message->ts, sizeof errand->ts - 1);
	errand->sure_ms = sure_ms(message->posted_wall_ms);
	if (app_chat(errand->app, errand->chat, &errand->driver, &error) != NULL)
		errand->driver->ts_at(from_ms > 0 ? from_ms : 0, errand->since);
	if (errand->channel_id[0] != '\0')
		errand->step = errand->ts[0] == '\0' || errand->outdated ? STEP_LOOK : STEP_WRITE;
}

struct errand *errand_start(const struct errand_ask *ask, errand_over_fn *over, void *arg)
{
	const struct ledger_message *message = ask->message;
	struct errand *errand = mem_zalloc(sizeof *errand);

	*errand = (struct errand){
	    .app = ask->app,
	    .chat = mem_dup(message != NULL ? message->chat : ask->chat),
	    .channel = mem_dup(message != NULL ? message->channel : ask->channel),
	    .outdated = ask->outdated,
	    .last = ask->last,
	    .headline = mem_dup(ask->post->headline),
	    .body = mem_dup(ask->post->body),
	    .footer = mem_dup(ask->post->footer),
	    .mark = mem_dup(ask->post->mark),
	    .tone = ask->post->tone,
	    .step = STEP_FIND,
	    .again = event_new(app_base(ask->app), -1, 0, on_turn, errand),
	    .give_up_ms = clock_ms() + PATIENCE_MS,
	    .over = over,
	    .arg = arg,
	};
	if (errand->again == NULL)
		abort(); /* out of memory, as in mem.h */
	if (message != NULL)
		take_message(errand, message);
	arm(errand, 0);
	return errand;
}

void errand_free(struct errand *errand)
{
	if (errand == NULL)
		return;
	if (errand->op != NULL)
		errand->driver->cancel(errand->op);
	event_free(errand->again);
	free(errand->drill);
	free(errand->chat);
	free(errand->channel);
	free(errand->channel_id);
	free(errand->page);
	free(errand->headline);
	free(errand->body);
	free(errand->footer);
	free(errand->mark);
	free(errand);
}
