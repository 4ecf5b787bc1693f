/* What became of every drill: looking back at drills. */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/store/history_parts.h"

#define BEGINNING_MAX 64 /* bytes of a drill's id that is looked for */
#define DRILL_COLUMNS                                                                     \
	"seq, drill, scenario, environment, kind, via, origin, repeats, verdict, reason," \
	" exit_code, started_wall_ms, ended_wall_ms"

static bool step_rows(struct database *database, sqlite3_stmt *statement, history_row_fn *tell,
		      void *arg, struct error *error)
{
	int rc;

	while ((rc = sqlite3_step(statement)) == SQLITE_ROW && tell(arg, statement))
		continue;
	return rc == SQLITE_ROW || rc == SQLITE_DONE || database_fail(database, error);
}

bool history_rows(struct database *database, sqlite3_stmt *statement, history_row_fn *tell,
		  void *arg, struct error *error)
{
	bool good = statement != NULL && step_rows(database, statement, tell, arg, error);

	(void)sqlite3_finalize(statement);
	return good;
}

/* A drill with what belongs to it. */

/* Of many drills, each statement is prepared once. */
enum part { PART_EXPECTATIONS, PART_REPORT, PART_PROOFS, PART_EVIDENCE, PART_COUNT };

struct whole {
	struct database *database; /* borrowed */
	sqlite3_stmt **parts;      /* borrowed; NULL in it: not prepared yet */
	int64_t seq;
	struct history_drill drill; /* its texts are borrowed from the row */
	char *report;               /* owned; NULL: none is kept */
	/* Owned, and so are the texts in them. */
	struct history_expectation *expectations;
	struct history_proof *proofs;
	struct history_evidence *evidence;
};

static char *copy(sqlite3_stmt *row, int column)
{
	return mem_dup(database_text(row, column));
}

static void drop(const char *text)
{
	free((char *)(uintptr_t)text);
}

static void whole_done(struct whole *whole)
{
	for (size_t i = 0; i < whole->drill.expectation_count; i++) {
		drop(whole->expectations[i].alert);
		drop(whole->expectations[i].chat);
		drop(whole->expectations[i].channel);
		drop(whole->expectations[i].finding);
		drop(whole->expectations[i].resolved);
	}
	for (size_t i = 0; i < whole->drill.proof_count; i++) {
		drop(whole->proofs[i].pipeline);
		drop(whole->proofs[i].kind);
		drop(whole->proofs[i].hop);
		drop(whole->proofs[i].name);
		drop(whole->proofs[i].detail);
	}
	for (size_t i = 0; i < whole->drill.evidence_count; i++) {
		drop(whole->evidence[i].kind);
		drop(whole->evidence[i].source);
		drop(whole->evidence[i].text);
	}
	free(whole->expectations);
	free(whole->proofs);
	free(whole->evidence);
	free(whole->report);
}

static bool on_expectation(void *arg, sqlite3_stmt *row)
{
	struct whole *whole = arg;
	size_t count = whole->drill.expectation_count++;

	whole->expectations = mem_grow(whole->expectations, count + 1, sizeof *whole->expectations);
	whole->expectations[count] = (struct history_expectation){
	    .alert = copy(row, 0),
	    .chat = copy(row, 1),
	    .channel = copy(row, 2),
	    .finding = copy(row, 3),
	    .resolved = sqlite3_column_type(row, 4) != SQLITE_NULL ? copy(row, 4) : NULL,
	    .latency_ms = sqlite3_column_int64(row, 5),
	    .within_ms = sqlite3_column_int64(row, 6),
	    .resolved_latency_ms = sqlite3_column_int64(row, 7),
	};
	return true;
}

static bool on_proof(void *arg, sqlite3_stmt *row)
{
	struct whole *whole = arg;
	size_t count = whole->drill.proof_count++;

	whole->proofs = mem_grow(whole->proofs, count + 1, sizeof *whole->proofs);
	whole->proofs[count] = (struct history_proof){
	    .pipeline = copy(row, 0),
	    .kind = copy(row, 1),
	    .hop = copy(row, 2),
	    .name = copy(row, 3),
	    .detail = copy(row, 4),
	    .expect = (size_t)sqlite3_column_int64(row, 5),
	    .wall_ms = sqlite3_column_int64(row, 6),
	    .latency_ms = sqlite3_column_int64(row, 7),
	};
	return true;
}

