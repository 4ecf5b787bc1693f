/* The durable record of faults that are, or may be, in place: how it is kept, and every write. */
#include "src/store/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/ledger_parts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define NAME_LIMIT   256        /* bytes */
#define TARGET_LIMIT 1024       /* bytes */
#define RECIPE_LIMIT (1U << 20) /* bytes */

#define KEEP_MS   (INT64_C(31) * 24 * 60 * 60 * 1000) /* how long a clean fault is remembered */
#define KEEP_LAST 1000 /* and so many of the newest anyway: a clock may be wrong by years */

/* Steps that were released are never changed.  A note is cut at 4096 characters where it is
 * written.  Of the faults of version 1 nobody knows when their inject was tried (soon after the
 * intent) and whether its end was seen. */
static const char *const steps[] = {
    "CREATE TABLE fault ("
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

    "ALTER TABLE fault ADD COLUMN target TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE fault ADD COLUMN changed_wall_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE fault ADD COLUMN injecting_wall_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE fault ADD COLUMN inject_ended INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE fault ADD COLUMN ack_reason TEXT;"
    "ALTER TABLE fault ADD COLUMN ack_by TEXT;"
    "ALTER TABLE fault ADD COLUMN ack_wall_ms INTEGER NOT NULL DEFAULT 0;"
    "UPDATE fault SET changed_wall_ms = intended_wall_ms,"
    " injecting_wall_ms = CASE state WHEN 'intent' THEN 0 ELSE max(intended_wall_ms, 1) END;"
    "CREATE TABLE halt ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " reason TEXT NOT NULL,"
    " by TEXT NOT NULL,"
    " since_wall_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE message ("
    " drill TEXT NOT NULL,"
    " chat TEXT NOT NULL,"
    " channel TEXT NOT NULL,"
    " scenario TEXT NOT NULL,"
    " environment TEXT NOT NULL,"
    " channel_id TEXT NOT NULL,"
    " ts TEXT NOT NULL,"
    " posted_wall_ms INTEGER NOT NULL,"
    " PRIMARY KEY (drill, chat, channel)"
    ") STRICT, WITHOUT ROWID",
};

static const struct database_kind kind = {
    .name = "ledger",
    .application_id = 0x46645266, /* "FdRf" */
    .version = LENGTH(steps),
    .steps = steps,
    .when_lost = "look at every environment for faults that are still in place",
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

/* Opening. */

/* What is left to be forgotten is found without writing: most of the time it is nothing, and a disk
 * that is full must not keep anybody from reading what is in place. */
#define OLD                                 \
	" FROM fault WHERE state = 'clean'" \
	" AND changed_wall_ms < ?1"         \
	" AND seq <= (SELECT max(seq) FROM fault) - ?2"
#define OLD_MESSAGES " FROM message WHERE posted_wall_ms < ?1"

static bool run_on_old(struct ledger *ledger, const char *sql, bool *ret_found, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(ledger->database, sql, NULL, 0, error);
	int rc;

	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, 1, clock_wall_ms() - KEEP_MS);
	(void)sqlite3_bind_int64(statement, 2, KEEP_LAST); /* if it asks for it */
	rc = sqlite3_step(statement);
	*ret_found = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		(void)database_fail(ledger->database, error);
	(void)sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/* Not forgetting harms nobody, so that no failure of it matters. */
static void forget_the_old(struct ledger *ledger)
{
	bool found;

	if (run_on_old(ledger, "SELECT 1" OLD " LIMIT 1", &found, NULL) && found)
		(void)run_on_old(ledger, "DELETE" OLD, &found, NULL);
	if (run_on_old(ledger, "SELECT 1" OLD_MESSAGES " LIMIT 1", &found, NULL) && found)
		(void)run_on_old(ledger, "DELETE" OLD_MESSAGES, &found, NULL);
}

struct ledger *ledger_open(const char *path, struct error *error)
{
	struct ledger *ledger = mem_zalloc(sizeof *ledger);

	ledger->database = database_open(path, &kind, error);
	if (ledger->database == NULL) {
		ledger_close(ledger);
		return NULL;
	}
	forget_the_old(ledger);
	return ledger;
}

void ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	database_close(ledger->database);
	free(ledger);
}

void ledger_hurry(struct ledger *ledger)
{
	database_hurry(ledger->database);
}

bool ledger_is_busy(const struct ledger *ledger)
{
	return ledger->database->is_busy;
}

/* A new fault. */

