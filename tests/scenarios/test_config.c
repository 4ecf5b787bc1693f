/* Tests of firedrill.cfg: what a good one holds, and what is said about bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static void a_full_configuration_is_read_as_written(void **state)
{
	struct config *config = config_of(
	    "state = \"/var/lib/firedrill/firedrill.db\"; scenarios = \"/etc/firedrill/drills\";\n"
	    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\";\n"
	    "  url = \"http://127.0.0.1:8080/api\"; poll = \"250ms\"; timeout = \"1m30s\"; };\n"
	    "  second = { type = \"slack\"; token = \"file:/run/token\"; }; };\n"
	    "environments = { production = { protected = true; effect_limit = \"self-expiring\";\n"
	    "  variables = { alerts = \"#ops\"; api_2 = \"\"; }; }; };\n"
	    "report = { chat = \"second\"; channel = \"C0123\"; announce = false; };\n"
	    "canary = { listen = \"[::1]:0\"; }; history = { keep = \"30d\"; };\n");
	const struct environment *production = config_environment(config, "production");
	const struct chat_settings *chat = config_chat(config, "slack");

	(void)state;
	assert_string_equal(config->file, "firedrill.cfg");
	assert_string_equal(config->state, "/var/lib/firedrill/firedrill.db");
	assert_string_equal(config->scenarios, "/etc/firedrill/drills");
	assert_int_equal(config->chat_count, 2);
	assert_string_equal(chat->name, "slack");
	assert_string_equal(chat->type, "slack");
	assert_string_equal(chat->token, "env:SLACK_TOKEN");
	assert_string_equal(chat->url, "http://127.0.0.1:8080/api");
	assert_int_equal(chat->poll_ms, 250);
	assert_int_equal(chat->timeout_ms, 90000);
	assert_string_equal(config_chat(config, "second")->token, "file:/run/token");
	assert_int_equal(config->environment_count, 1);
	assert_true(production->protected_);
	assert_int_equal(production->effect_limit, EFFECT_SELF_EXPIRING);
	assert_int_equal(production->variables.count, 2);
	assert_string_equal(production->variables.list[0].name, "alerts");
	assert_string_equal(production->variables.list[0].value, "#ops");
	assert_string_equal(production->variables.list[1].value, "");
	assert_string_equal(config->report.chat, "second");
	assert_string_equal(config->report.channel, "C0123");
	assert_false(config->report.announce);
	assert_string_equal(config->canary.listen, "[::1]:0");
	assert_int_equal(config->history.keep_ms, INT64_C(30) * 24 * 3600 * 1000);
	assert_null(config_environment(config, "staging"));
	assert_null(config_chat(config, "discord"));
	config_free(config);
}

static void what_is_left_out_of_a_configuration_has_its_documented_default(void **state)
{
	struct config *config =
	    config_of("chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
		      "environments = { staging = { }; production = { protected = true; }; };");

	(void)state;
	assert_int_equal(config->history.keep_ms, INT64_C(365) * 24 * 3600 * 1000);
	assert_string_equal(config->state, "firedrill.db");
	assert_string_equal(config->scenarios, "scenarios");
	assert_string_equal(config->chats[0].url, "https://slack.com/api");
	assert_int_equal(config->chats[0].poll_ms, 2000);
	assert_int_equal(config->chats[0].timeout_ms, 10000);
	assert_false(config_environment(config, "staging")->protected_);
	assert_int_equal(config_environment(config, "staging")->effect_limit, EFFECT_MUTATION);
	assert_int_equal(config_environment(config, "production")->effect_limit, EFFECT_COPY);
	assert_int_equal(config->environments[0].variables.count, 0);
	assert_null(config->report.chat);
	assert_null(config->report.channel);
	assert_true(config->report.announce);
	assert_null(config->canary.listen);
	config_free(config);
}

static void the_only_chat_is_the_chat_of_the_report_channel(void **state)
{
	struct config *config = config_of(good_config);

	(void)state;
	assert_string_equal(config->report.chat, "slack");
	assert_string_equal(config->report.channel, "#drills");
	config_free(config);
}

static const struct spoilt spoilt[] = {
    {NULL, "", {{0, "chats", "is missing"}, {0, "environments", "is missing"}}},
    {"canary =", "canari =", {{7, "canari", "did you mean \"canary\"?"}}},
    {"canary = { listen = \"127.0.0.1:9810\"; };",
     "stations = { };",
     {{7, "stations",
       "the keys here are: state, scenarios, chats, pipelines, environments, report, owners, calendars, canary"}}},
    {"protected", "protekted", {{4, "environments.production.protekted", "\"protected\"?"}}},
    /* types */
    {"protected = true",
     "protected = \"yes\"",
     {{4, "environments.production.protected", "must be true or false, but this is a text"}}},
    {"protected = true",
     "protected = 1",
     {{4, "environments.production.protected", "this is a number: write true"}}},
    {"\"env:SLACK_TOKEN\"", "5", {{1, "chats.slack.token", "write \"env:SLACK_TOKEN\""}}},
    {"{ channel = \"#drills\"; }",
     "\"#drills\"",
     {{6, "report", "must be a group, but this is a text"}}},
    {"variables = { alerts = \"#ops\"; }",
     "variables = ( \"a\" )",
     {{4, "environments.production.variables", "must be a group of texts, but this is a list"}}},
    {"alerts = \"#ops\"",
     "alerts = 7L",
     {{4, "environments.production.variables.alerts", "must be a text, but this is a number"}}},
    {NULL,
     "chats = ( ); environments = 5.5;",
     {{1, "chats", "must be a group of named groups, but this is a list ( ): write { slack = {"},
      {1, "environments", "this is a number with a point"}}},
    {NULL,
     "chats = { slack = 5; };\nenvironments = { staging = [ ]; };",
     {{1, "chats.slack", "must be a group, but this is a number"},
      {2, "environments.staging", "must be a group, but this is an array"}}},
    {NULL,
     "chats = { };\nenvironments = { };",
     {{1, "chats", "is empty: write"}, {2, "environments", "is empty: write"}}},
    /* words, names, durations */
    {"type = \"slack\"", "type = \"Slack\"", {{1, "chats.slack.type", "is not one of \"slack\""}}},
    {"staging =", "Staging_1 =", {{3, "environments.Staging_1", "use a-z, 0-9 and hyphens"}}},
    {"protected = true",
     "effect_limit = \"irreversible\"",
     {{4, "environments.production.effect_limit",
       "is not one of \"emission\", \"self-expiring\", \"copy\", \"mutation\""}}},
    {"type =", "poll = 2; type =", {{1, "chats.slack.poll", "write \"2s\" or \"2m\""}}},
    {"type =", "poll = \"2\"; type =", {{1, "chats.slack.poll", "with a unit"}}},
    {"type =",
     "poll = \"1ms\"; type =",
     {{1, "chats.slack.poll", "out of range: from 10ms to 1h"}}},
    {"type =", "timeout = 1.5; type =", {{1, "chats.slack.timeout", "write \"90s\""}}},
    /* addresses */
    {"127.0.0.1:9810", "9810", {{7, "canary.listen", "write \"127.0.0.1:9810\""}}},
    {"127.0.0.1:9810", "127.0.0.1:98100", {{7, "canary.listen", "not an address and a port"}}},
    {"127.0.0.1:9810", "::1:98", {{7, "canary.listen", "not an address and a port"}}},
    {"127.0.0.1:9810", "", {{7, "canary.listen", "is empty: write \"127.0.0.1:9810\""}}},
    {"type =",
     "url = \"slack.com/api\"; type =",
     {{1, "chats.slack.url", "begin it with http:// or https://"}}},
    /* variables */
    {"alerts = \"#ops\"",
     "drill = \"x\"",
     {{4, "environments.production.variables.drill", "firedrill fills in itself"}}},
    {"alerts = \"#ops\"",
     "a* = \"x\"",
     {{4, "environments.production.variables.a*", "is not a name for a variable"}}},
    {"alerts = \"#ops\"",
     "alerts = \"#${team}\"",
     {{4, "environments.production.variables.alerts", "write the value out"}}},
    {"\"#drills\"", "\"#${x}\"", {{6, "report.channel", "in scenarios only"}}},
    /* what must fit together */
    {"channel = \"#drills\"", "chat = \"slack\"", {{6, "report.channel", "is missing"}}},
    {"channel = \"#drills\"",
     "chat = \"slak\"; channel = \"#drills\"",
     {{6, "report.chat", "did you mean \"slack\"?"}}},
    {"channel = \"#drills\"",
     "chat = \"telegram\"; channel = \"#drills\"",
     {{6, "report.chat", "x.cfg has: \"slack\""}}},
    {"\"#drills\"", "\"#\"", {{6, "report.channel", "is not a channel"}}},
    {"\"#drills\"", "\"two words\"", {{6, "report.channel", "is not a channel"}}},
    {"chats = {",
     "chats = { b = { type = \"slack\"; token = \"env:B\"; };",
     {{6, "report.chat", "more than one chat"}}},
};

