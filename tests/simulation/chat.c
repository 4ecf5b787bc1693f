/* The chat driver of the simulation: its channels are the world's; calls fail as the plan says. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

#define LATENCY_US 30000
#define PAGE_SIZE  100

enum op_kind { OP_FIND, OP_CHANNELS, OP_READ, OP_THREAD, OP_POST, OP_EDIT };

struct chat {
	struct actor *actor; /* borrowed */
	struct chat_op *ops; /* owned list, in flight */
};

struct chat_op {
	struct chat *chat;    /* borrowed */
	struct chat_op *next; /* owned */
	struct event *timer;  /* owned */
	enum op_kind kind;
	int channel; /* -1: there is none */
	char ts[CHAT_TS_SIZE], page[CHAT_TS_SIZE];
	char *text, *mark; /* owned */
	int64_t started_ms;
	enum chat_result result; /* CHAT_OK: it is carried out and answered so */
	bool half;               /* carried out, but the answer is lost */
	chat_done_fn *done;
	void *arg;
};

/* What a call brings. */

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static struct chat_message view(const struct sim_message *message)
{
	return (struct chat_message){
	    .ts = message->ts,
	    .thread_ts = text_or_null(message->thread_ts),
	    .edited_ts = text_or_null(message->edited_ts),
	    .latest_reply_ts = text_or_null(message->latest_reply),
	    .text = message->text,
	    .text_len = strlen(message->text),
	    .mark = text_or_null(message->mark),
	    .sender = "somebody",
	    .wall_ms = chat_ts_ms(message->ts),
	};
}

static bool is_asked_for(const struct chat_op *op, const struct sim_message *message)
{
	if (message->channel != op->channel)
		return false;
	if (op->kind == OP_THREAD)
		return strcmp(message->ts, op->ts) == 0 || strcmp(message->thread_ts, op->ts) == 0;
	return message->thread_ts[0] == '\0' && chat_ts_compare(message->ts, op->ts) > 0 &&
	       (op->page[0] == '\0' || chat_ts_compare(message->ts, op->page) < 0);
}

static void list_messages(struct chat_op *op, struct chat_reply *reply)
{
	struct sim *sim = op->chat->actor->sim;
	struct chat_message *list = mem_zalloc((PAGE_SIZE + 1) * sizeof *list);
	int64_t since_us = chat_ts_ms(op->ts) * 1000;

	for (int i = sim->message_count; i > 0; i--) {
		struct sim_message *message = &sim->messages[i - 1];

		if (op->kind == OP_READ && message->ts_us <= since_us)
			break;
		if (!is_asked_for(op, message))
			continue;
		if (reply->message_count == PAGE_SIZE) {
			reply->more = list[PAGE_SIZE - 1].ts;
			break;
		}
		list[reply->message_count++] = view(message);
		message->shown = true;
	}
	reply->messages = list;
}

static void list_channels(struct chat_reply *reply)
{
	struct chat_channel *list = mem_zalloc(SIM_CHANNELS * sizeof *list);

	for (int i = 0; i < SIM_CHANNELS; i++)
		list[reply->channel_count++] =
		    (struct chat_channel){plan_channels[i], plan_channels[i], true, false};
	reply->channels = list;
}

static void carry_out(struct chat_op *op, struct chat_reply *reply)
{
	struct sim *sim = op->chat->actor->sim;
	struct sim_message *message;

	switch (op->kind) {
	case OP_FIND:
		reply->channel_id = plan_channels[op->channel];
		break;
	case OP_CHANNELS:
		list_channels(reply);
		break;
	case OP_READ:
	case OP_THREAD:
		list_messages(op, reply);
		break;
	case OP_POST:
		message = world_say(sim, MESSAGE_OURS, op->channel, text_or_null(op->ts), op->text);
		(void)snprintf(message->mark, sizeof message->mark, "%s", op->mark);
		(void)snprintf(op->ts, sizeof op->ts, "%s", message->ts);
		reply->ts = op->ts;
		reply->channel_id = plan_channels[op->channel];
		break;
	case OP_EDIT:
		message = world_find(sim, op->channel, op->ts);
		if (message != NULL) {
			(void)snprintf(message->text, sizeof message->text, "%s", op->text);
			world_write_ts(sim->now_us + sim->chat_us, message->edited_ts);
		}
		reply->ts = op->ts;
		break;
	}
}

static void free_op(struct chat_op *op)
{
	struct chat_op **at = &op->chat->ops;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	event_free(op->timer);
	free(op->text);
	free(op->mark);
	free(op);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct chat_op *op = arg;
	struct chat_reply reply = {.code = "", .started_ms = op->started_ms, .result = op->result},
			  lost = {.code = ""};
	chat_done_fn *done = op->done;
	void *done_arg = op->arg;
	char ts[CHAT_TS_SIZE];

	(void)fd;
	(void)what;
	if (op->kind == OP_POST || op->kind == OP_EDIT)
		calls_point("chat");
	if (op->result == CHAT_OK) {
		carry_out(op, &reply);
	} else {
		if (op->half)
			carry_out(op, &lost);
		reply.error =
		    op->result == CHAT_SLOW ? "the chat asks to wait" : "the chat is down";
		reply.code = op->half ? "ambiguous" : "http 503";
		reply.retry_after_ms = 2000;
	}
	if (op->kind == OP_POST || op->kind == OP_EDIT)
		calls_point("chat");
	memcpy(ts, op->ts, sizeof ts);
	if (reply.ts != NULL)
		reply.ts = ts;
	free_op(op);
	done(done_arg, &reply);
	free((void *)(uintptr_t)reply.messages);
	free((void *)(uintptr_t)reply.channels);
}

