/* What must fit together in a scenario. */
#include "scenarios/check.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/form.h"
#include "scenarios/nearest.h"
#include "scenarios/resolve.h"
#include "scenarios/walk.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define ANY_DRILL        "fd-00000000" /* as long as every drill's id */
#define SUGGESTION_LIMIT 64

struct checking {
	struct pass *pass;               /* borrowed */
	const struct scenario *scenario; /* borrowed */
	const struct config *config;     /* borrowed */
};

/* The path of a key of an expectation. Owned by the caller. */
static char *expect_path(size_t i, const char *key)
{
	return mem_printf("expect[%zu]%s%s", i, key[0] == '\0' ? "" : ".", key);
}

static bool expect_has(const struct pass *pass, size_t i, const char *key)
{
	char *path = expect_path(i, key);
	bool has = pass_has(pass, path);

	free(path);
	return has;
}

static void expect_mistake(struct pass *pass, size_t i, const char *key, const char *text)
{
	char *path = expect_path(i, key);

	pass_mistake(pass, path, "%s", text);
	free(path);
}

/* The text as it will be, all variables replaced. */
static bool check_final(const struct checking *c, const struct walk_text *text, const char *final,
			struct error *error)
{
	if (walk_is_program(text) && final[0] == '\0')
		return error_set(error, "is empty: write the program, such as \"/usr/bin/true\"");
	return form_check(text->key, text->name, final, c->config, error);
}

/* The text as it will be in that placement. */
static void check_expanded(struct checking *c, const struct walk_text *text,
			   const struct placement *placement)
{
	const struct environment *environment =
	    config_environment(c->config, placement->environment);
	struct scope scope = {c->scenario, placement, environment, ANY_DRILL};
	struct error error;
	char *expanded;

	if (environment == NULL)
		return; /* that is a mistake of its own */
	expanded = scope_expand(&scope, text->key, *text->text, &error);
	if (expanded == NULL && error.text[0] != '\0')
		pass_mistake(c->pass, text->path, "%s", error.text);
	else if (expanded != NULL && !check_final(c, text, expanded, &error))
		pass_mistake(c->pass, text->path, "%s (in %s)", error.text, environment->name);
	free(expanded);
}

static void check_text(void *arg, const struct walk_text *text)
{
	struct checking *c = arg;
	struct error error;
	bool variables = strstr(*text->text, "${") != NULL;

	if (variables && text->key->verbatim) {
		pass_mistake(c->pass, text->path,
			     "variables are not replaced here: write the value out");
	} else if (variables) {
		for (size_t i = 0; i < c->scenario->in_count; i++)
			check_expanded(c, text, &c->scenario->in[i]);
	} else if (!check_final(c, text, *text->text, &error)) {
		pass_mistake(c->pass, text->path, "%s", error.text);
	}
}

static void check_placement(struct checking *c, const struct placement *placement)
{
	const struct config *config = c->config;
	const char *names[SUGGESTION_LIMIT], *close;
	struct buf list = {.limit = 300};
	size_t count = 0;
	char *path;

	if (config_environment(config, placement->environment) != NULL)
		return;
	for (size_t i = 0; i < config->environment_count && count < SUGGESTION_LIMIT; i++) {
		names[count++] = config->environments[i].name;
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", config->environments[i].name);
	}
	path = mem_printf("in.%s", placement->environment);
	close = nearest(placement->environment, names, count);
	if (close != NULL)
		pass_mistake(c->pass, path, "%s has no such environment: did you mean \"%s\"?",
			     config->file, close);
	else
		pass_mistake(c->pass, path, "%s has no such environment; it has: %s", config->file,
			     buf_text(&list));
	free(path);
	buf_done(&list);
}

/* A variable of that name is more likely a key that was mistyped. */
static void check_variables(struct checking *c, const struct placement *placement)
{
	static const char *const keys[] = {"schedule"};

	for (size_t i = 0; i < placement->variables.count; i++) {
		const char *name = placement->variables.list[i].name;
		char *path = mem_printf("in.%s.%s", placement->environment, name);

		if (nearest(name, keys, 1) != NULL)
			pass_mistake(c->pass, path,
				     "did you mean \"schedule\"? Choose another name if this is a "
				     "variable");
		free(path);
	}
}

static void complete_expectation(struct checking *c, struct expectation *expect, size_t i)
{
	if (expect->alert == NULL && expect->match.count > 0)
		expect->alert = mem_dup(expect->match.list[0]);
	if (expect->chat == NULL && !expect_has(c->pass, i, "chat")) {
		if (c->config->chat_count == 1)
			expect->chat = mem_dup(c->config->chats[0].name);
		else
			expect_mistake(c->pass, i, "chat",
				       "is missing: the configuration has more than one chat; say "
				       "which one has the channel");
	}
	if (!expect_has(c->pass, i, "never") && pass_is_good(c->pass, "fault.kind"))
		expect->never = c->scenario->fault.kind == KIND_NONE;
}

static void check_expectation(struct checking *c, const struct expectation *expect, size_t i)
{
	static const struct {
		const char *key, *text;
	} pointless[] = {
	    {"resolved", "an alert that must never appear cannot be resolved: take this out"},
	    {"at_most", "an alert that must never appear has no number: take this out"},
	    {"contains", "an alert that must never appear has nothing to contain: take this out, "
			 "or put it into match"},
	};

	if (!expect->never && c->scenario->fault.kind == KIND_NONE &&
	    pass_is_good(c->pass, "fault.kind"))
		expect_mistake(c->pass, i, "never",
			       "must be true when the fault's kind is \"none\": nothing is broken, "
			       "so no alert may come");
	for (size_t k = 0; expect->never && k < sizeof pointless / sizeof pointless[0]; k++) {
		if (expect_has(c->pass, i, pointless[k].key))
			expect_mistake(c->pass, i, pointless[k].key, pointless[k].text);
	}
}

