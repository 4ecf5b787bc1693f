/* What became of every drill: starts by schedule, those that were missed, and gaps that are open. */
#include "src/store/history_parts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define FORGET_EACH  10 /* starts: less than is forgotten at once, so that they do not pile up */

struct visiting {
	history_planned_fn *planned;
	history_missed_fn *missed;
	history_gap_fn *gap;
	void *arg;
};

/* Starts by schedule. */

static bool put_planned(struct database *database, const struct history_planned *planned,
			struct error *error)
{
	static const char sql[] =
	    "INSERT INTO planned (scenario, environment, wall_ms) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT DO UPDATE SET wall_ms = excluded.wall_ms";
	const char *const texts[] = {planned->scenario, planned->environment};

	return history_put(database, sql, texts, LENGTH(texts), &planned->wall_ms, 1, error);
}

static bool on_planned(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_planned planned = {
	    .scenario = database_text(row, 0),
	    .environment = database_text(row, 1),
	    .wall_ms = sqlite3_column_int64(row, 2),
	};

	return visiting->planned(visiting->arg, &planned);
}

bool history_visit_planned(struct history *history, history_planned_fn *visit, void *arg,
			   struct error *error)
{
	struct visiting visiting = {.planned = visit, .arg = arg};
	sqlite3_stmt *statement =
	    database_prepare(history->database,
			     "SELECT scenario, environment, wall_ms FROM planned", NULL, 0, error);

	return history_rows(history->database, statement, on_planned, &visiting, error);
}

/* Those that were missed. */

static bool put_missed(struct database *database, const struct history_missed *missed,
		       struct error *error)
{
	static const char sql[] =
	    "INSERT INTO missed (scenario, environment, why, first_wall_ms, last_wall_ms, count)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
	const char *const texts[] = {missed->scenario, missed->environment, missed->why};
	const int64_t numbers[] = {missed->first_wall_ms, missed->last_wall_ms, missed->count};

	return history_put(database, sql, texts, LENGTH(texts), numbers, LENGTH(numbers), error);
}

static bool on_missed(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_missed missed = {
	    .scenario = database_text(row, 0),
	    .environment = database_text(row, 1),
	    .why = database_text(row, 2),
	    .first_wall_ms = sqlite3_column_int64(row, 3),
	    .last_wall_ms = sqlite3_column_int64(row, 4),
	    .count = sqlite3_column_int64(row, 5),
	};

	return visiting->missed(visiting->arg, &missed);
}

bool history_visit_missed(struct history *history, int64_t since_wall_ms, history_missed_fn *visit,
			  void *arg, struct error *error)
{
	struct visiting visiting = {.missed = visit, .arg = arg};
	sqlite3_stmt *statement = database_prepare(
	    history->database,
	    "SELECT scenario, environment, why, first_wall_ms, last_wall_ms, count FROM missed"
	    " WHERE last_wall_ms >= ?1 ORDER BY last_wall_ms DESC, seq DESC",
	    NULL, 0, error);

	if (statement != NULL)
		(void)sqlite3_bind_int64(statement, 1, since_wall_ms);
	return history_rows(history->database, statement, on_missed, &visiting, error);
}

/* Both. */

static bool put_starts(struct history *history, const struct history_start *starts, size_t count,
		       struct error *error)
{
	bool good = true;

	for (size_t i = 0; good && i < count; i++)
		good = (i % FORGET_EACH != 0 || history_forget(history, error)) &&
		       (starts[i].missed == NULL ||
			put_missed(history->database, starts[i].missed, error)) &&
		       put_planned(history->database, &starts[i].planned, error);
	return good;
}

bool history_add_starts(struct history *history, const struct history_start *starts, size_t count,
			int64_t wait_ms, struct error *error)
{
	return history_begin(history, wait_ms, error) &&
	       history_end(history, put_starts(history, starts, count, error), error);
}

/* Gaps. */

bool history_put_gap(struct history *history, const struct history_gap *gap, int64_t wait_ms,
		     struct error *error)
{
	static const char sql[] =
	    "INSERT INTO gap (scenario, environment, first_drill, last_drill, finding, text, chat,"
	    " channel, channel_id, ts, first_wall_ms, last_wall_ms, drills)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
	    " ON CONFLICT DO UPDATE SET first_drill = excluded.first_drill,"
	    " last_drill = excluded.last_drill, finding = excluded.finding, text = excluded.text,"
	    " chat = excluded.chat, channel = excluded.channel, channel_id = excluded.channel_id,"
	    " ts = excluded.ts, first_wall_ms = excluded.first_wall_ms,"
	    " last_wall_ms = excluded.last_wall_ms, drills = excluded.drills";
	const char *const texts[] = {
	    gap->scenario, gap->environment, gap->first_drill, gap->last_drill, gap->finding,
	    gap->text,     gap->chat,        gap->channel,     gap->channel_id, gap->ts};
	const int64_t numbers[] = {gap->first_wall_ms, gap->last_wall_ms, gap->drills};

	return history_begin(history, wait_ms, error) &&
	       history_end(history,
			   history_put(history->database, sql, texts, LENGTH(texts), numbers,
				       LENGTH(numbers), error),
			   error);
}

bool history_close_gap(struct history *history, const char *scenario, const char *environment,
		       int64_t wait_ms, struct error *error)
{
	static const char sql[] = "DELETE FROM gap WHERE scenario = ?1 AND environment = ?2";
	const char *const texts[] = {scenario, environment};

	return history_begin(history, wait_ms, error) &&
	       history_end(
		   history,
		   history_put(history->database, sql, texts, LENGTH(texts), NULL, 0, error),
		   error);
}

static bool on_gap(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_gap gap = {
	    .scenario = database_text(row, 0),
	    .environment = database_text(row, 1),
	    .first_drill = database_text(row, 2),
	    .last_drill = database_text(row, 3),
	    .finding = database_text(row, 4),
	    .text = database_text(row, 5),
	    .chat = database_text(row, 6),
	    .channel = database_text(row, 7),
	    .channel_id = database_text(row, 8),
	    .ts = database_text(row, 9),
	    .first_wall_ms = sqlite3_column_int64(row, 10),
	    .last_wall_ms = sqlite3_column_int64(row, 11),
	    .drills = sqlite3_column_int64(row, 12),
	};

	return visiting->gap(visiting->arg, &gap);
}

bool history_visit_gaps(struct history *history, history_gap_fn *visit, void *arg,
			struct error *error)
{
	struct visiting visiting = {.gap = visit, .arg = arg};
	sqlite3_stmt *statement =
	    database_prepare(history->database,
			     "SELECT scenario, environment, first_drill, last_drill, finding, text,"
			     " chat, channel, channel_id, ts, first_wall_ms, last_wall_ms, drills"
			     " FROM gap ORDER BY first_wall_ms, scenario, environment",
			     NULL, 0, error);

	return history_rows(history->database, statement, on_gap, &visiting, error);
}
