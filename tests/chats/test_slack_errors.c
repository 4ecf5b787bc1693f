/* Slack's error codes and answers that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_answer.h"
#include "probes/chats/slack_errors.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

static void every_code_has_one_sentence_that_is_whole(void **state)
{
	static const struct slack_names names = {"conversations.history", "#ops", "firedrill",
						 "channels:history"};
	const struct slack_error *error;

	(void)state;
	for (size_t i = 0; (error = slack_error_at(i)) != NULL; i++) {
		char text[512];

		slack_error_write(error->code, &names, text, sizeof text);
		assert_true(strlen(text) > 20 && strlen(text) < 300);
		assert_null(strpbrk(text, "{}\n"));
		assert_non_null(strstr(text, error->code));
		assert_ptr_equal(slack_error_find(error->code), error); /* no code twice */
		if (error->ambiguous)
			assert_int_equal(error->result, CHAT_RETRY);
	}
}

static void the_codes_of_the_reference_are_known(void **state)
{
	static const char *const permanent[] = {
	    "invalid_auth",     "not_authed",        "account_inactive",
	    "token_revoked",    "token_expired",     "missing_scope",
	    "not_in_channel",   "channel_not_found", "not_allowed_token_type",
	    "no_permission",    "is_archived",       "restricted_action",
	    "access_denied",    "ekm_access_denied", "restricted_action_read_only_channel",
	    "msg_too_long",     "invalid_blocks",    "cant_update_message",
	    "thread_not_found", "team_not_found",    "message_limit_exceeded"};
	static const char *const transient[] = {"service_unavailable", "internal_error",
						"fatal_error",         "request_timeout",
						"team_added_to_org",   "invalid_cursor"};

	(void)state;
	for (size_t i = 0; i < sizeof permanent / sizeof permanent[0]; i++)
		assert_int_equal(slack_error_find(permanent[i])->result, CHAT_PERMANENT);
	for (size_t i = 0; i < sizeof transient / sizeof transient[0]; i++)
		assert_int_equal(slack_error_find(transient[i])->result, CHAT_RETRY);
	assert_int_equal(slack_error_find("ratelimited")->result, CHAT_SLOW);
	assert_int_equal(slack_error_find("rate_limited")->result, CHAT_SLOW);
	assert_null(slack_error_find("no_such_code"));
}

static void a_sentence_names_what_is_known(void **state)
{
	char text[512], tiny[20];

	(void)state;
	slack_error_write("not_in_channel",
			  &(struct slack_names){.channel = "#ops", .bot = "firedrill"}, text,
			  sizeof text);
	assert_string_equal(
	    text, "the bot is not in #ops; type /invite @firedrill there (not_in_channel)");
	slack_error_write("missing_scope", &(struct slack_names){.needed = "channels:history"},
			  text, sizeof text);
	assert_non_null(strstr(text, "lacks the scope channels:history"));
	slack_error_write("not_in_channel", &(struct slack_names){0}, text, sizeof text);
	assert_non_null(strstr(text, "the bot is not in the channel"));
	slack_error_write("brand_new_code", &(struct slack_names){.method = "chat.update"}, text,
			  sizeof text);
	assert_non_null(strstr(text, "chat.update"));
	assert_non_null(strstr(text, "(brand_new_code)"));
	slack_error_write("not_in_channel", &(struct slack_names){0}, tiny, sizeof tiny);
	assert_int_equal(strlen(tiny), sizeof tiny - 1);
}

static void names_from_outside_cannot_flood_a_sentence(void **state)
{
	char *scope = mem_zalloc(5001), text[512];

	(void)state;
	memset(scope, '\n', 5000);
	slack_error_write("missing_scope", &(struct slack_names){.needed = scope}, text,
			  sizeof text);
	assert_null(strchr(text, '\n'));
	assert_non_null(strstr(text, "reinstall the app"));
	free(scope);
}

/* Answers. */

static struct slack_answer read_answer(const struct http_reply *http, bool post)
{
	struct slack_answer answer;

	slack_answer_read(&answer, http, post, &(struct slack_names){.method = "m"}, NULL);
	return answer;
}

static struct slack_answer read_body(int status, const char *body, bool post)
{
	return read_answer(&(struct http_reply){.result = HTTP_ANSWERED,
						.status = status,
						.body = body,
						.body_len = strlen(body),
						.content_type = "text/html",
						.retry_after_ms = -1},
			   post);
}

