/* A fault behind requests: the service's own switch, or any control API.
 *
 * With a capture, putting back is a compare and swap: only what the drill put there is replaced. */
#include <stdlib.h>
#include <string.h>

#include "probes/faults/call.h"
#include "probes/faults/fault.h"
#include "probes/faults/fault_http_plan.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define CAPTURE_LIMIT (64 * 1024) /* bytes of a captured value */
#define POLL_SOON_MS  50          /* to the second look; then the time is doubled again and again */
#define POLL_SLOW_MS  500
#define POLL_FOR_MS   5000 /* a service may take a moment to act, and to recover */
#define POLL_MAX_MS   60000
#define VALUE_SHOWN   80 /* bytes of each value in the text of a conflict */
#define STILL_THERE   "confirm holds, but what the drill put in is still there"

static void send_look(struct fault_op *op);

/* Sends a call of the recipe, or ends the step. */
static void send_call(struct fault_op *op, enum step step, step_reply_fn *reply)
{
	struct error error;

	if (!call_send(op, step, reply, &error))
		step_refuse(op, &error);
}

/* Ends the step with "METHOD URL answered ...: says". */
static void end_with(struct fault_op *op, enum fault_outcome outcome, enum step step,
		     const struct http_reply *reply, const char *says)
{
	struct buf text = {0};

	call_add_evidence(&text, op, step, reply);
	step_end(op, outcome, "%s%s%s", buf_text(&text), says[0] != '\0' ? "; " : "", says);
	buf_done(&text);
}

static bool has(const struct fault_op *op, enum step step)
{
	return recipe_object(op->recipe, step_name(step)) != NULL;
}

static const char *original(const struct fault_op *op)
{
	return recipe_text(op->recipe, "original");
}

/* Nothing was captured, so inject never sent anything: it refuses without. */
static bool never_injected(const struct fault_op *op)
{
	return has(op, STEP_CAPTURE) && original(op) == NULL;
}

/* Is it what the drill puts there? */
static bool is_injected(const struct fault_op *op, const struct http_reply *reply)
{
	char *body = call_body(op, STEP_INJECT);
	bool is = body != NULL && call_is_value(reply, body);

	free(body);
	return is;
}

static bool holds_secret(const struct fault_op *op, const char *value)
{
	char *copy = mem_dup(value);
	bool holds;

	secret_mask(op->context->secrets, copy);
	holds = strcmp(copy, value) != 0;
	free(copy);
	return holds;
}

/* capture: what is there now is what will be put back. */

/* Why the answer cannot be kept as the original, or NULL. */
static const char *unfit(const struct fault_op *op, const struct http_reply *reply)
{
	if (reply->result == HTTP_TOO_LARGE || reply->body_len > CAPTURE_LIMIT)
		return "more than 64 KiB cannot be captured; capture a smaller thing";
	if (call_holds(op, STEP_CAPTURE, reply) != FAULT_YES)
		return "not what the scenario expects before the drill; put the target right first";
	if (!text_is_utf8(reply->body, reply->body_len))
		return "only text can be captured";
	if (is_injected(op, reply))
		return "the target already holds what the drill would put there; put it right "
		       "first, or it would be taken for the original";
	if (holds_secret(op, reply->body))
		return "it holds a secret, which the ledger must not; capture a smaller thing";
	return NULL;
}

static void on_captured(struct fault_op *op, const struct http_reply *reply)
{
	const char *why = unfit(op, reply);
	struct buf text = {0};
	char *value;

	if (reply->result != HTTP_ANSWERED && reply->result != HTTP_TOO_LARGE) {
		end_with(op, FAULT_NO, STEP_CAPTURE, reply, "nothing was touched");
		return;
	}
	if (why != NULL) {
		end_with(op, FAULT_NO, STEP_CAPTURE, reply, why);
		return;
	}
	value = call_trim(reply->body);
	cJSON_DeleteItemFromObjectCaseSensitive(op->recipe, "original");
	recipe_add_text(op->recipe, "original", value);
	free(value);
	call_add_evidence(&text, op, STEP_CAPTURE, reply);
	step_captured(op, "%s", buf_text(&text));
	buf_done(&text);
}

static void begin_capture(struct fault_op *op)
{
	if (has(op, STEP_CAPTURE))
		send_call(op, STEP_CAPTURE, on_captured);
	else
		step_captured(op, "the scenario has nothing to capture");
}

/* inject; with a capture, what reads back afterwards is added to the evidence. */

static void on_read_back(struct fault_op *op, const struct http_reply *reply)
{
	struct buf text = {0};

	if (reply->result != HTTP_ANSWERED)
		buf_adds(&text, "it could not be read back");
	else if (is_injected(op, reply))
		buf_adds(&text, "it reads back as it was sent");
	else {
		buf_adds(&text, "it reads back as ");
		text_quote(&text, op->context->secrets, reply->body, reply->body_len, VALUE_SHOWN);
		buf_adds(&text, ", not as it was sent: the revert will take that for a change by "
				"somebody else");
	}
	step_end(op, FAULT_YES, "%s; %s", op->note, buf_text(&text));
	buf_done(&text);
}

