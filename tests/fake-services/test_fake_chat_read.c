/* The fake chat is read back as Slack is: paging, bounds, threads, errors. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/fake-services/with_chat.h"
#include "tests/support/loop.h"

static void assert_texts(const cJSON *json, const char *expected)
{
	char *texts = json_texts(json);

	assert_string_equal(texts, expected);
	free(texts);
}

static void assert_error(const cJSON *json, const char *code)
{
	assert_true(cJSON_IsFalse(json_at(json, "ok")));
	assert_string_equal(json_text(json, "error"), code);
}

/* Messages "a", "b", ... at 1000.000000, 1001.000000, ... */
static void post_letters(struct with_chat *with, int count)
{
	for (int i = 0; i < count; i++) {
		const char text[] = {(char)('a' + i), '\0'};
		char ts[32];

		(void)snprintf(ts, sizeof ts, "%d.000000", 1000 + i);
		assert_non_null(
		    fake_chat_post(with->chat, "ops", &(struct fake_post){.text = text, .ts = ts}));
	}
}

static void history_is_newest_first(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	post_letters(with, 3);
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_true(cJSON_IsTrue(json_at(json, "ok")));
	assert_texts(json, "c,b,a,");
	assert_true(cJSON_IsFalse(json_at(json, "has_more")));
	assert_null(json_at(json, "response_metadata"));
	assert_string_equal(json_text(json, "messages.0.ts"), "1002.000000");
}

static void bounds_are_exclusive_unless_asked_otherwise(void **state)
{
	struct with_chat *with = *state;

	post_letters(with, 5);
	assert_texts(chat_call(with, "conversations.history",
			       "channel=%s&oldest=1001.000000&latest=1003.000000", with->ops),
		     "c,");
	assert_texts(chat_call(with, "conversations.history",
			       "channel=%s&oldest=1001.000000&latest=1003.000000&inclusive=true",
			       with->ops),
		     "d,c,b,");
	assert_texts(chat_call(with, "conversations.history",
			       "channel=%s&latest=1002.000000&inclusive=1&limit=1", with->ops),
		     "c,");
	assert_texts(
	    chat_call(with, "conversations.history", "channel=%s&oldest=1003.5", with->ops), "e,");
}

static void oldest_alone_pages_forward_from_the_oldest(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	char *cursor;

	post_letters(with, 6);
	json = chat_call(with, "conversations.history", "channel=%s&oldest=1000.000000&limit=2",
			 with->ops);
	assert_texts(json, "c,b,");
	assert_true(cJSON_IsTrue(json_at(json, "has_more")));
	cursor = mem_dup(json_text(json, "response_metadata.next_cursor"));
	json = chat_call(with, "conversations.history",
			 "channel=%s&oldest=1000.000000&limit=2&cursor=%s", with->ops, cursor);
	free(cursor);
	assert_texts(json, "e,d,");
	cursor = mem_dup(json_text(json, "response_metadata.next_cursor"));
	json = chat_call(with, "conversations.history",
			 "channel=%s&oldest=1000.000000&limit=2&cursor=%s", with->ops, cursor);
	free(cursor);
	assert_texts(json, "f,");
	assert_true(cJSON_IsFalse(json_at(json, "has_more")));
}

static void both_bounds_page_backwards_from_the_newest(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	char *cursor;

	post_letters(with, 6);
	json = chat_call(with, "conversations.history",
			 "channel=%s&oldest=1000.000000&latest=1005.000000&limit=3", with->ops);
	assert_texts(json, "e,d,c,");
	assert_true(cJSON_IsTrue(json_at(json, "has_more")));
	cursor = mem_dup(json_text(json, "response_metadata.next_cursor"));
	json = chat_call(with, "conversations.history",
			 "channel=%s&oldest=1000.000000&latest=1005.000000&limit=3&cursor=%s",
			 with->ops, cursor);
	free(cursor);
	assert_texts(json, "b,");
}

