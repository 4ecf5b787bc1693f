/* A fault in a copy: a service's own command with one variable removed or changed.
 *
 * The copy runs beside the real thing, as our child, and carries the drill's mark in its
 * environment, as does everything it starts.  Putting right needs only that mark. */
#include <signal.h>
#include <stdlib.h>

#include "probes/child.h"
#include "probes/faults/copies.h"
#include "probes/faults/environ.h"
#include "probes/faults/fault.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/target.h"
#include "probes/faults/text.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define OUTPUT_SHOWN    250 /* bytes of the copy's output in evidence */
#define COMMAND_SHOWN   200
#define BEGINS_MS       10000 /* longer only on a machine or a disk that hangs */
#define DIES_DEFAULT_MS 10000
#define DIES_MAX_MS     3600000
#define MARGIN_MS       30000 /* the copy's own time limit, should nobody have ended it before */
#define LOOK_EVERY_MS   50
#define TERM_MS         2000 /* from SIGTERM to SIGKILL */
#define GIVE_UP_MS      6000
#define CONFIRM_MS      1000

static int64_t dies_within(const struct fault_op *op)
{
	return recipe_number(op->recipe, "dies_within_ms", DIES_DEFAULT_MS, DIES_MAX_MS);
}

static void add_output(struct buf *to, const struct fault_op *op, const struct copy *copy)
{
	if (copy->output_len == 0) {
		buf_adds(to, "it printed nothing");
		return;
	}
	buf_adds(to, "its last output: ");
	text_quote_end(to, op->context->secrets, copy->output, copy->output_len, OUTPUT_SHOWN);
}

/* inject: the copy is started; its environment is ours, changed as the scenario says. */

static bool fill(struct fault_op *op, struct environ *env, struct error *error)
{
	const char **unset = recipe_texts(op->recipe, "unset");

	if (unset == NULL && cJSON_HasObjectItem(op->recipe, "unset"))
		return error_set(error, "the list of variables to take away is damaged");
	environ_inherit(env);
	environ_unset(env, CHILD_MARK);
	for (size_t i = 0; unset != NULL && unset[i] != NULL; i++)
		environ_unset(env, unset[i]);
	free(unset);
	return environ_set_pairs(env, op->recipe, "set", NULL, error);
}

static void look_started(struct fault_op *op)
{
	struct copy *copy = copy_find(op);
	struct error error;

	if (copy == NULL) {
		step_end(op, FAULT_UNKNOWN, "the copy was ended while it started");
		return;
	}
	if (copy->never_ran) {
		error = copy->error;
		copy_drop(op);
		step_end(op, FAULT_NO, "the copy could not be started: %s", error.text);
		return;
	}
	if (copy->runs || copy->child == NULL)
		step_end(op, FAULT_YES, "a copy of the service was started");
	else if (copy->started_ms + BEGINS_MS > clock_ms())
		copy_wait(op, copy, copy->started_ms + BEGINS_MS - clock_ms(), look_started);
	else
		step_end(op, FAULT_UNKNOWN,
			 "the copy's program did not begin: the machine is too slow, or its disk "
			 "hangs");
}

static void begin_inject(struct fault_op *op)
{
	const char **argv = recipe_texts(op->recipe, "command");
	struct environ env = {0};
	struct error error;

	if (op->context->children == NULL)
		(void)error_set(&error, "copies of services cannot be started here");
	else if (copy_find(op) != NULL)
		(void)error_set(&error, "a copy of this drill runs already");
	else if (argv == NULL)
		(void)error_set(&error, "the recipe has no command");
	else if (fill(op, &env, &error)) {
		copy_wait(op, copy_start(op, argv, &env, dies_within(op) + MARGIN_MS), BEGINS_MS,
			  look_started);
		environ_done(&env);
		free(argv);
		return;
	}
	environ_done(&env);
	free(argv);
	step_refuse(op, &error);
}

/* witness: the copy must die of the fault.  One that booted anyway works on the real queues, so it
 * is ended at once. */

static void end_without_effect(struct fault_op *op, const struct copy *copy, const char *what)
{
	struct buf text = {0};

	buf_addf(&text, "%s; ", what);
	add_output(&text, op, copy);
	copy_drop(op);
	step_end(op, FAULT_NO, "%s", buf_text(&text));
	buf_done(&text);
}

static void end_with_death(struct fault_op *op, const struct copy *copy)
{
	struct buf text = {0};
	char after[32];

	duration_format(copy->ended_ms - copy->started_ms, after, sizeof after);
	add_output(&text, op, copy);
	step_end(op, FAULT_YES, "the copy ended with status %d after %s; %s", copy->status, after,
		 buf_text(&text));
	buf_done(&text);
}

