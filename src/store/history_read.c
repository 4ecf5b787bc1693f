/* What became of every drill: looking back. */
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/percentile.h"
#include "src/store/history_parts.h"

#define LATENCIES_MAX 100000 /* of one item, the newest: its p99 does not get better with more */

struct latencies {
	int64_t *list; /* owned */
	size_t count;
};

static bool read_latencies(struct database *database, sqlite3_stmt *proofs, int64_t item,
			   int64_t since_wall_ms, struct latencies *latencies, struct error *error)
{
	int rc;

	latencies->count = 0;
	(void)sqlite3_reset(proofs);
	(void)sqlite3_bind_int64(proofs, 1, item);
	(void)sqlite3_bind_int64(proofs, 2, since_wall_ms);
	(void)sqlite3_bind_int64(proofs, 3, LATENCIES_MAX);
	while ((rc = sqlite3_step(proofs)) == SQLITE_ROW) {
		latencies->list =
		    mem_grow(latencies->list, latencies->count + 1, sizeof *latencies->list);
		latencies->list[latencies->count++] = sqlite3_column_int64(proofs, 0);
	}
	if (rc != SQLITE_DONE)
		return database_fail(database, error);
	percentile_sort(latencies->list, latencies->count);
	return true;
}

static void tell(sqlite3_stmt *row, const struct latencies *latencies, history_item_fn *visit,
		 void *arg)
{
	const struct history_item item = {
	    .pipeline = database_text(row, 1),
	    .kind = database_text(row, 2),
	    .hop = database_text(row, 3),
	    .name = database_text(row, 4),
	    .detail = database_text(row, 5),
	    .first_wall_ms = sqlite3_column_int64(row, 6),
	    .last_wall_ms = sqlite3_column_int64(row, 7),
	    .last_drill = database_text(row, 8),
	    .latencies_ms = latencies->list,
	    .latency_count = latencies->count,
	};

	visit(arg, &item);
}

bool history_visit_items(struct history *history, const char *environment, int64_t since_wall_ms,
			 history_item_fn *visit, void *arg, struct error *error)
{
	static const char items_sql[] =
	    "SELECT seq, pipeline, kind, hop, name, detail, first_wall_ms, last_wall_ms,"
	    " last_drill FROM item WHERE environment = ?1";
	static const char proofs_sql[] = "SELECT latency_ms FROM proof WHERE item = ?1"
					 " AND wall_ms >= ?2 ORDER BY wall_ms DESC LIMIT ?3";
	struct database *database = history->database;
	sqlite3_stmt *row = database_prepare(database, items_sql, &environment, 1, error);
	sqlite3_stmt *proofs =
	    row != NULL ? database_prepare(database, proofs_sql, NULL, 0, error) : NULL;
	struct latencies latencies = {0};
	bool good = proofs != NULL;
	int rc = SQLITE_DONE;

	while (good && (rc = sqlite3_step(row)) == SQLITE_ROW) {
		good = read_latencies(database, proofs, sqlite3_column_int64(row, 0), since_wall_ms,
				      &latencies, error);
		if (good)
			tell(row, &latencies, visit, arg);
	}
	if (good && rc != SQLITE_DONE)
		good = database_fail(database, error);
	free(latencies.list);
	(void)sqlite3_finalize(proofs);
	(void)sqlite3_finalize(row);
	return good;
}
