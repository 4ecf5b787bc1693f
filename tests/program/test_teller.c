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
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/engine/virtual_time.h"

#define CALL_MS  100 /* how long the chat takes */
#define KEPT_MAX 64
#define HOUR_MS  (INT64_C(3600) * 1000)

/* The chat: what came to be, in order; and how it answers. */

struct chat {
	struct event_base *base; /* borrowed */
	char kept[KEPT_MAX][256];
	size_t kept_count;
	size_t calls, in_flight;
	enum chat_result result;
	int64_t retry_after_ms;
};

struct chat_op {
	struct chat *chat;
	struct event *end; /* owned */
	char what[256];
	bool finds;
	chat_done_fn *done;
	void *arg;
};

static void op_free(struct chat_op *op)
{
	op->chat->in_flight--;
	event_free(op->end);
	free(op);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct chat_op *op = arg;
	struct chat *chat = op->chat;
	const struct chat_channel channel = {.id = "C9", .name = "drills", .member = true};
	const struct chat_reply reply = {
	    .result = chat->result,
	    .error = chat->result == CHAT_OK ? NULL : "the chat is out of order",
	    .code = "",
	    .retry_after_ms = chat->retry_after_ms,
	    .channels = op->finds ? &channel : NULL,
	    .channel_count = op->finds ? 1 : 0,
	};
	chat_done_fn *done = op->done;
	void *done_arg = op->arg;

	(void)fd;
	(void)what;
	if (chat->result == CHAT_OK && !op->finds && chat->kept_count < KEPT_MAX)
		memcpy(chat->kept[chat->kept_count++], op->what, sizeof op->what);
	op_free(op);
	done(done_arg, &reply);
}

static struct chat_op *begin(struct chat *chat, bool finds, chat_done_fn *done, void *arg)
{
	const struct timeval wait = {.tv_usec = CALL_MS * 1000};
	struct chat_op *op = mem_zalloc(sizeof *op);

	chat->calls++;
	chat->in_flight++;
	*op = (struct chat_op){.chat = chat, .finds = finds, .done = done, .arg = arg};
	op->end = evtimer_new(chat->base, on_end, op);
	(void)event_add(op->end, &wait);
	return op;
}

static struct chat_op *find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	assert_string_equal(name, "#drills");
	return begin(chat, true, done, arg);
}

static struct chat_op *post(struct chat *chat, const char *channel, const char *thread,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, false, done, arg);

	assert_null(thread);
	(void)snprintf(op->what, sizeof op->what, "post %s %s %s", channel, message->mark,
		       message->headline);
	return op;
}

static struct chat_op *edit(struct chat *chat, const char *channel, const char *ts,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = begin(chat, false, done, arg);

	(void)snprintf(op->what, sizeof op->what, "edit %s %s %s", channel, ts, message->headline);
	return op;
}

static void cancel(struct chat_op *op)
{
	if (op != NULL)
		op_free(op);
}

static const struct chat_driver driver = {
    .type = "little", .find = find, .post = post, .edit = edit, .cancel = cancel};

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
	event_base_free(app->base);
	free(app);
	return 0;
}

static struct settled about(enum settled_how how)
{
	return (struct settled){
	    .drill = "fd-k3q9x2m7",
	    .scenario = "bad-queue",
	    .environment = "production",
	    .target = "PUT https://orders.example/queue",
	    .places = "slack C1 1.2\nslack C2 3.4\n",
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

	teller_is_known(app->teller, &settled);
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

	settled.places = "gone C1 1.2\nslack C2 3.4\n../../x y z\n";
	teller_tell(app->teller, &settled);
	virtual_time_pass(app->base, 1000);
	assert_int_equal(app->chat.kept_count, 2);
	assert_non_null(strstr(teller_trouble(app->teller), "there is no chat \"gone\""));
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
	    teller_test(a_notice_goes_to_the_report_channel_alone),
	    teller_test(without_a_report_channel_only_the_messages_are_edited),
	    teller_test(freeing_it_drops_what_is_in_flight),
	    teller_test(a_flood_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
