/* Looking back at drills that are over: what `history` and `report` have in common. */
#ifndef PROGRAM_BACK_H
#define PROGRAM_BACK_H

#include "src/base/buf.h"
#include "src/program/app.h"
#include "src/store/history.h"

struct back {
	const struct options *options; /* borrowed */
	struct app *app;               /* owned */
	struct history *history;       /* owned; NULL: no drill is remembered */
	int64_t now_wall_ms;
	int64_t since_ms; /* how far; 0: not limited */
};

/* Reads the configuration and the options, and opens the history if there is one; none is made. False:
 * what is wrong was printed to stderr. back_close in any case. */
MUST_CHECK bool back_open(struct back *ret_back, const struct options *options);
void back_close(struct back *back);

/* Tells the drills that --since, --env, --verdict and so many scenario names ask for, the newest first,
 * at most so many (0: all). False: not all were told, and that was printed to stderr. */
MUST_CHECK bool back_visit(const struct back *back, size_t most, bool reports,
			   history_drill_fn *visit, void *arg);
/* Is it one that --env and the scenario names ask for? */
bool back_wants(const struct back *back, const char *scenario, const char *environment);

/* "of bad-queue in staging that ended as gap in the last 7d"; nothing when all are asked for. */
void back_describe(const struct back *back, struct buf *buf);

#endif
