/* A world for telling people. */
#include "tests/program/told_world.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/courier.h"
#include "scenarios/load.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/app.h"
#include "src/store/history.h"
#include "tests/engine/virtual_time.h"

#define CALL_MS 100 /* how long the chat, or a letter, takes */

struct told_world told_world;

/* The chat. */

struct chat {
	struct event_base *base;
};

enum call { CALL_FIND, CALL_READ, CALL_POST, CALL_EDIT };

struct chat_op {
	struct event *end; /* owned */
	enum call call;
	char channel[16], ts[CHAT_TS_SIZE], thread[CHAT_TS_SIZE];
	struct told_message words;
	chat_done_fn *done;
	void *arg;
};

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from != NULL ? from : "");
}

static void op_free(struct chat_op *op)
{
	told_world.in_flight--;
	event_free(op->end);
	free(op);
}

static void fail(struct chat_reply *reply, enum chat_result result, const char *code)
{
	reply->result = result;
	reply->code = code;
	reply->error = result == CHAT_PERMANENT ? "the message or channel is gone"
						: "the chat is out of order";
}

static void make_post(const struct chat_op *op, struct chat_reply *reply, char ts[CHAT_TS_SIZE])
{
	struct told_message *message = &told_world.messages[told_world.message_count];

	if (told_world.lose_post) {
		told_world.lose_post = false;
		fail(reply, CHAT_RETRY, "ambiguous");
		return;
	}
	*message = op->words;
	(void)snprintf(message->ts, sizeof message->ts, "100%zu.5", told_world.message_count++);
	copy(message->channel, sizeof message->channel, op->channel);
	copy(message->thread, sizeof message->thread, op->thread);
	copy(ts, CHAT_TS_SIZE, message->ts);
	reply->ts = ts;
	if (told_world.lose_answer) {
		told_world.lose_answer = false;
		fail(reply, CHAT_RETRY, "ambiguous");
	}
}

static void make_edit(const struct chat_op *op, struct chat_reply *reply)
{
	for (size_t i = 0; i < told_world.message_count; i++) {
		struct told_message *message = &told_world.messages[i];
		struct told_message before = *message;

		if (message->deleted || strcmp(message->ts, op->ts) != 0 ||
		    strcmp(message->channel, op->channel) != 0)
			continue;
		*message = op->words;
		copy(message->ts, sizeof message->ts, before.ts);
		copy(message->channel, sizeof message->channel, before.channel);
		message->edits = before.edits + 1;
		reply->ts = message->ts;
		return;
	}
	fail(reply, CHAT_PERMANENT, "message_not_found");
}

static void add_read(struct chat_reply *reply, struct chat_message list[64])
{
	for (size_t i = 0; i < told_world.message_count; i++) {
		const struct told_message *message = &told_world.messages[i];

		if (message->thread[0] == '\0' && !message->deleted)
			list[reply->message_count++] = (struct chat_message){
			    .ts = message->ts, .mark = message->mark, .text = message->headline};
	}
	reply->messages = list;
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	static const struct chat_channel channel = {.id = "C9", .name = "drills", .member = true};
	struct chat_op *op = arg, kept = *op;
	struct chat_message list[64] = {{0}};
	struct chat_reply reply = {.code = ""};
	char ts[CHAT_TS_SIZE];

	(void)fd;
	(void)what;
	op_free(op);
	if (told_world.result != CHAT_OK) {
		fail(&reply, told_world.result, "");
	} else if (kept.call == CALL_FIND) {
		reply.channels = &channel;
		reply.channel_count = 1;
	} else if (kept.call == CALL_READ) {
		told_world.reads++;
		add_read(&reply, list);
	} else if (kept.call == CALL_POST) {
		make_post(&kept, &reply, ts);
	} else {
		make_edit(&kept, &reply);
	}
	kept.done(kept.arg, &reply);
}

static struct chat_op *begin(enum call call, const char *channel, chat_done_fn *done, void *arg)
{
	const struct timeval wait = {.tv_usec = CALL_MS * 1000};
	struct chat_op *op = mem_zalloc(sizeof *op);

	told_world.in_flight++;
	op->call = call;
	op->done = done;
	op->arg = arg;
	copy(op->channel, sizeof op->channel, channel);
	op->end = event_new(told_world.base, -1, 0, on_end, op);
	(void)event_add(op->end, &wait);
	return op;
}

