/* The durable record of faults that are, or may be, in place: one table. */
#include "src/store/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/store/database.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define NAME_LIMIT   256        /* bytes */
#define RECIPE_LIMIT (1U << 20) /* bytes */

struct ledger {
	struct database *database; /* owned */
	bool visiting;
};

/* A note is cut at 4096 characters where it is written. */
static const struct database_kind kind = {
    .name = "ledger",
    .application_id = 0x46645266, /* "FdRf" */
    .version = 1,
    .when_lost = "look at every environment for faults that are still in place",
    .schema = "CREATE TABLE fault ("
	      " seq INTEGER PRIMARY KEY,"
	      " drill TEXT NOT NULL UNIQUE,"
	      " scenario TEXT NOT NULL,"
	      " environment TEXT NOT NULL,"
	      " via TEXT NOT NULL,"
	      " state TEXT NOT NULL,"
	      " recipe TEXT NOT NULL,"
	      " note TEXT NOT NULL,"
	      " intended_wall_ms INTEGER NOT NULL,"
	      " lease_wall_ms INTEGER NOT NULL"
	      ") STRICT;"
	      "CREATE INDEX fault_open ON fault (seq) WHERE state <> 'clean'",
};

/* From the state of the line to those of the columns.  Reverting is the safe direction and always
 * allowed while a fault may be in place; clean needs a confirmation, or that nothing was touched. */
static const bool may_follow[FAULT_STATE_COUNT][FAULT_STATE_COUNT] = {
    [FAULT_INTENT] = {[FAULT_INJECTING] = true,
		      [FAULT_REVERTING] = true,
		      [FAULT_CLEAN] = true,
		      [FAULT_STUCK] = true},
    [FAULT_INJECTING] = {[FAULT_INJECTED] = true, [FAULT_REVERTING] = true, [FAULT_STUCK] = true},
    [FAULT_INJECTED] = {[FAULT_REVERTING] = true, [FAULT_STUCK] = true},
    [FAULT_REVERTING] =
	{[FAULT_REVERTING] = true, [FAULT_UNCONFIRMED] = true, [FAULT_STUCK] = true},
    [FAULT_UNCONFIRMED] = {[FAULT_REVERTING] = true, [FAULT_CLEAN] = true, [FAULT_STUCK] = true},
    [FAULT_STUCK] = {[FAULT_REVERTING] = true, [FAULT_STUCK] = true},
};

struct ledger *ledger_open(const char *path, struct error *error)
{
	struct ledger *ledger = mem_zalloc(sizeof *ledger);

	ledger->database = database_open(path, &kind, error);
	if (ledger->database != NULL)
		return ledger;
	ledger_close(ledger);
	return NULL;
}

void ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	database_close(ledger->database);
	free(ledger);
}

/* Writing. */

static bool may_write(const struct ledger *ledger, struct error *error)
{
	if (ledger->visiting)
		return error_set(error, "the ledger was to be written while it was read");
	return database_is_in_place(ledger->database, error);
}

static bool check_fault(const struct ledger_fault *fault, struct error *error)
{
	const char *const names[] = {fault->drill, fault->scenario, fault->environment};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i] == NULL || names[i][0] == '\0' ||
		    strnlen(names[i], NAME_LIMIT + 1) > NAME_LIMIT)
			return error_set(
			    error,
			    "a fault needs a drill, a scenario and an environment of 1 "
			    "to %d bytes: shorten the name",
			    NAME_LIMIT);
	}
	if (fault->recipe == NULL || strnlen(fault->recipe, RECIPE_LIMIT + 1) > RECIPE_LIMIT)
		return error_set(error,
				 "the recipe of the fault is missing or over %u bytes: make its "
				 "requests smaller",
				 RECIPE_LIMIT);
	return true;
}

bool ledger_intend(struct ledger *ledger, const struct ledger_fault *fault, struct error *error)
{
	static const char sql[] = "INSERT INTO fault (drill, scenario, environment, via, state, "
				  "recipe, note, intended_wall_ms, lease_wall_ms) "
				  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	const char *const texts[] = {fault->drill,
				     fault->scenario,
				     fault->environment,
				     via_name(fault->via),
				     fault_state_name(FAULT_INTENT),
				     fault->recipe,
				     fault->note != NULL ? fault->note : ""};
	sqlite3_stmt *statement;

	if (!check_fault(fault, error) || !may_write(ledger, error))
		return false;
	statement = database_prepare(ledger->database, sql, texts, LENGTH(texts), error);
	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 1, fault->intended_wall_ms);
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 2, fault->lease_wall_ms);
	return database_finish(ledger->database, statement, error);
}

