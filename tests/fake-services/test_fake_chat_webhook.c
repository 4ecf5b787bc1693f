/* Incoming webhooks of the fake chat. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/fake-services/with_chat.h"
#include "tests/support/loop.h"

static void assert_hook(struct with_chat *with, const char *body, int status, const char *text)
{
	assert_int_equal(chat_hook(with, body), status);
	assert_string_equal(with->answer->body, text);
}

static void a_webhook_says_ok_and_stores_a_bot_message(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	assert_hook(with, "{\"text\":\"hello\",\"channel\":\"#elsewhere\",\"username\":\"me\"}",
		    200, "ok");
	assert_true(strncmp(with->answer->type, "text/plain", 10) == 0);
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	json = json_at(json, "messages.0");
	assert_string_equal(json_text(json, "text"), "hello");
	assert_string_equal(json_text(json, "subtype"), "bot_message");
	assert_string_equal(json_text(json, "username"), "incoming-webhook");
	assert_true(json_text(json, "bot_id")[0] == 'B');
	assert_null(json_at(json, "user"));
}

static void an_attachment_alone_has_an_empty_text(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	assert_hook(
	    with,
	    "{\"attachments\":[{\"title\":\"[FIRING:1] X\",\"color\":\"danger\",\"text\":\"\","
	    "\"fallback\":\"[FIRING:1] X | http://am.example/#/alerts?receiver=x\"}]}",
	    200, "ok");
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_string_equal(json_text(json, "messages.0.text"), "");
	assert_string_equal(json_text(json, "messages.0.attachments.0.color"), "a30200");
	assert_string_equal(json_text(json, "messages.0.attachments.0.fallback"),
			    "[FIRING:1] X | <http://am.example/#/alerts?receiver=x>");
}

static void a_payload_may_come_in_a_form(void **state)
{
	struct with_chat *with = *state;

	assert_hook(with, "payload=%7B%22text%22%3A%22from+a+form%22%7D", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", "\"from a form\""), 1);
}

static void a_webhook_can_reply_in_a_thread(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "p", .ts = "1000.000000"});
	assert_hook(with, "{\"text\":\"r\",\"thread_ts\":\"1000.000000\"}", 200, "ok");
	json = chat_call(with, "conversations.replies", "channel=%s&ts=1000.000000", with->ops);
	assert_string_equal(json_text(json, "messages.1.text"), "r");
}

static void webhooks_refuse_with_slacks_words(void **state)
{
	struct with_chat *with = *state;
	const char *hook = with->hook;

	assert_hook(with, "{\"text\":", 400, "invalid_payload");
	assert_hook(with, "", 400, "invalid_payload");
	assert_hook(with, "[]", 400, "invalid_payload");
	assert_hook(with, "{}", 400, "no_text");
	assert_hook(with, "{\"text\":\"\",\"attachments\":[{\"color\":\"good\"}]}", 400, "no_text");
	with->hook = fake_chat_set_webhook(
	    with->chat, &(struct fake_webhook){
			    .path = "/services/T/B/off", .channel = "ops", .disabled = true});
	assert_hook(with, "{\"text\":\"x\"}", 404, "no_active_hooks");
	assert_int_equal(chat_ask(with, "POST", "/services/T/B/none", NULL, NULL, "{}")->status,
			 404);
	assert_string_equal(with->answer->body, "no_service");
	fake_chat_set_channel(with->chat, "ops", FAKE_MEMBER | FAKE_ARCHIVED);
	with->hook = hook;
	assert_hook(with, "{\"text\":\"x\"}", 410, "channel_is_archived");
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 0);
	assert_null(fake_chat_set_webhook(with->chat, &(struct fake_webhook){.channel = "nope"}));
}

static void a_dropped_alert_is_answered_ok_and_not_stored(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->drop_alert = true;
	assert_hook(with, "{\"text\":\"x\"}", 200, "ok");
	fake_chat_behave(with->chat);
	assert_hook(with, "{\"text\":\"sentinel\"}", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 1);
	assert_string_equal(fake_chat_call_arg(with->chat, "webhook", 0, "body"),
			    "{\"text\":\"x\"}");
}

static void a_post_can_be_stored_twice_elsewhere_and_garbled(void **state)
{
	struct with_chat *with = *state;

	(void)fake_chat_add_channel(with->chat, "general", FAKE_MEMBER);
	fake_chat_wrong(with->chat)->duplicate = true;
	assert_hook(with, "{\"text\":\"two\"}", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", "two"), 2);
	fake_chat_behave(with->chat);
	fake_chat_wrong(with->chat)->wrong_channel = "#general";
	assert_hook(with, "{\"text\":\"far\"}", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", "far"), 0);
	assert_int_equal(fake_chat_count(with->chat, "general", "far"), 1);
	fake_chat_behave(with->chat);
	fake_chat_wrong(with->chat)->garble = true;
	assert_hook(with, "{\"attachments\":[{\"title\":\"A f-1\",\"color\":\"good\"}]}", 200,
		    "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", "? ?-?"), 1);
	assert_int_equal(fake_chat_count(with->chat, "ops", "2eb886"), 1);
}

struct waited {
	struct with_chat *with;
	size_t count;
};

static bool are_stored(void *arg)
{
	const struct waited *waited = arg;

	return fake_chat_count(waited->with->chat, "ops", NULL) >= waited->count;
}

static void a_delayed_post_is_stored_later(void **state)
{
	struct with_chat *with = *state;
	struct waited waited = {.with = with, .count = 1};

	/* One that is still on its way when the chat ends is dropped without harm. */
	fake_chat_wrong(with->chat)->delay_ms = 600000;
	assert_hook(with, "{\"text\":\"y\"}", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 0);
	fake_chat_wrong(with->chat)->delay_ms = 30;
	assert_hook(with, "{\"text\":\"x\"}", 200, "ok");
	loop_until_true(with->base, are_stored, &waited);
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 1);
}

/* Time can be moved by hand, on top of the real one. */
static int64_t ahead_ms;
int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
	return __real_clock_ms() + ahead_ms;
}

static bool is_readable(struct with_chat *with)
{
	const cJSON *json = chat_call(with, "conversations.history", "channel=%s", with->ops);

	return cJSON_GetArraySize(json_at(json, "messages")) == 1;
}

static void a_hidden_message_has_its_time_at_once_and_is_read_later(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->hide_ms = 600000;
	assert_hook(with, "{\"text\":\"x\"}", 200, "ok");
	assert_int_equal(fake_chat_count(with->chat, "ops", "x"), 1);
	assert_false(is_readable(with));
	ahead_ms = 600001;
	assert_true(is_readable(with));
	ahead_ms = 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, with_chat_setup, with_chat_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_webhook_says_ok_and_stores_a_bot_message),
	    TEST(an_attachment_alone_has_an_empty_text),
	    TEST(a_payload_may_come_in_a_form),
	    TEST(a_webhook_can_reply_in_a_thread),
	    TEST(webhooks_refuse_with_slacks_words),
	    TEST(a_dropped_alert_is_answered_ok_and_not_stored),
	    TEST(a_post_can_be_stored_twice_elsewhere_and_garbled),
	    TEST(a_delayed_post_is_stored_later),
	    TEST(a_hidden_message_has_its_time_at_once_and_is_read_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
