/* The Slack driver against a server that is told what to say. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "probes/chats/chat.h"
#include "probes/http.h"
#include "scenarios/config.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/chats/slack_server.h"
#include "tests/support/loop.h"

#define TOKEN "xoxb-secret-of-the-test"

struct world {
	struct event_base *base;
	struct slack_server server;
	struct http *http;
	struct secrets *secrets;
	struct chat_settings settings;
	struct chat *chat;
};

/* What a call brought, copied. */
struct brought {
	bool done;
	int times;
	enum chat_result result;
	char error[512], code[64], more[4096], ts[CHAT_TS_SIZE], id[32], self[64], name[32];
	int64_t retry_after_ms, started_ms;
	bool capped;
	size_t messages, channels;
	char *text;    /* owned: of the first message */
	int seen[512]; /* by the number in the message's text */
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	struct error error;

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	(void)setenv("TEST_CHATS_TOKEN", TOKEN, 1);
	world->base = event_base_new();
	slack_server_open(&world->server, world->base);
	world->http = http_new(world->base);
	world->secrets = secrets_new();
	world->settings = (struct chat_settings){.name = mem_dup("team"),
						 .type = mem_dup("slack"),
						 .token = mem_dup("env:TEST_CHATS_TOKEN"),
						 .url = mem_dup(world->server.url),
						 .poll_ms = 5,
						 .timeout_ms = 5000};
	world->chat = chat_slack.open(&world->settings, world->http, world->secrets, &error);
	*state = world;
	return world->chat != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *world = *state;

	chat_slack.close(world->chat);
	http_free(world->http);
	slack_server_close(&world->server);
	secrets_free(world->secrets);
	free(world->settings.name);
	free(world->settings.type);
	free(world->settings.token);
	free(world->settings.url);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from != NULL ? from : "");
}

static void on_done(void *arg, const struct chat_reply *reply)
{
	struct brought *brought = arg;

	brought->done = true;
	brought->times++;
	brought->result = reply->result;
	copy(brought->error, sizeof brought->error, reply->error);
	copy(brought->code, sizeof brought->code, reply->code);
	copy(brought->more, sizeof brought->more, reply->more);
	copy(brought->ts, sizeof brought->ts, reply->ts);
	copy(brought->id, sizeof brought->id, reply->channel_id);
	copy(brought->self, sizeof brought->self, reply->self);
	brought->retry_after_ms = reply->retry_after_ms;
	brought->started_ms = reply->started_ms;
	brought->capped = reply->capped;
	brought->messages = reply->message_count;
	brought->channels = reply->channel_count;
	if (reply->channel_count > 0)
		copy(brought->name, sizeof brought->name, reply->channels[0].name);
	free(brought->text);
	brought->text = reply->message_count > 0 ? mem_dup(reply->messages[0].text) : NULL;
	for (size_t i = 0; i < reply->message_count; i++) {
		long number = strtol(reply->messages[i].text, NULL, 10);

		if (number > 0 && number < 512)
			brought->seen[number]++;
	}
}

static void wait_done(struct world *world, struct brought *brought)
{
	assert_false(brought->done); /* never from inside the start */
	loop_until(world->base, &brought->done);
	assert_true(brought->started_ms > 0);
	brought->done = false;
}

static void find(struct world *world, struct brought *brought, const char *name)
{
	(void)chat_slack.find(world->chat, name, on_done, brought);
	wait_done(world, brought);
}

static void read_since(struct world *world, struct brought *brought, const char *since,
		       const char *page)
{
	char *copy_of_page = page != NULL && page[0] != '\0' ? mem_dup(page) : NULL;

	(void)chat_slack.read(world->chat, "C000000001", since, copy_of_page, on_done, brought);
	free(copy_of_page);
	wait_done(world, brought);
}

/* Who am I? */

static void a_check_tells_whose_the_token_is(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};
	char *link;

	slack_server_say(&world->server,
			 "{\"ok\":true,\"url\":\"https://acme.slack.com/\",\"team\":\"Acme\","
			 "\"user\":\"firedrill-bot\",\"user_id\":\"U1\",\"bot_id\":\"B1\"}");
	assert_null(chat_slack.permalink(world->chat, "C1", "1700000000.000100"));
	(void)chat_slack.check(world->chat, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.result, CHAT_OK);
	assert_string_equal(brought.self, "firedrill-bot in Acme");
	assert_true(slack_server_asked(&world->server, 0, "auth.test", ""));
	assert_string_equal(world->server.asks[0].authorization, "Bearer " TOKEN);
	link = chat_slack.permalink(world->chat, "C1", "1700000000.000100");
	assert_string_equal(link, "https://acme.slack.com/archives/C1/p1700000000000100");
	free(link);
}

