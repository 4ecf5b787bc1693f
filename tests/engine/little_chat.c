/* A chat of a few channels in memory, behind the contract of chat drivers. */
#include "tests/engine/little_chat.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

enum op_kind { OP_FIND, OP_CHANNELS, OP_READ, OP_THREAD, OP_POST, OP_EDIT };

struct chat_op {
	struct chat *chat;    /* borrowed */
	struct chat_op *next; /* owned */
	struct event *timer;  /* owned */
	chat_done_fn *done;
	void *arg;
	enum op_kind kind;
	int64_t started_ms;
	struct little_channel *channel; /* borrowed; NULL: there is no such channel */
	char ts[CHAT_TS_SIZE];          /* since, thread or message */
	char page[CHAT_TS_SIZE];        /* what comes is before this; "": the first page */
	char *text;                     /* owned */
	char *mark;                     /* owned */
};

/* Messages. */

static void write_ts(int64_t wall_ms, int micro, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%" PRId64 ".%06u", wall_ms / 1000,
		       (unsigned)(wall_ms % 1000 * 1000 + micro) % 1000000U);
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	write_ts(wall_ms > 0 ? wall_ms : 0, 0, ret_ts);
}

static int64_t ms_of(const char *ts)
{
	return strtoll(ts, NULL, 10) * 1000 + strtoll(strchr(ts, '.') + 1, NULL, 10) / 1000;
}

static struct little_message *find_message(const struct little_channel *channel, const char *ts)
{
	for (size_t i = 0; i < channel->count; i++) {
		if (strcmp(channel->messages[i].ts, ts) == 0)
			return &channel->messages[i];
	}
	return NULL;
}

static struct little_message *add(struct chat *chat, struct little_channel *channel,
				  const char *thread_ts, const char *text, const char *mark)
{
	struct little_message *message, *parent;
	char ts[CHAT_TS_SIZE], parent_ts[CHAT_TS_SIZE] = "";
	int micro = 0;

	do {
		write_ts(clock_wall_ms() + chat->ahead_ms, micro++, ts);
	} while (find_message(channel, ts) != NULL);
	if (thread_ts != NULL)
		(void)snprintf(parent_ts, sizeof parent_ts, "%s", thread_ts);
	channel->messages =
	    mem_grow(channel->messages, channel->count + 1, sizeof *channel->messages);
	message = &channel->messages[channel->count++];
	*message = (struct little_message){
	    .text = mem_dup(text), .mark = mem_dup(mark), .changed_ms = clock_ms()};
	memcpy(message->ts, ts, sizeof ts);
	memcpy(message->thread_ts, parent_ts, sizeof parent_ts);
	parent = find_message(channel, parent_ts);
	if (parent != NULL)
		memcpy(parent->latest_reply, ts, sizeof ts);
	return message;
}

static void change(struct chat *chat, struct little_message *message, const char *text)
{
	free(message->text);
	message->text = mem_dup(text);
	write_ts(clock_wall_ms() + chat->ahead_ms, 0, message->edited_ts);
	chat->quick_edits += clock_ms() < message->changed_ms + 2000 ? 1 : 0;
	message->changed_ms = clock_ms();
}

static void tell(struct chat *chat, const char *what, const struct little_channel *channel)
{
	if (chat->story != NULL)
		chat->story(chat->arg, what, channel->name);
}

/* What a call brings. */

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static struct chat_message view(const struct little_message *message)
{
	return (struct chat_message){
	    .ts = message->ts,
	    .thread_ts = text_or_null(message->thread_ts),
	    .edited_ts = text_or_null(message->edited_ts),
	    .latest_reply_ts = text_or_null(message->latest_reply),
	    .text = message->text,
	    .text_len = strlen(message->text),
	    .mark = message->mark,
	    .sender = "somebody",
	    .wall_ms = ms_of(message->ts),
	};
}

static bool is_asked_for(const struct chat_op *op, const struct little_message *message)
{
	if (op->channel->hides_ours && message->mark != NULL)
		return false;
	if (op->kind == OP_THREAD)
		return strcmp(message->ts, op->ts) == 0 || strcmp(message->thread_ts, op->ts) == 0;
	return message->thread_ts[0] == '\0' && chat_ts_compare(message->ts, op->ts) > 0 &&
	       (op->page[0] == '\0' || chat_ts_compare(message->ts, op->page) < 0);
}

