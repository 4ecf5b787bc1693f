/* Any bytes as a scenario: a scenario that can run everywhere it says, or mistakes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "scenarios/load.h"
#include "scenarios/secretlike.h"
#include "src/base/mem.h"

#define DRILL "fd-k3q9x2m7"

/* The configuration that scenarios are loaded against. */
static struct pair variables[] = {
    {"alerts", "#ops"}, {"orders", "https://orders.example"}, {"rabbit", "https://rabbit.example"}};
static struct environment environments[] = {
    {.name = "staging", .effect_limit = EFFECT_MUTATION, .variables = {variables, 3}},
    {.name = "production", .protected_ = true, .variables = {variables, 3}},
};
static struct chat_settings chats[] = {{.name = "slack", .type = "slack", .token = "env:T"}};
static const struct config config = {
    .file = "firedrill.cfg",
    .chats = chats,
    .chat_count = 1,
    .environments = environments,
    .environment_count = 2,
    .canary = {.listen = "127.0.0.1:9810"},
};

static void check_mistakes(const struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->count; i++) {
		const struct mistake *mistake = &mistakes->list[i];

		PROMISE(secretlike_find(mistake->text, strlen(mistake->text), NULL, NULL) == NULL);
		PROMISE(strncmp(mistake->text, "libconfig:", 10) != 0);
	}
}

static void check_scenario(const struct scenario *scenario)
{
	PROMISE(scenario->in_count > 0 && scenario->expect_count > 0);
	for (size_t i = 0; i < scenario->in_count; i++) {
		const struct environment *environment =
		    config_environment(&config, scenario->in[i].environment);
		struct error error = {""};
		struct scenario *drill;

		PROMISE(environment != NULL);
		drill = scenario_resolve(scenario, environment, DRILL, &error);
		PROMISE(drill != NULL);
		for (size_t k = 0; k < drill->expect_count; k++) {
			const struct expectation *expect = &drill->expect[k];

			PROMISE(config_chat(&config, expect->chat) != NULL);
			PROMISE(expect->channel[0] != '\0' && expect->match.count > 0);
			PROMISE(expect->alert[0] != '\0');
			PROMISE(expect->within_ms > 0 || expect->within_ms == SCENARIO_AUTO);
			PROMISE(drill->fault.hold_at_most_ms >= expect->within_ms);
			PROMISE(expect->never || drill->fault.kind != KIND_NONE);
		}
		PROMISE(drill->fault.hold_at_most_ms >= drill->fault.hold_ms);
		PROMISE(drill->fault.via != VIA_HTTP || (drill->fault.http.inject.url != NULL &&
							 drill->fault.http.revert.url != NULL &&
							 drill->fault.http.confirm.url != NULL));
		PROMISE(drill->fault.via != VIA_EXEC ||
			(drill->fault.exec.inject.count > 0 && drill->fault.exec.revert.count > 0 &&
			 drill->fault.exec.confirm.count > 0));
		scenario_free(drill);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_n((const char *)data, size);
	struct mistakes mistakes = {0};
	struct scenario *scenario = load_scenario_text("none/x.cfg", text, &config, &mistakes);

	PROMISE((scenario == NULL) == (mistakes.count > 0));
	check_mistakes(&mistakes);
	if (scenario != NULL)
		check_scenario(scenario);
	mistakes_done(&mistakes);
	scenario_free(scenario);
	free(text);
	return 0;
}
