/* Which drills are meant by scenario names, --env and --all. */
#ifndef PROGRAM_WANTED_H
#define PROGRAM_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/program/app.h"
#include "src/program/runner.h"

struct wanted {
	struct runner_drill *list; /* owned; its members are borrowed from the app */
	size_t count;
};

/* Names as typed; borrowed. */
struct wanted_names {
	const char *const *scenarios;
	size_t scenario_count;
	const char *const *environments;
	size_t environment_count;
	bool all;
};

/* False with what is missing in the first line of ret_text, and what there is to choose from in those
 * behind it. Begin with {0} in both; call wanted_done in any case. */
MUST_CHECK bool wanted_find(const struct app *app, const struct wanted_names *names,
			    struct wanted *wanted, struct buf *ret_text);
/* The same of what was typed here; false after having printed it to stderr. */
bool wanted_fill(const struct app *app, const struct options *options, struct wanted *wanted);
void wanted_done(struct wanted *wanted);

#endif
