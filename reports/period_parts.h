/* How a period is put together: what period.c and period_gaps.c share. */
#ifndef REPORTS_PERIOD_PARTS_H
#define REPORTS_PERIOD_PARTS_H

#include "reports/period.h"

/* A drill of a place that tells something of its gaps. */
struct period_step {
	char *drill, *repeats, *what; /* owned; what: NULL */
	int64_t wall_ms;
	enum verdict verdict;
};

/* A scenario in an environment. */
struct period_place {
	char *scenario, *environment; /* owned */
	struct period_step *steps;    /* owned; the newest first */
	size_t step_count;
	int64_t *latencies_ms; /* owned */
	size_t latency_count;
	int64_t within_ms;
};

/* Adds the gaps of a place, which its drills tell of; the first `open_count` of the period were known to
 * be open before any of its drills was looked at. Once for each place. */
void period_merge_gaps(struct period *period, struct period_place *place, size_t open_count);
/* After the last merge: what turned out to be none goes, the others are put in order. */
void period_order_gaps(struct period *period);
void period_free_gaps(struct period *period);

#endif
