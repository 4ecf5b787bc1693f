/* Files for the loader's tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"
#include "src/base/mem.h"

const char good_config[] =
    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; };\n"
    "environments = {\n"
    "  staging = { variables = { alerts = \"#ops-staging\"; }; };\n"
    "  production = { protected = true; variables = { alerts = \"#ops\"; }; };\n"
    "};\n"
    "report = { channel = \"#drills\"; };\n"
    "canary = { listen = \"127.0.0.1:9810\"; };\n";

const char good_scenario[] =
    "name = \"orders-bad-queue\";\n"
    "summary = \"The orders API publishes to a queue that does not exist\";\n"
    "fault = {\n"
    "  kind = \"bad-queue-name\"; via = \"http\";\n"
    "  inject = { url = \"${api}/queue\"; body = \"orders-${drill}\"; };\n"
    "  revert = { url = \"${api}/queue\"; body = \"orders\"; };\n"
    "  confirm = { url = \"${api}/queue\"; body = \"orders\"; };\n"
    "};\n"
    "expect = (\n"
    "  { channel = \"${alerts}\"; match = [ \"OrdersQueueMissing\", \"${drill}\" ]; }\n"
    ");\n"
    "in = {\n"
    "  staging = { api = \"https://orders.staging.example\"; };\n"
    "  production = { api = \"https://orders.example\"; };\n"
    "};\n";

char *text_with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return mem_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void assert_row(const struct spoilt *row, const char *text, const struct config *config)
{
	struct mistakes mistakes = {0};
	struct config *loaded = NULL;
	struct scenario *scenario = NULL;
	size_t wanted = 0;
	bool good = true;

	if (config == NULL)
		loaded = load_config_text("x.cfg", text, &mistakes);
	else
		scenario = load_scenario_text("x.cfg", text, config, &mistakes);
	while (wanted < 4 && row->mistakes[wanted].key != NULL)
		wanted++;
	for (size_t i = 0; i < wanted && i < mistakes.count; i++) {
		const struct mistake *got = &mistakes.list[i];

		good = good && got->line == row->mistakes[i].line &&
		       strcmp(got->key, row->mistakes[i].key) == 0 &&
		       strstr(got->text, row->mistakes[i].says) != NULL &&
		       strcmp(got->file, "x.cfg") == 0;
	}
	if (!good || wanted != mistakes.count || loaded != NULL || scenario != NULL) {
		print_error("spoilt by: %s\n", row->to);
		mistakes_print(&mistakes, stderr);
		for (size_t i = 0; i < wanted; i++)
			print_error("wanted %d: %s: %s\n", row->mistakes[i].line,
				    row->mistakes[i].key, row->mistakes[i].says);
		good = false;
	}
	mistakes_done(&mistakes);
	config_free(loaded);
	scenario_free(scenario);
	assert_true(good);
}

void assert_spoilt(const char *good, const struct spoilt *rows, size_t count,
		   const struct config *config)
{
	for (size_t i = 0; i < count; i++) {
		char *text = rows[i].from == NULL ? mem_dup(rows[i].to)
						  : text_with(good, rows[i].from, rows[i].to);

		assert_row(&rows[i], text, config);
		free(text);
	}
}

struct config *config_of(const char *text)
{
	struct mistakes mistakes = {0};
	struct config *config = load_config_text("firedrill.cfg", text, &mistakes);

	mistakes_print(&mistakes, stderr);
	assert_int_equal(mistakes.count, 0);
	assert_non_null(config);
	return config;
}

struct scenario *scenario_of(const char *text, const struct config *config)
{
	struct mistakes mistakes = {0};
	struct scenario *scenario = load_scenario_text("x.cfg", text, config, &mistakes);

	mistakes_print(&mistakes, stderr);
	assert_int_equal(mistakes.count, 0);
	assert_non_null(scenario);
	return scenario;
}
