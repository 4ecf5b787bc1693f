/* A fault in a health page that firedrill hosts itself and the user's monitor polls.
 *
 * The fault lives in the process that put it in.  When that process is gone, so is the canary, and
 * whoever reverts from the recipe alone finds nothing to do. */
#include <stdlib.h>
#include <string.h>

#include "probes/faults/canary_host.h"
#include "probes/faults/fault_canary.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define LOOK_EVERY_MS  50   /* at the count of polls */
#define OWN_EVERY_MS   250  /* between two requests of our own */
#define OWN_FOR_MS     3000 /* until our own requests must have seen it */
#define OWN_TIMEOUT_MS 2000
#define ANSWER_LIMIT   8192 /* bytes */

static void send_look(struct fault_op *op);

static const char *name(const struct fault_op *op)
{
	return recipe_text(op->recipe, "name");
}

static bool is_refused(const struct fault_op *op)
{
	enum canary_mode mode = CANARY_STATUS;

	return fault_canary_mode(op->recipe, &mode) && mode == CANARY_REFUSED;
}

static int64_t polled_within(const struct fault_op *op)
{
	return recipe_number(op->recipe, "polled_within_ms", POLLED_DEFAULT_MS, POLLED_MAX_MS);
}

/* The host's own address, or the one that capture wrote down; NULL: not known. */
static const char *base_url(const struct fault_op *op)
{
	const struct canary_host *host = op->context->canaries;

	return host != NULL ? canary_host_url(host) : recipe_text(op->recipe, "url");
}

static void end_refused(struct fault_op *op, const char *why)
{
	struct error error;

	(void)error_set(&error, "%s", why);
	step_refuse(op, &error);
}

/* capture: is there a monitor at all? It must have seen the canary healthy. */

static void look_polled(struct fault_op *op)
{
	const struct canary_host *host = op->context->canaries;
	struct canary_polls polls = canary_host_polls(host, name(op));
	int64_t now = clock_ms(), within = polled_within(op);
	char words[32];

	duration_format(within, words, sizeof words);
	if (polls.last_healthy_ms >= 0 && now - polls.last_healthy_ms <= within) {
		cJSON_DeleteItemFromObjectCaseSensitive(op->recipe, "url");
		recipe_add_text(op->recipe, "url", canary_host_url(host));
		step_captured(op, "the monitor has polled the canary %s healthy %zu times",
			      name(op), polls.healthy);
	} else if (now - op->begun_ms >= within) {
		step_end(op, FAULT_NO,
			 "nobody polled %s/canary/%s/health within %s: let the monitor poll it "
			 "under its address, or raise fault.polled_within",
			 canary_host_url(host), name(op), words);
	} else {
		step_after(op, LOOK_EVERY_MS, look_polled);
	}
}

/* inject */

static void inject(struct fault_op *op)
{
	struct canary_answer answer = {
	    .status = (int)recipe_number(op->recipe, "status", 503, 599),
	    .delay_ms = recipe_number(op->recipe, "delay_ms", 0, DELAY_MAX_MS),
	    .body = recipe_text(op->recipe, "body"),
	};
	struct error error;

	if (!fault_canary_mode(op->recipe, &answer.mode)) {
		end_refused(op, "the recipe does not say how the canary is to be broken");
		return;
	}
	if (canary_host_break(op->context->canaries, name(op), op->drill, &answer, &error))
		step_end(op, FAULT_YES, "the canary %s is broken: %s", name(op),
			 recipe_text(op->recipe, "mode"));
	else
		step_end(op, FAULT_NO, "%s", error.text);
}

/* witness: the monitor met the fault; a refused connection never reaches us, so then it is our own
 * attempt that must be refused. */

static void look_met(struct fault_op *op)
{
	struct canary_polls polls = canary_host_polls(op->context->canaries, name(op));
	int64_t within = polled_within(op);
	char words[32];

	duration_format(within, words, sizeof words);
	if (polls.broken > 0)
		step_end(op, FAULT_YES, "the monitor met the broken canary %zu times",
			 polls.broken);
	else if (clock_ms() - op->begun_ms >= within)
		step_end(op, FAULT_NO, "the monitor did not poll the canary within %s: look at it",
			 words);
	else
		step_after(op, LOOK_EVERY_MS, look_met);
}

static void begin_witness(struct fault_op *op)
{
	const char *breaker = canary_host_breaker(op->context->canaries, name(op));

	if (breaker == NULL || strcmp(breaker, op->drill) != 0)
		step_end(op, FAULT_NO, "the canary %s is not broken by this drill", name(op));
	else if (is_refused(op))
		send_look(op);
	else
		look_met(op);
}

/* revert and confirm, with a host and without */

static void revert(struct fault_op *op)
{
	struct error error;

	if (canary_host_heal(op->context->canaries, name(op), op->drill, &error))
		step_end(op, FAULT_YES, "the canary %s is healthy again", name(op));
	else
		step_end(op, FAULT_NO, "%s", error.text);
}

/* Another life of firedrill hosts it again, and has broken it for a drill of its own. */
static bool is_of_another_drill(const struct fault_op *op, const struct http_reply *reply)
{
	static const char by[] = CANARY_BROKEN_BY;
	const char *at = strstr(reply->body, by);

	return at != NULL && strncmp(at + strlen(by), op->drill, strlen(op->drill)) != 0;
}

