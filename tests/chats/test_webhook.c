/* Posting by an incoming webhook: what is sent, and what an answer means. */
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

#include "probes/chats/webhook.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/chats/slack_server.h"
#include "tests/support/loop.h"

#define PATH "/services/T0/B0/s3cret-of-the-test"

struct world {
	struct event_base *base;
	struct slack_server server;
	struct http *http;
	struct webhook_context context;
	bool done;
	int times;
	enum webhook_result result;
	char text[512];
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	char *url;

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	world->base = event_base_new();
	slack_server_open(&world->server, world->base);
	world->http = http_new(world->base);
	world->context = (struct webhook_context){world->http, secrets_new()};
	url = mem_printf("%.*s" PATH, (int)strcspn(world->server.url + 7, "/") + 7,
			 world->server.url);
	assert_int_equal(setenv("TEST_WEBHOOK", url, 1), 0);
	free(url);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	http_free(world->http);
	slack_server_close(&world->server);
	secrets_free(world->context.secrets);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void on_done(void *arg, const struct webhook_answer *answer)
{
	struct world *world = arg;

	world->done = true;
	world->times++;
	world->result = answer->result;
	(void)snprintf(world->text, sizeof world->text, "%s", answer->text);
}

static void post(struct world *world, const char *url, const char *text)
{
	world->done = false;
	world->times = 0;
	assert_non_null(webhook_slack.post(&world->context, url, text, on_done, world));
	assert_false(world->done); /* never from inside post */
	loop_until(world->base, &world->done);
	(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
	assert_int_equal(world->times, 1);
	assert_true(world->text[0] != '\0');
	assert_null(strstr(world->text, "s3cret"));
}

static void assert_answer(struct world *world, int status, const char *body,
			  enum webhook_result result, const char *text)
{
	slack_server_answer(&world->server, status, NULL, body);
	post(world, "env:TEST_WEBHOOK", "hello");
	assert_int_equal(world->result, result);
	assert_string_equal(world->text, text);
}

static void it_is_posted_as_json_with_markup_escaped(void **state)
{
	struct world *world = *state;
	const struct slack_ask *ask;

	slack_server_answer(&world->server, 200, NULL, "ok");
	post(world, "env:TEST_WEBHOOK", "[DRILL] fd-k3q9x2m7-p1 \"a\" <!channel> & so on");
	assert_int_equal(world->result, WEBHOOK_TAKEN);
	assert_string_equal(world->text, "it answered 200: ok");
	assert_int_equal(world->server.ask_count, 1);
	ask = &world->server.asks[0];
	assert_string_equal(ask->path, PATH);
	assert_string_equal(ask->type, "application/json");
	assert_string_equal(ask->body, "{\"text\":\"[DRILL] fd-k3q9x2m7-p1 \\\"a\\\" "
				       "&lt;!channel&gt; &amp; so on\"}");
}

static void a_no_of_the_chat_is_told_from_one_that_is_not_well(void **state)
{
	struct world *world = *state;

	assert_answer(world, 200, "", WEBHOOK_TAKEN, "it answered 200");
	assert_answer(world, 200, "no_text", WEBHOOK_TAKEN, "it answered 200: no_text");
	assert_answer(world, 404, "no_service", WEBHOOK_REFUSED, "it answered 404: no_service");
	assert_answer(world, 410, "channel_is_archived", WEBHOOK_REFUSED,
		      "it answered 410: channel_is_archived");
	assert_answer(world, 403, "invalid\ntoken\x7f\xff", WEBHOOK_REFUSED,
		      "it answered 403: invalid token  ");
	assert_answer(world, 429, "slow", WEBHOOK_UNSENT, "it answered 429: slow");
	assert_answer(world, 500, "rollup_error", WEBHOOK_UNSENT, "it answered 500: rollup_error");
	assert_answer(world, 302, "", WEBHOOK_UNSENT, "it answered 302");
}

static void an_answer_that_repeats_the_secret_is_masked_and_cut(void **state)
{
	struct world *world = *state;
	char *body = mem_printf("%s%0*d", getenv("TEST_WEBHOOK"), 500, 7);

	slack_server_answer(&world->server, 404, NULL, body);
	post(world, "env:TEST_WEBHOOK", "hello");
	assert_int_equal(world->result, WEBHOOK_REFUSED);
	assert_memory_equal(world->text, "it answered 404: ****", 21);
	assert_true(strlen(world->text) < 120);
	free(body);
}

static void what_cannot_be_sent_says_why(void **state)
{
	struct world *world = *state;

	(void)unsetenv("TEST_WEBHOOK_GONE");
	post(world, "env:TEST_WEBHOOK_GONE", "hello");
	assert_int_equal(world->result, WEBHOOK_UNSENT);
	assert_non_null(strstr(world->text, "TEST_WEBHOOK_GONE"));
	assert_int_equal(setenv("TEST_WEBHOOK_ODD", "s3cret and no address", 1), 0);
	post(world, "env:TEST_WEBHOOK_ODD", "hello");
	assert_int_equal(world->result, WEBHOOK_UNSENT);
	assert_int_equal(setenv("TEST_WEBHOOK_ODD", "http://127.0.0.1:1" PATH, 1), 0);
	post(world, "env:TEST_WEBHOOK_ODD", "hello");
	assert_int_equal(world->result, WEBHOOK_UNSENT);
	assert_int_equal(world->server.ask_count, 0);
}

static void a_cancelled_one_is_never_told(void **state)
{
	struct world *world = *state;
	struct webhook_op *op =
	    webhook_slack.post(&world->context, "env:TEST_WEBHOOK", "never", on_done, world);

	webhook_slack.cancel(op);
	webhook_slack.cancel(NULL);
	slack_server_answer(&world->server, 200, NULL, "ok");
	post(world, "env:TEST_WEBHOOK", "hello"); /* and told once */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_is_posted_as_json_with_markup_escaped),
	    TEST(a_no_of_the_chat_is_told_from_one_that_is_not_well),
	    TEST(an_answer_that_repeats_the_secret_is_masked_and_cut),
	    TEST(what_cannot_be_sent_says_why),
	    TEST(a_cancelled_one_is_never_told),
	};
	int failed;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
