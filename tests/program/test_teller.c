/* Telling people, in virtual time: a chat and an alarm in this file, an app with nothing else. */
#include "src/program/teller.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probes/alarm.h"
#include "probes/chats/chat.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/messages.h"
#include "tests/engine/virtual_time.h"

#define CALL_MS  100 /* how long the chat takes */
#define KEPT_MAX 64
#define HOUR_MS  (INT64_C(3600) * 1000)

/* The chat: what came to be, in order; how it answers; and what is read in its channels. */

#define PAGE_SIZE 2 /* messages */

struct chat {
	struct event_base *base; /* borrowed */
	char kept[KEPT_MAX][256];
	size_t kept_count;
	size_t calls, in_flight;
	enum chat_result result;
	int64_t retry_after_ms;
	struct chat_message messages[8]; /* of every channel */
	size_t message_count;
	enum chat_result reading; /* the result of read and thread alone */
	size_t reads, threads;
	char since[CHAT_TS_SIZE]; /* of the last read */
};

enum kind { KIND_FINDS, KIND_WRITES, KIND_READS };

struct chat_op {
	struct chat *chat;
	struct event *end; /* owned */
	char what[256];
	enum kind kind;
	size_t page;           /* read: which */
	char ts[CHAT_TS_SIZE]; /* thread: of which message; "": read */
	chat_done_fn *done;
	void *arg;
};

static void op_free(struct chat_op *op)
{
	op->chat->in_flight--;
	event_free(op->end);
	free(op);
}

/* A page of the channel, or the one message that is asked for. */
static void add_messages(const struct chat_op *op, struct chat_reply *reply, char page[8])
{
	struct chat *chat = op->chat;
	size_t from = op->page * PAGE_SIZE, left = chat->message_count - from;

	if (op->ts[0] == '\0') {
		reply->messages = &chat->messages[from];
		reply->message_count = left < PAGE_SIZE ? left : PAGE_SIZE;
		(void)snprintf(page, 8, "%zu", op->page + 1);
		reply->more = left > PAGE_SIZE ? page : NULL;
		return;
	}
	for (size_t i = 0; i < chat->message_count; i++) {
		if (strcmp(chat->messages[i].ts, op->ts) == 0) {
			reply->messages = &chat->messages[i];
			reply->message_count = 1;
		}
	}
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct chat_op *op = arg;
	struct chat *chat = op->chat;
	const struct chat_channel channel = {.id = "C9", .name = "drills", .member = true};
	enum chat_result result =
	    op->kind == KIND_READS && chat->reading != CHAT_OK ? chat->reading : chat->result;
	struct chat_reply reply = {
	    .result = result,
	    .error = result == CHAT_OK ? NULL : "the chat is out of order",
	    .code = "",
	    .retry_after_ms = chat->retry_after_ms,
	    .channels = op->kind == KIND_FINDS ? &channel : NULL,
	    .channel_count = op->kind == KIND_FINDS ? 1 : 0,
	};
	chat_done_fn *done = op->done;
	void *done_arg = op->arg;
	char page[8];

	(void)fd;
	(void)what;
	if (op->kind == KIND_READS && result == CHAT_OK)
		add_messages(op, &reply, page);
	if (result == CHAT_OK && op->kind == KIND_WRITES && chat->kept_count < KEPT_MAX)
		memcpy(chat->kept[chat->kept_count++], op->what, sizeof op->what);
	op_free(op);
	done(done_arg, &reply);
}

static struct chat_op *begin(struct chat *chat, enum kind kind, chat_done_fn *done, void *arg)
{
	const struct timeval wait = {.tv_usec = CALL_MS * 1000};
	struct chat_op *op = mem_zalloc(sizeof *op);

	chat->calls++;
	chat->in_flight++;
	*op = (struct chat_op){.chat = chat, .kind = kind, .done = done, .arg = arg};
	op->end = evtimer_new(chat->base, on_end, op);
	(void)event_add(op->end, &wait);
	return op;
}

static struct chat_op *find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	assert_string_equal(name, "#drills");
	return begin(chat, KIND_FINDS, done, arg);
}