static void a_wrong_token_is_told_in_a_sentence(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":false,\"error\":\"invalid_auth\"}");
	(void)chat_slack.check(world->chat, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_string_equal(brought.code, "invalid_auth");
	assert_non_null(strstr(brought.error, "Slack does not know this token"));
	assert_null(strstr(brought.error, TOKEN));
}

static void a_token_that_is_not_there_is_named_by_its_reference(void **state)
{
	struct world *world = *state;
	struct chat_settings settings = world->settings;
	char reference[] = "env:TEST_CHATS_NO_SUCH_TOKEN";
	struct error error;

	settings.token = reference;
	assert_null(chat_slack.open(&settings, world->http, world->secrets, &error));
	assert_non_null(strstr(error.text, "TEST_CHATS_NO_SUCH_TOKEN"));
	(void)setenv("TEST_CHATS_NO_SUCH_TOKEN", "xoxb-4711\r\nX-Header: yes", 1);
	assert_null(chat_slack.open(&settings, world->http, world->secrets, &error));
	(void)unsetenv("TEST_CHATS_NO_SUCH_TOKEN");
	assert_non_null(strstr(error.text, "TEST_CHATS_NO_SUCH_TOKEN"));
	assert_null(strstr(error.text, "4711"));
}

/* Finding. */

#define CHANNELS(list, cursor)                                                                  \
	"{\"ok\":true,\"channels\":[" list "],\"response_metadata\":{\"next_cursor\":\"" cursor \
	"\"}}"
#define OPS      "{\"id\":\"C000000001\",\"name\":\"ops\",\"is_member\":true}"
#define GENERAL  "{\"id\":\"C000000002\",\"name\":\"general\",\"is_member\":false}"
#define ARCHIVED "{\"id\":\"C000000003\",\"name\":\"old\",\"is_member\":true,\"is_archived\":true}"

static void a_channel_is_found_by_name_page_by_page(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(GENERAL, "next=="));
	slack_server_say(&world->server, CHANNELS(ARCHIVED "," OPS, ""));
	find(world, &brought, "#ops");
	assert_int_equal(brought.result, CHAT_OK);
	assert_string_equal(brought.id, "C000000001");
	assert_string_equal(brought.name, "ops");
	assert_true(slack_server_asked(&world->server, 0, "users.conversations",
				       "types=public_channel%2Cprivate_channel"));
	assert_true(
	    slack_server_asked(&world->server, 1, "users.conversations", "cursor=next%3D%3D"));
	/* Its id is remembered: the next time it is only looked at. */
	slack_server_say(&world->server, "{\"ok\":true,\"channel\":" OPS "}");
	find(world, &brought, "ops");
	assert_string_equal(brought.id, "C000000001");
	assert_true(
	    slack_server_asked(&world->server, 2, "conversations.info", "channel=C000000001"));
}

static void an_id_is_asked_for_directly(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":true,\"channel\":" OPS "}");
	find(world, &brought, "C000000001");
	assert_int_equal(brought.result, CHAT_OK);
	assert_string_equal(brought.name, "ops");
	assert_true(
	    slack_server_asked(&world->server, 0, "conversations.info", "channel=C000000001"));
}

static void a_channel_without_the_bot_asks_for_an_invitation(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(OPS, ""));
	slack_server_say(&world->server, CHANNELS(OPS "," GENERAL, ""));
	find(world, &brought, "general");
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_string_equal(brought.code, "not_in_channel");
	assert_non_null(strstr(brought.error, "/invite @your-bot"));
	assert_non_null(strstr(brought.error, "#general"));
	assert_true(slack_server_asked(&world->server, 1, "conversations.list", "limit=999"));
}

static void an_archived_channel_is_told_as_such(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(ARCHIVED, ""));
	find(world, &brought, "#old");
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_string_equal(brought.code, "is_archived");
	assert_non_null(strstr(brought.error, "#old is archived"));
}

static void a_channel_that_does_not_exist_is_told_as_such(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(OPS, ""));
	slack_server_say(&world->server, CHANNELS(OPS "," GENERAL, ""));
	find(world, &brought, "#opps");
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_string_equal(brought.code, "channel_not_found");
	assert_non_null(strstr(brought.error, "no channel #opps"));
}