/* How a call goes. */
static int64_t decide(struct chat_op *op)
{
	struct sim *sim = op->chat->actor->sim;
	const struct plan_odds *odds = &sim->plan->odds;

	if (sim->healed)
		return LATENCY_US;
	if (world_has_trouble(sim, TROUBLE_CHAT, 0)) {
		op->result = CHAT_RETRY;
		sim_count(sim, COUNT_CHAT_DOWN);
	} else if (world_has_trouble(sim, TROUBLE_CHAT_HANGS, 0)) {
		op->result = CHAT_RETRY;
		sim_count(sim, COUNT_CHAT_HANGS);
		return SIM_STEP_US;
	} else if (world_has_trouble(sim, TROUBLE_CHAT_SLOW, 0)) {
		op->result = CHAT_SLOW;
		sim_count(sim, COUNT_CHAT_SLOW);
	} else if (op->kind == OP_POST && dice_chance(&sim->dice, odds->post_lost)) {
		op->result = CHAT_RETRY;
		sim_count(sim, COUNT_POSTS_LOST);
	} else if (op->kind == OP_POST && dice_chance(&sim->dice, odds->post_half)) {
		op->result = CHAT_RETRY;
		op->half = true;
		sim_count(sim, COUNT_POSTS_HALF);
	}
	return LATENCY_US;
}

static struct chat_op *start(struct chat *chat, enum op_kind kind, const char *channel,
			     chat_done_fn *done, void *arg)
{
	struct chat_op *op = mem_zalloc(sizeof *op);
	struct timeval delay = {0};
	int64_t us;

	*op = (struct chat_op){
	    .chat = chat,
	    .next = chat->ops,
	    .timer = evtimer_new(chat->actor->base, on_timer, op),
	    .kind = kind,
	    .channel = channel != NULL ? plan_channel(channel) : 0,
	    .started_ms = clock_ms(),
	    .done = done,
	    .arg = arg,
	};
	chat->ops = op;
	us = decide(op);
	delay = (struct timeval){us / 1000000, us % 1000000};
	(void)event_add(op->timer, &delay);
	return op;
}

static void set_text(char ret_text[CHAT_TS_SIZE], const char *text)
{
	(void)snprintf(ret_text, CHAT_TS_SIZE, "%s", text != NULL ? text : "");
}

static void set_post(struct chat_op *op, const struct chat_post *post)
{
	op->mark = mem_dup(post->mark);
	op->text = mem_printf("%s\n%s", post->headline, post->body != NULL ? post->body : "");
	promise_text(op->chat->actor->sim, "a post in the chat", op->text);
}

/* The driver. */

static struct chat_op *sim_find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	return start(chat, OP_FIND, name, done, arg);
}

static struct chat_op *sim_channels(struct chat *chat, const char *page, chat_done_fn *done,
				    void *arg)
{
	(void)page;
	return start(chat, OP_CHANNELS, NULL, done, arg);
}

static struct chat_op *sim_read(struct chat *chat, const char *channel_id, const char *since_ts,
				const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_READ, channel_id, done, arg);

	set_text(op->ts, since_ts);
	set_text(op->page, page);
	return op;
}

static struct chat_op *sim_thread(struct chat *chat, const char *channel_id, const char *thread_ts,
				  const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_THREAD, channel_id, done, arg);

	(void)page;
	set_text(op->ts, thread_ts);
	return op;
}

static struct chat_op *sim_post(struct chat *chat, const char *channel_id, const char *thread_ts,
				const struct chat_post *post, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_POST, channel_id, done, arg);

	set_text(op->ts, thread_ts);
	set_post(op, post);
	return op;
}

static struct chat_op *sim_edit(struct chat *chat, const char *channel_id, const char *ts,
				const struct chat_post *post, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_EDIT, channel_id, done, arg);

	set_text(op->ts, ts);
	set_post(op, post);
	return op;
}

static void sim_cancel(struct chat_op *op)
{
	if (op != NULL)
		free_op(op);
}

static char *sim_permalink(const struct chat *chat, const char *channel_id, const char *ts)
{
	(void)chat;
	return mem_printf("chat://%s/%s", channel_id, ts);
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	world_write_ts(wall_ms > 0 ? wall_ms * 1000 : 0, ret_ts);
}

const struct chat_driver sim_chat_driver = {
    .type = "sim",
    .requests_per_minute = 1200,
    .page_size = PAGE_SIZE,
    .find = sim_find,
    .channels = sim_channels,
    .read = sim_read,
    .thread = sim_thread,
    .post = sim_post,
    .edit = sim_edit,
    .cancel = sim_cancel,
    .permalink = sim_permalink,
    .ts_at = ts_at,
};

struct chat *actor_chat_new(struct actor *actor)
{
	struct chat *chat = mem_zalloc(sizeof *chat);

	chat->actor = actor;
	return chat;
}

void actor_chat_free(struct chat *chat)
{
	while (chat != NULL && chat->ops != NULL)
		free_op(chat->ops);
	free(chat);
}
