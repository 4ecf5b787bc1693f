/* What one incoming message costs with few and with many waiting drills: CPU time and comparisons.
 * usage: bench_reader DRILLS MESSAGES */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"

#define PAGE     200
#define ALERTING 10 /* watches that the messages are for, however many wait beside them */

/* A chat in memory: every read brings the next page of messages, until there are no more. */
struct chat {
	struct event_base *base;
	size_t messages, sent;
	char (*ids)[ID_LEN + 1];
	size_t id_count;
};

struct chat_op {
	struct chat *chat;
	chat_done_fn *done;
	void *arg;
	struct event *turn; /* owned */
	bool find;
};

static void answer_find(struct chat_op *op)
{
	static const struct chat_channel ops = {.id = "C1", .name = "ops", .member = true};
	const struct chat_reply reply = {
	    .code = "", .channel_id = ops.id, .channels = &ops, .channel_count = 1};

	op->done(op->arg, &reply);
}

static void answer_read(struct chat_op *op)
{
	static char texts[PAGE][128], stamps[PAGE][CHAT_TS_SIZE];
	struct chat_message messages[PAGE] = {0};
	struct chat *chat = op->chat;
	int64_t wall_ms = clock_wall_ms();
	struct chat_reply reply = {.code = "", .started_ms = clock_ms(), .messages = messages};

	for (; reply.message_count < PAGE && chat->sent < chat->messages; chat->sent++) {
		size_t i = reply.message_count++;

		(void)snprintf(stamps[i], sizeof stamps[i], "%lld.%06zu",
			       (long long)(wall_ms / 1000 + 1 + (int64_t)(chat->sent / 1000000)),
			       chat->sent % 1000000);
		(void)snprintf(texts[i], sizeof texts[i],
			       "[FIRING:1] BenchAlert (orders-%s critical)",
			       chat->ids[chat->sent % ALERTING * (chat->id_count / ALERTING)]);
		messages[i] = (struct chat_message){.ts = stamps[i],
						    .text = texts[i],
						    .text_len = strlen(texts[i]),
						    .sender = "",
						    .wall_ms = wall_ms};
	}
	reply.more = chat->sent < chat->messages ? "more" : NULL;
	op->done(op->arg, &reply);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct chat_op *op = arg;

	(void)fd;
	(void)what;
	event_free(op->turn);
	if (op->find)
		answer_find(op);
	else
		answer_read(op);
	free(op);
}

static struct chat_op *later(struct chat *chat, bool find, chat_done_fn *done, void *arg)
{
	struct chat_op *op = mem_zalloc(sizeof *op);

	*op = (struct chat_op){chat, done, arg, NULL, find};
	op->turn = evtimer_new(chat->base, on_turn, op);
	event_active(op->turn, 0, 0);
	return op;
}

static struct chat_op *find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	(void)name;
	return later(chat, true, done, arg);
}

static struct chat_op *read_page(struct chat *chat, const char *id, const char *since,
				 const char *page, chat_done_fn *done, void *arg)
{
	(void)id;
	(void)since;
	(void)page;
	return later(chat, false, done, arg);
}

/* No message here has a thread: the read brings nothing new. */
static struct chat_op *read_thread(struct chat *chat, const char *id, const char *ts,
				   const char *page, chat_done_fn *done, void *arg)
{
	(void)ts;
	return read_page(chat, id, NULL, page, done, arg);
}

static void cancel(struct chat_op *op)
{
	if (op != NULL) {
		event_free(op->turn);
		free(op);
	}
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%lld.%06lld", (long long)(wall_ms / 1000),
		       (long long)(wall_ms % 1000 * 1000));
}

static const struct chat_driver driver = {
    .type = "memory",
    .requests_per_minute = 1000000,
    .page_size = PAGE,
    .find = find,
    .read = read_page,
    .thread = read_thread,
    .cancel = cancel,
    .ts_at = ts_at,
};

static void on_seen(void *arg, const struct sight *sight)
{
	(void)sight;
	++*(size_t *)arg;
}

static void on_covered(void *arg, bool covered)
{
	(void)covered;
	(void)event_base_loopbreak(arg);
}

int main(int argc, char **argv)
{
	size_t watches = argc == 3 ? strtoul(argv[1], NULL, 10) : 0, seen = 0;
	struct chat chat = {.base = event_base_new(),
			    .messages = argc == 3 ? strtoul(argv[2], NULL, 10) : 0,
			    .id_count = watches};
	struct channels *channels = channels_new(chat.base, &driver, &chat, 100);
	struct channel *channel = channels_get(channels, "#ops");
	struct watch **list = mem_zalloc((2 * watches + 1) * sizeof(struct watch *));
	const struct watch_spec strangers = {
	    .strangers = true, .since_ms = clock_ms(), .seen = on_seen};
	struct channel_counts counts;
	clock_t start;

	if (watches < ALERTING || chat.messages == 0)
		return 2;
	chat.ids = mem_zalloc(watches * sizeof *chat.ids);
	for (size_t i = 0; i < watches; i++) {
		const char *needles[] = {"BenchAlert", chat.ids[i]};
		const struct watch_spec spec = {.nonce = chat.ids[i],
						.needles = needles,
						.needle_count = 2,
						.since_ms = clock_ms(),
						.seen = on_seen};

		id_new(chat.ids[i]);
		list[2 * i] = channel_watch(channel, &spec, &seen);
		list[2 * i + 1] = channel_watch(channel, &strangers, &seen);
	}
	(void)channel_cover(channel, clock_ms(), clock_ms() + 600000, on_covered, chat.base);
	start = clock();
	(void)event_base_dispatch(chat.base);
	counts = channel_counts(channel);
	(void)printf("{\"watches\":%zu,\"messages\":%zu,\"seen\":%zu,\"ns_per_message\":%.0f,"
		     "\"compared_per_message\":%.3f}\n",
		     watches, counts.messages, seen,
		     (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / (double)chat.messages,
		     (double)counts.compared / (double)chat.messages);
	for (size_t i = 0; i < 2 * watches; i++)
		watch_free(list[i]);
	free(list);
	free(chat.ids);
	channels_free(channels);
	event_base_free(chat.base);
	return 0;
}
