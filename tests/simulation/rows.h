/* The open faults of a ledger, as the promises need them. */
#ifndef TESTS_SIMULATION_ROWS_H
#define TESTS_SIMULATION_ROWS_H

#include <stdbool.h>

#include "src/base/id.h"
#include "src/base/words.h"
#include "tests/simulation/sim.h"

struct ledger;

struct row {
	char drill[ID_LEN + 1];
	char environment[24], target[24];
	enum fault_state state;
	bool acked;
};

struct rows {
	struct row list[SIM_DRILLS];
	int count;
	bool readable;
};

void rows_read(struct ledger *ledger, struct rows *ret_rows);
const struct row *rows_find(const struct rows *rows, const char *drill); /* NULL: clean, or never */

/* After a crash: the ledger as the next life will find it, read from a copy. */
void rows_read_copy(struct sim *sim, struct rows *ret_rows);

/* Promise 1: whatever is or may come into place has a row. Promise 5: the files have no secret. */
void rows_check(struct sim *sim, const struct rows *rows);
void rows_check_files(struct sim *sim);

#endif