static struct chat_op *read_channel(struct chat *chat, const char *channel, const char *since,
				    const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, KIND_READS, done, arg);

	assert_string_equal(channel, "C9");
	(void)snprintf(chat->since, sizeof chat->since, "%s", since);
	chat->reads++;
	op->page = page != NULL ? strtoul(page, NULL, 10) : 0;
	return op;
}

static struct chat_op *thread(struct chat *chat, const char *channel, const char *ts,
			      const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, KIND_READS, done, arg);

	assert_string_not_equal(channel, "");
	assert_null(page);
	chat->threads++;
	(void)snprintf(op->ts, sizeof op->ts, "%s", ts);
	return op;
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%lld.%03d", (long long)(wall_ms / 1000),
		       (int)(wall_ms % 1000));
}

static struct chat_op *post(struct chat *chat, const char *channel, const char *thread,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, KIND_WRITES, done, arg);

	assert_null(thread);
	(void)snprintf(op->what, sizeof op->what, "post %s %s %s", channel, message->mark,
		       message->headline);
	return op;
}

static struct chat_op *edit(struct chat *chat, const char *channel, const char *ts,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, KIND_WRITES, done, arg);

	(void)snprintf(op->what, sizeof op->what, "edit %s %s %s", channel, ts, message->headline);
	return op;
}

static void cancel(struct chat_op *op)
{
	if (op != NULL)
		op_free(op);
}

static const struct chat_driver driver = {.type = "little",
					  .find = find,
					  .read = read_channel,
					  .thread = thread,
					  .post = post,
					  .edit = edit,
					  .cancel = cancel,
					  .ts_at = ts_at};

/* The alarm. */

struct alarm {
	size_t raised;
	char text[2048]; /* the last one */
};

static struct alarm the_alarm;

struct alarm *alarm_new(struct event_base *base, struct http *http, struct secrets *secrets,
			const struct config *config)
{
	(void)base;
	(void)http;
	(void)secrets;
	(void)config;
	return &the_alarm;
}

void alarm_free(struct alarm *alarm)
{
	(void)alarm;
}

void alarm_raise(struct alarm *alarm, const char *text)
{
	alarm->raised++;
	(void)snprintf(alarm->text, sizeof alarm->text, "%s", text);
}

bool alarm_is_idle(const struct alarm *alarm)
{
	(void)alarm;
	return true;
}

const char *alarm_trouble(const struct alarm *alarm)
{
	(void)alarm;
	return NULL;
}

/* The ledger: what it was told to forget. */

static struct buf forgotten; /* "DRILL CHAT CHANNEL " each */

bool messages_forget(struct ledger *ledger, const struct ledger_message *message,
		     struct error *error)
{
	(void)ledger;
	(void)error;
	buf_addf(&forgotten, "%s %s %s ", message->drill, message->chat, message->channel);
	return true;
}

/* The app. */

struct app {
	struct event_base *base; /* owned */
	struct config config;
	struct fault_context faults;
	struct chat chat;
	struct teller *teller; /* owned */
	int idle;
};

struct event_base *app_base(struct app *app)
{
	return app->base;
}

const struct config *app_config(const struct app *app)
{
	return &app->config;
}

struct secrets *app_secrets(struct app *app)
{
	(void)app;
	return NULL;
}

struct ledger *app_ledger(struct app *app)
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
	*ret_driver = &driver;
	if (strcmp(name, "slack") == 0)
		return &app->chat;
	(void)error_set(error, "there is no chat \"%s\"", name);
	return NULL;
}

static void on_idle(void *arg)
{
	((struct app *)arg)->idle++;
}

static int setup(void **state)
{
	struct app *app = mem_zalloc(sizeof *app);

	the_alarm = (struct alarm){0};
	app->chat.reading = CHAT_OK;
	app->base = app->chat.base = event_base_new();
	app->chat.result = CHAT_OK;
	app->config.report.chat = mem_dup("slack");
	app->config.report.channel = mem_dup("#drills");
	app->teller = teller_new(app, TELLER_GUARDIAN, on_idle, app);
	*state = app;
	return 0;
}

