/* What became of every drill: how it is kept, and every write. */
#include "src/store/history.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/history_parts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define SUFFIX       "-history"
#define REPORT_LIMIT (256 << 10) /* bytes of one report */
#define FORGET_MAX   20          /* drills forgotten at once, so that no write takes long */
#define KEEP_LAST    1000        /* of the newest are kept anyway: a clock may be wrong by years */

/* Steps that were released are never changed.  Reports are apart, so that looking through many drills
 * does not read them; what can be proven is apart, so that when it was proven last is at hand. */
static const char *const steps[] = {
    "CREATE TABLE drill ("
    " seq INTEGER PRIMARY KEY,"
    " drill TEXT NOT NULL UNIQUE,"
    " scenario TEXT NOT NULL,"
    " environment TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " via TEXT NOT NULL,"
    " verdict TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " exit_code INTEGER NOT NULL,"
    " started_wall_ms INTEGER NOT NULL,"
    " ended_wall_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX drill_by_end ON drill (ended_wall_ms);"
    "CREATE INDEX drill_by_scenario ON drill (scenario, environment, ended_wall_ms);"
    "CREATE TABLE report (drill INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;"
    "CREATE TABLE expectation ("
    " drill INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " alert TEXT NOT NULL,"
    " chat TEXT NOT NULL,"
    " channel TEXT NOT NULL,"
    " finding TEXT NOT NULL,"
    " latency_ms INTEGER NOT NULL,"
    " resolved TEXT,"
    " resolved_latency_ms INTEGER NOT NULL,"
    " PRIMARY KEY (drill, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE item ("
    " seq INTEGER PRIMARY KEY,"
    " environment TEXT NOT NULL,"
    " pipeline TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " hop TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " first_wall_ms INTEGER NOT NULL,"
    " last_wall_ms INTEGER NOT NULL,"
    " last_drill TEXT NOT NULL,"
    " UNIQUE (environment, pipeline, kind, hop, name, detail)"
    ") STRICT;"
    "CREATE INDEX item_by_last ON item (last_wall_ms);"
    "CREATE TABLE proof ("
    " item INTEGER NOT NULL,"
    " wall_ms INTEGER NOT NULL,"
    " drill INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " latency_ms INTEGER NOT NULL,"
    " PRIMARY KEY (item, wall_ms, drill, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX proof_by_drill ON proof (drill)",
};

static const struct database_kind kind = {
    .name = "history",
    .application_id = 0x46644873, /* "FdHs" */
    .version = LENGTH(steps),
    .steps = steps,
    .when_lost = "no fault depends on it; keep a copy if its drills matter",
    .large = true,
};

/* Opening. */

bool history_exists(const char *state)
{
	char *path = mem_printf("%s" SUFFIX, state);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

struct history *history_open(const char *state, const struct history_limits *limits,
			     struct error *error)
{
	struct history *history = mem_zalloc(sizeof *history);
	char *path = mem_printf("%s" SUFFIX, state);

	history->limits = *limits;
	history->database = database_open(path, &kind, error);
	free(path);
	if (history->database != NULL)
		return history;
	free(history);
	return NULL;
}

void history_close(struct history *history)
{
	if (history == NULL)
		return;
	database_close(history->database);
	free(history);
}

/* Rows. Texts come first among the values, numbers after them. */

static bool put(struct database *database, const char *sql, const char *const *texts,
		size_t text_count, const int64_t *numbers, size_t number_count, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(database, sql, texts, text_count, error);

	if (statement == NULL)
		return false;
	for (size_t i = 0; i < number_count; i++)
		(void)sqlite3_bind_int64(statement, (int)(text_count + i) + 1, numbers[i]);
	return database_finish(database, statement, error);
}

static bool put_drill(struct database *database, const struct history_drill *drill,
		      struct error *error)
{
	static const char sql[] =
	    "INSERT INTO drill (drill, scenario, environment, kind, via, verdict, reason,"
	    " exit_code, started_wall_ms, ended_wall_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";
	const char *const texts[] = {drill->drill, drill->scenario, drill->environment, drill->kind,
				     drill->via,   drill->verdict,  drill->reason};
	const int64_t numbers[] = {drill->exit_code, drill->started_wall_ms, drill->ended_wall_ms};

	return put(database, sql, texts, LENGTH(texts), numbers, LENGTH(numbers), error);
}

static bool put_expectation(struct database *database, int64_t seq, size_t number,
			    const struct history_expectation *expect, struct error *error)
{
	static const char sql[] =
	    "INSERT INTO expectation (alert, chat, channel, finding, resolved,"
	    " drill, number, latency_ms, resolved_latency_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	const char *const texts[] = {expect->alert, expect->chat, expect->channel, expect->finding,
				     expect->resolved};
	const int64_t numbers[] = {seq, (int64_t)number, expect->latency_ms,
				   expect->resolved_latency_ms};

	return put(database, sql, texts, LENGTH(texts), numbers, LENGTH(numbers), error);
}