static void assert_answer(int status, const char *body, enum chat_result result, const char *code)
{
	struct slack_answer answer = read_body(status, body, false);

	assert_int_equal(answer.result, result);
	assert_string_equal(answer.code, code);
	assert_true(result == CHAT_OK ? answer.error[0] == '\0' : strlen(answer.error) > 10);
	assert_true((answer.json != NULL) == (result == CHAT_OK));
	slack_answer_done(&answer);
}

static void answers_that_are_none_are_tried_again(void **state)
{
	(void)state;
	assert_answer(200, "{\"ok\":true}", CHAT_OK, "");
	assert_answer(200, "", CHAT_RETRY, "");
	assert_answer(200, "<html><body>Down for maintenance</body></html>", CHAT_RETRY, "");
	assert_answer(200, "{\"ok\":true,\"messages\":[{\"te", CHAT_RETRY, "");
	assert_answer(200, "[]", CHAT_RETRY, "");
	assert_answer(200, "null", CHAT_RETRY, "");
	assert_answer(200, "{}", CHAT_RETRY, "");
	assert_answer(200, "{\"ok\":false}", CHAT_RETRY, "");
	assert_answer(200, "{\"ok\":\"true\"}", CHAT_RETRY, "");
	assert_answer(500, "{\"ok\":true}", CHAT_RETRY, "http 500");
	assert_answer(503, "upstream", CHAT_RETRY, "http 503");
	assert_answer(404, "{\"message\":\"Not Found\"}", CHAT_RETRY, "http 404");
	assert_answer(302, "", CHAT_RETRY, "http 302");
	assert_answer(403, "{\"ok\":false,\"error\":\"invalid_auth\"}", CHAT_PERMANENT,
		      "invalid_auth");
	assert_answer(200, "{\"ok\":false,\"error\":\"brand_new_code\"}", CHAT_RETRY,
		      "brand_new_code");
}

static void what_never_got_there_is_tried_again(void **state)
{
	static const enum http_result results[] = {HTTP_UNREACHABLE, HTTP_TIMEOUT, HTTP_BROKEN,
						   HTTP_TOO_LARGE};
	struct slack_answer answer;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct http_reply http = {.result = results[i], .error = "told by http.c"};

		answer = read_answer(&http, false);
		assert_int_equal(answer.result, CHAT_RETRY);
		assert_string_equal(answer.error, "told by http.c");
	}
	answer = read_answer(&(struct http_reply){.result = HTTP_BAD_ASK, .error = "bad"}, false);
	assert_int_equal(answer.result, CHAT_PERMANENT);
}