static int teardown(void **state)
{
	struct app *app = *state;

	teller_free(app->teller);
	assert_int_equal(app->chat.in_flight, 0);
	free(app->config.report.chat);
	free(app->config.report.channel);
	buf_done(&forgotten);
	event_base_free(app->base);
	free(app);
	return 0;
}

static const struct ledger_message known[] = {
    {.drill = "fd-k3q9x2m7", .chat = "slack", .channel = "#a", .channel_id = "C1", .ts = "1.2"},
    {.drill = "fd-k3q9x2m7", .chat = "slack", .channel = "#b", .channel_id = "C2", .ts = "3.4"},
};

static struct settled about(enum settled_how how)
{
	return (struct settled){
	    .drill = "fd-k3q9x2m7",
	    .scenario = "bad-queue",
	    .environment = "production",
	    .target = "PUT https://orders.example/queue",
	    .messages = known,
	    .message_count = 2,
	    .via = VIA_HTTP,
	    .how = how,
	    .found = FAULT_INJECTED,
	    .text = "it says so",
	    .tries = 1,
	    .took_ms = 1200,
	    .intended_wall_ms = clock_wall_ms() - 60000,
	};
}

static void tell(struct app *app, enum settled_how how)
{
	const struct settled settled = about(how);

	teller_tell(app->teller, &settled);
}

static size_t count_kept(const struct app *app, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < app->chat.kept_count; i++)
		count += strstr(app->chat.kept[i], text) != NULL;
	return count;
}

static void assert_forgotten(const char *expected)
{
	assert_string_equal(buf_text(&forgotten), expected);
}

#define CLEAN_HEADLINE "[DRILL] ABORTED, put right: bad-queue in production"
#define STUCK_HEADLINE "[DRILL] FAULT NOT REVERTED in production: bad-queue"

static void messages_are_edited_where_they_stand_and_the_report_channel_gets_one(void **state)
{
	struct app *app = *state;

	tell(app, SETTLED_CLEAN);
	assert_false(teller_is_idle(app->teller));
	virtual_time_pass(app->base, 1000);
	assert_true(teller_is_idle(app->teller));
	assert_int_equal(app->idle, 1);
	assert_int_equal(app->chat.kept_count, 3);
	assert_int_equal(count_kept(app, "edit C1 1.2 " CLEAN_HEADLINE), 1);
	assert_int_equal(count_kept(app, "edit C2 3.4 " CLEAN_HEADLINE), 1);
	assert_int_equal(count_kept(app, "post C9 fd-k3q9x2m7 " CLEAN_HEADLINE), 1);
	assert_int_equal(the_alarm.raised, 0);
	assert_null(teller_trouble(app->teller));
	assert_forgotten("fd-k3q9x2m7 slack #b fd-k3q9x2m7 slack #a ");
}

static void what_goes_on_and_what_others_do_is_not_told(void **state)
{
	struct app *app = *state;

	tell(app, SETTLED_BEGUN);
	tell(app, SETTLED_BUSY);
	assert_true(teller_is_idle(app->teller));
	virtual_time_pass(app->base, 1000);
	assert_int_equal(app->chat.calls, 0);
	assert_int_equal(app->idle, 0);
}

static void a_fault_that_stays_is_told_once_an_hour_and_by_the_alarm(void **state)
{
	struct app *app = *state;

	for (int minute = 0; minute < 59; minute++) {
		tell(app, SETTLED_STUCK);
		virtual_time_pass(app->base, 60000);
	}
	assert_int_equal(the_alarm.raised, 1);
	assert_int_equal(count_kept(app, STUCK_HEADLINE), 3);
	virtual_time_pass(app->base, 120000);
	tell(app, SETTLED_STUCK);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(the_alarm.raised, 2);
	assert_int_equal(count_kept(app, STUCK_HEADLINE), 6);
	assert_forgotten(""); /* they are edited once more when it is gone */
	assert_non_null(strstr(the_alarm.text, "firedrill revert fd-k3q9x2m7"));
	assert_non_null(strstr(the_alarm.text, "It is tried again and again"));
}