static void list_messages(struct chat_op *op, struct chat_reply *reply)
{
	struct little_channel *channel = op->channel;
	struct chat_message *list = mem_zalloc((channel->count + 1) * sizeof *list);

	for (size_t i = channel->count; i > 0; i--) {
		struct little_message *message = &channel->messages[i - 1];

		if (!is_asked_for(op, message))
			continue;
		if (channel->page_size > 0 && reply->message_count == channel->page_size) {
			reply->more = list[reply->message_count - 1].ts;
			break;
		}
		list[reply->message_count++] = view(message);
		if (message->mark != NULL && !message->shown) {
			message->shown = true;
			tell(op->chat, "shown", channel);
		}
	}
	reply->messages = list;
}

static void list_channels(const struct chat *chat, struct chat_reply *reply)
{
	struct chat_channel *list = mem_zalloc(LITTLE_CHANNELS * sizeof *list);

	for (size_t i = 0; i < LITTLE_CHANNELS; i++) {
		const struct little_channel *channel = &chat->channels[i];

		if (channel->name != NULL)
			list[reply->channel_count++] = (struct chat_channel){
			    channel->name, channel->name, !channel->not_member, false};
	}
	reply->channels = list;
}

static void carry_out(struct chat_op *op, struct chat_reply *reply)
{
	struct little_message *message;

	switch (op->kind) {
	case OP_FIND:
		reply->channel_id = op->channel->name;
		break;
	case OP_CHANNELS:
		list_channels(op->chat, reply);
		break;
	case OP_READ:
	case OP_THREAD:
		list_messages(op, reply);
		break;
	case OP_POST:
		message = add(op->chat, op->channel, op->ts, op->text, op->mark);
		tell(op->chat, op->ts[0] != '\0' ? "reply" : "post", op->channel);
		(void)snprintf(op->ts, sizeof op->ts, "%s", message->ts);
		reply->ts = op->ts;
		reply->channel_id = op->channel->name;
		break;
	case OP_EDIT:
		change(op->chat, find_message(op->channel, op->ts), op->text);
		tell(op->chat, "edit", op->channel);
		reply->ts = op->ts;
		break;
	}
}

static struct little_trouble *trouble_of(struct chat_op *op)
{
	switch (op->kind) {
	case OP_FIND:
		break;
	case OP_CHANNELS:
		return &op->chat->listing;
	case OP_READ:
	case OP_THREAD:
		return &op->channel->reading;
	case OP_POST:
		return op->ts[0] != '\0' ? &op->channel->replying : &op->channel->posting;
	case OP_EDIT:
		return &op->channel->editing;
	}
	return &op->channel->finding;
}

static void answer(struct chat_op *op, struct chat_reply *reply)
{
	struct little_trouble *trouble;
	struct chat *chat = op->chat;

	if (op->channel == NULL) {
		*reply = (struct chat_reply){.result = CHAT_PERMANENT,
					     .error = "there is no such channel",
					     .code = "channel_not_found"};
		return;
	}
	trouble = trouble_of(op);
	if ((op->kind == OP_POST || op->kind == OP_EDIT) && op->started_ms < chat->slow_until_ms)
		chat->slow_calls++;
	if (trouble->times == 0) {
		carry_out(op, reply);
		return;
	}
	trouble->times -= trouble->times > 0 ? 1 : 0;
	if (trouble->done_all_the_same) {
		struct chat_reply lost = {.code = ""};

		carry_out(op, &lost);
	}
	reply->result = trouble->result;
	reply->error = "the little chat was told to fail";
	reply->code = trouble->code != NULL ? trouble->code : "";
	reply->retry_after_ms = trouble->retry_after_ms;
	if (reply->result == CHAT_SLOW)
		chat->slow_until_ms = clock_ms() + trouble->retry_after_ms;
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
	struct chat_reply reply = {.code = "", .started_ms = op->started_ms};
	chat_done_fn *done = op->done;
	void *done_arg = op->arg;
	char ts[CHAT_TS_SIZE];

	(void)fd;
	(void)what;
	answer(op, &reply);
	memcpy(ts, op->ts, sizeof ts);
	if (reply.ts != NULL)
		reply.ts = ts;
	free_op(op);
	done(done_arg, &reply);
	free((void *)(uintptr_t)reply.messages);
	free((void *)(uintptr_t)reply.channels);
}

static struct chat_op *start(struct chat *chat, enum op_kind kind, const char *channel,
			     chat_done_fn *done, void *arg)
{
	const struct timeval latency = {chat->latency_ms / 1000, chat->latency_ms % 1000 * 1000};
	struct chat_op *op = mem_zalloc(sizeof *op);

	*op = (struct chat_op){
	    .chat = chat,
	    .next = chat->ops,
	    .timer = evtimer_new(chat->base, on_timer, op),
	    .done = done,
	    .arg = arg,
	    .kind = kind,
	    .started_ms = clock_ms(),
	    .channel = kind == OP_CHANNELS ? &chat->channels[0] : little_channel(chat, channel),
	};
	(void)event_add(op->timer, &latency);
	chat->ops = op;
	chat->calls++;
	return op;
}

