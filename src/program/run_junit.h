/* `run --junit FILE`: the drills of one run as JUnit XML. */
#ifndef PROGRAM_RUN_JUNIT_H
#define PROGRAM_RUN_JUNIT_H

#include "src/program/runner.h"
#include "src/program/wanted.h"

struct run_junit;

/* Before anything is broken. options are borrowed. False with an error: the file cannot be written.
 * *ret_junit is NULL when none was asked for, which is fine for all of the below. */
MUST_CHECK bool run_junit_begin(const struct options *options, struct run_junit **ret_junit,
				struct error *error);
/* Hears of the drills of this process. */
void run_junit_hear(struct run_junit *junit, struct runner_ask *ask);
/* Those that a daemon ran for us, out of the history: of the wanted, what ended since it was begun. */
void run_junit_look_back(struct run_junit *junit, const struct app *app,
			 const struct wanted *wanted);
/* Writes the file and frees it. The exit code: EXIT_USAGE in addition when it cannot be written, which
 * is then told on stderr. */
int run_junit_end(struct run_junit *junit, int code);

#endif
