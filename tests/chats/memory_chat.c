/* A chat in memory behind the contract of chat drivers. */
#include "tests/chats/memory_chat.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

enum op_kind { OP_FIND, OP_READ, OP_THREAD };

struct chat_op {
	struct chat *chat;    /* borrowed */
	struct chat_op *next; /* owned */
	struct event *timer;  /* owned */
	chat_done_fn *done;
	void *arg;
	enum op_kind kind;
	int64_t started_ms;
	char since[CHAT_TS_SIZE];
	char page[CHAT_TS_SIZE];
};

static void unlink_op(struct chat_op *op)
{
	struct chat_op **at = &op->chat->ops;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	op->chat->in_flight--;
	event_free(op->timer);
	free(op);
}

static struct chat_message view(const struct chat *chat, const struct memory_message *message)
{
	bool tells = message->latest_reply[0] != '\0' && !chat->no_latest_reply;

	return (struct chat_message){
	    .ts = message->ts,
	    .thread_ts = message->thread_ts[0] != '\0' ? message->thread_ts : NULL,
	    .edited_ts = message->edited_ts[0] != '\0' ? message->edited_ts : NULL,
	    .latest_reply_ts = tells ? message->latest_reply : NULL,
	    .text = message->text,
	    .text_len = strlen(message->text),
	    .mark = message->mark,
	    .sender = "tester",
	    .wall_ms = chat_ts_ms(message->ts),
	};
}

/* A page is the time stamp of the last message that the page before gave. */
static bool is_asked_for(const struct chat_op *op, const struct memory_message *message)
{
	if (op->kind == OP_THREAD)
		return strcmp(message->thread_ts, op->since) == 0 ||
		       strcmp(message->ts, op->since) == 0;
	if (message->thread_ts[0] != '\0' || chat_ts_compare(message->ts, op->since) <= 0)
		return false;
	if (op->page[0] == '\0')
		return true;
	return op->chat->forward ? chat_ts_compare(message->ts, op->page) > 0
				 : chat_ts_compare(message->ts, op->page) < 0;
}

static void shuffle(struct chat_message *list, size_t count)
{
	for (size_t i = 0; i + 1 < count; i += 2) {
		struct chat_message swapped = list[i];

		list[i] = list[count - 1 - i / 2];
		list[count - 1 - i / 2] = swapped;
	}
}

static void fill(struct chat_op *op, struct chat_reply *reply, struct chat_message *list,
		 char more[CHAT_TS_SIZE])
{
	struct chat *chat = op->chat;
	size_t limit = chat->page_size > 0 ? chat->page_size : 100;
	size_t count = 0;

	for (size_t i = 0; i < chat->count; i++) {
		size_t at = chat->forward || op->kind == OP_THREAD ? i : chat->count - 1 - i;
		const struct memory_message *message = &chat->messages[at];

		if (!is_asked_for(op, message))
			continue;
		if (count == limit && op->kind == OP_READ) {
			(void)snprintf(more, CHAT_TS_SIZE, "%s", list[count - 1].ts);
			reply->more = more;
			break;
		}
		list[count++] = view(chat, message);
	}
	if (chat->shuffled)
		shuffle(list, count);
	if (chat->endless && op->kind == OP_READ)
		reply->more = "9";
	reply->messages = list;
	reply->message_count = count;
	reply->capped = chat->capped;
}

static enum chat_result result_of(struct chat *chat)
{
	if (chat->skip > 0) {
		chat->skip--;
		return CHAT_OK;
	}
	if (chat->times == 0)
		return CHAT_OK;
	if (chat->times > 0)
		chat->times--;
	return chat->result;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct chat_op *op = arg;
	struct chat *chat = op->chat;
	struct chat_message *list;
	struct chat_reply reply = {.error = NULL, .code = "", .started_ms = op->started_ms};
	chat_done_fn *done = op->done;
	void *done_arg = op->arg;
	char more[CHAT_TS_SIZE];

	(void)fd;
	(void)what;
	if (op->kind == OP_READ && chat->reading != NULL)
		chat->reading(chat);
	if (chat->dated)
		reply.date_ms = (clock_wall_ms() + chat->skew_ms) / 1000 * 1000;
	list = mem_zalloc((chat->count + 1) * sizeof *list);
	reply.result = result_of(chat);
	if (op->kind == OP_THREAD && chat->thread_result != CHAT_OK)
		reply.result = chat->thread_result;
	if (reply.result != CHAT_OK) {
		reply.error = "the memory chat was told to fail";
		reply.retry_after_ms = chat->retry_after_ms;
		reply.capped = chat->capped;
	} else if (op->kind == OP_FIND) {
		reply.channel_id = "C1";
	} else {
		fill(op, &reply, list, more);
	}
	unlink_op(op);
	done(done_arg, &reply);
	free(list);
}

