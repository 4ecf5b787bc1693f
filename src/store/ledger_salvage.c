/* What can still be read of a ledger that cannot be opened. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/store/ledger.h"

#define SALVAGE_MAX 1000 /* faults */

struct salvage {
	ledger_visit_fn *visit;
	void *arg;     /* borrowed, for visit */
	char **drills; /* owned, each one; those that were told */
	size_t count;
};

static bool is_known(const struct salvage *salvage, const char *drill)
{
	for (size_t i = 0; i < salvage->count; i++) {
		if (strcmp(salvage->drills[i], drill) == 0)
			return true;
	}
	return false;
}

static const char *text_of(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	return text != NULL ? (const char *)text : "";
}

/* A word that is unknown here is as good a reason to look as any other. */
static void tell(struct salvage *salvage, sqlite3_stmt *row)
{
	struct ledger_fault fault = {
	    .drill = text_of(row, 0),
	    .scenario = text_of(row, 1),
	    .environment = text_of(row, 2),
	    .target = "",
	    .recipe = "",
	    .note = text_of(row, 5),
	    .intended_wall_ms = sqlite3_column_int64(row, 6),
	    .lease_wall_ms = sqlite3_column_int64(row, 7),
	};

	if (is_known(salvage, fault.drill))
		return;
	if (!via_parse(text_of(row, 3), &fault.via))
		fault.via = VIA_COUNT;
	if (!fault_state_parse(text_of(row, 4), &fault.state))
		fault.state = FAULT_STATE_COUNT;
	salvage->drills = mem_grow(salvage->drills, salvage->count + 1, sizeof *salvage->drills);
	salvage->drills[salvage->count++] = mem_dup(fault.drill);
	(void)salvage->visit(salvage->arg, &fault);
}

/* Up to the first page that cannot be read. */
static void read_rows(struct salvage *salvage, sqlite3 *db, const char *sql)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		return;
	while (salvage->count < SALVAGE_MAX && sqlite3_step(row) == SQLITE_ROW)
		tell(salvage, row);
	(void)sqlite3_finalize(row);
}

size_t ledger_salvage(const char *path, ledger_visit_fn *visit, void *arg)
{
#define ROWS                                                                        \
	"SELECT drill, scenario, environment, via, state, note, intended_wall_ms, " \
	"lease_wall_ms FROM fault NOT INDEXED WHERE state <> 'clean' ORDER BY seq "
	struct salvage salvage = {.visit = visit, .arg = arg};
	size_t count;
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		read_rows(&salvage, db, ROWS "ASC");
		read_rows(&salvage, db, ROWS "DESC"); /* what lies behind a bad page */
	}
	(void)sqlite3_close(db);
	count = salvage.count;
	for (size_t i = 0; i < count; i++)
		free(salvage.drills[i]);
	free(salvage.drills);
	return count;
#undef ROWS
}