static void a_token_for_public_channels_only_is_enough(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":"
					 "\"groups:read\",\"provided\":\"channels:read\"}");
	slack_server_say(&world->server, CHANNELS(OPS, ""));
	find(world, &brought, "ops");
	assert_int_equal(brought.result, CHAT_OK);
	assert_true(
	    slack_server_asked(&world->server, 1, "users.conversations", "types=public_channel&"));
}

static void a_token_without_any_scope_is_told_which(void **state)
{
	static const char refusal[] = "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":"
				      "\"channels:read\",\"provided\":\"chat:write\"}";
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, refusal);
	slack_server_say(&world->server, refusal);
	find(world, &brought, "ops");
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_non_null(strstr(brought.error, "lacks the scope channels:read"));
}

static void a_server_with_one_list_only_is_enough(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_answer(&world->server, 404, NULL, "{\"message\":\"Not Found\"}");
	slack_server_say(&world->server, CHANNELS(GENERAL "," OPS, ""));
	find(world, &brought, "ops");
	assert_int_equal(brought.result, CHAT_OK);
	assert_string_equal(brought.id, "C000000001");
}

static void a_search_that_was_slowed_down_goes_on_where_it_was(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(GENERAL, ""));
	slack_server_say(&world->server, CHANNELS(GENERAL, "page2"));
	slack_server_answer(&world->server, 429, "3", "{\"ok\":false,\"error\":\"ratelimited\"}");
	find(world, &brought, "ops");
	assert_int_equal(brought.result, CHAT_SLOW);
	assert_int_equal(brought.retry_after_ms, 3000);
	slack_server_say(&world->server, CHANNELS(OPS, ""));
	find(world, &brought, "ops");
	assert_int_equal(brought.result, CHAT_OK);
	assert_true(slack_server_asked(&world->server, 3, "conversations.list", "cursor=page2"));
}

static void all_channels_of_the_bot_are_listed(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(OPS, "more"));
	slack_server_say(&world->server, CHANNELS(ARCHIVED, ""));
	(void)chat_slack.channels(world->chat, NULL, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.channels, 1);
	assert_string_not_equal(brought.more, "");
	(void)chat_slack.channels(world->chat, brought.more, on_done, &brought);
	wait_done(world, &brought);
	assert_string_equal(brought.name, "old");
	assert_string_equal(brought.more, "");
	assert_true(slack_server_asked(&world->server, 1, "users.conversations", "cursor=more"));
}

/* Reading. */

static void a_read_asks_with_a_form_for_what_came_after(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server,
			 "{\"ok\":true,\"messages\":[{\"ts\":\"1700000000.000200\",\"text\":"
			 "\"&lt;one&gt;\"},{\"ts\":\"1700000000.000100\",\"text\":\"the bound is "
			 "exclusive\"}],\"has_more\":false}");
	read_since(world, &brought, "1700000000.000100", NULL);
	assert_int_equal(brought.result, CHAT_OK);
	assert_int_equal(brought.messages, 1);
	assert_string_equal(brought.text, "<one>");
	assert_string_equal(brought.more, "");
	assert_false(brought.capped);
	assert_true(slack_server_asked(&world->server, 0, "conversations.history",
				       "channel=C000000001&limit=200&oldest=1700000000.000100"));
	assert_string_equal(world->server.asks[0].type, "application/x-www-form-urlencoded");
	free(brought.text);
}

static void every_page_is_read_once(struct world *world, bool forward, bool no_cursor)
{
	struct brought brought = {0};
	char since[CHAT_TS_SIZE];
	int pages = 0;

	world->server.history = 100;
	world->server.page_size = 7;
	world->server.forward = forward;
	world->server.no_cursor = no_cursor;
	slack_server_ts(10, since);
	do {
		read_since(world, &brought, since, brought.more);
		assert_int_equal(brought.result, CHAT_OK);
		assert_true(++pages < 60);
	} while (brought.more[0] != '\0');
	for (int i = 1; i <= 100; i++)
		assert_int_equal(brought.seen[i], i > 10 ? 1 : 0);
	free(brought.text);
}

static void pages_with_a_cursor_are_read_backwards(void **state)
{
	every_page_is_read_once(*state, false, false);
}

static void pages_with_a_cursor_are_read_forwards(void **state)
{
	every_page_is_read_once(*state, true, false);
}

static void pages_without_a_cursor_are_read_backwards(void **state)
{
	every_page_is_read_once(*state, false, true);
}

