/* The fake chat misbehaves as told, for as long as told, and no longer. */
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

static bool is_ok(const cJSON *json)
{
	return cJSON_IsTrue(json_at(json, "ok"));
}

static void rate_limits_say_when_to_come_back(void **state)
{
	struct with_chat *with = *state;

	*fake_chat_wrong(with->chat) = (struct fake_chat_wrong){
	    .method = "auth.test", .times = 2, .rate_limited = true, .retry_after_s = 7};
	for (int i = 0; i < 2; i++) {
		assert_string_equal(json_text(chat_call(with, "auth.test", "%s", ""), "error"),
				    "ratelimited");
		assert_int_equal(with->answer->status, 429);
		assert_string_equal(with->answer->retry_after, "7");
		assert_true(is_ok(chat_call(with, "team.info", "%s", "")));
	}
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
}

static void a_webhook_can_be_rate_limited_too(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->rate_limited = true;
	assert_int_equal(chat_hook(with, "{\"text\":\"x\"}"), 429);
	assert_string_equal(with->answer->body, "rate_limited");
	assert_string_equal(with->answer->retry_after, "1");
}

static void some_calls_pass_before_it_begins(void **state)
{
	struct with_chat *with = *state;

	*fake_chat_wrong(with->chat) =
	    (struct fake_chat_wrong){.skip = 2, .times = 1, .status = 503};
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
	(void)chat_call(with, "auth.test", "%s", "");
	assert_int_equal(with->answer->status, 503);
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
}

static void the_end_of_times_leaves_other_misbehaviour_alone(void **state)
{
	struct with_chat *with = *state;

	*fake_chat_wrong(with->chat) =
	    (struct fake_chat_wrong){.times = 1, .status = 500, .drop_alert = true};
	(void)chat_call(with, "auth.test", "%s", "");
	assert_int_equal(with->answer->status, 500);
	assert_int_equal(chat_hook(with, "{\"text\":\"x\"}"), 200);
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 0);
}

static void slacks_own_limits_can_be_kept(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->real_limits = true;
	for (int i = 0; i < 20; i++)
		assert_true(is_ok(chat_call(with, "conversations.list", "%s", "")));
	(void)chat_call(with, "conversations.list", "%s", "");
	assert_int_equal(with->answer->status, 429);
	assert_in_range(strtol(with->answer->retry_after, NULL, 10), 1, 60);
	assert_true(is_ok(chat_call(with, "conversations.history", "channel=%s", with->ops)));
}

static void answers_can_be_pages_halves_and_monsters(void **state)
{
	struct with_chat *with = *state;
	struct fake_chat_wrong *wrong = fake_chat_wrong(with->chat);

	wrong->html_page = true;
	assert_null(chat_call(with, "auth.test", "%s", ""));
	assert_int_equal(with->answer->status, 200);
	assert_true(strncmp(with->answer->type, "text/html", 9) == 0);
	fake_chat_behave(with->chat);
	wrong->truncated_json = true;
	assert_null(chat_call(with, "auth.test", "%s", ""));
	assert_true(strncmp(with->answer->body, "{\"ok\":true", 10) == 0);
	fake_chat_behave(with->chat);
	wrong->deep_json = true;
	assert_null(chat_call(with, "auth.test", "%s", ""));
	assert_true(strlen(with->answer->body) > 200000);
	fake_chat_behave(with->chat);
	wrong->error = "fatal_error";
	assert_string_equal(json_text(chat_call(with, "auth.test", "%s", ""), "error"),
			    "fatal_error");
	fake_chat_behave(with->chat);
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
}

static void tokens_can_lose_their_rights_in_the_middle(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
	fake_chat_wrong(with->chat)->revoked = true;
	assert_string_equal(json_text(chat_call(with, "auth.test", "%s", ""), "error"),
			    "token_revoked");
	fake_chat_behave(with->chat);
	fake_chat_wrong(with->chat)->missing_scope = true;
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_string_equal(json_text(json, "error"), "missing_scope");
	assert_string_equal(json_text(json, "needed"), "channels:history");
}

static void a_connection_can_be_closed_with_or_without_doing_what_was_asked(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->reset = true;
	(void)chat_call(with, "chat.postMessage", "channel=ops&text=never");
	assert_int_equal(with->answer->status, 0);
	fake_chat_behave(with->chat);
	fake_chat_wrong(with->chat)->lose_answer = true;
	(void)chat_call(with, "chat.postMessage", "channel=ops&text=done");
	assert_int_equal(with->answer->status, 0);
	assert_int_equal(fake_chat_count(with->chat, "ops", "never"), 0);
	assert_int_equal(fake_chat_count(with->chat, "ops", "done"), 1);
}