/* Does the text hold the drill's id once its variables are replaced? */
static bool has_drill(const char *text)
{
	static const char variable[] = "${drill}";
	const char *at = text;

	while ((at = strstr(at, variable)) != NULL) {
		if (at == text || at[-1] != '$')
			return true;
		at += sizeof variable - 1;
	}
	return false;
}

static bool matches_drill(const struct expectation *expect)
{
	for (size_t i = 0; i < expect->match.count; i++) {
		if (has_drill(expect->match.list[i]))
			return true;
	}
	return false;
}

/* A control drill looks for alerts; none of them can carry the id of a drill that breaks nothing. */
static void check_control(struct pass *pass, const struct scenario *scenario)
{
	if (scenario->fault.kind != KIND_NONE || !pass_is_good(pass, "fault.kind") ||
	    scenario->expect_count == 0)
		return;
	for (size_t i = 0; i < scenario->expect_count; i++) {
		if (!matches_drill(&scenario->expect[i]))
			return;
	}
	pass_mistake(pass, "expect[0].match",
		     "this drill can never fail: nothing is broken, so no alert can carry its id; "
		     "take ${drill} out and write what a false alert would say");
}

static void check_kind(struct pass *pass, const struct fault *fault)
{
	if (!pass_is_good(pass, "fault.kind") || !pass_is_good(pass, "fault.via"))
		return;
	if (fault->kind == KIND_NONE && fault->via != VIA_NONE)
		pass_mistake(pass, "fault.via",
			     "kind \"none\" breaks nothing: write via = \"none\", or say what kind "
			     "of fault this is");
	if (fault->kind != KIND_NONE && fault->via == VIA_NONE)
		pass_mistake(pass, "fault.via",
			     "\"none\" can put in no fault but kind \"none\": write \"http\", "
			     "\"process\", \"canary\", \"rabbitmq\" or \"exec\"");
}

static void check_http(struct pass *pass)
{
	if (pass_has(pass, "fault.capture") && pass_has(pass, "fault.inject") &&
	    !pass_has(pass, "fault.inject.body"))
		pass_mistake(pass, "fault.inject.body",
			     "is missing: with a capture, revert looks whether this is still what "
			     "is there; give inject a body, or take the capture out");
}

static void check_process(struct pass *pass)
{
	if (!pass_has(pass, "fault.unset") && !pass_has(pass, "fault.set"))
		pass_mistake(pass, "fault.unset",
			     "nothing is wrong with this copy: take a variable away with unset = "
			     "[ \"NAME\" ]; or change one with set = { NAME = \"value\"; };");
}

static void check_canary(struct pass *pass, const struct canary_fault *canary,
			 const struct config *config)
{
	static const struct {
		const char *path, *mode;
		enum canary_mode needed_in;
		bool required;
		const char *example;
	} keys[] = {
	    {"fault.status", "status", CANARY_STATUS, false, ""},
	    {"fault.delay", "slow", CANARY_SLOW, true, "delay = \"30s\";"},
	    {"fault.body", "body", CANARY_BODY, true, "body = \"database: down\";"},
	};

	if (config->canary.listen == NULL)
		pass_mistake(pass, "fault.via",
			     "%s does not say where canaries listen: write canary = { listen = "
			     "\"127.0.0.1:9810\"; }; there",
			     config->file);
	if (pass_has(pass, "fault.mode") && !pass_is_good(pass, "fault.mode"))
		return;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		bool has = pass_has(pass, keys[i].path), fits = canary->mode == keys[i].needed_in;

		if (has && !fits)
			pass_mistake(
			    pass, keys[i].path,
			    "counts with mode \"%s\" only: take it out, or change the mode",
			    keys[i].mode);
		if (!has && fits && keys[i].required)
			pass_mistake(pass, keys[i].path,
				     "is missing: mode \"%s\" needs it; write %s", keys[i].mode,
				     keys[i].example);
	}
}

static void check_fault(struct pass *pass, struct scenario *scenario, const struct config *config)
{
	check_kind(pass, &scenario->fault);
	if (!pass_is_good(pass, "fault.via"))
		return;
	switch (scenario->fault.via) {
	case VIA_PROCESS:
		check_process(pass);
		break;
	case VIA_CANARY:
		check_canary(pass, &scenario->fault.canary, config);
		break;
	case VIA_HTTP:
		check_http(pass);
		break;
	case VIA_NONE:
	case VIA_RABBITMQ:
	case VIA_EXEC:
	case VIA_COUNT:
		break;
	}
}

void check_scenario(struct pass *pass, struct scenario *scenario, const struct config *config)
{
	struct checking c = {pass, scenario, config};

	for (size_t i = 0; i < scenario->in_count; i++) {
		check_placement(&c, &scenario->in[i]);
		check_variables(&c, &scenario->in[i]);
	}
	walk_texts(KEYS_SCENARIO, scenario, check_text, &c);
	for (size_t i = 0; i < scenario->expect_count; i++) {
		complete_expectation(&c, &scenario->expect[i], i);
		check_expectation(&c, &scenario->expect[i], i);
	}
	check_control(pass, scenario);
	check_scenario_times(pass, scenario, config);
	check_schedules(pass, scenario);
	check_fault(pass, scenario, config);
	check_stop_when(pass, scenario);
}
