/* The inside of the history: shared by history.c and history_read.c only. */
#ifndef STORE_HISTORY_PARTS_H
#define STORE_HISTORY_PARTS_H

#include "src/store/database.h"
#include "src/store/history.h"

struct history {
	struct database *database; /* owned */
	struct history_limits limits;
};

#endif
