/* What became of every drill: how it is forgotten. */
#include "src/base/clock.h"
#include "src/store/history_parts.h"

#define LENGTH(list)     (sizeof(list) / sizeof((list)[0]))
#define FORGET_MAX       20   /* of each kind at once, so that no write takes long */
#define KEEP_LAST        1000 /* of the newest are kept anyway: a clock may be wrong by years */
#define PLANNED_KEEP_MS  (INT64_C(400) * 24 * 3600 * 1000) /* longer than a yearly drill waits */
#define GIVEN_UP_KEEP_MS (INT64_C(24) * 3600 * 1000)

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

static bool forget_drills(struct database *database, const int64_t numbers[3], struct error *error)
{
	static const char *const sqls[] = {
	    "DELETE FROM report WHERE drill IN " OLD,
	    "DELETE FROM evidence WHERE drill IN " OLD,
	    "DELETE FROM expectation WHERE drill IN " OLD,
	    "DELETE FROM proof WHERE drill IN " OLD,
	    "DELETE FROM drill WHERE seq IN " OLD, /* last: the others look there */
	};
	bool good = true;

	for (size_t i = 0; good && i < LENGTH(sqls); i++)
		good = history_put(database, sqls[i], NULL, 0, numbers, 3, error);
	return good;
}

/* What nothing speaks for any more. Gaps are never forgotten: they are closed. */
static bool forget_rest(struct database *database, int64_t before_ms, bool large,
			struct error *error)
{
	static const char item_sql[] =
	    "DELETE FROM item WHERE seq IN (SELECT seq FROM item WHERE last_wall_ms < ?1"
	    " AND NOT EXISTS (SELECT 1 FROM proof WHERE proof.item = item.seq)"
	    " ORDER BY last_wall_ms LIMIT ?2)";
	static const char last_sql[] = "DELETE FROM last WHERE ended_wall_ms < ?1 AND NOT EXISTS"
				       " (SELECT 1 FROM drill WHERE drill.drill = last.drill)";
	/* With the drills of their time; ?3: also those that had to go early. */
	static const char missed_sql[] =
	    "DELETE FROM missed WHERE seq IN (SELECT seq FROM missed, (SELECT"
	    " coalesce(min(ended_wall_ms), ?1) AS oldest FROM drill) WHERE last_wall_ms <"
	    " CASE ?3 WHEN 0 THEN min(?1, oldest) ELSE oldest END"
	    " ORDER BY last_wall_ms LIMIT ?2)";
	static const char planned_sql[] = "DELETE FROM planned WHERE wall_ms < ?1";
	/* Of what was given up nobody who lives comes to tell more. */
	static const char begun_sql[] =
	    "DELETE FROM begun WHERE started_wall_ms < CASE given_up WHEN 0 THEN ?1 ELSE ?2 END";
	const int64_t begun_ms[] = {before_ms, clock_wall_ms() - GIVEN_UP_KEEP_MS};
	const int64_t numbers[] = {before_ms, FORGET_MAX, large};
	int64_t unplanned_ms = clock_wall_ms() - PLANNED_KEEP_MS;

	return history_put(database, item_sql, NULL, 0, numbers, 2, error) &&
	       history_put(database, last_sql, NULL, 0, numbers, 1, error) &&
	       history_put(database, begun_sql, NULL, 0, begun_ms, 2, error) &&
	       history_put(database, missed_sql, NULL, 0, numbers, LENGTH(numbers), error) &&
	       history_put(database, planned_sql, NULL, 0, &unplanned_ms, 1, error);
}

bool history_forget(struct history *history, struct error *error)
{
	int64_t before_ms = clock_wall_ms() - history->limits.keep_ms;
	bool large = is_too_large(history);
	const int64_t numbers[] = {large ? INT64_MAX : before_ms, large ? 1 : KEEP_LAST,
				   FORGET_MAX};

	return forget_drills(history->database, numbers, error) &&
	       forget_rest(history->database, before_ms, large, error);
}
