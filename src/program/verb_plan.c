/* `firedrill plan`: every call that a drill would make.  Touches nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "src/base/duration.h"
#include "src/base/id.h"
#include "src/program/verbs.h"
#include "src/program/wanted.h"

static void on_call(void *arg, const struct fault_call *call)
{
	(void)arg;
	(void)printf("  %-9s %s\n", call->step, call->text);
}

static void print_expectation(const struct expectation *expect)
{
	char within[32], resolved[32];

	duration_format(expect->within_ms, within, sizeof within);
	duration_format(expect->resolved_ms, resolved, sizeof resolved);
	(void)printf("  %-9s %s %s in %s within %s%s%s\n", "watch", expect->alert,
		     expect->never ? "must never come" : "must come", expect->channel, within,
		     expect->resolved_ms > 0 ? ", resolved within " : "",
		     expect->resolved_ms > 0 ? resolved : "");
}

static void print_posts(const struct app *app, const struct scenario *scenario)
{
	const struct config *config = app_config(app);

	for (size_t i = 0; i < scenario->expect_count; i++) {
		if (config->report.announce && !scenario->expect[i].never)
			(void)printf("  %-9s the drill's message in %s, read back\n", "announce",
				     scenario->expect[i].channel);
	}
	if (config->report.chat != NULL)
		(void)printf("  %-9s the drill's message in %s\n", "announce",
			     config->report.channel);
}

/* One drill, in the order of its phases; false after having printed why it cannot be planned. */
static bool print_drill(const struct app *app, const struct runner_drill *drill)
{
	const struct fault_driver *driver = fault_driver_find(drill->scenario->fault.via);
	char id[ID_LEN + 1], held[32];
	struct error error = {""};
	struct scenario *scenario;
	char *recipe = NULL;

	id_new(id);
	scenario = scenario_resolve(drill->scenario, drill->environment, id, &error);
	if (scenario != NULL)
		recipe = driver->plan(&scenario->fault, id, &error);
	if (recipe == NULL) {
		(void)fprintf(stderr, "firedrill: %s in %s: %s\n", drill->scenario->name,
			      drill->environment->name, error.text);
		scenario_free(scenario);
		return false;
	}
	duration_format(scenario->fault.hold_at_most_ms, held, sizeof held);
	(void)printf("%s in %s (such as %s): %s\n", scenario->name, drill->environment->name, id,
		     scenario->summary);
	print_posts(app, scenario);
	driver->describe(recipe, on_call, NULL);
	for (size_t i = 0; i < scenario->expect_count; i++)
		print_expectation(&scenario->expect[i]);
	(void)printf("  %-9s %s; held for at most %s\n", "effect", effect_name(driver->effect),
		     held);
	if (driver->ends_by_itself != NULL)
		(void)printf("  %-9s by itself: %s\n\n", "ends", driver->ends_by_itself);
	else
		(void)printf(
		    "  %-9s not by itself: should firedrill and its machine vanish, `firedrill "
		    "revert` on the same state file puts it right\n\n",
		    "ends");
	free(recipe);
	scenario_free(scenario);
	return true;
}

static int run_plan(const struct options *options)
{
	struct app *app = app_load(options);
	struct wanted wanted = {0};
	bool good;

	if (app == NULL)
		return EXIT_USAGE;
	good = wanted_fill(app, options, &wanted);
	for (size_t i = 0; good && i < wanted.count; i++)
		good = print_drill(app, &wanted.list[i]);
	wanted_done(&wanted);
	app_free(app);
	return good ? EXIT_PASS : EXIT_USAGE;
}

const struct verb verb_plan = {
    .name = "plan",
    .words = "[SCENARIO...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_ALL,
    .summary = "print every call that a drill would make; touches nothing",
    .help =
	"Prints, in order, what the drills would post, call and watch, how they would put it right,\n"
	"and what would end the fault by itself if firedrill and its machine vanished.",
    .run = run_plan,
};
