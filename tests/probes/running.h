/* What became of a child, copied, and commands for tests. */
#ifndef TESTS_PROBES_RUNNING_H
#define TESTS_PROBES_RUNNING_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/child.h"

struct ended {
	bool done;
	size_t times; /* `done` was called */
	bool started, timed_out;
	int status;
	char error[512]; /* "" when it started */
	char output[32768];
	char live[4096]; /* what came piece by piece, cut to fit */
};

void ended_keep(void *arg, const struct child_end *end);    /* a child_done_fn; arg: struct ended */
void ended_output(void *arg, const char *data, size_t len); /* a child_output_fn */

/* What this run of the tests marks its children with: no other run finds them. */
const char *running_mark(void);

/* The ask for `sh -c script`, with the usual PATH. Borrows argv, which must have 4 places. */
struct child_ask running_script(const char *script, const char **argv);

/* Runs the loop until ended->live holds text, and the end of its line. */
void running_until_output(struct event_base *base, struct ended *ended, const char *text);
/* Runs the loop until no process carries the mark; a killed one takes a moment to go. */
void running_until_none(struct event_base *base, const char *mark);
/* Runs the loop until so many processes with running_mark() have begun the program sleep: a shell that has started one
 * does not know whether that runs by now. */
void running_until_sleeping(struct event_base *base, size_t count);

#endif
