/* The copies of services that run for drills: their output, their end, who waits for them.  For the
 * process driver only. */
#ifndef PROBES_COPIES_H
#define PROBES_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/faults/fault_process.h"
#include "probes/faults/step.h"
#include "src/base/error.h"
#include "src/base/id.h"

struct child;
struct environ;

/* One copy, from its start until its drill is put right. */
struct copy {
	struct copy *next; /* owned */
	char drill[ID_LEN + 1];
	struct child *child;      /* owned; NULL: ended */
	struct fault_op *waiting; /* borrowed; woken by every change; NULL: nobody */
	char *ready;              /* owned; the text that means "it booted anyway"; NULL: none */
	char *output;             /* owned; the newest of it, NUL-terminated */
	size_t output_len;
	int64_t started_ms, ended_ms; /* clock_ms() */
	bool runs;                    /* its program was seen to begin */
	bool is_ready;                /* the text was there */
	bool never_ran;               /* `error` says why */
	int status;                   /* once it has ended */
	struct error error;
};

/* The copy of this step's drill, borrowed until the next turn of the loop; NULL: none. */
struct copy *copy_find(const struct fault_op *op);
/* Starts the recipe's command. What the recipe calls `ready` is looked for in its output. */
struct copy *copy_start(struct fault_op *op, const char *const *argv, const struct environ *env,
			int64_t limit_ms);
/* Calls look after a time, and before that when the copy begins, says something or ends. */
void copy_wait(struct fault_op *op, struct copy *copy, int64_t ms, step_fn *look);
/* Ends it with its group, and what has left the group but carries the mark, and forgets it. */
void copy_drop(struct fault_op *op);

#endif
