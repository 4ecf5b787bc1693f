/* What the files of the ledger share. */
#ifndef STORE_LEDGER_PARTS_H
#define STORE_LEDGER_PARTS_H

#include "src/store/database.h"
#include "src/store/ledger.h"

struct ledger {
	struct database *database; /* owned */
	bool visiting;
};

/* A transaction that nobody else can write in, so that what is checked in it still holds. False:
 * there is none, and nothing may be written. Ended by database_end. */
MUST_CHECK bool ledger_begin(struct ledger *ledger, struct error *error);

#endif
