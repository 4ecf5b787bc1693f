/* The durable record of faults: what can be read in it. */
#include "src/base/id.h"
#include "src/store/ledger_parts.h"

struct visitor {
	ledger_visit_fn *visit;           /* may be NULL */
	ledger_unreadable_fn *unreadable; /* may be NULL */
	void *arg;                        /* borrowed, for both */
	struct error first;               /* of the first row that cannot be read; "": all can be */
};

static void read_fault(sqlite3_stmt *row, struct ledger_fault *ret_fault)
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
}

/* What an unknown word holds may be anything: letters, digits and hyphens of it are shown. */
static void add_word(char *text, size_t size, const char *word)
{
	size_t len = 0;

	for (; *word != '\0' && len + 1 < size; word++)
		text[len++] = (*word >= 'a' && *word <= 'z') || (*word >= 'A' && *word <= 'Z') ||
				      (*word >= '0' && *word <= '9') || *word == '-'
				  ? *word
				  : '?';
	text[len] = '\0';
}

static void say_unreadable(sqlite3_stmt *row, struct error *error)
{
	enum fault_via via;
	bool bad_via = !via_parse(database_text(row, 4), &via);
	char drill[ID_LEN + 1], word[32];

	add_word(drill, sizeof drill, database_text(row, 0));
	add_word(word, sizeof word, database_text(row, bad_via ? 4 : 5));
	(void)error_set(error,
			"the ledger's row of %s cannot be read (%s \"%s\"), so its fault may be in "
			"place: use the firedrill that wrote it, or look at the target yourself, "
			"then `firedrill ack %s --reason TEXT`",
			drill, bad_via ? "via" : "state", word, drill);
}

static bool visit_unreadable(struct visitor *visitor, sqlite3_stmt *row,
			     const struct ledger_fault *fault)
{
	struct error why;
	struct ledger_unreadable unreadable = {.fault = fault, .why = why.text};

	say_unreadable(row, &why);
	if (visitor->first.text[0] == '\0' && fault->ack_reason == NULL)
		visitor->first = why;
	return visitor->unreadable == NULL || visitor->unreadable(visitor->arg, &unreadable);
}

static bool visit_row(struct visitor *visitor, sqlite3_stmt *row)
{
	struct ledger_fault fault;

	read_fault(row, &fault);
	if (!via_parse(database_text(row, 4), &fault.via) ||
	    !fault_state_parse(database_text(row, 5), &fault.state)) {
		fault.via = VIA_COUNT;
		fault.state = FAULT_STATE_COUNT;
		return visit_unreadable(visitor, row, &fault);
	}
	return visitor->visit == NULL || visitor->visit(visitor->arg, &fault);
}

#define ROWS                                                                                  \
	"SELECT drill, scenario, environment, target, via, state, recipe, note, "             \
	"intended_wall_ms, lease_wall_ms, changed_wall_ms, injecting_wall_ms, inject_ended, " \
	"ack_reason, ack_by, ack_wall_ms FROM fault WHERE "
#define OPEN_ROWS  ROWS "state <> 'clean' AND (?1 IS NULL OR environment = ?1) ORDER BY seq"
#define DRILL_ROWS ROWS "drill = ?1"

/* Every row that sql gives for the text, as far as the visitor wants. */
static bool visit_rows(struct ledger *ledger, const char *sql, const char *text,
		       struct visitor *visitor, struct error *error)
{
	struct database *database = ledger->database;
	sqlite3_stmt *row = database_prepare(database, sql, &text, 1, error);
	bool ok = true, more = true;
	int rc = SQLITE_ROW;

	if (row == NULL)
		return false;
	ledger->visiting = true;
	while (more && (rc = sqlite3_step(row)) == SQLITE_ROW)
		more = visit_row(visitor, row);
	ledger->visiting = false;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ok = database_fail(database, error);
	(void)sqlite3_finalize(row);
	return ok;
}

bool ledger_visit_open(struct ledger *ledger, const char *environment, ledger_visit_fn *visit,
		       void *arg, struct error *error)
{
	struct visitor visitor = {.visit = visit, .arg = arg};

	if (!visit_rows(ledger, OPEN_ROWS, environment, &visitor, error))
		return false;
	return visitor.first.text[0] == '\0' || error_set(error, "%s", visitor.first.text);
}

bool ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
		      ledger_unreadable_fn *unreadable, void *arg, struct error *error)
{
	struct visitor visitor = {.visit = visit, .unreadable = unreadable, .arg = arg};

	return visit_rows(ledger, OPEN_ROWS, NULL, &visitor, error);
}

bool ledger_visit_drill(struct ledger *ledger, const char *drill, ledger_visit_fn *visit, void *arg,
			struct error *error)
{
	struct visitor visitor = {.visit = visit, .arg = arg};

	if (!visit_rows(ledger, DRILL_ROWS, drill, &visitor, error))
		return false;
	return visitor.first.text[0] == '\0' || error_set(error, "%s", visitor.first.text);
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