static void take_words(struct chat_op *op, const struct chat_post *post)
{
	copy(op->words.mark, sizeof op->words.mark, post->mark);
	copy(op->words.headline, sizeof op->words.headline, post->headline);
	copy(op->words.body, sizeof op->words.body, post->body);
	copy(op->words.mention, sizeof op->words.mention, post->mention);
	op->words.loud = post->loud;
	op->words.broadcast = post->broadcast;
}

static struct chat_op *find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	(void)chat;
	return begin(CALL_FIND, name, done, arg);
}

static struct chat_op *read_channel(struct chat *chat, const char *channel, const char *since,
				    const char *page, chat_done_fn *done, void *arg)
{
	(void)chat;
	(void)since;
	(void)page;
	return begin(CALL_READ, channel, done, arg);
}

static struct chat_op *post(struct chat *chat, const char *channel, const char *thread,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(CALL_POST, channel, done, arg);

	(void)chat;
	copy(op->thread, sizeof op->thread, thread);
	take_words(op, message);
	return op;
}

static struct chat_op *edit(struct chat *chat, const char *channel, const char *ts,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(CALL_EDIT, channel, done, arg);

	(void)chat;
	copy(op->ts, sizeof op->ts, ts);
	take_words(op, message);
	return op;
}

static void cancel(struct chat_op *op)
{
	if (op != NULL)
		op_free(op);
}

static char *permalink(const struct chat *chat, const char *channel, const char *ts)
{
	(void)chat;
	return mem_printf("https://chat.example/%s/%s", channel, ts);
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%" PRId64, wall_ms / 1000);
}

static const struct chat_driver driver = {.type = "told",
					  .find = find,
					  .read = read_channel,
					  .post = post,
					  .edit = edit,
					  .cancel = cancel,
					  .permalink = permalink,
					  .ts_at = ts_at};

/* The second path. */

struct courier {
	struct event *end; /* owned; of the only letter in flight */
	courier_done_fn *done;
	void *arg;
};

static void on_arrived(evutil_socket_t fd, short what, void *arg)
{
	struct courier *courier = arg;
	courier_done_fn *done = courier->done;
	const bool good = told_world.has_second && !told_world.second_fails;
	const struct courier_end end = {good ? "mail" : NULL,
					good ? NULL : "mail: nobody is there"};

	(void)fd;
	(void)what;
	courier->done = NULL;
	done(courier->arg, &end);
}

struct courier *courier_new(const struct courier_world *world)
{
	struct courier *courier = mem_zalloc(sizeof *courier);

	courier->end = event_new(world->base, -1, 0, on_arrived, courier);
	return courier;
}

void courier_free(struct courier *courier)
{
	event_free(courier->end);
	free(courier);
}

bool courier_has_ways(const struct courier *courier)
{
	(void)courier;
	return told_world.has_second;
}

void courier_send(struct courier *courier, const struct courier_letter *letter,
		  courier_done_fn *done, void *arg)
{
	const struct timeval wait = {.tv_usec = CALL_MS * 1000};
	struct told_letter *kept = &told_world.letters[told_world.letter_count++];

	copy(kept->subject, sizeof kept->subject, letter->subject);
	copy(kept->text, sizeof kept->text, letter->text);
	courier->done = done;
	courier->arg = arg;
	(void)event_add(courier->end, &wait);
}

bool courier_is_idle(const struct courier *courier)
{
	return courier->done == NULL;
}

/* The history: at most one open gap, and nothing else. */

struct history {
	char scenario[64], environment[64], channel_id[16], ts[CHAT_TS_SIZE];
	int64_t drills;
};

static struct history the_history;

struct history *told_world_history(void)
{
	return &the_history;
}

static void show_row(void)
{
	(void)snprintf(told_world.row, sizeof told_world.row, "%s %s %" PRId64 " %s %s",
		       the_history.scenario, the_history.environment, the_history.drills,
		       the_history.channel_id, the_history.ts);
}

void told_world_put_gap(const char *scenario, const char *environment, int64_t drills,
			const char *channel_id, const char *ts)
{
	copy(the_history.scenario, sizeof the_history.scenario, scenario);
	copy(the_history.environment, sizeof the_history.environment, environment);
	copy(the_history.channel_id, sizeof the_history.channel_id, channel_id);
	copy(the_history.ts, sizeof the_history.ts, ts);
	the_history.drills = drills;
	told_world.gap_rows = 1;
	show_row();
}

bool history_put_gap(struct history *history, const struct history_gap *gap, int64_t wait_ms,
		     struct error *error)
{
	(void)history;
	(void)wait_ms;
	if (told_world.history_busy)
		return error_set(error, "busy");
	told_world_put_gap(gap->scenario, gap->environment, gap->drills, gap->channel_id, gap->ts);
	return true;
}

