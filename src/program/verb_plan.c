/* `firedrill plan`: every call that a drill would make, in order, and what would stop it. Touches
 * nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/summary.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/id.h"
#include "src/engine/guard.h"
#include "src/program/plan_bisect.h"
#include "src/program/plan_line.h"
#include "src/program/verbs.h"
#include "src/program/wanted.h"

#define DURATION_SIZE 80
#define AUTO_TEXT     "the time that the stations say it takes (`firedrill doctor` shows it)"

/* One drill as it would be. */
struct plan {
	const struct config *config;           /* borrowed */
	const struct environment *environment; /* borrowed */
	const struct fault_driver *driver;
	struct scenario *scenario; /* owned; resolved */
	char *recipe;              /* owned */
	char id[ID_LEN + 1];
};

/* May it run? */

static void on_guard(void *arg, const struct guard_told *told)
{
	static const char *const answers[] = {
	    [GUARD_PASSES] = "passes",
	    [GUARD_REFUSES] = "refuses",
	    [GUARD_LATER] = "later",
	};

	(void)arg;
	plan_guard(answers[told->answer], "%s: %s", told->name, told->text);
}

static void print_guards(const struct plan *plan, bool allow_protected)
{
	char *target = plan->driver->target(plan->recipe);
	const struct guard_case asked = {
	    .config = plan->config,
	    .scenario = plan->scenario,
	    .environment = plan->environment,
	    .driver = plan->driver,
	    .target = target,
	    .options = {.allow_protected = allow_protected},
	    .now_wall_ms = clock_wall_ms(),
	};

	guard_describe(&asked, on_guard, NULL);
	free(target);
}

/* Before it. */

/* Several expectations may be about one channel. */
static bool is_first_of_channel(const struct scenario *scenario, size_t i, bool watched)
{
	for (size_t k = 0; k < i; k++) {
		const struct expectation *a = &scenario->expect[k], *b = &scenario->expect[i];

		if (strcmp(a->chat, b->chat) == 0 && strcmp(a->channel, b->channel) == 0 &&
		    (!watched || !a->never))
			return false;
	}
	return true;
}

static void print_posts(const struct plan *plan)
{
	for (size_t i = 0; i < plan->scenario->expect_count; i++) {
		const struct expectation *expect = &plan->scenario->expect[i];

		if (is_first_of_channel(plan->scenario, i, false))
			plan_line("baseline", "%s is read: is such an alert there already?",
				  expect->channel);
	}
	for (size_t i = 0; i < plan->scenario->expect_count; i++) {
		const struct expectation *expect = &plan->scenario->expect[i];

		if (plan->config->report.announce && !expect->never &&
		    is_first_of_channel(plan->scenario, i, true))
			plan_line("announce", "the drill's message in %s, read back",
				  expect->channel);
	}
	if (plan->config->report.chat != NULL)
		plan_line("announce", "the drill's message in %s", plan->config->report.channel);
}

/* The stations of the pipeline, if the environment has one. */

static const struct pipeline *pipeline_of(const struct plan *plan)
{
	const char *name = plan->environment->pipeline;

	return name != NULL ? config_pipeline(plan->config, name) : NULL;
}

static void print_stations(const struct plan *plan)
{
	const struct pipeline *pipeline = pipeline_of(plan);

	for (size_t i = 0; pipeline != NULL && i < pipeline->hop_count; i++) {
		const struct hop_settings *hop = &pipeline->hops[i];
		bool is_named = strcmp(hop->name, hop->type) != 0;
		int requests = summary_requests(hop->type);

		/* a URL has neither user nor query: scenarios/check_pipelines.c */
		plan_line("baseline", "%s%s%s at %s is asked, %d request%s", hop->type,
			  is_named ? " " : "", is_named ? hop->name : "", hop->url, requests,
			  requests == 1 ? "" : "s");
	}
}

