/* What became of every drill: how it comes into the history. */
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
#define AHEAD_MS     60000       /* a time that is so much later than now was a wrong clock's */

/* Opening. */

bool history_exists(const char *state)
{
	char *path = mem_printf("%s" SUFFIX, state);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static struct history *
open_by(struct database *(*open)(const char *, const struct database_kind *, struct error *),
	const char *state, const struct history_limits *limits, struct error *error)
{
	struct history *history = mem_zalloc(sizeof *history);
	char *path = mem_printf("%s" SUFFIX, state);

	history->limits = *limits;
	history->database = open(path, &history_kind, error);
	free(path);
	if (history->database != NULL)
		return history;
	free(history);
	return NULL;
}

struct history *history_open(const char *state, const struct history_limits *limits,
			     struct error *error)
{
	return open_by(database_open, state, limits, error);
}

struct history *history_open_at_once(const char *state, const struct history_limits *limits,
				     struct error *error)
{
	return open_by(database_open_at_once, state, limits, error);
}

void history_close(struct history *history)
{
	if (history == NULL)
		return;
	database_close(history->database);
	free(history);
}

/* Rows. */

bool history_put(struct database *database, const char *sql, const char *const *texts,
		 size_t text_count, const int64_t *numbers, size_t number_count,
		 struct error *error)
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
	    " origin, repeats, exit_code, started_wall_ms, ended_wall_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING";
	const char *const texts[] = {drill->drill,  drill->scenario, drill->environment,
				     drill->kind,   drill->via,      drill->verdict,
				     drill->reason, drill->origin,   drill->repeats};
	const int64_t numbers[] = {drill->exit_code, drill->started_wall_ms, drill->ended_wall_ms};

	return history_put(database, sql, texts, LENGTH(texts), numbers, LENGTH(numbers), error);
}

static bool put_expectation(struct database *database, int64_t seq, size_t number,
			    const struct history_expectation *expect, struct error *error)
{
	static const char sql[] =
	    "INSERT INTO expectation (alert, chat, channel, finding, resolved,"
	    " drill, number, latency_ms, within_ms, resolved_latency_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
	const char *const texts[] = {expect->alert, expect->chat, expect->channel, expect->finding,
				     expect->resolved};
	const int64_t numbers[] = {seq, (int64_t)number, expect->latency_ms, expect->within_ms,
				   expect->resolved_latency_ms};

	return history_put(database, sql, texts, LENGTH(texts), numbers, LENGTH(numbers), error);
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

	return history_put(database, item_sql, texts, LENGTH(texts), &proof->wall_ms, 1, error) &&
	       history_put(database, proof_sql, texts, LENGTH(texts) - 1, numbers, LENGTH(numbers),
			   error);
}

static bool put_report(struct database *database, int64_t seq, const char *report,
		       struct error *error)
{
	static const char sql[] = "INSERT INTO report (json, drill) VALUES (?1, ?2)";

	return report == NULL || strnlen(report, REPORT_LIMIT + 1) > REPORT_LIMIT ||
	       history_put(database, sql, &report, 1, &seq, 1, error);
}

/* How it ended last there. Drills come in the order in which they end, or nearly so. */
static bool put_last(struct database *database, const struct history_drill *drill,
		     struct error *error)
{
	static const char last_sql[] =
	    "INSERT INTO last (scenario, environment, drill, verdict, reason, passed_drill,"
	    " ended_wall_ms, passed_wall_ms) VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, 0)"
	    " ON CONFLICT DO UPDATE SET drill = excluded.drill, verdict = excluded.verdict,"
	    " reason = excluded.reason, ended_wall_ms = excluded.ended_wall_ms"
	    " WHERE excluded.ended_wall_ms >= ended_wall_ms OR ended_wall_ms > ?7";
	static const char passed_sql[] =
	    "UPDATE last SET passed_drill = ?3, passed_wall_ms = ?4 WHERE scenario = ?1"
	    " AND environment = ?2 AND (?4 >= passed_wall_ms OR passed_wall_ms > ?5)";
	const char *const texts[] = {drill->scenario, drill->environment, drill->drill,
				     drill->verdict, drill->reason};
	const int64_t numbers[] = {drill->ended_wall_ms, clock_wall_ms() + AHEAD_MS};
	bool passed = strcmp(drill->verdict, "pass") == 0 || strcmp(drill->verdict, "flaky") == 0;

	return history_put(database, last_sql, texts, LENGTH(texts), numbers, LENGTH(numbers),
			   error) &&
	       (!passed ||
		history_put(database, passed_sql, texts, 3, numbers, LENGTH(numbers), error));
}

bool history_put_drill(struct database *database, const struct history_drill *drill,
		       struct error *error)
{
	bool good = put_drill(database, drill, error);
	int64_t seq = sqlite3_last_insert_rowid(database->db);

	if (!good || sqlite3_changes(database->db) == 0)
		return good;
	good = put_report(database, seq, drill->report, error) &&
	       put_last(database, drill, error) &&
	       history_put_evidence(database, seq, drill, error);
	for (size_t i = 0; good && i < drill->expectation_count; i++)
		good = put_expectation(database, seq, i, &drill->expectations[i], error);
	for (size_t i = 0; good && i < drill->proof_count; i++)
		good = put_proof(database, seq, drill, &drill->proofs[i], error);
	return good;
}

bool history_begin(struct history *history, int64_t wait_ms, struct error *error)
{
	(void)sqlite3_busy_timeout(history->database->db, (int)wait_ms);
	return database_is_in_place(history->database, error) &&
	       database_begin(history->database, error);
}

bool history_end(struct history *history, bool ok, struct error *error)
{
	return database_end(history->database, ok, error);
}

bool history_add(struct history *history, const struct history_drill *drill, int64_t wait_ms,
		 struct error *error)
{
	return history_begin(history, wait_ms, error) &&
	       history_end(history,
			   history_forget(history, error) &&
			       history_end_begun(history->database, drill->drill, error) &&
			       history_put_drill(history->database, drill, error),
			   error);
}