static void on_injected(struct fault_op *op, const struct http_reply *reply)
{
	enum fault_outcome outcome = call_outcome(op, STEP_INJECT, reply);
	struct buf text = {0};
	struct error error;

	if (outcome != FAULT_YES || !has(op, STEP_CAPTURE)) {
		end_with(op, outcome, STEP_INJECT, reply, "");
		return;
	}
	call_add_evidence(&text, op, STEP_INJECT, reply);
	op->note = buf_take(&text);
	if (!call_send(op, STEP_CAPTURE, on_read_back, &error))
		step_end(op, FAULT_YES, "%s", op->note);
}

static void begin_inject(struct fault_op *op)
{
	struct error error;

	if (never_injected(op)) {
		(void)error_set(&error, "what was there before has not been captured");
		step_refuse(op, &error);
		return;
	}
	send_call(op, STEP_INJECT, on_injected);
}

/*
 * witness and confirm look again and again until it is as it should be, or the time is over.  A
 * scenario without a witness is witnessed by its confirm, which must not hold while the fault is in
 * place: one that holds all the same could not tell either that the fault is gone.
 */

static enum step looked_at(const struct fault_op *op)
{
	return op->step == STEP_WITNESS && has(op, STEP_WITNESS) ? STEP_WITNESS : STEP_CONFIRM;
}

static const char *look_says(const struct fault_op *op, enum fault_outcome outcome)
{
	bool by_confirm = op->step == STEP_WITNESS && looked_at(op) == STEP_CONFIRM;

	if (outcome == FAULT_UNKNOWN)
		return "so nothing can be said";
	if (op->step == STEP_CONFIRM)
		return "not what it was before the drill";
	if (!by_confirm)
		return outcome == FAULT_YES ? "" : "the fault does not show there";
	if (outcome == FAULT_YES)
		return "changed, seen by the confirm call";
	return "confirm holds although the fault was put in: it has no effect, or confirm cannot "
	       "tell; name a witness, and a confirm that reads what was changed";
}

/* As long as it has taken so far, within limits. */
static int64_t until_next_look(int64_t waited)
{
	if (waited < POLL_SOON_MS)
		return POLL_SOON_MS;
	return waited < POLL_SLOW_MS ? waited : POLL_SLOW_MS;
}

/* Ends the step, or looks again where that may still change the outcome. */
static void end_or_look_again(struct fault_op *op, enum fault_outcome outcome, enum step step,
			      const struct http_reply *reply, const char *says)
{
	int64_t poll_ms = recipe_number(op->recipe, "poll_ms", POLL_FOR_MS, POLL_MAX_MS);
	int64_t waited = clock_ms() - op->begun_ms;

	if (outcome != FAULT_YES && waited < poll_ms)
		step_after(op, until_next_look(waited), send_look);
	else
		end_with(op, outcome, step, reply, says);
}

static void on_read_again(struct fault_op *op, const struct http_reply *reply)
{
	if (!call_succeeded(op, STEP_CAPTURE, reply))
		end_or_look_again(op, FAULT_UNKNOWN, STEP_CAPTURE, reply,
				  "confirm holds, but it cannot be told what is there");
	else if (is_injected(op, reply))
		end_or_look_again(op, FAULT_NO, STEP_CAPTURE, reply, STILL_THERE);
	else
		end_with(op, FAULT_YES, STEP_CAPTURE, reply, "and confirm holds");
}

/* A confirm that holds is not believed before what the drill put in was seen to be gone: it may look
 * elsewhere, or for a text that is in both values. */
static void on_confirmed(struct fault_op *op, const struct http_reply *reply)
{
	bool same = call_is_same(op->recipe, STEP_CAPTURE, STEP_CONFIRM);

	if (has(op, STEP_CAPTURE) && !same)
		send_call(op, STEP_CAPTURE, on_read_again);
	else if (has(op, STEP_CAPTURE) && is_injected(op, reply))
		end_or_look_again(op, FAULT_NO, STEP_CONFIRM, reply, STILL_THERE);
	else
		end_with(op, FAULT_YES, STEP_CONFIRM, reply, "");
}

static void on_look(struct fault_op *op, const struct http_reply *reply)
{
	enum step step = looked_at(op);
	enum fault_outcome outcome = call_holds(op, step, reply);

	if (op->step == STEP_CONFIRM && outcome == FAULT_YES) {
		on_confirmed(op, reply);
		return;
	}
	if (op->step != step && outcome != FAULT_UNKNOWN)
		outcome = outcome == FAULT_YES ? FAULT_NO : FAULT_YES;
	end_or_look_again(op, outcome, step, reply, look_says(op, outcome));
}