static void whoever_was_alarmed_is_told_that_it_is_over(void **state)
{
	struct app *app = *state;

	tell(app, SETTLED_STUCK);
	virtual_time_pass(app->base, 1000);
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(the_alarm.raised, 2);
	assert_non_null(strstr(the_alarm.text, "the guardian put it right"));
	tell(app, SETTLED_STUCK); /* a new one: told at once */
	assert_int_equal(the_alarm.raised, 3);
}

static void one_that_people_know_of_is_not_told_again_until_it_is_over(void **state)
{
	struct app *app = *state;
	const struct settled settled = about(SETTLED_STUCK);

	teller_is_known(app->teller, settled.drill);
	tell(app, SETTLED_STUCK);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(the_alarm.raised, 0);
	assert_int_equal(app->chat.calls, 0);
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(the_alarm.raised, 1);
	assert_int_equal(count_kept(app, CLEAN_HEADLINE), 3);
}

static void a_chat_that_fails_is_tried_again(void **state)
{
	struct app *app = *state;

	app->chat.result = CHAT_RETRY;
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 40000);
	assert_int_equal(app->chat.kept_count, 0);
	assert_false(teller_is_idle(app->teller));
	app->chat.result = CHAT_OK;
	virtual_time_pass(app->base, 15000);
	assert_int_equal(app->chat.kept_count, 3);
	assert_int_equal(app->idle, 1);
	assert_null(teller_trouble(app->teller));
}

static void it_is_given_up_after_a_minute_with_words(void **state)
{
	struct app *app = *state;
	size_t calls;

	app->chat.result = CHAT_RETRY;
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 61000);
	assert_true(teller_is_idle(app->teller));
	assert_int_equal(app->idle, 1);
	assert_non_null(strstr(teller_trouble(app->teller), "the chat is out of order"));
	calls = app->chat.calls;
	assert_in_range(calls, 3 * 4, 3 * 12);
	assert_forgotten("");
	virtual_time_pass(app->base, HOUR_MS);
	assert_int_equal(app->chat.calls, calls);
}

static void a_chat_that_wants_a_pause_gets_it(void **state)
{
	struct app *app = *state;

	app->chat.result = CHAT_SLOW;
	app->chat.retry_after_ms = 30000;
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 29000);
	assert_int_equal(app->chat.calls, 3);
	app->chat.result = CHAT_OK;
	virtual_time_pass(app->base, 3000);
	assert_int_equal(app->chat.kept_count, 3);
}

static void what_people_must_mend_is_not_tried_again(void **state)
{
	struct app *app = *state;

	app->chat.result = CHAT_PERMANENT;
	tell(app, SETTLED_CLEAN);
	virtual_time_pass(app->base, 60000);
	assert_int_equal(app->chat.calls, 3);
	assert_int_equal(app->idle, 1);
}

static void news_never_arrive_after_newer_ones(void **state)
{
	struct app *app = *state;

	app->chat.result = CHAT_RETRY;
	tell(app, SETTLED_STUCK);
	virtual_time_pass(app->base, 2050); /* some in flight, some waiting */
	tell(app, SETTLED_CLEAN);
	app->chat.result = CHAT_OK;
	virtual_time_pass(app->base, 60000);
	assert_int_equal(app->chat.kept_count, 3);
	assert_int_equal(count_kept(app, STUCK_HEADLINE), 0);
	assert_int_equal(count_kept(app, CLEAN_HEADLINE), 3);
}

static void a_chat_that_is_not_configured_any_more_is_trouble_for_its_place_only(void **state)
{
	struct app *app = *state;
	struct settled settled = about(SETTLED_CLEAN);
	struct ledger_message messages[] = {known[0], known[1]};

	messages[0].chat = "gone";
	settled.messages = messages;
	teller_tell(app->teller, &settled);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(app->chat.kept_count, 2);
	assert_non_null(strstr(teller_trouble(app->teller), "there is no chat \"gone\""));
}

/* A drill that died: its messages, found and corrected. */