static void every_mistake_in_a_configuration_is_told_with_its_line_key_and_remedy(void **state)
{
	(void)state;
	assert_spoilt(good_config, spoilt, LENGTH(spoilt), NULL);
}

/* Rows whose values must not come back in any message. */
static const struct spoilt secrets[] = {
    {"env:SLACK_TOKEN", "s3cret-value", {{1, "chats.slack.token", "write \"env:NAME\""}}},
    {"env:SLACK_TOKEN", "env:", {{1, "chats.slack.token", "write \"env:NAME\""}}},
    {"env:SLACK_TOKEN", "env:S3CRET-x", {{1, "chats.slack.token", "write \"env:NAME\""}}},
    {"env:SLACK_TOKEN", "file:", {{1, "chats.slack.token", "write \"env:NAME\""}}},
    {"env:SLACK_TOKEN",
     "xoxb-s3cret-12345",
     {{1, "chats.slack.token", "looks like a Slack token"}}},
    {"env:SLACK_TOKEN",
     "xo\" \"xb-s3cret-12345",
     {{1, "chats.slack.token", "looks like a Slack token"}}},
    {"#drills", "xapp-s3cret-12345", {{6, "report.channel", "looks like a Slack token"}}},
    {"channel =",
     "xoxp = ( { a = \"xoxp-s3cret-12345\"; } ); channel =",
     {{6, "report.xoxp", "looks like a Slack token"}, {6, "report.xoxp", "unknown key"}}},
    {"channel =", "xoxb-s3cret = 1; channel =", {{6, "report.***********", "unknown key"}}},
    {"#ops\"",
     "https://hooks.slack.com/services/T0/B0/s3cret\"",
     {{4, "environments.production.variables.alerts", "address of a Slack webhook"}}},
    {"#ops\"",
     "https://discord.com/api/webhooks/1/s3cret\"",
     {{4, "environments.production.variables.alerts", "address of a Discord webhook"}}},
    {"#ops\"",
     "postgres://me:s3cret@db.example/x\"",
     {{4, "environments.production.variables.alerts", "a password in a URL"}}},
    {"type =",
     "url = \"http://me:s3cret@slack.example/\"; type =",
     {{1, "chats.slack.url", "a password in a URL"}}},
    {"type =",
     "url = \"http://s3cret@slack.example/\"; type =",
     {{1, "chats.slack.url", "a user in a URL"}}},
    {"type =",
     "poll = \"xoxb-s3cret-12345\"; type =",
     {{1, "chats.slack.poll", "looks like a Slack token"}}},
    {"};\n",
     "}; # xoxb-s3cret-12345\n",
     {{1, "", "this comment holds what looks like a Slack token"}}},
    {"};\n",
     "}; /*\n xoxb-s3cret-12345 */\n",
     {{2, "", "this comment holds what looks like a Slack token"}}},
    {"token =",
     "token ;= \"xoxb-s3cret-12345\"",
     {{1, "chats.slack.token", "after a key comes"}, {1, "", "looks like a Slack token"}}},
};

