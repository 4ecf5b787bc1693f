/* The inside of the judge: shared by its rules for alerts (judge.c), for their ends
 * (judge_resolved.c) and for the drill (judge_drill.c). */
#ifndef ENGINE_JUDGE_PARTS_H
#define ENGINE_JUDGE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/engine/judge.h"

/* "arrived 5.0 s after the deadline". Owned by the caller. */
char *judge_lateness(const char *what, int64_t late_ms);

/* For an alert that arrived and is to be resolved: when, how, and what was odd about it. */
void judge_resolved(const struct evidence *evidence, const struct expectation_evidence *expect,
		    struct expectation_finding *finding);
/* For one that did not: its end may have been told all the same; false when it was not. */
bool judge_resolved_alone(const struct evidence *evidence,
			  const struct expectation_evidence *expect,
			  struct expectation_finding *finding);

/* Verdict, reason, text and exit code, by the findings. */
void judge_drill(const struct evidence *evidence, struct judgement *judgement);

#endif