#define DIED_HEADLINE "[DRILL] ABORTED: bad-queue in production"
#define RUNNING_TEXT  "*[DRILL] bad-queue in production: running*\nBreaking on purpose: it"
#define PASSED_TEXT   "[DRILL] PASS: all is well\n[DRILL] bad-queue in production: running"

static void put(struct app *app, const char *ts, const char *mark, const char *text)
{
	app->chat.messages[app->chat.message_count++] =
	    (struct chat_message){.ts = ts, .mark = mark, .text = text};
}

/* One message in #drills, posted so long ago; ts "": the chat had not answered. */
static void tell_one(struct app *app, enum settled_how how, const char *ts, int64_t ago_ms)
{
	const struct ledger_message message = {.drill = "fd-k3q9x2m7",
					       .chat = "slack",
					       .channel = "#drills",
					       .channel_id = ts[0] != '\0' ? "C9" : "",
					       .ts = ts,
					       .posted_wall_ms = clock_wall_ms() - ago_ms};
	struct settled settled = about(how);

	settled.messages = &message;
	settled.message_count = 1;
	teller_tell(app->teller, &settled);
	virtual_time_pass(app->base, 1000);
}

static void
a_message_of_a_dead_drill_that_says_running_is_corrected_and_no_other_is_made(void **state)
{
	struct app *app = *state;

	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	tell_one(app, SETTLED_UNTOLD, "7.8", HOUR_MS);
	assert_int_equal(app->chat.kept_count, 1);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " DIED_HEADLINE);
	assert_forgotten("fd-k3q9x2m7 slack #drills ");
	assert_int_equal(the_alarm.raised, 0);
	assert_int_equal(app->idle, 1);
}

static void what_is_well_again_is_said_once_in_the_report_channel(void **state)
{
	struct app *app = *state;

	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	tell_one(app, SETTLED_CLEAN, "7.8", 1000);
	assert_int_equal(app->chat.kept_count, 1);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " CLEAN_HEADLINE);
}

static void what_is_not_well_is_said_aloud_there_and_so_is_its_end(void **state)
{
	struct app *app = *state;

	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	tell_one(app, SETTLED_STUCK, "7.8", 1000);
	assert_int_equal(count_kept(app, "edit C9 7.8 " STUCK_HEADLINE), 1);
	assert_int_equal(count_kept(app, "post C9 fd-k3q9x2m7 " STUCK_HEADLINE), 1);
	tell_one(app, SETTLED_CLEAN, "7.8", 1000);
	assert_int_equal(count_kept(app, "post C9 fd-k3q9x2m7 " CLEAN_HEADLINE), 1);
}

static void one_that_tells_its_end_already_is_left_as_it_is(void **state)
{
	struct app *app = *state;

	put(app, "7.8", "fd-k3q9x2m7", PASSED_TEXT);
	tell_one(app, SETTLED_UNTOLD, "7.8", HOUR_MS);
	assert_int_equal(app->chat.kept_count, 0);
	assert_int_equal(app->chat.threads, 1);
	assert_forgotten("fd-k3q9x2m7 slack #drills ");
}

static void one_that_says_that_a_fault_stays_is_corrected(void **state)
{
	struct app *app = *state;

	put(app, "7.8", "fd-k3q9x2m7", "*" STUCK_HEADLINE "*");
	tell_one(app, SETTLED_UNTOLD, "7.8", HOUR_MS);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " DIED_HEADLINE);
}

static void where_the_bot_may_not_read_it_edits_all_the_same(void **state)
{
	struct app *app = *state;

	app->chat.reading = CHAT_PERMANENT;
	tell_one(app, SETTLED_UNTOLD, "7.8", HOUR_MS);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " DIED_HEADLINE);
	assert_forgotten("fd-k3q9x2m7 slack #drills ");
}

