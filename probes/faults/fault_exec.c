/* A fault behind commands: argv lists, no shell, a clean environment, a time limit for each. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "probes/child.h"
#include "probes/faults/environ.h"
#include "probes/faults/fault.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/target.h"
#include "probes/faults/text.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define TIMEOUT_DEFAULT_MS 30000
#define TIMEOUT_MAX_MS     3600000
#define OUTPUT_KEPT        8192 /* bytes: the newest */
#define OUTPUT_SHOWN       200  /* bytes of it in evidence */
#define COMMAND_SHOWN      150
#define STATUS_CONFLICT    20 /* of revert: somebody else changed it since */
#define PATH_DEFAULT       "/usr/local/bin:/usr/bin:/bin"

/* A scenario without a witness is witnessed by its confirm, which must say no while the fault is in
 * place: one that says yes all the same could not tell either that the fault is gone. */
static enum step run_by(const cJSON *recipe, enum step step)
{
	return step == STEP_WITNESS && !cJSON_HasObjectItem(recipe, "witness") ? STEP_CONFIRM
									       : step;
}

/* What the end of the command means for the step. */
static enum fault_outcome outcome_of(const struct fault_op *op, const struct child_end *end)
{
	bool inverted = run_by(op->recipe, op->step) != op->step;

	if (!end->started)
		return op->step == STEP_INJECT || op->step == STEP_REVERT ? FAULT_NO
									  : FAULT_UNKNOWN;
	if (end->timed_out)
		return FAULT_UNKNOWN;
	if (end->status == 0)
		return inverted ? FAULT_NO : FAULT_YES;
	if (op->step == STEP_INJECT)
		return FAULT_UNKNOWN; /* it may have got half way */
	if (op->step == STEP_REVERT && end->status == STATUS_CONFLICT)
		return FAULT_CONFLICT;
	return inverted ? FAULT_YES : FAULT_NO;
}

static void add_end(struct buf *to, const struct fault_op *op, const struct child_end *end)
{
	if (!end->started)
		buf_addf(to, "could not be run: %s", end->error);
	else if (end->timed_out)
		buf_adds(to, "was killed at its time limit");
	else
		buf_addf(to, "ended with status %d", end->status);
	if (end->started && end->output[0] != '\0') {
		buf_adds(to, ": ");
		text_quote_end(to, op->context->secrets, end->output, strlen(end->output),
			       OUTPUT_SHOWN);
	}
}

static void on_end(void *arg, const struct child_end *end)
{
	struct fault_op *op = arg;
	enum step step = run_by(op->recipe, op->step);
	const char **argv = recipe_texts(op->recipe, step_name(step));
	struct buf text = {0};

	op->child = NULL;
	buf_adds(&text, "`");
	if (argv != NULL)
		text_add_command(&text, (const char *const *)argv, COMMAND_SHOWN);
	buf_adds(&text, "` ");
	free(argv);
	add_end(&text, op, end);
	if (outcome_of(op, end) == FAULT_CONFLICT)
		buf_adds(&text, "; so somebody else changed it since, and nothing was overwritten: "
				"look at it and set it by hand");
	if (step != op->step)
		buf_adds(&text, "; no witness is named, so confirm must say no");
	step_end(op, outcome_of(op, end), "%s", buf_text(&text));
	buf_done(&text);
}

static bool fill(struct fault_op *op, struct environ *env, struct error *error)
{
	const char *path = getenv("PATH");

	environ_set(env, "PATH", path != NULL ? path : PATH_DEFAULT);
	return environ_set_pairs(env, op->recipe, "environment", op->context->secrets, error);
}

static void begin(struct fault_op *op)
{
	const char **argv = recipe_texts(op->recipe, step_name(run_by(op->recipe, op->step)));
	struct environ env = {0};
	struct error error;

	if (argv == NULL)
		(void)error_set(&error, "the recipe has no command for %s", step_name(op->step));
	else if (fill(op, &env, &error))
		op->child = child_start(op->context->base,
					&(struct child_ask){.argv = (const char *const *)argv,
							    .environment = environ_list(&env),
							    .mark = op->drill,
							    .timeout_ms = recipe_number(
								op->recipe, "timeout_ms",
								TIMEOUT_DEFAULT_MS, TIMEOUT_MAX_MS),
							    .output_limit = OUTPUT_KEPT},
					NULL, on_end, op);
	environ_done(&env);
	free(argv);
	if (op->child == NULL)
		step_refuse(op, &error);
}