static bool on_evidence(void *arg, sqlite3_stmt *row)
{
	struct whole *whole = arg;
	size_t count = whole->drill.evidence_count++;

	whole->evidence = mem_grow(whole->evidence, count + 1, sizeof *whole->evidence);
	whole->evidence[count] = (struct history_evidence){
	    .kind = copy(row, 0),
	    .source = copy(row, 1),
	    .text = copy(row, 2),
	    .expect = sqlite3_column_int(row, 3),
	    .wall_ms = sqlite3_column_int64(row, 4),
	};
	return true;
}

static bool on_report(void *arg, sqlite3_stmt *row)
{
	struct whole *whole = arg;

	whole->report = copy(row, 0);
	return false;
}

static const struct {
	const char *sql;
	history_row_fn *tell;
} parts[] = {
    [PART_EXPECTATIONS] = {"SELECT alert, chat, channel, finding, resolved, latency_ms, within_ms,"
			   " resolved_latency_ms FROM expectation WHERE drill = ?1 ORDER BY number",
			   on_expectation},
    [PART_REPORT] = {"SELECT json FROM report WHERE drill = ?1", on_report},
    [PART_PROOFS] = {"SELECT pipeline, kind, hop, name, detail, number, wall_ms, latency_ms"
		     " FROM proof JOIN item ON item.seq = proof.item WHERE drill = ?1"
		     " ORDER BY number, item",
		     on_proof},
    [PART_EVIDENCE] = {"SELECT kind, source, text, expect, wall_ms FROM evidence"
		       " WHERE drill = ?1 ORDER BY seq",
		       on_evidence},
};

static bool read_part(struct whole *whole, enum part part, struct error *error)
{
	sqlite3_stmt **statement = &whole->parts[part];

	if (*statement == NULL)
		*statement = database_prepare(whole->database, parts[part].sql, NULL, 0, error);
	if (*statement == NULL)
		return false;
	(void)sqlite3_reset(*statement);
	(void)sqlite3_bind_int64(*statement, 1, whole->seq);
	return step_rows(whole->database, *statement, parts[part].tell, whole, error);
}

struct looking {
	struct database *database; /* borrowed */
	bool reports, all;         /* what else is read of each */
	history_drill_fn *visit;
	void *arg;
	sqlite3_stmt *parts[PART_COUNT]; /* owned; NULL: not prepared */
	bool failed;
	struct error *error; /* borrowed; NULL */
};

static void looking_done(struct looking *looking)
{
	for (size_t i = 0; i < PART_COUNT; i++)
		(void)sqlite3_finalize(looking->parts[i]);
}

static struct whole whole_of(struct looking *looking, sqlite3_stmt *row)
{
	return (struct whole){
	    .database = looking->database,
	    .parts = looking->parts,
	    .seq = sqlite3_column_int64(row, 0),
	    .drill =
		{
		    .drill = database_text(row, 1),
		    .scenario = database_text(row, 2),
		    .environment = database_text(row, 3),
		    .kind = database_text(row, 4),
		    .via = database_text(row, 5),
		    .origin = database_text(row, 6),
		    .repeats = database_text(row, 7),
		    .verdict = database_text(row, 8),
		    .reason = database_text(row, 9),
		    .exit_code = sqlite3_column_int(row, 10),
		    .started_wall_ms = sqlite3_column_int64(row, 11),
		    .ended_wall_ms = sqlite3_column_int64(row, 12),
		},
	};
}

static const struct history_drill *finish(struct whole *whole)
{
	whole->drill.report = whole->report;
	whole->drill.expectations = whole->expectations;
	whole->drill.proofs = whole->proofs;
	whole->drill.evidence = whole->evidence;
	return &whole->drill;
}

/* Many drills. */

static bool on_drill(void *arg, sqlite3_stmt *row)
{
	struct looking *looking = arg;
	struct whole whole = whole_of(looking, row);
	bool more = read_part(&whole, PART_EXPECTATIONS, looking->error) &&
		    (!looking->reports || read_part(&whole, PART_REPORT, looking->error)) &&
		    (!looking->all || (read_part(&whole, PART_PROOFS, looking->error) &&
				       read_part(&whole, PART_EVIDENCE, looking->error)));

	looking->failed = !more;
	more = more && looking->visit(looking->arg, finish(&whole));
	whole_done(&whole);
	return more;
}

/* The one condition after the other, as far as they are asked for. */
static void add_condition(struct buf *sql, const char *condition, size_t *count)
{
	buf_adds(sql, *count == 0 ? " WHERE " : " AND ");
	buf_addf(sql, "%s ?%zu", condition, *count + 1);
	++*count;
}