static void send_look(struct fault_op *op)
{
	send_call(op, looked_at(op), on_look);
}

static void begin_confirm(struct fault_op *op)
{
	if (never_injected(op))
		step_end(op, FAULT_YES, "nothing was captured, so nothing was put in");
	else
		send_look(op);
}

/* revert */

static void on_reverted(struct fault_op *op, const struct http_reply *reply)
{
	end_with(op, call_outcome(op, STEP_REVERT, reply), STEP_REVERT, reply, "");
}

static void end_in_conflict(struct fault_op *op, const struct http_reply *reply)
{
	const struct secrets *secrets = op->context->secrets;
	const char *was = original(op);
	char *put = call_body(op, STEP_INJECT);
	struct buf text = {0};

	text_quote(&text, secrets, reply->body, reply->body_len, VALUE_SHOWN);
	buf_adds(&text, " is there now, the drill put ");
	text_quote(&text, secrets, put, put != NULL ? strlen(put) : 0, VALUE_SHOWN);
	free(put);
	buf_adds(&text, " in place of ");
	text_quote(&text, secrets, was, strlen(was), VALUE_SHOWN);
	step_end(op, FAULT_CONFLICT,
		 "%s: somebody else changed it, so nothing was sent; look at it and set it by hand",
		 buf_text(&text));
	buf_done(&text);
}

static void on_current(struct fault_op *op, const struct http_reply *reply)
{
	if (!call_succeeded(op, STEP_CAPTURE, reply)) {
		end_with(op, FAULT_UNKNOWN, STEP_CAPTURE, reply,
			 "it cannot be told what is there, so nothing was sent");
		return;
	}
	op->seen = is_injected(op, reply);
	op->gone = !op->seen;
	if (call_is_value(reply, original(op)))
		end_with(op, FAULT_YES, STEP_CAPTURE, reply, "already as it was before the drill");
	else if (is_injected(op, reply))
		send_call(op, STEP_REVERT, on_reverted);
	else
		end_in_conflict(op, reply);
}

static void begin_revert(struct fault_op *op)
{
	if (never_injected(op))
		step_end(op, FAULT_YES, "nothing was captured, so nothing was put in");
	else if (has(op, STEP_CAPTURE))
		send_call(op, STEP_CAPTURE, on_current);
	else
		send_call(op, STEP_REVERT, on_reverted);
}

/* A recipe that is damaged is not half carried out. */
static bool is_sound(const cJSON *recipe)
{
	static const enum step needed[] = {STEP_INJECT, STEP_REVERT, STEP_CONFIRM};
	static const enum step optional[] = {STEP_CAPTURE, STEP_WITNESS};

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		if (recipe_text(recipe_object(recipe, step_name(needed[i])), "url") == NULL)
			return false;
	}
	for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
		if (cJSON_HasObjectItem(recipe, step_name(optional[i])) &&
		    recipe_text(recipe_object(recipe, step_name(optional[i])), "url") == NULL)
			return false;
	}
	return !cJSON_HasObjectItem(recipe, "original") || recipe_text(recipe, "original") != NULL;
}

static void begin(struct fault_op *op)
{
	struct error error;

	call_learn_secrets(op);
	if (!is_sound(op->recipe)) {
		(void)error_set(&error, "the recipe is damaged");
		step_refuse(op, &error);
		return;
	}
	switch (op->step) {
	case STEP_CAPTURE:
		begin_capture(op);
		return;
	case STEP_INJECT:
		begin_inject(op);
		return;
	case STEP_WITNESS:
		send_look(op);
		return;
	case STEP_REVERT:
		begin_revert(op);
		return;
	case STEP_CONFIRM:
		begin_confirm(op);
		return;
	case STEP_COUNT:
		break;
	}
}

static struct fault_op *http_capture(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_HTTP, STEP_CAPTURE, recipe, begin, done, arg);
}

static struct fault_op *http_inject(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_HTTP, STEP_INJECT, recipe, begin, done, arg);
}

static struct fault_op *http_witness(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_HTTP, STEP_WITNESS, recipe, begin, done, arg);
}

static struct fault_op *http_revert(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_HTTP, STEP_REVERT, recipe, begin, done, arg);
}

static struct fault_op *http_confirm(const struct fault_context *context, const char *recipe,
				     fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_HTTP, STEP_CONFIRM, recipe, begin, done, arg);
}

const struct fault_driver fault_http = {
    .name = "http",
    .via = VIA_HTTP,
    .effect = EFFECT_MUTATION,
    .plan = fault_http_plan,
    .describe = fault_http_describe,
    .target = fault_http_target,
    .capture = http_capture,
    .inject = http_inject,
    .witness = http_witness,
    .revert = http_revert,
    .confirm = http_confirm,
    .cancel = step_cancel,
};