/* plan */

static bool check(const struct exec_fault *exec, struct error *error)
{
	if (exec->inject.count == 0)
		return error_set(error, "fault.inject is missing: the command that breaks it");
	if (exec->revert.count == 0)
		return error_set(error, "fault.revert is missing: the command that puts it right");
	if (exec->confirm.count == 0)
		return error_set(error, "fault.confirm is missing: a command that ends with status "
					"0 when all is right and with another while it is broken");
	for (size_t i = 0; i < exec->environment.count; i++) {
		if (!environ_is_name(exec->environment.list[i].name))
			return error_set(error,
					 "fault.environment: \"%.60s\" is no variable's name",
					 exec->environment.list[i].name);
	}
	return true;
}

static char *exec_plan(const struct fault *fault, const char *drill, struct error *error)
{
	const struct exec_fault *exec = &fault->exec;
	cJSON *recipe;

	if (!check(exec, error))
		return NULL;
	recipe = recipe_new(VIA_EXEC, drill, error);
	if (recipe == NULL)
		return NULL;
	recipe_add_texts(recipe, "inject", &exec->inject);
	recipe_add_texts(recipe, "witness", &exec->witness);
	recipe_add_texts(recipe, "revert", &exec->revert);
	recipe_add_texts(recipe, "confirm", &exec->confirm);
	recipe_add_pairs(recipe, "environment", &exec->environment);
	recipe_add_number(recipe, "timeout_ms", exec->timeout_ms);
	return recipe_take(recipe);
}

static bool describe_variable(void *arg, const char *name, const char *value)
{
	(void)value; /* may be a reference to a secret */
	buf_addf(arg, ", with %s", name);
	return true;
}

static void describe(const cJSON *recipe, enum step step, fault_call_fn *tell, void *arg)
{
	enum step by = run_by(recipe, step);
	const char **argv = recipe_texts(recipe, step_name(by));
	struct buf text = {0};
	char limit[32];

	if (argv == NULL)
		return;
	duration_format(recipe_number(recipe, "timeout_ms", TIMEOUT_DEFAULT_MS, TIMEOUT_MAX_MS),
			limit, sizeof limit);
	buf_adds(&text, "run `");
	text_add_command(&text, (const char *const *)argv, COMMAND_SHOWN);
	buf_addf(&text, "` for at most %s", limit);
	(void)recipe_pairs(recipe, "environment", describe_variable, &text);
	if (by != step)
		buf_adds(&text, "; it must not end with status 0");
	step_tell(tell, arg, step, "%s", buf_text(&text));
	buf_done(&text);
	free(argv);
}

static void exec_describe(const char *text, fault_call_fn *tell, void *arg)
{
	cJSON *recipe = recipe_read(text, VIA_EXEC, &(struct error){0});

	for (int step = STEP_INJECT; recipe != NULL && step <= STEP_CONFIRM; step++)
		describe(recipe, (enum step)step, tell, arg);
	cJSON_Delete(recipe);
}

static char *exec_target(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_EXEC, &(struct error){0});
	char *target = target_command(recipe, "exec", "inject", NULL);

	cJSON_Delete(recipe);
	return target;
}

/* A script that is half way through must not go on behind our back. */
static void exec_end_inject(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_EXEC, &(struct error){0});

	if (recipe != NULL)
		(void)child_signal_marked(recipe_text(recipe, "drill"), SIGKILL);
	cJSON_Delete(recipe);
}

static struct fault_op *exec_inject(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_EXEC, STEP_INJECT, recipe, begin, done, arg);
}

static struct fault_op *exec_witness(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_EXEC, STEP_WITNESS, recipe, begin, done, arg);
}

static struct fault_op *exec_revert(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_EXEC, STEP_REVERT, recipe, begin, done, arg);
}

static struct fault_op *exec_confirm(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_EXEC, STEP_CONFIRM, recipe, begin, done, arg);
}

const struct fault_driver fault_exec = {
    .name = "exec",
    .via = VIA_EXEC,
    .effect = EFFECT_MUTATION,
    .plan = exec_plan,
    .describe = exec_describe,
    .target = exec_target,
    .end_inject = exec_end_inject,
    .inject = exec_inject,
    .witness = exec_witness,
    .revert = exec_revert,
    .confirm = exec_confirm,
    .cancel = step_cancel,
};
