/* Looking at a condition of `stop_when` once. */
#ifndef PROBES_CONDITION_H
#define PROBES_CONDITION_H

#include "scenarios/scenario.h"

struct http;
struct secrets;
struct condition_op; /* one look in flight */

enum condition_answer {
	CONDITION_CALM, /* not met: the drill may go on */
	CONDITION_MET,  /* the drill must end */
	CONDITION_UNASKED /* nobody answered: counts like met, for what cannot be watched is not safe */
};

/* Borrowed, valid inside the callback only. */
struct condition_result {
	enum condition_answer answer;
	const char *text; /* one sentence of evidence, secrets masked; never NULL */
};
typedef void condition_done_fn(void *arg, const struct condition_result *result);

/* What looking needs; borrowed, outlives every look. */
struct condition_context {
	struct http *http;
	struct secrets *secrets;
};

/* The contract of probes/http.h: done exactly once, from the loop, never from inside ask; after
 * cancel, never. */
struct condition_driver {
	struct condition_op *(*ask)(const struct condition_context *context,
				    const struct stop_condition *condition, condition_done_fn *done,
				    void *arg);
	void (*cancel)(struct condition_op *op); /* NULL is fine */
};

/* An HTTP check fails on another status, a missing text, or no answer. A query is sent to
 * /api/v1/query: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
extern const struct condition_driver condition_http;

#endif
