/* Running drills for a person or a script: live view, JSON lines, signals, exit code. */
#ifndef PROGRAM_RUNNER_H
#define PROGRAM_RUNNER_H

#include <stdbool.h>
#include <stdio.h>

#include "src/engine/record.h"
#include "src/program/app.h"

/* One drill that shall run. */
struct runner_drill {
	const struct scenario *scenario;
	const struct environment *environment;
};

struct runner_ask {
	const struct runner_drill *drills;
	size_t drill_count;
	bool allow_protected;
	bool json;  /* JSON lines on stdout and the view on stderr, else the view on stdout */
	FILE *view; /* where the view goes instead; NULL: as above */
	/* Told of every drill that goes on, or is over; NULL: nobody. */
	void (*changed)(void *arg, const struct drill_record *record);
	void (*finished)(void *arg, const struct drill_record *record);
	void *arg;
};

/* Runs them all; SIGINT, SIGTERM and SIGHUP revert what is in place before it returns. The worst exit
 * code of all drills; mistakes are printed to stderr. The app must be open. */
int runner_run(struct app *app, const struct runner_ask *ask);

#endif