static struct chat_op *start(struct chat *chat, enum op_kind kind, const char *since,
			     const char *page, chat_done_fn *done, void *arg)
{
	const struct timeval now = {0};
	struct chat_op *op = mem_zalloc(sizeof *op);

	*op = (struct chat_op){.chat = chat, .next = chat->ops, .done = done, .arg = arg};
	op->kind = kind;
	op->started_ms = clock_ms();
	(void)snprintf(op->since, sizeof op->since, "%s", since);
	(void)snprintf(op->page, sizeof op->page, "%s", page != NULL ? page : "");
	op->timer = evtimer_new(chat->base, on_timer, op);
	if (!chat->hang)
		(void)event_add(op->timer, &now);
	chat->ops = op;
	chat->in_flight++;
	if (kind != OP_FIND) {
		chat->gap_ms = op->started_ms - chat->last_read_ms;
		chat->last_read_ms = op->started_ms;
	}
	return op;
}

static struct chat_op *memory_find(struct chat *chat, const char *name, chat_done_fn *done,
				   void *arg)
{
	chat->finds++;
	return start(chat, OP_FIND, name, NULL, done, arg);
}

static struct chat_op *memory_read(struct chat *chat, const char *channel_id, const char *since_ts,
				   const char *page, chat_done_fn *done, void *arg)
{
	(void)channel_id;
	chat->reads++;
	(void)snprintf(chat->last_since, sizeof chat->last_since, "%s", since_ts);
	return start(chat, OP_READ, since_ts, page, done, arg);
}

static struct chat_op *memory_thread(struct chat *chat, const char *channel_id,
				     const char *thread_ts, const char *page, chat_done_fn *done,
				     void *arg)
{
	(void)channel_id;
	chat->threads++;
	return start(chat, OP_THREAD, thread_ts, page, done, arg);
}

static void memory_cancel(struct chat_op *op)
{
	if (op == NULL)
		return;
	op->chat->cancelled++;
	unlink_op(op);
}

static void memory_ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	if (wall_ms < 0)
		wall_ms = 0;
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%" PRId64 ".%03d000", wall_ms / 1000,
		       (int)(wall_ms % 1000));
}

const struct chat_driver memory_driver = {
    .type = "memory",
    .requests_per_minute = 600000,
    .page_size = 100,
    .find = memory_find,
    .read = memory_read,
    .thread = memory_thread,
    .cancel = memory_cancel,
    .ts_at = memory_ts_at,
};

void memory_chat_done(struct chat *chat)
{
	while (chat->ops != NULL)
		unlink_op(chat->ops);
	for (size_t i = 0; i < chat->count; i++) {
		free(chat->messages[i].text);
		free(chat->messages[i].mark);
	}
	free(chat->messages);
	*chat = (struct chat){0};
}

/* Writing. */

static struct memory_message *find_message(struct chat *chat, const char *ts)
{
	for (size_t i = 0; i < chat->count; i++) {
		if (strcmp(chat->messages[i].ts, ts) == 0)
			return &chat->messages[i];
	}
	return NULL;
}

static struct memory_message *add(struct chat *chat, const char *text, const char *mark,
				  int64_t wall_ms)
{
	struct memory_message *message;
	char ts[CHAT_TS_SIZE];
	size_t at = chat->count;
	int micro = 0;

	do {
		(void)snprintf(ts, sizeof ts, "%" PRId64 ".%03d%03d", wall_ms / 1000,
			       (int)(wall_ms % 1000), micro++ % 1000);
	} while (find_message(chat, ts) != NULL);
	while (at > 0 && chat_ts_compare(chat->messages[at - 1].ts, ts) > 0)
		at--;
	chat->messages = mem_grow(chat->messages, chat->count + 1, sizeof *chat->messages);
	message = &chat->messages[at];
	memmove(message + 1, message, (chat->count - at) * sizeof *message);
	chat->count++;
	*message = (struct memory_message){.text = mem_dup(text), .mark = mem_dup(mark)};
	memcpy(message->ts, ts, sizeof ts);
	return message;
}

const char *memory_post_at(struct chat *chat, const char *text, int64_t wall_ms)
{
	return add(chat, text, NULL, wall_ms)->ts;
}

const char *memory_post(struct chat *chat, const char *text)
{
	return memory_post_at(chat, text, clock_wall_ms() + chat->skew_ms);
}

const char *memory_post_own(struct chat *chat, const char *text, const char *mark)
{
	return add(chat, text, mark, clock_wall_ms() + chat->skew_ms)->ts;
}

const char *memory_reply(struct chat *chat, const char *thread_ts, const char *text)
{
	struct memory_message *reply;
	struct memory_message *parent;
	char parent_ts[CHAT_TS_SIZE];

	(void)snprintf(parent_ts, sizeof parent_ts, "%s", thread_ts);
	reply = add(chat, text, NULL, clock_wall_ms() + chat->skew_ms);
	memcpy(reply->thread_ts, parent_ts, sizeof parent_ts);
	parent = find_message(chat, parent_ts);
	if (parent != NULL)
		memcpy(parent->latest_reply, reply->ts, sizeof parent->latest_reply);
	return reply->ts;
}

void memory_edit(struct chat *chat, const char *ts, const char *text)
{
	struct memory_message *message = find_message(chat, ts);

	free(message->text);
	message->text = mem_dup(text);
	memory_ts_at(clock_wall_ms() + chat->skew_ms, message->edited_ts);
}