static bool check_names(const struct ledger_fault *fault, struct error *error)
{
	const char *const names[] = {fault->drill, fault->scenario, fault->environment};

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (names[i] == NULL || names[i][0] == '\0' ||
		    strnlen(names[i], NAME_LIMIT + 1) > NAME_LIMIT)
			return error_set(
			    error,
			    "a fault needs a drill, a scenario and an environment of 1 "
			    "to %d bytes: shorten the name",
			    NAME_LIMIT);
	}
	return true;
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static bool check_fault(const struct ledger_fault *fault, struct error *error)
{
	if (!check_names(fault, error))
		return false;
	if (strnlen(or_empty(fault->target), TARGET_LIMIT + 1) > TARGET_LIMIT)
		return error_set(error,
				 "the target of the fault is over %d bytes: shorten its name",
				 TARGET_LIMIT);
	if (fault->recipe == NULL || strnlen(fault->recipe, RECIPE_LIMIT + 1) > RECIPE_LIMIT)
		return error_set(error,
				 "the recipe of the fault is missing or over %u bytes: make its "
				 "requests smaller",
				 RECIPE_LIMIT);
	return true;
}

static bool add_fault(struct database *database, const struct ledger_fault *fault,
		      struct error *error)
{
	static const char sql[] =
	    "INSERT INTO fault (drill, scenario, environment, target, via, state, recipe, "
	    "note, intended_wall_ms, lease_wall_ms, changed_wall_ms) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	const char *const texts[] = {fault->drill,         fault->scenario,
				     fault->environment,   or_empty(fault->target),
				     via_name(fault->via), fault_state_name(FAULT_INTENT),
				     fault->recipe,        or_empty(fault->note)};
	sqlite3_stmt *statement = database_prepare(database, sql, texts, LENGTH(texts), error);

	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 1, fault->intended_wall_ms);
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 2, fault->lease_wall_ms);
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 3, clock_wall_ms());
	return database_finish(database, statement, error);
}

bool ledger_begin(struct ledger *ledger, struct error *error)
{
	if (ledger->visiting)
		return error_set(error, "the ledger was to be written while it was read");
	ledger->database->is_busy = false;
	return database_is_in_place(ledger->database, error) &&
	       database_begin(ledger->database, error);
}

bool ledger_intend(struct ledger *ledger, const struct ledger_fault *fault, struct error *error)
{
	ledger->database->is_busy = false; /* what is refused before it is tried is not */
	return check_fault(fault, error) && ledger_begin(ledger, error) &&
	       database_end(ledger->database, add_fault(ledger->database, fault, error), error);
}

static bool set_recipe(struct ledger *ledger, const char *drill, const char *recipe,
		       struct error *error)
{
	static const char sql[] = "UPDATE fault SET recipe = ?2 WHERE drill = ?1";
	const char *const texts[] = {drill, recipe};
	enum fault_state state;

	if (!ledger_find_state(ledger, drill, &state, error))
		return false;
	if (state != FAULT_INTENT)
		return error_set(
		    error, "the fault of %.64s is not new any more: look with `firedrill status`",
		    drill);
	return database_finish(ledger->database,
			       database_prepare(ledger->database, sql, texts, LENGTH(texts), error),
			       error);
}

bool ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
		     struct error *error)
{
	ledger->database->is_busy = false;
	if (strnlen(recipe, RECIPE_LIMIT + 1) > RECIPE_LIMIT)
		return error_set(error,
				 "what was captured before the fault is over %u bytes: capture "
				 "something smaller",
				 RECIPE_LIMIT);
	return ledger_begin(ledger, error) &&
	       database_end(ledger->database, set_recipe(ledger, drill, recipe, error), error);
}

/* Moving on. */

bool ledger_find_state(struct ledger *ledger, const char *drill, enum fault_state *ret_state,
		       struct error *error)
{
	static const char sql[] = "SELECT state FROM fault WHERE drill = ?1";
	struct database *database = ledger->database;
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

static bool move_on(struct ledger *ledger, const char *drill, enum fault_state state,
		    const char *note, struct error *error)
{
	static const char sql[] =
	    "UPDATE fault SET state = ?2, note = coalesce(substr(?3, 1, 4096), note),"
	    " changed_wall_ms = ?4,"
	    " injecting_wall_ms = CASE ?2 WHEN 'injecting' THEN max(?4, 1) ELSE injecting_wall_ms END,"
	    " inject_ended = CASE ?2 WHEN 'injected' THEN 1 ELSE inject_ended END,"
	    " ack_reason = NULL, ack_by = NULL, ack_wall_ms = 0 WHERE drill = ?1";
	const char *const texts[] = {drill, fault_state_name(state), note};
	enum fault_state before;
	sqlite3_stmt *statement;

	if (!ledger_find_state(ledger, drill, &before, error))
		return false;
	if (!may_follow[before][state])
		return error_set(error,
				 "the fault of %.64s is %s and cannot become %s: somebody else "
				 "may have put it right; look with `firedrill status`",
				 drill, fault_state_name(before), fault_state_name(state));
	statement = database_prepare(ledger->database, sql, texts, LENGTH(texts), error);
	if (statement == NULL)
		return false;
	(void)sqlite3_bind_int64(statement, LENGTH(texts) + 1, clock_wall_ms());
	return database_finish(ledger->database, statement, error);
}

bool ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
		    const char *note, struct error *error)
{
	return ledger_begin(ledger, error) &&
	       database_end(ledger->database, move_on(ledger, drill, state, note, error), error);
}
