/* `firedrill run`: drills by hand. */
#include <stdio.h>

#include "src/program/run_junit.h"
#include "src/program/runner.h"
#include "src/program/self_test.h"
#include "src/program/serve/door.h"
#include "src/program/verbs.h"
#include "src/program/wanted.h"

/* The canaries' port is another firedrill's while that one hosts them: a drill that needs none must
 * not fail for it. */
static bool open_app(struct app *app, const struct wanted *wanted, struct error *error)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->list[i].scenario->fault.via == VIA_CANARY)
			return app_open(app, error);
	}
	return app_open_settling(app, NULL, error);
}

static int run_here(struct app *app, const struct options *options, const struct wanted *wanted,
		    struct run_junit *junit)
{
	struct runner_ask ask = {
	    .drills = wanted->list,
	    .drill_count = wanted->count,
	    .allow_protected = options->allow_protected,
	    .json = options->json,
	};
	struct error error = {""};

	run_junit_hear(junit, &ask);
	if (open_app(app, wanted, &error))
		return runner_run(app, &ask);
	(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return EXIT_USAGE;
}

/* By a daemon, where one runs; what it ran for us is in the history. */
static int run_wanted(struct app *app, const struct options *options, const struct wanted *wanted)
{
	struct run_junit *junit;
	struct error error = {""};
	int code = EXIT_USAGE;

	if (!run_junit_begin(options, &junit, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	if (options->alone || !door_visit(app, options, wanted, &code))
		code = run_here(app, options, wanted, junit);
	else
		run_junit_look_back(junit, app, wanted);
	return run_junit_end(junit, code);
}

static int run_run(const struct options *options)
{
	struct app *app;
	struct wanted wanted = {0};
	int code = EXIT_USAGE;

	if (options->self_test)
		return self_test_run(options);
	app = app_load(options);
	if (app == NULL)
		return EXIT_USAGE;
	if (wanted_fill(app, options, &wanted))
		code = run_wanted(app, options, &wanted);
	wanted_done(&wanted);
	app_free(app);
	return code;
}

const struct verb verb_run = {
    .name = "run",
    .words = "[SCENARIO...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_ALL | 1u << OPTION_JSON |
	       1u << OPTION_ALLOW_PROTECTED | 1u << OPTION_SELF_TEST | 1u << OPTION_JUNIT |
	       1u << OPTION_ALONE,
    .summary = "run drills now: break it, read the chat back, put it right, report",
    .help = "Runs the named scenarios, or --all, in the named environments: one drill at a\n"
	    "time in each environment, different environments at once. Ctrl-C reverts what\n"
	    "is in place and stops. The report is in the chat channels that the scenario\n"
	    "watches, and here; what did not reach them goes by the second path\n"
	    "(report.second), and is told by exit code 7 when all else is well.\n\n"
	    "Where `firedrill serve` runs with the same state file, it is the one that runs\n"
	    "them, in turn with its own; the view, Ctrl-C and the exit code are the same.\n"
	    "With --alone this process runs them itself.\n\n"
	    "--junit FILE writes them as JUnit XML, too, for CI: a suite for each environment,\n"
	    "a case for each scenario. FILE cannot be -: stdout is for the drills.\n\n"
	    "--self-test needs no configuration and touches nothing of yours: it starts a\n"
	    "miniature world that loses the alert on purpose, once at each station, and\n"
	    "requires that each loss is found where it is, in about ten seconds. Exit code 0\n"
	    "when all were, 1 when one was not: for the pipeline that rolls firedrill out.",
    .run = run_run,
};
