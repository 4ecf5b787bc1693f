/* The reader and the Slack driver together against the fake chat, well-behaved and not. */
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

#include "fake-services/chat.h"
#include "probes/chats/channel.h"
#include "probes/chats/chat.h"
#include "probes/http.h"
#include "scenarios/config.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/support/loop.h"

#define NONCE   "fd-k3q9x2m7"
#define HISTORY "conversations.history"

struct world {
	struct event_base *base;
	struct fake_chat *fake;
	struct fake_chat_wrong *wrong;
	struct http *http;
	struct secrets *secrets;
	struct chat_settings settings;
	struct chat *chat;
	struct channels *channels;
	struct channel *channel;
	struct watch *watch;
	size_t seen, edits, replies, own, lost;
	char text[256], error[256], code[64], ts[CHAT_TS_SIZE];
	int64_t at_ms, sent_ms, answered_ms;
	bool done, covered;
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	struct error error;

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	(void)setenv("TEST_CHATS_TOKEN", "xoxb-of-the-test", 1);
	world->base = event_base_new();
	world->fake = fake_chat_new(
	    world->base, &(struct fake_chat_options){.token = "xoxb-of-the-test"}, &error);
	assert_non_null(world->fake);
	world->wrong = fake_chat_wrong(world->fake);
	(void)fake_chat_add_channel(world->fake, "ops", FAKE_MEMBER);
	world->http = http_new(world->base);
	world->secrets = secrets_new();
	world->settings = (struct chat_settings){
	    .token = mem_dup("env:TEST_CHATS_TOKEN"),
	    .url = mem_printf("%s/api", fake_chat_url(world->fake)),
	    .timeout_ms = 30000,
	};
	world->chat = chat_slack.open(&world->settings, world->http, world->secrets, &error);
	world->channels = channels_new(world->base, &chat_slack, world->chat, 20);
	channels_set_limit(world->channels, 6000);
	world->channel = channels_get(world->channels, "#ops");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	watch_free(world->watch);
	channels_free(world->channels);
	chat_slack.close(world->chat);
	http_free(world->http);
	fake_chat_free(world->fake);
	secrets_free(world->secrets);
	free(world->settings.token);
	free(world->settings.url);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void on_seen(void *arg, const struct sight *sight)
{
	struct world *world = arg;

	world->seen++;
	world->edits += sight->edit ? 1 : 0;
	world->replies += sight->reply ? 1 : 0;
	world->own += sight->message->mark != NULL ? 1 : 0;
	world->at_ms = sight->at_ms;
	(void)snprintf(world->text, sizeof world->text, "%.200s", sight->message->text);
}

static void on_lost(void *arg, const char *error)
{
	struct world *world = arg;

	world->lost++;
	(void)snprintf(world->error, sizeof world->error, "%s", error);
}

static void watch(struct world *world)
{
	static const char *const needles[] = {NONCE};
	const struct watch_spec spec = {
	    .nonce = NONCE,
	    .needles = needles,
	    .needle_count = 1,
	    .since_ms = clock_ms() - 1000,
	    .seen = on_seen,
	    .lost = on_lost,
	};

	world->watch = channel_watch(world->channel, &spec, world);
}

struct wish {
	const size_t *count;
	size_t wanted;
};

static bool is_reached(void *arg)
{
	const struct wish *wish = arg;

	return *wish->count >= wish->wanted;
}

static void wait_count(struct world *world, const size_t *count, size_t wanted)
{
	struct wish wish = {count, wanted};

	loop_until_true(world->base, is_reached, &wish);
}

static void on_covered(void *arg, bool covered)
{
	struct world *world = arg;

	world->done = true;
	world->covered = covered;
}

static void read_all(struct world *world)
{
	world->done = false;
	(void)channel_cover(world->channel, clock_ms() + 1, clock_ms() + 9000, on_covered, world);
	loop_until(world->base, &world->done);
}

static const char *webhook_post(struct world *world, const char *title)
{
	char *json = mem_printf("{\"text\":\"\",\"attachments\":[{\"title\":\"%s\",\"color\":"
				"\"danger\"}]}",
				title);
	const char *ts =
	    fake_chat_post(world->fake, "ops", &(struct fake_post){.json = json, .username = "AM"});

	free(json);
	return ts;
}

/* The tests. */

static void an_alert_its_edit_and_its_reply_are_read(void **state)
{
	struct world *world = *state;
	char ts[CHAT_TS_SIZE];

	watch(world);
	(void)snprintf(ts, sizeof ts, "%s", webhook_post(world, "[FIRING:1] Q (" NONCE ")"));
	wait_count(world, &world->seen, 1);
	assert_non_null(strstr(world->text, "[FIRING:1] Q (" NONCE ")"));
	assert_true(
	    fake_chat_edit(world->fake, "ops", ts, &(struct fake_post){.text = "[RESOLVED]"}));
	wait_count(world, &world->edits, 1);
	assert_non_null(strstr(world->text, "[RESOLVED]"));
	(void)fake_chat_post(world->fake, "ops",
			     &(struct fake_post){.text = "a comment", .thread_ts = ts});
	wait_count(world, &world->replies, 1);
	read_all(world);
	assert_int_equal(world->seen, 3);
}

static void many_messages_are_read_once(struct world *world)
{
	for (int i = 0; i < 450; i++)
		(void)webhook_post(world, "one of many " NONCE);
	watch(world);
	wait_count(world, &world->seen, 450);
	read_all(world);
	assert_int_equal(world->seen, 450);
	assert_int_equal(world->edits, 0);
}

static void pages_forwards(void **state)
{
	many_messages_are_read_once(*state);
}

static void pages_backwards(void **state)
{
	((struct world *)*state)->wrong->page_backwards = true;
	many_messages_are_read_once(*state);
}

static void pages_without_cursors(void **state)
{
	((struct world *)*state)->wrong->no_cursor = true;
	many_messages_are_read_once(*state);
}

static void pages_backwards_without_cursors(void **state)
{
	((struct world *)*state)->wrong->page_backwards = true;
	((struct world *)*state)->wrong->no_cursor = true;
	many_messages_are_read_once(*state);
}

static void replies_that_are_not_told_are_found(void **state)
{
	struct world *world = *state;
	char ts[CHAT_TS_SIZE];

	world->wrong->no_latest_reply = true;
	watch(world);
	(void)snprintf(ts, sizeof ts, "%s", webhook_post(world, "[FIRING:1] Q (" NONCE ")"));
	wait_count(world, &world->seen, 1);
	(void)fake_chat_post(world->fake, "ops",
			     &(struct fake_post){.text = "resolved", .thread_ts = ts});
	wait_count(world, &world->replies, 1);
}

static void edits_without_a_mark_are_found(void **state)
{
	struct world *world = *state;
	char ts[CHAT_TS_SIZE];

	world->wrong->no_edited = true;
	watch(world);
	(void)snprintf(ts, sizeof ts, "%s", webhook_post(world, "[FIRING:1] Q (" NONCE ")"));
	wait_count(world, &world->seen, 1);
	assert_true(
	    fake_chat_edit(world->fake, "ops", ts, &(struct fake_post){.text = "[RESOLVED]"}));
	wait_count(world, &world->edits, 1);
}

static void the_capped_tier_is_read_at_its_own_rhythm(void **state)
{
	struct world *world = *state;

	world->wrong->capped_tier = true;
	world->wrong->capped_ms = 1000;
	for (int i = 0; i < 40; i++)
		(void)webhook_post(world, "one of forty " NONCE);
	watch(world);
	wait_count(world, &world->seen, 40);
	assert_int_equal(world->seen, 40);
	assert_non_null(strstr(channel_trouble(world->channel), "few messages a minute"));
	assert_int_equal(world->lost, 0);
}

static void rubbish_is_read_over(struct world *world)
{
	world->wrong->method = HISTORY;
	world->wrong->times = 1;
	watch(world);
	(void)webhook_post(world, "alert " NONCE);
	wait_count(world, &world->seen, 1);
	assert_int_equal(world->lost, 0);
	assert_true(channel_blind_ms(world->channel, 0, clock_ms()) >= 400);
}

static void a_page_of_html_is_tried_again(void **state)
{
	((struct world *)*state)->wrong->html_page = true;
	rubbish_is_read_over(*state);
}

static void half_an_answer_is_tried_again(void **state)
{
	((struct world *)*state)->wrong->truncated_json = true;
	rubbish_is_read_over(*state);
}

static void a_hundred_thousand_brackets_are_tried_again(void **state)
{
	((struct world *)*state)->wrong->deep_json = true;
	rubbish_is_read_over(*state);
}

static void sixty_four_megabytes_are_tried_again(void **state)
{
	((struct world *)*state)->wrong->huge_json = true;
	rubbish_is_read_over(*state);
}

static void a_lost_connection_is_tried_again(void **state)
{
	((struct world *)*state)->wrong->reset = true;
	rubbish_is_read_over(*state);
}

static void a_status_503_is_tried_again(void **state)
{
	((struct world *)*state)->wrong->status = 503;
	rubbish_is_read_over(*state);
}

static void a_rate_limit_is_waited_for(void **state)
{
	struct world *world = *state;
	int64_t first_ms, second_ms;

	world->wrong->method = HISTORY;
	world->wrong->times = 1;
	world->wrong->rate_limited = true;
	watch(world);
	(void)webhook_post(world, "alert " NONCE);
	wait_count(world, &world->seen, 1);
	first_ms = fake_chat_call_ms(world->fake, HISTORY, 0);
	second_ms = fake_chat_call_ms(world->fake, HISTORY, 1);
	assert_true(second_ms - first_ms >= 1000);
	read_all(world);
	assert_int_equal(channel_blind_ms(world->channel, 0, clock_ms()), 0);
}

static void bytes_that_are_not_utf8_do_no_harm(void **state)
{
	struct world *world = *state;

	world->wrong->bad_utf8 = true;
	watch(world);
	(void)fake_chat_post(world->fake, "ops", &(struct fake_post){.text = "alert " NONCE});
	wait_count(world, &world->seen, 1);
	assert_non_null(strstr(world->text, "\xef\xbf\xbd"));
}

static void a_revoked_token_loses_the_channel(void **state)
{
	struct world *world = *state;

	watch(world);
	read_all(world);
	world->wrong->revoked = true;
	wait_count(world, &world->lost, 1);
	assert_non_null(strstr(world->error, "token was revoked"));
	read_all(world);
	assert_false(world->covered);
	world->wrong->revoked = false;
	watch_free(world->watch);
	watch(world);
	(void)webhook_post(world, "alert " NONCE);
	wait_count(world, &world->seen, 1);
}

static void a_missing_scope_loses_the_channel(void **state)
{
	struct world *world = *state;

	world->wrong->method = HISTORY;
	world->wrong->missing_scope = true;
	watch(world);
	wait_count(world, &world->lost, 1);
	assert_non_null(strstr(world->error, "lacks the scope channels:history"));
}

static void the_bot_must_be_in_the_channel(void **state)
{
	struct world *world = *state;

	fake_chat_set_channel(world->fake, "ops", 0);
	watch(world);
	wait_count(world, &world->lost, 1);
	assert_non_null(strstr(world->error, "/invite"));
	fake_chat_set_channel(world->fake, "ops", FAKE_MEMBER | FAKE_ARCHIVED);
	watch_free(world->watch);
	watch(world);
	wait_count(world, &world->lost, 2);
	assert_non_null(strstr(world->error, "archived"));
}

static void a_private_channel_of_the_bot_is_found(void **state)
{
	struct world *world = *state;

	(void)fake_chat_add_channel(world->fake, "secret-ops", FAKE_MEMBER | FAKE_PRIVATE);
	world->channel = channels_get(world->channels, "#secret-ops");
	watch(world);
	(void)fake_chat_post(world->fake, "secret-ops", &(struct fake_post){.text = NONCE});
	wait_count(world, &world->seen, 1);
}

/* Posting. */

static void on_posted(void *arg, const struct chat_reply *reply)
{
	struct world *world = arg;

	world->done = true;
	world->answered_ms = clock_ms();
	world->sent_ms = reply->started_ms;
	(void)snprintf(world->code, sizeof world->code, "%s", reply->code);
	(void)snprintf(world->error, sizeof world->error, "%s",
		       reply->error != NULL ? reply->error : "");
	(void)snprintf(world->ts, sizeof world->ts, "%s", reply->ts != NULL ? reply->ts : "");
}

static const struct chat_post announcement = {
    .mark = NONCE,
    .tone = CHAT_RUNNING,
    .headline = "[DRILL] orders-bad-queue <in> production & more",
    .body = "one\ntwo",
    .footer = "small print",
};

static void post(struct world *world, const char *thread_ts)
{
	world->done = false;
	(void)chat_slack.post(world->chat, fake_chat_channel_id(world->fake, "ops"), thread_ts,
			      &announcement, on_posted, world);
	loop_until(world->base, &world->done);
}

static void our_own_post_is_read_back_and_sets_the_clock(void **state)
{
	struct world *world = *state;
	char *json;

	watch(world);
	post(world, NULL);
	assert_string_equal(world->error, "");
	channel_anchor(world->channel, world->ts, world->sent_ms, world->answered_ms);
	channel_kick(world->channel);
	wait_count(world, &world->own, 1);
	assert_true(world->at_ms >= world->sent_ms - 2 && world->at_ms <= world->answered_ms + 2);
	assert_non_null(strstr(world->text, "orders-bad-queue <in> production & more"));
	json = fake_chat_message(world->fake, "ops", NONCE, 0);
	assert_non_null(strstr(json, "\"color\":\"3b7dd8\""));
	free(json);
}

static void a_post_is_edited_and_gets_replies(void **state)
{
	struct world *world = *state;
	struct chat_post report = announcement;
	char ts[CHAT_TS_SIZE];

	watch(world);
	post(world, NULL);
	(void)snprintf(ts, sizeof ts, "%s", world->ts);
	wait_count(world, &world->own, 1);
	report.tone = CHAT_BAD;
	report.headline = "GAP: nobody was told";
	world->done = false;
	(void)chat_slack.edit(world->chat, fake_chat_channel_id(world->fake, "ops"), ts, &report,
			      on_posted, world);
	loop_until(world->base, &world->done);
	assert_string_equal(world->error, "");
	assert_int_equal(fake_chat_count(world->fake, "ops", "GAP: nobody was told"), 1);
	wait_count(world, &world->edits, 1);
	post(world, ts);
	assert_string_equal(world->error, "");
	assert_int_equal(fake_chat_count(world->fake, "ops", NULL), 2);
}

static void a_post_whose_answer_is_lost_is_found_by_its_mark(void **state)
{
	struct world *world = *state;

	world->wrong->method = "chat.postMessage";
	world->wrong->lose_answer = true;
	watch(world);
	post(world, NULL);
	assert_string_equal(world->code, "ambiguous");
	wait_count(world, &world->own, 1);
	assert_int_equal(fake_chat_count(world->fake, "ops", NULL), 1);
}

static void a_message_that_is_shown_late_is_read(void **state)
{
	struct world *world = *state;

	watch(world);
	(void)fake_chat_post(world->fake, "ops", &(struct fake_post){.text = "something"});
	read_all(world);
	world->wrong->hide_ms = 500;
	post(world, NULL);
	(void)fake_chat_post(world->fake, "ops", &(struct fake_post){.text = "newer"});
	read_all(world);
	assert_int_equal(world->seen, 0);
	wait_count(world, &world->own, 1);
}

static void a_long_post_is_taken(void **state)
{
	struct world *world = *state;
	char *body = mem_zalloc(50001);
	struct chat_post report = announcement;

	for (size_t i = 0; i < 50000; i++)
		body[i] = i % 80 == 79 ? '\n' : '&';
	report.body = body;
	(void)chat_slack.post(world->chat, fake_chat_channel_id(world->fake, "ops"), NULL, &report,
			      on_posted, world);
	loop_until(world->base, &world->done);
	free(body);
	assert_string_equal(world->error, "");
	assert_string_not_equal(world->ts, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(an_alert_its_edit_and_its_reply_are_read),
	    TEST(pages_forwards),
	    TEST(pages_backwards),
	    TEST(pages_without_cursors),
	    TEST(pages_backwards_without_cursors),
	    TEST(replies_that_are_not_told_are_found),
	    TEST(edits_without_a_mark_are_found),
	    TEST(the_capped_tier_is_read_at_its_own_rhythm),
	    TEST(a_page_of_html_is_tried_again),
	    TEST(half_an_answer_is_tried_again),
	    TEST(a_hundred_thousand_brackets_are_tried_again),
	    TEST(sixty_four_megabytes_are_tried_again),
	    TEST(a_lost_connection_is_tried_again),
	    TEST(a_status_503_is_tried_again),
	    TEST(a_rate_limit_is_waited_for),
	    TEST(bytes_that_are_not_utf8_do_no_harm),
	    TEST(a_message_that_is_shown_late_is_read),
	    TEST(a_revoked_token_loses_the_channel),
	    TEST(a_missing_scope_loses_the_channel),
	    TEST(the_bot_must_be_in_the_channel),
	    TEST(a_private_channel_of_the_bot_is_found),
	    TEST(our_own_post_is_read_back_and_sets_the_clock),
	    TEST(a_post_is_edited_and_gets_replies),
	    TEST(a_post_whose_answer_is_lost_is_found_by_its_mark),
	    TEST(a_long_post_is_taken),
	};
	int failed;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