static void set_ts(struct chat_op *op, const char *ts)
{
	(void)snprintf(op->ts, sizeof op->ts, "%s", ts != NULL ? ts : "");
}

static void set_post(struct chat_op *op, const struct chat_post *post)
{
	op->mark = mem_dup(post->mark);
	op->text = mem_printf("%s\n%s", post->headline, post->body != NULL ? post->body : "");
}

/* The driver. */

static struct chat_op *little_find(struct chat *chat, const char *name, chat_done_fn *done,
				   void *arg)
{
	return start(chat, OP_FIND, name, done, arg);
}

static struct chat_op *little_channels(struct chat *chat, const char *page, chat_done_fn *done,
				       void *arg)
{
	(void)page;
	return start(chat, OP_CHANNELS, NULL, done, arg);
}

static struct chat_op *little_read(struct chat *chat, const char *channel_id, const char *since_ts,
				   const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_READ, channel_id, done, arg);

	if (op->channel != NULL)
		op->channel->reads++;
	set_ts(op, since_ts);
	(void)snprintf(op->page, sizeof op->page, "%s", page != NULL ? page : "");
	return op;
}

static struct chat_op *little_thread(struct chat *chat, const char *channel_id,
				     const char *thread_ts, const char *page, chat_done_fn *done,
				     void *arg)
{
	struct chat_op *op = start(chat, OP_THREAD, channel_id, done, arg);

	(void)page;
	set_ts(op, thread_ts);
	return op;
}

static struct chat_op *little_post(struct chat *chat, const char *channel_id, const char *thread_ts,
				   const struct chat_post *post, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_POST, channel_id, done, arg);

	set_ts(op, thread_ts);
	set_post(op, post);
	return op;
}

static struct chat_op *little_edit(struct chat *chat, const char *channel_id, const char *ts,
				   const struct chat_post *post, chat_done_fn *done, void *arg)
{
	struct chat_op *op = start(chat, OP_EDIT, channel_id, done, arg);

	set_ts(op, ts);
	set_post(op, post);
	return op;
}

static void little_cancel(struct chat_op *op)
{
	if (op != NULL)
		free_op(op);
}

static char *little_permalink(const struct chat *chat, const char *channel_id, const char *ts)
{
	(void)chat;
	return mem_printf("chat://%s/%s", channel_id, ts);
}

const struct chat_driver little_chat_driver = {
    .type = "little",
    .requests_per_minute = 600,
    .page_size = 100,
    .find = little_find,
    .channels = little_channels,
    .read = little_read,
    .thread = little_thread,
    .post = little_post,
    .edit = little_edit,
    .cancel = little_cancel,
    .permalink = little_permalink,
    .ts_at = ts_at,
};

/* What tests do with it. */

void little_chat_done(struct chat *chat)
{
	while (chat->ops != NULL)
		free_op(chat->ops);
	for (size_t i = 0; i < LITTLE_CHANNELS; i++) {
		struct little_channel *channel = &chat->channels[i];

		for (size_t j = 0; j < channel->count; j++) {
			free(channel->messages[j].text);
			free(channel->messages[j].mark);
		}
		free(channel->messages);
	}
	*chat = (struct chat){0};
}

struct little_channel *little_channel(struct chat *chat, const char *name)
{
	name += name[0] == '#' ? 1 : 0;
	for (size_t i = 0; i < LITTLE_CHANNELS; i++) {
		if (chat->channels[i].name != NULL && strcmp(chat->channels[i].name, name) == 0)
			return &chat->channels[i];
	}
	return NULL;
}

const char *little_chat_say(struct chat *chat, const char *channel, const char *thread_ts,
			    const char *text)
{
	return add(chat, little_channel(chat, channel), thread_ts, text, NULL)->ts;
}

void little_chat_change(struct chat *chat, const char *channel, const char *ts, const char *text)
{
	change(chat, find_message(little_channel(chat, channel), ts), text);
}

const struct little_message *little_chat_ours(struct chat *chat, const char *channel, bool reply,
					      size_t n)
{
	const struct little_channel *where = little_channel(chat, channel);

	for (size_t i = 0; i < where->count; i++) {
		const struct little_message *message = &where->messages[i];

		if (message->mark != NULL && (message->thread_ts[0] != '\0') == reply && n-- == 0)
			return message;
	}
	return NULL;
}