static void a_message_whose_place_nobody_knows_is_found_by_its_mark(void **state)
{
	static const enum settled_how hows[] = {SETTLED_UNTOLD, SETTLED_CLEAN, SETTLED_STUCK};
	struct app *app = *state;

	free(app->config.report.chat);
	app->config.report.chat = NULL;
	put(app, "9.0", NULL, RUNNING_TEXT);
	put(app, "8.0", "fd-aaaaaaaa", RUNNING_TEXT);
	put(app, "7.9", "fd-k3q9x2m7", RUNNING_TEXT);
	app->chat.messages[2].thread_ts = "7.8"; /* the details */
	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	for (size_t i = 0; i < 3; i++) {
		app->chat.kept_count = 0;
		tell_one(app, hows[i], "", 3000);
		assert_int_equal(app->chat.kept_count, 1);
		assert_non_null(strstr(app->chat.kept[0], "edit C9 7.8 [DRILL] "));
		assert_int_equal(app->chat.reads, 2 * (i + 1));
	}
	assert_true(strtoll(app->chat.since, NULL, 10) * 1000 < clock_wall_ms() - 60000);
}

static void what_was_posted_of_a_drill_after_its_death_is_not_taken_for_its_message(void **state)
{
	struct app *app = *state;

	put(app, "9.2", "fd-k3q9x2m7", CLEAN_HEADLINE);
	put(app, "9.1", "fd-k3q9x2m7", STUCK_HEADLINE);
	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	tell_one(app, SETTLED_UNTOLD, "", HOUR_MS);
	assert_int_equal(app->chat.kept_count, 1);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " DIED_HEADLINE);
	app->chat.message_count = app->chat.kept_count = 0;
	put(app, "9.2", "fd-k3q9x2m7", CLEAN_HEADLINE);
	tell_one(app, SETTLED_UNTOLD, "", HOUR_MS);
	assert_int_equal(app->chat.kept_count, 0);
}

static void one_that_was_never_made_is_forgotten_once_it_cannot_arrive_any_more(void **state)
{
	struct app *app = *state;

	put(app, "9.0", NULL, RUNNING_TEXT);
	tell_one(app, SETTLED_UNTOLD, "", 3000);
	virtual_time_pass(app->base, 8000);
	assert_forgotten("");
	assert_false(teller_is_idle(app->teller));
	virtual_time_pass(app->base, 20000);
	assert_forgotten("fd-k3q9x2m7 slack #drills ");
	assert_true(teller_is_idle(app->teller));
	assert_null(teller_trouble(app->teller));
	assert_int_equal(app->chat.kept_count, 0);
}

static void one_that_is_long_ago_is_looked_for_once(void **state)
{
	struct app *app = *state;

	tell_one(app, SETTLED_UNTOLD, "", HOUR_MS);
	assert_true(teller_is_idle(app->teller));
	assert_int_equal(app->chat.reads, 1);
	assert_forgotten("fd-k3q9x2m7 slack #drills ");
}

static void one_that_arrives_late_is_corrected(void **state)
{
	struct app *app = *state;

	tell_one(app, SETTLED_UNTOLD, "", 0);
	virtual_time_pass(app->base, 5000);
	put(app, "7.8", "fd-k3q9x2m7", RUNNING_TEXT);
	virtual_time_pass(app->base, 30000);
	assert_int_equal(app->chat.kept_count, 1);
	assert_string_equal(app->chat.kept[0], "edit C9 7.8 " DIED_HEADLINE);
}

static void it_is_looked_for_in_three_pages_at_most_and_then_left_to_the_next_life(void **state)
{
	struct app *app = *state;

	for (int i = 0; i < 8; i++)
		put(app, "9.0", NULL, "hello");
	tell_one(app, SETTLED_UNTOLD, "", HOUR_MS);
	assert_int_equal(app->chat.reads, 3);
	assert_forgotten("");
	assert_non_null(strstr(teller_trouble(app->teller), "not among the latest"));
}

static void a_channel_that_cannot_be_read_leaves_it_to_the_next_life(void **state)
{
	struct app *app = *state;

	app->chat.reading = CHAT_RETRY;
	tell_one(app, SETTLED_UNTOLD, "", HOUR_MS);
	virtual_time_pass(app->base, 61000);
	assert_true(teller_is_idle(app->teller));
	assert_forgotten("");
	assert_non_null(strstr(teller_trouble(app->teller), "out of order"));
}