static bool put_proof(struct database *database, int64_t seq, const struct history_drill *drill,
		      const struct history_proof *proof, struct error *error)
{
	static const char item_sql[] =
	    "INSERT INTO item (environment, pipeline, kind, hop, name, detail, last_drill,"
	    " first_wall_ms, last_wall_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)"
	    " ON CONFLICT DO UPDATE SET"
	    " last_drill = CASE WHEN excluded.last_wall_ms >= last_wall_ms"
	    " THEN excluded.last_drill ELSE last_drill END,"
	    " first_wall_ms = min(first_wall_ms, excluded.first_wall_ms),"
	    " last_wall_ms = max(last_wall_ms, excluded.last_wall_ms)";
	static const char proof_sql[] =
	    "INSERT INTO proof (item, drill, number, wall_ms, latency_ms)"
	    " SELECT seq, ?7, ?8, ?9, ?10 FROM item WHERE environment = ?1 AND pipeline = ?2"
	    " AND kind = ?3 AND hop = ?4 AND name = ?5 AND detail = ?6 ON CONFLICT DO NOTHING";
	const char *const texts[] = {drill->environment, proof->pipeline, proof->kind, proof->hop,
				     proof->name,        proof->detail,   drill->drill};
	const int64_t numbers[] = {seq, (int64_t)proof->expect, proof->wall_ms, proof->latency_ms};

	return put(database, item_sql, texts, LENGTH(texts), &proof->wall_ms, 1, error) &&
	       put(database, proof_sql, texts, LENGTH(texts) - 1, numbers, LENGTH(numbers), error);
}

static bool put_report(struct database *database, int64_t seq, const char *report,
		       struct error *error)
{
	static const char sql[] = "INSERT INTO report (json, drill) VALUES (?1, ?2)";

	return report == NULL || strnlen(report, REPORT_LIMIT + 1) > REPORT_LIMIT ||
	       put(database, sql, &report, 1, &seq, 1, error);
}

static bool put_all(struct database *database, const struct history_drill *drill,
		    struct error *error)
{
	bool good = put_drill(database, drill, error);
	int64_t seq = sqlite3_last_insert_rowid(database->db);

	if (!good || sqlite3_changes(database->db) == 0)
		return good;
	good = put_report(database, seq, drill->report, error);
	for (size_t i = 0; good && i < drill->expectation_count; i++)
		good = put_expectation(database, seq, i, &drill->expectations[i], error);
	for (size_t i = 0; good && i < drill->proof_count; i++)
		good = put_proof(database, seq, drill, &drill->proofs[i], error);
	return good;
}

/* Forgetting. */

static int64_t number_of(struct database *database, const char *sql)
{
	sqlite3_stmt *row = database_prepare(database, sql, NULL, 0, NULL);
	int64_t number = 0;

	if (row != NULL && sqlite3_step(row) == SQLITE_ROW)
		number = sqlite3_column_int64(row, 0);
	(void)sqlite3_finalize(row);
	return number;
}

static bool is_too_large(const struct history *history)
{
	struct database *database = history->database;
	int64_t used =
	    number_of(database, "PRAGMA page_count") - number_of(database, "PRAGMA freelist_count");

	return used * number_of(database, "PRAGMA page_size") > history->limits.bytes;
}

/* ?1: what ended before; ?2: how many of the newest stay; ?3: how many at most. */
#define OLD                                               \
	"(SELECT seq FROM drill WHERE ended_wall_ms < ?1" \
	" AND seq <= (SELECT max(seq) FROM drill) - ?2"   \
	" ORDER BY ended_wall_ms LIMIT ?3)"

static bool forget_some(struct history *history, struct error *error)
{
	static const char *const drill_sqls[] = {
	    "DELETE FROM report WHERE drill IN " OLD, "DELETE FROM expectation WHERE drill IN " OLD,
	    "DELETE FROM proof WHERE drill IN " OLD,
	    "DELETE FROM drill WHERE seq IN " OLD, /* last: the others look there */
	};
	static const char item_sql[] =
	    "DELETE FROM item WHERE seq IN (SELECT seq FROM item WHERE last_wall_ms < ?1"
	    " AND NOT EXISTS (SELECT 1 FROM proof WHERE proof.item = item.seq)"
	    " ORDER BY last_wall_ms LIMIT ?2)";
	int64_t before_ms = clock_wall_ms() - history->limits.keep_ms;
	const int64_t item_numbers[] = {before_ms, FORGET_MAX};
	bool large = is_too_large(history), good = true;
	const int64_t drill_numbers[] = {large ? INT64_MAX : before_ms, large ? 1 : KEEP_LAST,
					 FORGET_MAX};

	for (size_t i = 0; good && i < LENGTH(drill_sqls); i++)
		good = put(history->database, drill_sqls[i], NULL, 0, drill_numbers,
			   LENGTH(drill_numbers), error);
	return good &&
	       put(history->database, item_sql, NULL, 0, item_numbers, LENGTH(item_numbers), error);
}

bool history_add(struct history *history, const struct history_drill *drill, int64_t wait_ms,
		 struct error *error)
{
	struct database *database = history->database;

	(void)sqlite3_busy_timeout(database->db, (int)wait_ms);
	return database_is_in_place(database, error) && database_begin(database, error) &&
	       database_end(database,
			    forget_some(history, error) && put_all(database, drill, error), error);
}