/* The same once more, in short. */
static void print_stations_again(const struct plan *plan, const char *phase, const char *when)
{
	const struct pipeline *pipeline = pipeline_of(plan);
	struct buf names = {0};
	int requests = 0;

	for (size_t i = 0; pipeline != NULL && i < pipeline->hop_count; i++) {
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", pipeline->hops[i].name);
		requests += summary_requests(pipeline->hops[i].type);
	}
	if (requests > 0)
		plan_line(phase, "the stations (%s) are asked again, %d request%s, %s",
			  buf_text(&names), requests, requests == 1 ? "" : "s", when);
	buf_done(&names);
}

static void print_record(const struct plan *plan)
{
	plan_line("record",
		  "the fault and how to take it out, in %s, on the disk before anything "
		  "is touched",
		  plan->config->state);
	if (plan->driver->confirm != NULL)
		plan_line("record",
			  "the guardian is told, which takes it out should firedrill die");
}

/* The calls of the driver: those that put the fault in, or those that take it out. */

struct half {
	bool out;
};

static void on_call(void *arg, const struct fault_call *call)
{
	const struct half *half = arg;
	bool out = strcmp(call->step, "revert") == 0 || strcmp(call->step, "confirm") == 0;

	if (out == half->out)
		plan_line(call->step, "%s", call->text);
}

static void print_calls(const struct plan *plan, bool out)
{
	struct half half = {out};

	plan->driver->describe(plan->recipe, on_call, &half);
}

/* The watch, and what ends it. */

static void print_expectation(const struct expectation *expect)
{
	char within[DURATION_SIZE] = AUTO_TEXT;

	if (expect->within_ms != SCENARIO_AUTO)
		duration_format(expect->within_ms, within, sizeof within);
	plan_line("watch", "%s %s in %s within %s", expect->alert,
		  expect->never ? "must never come" : "must come", expect->channel, within);
}

static void print_stop(const struct stop_condition *stop)
{
	char every[DURATION_SIZE], status[16] = "2xx";

	duration_format(stop->every_ms, every, sizeof every);
	if (stop->status != 0)
		(void)snprintf(status, sizeof status, "%d", stop->status);
	if (stop->check != NULL)
		plan_line("watch",
			  "ends at once when GET %s is not answered with %s%s%s%s, or not at all, "
			  "%d times in a row; every %s",
			  stop->check, status, stop->contains != NULL ? " and \"" : "",
			  stop->contains != NULL ? stop->contains : "",
			  stop->contains != NULL ? "\"" : "", stop->times, every);
	else
		plan_line("watch",
			  "ends at once when %s finds anything for %s, or does not answer, %d "
			  "times in a row; every %s",
			  stop->prometheus, stop->query, stop->times, every);
}

static void print_hold(const struct fault *fault)
{
	char hold[DURATION_SIZE] = "every alert could have come";

	if (fault->hold_ms == 0)
		return;
	if (fault->hold_ms != SCENARIO_AUTO)
		duration_format(fault->hold_ms, hold, sizeof hold);
	plan_line("watch", "the fault stays until %s%s, even when all is seen before", hold,
		  fault->hold_ms != SCENARIO_AUTO ? " have passed" : "");
}

static void print_watch(const struct plan *plan)
{
	const struct scenario *scenario = plan->scenario;
	char held[DURATION_SIZE];

	duration_format(scenario->fault.hold_at_most_ms, held, sizeof held);
	for (size_t i = 0; i < scenario->expect_count; i++)
		print_expectation(&scenario->expect[i]);
	for (size_t i = 0; i < scenario->stop_when_count; i++)
		print_stop(&scenario->stop_when[i]);
	for (size_t i = 0; i < scenario->service.count; i++)
		plan_line("watch",
			  "ends at once when an alert with \"%s\" comes that is not this "
			  "drill's own",
			  scenario->service.list[i]);
	print_stations_again(plan, "watch", "at the deadline if an alert is missing by then");
	print_hold(&scenario->fault);
	plan_line("watch",
		  "ends when all is seen, at the last deadline, by a signal, by `firedrill "
		  "halt`, at the latest %s after the fault",
		  held);
}