static void look_alive(struct fault_op *op)
{
	struct copy *copy = copy_find(op);
	int64_t left;

	if (copy == NULL) {
		step_end(op, FAULT_UNKNOWN, "no copy of this drill was started by this process");
		return;
	}
	left = copy->started_ms + dies_within(op) - clock_ms();
	if (copy->never_ran)
		step_end(op, FAULT_NO, "the copy could not be started: %s", copy->error.text);
	else if (copy->is_ready)
		end_without_effect(op, copy,
				   "the copy booted in spite of the fault and was ended "
				   "at once");
	else if (copy->child == NULL && copy->status != 0)
		end_with_death(op, copy);
	else if (copy->child == NULL)
		end_without_effect(op, copy,
				   "the copy ended with status 0, as if nothing was wrong");
	else if (left <= 0)
		end_without_effect(op, copy, "the copy lives in spite of the fault and was ended");
	else
		copy_wait(op, copy, left, look_alive);
}

/* revert: asked to end, then killed. Also right for copies that an earlier life started. */

/* They may be the copy's: a program that does not begin has not got its environment yet. */
static void end_unclear(struct fault_op *op, size_t unclear)
{
	step_end(op, FAULT_UNKNOWN,
		 "%zu processes have been asked to run a program that does not begin, so it cannot "
		 "be told whether they belong to this drill: the machine is too slow, or its disk "
		 "hangs",
		 unclear);
}

static void look_ended(struct fault_op *op)
{
	struct copy *copy = copy_find(op);
	int64_t waited = clock_ms() - op->begun_ms;
	size_t left, unclear;

	if (waited >= TERM_MS)
		copy_drop(op); /* kills it with its group */
	left = child_signal_marked_or_unclear(op->drill, waited >= TERM_MS ? SIGKILL : 0, &unclear);
	if (left + unclear == 0 && (waited >= TERM_MS || copy == NULL || copy->child == NULL)) {
		copy_drop(op);
		step_end(op, FAULT_YES, "nothing of this drill runs any more");
	} else if (waited >= GIVE_UP_MS && left == 0) {
		end_unclear(op, unclear);
	} else if (waited >= GIVE_UP_MS) {
		step_end(op, FAULT_NO,
			 "%zu processes with " CHILD_MARK "=%s in their environment do not end; "
			 "look at them in /proc and end them by hand",
			 left, op->drill);
	} else {
		step_after(op, LOOK_EVERY_MS, look_ended);
	}
}

static void begin_revert(struct fault_op *op)
{
	const struct copy *copy = copy_find(op);

	if (copy != NULL && copy->child != NULL)
		child_signal(copy->child, SIGTERM);
	(void)child_signal_marked(op->drill, SIGTERM);
	look_ended(op);
}

static void look_gone(struct fault_op *op)
{
	const struct copy *copy = copy_find(op);
	size_t unclear, left = child_signal_marked_or_unclear(op->drill, 0, &unclear);

	if (left == 0 && copy != NULL && copy->child != NULL)
		left = 1;
	if (left + unclear == 0)
		step_end(op, FAULT_YES, "no process with " CHILD_MARK "=%s runs", op->drill);
	else if (clock_ms() - op->begun_ms < CONFIRM_MS)
		step_after(op, LOOK_EVERY_MS, look_gone);
	else if (left == 0)
		end_unclear(op, unclear);
	else
		step_end(op, FAULT_NO, "%zu processes with " CHILD_MARK "=%s still run", left,
			 op->drill);
}

/* plan */

static bool check(const struct process_fault *process, struct error *error)
{
	if (process->command.count == 0)
		return error_set(error, "fault.command is missing: the service's argv");
	if (process->unset.count == 0 && process->set.count == 0)
		return error_set(error,
				 "fault.unset and fault.set are both missing: the copy would "
				 "be as healthy as the service");
	for (size_t i = 0; i < process->unset.count; i++) {
		if (!environ_is_name(process->unset.list[i]))
			return error_set(error, "fault.unset: \"%.60s\" is no variable's name",
					 process->unset.list[i]);
	}
	for (size_t i = 0; i < process->set.count; i++) {
		if (!environ_is_name(process->set.list[i].name))
			return error_set(error, "fault.set: \"%.60s\" is no variable's name",
					 process->set.list[i].name);
	}
	return true;
}