static void pages_without_a_cursor_are_read_forwards(void **state)
{
	every_page_is_read_once(*state, true, true);
}

static void more_without_anything_to_go_on_with_is_tried_again(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":true,\"messages\":[],\"has_more\":true}");
	read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_RETRY);
	read_since(world, &brought, "0", "nonsense");
	assert_int_equal(brought.result, CHAT_RETRY);
	read_since(world, &brought, "0", "t1,2,3");
	assert_int_equal(brought.result, CHAT_RETRY);
}

static void pages_of_fifteen_are_the_capped_tier(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	world->server.history = 100;
	world->server.page_size = 15;
	read_since(world, &brought, "0", NULL);
	assert_true(brought.capped);
	world->server.history = 15;
	read_since(world, &brought, "0", NULL);
	assert_false(brought.capped);
	free(brought.text);
}

static void a_refusal_for_a_minute_after_one_call_is_the_capped_tier(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	world->server.page_size = 200;
	slack_server_say(&world->server, "{\"ok\":true,\"messages\":[]}");
	slack_server_answer(&world->server, 429, "60", "");
	read_since(world, &brought, "0", NULL);
	read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_SLOW);
	assert_int_equal(brought.retry_after_ms, 60000);
	assert_true(brought.capped);
	/* The same after many calls is a mere rush. */
	for (int i = 0; i < 5; i++)
		slack_server_say(&world->server, "{\"ok\":true,\"messages\":[]}");
	slack_server_answer(&world->server, 429, "60", "");
	for (int i = 0; i < 6; i++)
		read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_SLOW);
	assert_false(brought.capped);
}

static void a_thread_is_read_with_its_first_message(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(
	    &world->server,
	    "{\"ok\":true,\"messages\":[{\"ts\":\"5.1\",\"thread_ts\":\"5.1\",\"text\":"
	    "\"1 parent\"},{\"ts\":\"6.1\",\"thread_ts\":\"5.1\",\"text\":\"2 reply\"}],"
	    "\"has_more\":true}");
	slack_server_say(
	    &world->server,
	    "{\"ok\":true,\"messages\":[{\"ts\":\"5.1\",\"thread_ts\":\"5.1\",\"text\":"
	    "\"1 parent\"},{\"ts\":\"7.1\",\"thread_ts\":\"5.1\",\"text\":\"3 reply\"}],"
	    "\"has_more\":false}");
	(void)chat_slack.thread(world->chat, "C000000001", "5.1", NULL, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.messages, 2);
	(void)chat_slack.thread(world->chat, "C000000001", "5.1", brought.more, on_done, &brought);
	wait_done(world, &brought);
	assert_string_equal(brought.more, "");
	assert_int_equal(brought.seen[2], 1);
	assert_int_equal(brought.seen[3], 1);
	assert_true(slack_server_asked(&world->server, 0, "conversations.replies", "ts=5.1"));
	assert_true(slack_server_asked(&world->server, 1, "conversations.replies", "oldest=6.1"));
	free(brought.text);
}

static void hostile_messages_are_read_all_the_same(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};
	struct buf body = {0};

	buf_adds(&body,
		 "{\"ok\":true,\"messages\":[{\"ts\":\"9.9\",\"text\":\"\xff\xfe fd-k3q9x2m7 ");
	for (int i = 0; i < 100000; i++)
		buf_adds(&body, "0123456789");
	buf_adds(&body, "\\ud800\",\"blocks\":");
	for (int i = 0; i < 900; i++)
		buf_adds(&body, "[");
	for (int i = 0; i < 900; i++)
		buf_adds(&body, "]");
	buf_adds(&body, "}]}");
	slack_server_say(&world->server, buf_text(&body));
	read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_OK);
	assert_int_equal(brought.messages, 1);
	assert_int_equal(strlen(brought.text), 256 << 10);
	assert_memory_equal(brought.text, "\xef\xbf\xbd\xef\xbf\xbd fd-k3q9x2m7 0123", 23);
	free(brought.text);
	buf_done(&body);
}

static void errors_name_the_channel_as_people_do(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, CHANNELS(OPS, ""));
	find(world, &brought, "ops");
	slack_server_say(&world->server, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_PERMANENT);
	assert_non_null(strstr(brought.error, "not in #ops"));
}

/* Writing. */

static const struct chat_post a_post = {.mark = "fd-k3q9x2m7",
					.tone = CHAT_RUNNING,
					.headline = "[DRILL] a <drill> begins",
					.body = "line"};

