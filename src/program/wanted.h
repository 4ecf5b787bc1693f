/* Which drills are meant by scenario names, --env and --all. */
#ifndef PROGRAM_WANTED_H
#define PROGRAM_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "src/program/app.h"
#include "src/program/runner.h"

struct wanted {
	struct runner_drill *list; /* owned; its members are borrowed from the app */
	size_t count;
};

/* False after having printed to stderr what is missing and what there is to choose from. Begin with
 * {0}; call wanted_done in any case. */
bool wanted_fill(const struct app *app, const struct options *options, struct wanted *wanted);
void wanted_done(struct wanted *wanted);

#endif
