/* Breaks nothing: the control drill, in which an alert is a failure. */
#include "probes/faults/fault.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "src/base/mem.h"

static void begin(struct fault_op *op)
{
	step_end(op, FAULT_YES, "nothing is broken in this drill");
}

static struct fault_op *none_inject(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_NONE, STEP_INJECT, recipe, begin, done, arg);
}

static struct fault_op *none_witness(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_NONE, STEP_WITNESS, recipe, begin, done, arg);
}

static char *none_plan(const struct fault *fault, const char *drill, struct error *error)
{
	cJSON *recipe = recipe_new(VIA_NONE, drill, error);

	(void)fault;
	return recipe != NULL ? recipe_take(recipe) : NULL;
}

static void none_describe(const char *recipe, fault_call_fn *tell, void *arg)
{
	(void)recipe;
	step_tell(tell, arg, STEP_INJECT, "break nothing");
	step_tell(tell, arg, STEP_WITNESS, "look at nothing");
}

static char *none_target(const char *recipe)
{
	(void)recipe;
	return mem_dup("");
}

const struct fault_driver fault_none = {
    .name = "none",
    .via = VIA_NONE,
    .effect = EFFECT_EMISSION,
    .ends_by_itself = "nothing is put in",
    .plan = none_plan,
    .describe = none_describe,
    .target = none_target,
    .inject = none_inject,
    .witness = none_witness,
    .cancel = step_cancel,
};