static void a_post_is_sent_as_json_and_brings_its_time_stamp(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":true,\"channel\":\"C000000001\",\"ts\":"
					 "\"1700000000.000300\",\"message\":{}}");
	(void)chat_slack.post(world->chat, "C000000001", NULL, &a_post, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.result, CHAT_OK);
	assert_string_equal(brought.ts, "1700000000.000300");
	assert_string_equal(brought.id, "C000000001");
	assert_true(slack_server_asked(&world->server, 0, "chat.postMessage",
				       "\"block_id\":\"firedrill:fd-k3q9x2m7\""));
	assert_true(slack_server_asked(&world->server, 0, "chat.postMessage", "&lt;drill&gt;"));
	assert_string_equal(world->server.asks[0].type, "application/json; charset=utf-8");
}

static void an_edit_is_an_update_of_the_message(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_say(&world->server, "{\"ok\":true,\"channel\":\"C000000001\",\"ts\":\"5.1\"}");
	(void)chat_slack.edit(world->chat, "C000000001", "5.1", &a_post, on_done, &brought);
	wait_done(world, &brought);
	assert_int_equal(brought.result, CHAT_OK);
	assert_true(slack_server_asked(&world->server, 0, "chat.update", "\"ts\":\"5.1\""));
}

static void a_post_without_an_answer_is_ambiguous_and_not_sent_twice(void **state)
{
	struct world *world = *state;
	struct brought brought = {0};

	slack_server_hang(&world->server);
	/* with more time, too: on a busy machine the first may be over before the chat is reached */
	for (world->settings.timeout_ms = 100; brought.code[0] == '\0';
	     world->settings.timeout_ms *= 3) {
		assert_true(world->settings.timeout_ms < 45000);
		(void)chat_slack.post(world->chat, "C000000001", NULL, &a_post, on_done, &brought);
		wait_done(world, &brought);
		assert_int_equal(brought.result, CHAT_RETRY);
	}
	assert_string_equal(brought.code, "ambiguous");
	assert_int_equal(world->server.ask_count, 1);
	slack_server_say(&world->server, "{\"ok\":true}"); /* no ts */
	(void)chat_slack.post(world->chat, "C000000001", NULL, &a_post, on_done, &brought);
	wait_done(world, &brought);
	assert_string_equal(brought.code, "ambiguous");
	slack_server_hang(&world->server);
	read_since(world, &brought, "0", NULL);
	assert_int_equal(brought.result, CHAT_RETRY);
	assert_string_equal(brought.code, "");
}

/* Cancelling. */

static void a_cancelled_call_is_never_answered(void **state)
{
	struct world *world = *state;
	struct brought cancelled = {0}, answered = {0};
	struct chat_op *op;

	slack_server_say(&world->server, "{\"ok\":true,\"messages\":[]}");
	op = chat_slack.read(world->chat, "C000000001", "0", NULL, on_done, &cancelled);
	chat_slack.cancel(op);
	chat_slack.cancel(NULL);
	read_since(world, &answered, "0", NULL);
	assert_int_equal(answered.times, 1);
	assert_int_equal(cancelled.times, 0);
}

static bool has_two_asks(void *arg)
{
	const struct slack_server *server = arg;

	return server->ask_count == 2;
}

static void closing_a_chat_cancels_what_is_in_flight(void **state)
{
	struct world *world = *state;
	struct brought reading = {0}, finding = {0};
	struct error error;

	slack_server_hang(&world->server);
	slack_server_hang(&world->server);
	(void)chat_slack.read(world->chat, "C000000001", "0", NULL, on_done, &reading);
	(void)chat_slack.find(world->chat, "ops", on_done, &finding);
	loop_until_true(world->base, has_two_asks, &world->server);
	chat_slack.close(world->chat);
	world->chat = chat_slack.open(&world->settings, world->http, world->secrets, &error);
	slack_server_say(&world->server, "{\"ok\":true,\"messages\":[]}");
	read_since(world, &(struct brought){0}, "0", NULL);
	assert_int_equal(reading.times + finding.times, 0);
}

static void the_driver_is_found_by_its_type(void **state)
{
	char ts[CHAT_TS_SIZE];

	(void)state;
	assert_ptr_equal(chat_driver_find("slack"), &chat_slack);
	assert_null(chat_driver_find("irc"));
	assert_int_equal(chat_slack.requests_per_minute, 50);
	chat_slack.ts_at(1700000000123, ts);
	assert_string_equal(ts, "1700000000.123000");
	chat_slack.ts_at(-5, ts);
	assert_string_equal(ts, "0");
}