static enum fault_outcome judge_look(const struct fault_op *op, const struct http_reply *reply)
{
	if (op->step == STEP_WITNESS)
		return reply->result == HTTP_UNREACHABLE ? FAULT_YES : FAULT_NO;
	if (reply->result == HTTP_ANSWERED && reply->status == 200 &&
	    strstr(reply->body, " is healthy\n") != NULL)
		return FAULT_YES;
	if (reply->result == HTTP_ANSWERED && is_of_another_drill(op, reply))
		return FAULT_YES;
	if (reply->result == HTTP_UNREACHABLE && op->context->canaries == NULL)
		return FAULT_YES; /* it went with the process that hosted it */
	return reply->result == HTTP_ANSWERED ? FAULT_NO : FAULT_UNKNOWN;
}

static void on_look(struct fault_op *op, const struct http_reply *reply)
{
	enum fault_outcome outcome = judge_look(op, reply);
	struct buf text = {0};

	if (outcome != FAULT_YES && clock_ms() - op->begun_ms < OWN_FOR_MS) {
		step_after(op, OWN_EVERY_MS, send_look);
		return;
	}
	buf_addf(&text, "GET %s/canary/%s/health ", base_url(op), name(op));
	if (reply->result == HTTP_ANSWERED) {
		buf_addf(&text, "answered %d ", reply->status);
		text_quote(&text, op->context->secrets, reply->body, reply->body_len, ANSWER_SHOWN);
	} else {
		buf_addf(&text, "failed: %s", reply->error);
	}
	if (outcome == FAULT_YES && op->step == STEP_CONFIRM && reply->result != HTTP_ANSWERED)
		buf_adds(&text, "; the canary went with the process that hosted it");
	step_end(op, outcome, "%s", buf_text(&text));
	buf_done(&text);
}

static void send_look(struct fault_op *op)
{
	const struct http_header own = {CANARY_OWN_HEADER, op->drill};
	char *url = mem_printf("%s/canary/%s/health", base_url(op), name(op));

	step_http(op,
		  &(struct http_ask){.url = url,
				     .headers = &own,
				     .header_count = 1,
				     .timeout_ms = OWN_TIMEOUT_MS,
				     .max_bytes = ANSWER_LIMIT},
		  on_look);
	free(url);
}

static void begin_confirm(struct fault_op *op)
{
	const struct canary_host *host = op->context->canaries;
	const char *breaker = host != NULL ? canary_host_breaker(host, name(op)) : NULL;

	if (breaker != NULL && strcmp(breaker, op->drill) == 0)
		step_end(op, FAULT_NO, "the canary %s is still broken", name(op));
	else if (breaker != NULL)
		step_end(op, FAULT_YES, "the canary is broken by drill %s, not by this one",
			 breaker);
	else if (base_url(op) != NULL)
		send_look(op);
	else
		step_end(op, FAULT_YES, "the canary lived in the process that has ended");
}

static void begin_without_host(struct fault_op *op)
{
	switch (op->step) {
	case STEP_CAPTURE:
	case STEP_INJECT:
		end_refused(op, "firedrill hosts no canaries here: set canary.listen in "
				"firedrill.cfg");
		return;
	case STEP_WITNESS:
		step_end(op, FAULT_NO, "the canary lived in the process that has ended");
		return;
	case STEP_REVERT:
		step_end(op, FAULT_YES, "the canary lived in the process that has ended");
		return;
	case STEP_CONFIRM:
	case STEP_COUNT:
		break;
	}
	begin_confirm(op);
}

static void begin(struct fault_op *op)
{
	if (name(op) == NULL || !canary_is_name(name(op))) {
		end_refused(op, "the recipe names no canary");
		return;
	}
	if (op->context->canaries == NULL) {
		begin_without_host(op);
		return;
	}
	switch (op->step) {
	case STEP_CAPTURE:
		look_polled(op);
		return;
	case STEP_INJECT:
		inject(op);
		return;
	case STEP_WITNESS:
		begin_witness(op);
		return;
	case STEP_REVERT:
		revert(op);
		return;
	case STEP_CONFIRM:
	case STEP_COUNT:
		break;
	}
	begin_confirm(op);
}

static struct fault_op *canary_capture(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_CANARY, STEP_CAPTURE, recipe, begin, done, arg);
}

static struct fault_op *canary_inject(const struct fault_context *context, const char *recipe,
				      fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_CANARY, STEP_INJECT, recipe, begin, done, arg);
}

static struct fault_op *canary_witness(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_CANARY, STEP_WITNESS, recipe, begin, done, arg);
}

static struct fault_op *canary_revert(const struct fault_context *context, const char *recipe,
				      fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_CANARY, STEP_REVERT, recipe, begin, done, arg);
}

static struct fault_op *canary_confirm(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_CANARY, STEP_CONFIRM, recipe, begin, done, arg);
}

const struct fault_driver fault_canary = {
    .name = "canary",
    .via = VIA_CANARY,
    .effect = EFFECT_SELF_EXPIRING,
    .ends_by_itself = "the canary is hosted by firedrill itself",
    .plan = fault_canary_plan,
    .describe = fault_canary_describe,
    .target = fault_canary_target,
    .capture = canary_capture,
    .inject = canary_inject,
    .witness = canary_witness,
    .revert = canary_revert,
    .confirm = canary_confirm,
    .cancel = step_cancel,
};