static void no_bounds_and_oldest_zero_page_backwards(void **state)
{
	struct with_chat *with = *state;

	post_letters(with, 4);
	assert_texts(chat_call(with, "conversations.history", "channel=%s&limit=2", with->ops),
		     "d,c,");
	assert_texts(
	    chat_call(with, "conversations.history", "channel=%s&oldest=0&limit=2", with->ops),
	    "d,c,");
}

static void the_other_direction_can_be_asked_for(void **state)
{
	struct with_chat *with = *state;

	post_letters(with, 4);
	fake_chat_wrong(with->chat)->page_backwards = true;
	assert_texts(chat_call(with, "conversations.history",
			       "channel=%s&oldest=1000.000000&limit=2", with->ops),
		     "d,c,");
}

static void a_page_has_100_messages_unless_asked_otherwise_and_999_at_most(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	for (int i = 0; i < 101; i++)
		assert_non_null(
		    fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x"}));
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "messages")), 100);
	json = chat_call(with, "conversations.history", "channel=%s&limit=999", with->ops);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "messages")), 101);
	assert_error(chat_call(with, "conversations.history", "channel=%s&limit=1000", with->ops),
		     "invalid_limit");
	assert_error(chat_call(with, "conversations.history", "channel=%s&limit=0", with->ops),
		     "invalid_limit");
}

static void wrong_arguments_have_slacks_error_codes(void **state)
{
	struct with_chat *with = *state;

	(void)fake_chat_add_channel(with->chat, "elsewhere", 0);
	(void)fake_chat_add_channel(with->chat, "secret", FAKE_PRIVATE);
	assert_error(chat_call(with, "conversations.history", "channel=C9"), "channel_not_found");
	assert_error(chat_call(with, "conversations.history", "channel=ops"), "channel_not_found");
	assert_error(chat_call(with, "conversations.history", "%s", ""), "channel_not_found");
	assert_error(chat_call(with, "conversations.history", "channel=%s",
			       fake_chat_channel_id(with->chat, "#elsewhere")),
		     "not_in_channel");
	assert_error(chat_call(with, "conversations.history", "channel=%s",
			       fake_chat_channel_id(with->chat, "secret")),
		     "channel_not_found");
	assert_error(
	    chat_call(with, "conversations.history", "channel=%s&oldest=yesterday", with->ops),
	    "invalid_ts_oldest");
	assert_error(chat_call(with, "conversations.history", "channel=%s&latest=x", with->ops),
		     "invalid_ts_latest");
	assert_error(chat_call(with, "conversations.history", "channel=%s&cursor=abc", with->ops),
		     "invalid_cursor");
	assert_error(chat_call(with, "conversations.replies", "channel=%s&ts=1.1", with->ops),
		     "thread_not_found");
	assert_error(chat_call(with, "no.such", "%s", ""), "unknown_method");
	assert_int_equal(with->answer->status, 200);
}

static void tokens_are_checked(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	assert_error(chat_call_as(with, NULL, "auth.test", ""), "not_authed");
	assert_error(chat_call_as(with, "xoxb-other", "auth.test", ""), "invalid_auth");
	fake_chat_set_token(with->chat, &(struct fake_token){.token = "xoxb-old", .revoked = true});
	assert_error(chat_call_as(with, "xoxb-old", "auth.test", ""), "token_revoked");
	fake_chat_set_token(with->chat, &(struct fake_token){.token = "xoxb-poor",
							     .scopes = "chat:write,channels:read"});
	json = chat_call_as(with, "xoxb-poor", "conversations.history", "channel=C0000000001");
	assert_error(json, "missing_scope");
	assert_string_equal(json_text(json, "needed"), "channels:history");
	assert_string_equal(json_text(json, "provided"), "chat:write,channels:read");
	json = chat_call_as(with, NULL, "auth.test", "token=" CHAT_TOKEN);
	assert_true(cJSON_IsTrue(json_at(json, "ok")));
	assert_string_equal(json_text(json, "user"), "firedrill");
	assert_string_equal(json_text(json, "team"), "Acme");
	assert_true(json_text(json, "bot_id")[0] == 'B');
	assert_true(strncmp(json_text(json, "url"), fake_chat_url(with->chat),
			    strlen(fake_chat_url(with->chat))) == 0);
}