static void a_notice_goes_to_the_report_channel_alone(void **state)
{
	struct app *app = *state;

	teller_say(app->teller, "halted by ann@ops-1", "the release is broken");
	virtual_time_pass(app->base, 1000);
	assert_int_equal(app->chat.kept_count, 1);
	assert_string_equal(app->chat.kept[0], "post C9 notice halted by ann@ops-1");
	assert_int_equal(app->idle, 1);
}

static void without_a_report_channel_only_the_messages_are_edited(void **state)
{
	struct app *app = *state;

	free(app->config.report.chat);
	app->config.report.chat = NULL;
	tell(app, SETTLED_CLEAN);
	teller_say(app->teller, "halted", NULL);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(app->chat.kept_count, 2);
	assert_int_equal(app->idle, 1);
}

static void freeing_it_drops_what_is_in_flight(void **state)
{
	struct app *app = *state;

	tell(app, SETTLED_STUCK);
	virtual_time_pass(app->base, CALL_MS / 2);
	assert_true(app->chat.in_flight > 0);
	teller_free(app->teller);
	app->teller = teller_new(app, "this run", on_idle, app);
	tell(app, SETTLED_CLEAN); /* what does arrive */
	virtual_time_pass(app->base, 60000);
	assert_int_equal(count_kept(app, STUCK_HEADLINE), 0);
	assert_int_equal(count_kept(app, CLEAN_HEADLINE), 3);
}

static void a_flood_is_bounded(void **state)
{
	struct app *app = *state;

	for (int i = 0; i < 1000; i++)
		teller_say(app->teller, "halted", NULL);
	virtual_time_pass(app->base, 60000);
	assert_int_equal(app->chat.calls, 2 * 256); /* each finds its channel first */
	assert_non_null(strstr(teller_trouble(app->teller), "too many messages at once"));
}

#define teller_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    teller_test(messages_are_edited_where_they_stand_and_the_report_channel_gets_one),
	    teller_test(what_goes_on_and_what_others_do_is_not_told),
	    teller_test(a_fault_that_stays_is_told_once_an_hour_and_by_the_alarm),
	    teller_test(whoever_was_alarmed_is_told_that_it_is_over),
	    teller_test(one_that_people_know_of_is_not_told_again_until_it_is_over),
	    teller_test(a_chat_that_fails_is_tried_again),
	    teller_test(it_is_given_up_after_a_minute_with_words),
	    teller_test(a_chat_that_wants_a_pause_gets_it),
	    teller_test(what_people_must_mend_is_not_tried_again),
	    teller_test(news_never_arrive_after_newer_ones),
	    teller_test(a_chat_that_is_not_configured_any_more_is_trouble_for_its_place_only),
	    teller_test(
		a_message_of_a_dead_drill_that_says_running_is_corrected_and_no_other_is_made),
	    teller_test(what_is_well_again_is_said_once_in_the_report_channel),
	    teller_test(what_is_not_well_is_said_aloud_there_and_so_is_its_end),
	    teller_test(one_that_tells_its_end_already_is_left_as_it_is),
	    teller_test(one_that_says_that_a_fault_stays_is_corrected),
	    teller_test(where_the_bot_may_not_read_it_edits_all_the_same),
	    teller_test(a_message_whose_place_nobody_knows_is_found_by_its_mark),
	    teller_test(what_was_posted_of_a_drill_after_its_death_is_not_taken_for_its_message),
	    teller_test(one_that_was_never_made_is_forgotten_once_it_cannot_arrive_any_more),
	    teller_test(one_that_is_long_ago_is_looked_for_once),
	    teller_test(one_that_arrives_late_is_corrected),
	    teller_test(it_is_looked_for_in_three_pages_at_most_and_then_left_to_the_next_life),
	    teller_test(a_channel_that_cannot_be_read_leaves_it_to_the_next_life),
	    teller_test(a_notice_goes_to_the_report_channel_alone),
	    teller_test(without_a_report_channel_only_the_messages_are_edited),
	    teller_test(freeing_it_drops_what_is_in_flight),
	    teller_test(a_flood_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
