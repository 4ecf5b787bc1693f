/* Which drills are meant by scenario names, --env and --all. */
#include "src/program/wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/nearest.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

/* ": did you mean "staging"?", if anything like it is known. */
static void add_meant(struct buf *text, const char *word, const char **known, size_t count)
{
	const char *meant = nearest(word, known, count);

	if (meant != NULL)
		buf_addf(text, ": did you mean \"%s\"?", meant);
	free(known);
}

static void add_meant_scenario(struct buf *text, const struct app *app, const char *word)
{
	const struct scenario_list *scenarios = app_scenarios(app);
	const char **known = mem_zalloc((scenarios->count + 1) * sizeof *known);

	for (size_t i = 0; i < scenarios->count; i++)
		known[i] = scenarios->list[i]->name;
	add_meant(text, word, known, scenarios->count);
}

static void add_meant_environment(struct buf *text, const struct scenario *scenario,
				  const char *word)
{
	const char **known = mem_zalloc((scenario->in_count + 1) * sizeof *known);

	for (size_t i = 0; i < scenario->in_count; i++)
		known[i] = scenario->in[i].environment;
	add_meant(text, word, known, scenario->in_count);
}

/* "staging, production": for the one who named another. */
static void add_environments(struct buf *text, const struct scenario *scenario)
{
	buf_addf(text, "\n%s can run in: ", scenario->name);
	for (size_t i = 0; i < scenario->in_count; i++)
		buf_addf(text, "%s%s", i > 0 ? ", " : "", scenario->in[i].environment);
}

static void add_scenarios(struct buf *text, const struct app *app)
{
	const struct scenario_list *scenarios = app_scenarios(app);

	buf_addf(text, "\nthe scenarios in %s:", app_config(app)->scenarios);
	for (size_t i = 0; i < scenarios->count; i++)
		buf_addf(text, "\n  %-24s %s", scenarios->list[i]->name,
			 scenarios->list[i]->summary);
}

static void want(const struct app *app, const struct scenario *scenario, const char *environment,
		 struct wanted *wanted)
{
	wanted->list = mem_grow(wanted->list, wanted->count + 1, sizeof *wanted->list);
	wanted->list[wanted->count++] =
	    (struct runner_drill){scenario, config_environment(app_config(app), environment)};
}

/* The drills of one scenario. With `all`, environments it does not name are passed over. */
static bool want_scenario(const struct app *app, const struct wanted_names *names,
			  const struct scenario *scenario, struct wanted *wanted, struct buf *text)
{
	if (names->environment_count == 0 && scenario->in_count == 1) {
		want(app, scenario, scenario->in[0].environment, wanted);
		return true;
	}
	if (names->environment_count == 0) {
		buf_adds(text, "say where, with --env NAME");
		add_environments(text, scenario);
		return false;
	}
	for (size_t i = 0; i < names->environment_count; i++) {
		if (scenario_placement(scenario, names->environments[i]) != NULL) {
			want(app, scenario, names->environments[i], wanted);
		} else if (!names->all) {
			buf_addf(text, "%s names no environment \"%s\"", scenario->file,
				 names->environments[i]);
			add_meant_environment(text, scenario, names->environments[i]);
			add_environments(text, scenario);
			return false;
		}
	}
	return true;
}

bool wanted_find(const struct app *app, const struct wanted_names *names, struct wanted *wanted,
		 struct buf *ret_text)
{
	const struct scenario_list *scenarios = app_scenarios(app);
	bool good = true;

	for (size_t i = 0; names->all && good && i < scenarios->count; i++)
		good = want_scenario(app, names, scenarios->list[i], wanted, ret_text);
	for (size_t i = 0; !names->all && good && i < names->scenario_count; i++) {
		const struct scenario *scenario = app_scenario(app, names->scenarios[i]);

		if (scenario == NULL) {
			buf_addf(ret_text, "there is no scenario \"%s\"", names->scenarios[i]);
			add_meant_scenario(ret_text, app, names->scenarios[i]);
			add_scenarios(ret_text, app);
			return false;
		}
		good = want_scenario(app, names, scenario, wanted, ret_text);
	}
	if (good && wanted->count == 0) {
		buf_adds(ret_text, names->all ? "no scenario names that environment"
					      : "say which scenario, or --all");
		add_scenarios(ret_text, app);
	}
	return good && wanted->count > 0;
}

/* Each line begins with our name, except those of a list. */
static void print(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		(void)fprintf(stderr, "%s%.*s\n", *text == ' ' ? "" : "firedrill: ", (int)len,
			      text);
		text += len + (text[len] != '\0');
	}
}

bool wanted_fill(const struct app *app, const struct options *options, struct wanted *wanted)
{
	const struct wanted_names names = {.scenarios = options->words,
					   .scenario_count = options->word_count,
					   .environments = options->env,
					   .environment_count = options->env_count,
					   .all = options->all};
	struct buf text = {0};
	bool good = wanted_find(app, &names, wanted, &text);

	if (!good)
		print(buf_text(&text));
	buf_done(&text);
	return good;
}

void wanted_done(struct wanted *wanted)
{
	free(wanted->list);
	*wanted = (struct wanted){0};
}
