/* The recipe of a fault behind requests, and what is told of it. */
#include "probes/faults/fault_http_plan.h"

#include "probes/faults/call.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/target.h"
#include "src/base/mem.h"

static bool check(const struct http_fault *http, struct error *error)
{
	if (!call_check(STEP_INJECT, &http->inject, error) ||
	    !call_check(STEP_REVERT, &http->revert, error))
		return false;
	if (http->capture.url != NULL && !call_check(STEP_CAPTURE, &http->capture, error))
		return false;
	if (http->witness.url != NULL && !call_check(STEP_WITNESS, &http->witness, error))
		return false;
	if (http->capture.url != NULL && http->inject.body == NULL)
		return error_set(error,
				 "fault.inject.body is missing: with a capture it is what revert "
				 "compares with; give it a body or take the capture away");
	if (http->confirm.url == NULL && http->capture.url != NULL)
		return true; /* the captured address is read back */
	return call_check(STEP_CONFIRM, &http->confirm, error);
}

char *fault_http_plan(const struct fault *fault, const char *drill, struct error *error)
{
	const struct http_fault *http = &fault->http;
	struct http_call confirm = http->confirm;
	cJSON *recipe;

	if (!check(http, error))
		return NULL;
	recipe = recipe_new(VIA_HTTP, drill, error);
	if (recipe == NULL)
		return NULL;
	if (confirm.url == NULL)
		confirm = (struct http_call){.method = http->capture.method,
					     .url = http->capture.url,
					     .headers = http->capture.headers,
					     .status = http->capture.status};
	if (http->capture.url != NULL)
		call_write(recipe, STEP_CAPTURE, &http->capture);
	call_write(recipe, STEP_INJECT, &http->inject);
	if (http->witness.url != NULL)
		call_write(recipe, STEP_WITNESS, &http->witness);
	call_write(recipe, STEP_REVERT, &http->revert);
	call_write(recipe, STEP_CONFIRM, &confirm);
	return recipe_take(recipe);
}

void fault_http_describe(const char *text, fault_call_fn *tell, void *arg)
{
	cJSON *recipe = recipe_read(text, VIA_HTTP, &(struct error){0});

	if (recipe_object(recipe, "capture") != NULL)
		call_describe(recipe, STEP_CAPTURE, tell, arg);
	else if (recipe != NULL)
		step_tell(tell, arg, STEP_CAPTURE, "nothing: revert sends a fixed value");
	call_describe(recipe, STEP_INJECT, tell, arg);
	if (recipe_object(recipe, "witness") != NULL)
		call_describe(recipe, STEP_WITNESS, tell, arg);
	else if (recipe != NULL)
		step_tell(tell, arg, STEP_WITNESS,
			  "the confirm call, which must not hold while the fault is in place");
	if (recipe_object(recipe, "capture") != NULL)
		step_tell(tell, arg, STEP_REVERT,
			  "the capture call again; only what the drill put there is replaced");
	call_describe(recipe, STEP_REVERT, tell, arg);
	call_describe(recipe, STEP_CONFIRM, tell, arg);
	if (recipe_object(recipe, "capture") != NULL &&
	    !call_is_same(recipe, STEP_CAPTURE, STEP_CONFIRM))
		step_tell(tell, arg, STEP_CONFIRM,
			  "the capture call again: what the drill put there must be gone");
	cJSON_Delete(recipe);
}

char *fault_http_target(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_HTTP, &(struct error){0});
	const char *url = recipe_text(recipe_object(recipe, "inject"), "url");
	char *target = url != NULL ? target_url(recipe, url) : mem_dup("");

	cJSON_Delete(recipe);
	return target;
}
