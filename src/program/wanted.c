/* Which drills are meant by scenario names, --env and --all. */
#include "src/program/wanted.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

/* "staging, production": for the one who named another. */
static void print_environments(const struct scenario *scenario)
{
	struct buf names = {0};

	for (size_t i = 0; i < scenario->in_count; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", scenario->in[i].environment);
	(void)fprintf(stderr, "firedrill: %s can run in: %s\n", scenario->name, buf_text(&names));
	buf_done(&names);
}

static void print_scenarios(const struct app *app)
{
	const struct scenario_list *scenarios = app_scenarios(app);

	(void)fprintf(stderr, "firedrill: the scenarios in %s:\n", app_config(app)->scenarios);
	for (size_t i = 0; i < scenarios->count; i++)
		(void)fprintf(stderr, "  %-24s %s\n", scenarios->list[i]->name,
			      scenarios->list[i]->summary);
}

static void want(const struct app *app, const struct scenario *scenario, const char *environment,
		 struct wanted *wanted)
{
	wanted->list = mem_grow(wanted->list, wanted->count + 1, sizeof *wanted->list);
	wanted->list[wanted->count++] =
	    (struct runner_drill){scenario, config_environment(app_config(app), environment)};
}

/* The drills of one scenario. With --all, environments it does not name are passed over. */
static bool want_scenario(const struct app *app, const struct options *options,
			  const struct scenario *scenario, struct wanted *wanted)
{
	if (options->env_count == 0 && scenario->in_count == 1) {
		want(app, scenario, scenario->in[0].environment, wanted);
		return true;
	}
	if (options->env_count == 0) {
		(void)fprintf(stderr, "firedrill: say where, with --env NAME\n");
		print_environments(scenario);
		return false;
	}
	for (size_t i = 0; i < options->env_count; i++) {
		if (scenario_placement(scenario, options->env[i]) != NULL) {
			want(app, scenario, options->env[i], wanted);
		} else if (!options->all) {
			(void)fprintf(stderr, "firedrill: %s names no environment \"%s\"\n",
				      scenario->file, options->env[i]);
			print_environments(scenario);
			return false;
		}
	}
	return true;
}

bool wanted_fill(const struct app *app, const struct options *options, struct wanted *wanted)
{
	const struct scenario_list *scenarios = app_scenarios(app);
	bool good = true;

	for (size_t i = 0; options->all && good && i < scenarios->count; i++)
		good = want_scenario(app, options, scenarios->list[i], wanted);
	for (size_t i = 0; !options->all && good && i < options->word_count; i++) {
		const struct scenario *scenario = app_scenario(app, options->words[i]);

		if (scenario == NULL) {
			(void)fprintf(stderr, "firedrill: there is no scenario \"%s\"\n",
				      options->words[i]);
			print_scenarios(app);
			return false;
		}
		good = want_scenario(app, options, scenario, wanted);
	}
	if (good && wanted->count == 0) {
		(void)fputs(options->all ? "firedrill: no scenario names that environment\n"
					 : "firedrill: say which scenario, or --all\n",
			    stderr);
		print_scenarios(app);
	}
	return good && wanted->count > 0;
}

void wanted_done(struct wanted *wanted)
{
	free(wanted->list);
	*wanted = (struct wanted){0};
}
