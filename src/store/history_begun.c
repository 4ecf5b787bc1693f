/* What became of every drill: those that have begun, and those whose process died. */
#include "src/store/history_parts.h"

#include "src/base/clock.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* A power cut must not take it back: whoever comes then has nothing else to know it by. A drill waits for
 * the disk more often than this anyway. */
static bool set_durable(struct history *history, bool durable, struct error *error)
{
	return database_run(history->database,
			    durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
			    error);
}

static bool put_begun(struct database *database, const struct history_begun *begun,
		      struct error *error)
{
	static const char sql[] =
	    "INSERT INTO begun (drill, scenario, environment, kind, via, origin, repeats,"
	    " started_wall_ms) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
	    " WHERE NOT EXISTS (SELECT 1 FROM drill WHERE drill = ?1) ON CONFLICT DO NOTHING";
	const char *const texts[] = {begun->drill, begun->scenario, begun->environment, begun->kind,
				     begun->via,   begun->origin,   begun->repeats};

	return history_put(database, sql, texts, LENGTH(texts), &begun->started_wall_ms, 1, error);
}

bool history_note_begun(struct history *history, const struct history_begun *begun, int64_t wait_ms,
			struct error *error)
{
	bool good = set_durable(history, true, error) && history_begin(history, wait_ms, error) &&
		    history_end(history, put_begun(history->database, begun, error), error);

	(void)set_durable(history, false, NULL);
	return good;
}

struct visiting {
	history_begun_fn *visit;
	void *arg;
};

static bool on_begun(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_begun begun = {
	    .drill = database_text(row, 0),
	    .scenario = database_text(row, 1),
	    .environment = database_text(row, 2),
	    .kind = database_text(row, 3),
	    .via = database_text(row, 4),
	    .origin = database_text(row, 5),
	    .repeats = database_text(row, 6),
	    .started_wall_ms = sqlite3_column_int64(row, 7),
	};

	return visiting->visit(visiting->arg, &begun);
}

bool history_visit_begun(struct history *history, history_begun_fn *visit, void *arg,
			 struct error *error)
{
	struct visiting visiting = {visit, arg};
	sqlite3_stmt *statement = database_prepare(
	    history->database,
	    "SELECT drill, scenario, environment, kind, via, origin, repeats, started_wall_ms"
	    " FROM begun WHERE given_up = 0 AND started_wall_ms >= ?1"
	    " ORDER BY started_wall_ms, drill",
	    NULL, 0, error);

	if (statement != NULL)
		(void)sqlite3_bind_int64(statement, 1, clock_wall_ms() - history->limits.keep_ms);
	return history_rows(history->database, statement, on_begun, &visiting, error);
}

/* Nobody else has done so, and it has not ended itself meanwhile. */
static bool give_up(struct database *database, const char *drill, bool *ret_written,
		    struct error *error)
{
	bool good =
	    history_put(database, "UPDATE begun SET given_up = 1 WHERE drill = ?1 AND given_up = 0",
			&drill, 1, NULL, 0, error);

	*ret_written = good && sqlite3_changes(database->db) > 0;
	return good;
}

bool history_add_unfinished(struct history *history, const struct history_drill *drill,
			    int64_t wait_ms, bool *ret_written, struct error *error)
{
	struct database *database = history->database;
	bool good;

	*ret_written = false;
	good = history_begin(history, wait_ms, error) &&
	       history_end(history,
			   history_forget(history, error) &&
			       give_up(database, drill->drill, ret_written, error) &&
			       (!*ret_written || history_put_drill(database, drill, error)),
			   error);
	*ret_written = good && *ret_written;
	return good;
}

static bool on_given_up(void *arg, sqlite3_stmt *row)
{
	bool *given_up = arg;

	*given_up = sqlite3_column_int(row, 0) != 0;
	return false;
}

static bool drop_unfinished(struct database *database, const char *drill, struct error *error)
{
	static const char *const sqls[] = {
	    "DELETE FROM report WHERE drill IN (SELECT seq FROM drill WHERE drill = ?1)",
	    "DELETE FROM evidence WHERE drill IN (SELECT seq FROM drill WHERE drill = ?1)",
	    "DELETE FROM drill WHERE drill = ?1",
	    "UPDATE last SET ended_wall_ms = 0 WHERE drill = ?1", /* so that it is said anew */
	};
	bool good = true;

	for (size_t i = 0; good && i < LENGTH(sqls); i++)
		good = history_put(database, sqls[i], &drill, 1, NULL, 0, error);
	return good;
}

bool history_end_begun(struct database *database, const char *drill, struct error *error)
{
	bool given_up = false;

	return history_rows(database,
			    database_prepare(database,
					     "SELECT given_up FROM begun WHERE drill = ?1", &drill,
					     1, error),
			    on_given_up, &given_up, error) &&
	       (!given_up || drop_unfinished(database, drill, error)) &&
	       history_put(database, "DELETE FROM begun WHERE drill = ?1", &drill, 1, NULL, 0,
			   error);
}
