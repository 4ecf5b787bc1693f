/* Several questions to one station at the same time. */
#ifndef PROBES_ROUND_H
#define PROBES_ROUND_H

#include <stddef.h>
#include <stdint.h>

#include "probes/hops/fetch.h"

#define ROUND_MAX 4

struct round; /* some requests in flight */

/* Each answer as it comes, in any order; must neither start nor cancel anything. */
typedef void round_answer_fn(void *arg, size_t question, const struct fetch_answer *answer);

/* All have come, and the round is gone. `ahead_ms`: of the other clock, by the last answer. */
typedef void round_over_fn(void *arg, int64_t at_wall_ms, int64_t ahead_ms);

/* The contract of probes/http.h holds for `over`; questions are borrowed during this call only. */
struct round *round_start(const struct hop_context *context, const struct hop_settings *settings,
			  const struct fetch_ask *asks, size_t count, round_answer_fn *answer,
			  round_over_fn *over, void *arg);
void round_cancel(struct round *round); /* NULL is fine */

#endif
