/* What people write into the ledger: a fault set aside, and the lever that stops everything. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/ledger_parts.h"

#define TEXT_LIMIT 1000 /* bytes of a reason, and of who gave it */

static bool check_reason(const char *what, const char *reason, const char *by, struct error *error)
{
	const char *const texts[] = {reason, by};

	for (size_t i = 0; i < 2; i++) {
		if (texts[i] == NULL || texts[i][0] == '\0' ||
		    strnlen(texts[i], TEXT_LIMIT + 1) > TEXT_LIMIT)
			return error_set(error,
					 "%s needs a reason and a name of 1 to %d bytes: give one "
					 "that others will understand",
					 what, TEXT_LIMIT);
	}
	return true;
}

/* Setting aside. */

struct search {
	const char *drill;
	bool found;
};

static bool on_unreadable(void *arg, const struct ledger_unreadable *unreadable)
{
	struct search *search = arg;

	search->found = strcmp(unreadable->fault->drill, search->drill) == 0;
	return !search->found;
}

static bool check_stuck(struct ledger *ledger, const char *drill, struct error *error)
{
	struct search search = {drill, false};
	enum fault_state state;

	if (!ledger_visit_all(ledger, NULL, on_unreadable, &search, error))
		return false;
	if (search.found)
		return true;
	if (!ledger_find_state(ledger, drill, &state, error))
		return false;
	switch (state) {
	case FAULT_STUCK:
		return true;
	case FAULT_ABSENT:
		return error_set(error, "there is no fault of %.64s: look with `firedrill status`",
				 drill);
	case FAULT_CLEAN:
		return error_set(
		    error, "the fault of %.64s was put right: nothing is to be set aside", drill);
	case FAULT_INTENT:
	case FAULT_INJECTING:
	case FAULT_INJECTED:
	case FAULT_REVERTING:
	case FAULT_UNCONFIRMED:
	case FAULT_STATE_COUNT:
		break;
	}
	return error_set(error,
			 "the fault of %.64s is %s, and only one that is stuck can be set aside: "
			 "put it right with `firedrill revert %.64s`",
			 drill, fault_state_name(state), drill);
}

static bool set_aside(struct ledger *ledger, const char *drill, const char *reason, const char *by,
		      struct error *error)
{
	static const char sql[] = "UPDATE fault SET ack_reason = ?2, ack_by = ?3, ack_wall_ms = ?4 "
				  "WHERE drill = ?1";
	const char *const texts[] = {drill, reason, by};
	sqlite3_stmt *statement;

	if (!check_stuck(ledger, drill, error))
		return false;
	statement = database_prepare(ledger->database, sql, texts, 3, error);
	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, 4, clock_wall_ms());
	return database_finish(ledger->database, statement, error);
}

bool ledger_ack(struct ledger *ledger, const char *drill, const char *reason, const char *by,
		struct error *error)
{
	return check_reason("an acknowledgement", reason, by, error) &&
	       ledger_begin(ledger, error) &&
	       database_end(ledger->database, set_aside(ledger, drill, reason, by, error), error);
}

/* The lever. */

static bool pull_lever(struct database *database, const char *reason, const char *by,
		       struct error *error)
{
	static const char sql[] = "INSERT INTO halt (id, reason, by, since_wall_ms) "
				  "VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) "
				  "DO UPDATE SET reason = excluded.reason, by = excluded.by";
	const char *const texts[] = {reason, by};
	sqlite3_stmt *statement = database_prepare(database, sql, texts, 2, error);

	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, 3, clock_wall_ms());
	return database_finish(database, statement, error);
}

bool ledger_set_halt(struct ledger *ledger, const char *reason, const char *by, struct error *error)
{
	return check_reason("a halt", reason, by, error) && ledger_begin(ledger, error) &&
	       database_end(ledger->database, pull_lever(ledger->database, reason, by, error),
			    error);
}

bool ledger_lift_halt(struct ledger *ledger, struct error *error)
{
	return ledger_begin(ledger, error) &&
	       database_end(ledger->database,
			    database_run(ledger->database, "DELETE FROM halt", error), error);
}

/* One that others wrote into another file of that name would not be seen. */
bool ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error)
{
	struct database *database = ledger->database;
	sqlite3_stmt *row;
	int rc;

	if (!database_is_in_place(database, error))
		return false;
	row = database_prepare(database, "SELECT reason, by, since_wall_ms FROM halt", NULL, 0,
			       error);
	if (row == NULL)
		return false;
	rc = sqlite3_step(row);
	if (rc == SQLITE_ROW)
		*ret_halt = (struct ledger_halt){
		    .halted = true,
		    .reason = mem_dup(database_text(row, 0)),
		    .by = mem_dup(database_text(row, 1)),
		    .since_wall_ms = sqlite3_column_int64(row, 2),
		};
	else if (rc == SQLITE_DONE)
		*ret_halt = (struct ledger_halt){.halted = false};
	else
		(void)database_fail(database, error);
	(void)sqlite3_finalize(row);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

void ledger_halt_done(struct ledger_halt *halt)
{
	free(halt->reason);
	free(halt->by);
	*halt = (struct ledger_halt){.halted = false};
}
