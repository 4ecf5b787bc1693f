/* What became of every drill: how each scenario ended last, and how fast its alerts came. */
#include "src/store/history_parts.h"

struct visiting {
	history_last_fn *last;
	history_latency_fn *latency;
	void *arg;
};

static bool on_last(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_last last = {
	    .scenario = database_text(row, 0),
	    .environment = database_text(row, 1),
	    .drill = database_text(row, 2),
	    .verdict = database_text(row, 3),
	    .reason = database_text(row, 4),
	    .ended_wall_ms = sqlite3_column_int64(row, 5),
	    .passed_wall_ms = sqlite3_column_int64(row, 6),
	    .passed_drill = database_text(row, 7),
	};

	return visiting->last(visiting->arg, &last);
}

bool history_visit_last(struct history *history, history_last_fn *visit, void *arg,
			struct error *error)
{
	struct visiting visiting = {.last = visit, .arg = arg};
	sqlite3_stmt *statement =
	    database_prepare(history->database,
			     "SELECT scenario, environment, drill, verdict, reason, ended_wall_ms,"
			     " passed_wall_ms, passed_drill FROM last",
			     NULL, 0, error);

	return history_rows(history->database, statement, on_last, &visiting, error);
}

static bool on_latency(void *arg, sqlite3_stmt *row)
{
	const struct visiting *visiting = arg;
	const struct history_latency latency = {
	    .environment = database_text(row, 0),
	    .drill = database_text(row, 1),
	    .wall_ms = sqlite3_column_int64(row, 2),
	    .alert = database_text(row, 3),
	    .channel = database_text(row, 4),
	    .finding = database_text(row, 5),
	    .latency_ms = sqlite3_column_int64(row, 6),
	    .within_ms = sqlite3_column_int64(row, 7),
	};

	return visiting->latency(visiting->arg, &latency);
}

#define LATENCIES(where)                                                                   \
	"SELECT environment, d.drill, ended_wall_ms, alert, channel, finding, latency_ms," \
	" within_ms FROM drill AS d JOIN expectation AS e ON e.drill = d.seq WHERE " where \
	" ORDER BY ended_wall_ms, d.seq, number"

bool history_visit_latencies(struct history *history, const char *scenario, const char *environment,
			     int64_t since_wall_ms, history_latency_fn *visit, void *arg,
			     struct error *error)
{
	const char *sql = environment != NULL ? LATENCIES("scenario = ?1 AND environment = ?2"
							  " AND ended_wall_ms >= ?3")
					      : LATENCIES("scenario = ?1 AND ended_wall_ms >= ?2");
	const char *const texts[] = {scenario, environment};
	int count = environment != NULL ? 2 : 1;
	struct visiting visiting = {.latency = visit, .arg = arg};
	sqlite3_stmt *statement =
	    database_prepare(history->database, sql, texts, (size_t)count, error);

	if (statement != NULL)
		(void)sqlite3_bind_int64(statement, count + 1, since_wall_ms);
	return history_rows(history->database, statement, on_latency, &visiting, error);
}