bool history_visit_drills(struct history *history, const struct history_filter *filter,
			  bool reports, history_drill_fn *visit, void *arg, struct error *error)
{
	struct looking looking = {.database = history->database,
				  .reports = reports,
				  .visit = visit,
				  .arg = arg,
				  .error = error};
	int64_t until_ms = filter->until_wall_ms != 0 ? filter->until_wall_ms : INT64_MAX;
	int64_t most = filter->most != 0 ? (int64_t)filter->most : -1;
	const char *texts[3];
	struct buf sql = {0};
	sqlite3_stmt *statement;
	size_t count = 0;
	bool good;

	buf_adds(&sql, "SELECT " DRILL_COLUMNS " FROM drill");
	if (filter->scenario != NULL) {
		texts[count] = filter->scenario;
		add_condition(&sql, "scenario =", &count);
	}
	if (filter->environment != NULL) {
		texts[count] = filter->environment;
		add_condition(&sql, "environment =", &count);
	}
	if (filter->verdict != NULL) {
		texts[count] = filter->verdict;
		add_condition(&sql, "verdict =", &count);
	}
	/* Without these words the index of what did not pass is not looked at. */
	if (filter->verdict != NULL && strcmp(filter->verdict, "pass") != 0)
		buf_adds(&sql, " AND verdict <> 'pass'");
	buf_addf(&sql, "%s ended_wall_ms >= ?%zu AND ended_wall_ms < ?%zu",
		 count == 0 ? " WHERE" : " AND", count + 1, count + 2);
	buf_addf(&sql, " ORDER BY ended_wall_ms DESC, seq DESC LIMIT ?%zu", count + 3);
	statement = database_prepare(history->database, buf_text(&sql), texts, count, error);
	buf_done(&sql);
	if (statement != NULL) {
		(void)sqlite3_bind_int64(statement, (int)count + 1, filter->since_wall_ms);
		(void)sqlite3_bind_int64(statement, (int)count + 2, until_ms);
		(void)sqlite3_bind_int64(statement, (int)count + 3, most);
	}
	good = history_rows(history->database, statement, on_drill, &looking, error);
	looking_done(&looking);
	return good && !looking.failed;
}

/* One drill. */

struct found {
	size_t count;
	int64_t seq;
	char first[BEGINNING_MAX], second[BEGINNING_MAX];
};

static bool on_name(void *arg, sqlite3_stmt *row)
{
	struct found *found = arg;
	const char *name = database_text(row, 1);
	size_t len = utf8_cut(name, strlen(name), BEGINNING_MAX - 1);
	char *kept = found->count == 0 ? found->first : found->second;

	if (found->count == 0)
		found->seq = sqlite3_column_int64(row, 0);
	memcpy(kept, name, len);
	kept[len] = '\0';
	return ++found->count < 2;
}

/* All that begin with it: ids are ASCII, so what follows the last of them is DEL. */
static bool find_names(struct database *database, const char *drill, struct found *found,
		       struct error *error)
{
	char *end = mem_printf("%s\x7f", drill);
	const char *const texts[] = {drill, end};
	sqlite3_stmt *statement = database_prepare(
	    database,
	    "SELECT seq, drill FROM drill WHERE drill >= ?1 AND drill < ?2 ORDER BY drill LIMIT 2",
	    texts, 2, error);
	bool good = history_rows(database, statement, on_name, found, error);

	free(end);
	if (found->count == 2 && strcmp(found->first, drill) == 0)
		found->count = 1;
	return good;
}

bool history_find_drill(struct history *history, const char *drill, history_drill_fn *visit,
			void *arg, bool *ret_found, struct error *error)
{
	struct looking looking = {.database = history->database,
				  .reports = true,
				  .all = true,
				  .visit = visit,
				  .arg = arg,
				  .error = error};
	struct found found = {0};
	sqlite3_stmt *statement;
	bool good;

	*ret_found = false;
	if (drill[0] == '\0' || strlen(drill) >= BEGINNING_MAX) {
		(void)error_set(error, "that is no drill: name one as `firedrill history` does");
		return true;
	}
	if (!find_names(history->database, drill, &found, error))
		return false;
	if (found.count == 0) {
		(void)error_set(
		    error, "there is no drill %s in the history: see `firedrill history`", drill);
		return true;
	}
	if (found.count > 1) {
		(void)error_set(error, "several drills begin with %s, such as %s and %s: type more",
				drill, found.first, found.second);
		return true;
	}
	statement =
	    database_prepare(history->database,
			     "SELECT " DRILL_COLUMNS " FROM drill WHERE seq = ?1", NULL, 0, error);
	if (statement != NULL)
		(void)sqlite3_bind_int64(statement, 1, found.seq);
	*ret_found = true;
	good = history_rows(history->database, statement, on_drill, &looking, error);
	looking_done(&looking);
	return good && !looking.failed;
}