static void a_post_that_may_have_happened_is_ambiguous(void **state)
{
	static const struct {
		struct http_reply http;
		const char *code;
	} cases[] = {
	    {{.result = HTTP_UNREACHABLE, .error = "x"}, ""},
	    {{.result = HTTP_TIMEOUT, .error = "x"}, "ambiguous"},
	    {{.result = HTTP_BROKEN, .error = "x"}, "ambiguous"},
	    {{.result = HTTP_TOO_LARGE, .error = "x"}, "ambiguous"},
	    {{.status = 502, .body = "", .content_type = ""}, "ambiguous"},
	    {{.status = 200, .body = "", .content_type = ""}, "ambiguous"},
	    {{.status = 404, .body = "", .content_type = ""}, "http 404"},
	    {{.status = 200,
	      .body = "{\"ok\":false,\"error\":\"fatal_error\"}",
	      .content_type = ""},
	     "ambiguous"},
	    {{.status = 200, .body = "{\"ok\":false,\"error\":\"odd\"}", .content_type = ""},
	     "odd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_reply http = cases[i].http;
		struct slack_answer answer;

		http.body_len = http.body != NULL ? strlen(http.body) : 0;
		answer = read_answer(&http, true);
		assert_int_equal(answer.result, CHAT_RETRY);
		assert_string_equal(answer.code, cases[i].code);
	}
}

static void rate_limits_say_when_to_come_back(void **state)
{
	struct http_reply http = {
	    .status = 429, .body = "", .content_type = "", .retry_after_ms = 7000};
	struct slack_answer answer = read_answer(&http, true);

	(void)state;
	assert_int_equal(answer.result, CHAT_SLOW);
	assert_int_equal(answer.retry_after_ms, 7000);
	assert_false(answer.capped);
	assert_non_null(strstr(answer.error, "7 s"));
	http.retry_after_ms = 60000;
	answer = read_answer(&http, false);
	assert_true(answer.capped);
	http.retry_after_ms = -1;
	answer = read_answer(&http, false);
	assert_int_equal(answer.retry_after_ms, 30000);
	answer = read_body(200, "{\"ok\":false,\"error\":\"rate_limited\"}", false);
	assert_int_equal(answer.result, CHAT_SLOW);
	assert_int_equal(answer.retry_after_ms, 30000);
	assert_string_equal(answer.code, "rate_limited");
}

static void secrets_do_not_come_back_in_errors(void **state)
{
	struct secrets *secrets = secrets_new();
	struct slack_answer answer;
	const char *body = "{\"ok\":false,\"error\":\"echo-xoxb-verysecret\"}";
	const struct http_reply http = {
	    .status = 200, .body = body, .body_len = strlen(body), .content_type = ""};
	struct error error;

	(void)state;
	(void)setenv("TEST_CHATS_TOKEN", "xoxb-verysecret", 1);
	assert_non_null(secret_resolve(secrets, "env:TEST_CHATS_TOKEN", &error));
	slack_answer_read(&answer, &http, false, &(struct slack_names){0}, secrets);
	assert_null(strstr(answer.error, "verysecret"));
	assert_null(strstr(answer.code, "verysecret"));
	secrets_free(secrets);
}

static void json_that_is_nested_too_deep_is_refused(void **state)
{
	char *deep = mem_zalloc(200001);
	struct slack_answer answer;

	(void)state;
	memset(deep, '[', 100000);
	memset(deep + 100000, ']', 100000);
	answer = read_body(200, deep, false);
	assert_int_equal(answer.result, CHAT_RETRY);
	free(deep);
}

/* Messages and channels. */

static void messages_without_a_time_stamp_are_left_out(void **state)
{
	static const char body[] =
	    "{\"messages\":[{\"text\":\"a\"},{\"ts\":\"12\",\"text\":\"b\"},{\"ts\":\"1.2.3\"},"
	    "{\"ts\":\"x\"},{\"ts\":\"\"},{\"ts\":17},7,null,[],{\"ts\":"
	    "\"11111111111111111111111111111111111111111111.1\"},{\"ts\":\"13.5\",\"thread_ts\":"
	    "\"12\",\"username\":\"Alertmanager\",\"edited\":{\"ts\":\"14.0\"},\"latest_reply\":"
	    "\"15.0\"},{\"ts\":\"16.5\",\"thread_ts\":\"16.500\",\"bot_profile\":{\"name\":"
	    "\"Bot\"},\"user\":\"U1\"}]}";
	cJSON *json = cJSON_Parse(body);
	struct slack_messages messages = {0};

	(void)state;
	slack_messages_read(&messages, json);
	assert_int_equal(messages.count, 3);
	assert_string_equal(messages.list[0].text, "b");
	assert_string_equal(messages.list[0].sender, "");
	assert_null(messages.list[0].thread_ts);
	assert_int_equal(messages.list[0].wall_ms, 12000);
	assert_string_equal(messages.list[1].thread_ts, "12");
	assert_string_equal(messages.list[1].edited_ts, "14.0");
	assert_string_equal(messages.list[1].latest_reply_ts, "15.0");
	assert_string_equal(messages.list[1].sender, "Alertmanager");
	assert_null(messages.list[2].thread_ts);
	assert_string_equal(messages.list[2].sender, "Bot");
	slack_messages_keep(&messages, "12", "16.5");
	assert_int_equal(messages.count, 1);
	assert_string_equal(messages.list[0].ts, "13.5");
	slack_messages_done(&messages);
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_has_one_sentence_that_is_whole),
	    cmocka_unit_test(the_codes_of_the_reference_are_known),
	    cmocka_unit_test(a_sentence_names_what_is_known),
	    cmocka_unit_test(names_from_outside_cannot_flood_a_sentence),
	    cmocka_unit_test(answers_that_are_none_are_tried_again),
	    cmocka_unit_test(what_never_got_there_is_tried_again),
	    cmocka_unit_test(a_post_that_may_have_happened_is_ambiguous),
	    cmocka_unit_test(rate_limits_say_when_to_come_back),
	    cmocka_unit_test(secrets_do_not_come_back_in_errors),
	    cmocka_unit_test(json_that_is_nested_too_deep_is_refused),
	    cmocka_unit_test(messages_without_a_time_stamp_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
