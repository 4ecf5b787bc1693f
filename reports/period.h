/* What became of the drills of a time: how many ended how, gaps with how long they were open, what passed
 * only once more, what is slow, what was missed, and whose proof is the oldest. */
#ifndef REPORTS_PERIOD_H
#define REPORTS_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reports/row.h"
#include "src/base/words.h"

struct past;
struct period_place;

#define PERIOD_SHOWN 5 /* rows of the slowest and of the oldest in the text */

/* All owned by the period. Times on the wall clock in ms. */
struct period_gap {
	char *scenario, *environment;
	char *first_drill, *last_drill;
	int64_t since_wall_ms, until_wall_ms; /* 0: it is open */
	size_t drills;                        /* that found it, as far as is known */
	char *what;                           /* in one sentence, of the last one; NULL: not kept */
};
struct period_flaky {
	char *scenario, *environment, *drill; /* the last one */
	size_t count;
};
struct period_speed {
	char *scenario, *environment;
	size_t count; /* alerts that came, in time or not */
	int64_t p50_ms, p99_ms, most_ms;
	int64_t within_ms; /* the last deadline; -1: not known */
};
struct period_missed {
	char *scenario, *environment, *why;
	int64_t first_wall_ms, last_wall_ms, count;
};
struct period_proof {
	char *scenario, *environment;
	char *drill;     /* NULL: it never passed */
	int64_t wall_ms; /* 0: never */
};

struct period {
	int64_t since_wall_ms, until_wall_ms;
	size_t drills, counts[VERDICT_COUNT], faults_left;
	size_t scenario_count, environment_count;
	struct period_gap *gaps; /* the open ones first, the longest first */
	size_t gap_count;
	struct period_flaky *flaky;
	size_t flaky_count;
	struct period_speed *speeds; /* the slowest first */
	size_t speed_count;
	struct period_missed *missed; /* as they were added */
	size_t missed_count;
	struct period_proof *proofs; /* the oldest first */
	size_t proof_count;
	void *places;                /* of those who fill it in */
	struct period_place **order; /* likewise */
	size_t place_count;
};

void period_done(struct period *period);

/* Its drills, the newest first; then what else is known; then period_finish. Texts are copied. */
void period_add(struct period *period, const struct past *past);
void period_add_open(struct period *period, const struct period_gap *gap); /* known to be open */
void period_add_missed(struct period *period, const struct period_missed *missed);
void period_add_proof(struct period *period, const struct period_proof *proof);
void period_finish(struct period *period);

void period_write(struct buf *buf, const struct view *view, const struct period *period);
/* One line without a newline. Owned by the caller. */
char *period_json(const struct period *period);

#endif
