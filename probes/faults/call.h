/* One HTTP call of a recipe: written by plan, then sent, judged and told by the steps.  A call is
 * named by the step it belongs to. */
#ifndef PROBES_CALL_H
#define PROBES_CALL_H

#include <stdbool.h>

#include "probes/faults/step.h"
#include "scenarios/scenario.h"
#include "src/base/buf.h"
#include "src/base/error.h"

/* False when the call can never work or would show a secret: no http address, a password in it. */
MUST_CHECK bool call_check(enum step step, const struct http_call *call, struct error *error);
MUST_CHECK bool call_check_url(const char *key, const char *url, struct error *error);
void call_write(cJSON *recipe, enum step step, const struct http_call *call);

/*
 * Sends it, with secrets resolved now and ${original} replaced: as it is in the body, percent-encoded
 * (RFC 3986) in the URL.  False: nothing was sent, the error says why.
 */
MUST_CHECK bool call_send(struct fault_op *op, enum step step, step_reply_fn *reply,
			  struct error *error);

/* Reads the secrets of every call, so that none is shown in a foreign text before it was used. */
void call_learn_secrets(const struct fault_op *op);

/* Do both send the same request? Headers aside. */
bool call_is_same(const cJSON *recipe, enum step a, enum step b);

/* The status is the wanted one, or any 2xx when none is named. */
bool call_succeeded(const struct fault_op *op, enum step step, const struct http_reply *reply);

/* What became of a call that changes something. */
enum fault_outcome call_outcome(const struct fault_op *op, enum step step,
				const struct http_reply *reply);

/* What a call that looks at something shows: FAULT_YES when everything named holds, FAULT_NO when
 * not, FAULT_UNKNOWN when there is no answer. */
enum fault_outcome call_holds(const struct fault_op *op, enum step step,
			      const struct http_reply *reply);

/* Is the answer's body this value? Blanks around it do not count, nor the layout of JSON. */
bool call_is_value(const struct http_reply *reply, const char *value);
char *call_trim(const char *body); /* a copy, owned by the caller */
/* The body that is sent. Owned by the caller; NULL: there is none, or it needs a captured value. */
char *call_body(const struct fault_op *op, enum step step);

/* "PUT http://x/queue answered 200 "orders"", or what went wrong. */
void call_add_evidence(struct buf *to, const struct fault_op *op, enum step step,
		       const struct http_reply *reply);
/* "PUT http://x/queue with the body "orders"", for describe. */
void call_describe(const cJSON *recipe, enum step step, fault_call_fn *tell, void *arg);

/* Of each request of a recipe: its own "timeout_ms", else ten seconds. */
int64_t call_timeout_ms(const cJSON *recipe);
void call_add_escaped(struct buf *to, const char *text); /* percent-encoded path segment */

#endif