bool history_close_gap(struct history *history, const char *scenario, const char *environment,
		       int64_t wait_ms, struct error *error)
{
	(void)history;
	(void)scenario;
	(void)environment;
	(void)wait_ms;
	if (told_world.history_busy)
		return error_set(error, "busy");
	told_world.gap_rows = 0;
	return true;
}

bool history_find_drill(struct history *history, const char *drill, history_drill_fn *visit,
			void *arg, bool *ret_found, struct error *error)
{
	const struct history_drill found = {.drill = drill,
					    .ended_wall_ms = clock_wall_ms() - 3600000};

	(void)history;
	if (told_world.history_busy)
		return error_set(error, "busy");
	*ret_found = true;
	(void)visit(arg, &found);
	return true;
}

bool history_visit_gaps(struct history *history, history_gap_fn *visit, void *arg,
			struct error *error)
{
	const struct history_gap gap = {
	    .scenario = history->scenario,
	    .environment = history->environment,
	    .first_drill = "fd-aaaaaaaa",
	    .last_drill = "fd-bbbbbbbb",
	    .first_wall_ms = clock_wall_ms() - 7200000,
	    .last_wall_ms = clock_wall_ms() - 3600000,
	    .drills = history->drills,
	    .finding = "missing",
	    .text = "OrdersQueueMissing never reached #ops",
	    .chat = "slack",
	    .channel = "#drills",
	    .channel_id = history->channel_id,
	    .ts = history->ts,
	};

	(void)error;
	if (told_world.gap_rows > 0)
		(void)visit(arg, &gap);
	return true;
}

bool history_visit_drills(struct history *history, const struct history_filter *filter,
			  bool reports, history_drill_fn *visit, void *arg, struct error *error)
{
	(void)history;
	(void)filter;
	(void)reports;
	(void)visit;
	(void)arg;
	(void)error;
	return true;
}

bool history_visit_last(struct history *history, history_last_fn *visit, void *arg,
			struct error *error)
{
	(void)history;
	(void)visit;
	(void)arg;
	return error_set(error, "the history cannot be read");
}

bool history_visit_missed(struct history *history, int64_t since_wall_ms, history_missed_fn *visit,
			  void *arg, struct error *error)
{
	(void)history;
	(void)since_wall_ms;
	(void)visit;
	(void)arg;
	(void)error;
	return true;
}

bool history_visit_items(struct history *history, const char *environment, int64_t since_wall_ms,
			 history_item_fn *visit, void *arg, struct error *error)
{
	(void)history;
	(void)environment;
	(void)since_wall_ms;
	(void)visit;
	(void)arg;
	(void)error;
	return true;
}

/* The app. */

struct app {
	struct config config;
	struct scenario_list scenarios;
	struct fault_context faults;
	struct chat chat;
};

struct event_base *app_base(struct app *app)
{
	(void)app;
	return told_world.base;
}

const struct config *app_config(const struct app *app)
{
	return &app->config;
}

const struct scenario_list *app_scenarios(const struct app *app)
{
	return &app->scenarios;
}

struct secrets *app_secrets(struct app *app)
{
	(void)app;
	return NULL;
}

const struct fault_context *app_faults(struct app *app)
{
	return &app->faults;
}

struct chat *app_chat(struct app *app, const char *name, const struct chat_driver **ret_driver,
		      struct error *error)
{
	(void)name;
	(void)error;
	*ret_driver = &driver;
	return &app->chat;
}

/* The whole. */

void told_world_begin(void)
{
	static struct owner_settings owner = {"payments", "S0614TZR7"};
	static struct chat_settings slack;

	told_world = (struct told_world){.result = CHAT_OK, .has_second = true};
	told_world.base = event_base_new();
	told_world.app = mem_zalloc(sizeof *told_world.app);
	told_world.config = &told_world.app->config;
	slack = (struct chat_settings){.name = "slack"};
	told_world.config->chats = &slack;
	told_world.config->chat_count = 1;
	told_world.config->report.chat = "slack";
	told_world.config->report.channel = "#drills";
	told_world.config->serve.url = "https://firedrill.example/";
	told_world.config->owners = &owner;
	told_world.config->owner_count = 1;
}

void told_world_end(void)
{
	free(told_world.app);
	event_base_free(told_world.base);
}

void told_world_pass(int64_t ms)
{
	virtual_time_pass(told_world.base, ms);
}
