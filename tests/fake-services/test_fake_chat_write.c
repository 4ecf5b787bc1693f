/* What is posted to the fake chat is stored, refused or changed as Slack does it. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "tests/fake-services/with_chat.h"
#include "tests/support/loop.h"

static void assert_error(const cJSON *json, const char *code)
{
	assert_true(cJSON_IsFalse(json_at(json, "ok")));
	assert_string_equal(json_text(json, "error"), code);
}

static void a_bots_post_carries_user_bot_and_app(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json = chat_call(with, "chat.postMessage", "channel=%%23ops&text=hello");

	assert_true(cJSON_IsTrue(json_at(json, "ok")));
	assert_string_equal(json_text(json, "channel"), with->ops);
	assert_string_equal(json_text(json, "message.ts"), json_text(json, "ts"));
	assert_true(json_text(json, "message.user")[0] == 'U');
	assert_true(json_text(json, "message.bot_id")[0] == 'B');
	assert_true(json_text(json, "message.app_id")[0] == 'A');
	assert_string_equal(json_text(json, "message.bot_profile.name"), "firedrill");
	assert_null(json_at(json, "message.subtype"));
}

static void text_is_stored_as_sent_with_urls_in_brackets(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json =
	    chat_call_json(with, "chat.postMessage",
			   "{\"channel\":\"ops\",\"text\":\"a &amp; <b> see https://x.example/a_b. "
			   "and <https://y.example|y>\"}");

	assert_string_equal(json_text(json, "message.text"),
			    "a &amp; <b> see <https://x.example/a_b>. and <https://y.example|y>");
}

static void time_stamps_are_unique_and_increase(void **state)
{
	struct with_chat *with = *state;
	char *last = mem_dup("");

	for (int i = 0; i < 50; i++) {
		const char *ts =
		    fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x"});

		assert_true(strcmp(ts, last) > 0);
		assert_int_equal(strlen(strchr(ts, '.')), 7);
		free(last);
		last = mem_dup(ts);
	}
	assert_null(
	    fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x", .ts = last}));
	free(last);
}

static void attachments_are_stored_as_slack_stores_them(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json = chat_call_json(
	    with, "chat.postMessage",
	    "{\"channel\":\"ops\",\"attachments\":["
	    "{\"color\":\"danger\",\"title\":\"t <x>\",\"text\":\"\",\"footer\":\"\",\"fields\":[],"
	    "\"fallback\":\"t | http://am.example/#/alerts\",\"mrkdwn_in\":[\"text\"]},"
	    "{\"color\":\"#D63232\",\"text\":\"b\"},{\"color\":\"warning\",\"text\":\"c\"},"
	    "{\"color\":\"good\",\"text\":\"d\",\"fields\":[{\"title\":\"Host\",\"value\":\"db\"}]}]}");
	const cJSON *first = json_at(json, "message.attachments.0");

	assert_string_equal(json_text(json, "message.text"), "");
	assert_int_equal(json_at(first, "id")->valueint, 1);
	assert_string_equal(json_text(first, "color"), "a30200");
	assert_string_equal(json_text(first, "title"), "t <x>");
	assert_null(json_at(first, "text"));
	assert_null(json_at(first, "footer"));
	assert_null(json_at(first, "fields"));
	assert_string_equal(json_text(first, "fallback"), "t | <http://am.example/#/alerts>");
	assert_string_equal(json_text(first, "mrkdwn_in.0"), "text");
	assert_string_equal(json_text(json, "message.attachments.1.color"), "D63232");
	assert_string_equal(json_text(json, "message.attachments.1.fallback"), "b");
	assert_int_equal(json_at(json, "message.attachments.1.id")->valueint, 2);
	assert_string_equal(json_text(json, "message.attachments.2.color"), "daa038");
	assert_string_equal(json_text(json, "message.attachments.3.color"), "2eb886");
	assert_true(cJSON_IsFalse(json_at(json, "message.attachments.3.fields.0.short")));
}

static void blocks_keep_their_ids_or_get_one(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json = chat_call_json(
	    with, "chat.postMessage",
	    "{\"channel\":\"ops\",\"text\":\"t\",\"attachments\":[{\"color\":\"good\",\"blocks\":["
	    "{\"type\":\"section\",\"block_id\":\"firedrill:fd-k3q9x2m7\","
	    "\"text\":{\"type\":\"mrkdwn\",\"text\":\"*a*\"}},"
	    "{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\",\"text\":\"b\"}]}]}]}");
	const cJSON *blocks = json_at(json, "message.attachments.0.blocks");

	assert_string_equal(json_text(blocks, "0.block_id"), "firedrill:fd-k3q9x2m7");
	assert_true(cJSON_IsFalse(json_at(blocks, "0.text.verbatim")));
	assert_true(json_text(blocks, "1.block_id")[0] != '\0');
	assert_true(cJSON_IsTrue(json_at(blocks, "1.elements.0.emoji")));
	assert_string_equal(json_text(json, "message.attachments.0.fallback"),
			    "[no preview available]");
}

static void blocks_and_attachments_may_come_as_text_in_a_form(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json =
	    chat_call(with, "chat.postMessage",
		      "channel=ops&attachments=[{\"text\":\"a\"}]&blocks=[{\"type\":\"divider\"}]");

	assert_string_equal(json_text(json, "message.attachments.0.text"), "a");
	assert_string_equal(json_text(json, "message.blocks.0.type"), "divider");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops&text=x&blocks=[{"),
		     "invalid_blocks_format");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops&text=x&attachments=7x"),
		     "invalid_attachments");
}

static void posts_are_refused_with_slacks_error_codes(void **state)
{
	struct with_chat *with = *state;
	struct buf many = {0};

	(void)fake_chat_add_channel(with->chat, "old", FAKE_MEMBER | FAKE_ARCHIVED);
	(void)fake_chat_add_channel(with->chat, "far", 0);
	assert_error(chat_call(with, "chat.postMessage", "channel=nowhere&text=x"),
		     "channel_not_found");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops"), "no_text");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops&attachments=[{}]"),
		     "no_text");
	assert_error(chat_call(with, "chat.postMessage", "channel=old&text=x"), "is_archived");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops&text=x&thread_ts=1.2"),
		     "thread_not_found");
	assert_error(chat_call(with, "chat.postMessage", "channel=ops&text=x&metadata={}"),
		     "invalid_metadata_format");
	buf_adds(&many, "channel=ops&attachments=[");
	for (int i = 0; i < 101; i++)
		buf_addf(&many, "%s{\"text\":\"x\"}", i > 0 ? "," : "");
	buf_adds(&many, "]");
	assert_error(chat_call_as(with, CHAT_TOKEN, "chat.postMessage", buf_text(&many)),
		     "too_many_attachments");
	buf_done(&many);
	fake_chat_set_token(with->chat,
			    &(struct fake_token){.token = "xoxb-2", .scopes = "chat:write"});
	assert_error(chat_call_as(with, "xoxb-2", "chat.postMessage", "channel=far&text=x"),
		     "not_in_channel");
	assert_true(
	    cJSON_IsTrue(json_at(chat_call(with, "chat.postMessage", "channel=far&text=x"), "ok")));
}

static void a_block_that_is_too_long_is_named(void **state)
{
	struct with_chat *with = *state;
	char *text = mem_zalloc(3002);
	char *body;
	const cJSON *json;

	memset(text, 'x', 3001);
	body = mem_printf("{\"channel\":\"ops\",\"blocks\":[{\"type\":\"section\",\"text\":"
			  "{\"type\":\"mrkdwn\",\"text\":\"%s\"}}]}",
			  text);
	json = chat_call_json(with, "chat.postMessage", body);
	assert_error(json, "invalid_blocks");
	assert_string_equal(json_text(json, "response_metadata.messages.0"),
			    "[ERROR] must be less than 3001 characters "
			    "[json-pointer:/blocks/0/text/text]");
	free(body);
	text[3000] = '\0';
	body = mem_printf("{\"channel\":\"ops\",\"blocks\":[{\"type\":\"section\",\"text\":"
			  "{\"type\":\"mrkdwn\",\"text\":\"%s\"}}]}",
			  text);
	json = chat_call_json(with, "chat.postMessage", body);
	assert_true(cJSON_IsTrue(json_at(json, "ok")));
	free(body);
	free(text);
}

static void text_over_40000_characters_is_cut_with_a_warning(void **state)
{
	struct with_chat *with = *state;
	char *text = mem_zalloc(40002);
	char *body;
	const cJSON *json;

	memset(text, 'x', 40001);
	body = mem_printf("{\"channel\":\"ops\",\"text\":\"%s\"}", text);
	json = chat_call_json(with, "chat.postMessage", body);
	assert_true(cJSON_IsTrue(json_at(json, "ok")));
	assert_string_equal(json_text(json, "response_metadata.warnings.0"), "message_truncated");
	assert_int_equal(strlen(json_text(json, "message.text")), 40000);
	free(body);
	free(text);
}

static void an_update_changes_the_message_and_says_so(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json = chat_call(with, "chat.postMessage",
				      "channel=ops&text=before&attachments=[{\"text\":\"kept\"}]");
	char *ts = mem_dup(json_text(json, "ts"));

	json = chat_call(with, "chat.update", "channel=%s&ts=%s&text=after", with->ops, ts);
	assert_string_equal(json_text(json, "text"), "after");
	assert_string_equal(json_text(json, "ts"), ts);
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "messages")), 1);
	assert_string_equal(json_text(json, "messages.0.text"), "after");
	assert_string_equal(json_text(json, "messages.0.attachments.0.text"), "kept");
	assert_true(json_text(json, "messages.0.edited.user")[0] == 'U');
	assert_true(json_text(json, "messages.0.edited.ts")[0] != '\0');
	json = chat_call(with, "chat.update", "channel=%s&ts=%s&text=bare&attachments=[]",
			 with->ops, ts);
	assert_null(json_at(json, "message.attachments"));
	free(ts);
}

static void an_update_can_leave_no_mark(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json = chat_call(with, "chat.postMessage", "channel=ops&text=before");
	char *ts = mem_dup(json_text(json, "ts"));

	fake_chat_wrong(with->chat)->no_edited = true;
	json = chat_call(with, "chat.update", "channel=%s&ts=%s&text=after", with->ops, ts);
	assert_string_equal(json_text(json, "message.text"), "after");
	assert_null(json_at(json, "message.edited"));
	free(ts);
}

static void updates_are_refused_with_slacks_error_codes(void **state)
{
	struct with_chat *with = *state;
	char *theirs = mem_dup(fake_chat_post(
	    with->chat, "ops", &(struct fake_post){.text = "x", .username = "Alertmanager"}));
	char *own =
	    mem_dup(json_text(chat_call(with, "chat.postMessage", "channel=ops&text=x"), "ts"));
	char *form, *text = mem_zalloc(4002);

	memset(text, 'x', 4001);
	assert_error(chat_call(with, "chat.update", "channel=%s&ts=%s&text=y", with->ops, theirs),
		     "cant_update_message");
	assert_error(chat_call(with, "chat.update", "channel=%s&ts=1.000001&text=y", with->ops),
		     "message_not_found");
	assert_error(chat_call(with, "chat.update", "channel=C9&ts=%s&text=y", own),
		     "channel_not_found");
	assert_error(chat_call(with, "chat.update", "channel=%s&ts=%s", with->ops, own), "no_text");
	form = mem_printf("channel=%s&ts=%s&text=%s", with->ops, own, text);
	assert_error(chat_call_as(with, CHAT_TOKEN, "chat.update", form), "msg_too_long");
	assert_error(chat_call(with, "chat.delete", "channel=%s&ts=%s", with->ops, theirs),
		     "cant_delete_message");
	fake_chat_set_channel(with->chat, "ops", FAKE_MEMBER | FAKE_ARCHIVED);
	assert_error(chat_call(with, "chat.update", "channel=%s&ts=%s&text=y", with->ops, own),
		     "is_inactive");
	free(form);
	free(text);
	free(theirs);
	free(own);
}

static void a_deleted_message_is_gone_and_a_parent_leaves_a_tombstone(void **state)
{
	struct with_chat *with = *state;
	char *lone =
	    mem_dup(json_text(chat_call(with, "chat.postMessage", "channel=ops&text=a"), "ts"));
	char *parent =
	    mem_dup(json_text(chat_call(with, "chat.postMessage", "channel=ops&text=b"), "ts"));
	const cJSON *json;

	(void)chat_call(with, "chat.postMessage", "channel=ops&text=r&thread_ts=%s", parent);
	(void)chat_call(with, "chat.delete", "channel=%s&ts=%s", with->ops, lone);
	(void)chat_call(with, "chat.delete", "channel=%s&ts=%s", with->ops, parent);
	json = chat_call(with, "conversations.history", "channel=%s", with->ops);
	assert_int_equal(cJSON_GetArraySize(json_at(json, "messages")), 1);
	assert_string_equal(json_text(json, "messages.0.subtype"), "tombstone");
	assert_error(
	    chat_call(with, "chat.getPermalink", "channel=%s&message_ts=%s", with->ops, lone),
	    "message_not_found");
	free(lone);
	free(parent);
}

static void a_reply_to_a_reply_joins_the_same_thread(void **state)
{
	struct with_chat *with = *state;
	char *parent =
	    mem_dup(json_text(chat_call(with, "chat.postMessage", "channel=ops&text=p"), "ts"));
	char *reply = mem_dup(json_text(
	    chat_call(with, "chat.postMessage", "channel=ops&text=r&thread_ts=%s", parent), "ts"));
	const cJSON *json =
	    chat_call(with, "chat.postMessage", "channel=ops&text=s&thread_ts=%s", reply);

	assert_string_equal(json_text(json, "message.thread_ts"), parent);
	free(parent);
	free(reply);
}

static void a_permalink_leads_to_the_message_and_names_its_thread(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json;
	char *expected;

	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "p", .ts = "1000.000001"});
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.text = "r", .ts = "1001.000002", .thread_ts = "1000.000001"});
	json = chat_call(with, "chat.getPermalink", "channel=%s&message_ts=1001.000002", with->ops);
	expected = mem_printf("%s/archives/%s/p1001000002?thread_ts=1000.000001&cid=%s",
			      fake_chat_url(with->chat), with->ops, with->ops);
	assert_string_equal(json_text(json, "permalink"), expected);
	free(expected);
}

static void joining_lets_a_bot_read_public_channels_only(void **state)
{
	struct with_chat *with = *state;
	const char *far = fake_chat_add_channel(with->chat, "far", 0);
	const char *secret = fake_chat_add_channel(with->chat, "secret", FAKE_PRIVATE);

	assert_error(chat_call(with, "conversations.history", "channel=%s", far), "not_in_channel");
	assert_true(cJSON_IsTrue(json_at(chat_call(with, "conversations.join", "channel=%s", far),
					 "channel.is_member")));
	assert_true(cJSON_IsTrue(
	    json_at(chat_call(with, "conversations.history", "channel=%s", far), "ok")));
	assert_string_equal(
	    json_text(chat_call(with, "conversations.join", "channel=%s", far), "warning"),
	    "already_in_channel");
	assert_error(chat_call(with, "conversations.join", "channel=%s", secret),
		     "channel_not_found");
}

static void an_ephemeral_message_is_not_stored(void **state)
{
	struct with_chat *with = *state;
	const cJSON *json =
	    chat_call(with, "chat.postEphemeral", "channel=%s&user=U1&text=psst", with->ops);

	assert_true(json_text(json, "message_ts")[0] != '\0');
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 0);
}

static void messages_can_be_posted_changed_and_looked_at_from_c(void **state)
{
	struct with_chat *with = *state;
	const char *ts = fake_chat_post(
	    with->chat, "#ops",
	    &(struct fake_post){.json = "{\"attachments\":[{\"title\":\"t\",\"color\":\"good\"}]}",
				.username = "Alertmanager"});
	char *message;

	assert_int_equal(fake_chat_count(with->chat, "ops", "2eb886"), 1);
	assert_int_equal(fake_chat_count(with->chat, "ops", "nothing"), 0);
	assert_true(fake_chat_edit(with->chat, "ops", ts, &(struct fake_post){.text = "now"}));
	message = fake_chat_message(with->chat, "ops", "now", 0);
	assert_non_null(strstr(message, "\"username\":\"Alertmanager\""));
	assert_non_null(strstr(message, "\"edited\":"));
	assert_non_null(strstr(message, "2eb886"));
	free(message);
	assert_null(fake_chat_message(with->chat, "ops", "now", 1));
	assert_true(fake_chat_delete(with->chat, "ops", ts));
	assert_false(fake_chat_delete(with->chat, "ops", "1.000001"));
	assert_int_equal(fake_chat_count(with->chat, "ops", NULL), 0);
	assert_null(fake_chat_post(with->chat, "nowhere", &(struct fake_post){.text = "x"}));
	assert_null(fake_chat_post(with->chat, "ops", &(struct fake_post){.json = "{"}));
	assert_null(fake_chat_post(with->chat, "ops",
				   &(struct fake_post){.text = "x", .thread_ts = "1.000001"}));
}

static void count_change(void *arg)
{
	++*(int *)arg;
}

static bool is_positive(void *arg)
{
	return *(int *)arg > 0;
}

static void changes_are_told_from_the_loop(void **state)
{
	struct with_chat *with = *state;
	int changes = 0;

	fake_chat_on_change(with->chat, count_change, &changes);
	(void)fake_chat_post(with->chat, "ops", &(struct fake_post){.text = "x"});
	assert_int_equal(changes, 0);
	loop_until_true(with->base, is_positive, &changes);
	assert_int_equal(changes, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, with_chat_setup, with_chat_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_bots_post_carries_user_bot_and_app),
	    TEST(text_is_stored_as_sent_with_urls_in_brackets),
	    TEST(time_stamps_are_unique_and_increase),
	    TEST(attachments_are_stored_as_slack_stores_them),
	    TEST(blocks_keep_their_ids_or_get_one),
	    TEST(blocks_and_attachments_may_come_as_text_in_a_form),
	    TEST(posts_are_refused_with_slacks_error_codes),
	    TEST(a_block_that_is_too_long_is_named),
	    TEST(text_over_40000_characters_is_cut_with_a_warning),
	    TEST(an_update_changes_the_message_and_says_so),
	    TEST(an_update_can_leave_no_mark),
	    TEST(updates_are_refused_with_slacks_error_codes),
	    TEST(a_deleted_message_is_gone_and_a_parent_leaves_a_tombstone),
	    TEST(a_reply_to_a_reply_joins_the_same_thread),
	    TEST(a_permalink_leads_to_the_message_and_names_its_thread),
	    TEST(joining_lets_a_bot_read_public_channels_only),
	    TEST(an_ephemeral_message_is_not_stored),
	    TEST(messages_can_be_posted_changed_and_looked_at_from_c),
	    TEST(changes_are_told_from_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
