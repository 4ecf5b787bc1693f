/* One step of a fault in flight: what the drivers share.  For the drivers only.
 *
 * A step begins on the loop, one turn after its start, so a driver's code never runs inside start
 * and may end its step anywhere.  Ending frees the step: step_end is the last thing a function does
 * with it. */
#ifndef PROBES_STEP_H
#define PROBES_STEP_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/faults/fault.h"

struct child;
struct event;
struct http_ask;
struct http_reply;
struct http_request;

enum step { STEP_CAPTURE, STEP_INJECT, STEP_WITNESS, STEP_REVERT, STEP_CONFIRM, STEP_COUNT };

const char *step_name(enum step step);

typedef void step_fn(struct fault_op *op);
typedef void step_reply_fn(struct fault_op *op, const struct http_reply *reply);

struct fault_op {
	const struct fault_context *context; /* borrowed */
	enum step step;
	cJSON *recipe;       /* owned; NULL: unreadable, and the step ends before it begins */
	const char *drill;   /* borrowed from the recipe */
	int64_t begun_ms;    /* clock_ms() when it began */
	char *note;          /* owned; evidence kept for the end; NULL: none yet */
	bool gone, seen;     /* for the result */
	struct child *child; /* owned; a command that runs for this step; NULL: none */
	step_fn *leave;      /* called before the step is freed, ended or cancelled; may be NULL */
	/* For step.c only. */
	struct event *timer;          /* owned */
	step_fn *next;                /* what the timer calls */
	struct http_request *request; /* owned; NULL when none is in flight */
	step_reply_fn *reply;
	struct error trouble; /* why the recipe is unreadable */
	fault_done_fn *done;
	void *arg;
};

/* A step that will call begin from the loop. The recipe is copied; one that cannot be read ends the
 * step without begin. */
struct fault_op *step_start(const struct fault_context *context, enum fault_via via, enum step step,
			    const char *recipe, step_fn *begin, fault_done_fn *done, void *arg);
void step_cancel(struct fault_op *op); /* `cancel` of every driver */

/* Calls next after a time, in place of whatever was to be called. */
void step_after(struct fault_op *op, int64_t ms, step_fn *next);
void step_wake(struct fault_op *op); /* calls it at once, from the loop */
/* One request at a time. */
void step_http(struct fault_op *op, const struct http_ask *ask, step_reply_fn *reply);

#define EVIDENCE_LIMIT 500 /* bytes */

/* Ends the step: the text is masked, made printable, cut at EVIDENCE_LIMIT bytes. Frees op. */
void step_end(struct fault_op *op, enum fault_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends a step that could not do its work although nothing was sent: a certain no before and at the
 * injection, unknown when the question was whether something is in place. */
void step_refuse(struct fault_op *op, const struct error *error);
/* Ends a capture with the recipe as it is now. */
void step_captured(struct fault_op *op, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For describe(). */
void step_tell(fault_call_fn *tell, void *arg, enum step step, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
