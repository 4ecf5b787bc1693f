/* The names that were typed to look back at. What was renamed is looked for by the name that it had; what
 * nobody ever knew must not look like a week in which all was well. */
#include "src/program/back_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/nearest.h"
#include "src/base/mem.h"

struct names {
	char **list; /* owned, as are its members */
	size_t count;
};

static bool has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->list[i], name) == 0)
			return true;
	}
	return false;
}

/* Possibly once more: to look for each among ten thousand would take longer than all that follows. */
static void add(struct names *names, const char *name)
{
	names->list = mem_grow(names->list, names->count + 1, sizeof *names->list);
	names->list[names->count++] = mem_dup(name);
}

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){0};
}

struct knowing {
	struct names scenarios, environments;
};

static bool on_last(void *arg, const struct history_last *last)
{
	struct knowing *knowing = arg;

	add(&knowing->scenarios, last->scenario);
	add(&knowing->environments, last->environment);
	return true;
}

static bool is_any_missing(const struct names *known, const char *const *asked, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!has(known, asked[i]))
			return true;
	}
	return false;
}

/* False when they cannot all be read. */
static bool add_scenarios(const struct config *config, struct names *names)
{
	struct scenario_list scenarios = {0};
	struct mistakes mistakes = {0};
	bool good = load_scenarios(config, &scenarios, &mistakes);

	for (size_t i = 0; i < scenarios.count; i++)
		add(names, scenarios.list[i]->name);
	scenario_list_done(&scenarios);
	mistakes_done(&mistakes);
	return good;
}

static bool check(const char *what, const struct names *known, const char *const *asked,
		  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *meant;

		if (has(known, asked[i]))
			continue;
		meant = nearest(asked[i], (const char *const *)known->list, known->count);
		(void)fprintf(stderr,
			      "firedrill: neither the configuration nor the history knows the %s "
			      "\"%s\"%s%s%s\n",
			      what, asked[i], meant != NULL ? ": did you mean \"" : "",
			      meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
		return false;
	}
	return true;
}

bool back_names_known(const struct back *back)
{
	const struct options *options = back->options;
	const struct config *config = app_config(back->app);
	struct knowing knowing = {.scenarios = {0}};
	struct error error = {""};
	bool good = true;

	if (options->word_count + options->env_count == 0)
		return true;
	for (size_t i = 0; i < config->environment_count; i++)
		add(&knowing.environments, config->environments[i].name);
	/* Without all that the history knows nothing is refused; who looks further says what is wrong. */
	if (back->history == NULL || history_visit_last(back->history, on_last, &knowing, &error)) {
		good =
		    check("environment", &knowing.environments, options->env, options->env_count);
		if (good &&
		    is_any_missing(&knowing.scenarios, options->words, options->word_count) &&
		    add_scenarios(config, &knowing.scenarios))
			good = check("scenario", &knowing.scenarios, options->words,
				     options->word_count);
	}
	names_done(&knowing.scenarios);
	names_done(&knowing.environments);
	return good;
}