/* FAULT_ABSENT when the drill has no fault here. */
static bool find_state(struct database *database, const char *drill, enum fault_state *ret_state,
		       struct error *error)
{
	static const char sql[] = "SELECT state FROM fault WHERE drill = ?1";
	sqlite3_stmt *row = database_prepare(database, sql, &drill, 1, error);
	bool ok = true;
	int rc;

	if (row == NULL)
		return false;
	rc = sqlite3_step(row);
	*ret_state = FAULT_ABSENT;
	if (rc == SQLITE_ROW && !fault_state_parse(database_text(row, 0), ret_state))
		ok = database_damaged(database, "a fault in an unknown state", error);
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ok = database_fail(database, error);
	(void)sqlite3_finalize(row);
	return ok;
}

/* Inside a transaction that nobody else can write in, so that what was checked still holds. */
static bool move_on(struct database *database, const char *drill, enum fault_state state,
		    const char *note, struct error *error)
{
	static const char sql[] = "UPDATE fault SET state = ?2, "
				  "note = coalesce(substr(?3, 1, 4096), note) WHERE drill = ?1";
	const char *const texts[] = {drill, fault_state_name(state), note};
	enum fault_state before;

	if (!find_state(database, drill, &before, error))
		return false;
	if (!may_follow[before][state])
		return error_set(error,
				 "the fault of %.64s is %s and cannot become %s: somebody else "
				 "may have put it right; look with `firedrill status`",
				 drill, fault_state_name(before), fault_state_name(state));
	return database_finish(database,
			       database_prepare(database, sql, texts, LENGTH(texts), error), error);
}

bool ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
		    const char *note, struct error *error)
{
	struct database *database = ledger->database;

	if (!may_write(ledger, error) || !database_run(database, "BEGIN IMMEDIATE", error))
		return false;
	if (move_on(database, drill, state, note, error) && database_run(database, "COMMIT", error))
		return true;
	(void)sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
		     struct error *error)
{
	static const char sql[] = "UPDATE fault SET recipe = ?2 WHERE drill = ?1 AND state = ?3";
	const char *const texts[] = {drill, recipe, fault_state_name(FAULT_INTENT)};
	struct database *database = ledger->database;

	if (strnlen(recipe, RECIPE_LIMIT + 1) > RECIPE_LIMIT)
		return error_set(error,
				 "what was captured before the fault is over %u bytes: capture "
				 "something smaller",
				 RECIPE_LIMIT);
	if (!may_write(ledger, error) ||
	    !database_finish(database, database_prepare(database, sql, texts, LENGTH(texts), error),
			     error))
		return false;
	return sqlite3_changes(database->db) == 1 ||
	       error_set(error,
			 "the fault of %.64s is not new any more: look with `firedrill status`",
			 drill);
}

/* Reading. */

static bool read_fault(const struct database *database, sqlite3_stmt *row,
		       struct ledger_fault *ret_fault, struct error *error)
{
	*ret_fault = (struct ledger_fault){
	    .drill = database_text(row, 0),
	    .scenario = database_text(row, 1),
	    .environment = database_text(row, 2),
	    .recipe = database_text(row, 5),
	    .note = database_text(row, 6),
	    .intended_wall_ms = sqlite3_column_int64(row, 7),
	    .lease_wall_ms = sqlite3_column_int64(row, 8),
	};
	return (via_parse(database_text(row, 3), &ret_fault->via) &&
		fault_state_parse(database_text(row, 4), &ret_fault->state)) ||
	       database_damaged(database, "a fault of an unknown kind", error);
}

bool ledger_visit_open(struct ledger *ledger, const char *environment, ledger_visit_fn *visit,
		       void *arg, struct error *error)
{
	static const char sql[] =
	    "SELECT drill, scenario, environment, via, state, recipe, note, intended_wall_ms, "
	    "lease_wall_ms FROM fault "
	    "WHERE state <> 'clean' AND (?1 IS NULL OR environment = ?1) ORDER BY seq";
	struct database *database = ledger->database;
	sqlite3_stmt *row = database_prepare(database, sql, &environment, 1, error);
	struct ledger_fault fault;
	bool ok = true, more = true;
	int rc = SQLITE_ROW;

	if (row == NULL)
		return false;
	ledger->visiting = true;
	while (ok && more && (rc = sqlite3_step(row)) == SQLITE_ROW) {
		ok = read_fault(database, row, &fault, error);
		more = ok && visit(arg, &fault);
	}
	ledger->visiting = false;
	if (ok && rc != SQLITE_ROW && rc != SQLITE_DONE)
		ok = database_fail(database, error);
	(void)sqlite3_finalize(row);
	return ok;
}