static void calls_may_be_get_form_or_json_where_slack_takes_it(void **state)
{
	struct with_chat *with = *state;
	char *path = mem_printf("/api/conversations.history?channel=%s", with->ops);
	char *body = mem_printf("{\"channel\":\"%s\",\"limit\":1}", with->ops);
	const cJSON *json;

	post_letters(with, 2);
	(void)chat_ask(with, "GET", path, NULL, CHAT_TOKEN, NULL);
	assert_texts(with->answer->json, "b,a,");
	assert_texts(chat_call_json(with, "conversations.history", body), "b,");
	assert_error(chat_call_json(with, "conversations.replies", body), "channel_not_found");
	assert_error(chat_call_json(with, "conversations.history", "{\"channel"), "invalid_json");
	assert_error(chat_call_json(with, "conversations.history", "[1]"), "json_not_object");
	(void)chat_ask(with, "POST", "/api/auth.test", "application/json", CHAT_TOKEN, "{}");
	json = with->answer->json;
	assert_string_equal(json_text(json, "warning"), "missing_charset");
	assert_string_equal(json_text(json, "response_metadata.warnings.0"), "missing_charset");
	free(path);
	free(body);
}

static void replies_are_in_their_thread_and_their_parent_tells(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	post_letters(with, 2);
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.text = "r1", .thread_ts = "1000.000000", .ts = "1000.500000"});
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.text = "r2", .thread_ts = "1000.000000", .ts = "1004.000000"});
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_texts(json, "b,a,");
	assert_string_equal(json_text(json, "messages.1.thread_ts"), "1000.000000");
	assert_string_equal(json_text(json, "messages.1.latest_reply"), "1004.000000");
	assert_int_equal(json_at(json, "messages.1.reply_count")->valueint, 2);
	assert_int_equal(json_at(json, "messages.1.reply_users_count")->valueint, 1);
	assert_null(json_at(json, "messages.0.thread_ts"));
	json = chat_call(with, "conversations.replies", "channel=%s&ts=1000.000000", with->ops);
	assert_texts(json, "a,r1,r2,");
	assert_string_equal(json_text(json, "messages.1.thread_ts"), "1000.000000");
	assert_true(json_text(json, "messages.1.parent_user_id")[0] == 'U');
	json = chat_call(with, "conversations.replies", "channel=%s&ts=1001.000000", with->ops);
	assert_texts(json, "b,");
	json = chat_call(with, "conversations.replies", "channel=%s&ts=1004.000000", with->ops);
	assert_texts(json, "r2,");
}

static void threads_are_paged_from_the_oldest_with_their_parent_first(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	char *cursor;

	post_letters(with, 1);
	for (int i = 0; i < 4; i++) {
		const char text[] = {'r', (char)('1' + i), '\0'};

		(void)fake_chat_post(with->chat, "ops",
				     &(struct fake_post){.text = text, .thread_ts = "1000.000000"});
	}
	json = chat_call(with, "conversations.replies", "channel=%s&ts=1000.000000&limit=3",
			 with->ops);
	assert_texts(json, "a,r1,r2,");
	cursor = mem_dup(json_text(json, "response_metadata.next_cursor"));
	json = chat_call(with, "conversations.replies",
			 "channel=%s&ts=1000.000000&limit=3&cursor=%s", with->ops, cursor);
	assert_texts(json, "r3,r4,");
	assert_true(cJSON_IsFalse(json_at(json, "has_more")));
	free(cursor);
}