static void an_answer_can_be_slow(void **state)
{
	struct with_chat *with = *state;

	fake_chat_wrong(with->chat)->slow_ms = 30;
	assert_true(is_ok(chat_call(with, "chat.postMessage", "channel=ops&text=x")));
}

static void a_hanging_call_is_not_answered_and_does_not_hold_up_others(void **state)
{
	struct with_chat *with = *state;
	char *url = mem_printf("%s/api/auth.test", fake_chat_url(with->chat));
	struct answer *hanging;

	*fake_chat_wrong(with->chat) = (struct fake_chat_wrong){.hang = true, .times = 1};
	hanging = ask_start(with->base, "GET", url, NULL, CHAT_TOKEN, NULL);
	while (fake_chat_calls(with->chat, "auth.test") == 0)
		(void)event_base_loop(with->base, EVLOOP_ONCE);
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
	assert_false(hanging->done);
	answer_free(hanging);
	free(url);
}

static void texts_can_be_no_utf8(void **state)
{
	struct with_chat *with = *state;

	(void)fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x"});
	fake_chat_wrong(with->chat)->bad_utf8 = true;
	(void)chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_non_null(strstr(with->answer->body, "\"\xff\xfe"));
}

static void pages_can_come_without_a_cursor(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	(void)fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x"});
	(void)fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "y"});
	fake_chat_wrong(with->chat)->no_cursor = true;
	json = chat_call(with, "conversations.history", "channel=%s&limit=1", with->ops);
	assert_true(cJSON_IsTrue(json_at(json, "has_more")));
	assert_null(json_at(json, "response_metadata"));
}

static void misbehaviour_can_be_set_over_http_when_that_is_allowed(void **state)
{
	struct with_chat *with = *state;
	const char *wish = "{\"error\":\"team_added_to_org\",\"times\":1,\"slow_ms\":1}";

	assert_int_equal(chat_ask(with, "PUT", "/control/wrong", NULL, NULL, wish)->status, 405);
	fake_chat_allow_control(with->chat, true);
	assert_int_equal(chat_ask(with, "PUT", "/control/wrong", NULL, NULL, wish)->status, 200);
	assert_string_equal(json_text(chat_call(with, "auth.test", "%s", ""), "error"),
			    "team_added_to_org");
	assert_true(is_ok(chat_call(with, "auth.test", "%s", "")));
	assert_int_equal(
	    chat_ask(with, "PUT", "/control/wrong", NULL, NULL, "{\"no_such\":1}")->status, 400);
	assert_int_equal(
	    chat_ask(with, "PUT", "/control/wrong", NULL, NULL, "{\"hang\":1}")->status, 400);
	assert_int_equal(chat_ask(with, "DELETE", "/control/wrong", NULL, NULL, NULL)->status, 200);
	assert_int_equal(chat_ask(with, "PUT", "/control/token", NULL, NULL,
				  "{\"token\":\"xoxb-9\",\"revoked\":true}")
			     ->status,
			 200);
	assert_string_equal(json_text(chat_call_as(with, "xoxb-9", "auth.test", ""), "error"),
			    "token_revoked");
	assert_int_equal(chat_ask(with, "PUT", "/control/channel", NULL, NULL,
				  "{\"name\":\"new\",\"archived\":true}")
			     ->status,
			 200);
	assert_non_null(fake_chat_channel_id(with->chat, "new"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, with_chat_setup, with_chat_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(rate_limits_say_when_to_come_back),
	    TEST(a_webhook_can_be_rate_limited_too),
	    TEST(some_calls_pass_before_it_begins),
	    TEST(the_end_of_times_leaves_other_misbehaviour_alone),
	    TEST(slacks_own_limits_can_be_kept),
	    TEST(answers_can_be_pages_halves_and_monsters),
	    TEST(tokens_can_lose_their_rights_in_the_middle),
	    TEST(a_connection_can_be_closed_with_or_without_doing_what_was_asked),
	    TEST(an_answer_can_be_slow),
	    TEST(a_hanging_call_is_not_answered_and_does_not_hold_up_others),
	    TEST(texts_can_be_no_utf8),
	    TEST(pages_can_come_without_a_cursor),
	    TEST(misbehaviour_can_be_set_over_http_when_that_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