static char *process_plan(const struct fault *fault, const char *drill, struct error *error)
{
	const struct process_fault *process = &fault->process;
	cJSON *recipe;

	if (!check(process, error))
		return NULL;
	recipe = recipe_new(VIA_PROCESS, drill, error);
	if (recipe == NULL)
		return NULL;
	recipe_add_texts(recipe, "command", &process->command);
	recipe_add_texts(recipe, "unset", &process->unset);
	recipe_add_pairs(recipe, "set", &process->set);
	recipe_add_text(recipe, "directory", process->directory);
	recipe_add_text(recipe, "ready", process->ready);
	recipe_add_number(recipe, "dies_within_ms", process->dies_within_ms);
	return recipe_take(recipe);
}

static bool describe_set(void *arg, const char *name, const char *value)
{
	(void)value;
	buf_addf(arg, ", with another %s", name);
	return true;
}

static void describe_copy(const cJSON *recipe, struct buf *to)
{
	const char **argv = recipe_texts(recipe, "command"),
		   **unset = recipe_texts(recipe, "unset");
	const char *directory = recipe_text(recipe, "directory");

	buf_adds(to, "start a copy of `");
	if (argv != NULL)
		text_add_command(to, (const char *const *)argv, COMMAND_SHOWN);
	buf_adds(to, "`");
	if (directory != NULL)
		buf_addf(to, " in %s", directory);
	for (size_t i = 0; unset != NULL && unset[i] != NULL; i++)
		buf_addf(to, ", without %s", unset[i]);
	(void)recipe_pairs(recipe, "set", describe_set, to);
	free(argv);
	free(unset);
}

static void process_describe(const char *text, fault_call_fn *tell, void *arg)
{
	cJSON *recipe = recipe_read(text, VIA_PROCESS, &(struct error){0});
	const char *drill = recipe_text(recipe, "drill"), *ready = recipe_text(recipe, "ready");
	struct buf copy = {0};
	char within[32];

	if (recipe == NULL)
		return;
	duration_format(recipe_number(recipe, "dies_within_ms", DIES_DEFAULT_MS, DIES_MAX_MS),
			within, sizeof within);
	describe_copy(recipe, &copy);
	step_tell(tell, arg, STEP_INJECT, "%s", buf_text(&copy));
	step_tell(tell, arg, STEP_WITNESS,
		  "the copy must end with a status other than 0 within %s%s%s%s; else it is ended",
		  within, ready != NULL ? ", without printing \"" : "", ready != NULL ? ready : "",
		  ready != NULL ? "\"" : "");
	step_tell(tell, arg, STEP_REVERT,
		  "end every process with " CHILD_MARK "=%s in its environment: SIGTERM, then "
		  "SIGKILL",
		  drill);
	step_tell(tell, arg, STEP_CONFIRM, "no process with " CHILD_MARK "=%s is left", drill);
	buf_done(&copy);
	cJSON_Delete(recipe);
}

static char *process_target(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_PROCESS, &(struct error){0});
	const char *directory = recipe_text(recipe, "directory");
	char *where = directory != NULL ? mem_printf(" in %s", directory) : NULL;
	char *target = target_command(recipe, "process", "command", where);

	free(where);
	cJSON_Delete(recipe);
	return target;
}

static void process_end_inject(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_PROCESS, &(struct error){0});

	if (recipe != NULL)
		(void)child_signal_marked(recipe_text(recipe, "drill"), SIGKILL);
	cJSON_Delete(recipe);
}

static struct fault_op *process_inject(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_PROCESS, STEP_INJECT, recipe, begin_inject, done, arg);
}

static struct fault_op *process_witness(const struct fault_context *context, const char *recipe,
					fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_PROCESS, STEP_WITNESS, recipe, look_alive, done, arg);
}

static struct fault_op *process_revert(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_PROCESS, STEP_REVERT, recipe, begin_revert, done, arg);
}

static struct fault_op *process_confirm(const struct fault_context *context, const char *recipe,
					fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_PROCESS, STEP_CONFIRM, recipe, look_gone, done, arg);
}

const struct fault_driver fault_process = {
    .name = "process",
    .via = VIA_PROCESS,
    .effect = EFFECT_COPY,
    .ends_by_itself = "the copy dies with firedrill",
    .plan = process_plan,
    .describe = process_describe,
    .target = process_target,
    .end_inject = process_end_inject,
    .inject = process_inject,
    .witness = process_witness,
    .revert = process_revert,
    .confirm = process_confirm,
    .cancel = step_cancel,
};
