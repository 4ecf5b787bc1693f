/* `firedrill status`: what is in place, and what holds firedrill back. */
#include <stdio.h>
#include <stdlib.h>

#include "reports/terminal.h"
#include "src/program/salvage.h"
#include "src/program/serve/door.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"

static void print(const struct options *options, const struct status *status)
{
	const struct view view = terminal_view_for(stdout);
	struct buf text = {0};

	if (options->json) {
		char *line = status_json(status);

		(void)puts(line);
		free(line);
		return;
	}
	status_write(&text, &view, status);
	(void)fputs(buf_text(&text), stdout);
	buf_done(&text);
}

static void ask_daemon(const struct app *app, struct status *status)
{
	struct door_look look;

	if (!door_look(app_config(app)->state, &look))
		return;
	status->daemon_pid = look.pid;
	status->daemon_since_wall_ms = look.since_wall_ms;
	status->daemon_guests = look.guests;
	status->daemon_lost = look.lost; /* handed over */
}

static int run_status(const struct options *options)
{
	struct app *app = app_load_config(options);
	struct status status = {0};
	struct error error = {""};
	int code = EXIT_USAGE;

	if (app == NULL)
		return EXIT_USAGE;
	if (app_open_state(app, &error) && standing_read(app, &status, &error)) {
		ask_daemon(app, &status);
		print(options, &status);
		code = (int)status_exit_code(&status);
	} else {
		code = (int)salvage_tell(app_config(app)->state, &error);
	}
	status_done(&status);
	app_free(app);
	return code;
}

const struct verb verb_status = {
    .name = "status",
    .words = "",
    .options = 1u << OPTION_CONFIG | 1u << OPTION_JSON,
    .summary = "the faults that are, or may be, in place; halted or not",
    .help = "Lists every fault of the ledger that is not confirmed reverted, with its age,\n"
	    "its lease, its last evidence and whether somebody works on it; says who halted\n"
	    "firedrill and why, which freeze files exist, and whether a daemon runs. Exit\n"
	    "code 0 when no fault is left: running drills and faults that a person set aside\n"
	    "do not count. Else 3, also while a guardian puts right what a dead firedrill\n"
	    "left, and while a daemon has lost the ledger that it works with.",
    .run = run_status,
};