static void a_broadcast_reply_is_in_the_channel_too(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	post_letters(with, 1);
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.text = "loud", .thread_ts = "1000.000000", .broadcast = true});
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_texts(json, "loud,a,");
	assert_string_equal(json_text(json, "messages.0.subtype"), "thread_broadcast");
}

static void a_parent_need_not_tell_of_its_replies(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	post_letters(with, 1);
	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "r", .thread_ts = "1000.000000"});
	fake_chat_wrong(with->chat)->no_latest_reply = true;
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_string_equal(json_text(json, "messages.0.thread_ts"), "1000.000000");
	assert_null(json_at(json, "messages.0.latest_reply"));
	assert_null(json_at(json, "messages.0.reply_count"));
}

static void channels_are_listed_page_by_page_and_filtered_after_the_cut(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	char *cursor;

	(void)fake_chat_add_channel(with->chat, "old", FAKE_MEMBER | FAKE_ARCHIVED);
	(void)fake_chat_add_channel(with->chat, "hidden", FAKE_PRIVATE);
	(void)fake_chat_add_channel(with->chat, "ours", FAKE_PRIVATE | FAKE_MEMBER);
	(void)fake_chat_add_channel(with->chat, "theirs", 0);
	json = chat_call(with, "conversations.list", "exclude_archived=true&limit=2");
	assert_int_equal(cJSON_GetArraySize(json_at(json, "channels")), 1);
	assert_string_equal(json_text(json, "channels.0.name"), "ops");
	assert_true(cJSON_IsTrue(json_at(json, "channels.0.is_member")));
	cursor = mem_dup(json_text(json, "response_metadata.next_cursor"));
	assert_true(cursor[0] != '\0');
	json = chat_call(with, "conversations.list", "exclude_archived=true&limit=2&cursor=%s",
			 cursor);
	free(cursor);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "channels")), 0);
	assert_true(json_text(json, "response_metadata.next_cursor")[0] != '\0');
	json = chat_call(with, "conversations.list", "types=public_channel,private_channel");
	assert_int_equal(cJSON_GetArraySize(json_at(json, "channels")), 4);
	assert_string_equal(json_text(json, "response_metadata.next_cursor"), "");
	json = chat_call(with, "users.conversations", "types=public_channel,private_channel");
	assert_int_equal(cJSON_GetArraySize(json_at(json, "channels")), 3);
	assert_error(chat_call(with, "conversations.list", "types=rooms"), "invalid_types");
	assert_error(chat_call(with, "conversations.list", "cursor=dGVhbTpDOQ=="),
		     "invalid_cursor");
}

static void a_channel_is_described_by_its_id(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	const char *old = fake_chat_add_channel(with->chat, "#old", FAKE_ARCHIVED);

	json = chat_call(with, "conversations.info", "channel=%s", old);
	assert_string_equal(json_text(json, "channel.name"), "old");
	assert_true(cJSON_IsTrue(json_at(json, "channel.is_archived")));
	assert_true(cJSON_IsFalse(json_at(json, "channel.is_member")));
	assert_error(chat_call(with, "conversations.info", "channel=old"), "channel_not_found");
}

static void the_capped_tier_gives_15_messages_a_minute(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	post_letters(with, 20);
	fake_chat_wrong(with->chat)->capped_tier = true;
	json = chat_call(with, "conversations.history", "channel=%s&limit=200", with->ops);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "messages")), 15);
	assert_true(cJSON_IsTrue(json_at(json, "has_more")));
	assert_error(chat_call(with, "conversations.history", "channel=%s", with->ops),
		     "ratelimited");
	assert_int_equal(with->answer->status, 429);
	assert_in_range(strtol(with->answer->retry_after, NULL, 10), 1, 60);
	/* Each method has its own minute, and others have none. */
	assert_texts(chat_call(with, "conversations.replies", "channel=%s&ts=1000.0", with->ops),
		     "a,");
	assert_true(cJSON_IsTrue(json_at(chat_call(with, "auth.test", "%s", ""), "ok")));
}

