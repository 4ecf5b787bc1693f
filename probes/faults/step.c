/* One step of a fault in flight: what the drivers share. */
#include "probes/faults/step.h"

#include <assert.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/child.h"
#include "probes/faults/recipe.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

static const char *const names[] = {
    [STEP_CAPTURE] = "capture", [STEP_INJECT] = "inject",   [STEP_WITNESS] = "witness",
    [STEP_REVERT] = "revert",   [STEP_CONFIRM] = "confirm",
};

static_assert(sizeof names / sizeof names[0] == STEP_COUNT, "a step has no name");

const char *step_name(enum step step)
{
	return names[step];
}

static void step_free(struct fault_op *op)
{
	if (op->leave != NULL)
		op->leave(op);
	http_cancel(op->request);
	child_cancel(op->child);
	event_free(op->timer);
	cJSON_Delete(op->recipe);
	free(op->note);
	free(op);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fault_op *op = arg;

	(void)fd;
	(void)what;
	op->next(op);
}

static void on_reply(void *arg, const struct http_reply *reply)
{
	struct fault_op *op = arg;

	op->request = NULL;
	op->reply(op, reply);
}

static void begin_unreadable(struct fault_op *op)
{
	step_refuse(op, &op->trouble);
}

struct fault_op *step_start(const struct fault_context *context, enum fault_via via, enum step step,
			    const char *recipe, step_fn *begin, fault_done_fn *done, void *arg)
{
	struct fault_op *op = mem_zalloc(sizeof *op);

	op->context = context;
	op->step = step;
	op->done = done;
	op->arg = arg;
	op->begun_ms = clock_ms();
	op->recipe = recipe_read(recipe, via, &op->trouble);
	op->drill = recipe_text(op->recipe, "drill");
	op->timer = evtimer_new(context->base, on_timer, op);
	if (op->timer == NULL)
		abort();
	step_after(op, 0, op->recipe != NULL ? begin : begin_unreadable);
	return op;
}

void step_cancel(struct fault_op *op)
{
	if (op != NULL)
		step_free(op);
}

void step_after(struct fault_op *op, int64_t ms, step_fn *next)
{
	const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	op->next = next;
	if (event_add(op->timer, &delay) != 0)
		abort();
}

void step_wake(struct fault_op *op)
{
	step_after(op, 0, op->next);
}

void step_http(struct fault_op *op, const struct http_ask *ask, step_reply_fn *reply)
{
	assert(op->request == NULL);
	op->reply = reply;
	op->request = http_start(op->context->http, ask, on_reply, op);
}

/* The step is gone before its owner is told, so that the owner may free everything from there. The
 * text is taken; it is whole already, because it may quote the recipe. */
static void finish(struct fault_op *op, enum fault_outcome outcome, char *text, bool completed)
{
	char *recipe = completed ? recipe_take(op->recipe) : NULL;
	fault_done_fn *done = op->done;
	void *arg = op->arg;
	bool gone = op->gone, seen = op->seen;
	size_t len;

	secret_mask(op->context->secrets, text);
	len = strlen(text);
	text_clean(text, len);
	text[text_cut(text, len, EVIDENCE_LIMIT)] = '\0';
	if (completed)
		op->recipe = NULL; /* taken */
	step_free(op);
	done(arg,
	     &(struct fault_result){
		 .outcome = outcome, .text = text, .recipe = recipe, .gone = gone, .seen = seen});
	free(text);
	free(recipe);
}

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	return text;
}

void step_end(struct fault_op *op, enum fault_outcome outcome, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	finish(op, outcome, text, false);
}

void step_captured(struct fault_op *op, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	finish(op, FAULT_YES, text, true);
}

void step_refuse(struct fault_op *op, const struct error *error)
{
	bool certain = op->step == STEP_CAPTURE || op->step == STEP_INJECT;

	step_end(op, certain ? FAULT_NO : FAULT_UNKNOWN, "%s; nothing was touched", error->text);
}

void step_tell(fault_call_fn *tell, void *arg, enum step step, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	tell(arg, &(struct fault_call){.step = step_name(step), .text = text});
	free(text);
}