/* With the reader. */

struct counting {
	int seen[512];
	size_t count;
	bool covered, told;
};

static void on_seen(void *arg, const struct sight *sight)
{
	struct counting *counting = arg;
	long number = strtol(sight->message->text, NULL, 10);

	counting->count++;
	if (number > 0 && number < 512)
		counting->seen[number]++;
}

static void on_covered(void *arg, bool covered)
{
	struct counting *counting = arg;

	counting->covered = covered;
	counting->told = true;
}

static void read_through_the_reader(struct world *world, bool forward, bool no_cursor)
{
	static const char *const needles[] = {"fd-k3q9x2m7"};
	struct channels *channels =
	    channels_new(world->base, &chat_slack, world->chat, world->settings.poll_ms);
	struct channel *channel = channels_get(channels, "#ops");
	struct counting counting = {0};
	const struct watch_spec spec = {
	    .nonce = "fd-k3q9x2m7",
	    .needles = needles,
	    .needle_count = 1,
	    .since_ms = clock_ms() - (clock_wall_ms() - INT64_C(1699999990000)),
	    .seen = on_seen,
	};
	struct watch *watch;

	world->server.nonce = "fd-k3q9x2m7";
	world->server.history = 60;
	world->server.page_size = 20;
	world->server.forward = forward;
	world->server.no_cursor = no_cursor;
	watch = channel_watch(channel, &spec, &counting);
	(void)channel_cover(channel, 0, clock_ms() + 9000, on_covered, &counting);
	loop_until(world->base, &counting.told);
	assert_true(counting.covered);
	for (int i = 1; i <= 60; i++)
		assert_int_equal(counting.seen[i], 1);
	watch_free(watch);
	channels_free(channels);
}

static void the_reader_gets_every_message_once_backwards(void **state)
{
	read_through_the_reader(*state, false, false);
}

static void the_reader_gets_every_message_once_forwards(void **state)
{
	read_through_the_reader(*state, true, false);
}

static void the_reader_gets_every_message_once_without_cursors(void **state)
{
	read_through_the_reader(*state, true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(a_check_tells_whose_the_token_is),
	    TEST(a_wrong_token_is_told_in_a_sentence),
	    TEST(a_token_that_is_not_there_is_named_by_its_reference),
	    TEST(a_channel_is_found_by_name_page_by_page),
	    TEST(an_id_is_asked_for_directly),
	    TEST(a_channel_without_the_bot_asks_for_an_invitation),
	    TEST(an_archived_channel_is_told_as_such),
	    TEST(a_channel_that_does_not_exist_is_told_as_such),
	    TEST(a_token_for_public_channels_only_is_enough),
	    TEST(a_token_without_any_scope_is_told_which),
	    TEST(a_server_with_one_list_only_is_enough),
	    TEST(a_search_that_was_slowed_down_goes_on_where_it_was),
	    TEST(all_channels_of_the_bot_are_listed),
	    TEST(a_read_asks_with_a_form_for_what_came_after),
	    TEST(pages_with_a_cursor_are_read_backwards),
	    TEST(pages_with_a_cursor_are_read_forwards),
	    TEST(pages_without_a_cursor_are_read_backwards),
	    TEST(pages_without_a_cursor_are_read_forwards),
	    TEST(more_without_anything_to_go_on_with_is_tried_again),
	    TEST(pages_of_fifteen_are_the_capped_tier),
	    TEST(a_refusal_for_a_minute_after_one_call_is_the_capped_tier),
	    TEST(a_thread_is_read_with_its_first_message),
	    TEST(hostile_messages_are_read_all_the_same),
	    TEST(errors_name_the_channel_as_people_do),
	    TEST(a_post_is_sent_as_json_and_brings_its_time_stamp),
	    TEST(an_edit_is_an_update_of_the_message),
	    TEST(a_post_without_an_answer_is_ambiguous_and_not_sent_twice),
	    TEST(a_cancelled_call_is_never_answered),
	    TEST(closing_a_chat_cancels_what_is_in_flight),
	    TEST(the_driver_is_found_by_its_type),
	    TEST(the_reader_gets_every_message_once_backwards),
	    TEST(the_reader_gets_every_message_once_forwards),
	    TEST(the_reader_gets_every_message_once_without_cursors),
	};
	int failed;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
