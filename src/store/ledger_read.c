/* The durable record of faults: what can be read in it. */
#include "src/store/ledger_parts.h"

static bool read_fault(const struct database *database, sqlite3_stmt *row,
		       struct ledger_fault *ret_fault, struct error *error)
{
	*ret_fault = (struct ledger_fault){
	    .drill = database_text(row, 0),
	    .scenario = database_text(row, 1),
	    .environment = database_text(row, 2),
	    .target = database_text(row, 3),
	    .recipe = database_text(row, 6),
	    .note = database_text(row, 7),
	    .intended_wall_ms = sqlite3_column_int64(row, 8),
	    .lease_wall_ms = sqlite3_column_int64(row, 9),
	    .changed_wall_ms = sqlite3_column_int64(row, 10),
	    .injecting_wall_ms = sqlite3_column_int64(row, 11),
	    .inject_ended = sqlite3_column_int64(row, 12) != 0,
	    .ack_reason = (const char *)sqlite3_column_text(row, 13),
	    .ack_by = (const char *)sqlite3_column_text(row, 14),
	    .ack_wall_ms = sqlite3_column_int64(row, 15),
	};
	return (via_parse(database_text(row, 4), &ret_fault->via) &&
		fault_state_parse(database_text(row, 5), &ret_fault->state)) ||
	       database_damaged(database, "a fault of an unknown kind", error);
}

bool ledger_visit_open(struct ledger *ledger, const char *environment, ledger_visit_fn *visit,
		       void *arg, struct error *error)
{
	static const char sql[] =
	    "SELECT drill, scenario, environment, target, via, state, recipe, note, "
	    "intended_wall_ms, lease_wall_ms, changed_wall_ms, injecting_wall_ms, inject_ended, "
	    "ack_reason, ack_by, ack_wall_ms FROM fault "
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

bool ledger_past(struct ledger *ledger, const char *environment, int64_t since_wall_ms,
		 struct ledger_past *ret_past, struct error *error)
{
	static const char sql[] = "SELECT count(CASE WHEN injecting_wall_ms >= ?3 THEN 1 END), "
				  "coalesce(max(changed_wall_ms), -1) FROM fault "
				  "WHERE environment = ?1 AND via <> ?2 AND injecting_wall_ms <> 0";
	const char *const texts[] = {environment, via_name(VIA_NONE)};
	struct database *database = ledger->database;
	sqlite3_stmt *row = database_prepare(database, sql, texts, 2, error);
	bool ok;

	if (row == NULL)
		return false;
	(void)sqlite3_bind_int64(row, 3, since_wall_ms);
	ok = sqlite3_step(row) == SQLITE_ROW || database_fail(database, error);
	if (ok)
		*ret_past = (struct ledger_past){.count = sqlite3_column_int(row, 0),
						 .last_wall_ms = sqlite3_column_int64(row, 1)};
	(void)sqlite3_finalize(row);
	return ok;
}
