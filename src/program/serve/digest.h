/* What came of the last days, out of the history: for the digest. */
#ifndef PROGRAM_DIGEST_H
#define PROGRAM_DIGEST_H

#include "reports/digest_text.h"
#include "scenarios/config.h"
#include "scenarios/load.h"

struct digest_due;
struct history;

/* All borrowed during the call only. */
struct digest_ask {
	struct history *history; /* NULL: there is none, and the digest says so */
	const struct config *config;
	const struct scenario_list *scenarios;
	const struct digest_due *due;
	int64_t now_wall_ms;
};

/* Fills an empty digest, to be freed by digest_done. What cannot be read is its `problem`. */
void digest_fill(struct digest *ret_digest, const struct digest_ask *ask);

#endif