static void a_person_reads_public_channels_without_being_in_them(void **state)
{
	struct with_chat *with = *state;
	const char *far = fake_chat_add_channel(with->chat, "far", 0);
	char *form = mem_printf("channel=%s", far);

	fake_chat_set_token(with->chat,
			    &(struct fake_token){.token = "xoxp-1", .name = "ana", .person = true});
	(void)fake_chat_post(with->chat, "far", &(struct fake_post){.text = "hi"});
	assert_texts(chat_call_as(with, "xoxp-1", "conversations.history", form), "hi,");
	free(form);
}

static void metadata_is_shown_on_demand_only(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;

	(void)chat_call(with, "chat.postMessage",
			"channel=ops&text=m&metadata={\"event_type\":\"drill\","
			"\"event_payload\":{\"id\":\"fd-1\"}}");
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_null(json_at(json, "messages.0.metadata"));
	json = chat_call(with, "conversations.history", "channel=%s&include_all_metadata=true",
			 with->ops);
	assert_string_equal(json_text(json, "messages.0.metadata.event_type"), "drill");
}

static void every_call_is_counted_and_remembered(void **state)
{
	struct with_chat *with = *state;

	(void)chat_call(with, "auth.test", "%s", "");
	(void)chat_call(with, "conversations.history", "channel=%s&limit=7", with->ops);
	(void)chat_call(with, "conversations.history", "channel=%s&limit=8", with->ops);
	assert_int_equal(fake_chat_calls(with->chat, NULL), 3);
	assert_int_equal(fake_chat_calls(with->chat, "conversations.history"), 2);
	assert_int_equal(fake_chat_calls(with->chat, "chat.update"), 0);
	assert_string_equal(fake_chat_call_arg(with->chat, "conversations.history", 0, "limit"),
			    "7");
	assert_string_equal(fake_chat_call_arg(with->chat, "conversations.history", 1, "limit"),
			    "8");
	assert_null(fake_chat_call_arg(with->chat, "conversations.history", 2, "limit"));
	assert_null(fake_chat_call_arg(with->chat, "conversations.history", 0, "token"));
	assert_true(fake_chat_call_ms(with->chat, "auth.test", 0) <=
		    fake_chat_call_ms(with->chat, "conversations.history", 0));
	assert_int_equal(fake_chat_call_ms(with->chat, "auth.test", 1), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, with_chat_setup, with_chat_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(history_is_newest_first),
	    TEST(bounds_are_exclusive_unless_asked_otherwise),
	    TEST(oldest_alone_pages_forward_from_the_oldest),
	    TEST(both_bounds_page_backwards_from_the_newest),
	    TEST(no_bounds_and_oldest_zero_page_backwards),
	    TEST(the_other_direction_can_be_asked_for),
	    TEST(a_page_has_100_messages_unless_asked_otherwise_and_999_at_most),
	    TEST(wrong_arguments_have_slacks_error_codes),
	    TEST(tokens_are_checked),
	    TEST(calls_may_be_get_form_or_json_where_slack_takes_it),
	    TEST(replies_are_in_their_thread_and_their_parent_tells),
	    TEST(threads_are_paged_from_the_oldest_with_their_parent_first),
	    TEST(a_broadcast_reply_is_in_the_channel_too),
	    TEST(a_parent_need_not_tell_of_its_replies),
	    TEST(channels_are_listed_page_by_page_and_filtered_after_the_cut),
	    TEST(a_channel_is_described_by_its_id),
	    TEST(the_capped_tier_gives_15_messages_a_minute),
	    TEST(a_person_reads_public_channels_without_being_in_them),
	    TEST(metadata_is_shown_on_demand_only),
	    TEST(every_call_is_counted_and_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