static void a_literal_secret_is_refused_and_never_repeated(void **state)
{
	(void)state;
	assert_spoilt(good_config, secrets, LENGTH(secrets), NULL);
	for (size_t i = 0; i < LENGTH(secrets); i++) {
		struct mistakes mistakes = {0};
		char *text = text_with(good_config, secrets[i].from, secrets[i].to);

		assert_null(load_config_text("x.cfg", text, &mistakes));
		for (size_t k = 0; k < mistakes.count; k++) {
			assert_null(strcasestr(mistakes.list[k].text, "s3cret"));
			assert_null(strcasestr(mistakes.list[k].key, "s3cret"));
		}
		mistakes_done(&mistakes);
		free(text);
	}
}

static void what_only_speaks_of_tokens_is_no_secret(void **state)
{
	char *text = text_with(good_config, "};\n",
			       "}; # xoxb-... or amqp://user:password@host goes into SLACK_TOKEN,\n"
			       "// never https://hooks.slack.com/services/... /* xoxp- */\n");

	(void)state;
	config_free(config_of(text));
	free(text);
}

static void all_mistakes_are_told_in_one_pass_in_the_order_of_lines(void **state)
{
	struct mistakes mistakes = {0};
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	(void)state;
	assert_null(load_config_text("a/f.cfg",
				     "report = { channel = \"#\"; };\n"
				     "environments = { staging = { protected = 5; }; };\n"
				     "states = \"x\";\n",
				     &mistakes));
	mistakes_print(&mistakes, out);
	(void)fclose(out);
	assert_string_equal(
	    printed,
	    "a/f.cfg: chats: is missing. The chats that are read and posted to, by the names that "
	    "scenarios use: write chats = { slack = { type = \"slack\"; token = "
	    "\"env:SLACK_TOKEN\"; }; };\n"
	    "a/f.cfg:1: report.channel: \"#\" is not a channel: write its name, such as \"#ops\", "
	    "or its id\n"
	    "a/f.cfg:2: environments.staging.protected: must be true or false, but this is a "
	    "number: write true\n"
	    "a/f.cfg:3: states: unknown key: did you mean \"state\"?\n");
	free(printed);
	mistakes_done(&mistakes);
}

static void hundreds_of_mistakes_end_at_a_limit_that_is_told(void **state)
{
	struct mistakes mistakes = {0};
	char text[20 * 500] = "", *end = text;

	(void)state;
	for (int i = 0; i < 500; i++)
		end += sprintf(end, "unknown-%d = 1;\n", i);
	assert_null(load_config_text("x.cfg", text, &mistakes));
	assert_int_equal(mistakes.count, 201);
	assert_non_null(strstr(mistakes.list[200].text, "more mistakes than these"));
	mistakes_done(&mistakes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_configuration_is_read_as_written),
	    cmocka_unit_test(what_is_left_out_of_a_configuration_has_its_documented_default),
	    cmocka_unit_test(the_only_chat_is_the_chat_of_the_report_channel),
	    cmocka_unit_test(every_mistake_in_a_configuration_is_told_with_its_line_key_and_remedy),
	    cmocka_unit_test(a_literal_secret_is_refused_and_never_repeated),
	    cmocka_unit_test(what_only_speaks_of_tokens_is_no_secret),
	    cmocka_unit_test(all_mistakes_are_told_in_one_pass_in_the_order_of_lines),
	    cmocka_unit_test(hundreds_of_mistakes_end_at_a_limit_that_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
