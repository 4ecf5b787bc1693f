/* The copies of services that run for drills. */
#include "probes/faults/copies.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "probes/child.h"
#include "probes/faults/environ.h"
#include "probes/faults/recipe.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define OUTPUT_KEPT 8192 /* bytes: the newest */

struct fault_children {
	struct copy *first; /* owned */
};

/* The list of copies. */

struct copy *copy_find(const struct fault_op *op)
{
	struct fault_children *children = op->context->children;
	struct copy *copy = children != NULL ? children->first : NULL;

	while (copy != NULL && strcmp(copy->drill, op->drill) != 0)
		copy = copy->next;
	return copy;
}

/* Ends the copy with its group, and what has left the group but carries the mark: a copy that ended
 * may have left a service running behind it. */
static void copy_free(struct copy *copy)
{
	child_cancel(copy->child);
	(void)child_signal_marked(copy->drill, SIGKILL);
	free(copy->ready);
	free(copy->output);
	free(copy);
}

void copy_drop(struct fault_op *op)
{
	struct copy *copy = copy_find(op);
	struct copy **at = copy != NULL ? &op->context->children->first : NULL;

	if (copy == NULL)
		return;
	while (*at != copy)
		at = &(*at)->next;
	*at = copy->next;
	copy_free(copy);
}

struct fault_children *fault_children_new(void)
{
	return mem_zalloc(sizeof(struct fault_children));
}

void fault_children_free(struct fault_children *children)
{
	struct copy *copy = children != NULL ? children->first : NULL;

	while (copy != NULL) {
		struct copy *next = copy->next;

		copy_free(copy);
		copy = next;
	}
	free(children);
}

/* What a copy does: written down, then whoever waits for it is woken through the loop. */

static void wake(struct copy *copy)
{
	if (copy->waiting != NULL)
		step_wake(copy->waiting);
}

static void on_output(void *arg, const char *data, size_t len)
{
	struct copy *copy = arg;
	size_t overlap = copy->ready != NULL ? strlen(copy->ready) : 0, seen = copy->output_len;
	size_t from = seen > overlap ? seen - overlap : 0;

	copy->output = mem_grow(copy->output, seen + len + 1, 1);
	memcpy(copy->output + seen, data, len);
	copy->output_len += len;
	if (overlap > 0 &&
	    memmem(copy->output + from, copy->output_len - from, copy->ready, overlap) != NULL)
		copy->is_ready = true;
	if (copy->output_len > OUTPUT_KEPT) {
		memmove(copy->output, copy->output + copy->output_len - OUTPUT_KEPT, OUTPUT_KEPT);
		copy->output_len = OUTPUT_KEPT;
	}
	copy->output[copy->output_len] = '\0';
	wake(copy);
}

static void on_running(void *arg)
{
	struct copy *copy = arg;

	copy->runs = true;
	wake(copy);
}

static void on_end(void *arg, const struct child_end *end)
{
	struct copy *copy = arg;

	copy->child = NULL;
	copy->ended_ms = clock_ms();
	copy->status = end->status;
	copy->never_ran = !end->started;
	if (copy->never_ran)
		(void)error_set(&copy->error, "%s", end->error);
	wake(copy);
}

static void stop_waiting(struct fault_op *op)
{
	struct copy *copy = copy_find(op);

	if (copy != NULL && copy->waiting == op)
		copy->waiting = NULL;
}

void copy_wait(struct fault_op *op, struct copy *copy, int64_t ms, step_fn *look)
{
	copy->waiting = op;
	op->leave = stop_waiting;
	step_after(op, ms > 0 ? ms : 0, look);
}

struct copy *copy_start(struct fault_op *op, const char *const *argv, const struct environ *env,
			int64_t limit_ms)
{
	struct copy *copy = mem_zalloc(sizeof *copy);

	*copy = (struct copy){.next = op->context->children->first,
			      .ready = mem_dup(recipe_text(op->recipe, "ready")),
			      .started_ms = clock_ms()};
	memcpy(copy->drill, op->drill, ID_LEN);
	op->context->children->first = copy;
	copy->child =
	    child_start(op->context->base,
			&(struct child_ask){.argv = argv,
					    .environment = environ_list(env),
					    .directory = recipe_text(op->recipe, "directory"),
					    .mark = op->drill,
					    .timeout_ms = limit_ms,
					    .output_limit = OUTPUT_KEPT},
			on_output, on_end, copy);
	child_tell_running(copy->child, on_running);
	return copy;
}
