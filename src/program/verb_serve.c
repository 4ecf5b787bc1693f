/* `firedrill serve`: drills by themselves, all week. */
#include <stdio.h>

#include "src/program/serve/daemon.h"
#include "src/program/serve/log.h"
#include "src/program/verbs.h"

static int run_serve(const struct options *options)
{
	enum log_level level = LEVEL_INFO;
	struct error error = {""};

	if (options->log_level == NULL || log_level_parse(options->log_level, &level, &error))
		return daemon_run(options, level);
	(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return EXIT_USAGE;
}

const struct verb verb_serve = {
    .name = "serve",
    .words = "",
    .options = 1u << OPTION_CONFIG | 1u << OPTION_LOG_LEVEL,
    .summary = "run drills by their schedules, all week, and show what became of them",
    .help = "Stays in the foreground and runs each scenario when its `schedule` says so: one\n"
	    "drill at a time in an environment. What was due while nobody was there is told as\n"
	    "missed, never made up for. `firedrill run` hands its drills to it.\n\n"
	    "SIGHUP reads the configuration and all scenarios anew; when there is a mistake in\n"
	    "them, the log says so and all stays as it was. `state`, `serve`,\n"
	    "`canary.listen` and `history.keep` need a restart. SIGTERM and Ctrl-C put right\n"
	    "what is in place, report it, and end.\n\n"
	    "The log goes to stderr, one line an event, key=value. Under systemd it says when\n"
	    "it is ready and answers the watchdog, and a relative `state` lies in\n"
	    "$STATE_DIRECTORY: better write the whole path, so that `firedrill halt` by hand\n"
	    "finds the same.\n\n"
	    "The heartbeat fails while a fault is left, while the ledger cannot be read, and\n"
	    "after a reload that failed; halted is well.\n\n"
	    "Exit codes: 0 ended with nothing in place, 2 configuration, 3 a fault is left,\n"
	    "4 the guardian does not start.",
    .run = run_serve,
};
