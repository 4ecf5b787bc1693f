/* `firedrill run`: drills by hand. */
#include <stdio.h>

#include "src/program/runner.h"
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

static int run_run(const struct options *options)
{
	struct app *app = app_load(options);
	struct wanted wanted = {0};
	struct error error = {""};
	int code = EXIT_USAGE;

	if (app == NULL)
		return EXIT_USAGE;
	if (wanted_fill(app, options, &wanted)) {
		const struct runner_ask ask = {
		    .drills = wanted.list,
		    .drill_count = wanted.count,
		    .allow_protected = options->allow_protected,
		    .json = options->json,
		};

		if (open_app(app, &wanted, &error))
			code = runner_run(app, &ask);
		else
			(void)fprintf(stderr, "firedrill: %s\n", error.text);
	}
	wanted_done(&wanted);
	app_free(app);
	return code;
}

const struct verb verb_run = {
    .name = "run",
    .words = "[SCENARIO...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_ALL | 1u << OPTION_JSON |
	       1u << OPTION_ALLOW_PROTECTED,
    .summary = "run drills now: break it, read the chat back, put it right, report",
    .help = "Runs the named scenarios, or --all, in the named environments: one drill at a\n"
	    "time in each environment, different environments at once. Ctrl-C reverts what\n"
	    "is in place and stops. The report is in the chat channels that the scenario\n"
	    "watches, and here.",
    .run = run_run,
};