/* After it. */

static void print_recovery(const struct expectation *expect)
{
	char resolved[DURATION_SIZE] = AUTO_TEXT;
	char grace[DURATION_SIZE];

	if (expect->resolved_ms != SCENARIO_AUTO)
		duration_format(expect->resolved_ms, resolved, sizeof resolved);
	duration_format(expect->grace_ms, grace, sizeof grace);
	if (!expect->never)
		plan_line("recovery", "%s is looked for until %s after its deadline%s%s",
			  expect->alert, grace,
			  expect->resolved_ms != 0 ? ", and must be resolved within " : "",
			  expect->resolved_ms != 0 ? resolved : "");
}

static void print_end(const struct plan *plan)
{
	const struct fault_driver *driver = plan->driver;
	bool any = false;

	for (size_t i = 0; i < plan->scenario->expect_count; i++) {
		print_recovery(&plan->scenario->expect[i]);
		any = any || !plan->scenario->expect[i].never;
	}
	print_stations_again(plan, "explain", "unless the drill passes");
	if (any)
		plan_line("explain", "what did not come is looked for in the other channels");
	plan_bisect_print(plan->config, plan->environment, plan->scenario);
	plan_line("report", "the drill's message becomes the report, with details in its thread");
	plan_line("effect", "%s", effect_name(driver->effect));
	if (driver->ends_by_itself != NULL)
		plan_line("ends", "by itself: %s", driver->ends_by_itself);
	else
		plan_line("ends", "not by itself: should firedrill and its machine vanish, "
				  "`firedrill revert` on the same state file puts it right");
	(void)putchar('\n');
}

/* False with an error that says why it cannot be planned. */
static bool plan_make(struct plan *plan, const struct runner_drill *drill, struct error *error)
{
	id_new(plan->id);
	plan->driver = fault_driver_find(drill->scenario->fault.via);
	plan->scenario = scenario_resolve(drill->scenario, drill->environment, plan->id, error);
	if (plan->scenario != NULL)
		plan->recipe = plan->driver->plan(&plan->scenario->fault, plan->id, error);
	return plan->recipe != NULL;
}

/* One drill, in the order of its phases; false after having printed why it cannot be planned. */
static bool print_drill(const struct app *app, const struct runner_drill *drill,
			bool allow_protected)
{
	struct plan plan = {.config = app_config(app), .environment = drill->environment};
	struct error error = {""};
	bool good = plan_make(&plan, drill, &error);

	if (good) {
		plan_title("%s in %s (such as %s): %s", plan.scenario->name, plan.environment->name,
			   plan.id, plan.scenario->summary);
		print_guards(&plan, allow_protected);
		print_stations(&plan);
		print_posts(&plan);
		print_record(&plan);
		print_calls(&plan, false);
		print_watch(&plan);
		print_calls(&plan, true);
		print_end(&plan);
	} else {
		(void)fprintf(stderr, "firedrill: %s in %s: %s\n", drill->scenario->name,
			      drill->environment->name, error.text);
	}
	free(plan.recipe);
	scenario_free(plan.scenario);
	return good;
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
		good = print_drill(app, &wanted.list[i], options->allow_protected);
	wanted_done(&wanted);
	app_free(app);
	return good ? EXIT_PASS : EXIT_USAGE;
}

const struct verb verb_plan = {
    .name = "plan",
    .words = "[SCENARIO...]",
    .words_max = 1000,
    .options =
	1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_ALL | 1u << OPTION_ALLOW_PROTECTED,
    .summary = "print every call that a drill would make; touches nothing",
    .help = "Prints, in order, what the guards say now, what the drills would post, call and\n"
	    "watch, how they would put it right, and what would end the fault by itself if\n"
	    "firedrill and its machine vanished. Deadlines that are \"auto\" are computed by\n"
	    "the drill from what the stations tell; `firedrill doctor` shows them now.\n"
	    "Guards whose answer only the state file knows are asked later, by the drill\n"
	    "itself.",
    .run = run_plan,
};
