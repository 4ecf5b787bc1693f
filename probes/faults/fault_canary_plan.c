/* A fault in a canary, before anything happens: its recipe, and what it says to people. */
#include <stdlib.h>
#include <string.h>

#include "probes/faults/canary_host.h"
#include "probes/faults/fault_canary.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/target.h"
#include "probes/faults/text.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

static const char *const modes[] = {
    [CANARY_STATUS] = "status", [CANARY_REFUSED] = "refused", [CANARY_HANG] = "hang",
    [CANARY_SLOW] = "slow",     [CANARY_BODY] = "body",
};

_Static_assert(sizeof modes / sizeof modes[0] == CANARY_MODE_COUNT, "a mode has no name");

bool fault_canary_mode(const cJSON *recipe, enum canary_mode *ret_mode)
{
	const char *word = recipe_text(recipe, "mode");

	for (int mode = 0; word != NULL && mode < CANARY_MODE_COUNT; mode++) {
		if (strcmp(modes[mode], word) == 0) {
			*ret_mode = (enum canary_mode)mode;
			return true;
		}
	}
	return false;
}

static bool check(const struct canary_fault *canary, struct error *error)
{
	if (canary->name == NULL || !canary_is_name(canary->name))
		return error_set(error, "fault.name must be 1 to %d of a-z, 0-9 and \"-\"",
				 CANARY_NAME_LIMIT);
	switch (canary->mode) {
	case CANARY_STATUS:
		if (canary->status >= 201 && canary->status <= 599)
			return true;
		return error_set(error, "fault.status must be 201 to 599: 200 is healthy");
	case CANARY_SLOW:
		if (canary->delay_ms > 0 && canary->delay_ms <= DELAY_MAX_MS)
			return true;
		return error_set(error, "fault.delay must be more than 0 and at most 1h");
	case CANARY_BODY:
		if (canary->body != NULL)
			return true;
		return error_set(error, "fault.body is missing: what the broken canary says");
	case CANARY_REFUSED:
	case CANARY_HANG:
		return true;
	case CANARY_MODE_COUNT:
		break;
	}
	(void)error_set(error, "fault.mode is none of status, refused, hang, slow and body");
	return false;
}

char *fault_canary_plan(const struct fault *fault, const char *drill, struct error *error)
{
	const struct canary_fault *canary = &fault->canary;
	cJSON *recipe;

	if (!check(canary, error))
		return NULL;
	recipe = recipe_new(VIA_CANARY, drill, error);
	if (recipe == NULL)
		return NULL;
	recipe_add_text(recipe, "name", canary->name);
	recipe_add_text(recipe, "mode", modes[canary->mode]);
	if (canary->mode == CANARY_STATUS)
		recipe_add_number(recipe, "status", canary->status);
	if (canary->mode == CANARY_SLOW)
		recipe_add_number(recipe, "delay_ms", canary->delay_ms);
	if (canary->mode == CANARY_BODY)
		recipe_add_text(recipe, "body", canary->body);
	recipe_add_number(recipe, "polled_within_ms", canary->polled_within_ms);
	return recipe_take(recipe);
}

static void describe_mode(const cJSON *recipe, struct buf *to)
{
	const char *body = recipe_text(recipe, "body");
	enum canary_mode mode = CANARY_STATUS;
	char words[32];

	(void)fault_canary_mode(recipe, &mode);
	switch (mode) {
	case CANARY_STATUS:
		buf_addf(to, "answers %d", (int)recipe_number(recipe, "status", 503, 599));
		return;
	case CANARY_REFUSED:
		buf_adds(to, "refuses connections, as do all other canaries: they share a port");
		return;
	case CANARY_HANG:
		buf_adds(to, "never answers");
		return;
	case CANARY_SLOW:
		duration_format(recipe_number(recipe, "delay_ms", 0, DELAY_MAX_MS), words,
				sizeof words);
		buf_addf(to, "answers after %s", words);
		return;
	case CANARY_BODY:
		buf_adds(to, "answers 200 with ");
		text_quote(to, NULL, body != NULL ? body : "", body != NULL ? strlen(body) : 0,
			   ANSWER_SHOWN);
		return;
	case CANARY_MODE_COUNT:
		break;
	}
}

void fault_canary_describe(const char *text, fault_call_fn *tell, void *arg)
{
	cJSON *recipe = recipe_read(text, VIA_CANARY, &(struct error){0});
	const char *canary = recipe_text(recipe, "name");
	struct buf mode = {0};
	char words[32];

	if (canary == NULL) {
		cJSON_Delete(recipe);
		return;
	}
	duration_format(recipe_number(recipe, "polled_within_ms", POLLED_DEFAULT_MS, POLLED_MAX_MS),
			words, sizeof words);
	describe_mode(recipe, &mode);
	step_tell(tell, arg, STEP_CAPTURE,
		  "wait until the monitor has polled /canary/%s/health healthy, for at most %s",
		  canary, words);
	step_tell(tell, arg, STEP_INJECT, "firedrill's own canary %s %s", canary, buf_text(&mode));
	step_tell(tell, arg, STEP_WITNESS,
		  "the monitor has met it, or our own connection is "
		  "refused where that is the fault");
	step_tell(tell, arg, STEP_REVERT, "the canary %s answers 200 again", canary);
	step_tell(tell, arg, STEP_CONFIRM, "GET /canary/%s/health, must answer 200", canary);
	buf_done(&mode);
	cJSON_Delete(recipe);
}

char *fault_canary_target(const char *text)
{
	cJSON *recipe = recipe_read(text, VIA_CANARY, &(struct error){0});
	const char *canary = recipe_text(recipe, "name");
	char *line, *target;

	if (canary == NULL) {
		cJSON_Delete(recipe);
		return mem_dup("");
	}
	line = mem_printf("canary %s", canary);
	target = target_text(recipe, line);
	free(line);
	cJSON_Delete(recipe);
	return target;
}
