/* What a history costs that has so many drills in it, one an hour for each of 100 rules.
 * usage: bench_history DRILLS FILE; prints one line of JSON: medians in microseconds. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/history.h"

#define TRIES  21
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct history_limits limits = {.keep_ms = 366 * DAY_MS, .bytes = HISTORY_BYTES};

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *list)
{
	qsort(list, TRIES, sizeof *list, ascending);
	return list[TRIES / 2];
}

/* All drills of the last 300 days, as many a day as it takes, with a report of 1 KiB each. */
static bool fill(const char *state, long drills)
{
	char *file = mem_printf("%s-history", state);
	char *sql = mem_printf(
	    "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %ld)"
	    " INSERT INTO drill SELECT i, 'fd-' || i, 's' || (i %% 100), 'staging', 'none', 'http',"
	    " 'pass', '', 0, 0, %lld + i * %lld / %ld FROM n;"
	    "INSERT INTO report SELECT seq, hex(zeroblob(512)) FROM drill;"
	    "INSERT INTO expectation SELECT seq, 0, 'a', 'c', '#c', 'delivered', 1, NULL, -1"
	    " FROM drill;"
	    "INSERT INTO item SELECT seq, 'staging', 'main', 'rule', 'prometheus', 'Rule' || seq,"
	    " 'orders', 1, %lld, drill FROM drill WHERE seq <= 100;"
	    "INSERT INTO proof SELECT 1 + seq %% 100, ended_wall_ms, seq, 0, seq %% 5000 FROM drill;"
	    "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
	    drills, (long long)(clock_wall_ms() - 300 * DAY_MS), (long long)(299 * DAY_MS), drills,
	    (long long)clock_wall_ms());
	sqlite3 *db = NULL;
	bool good = sqlite3_open(file, &db) == SQLITE_OK &&
		    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	if (!good)
		(void)fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	free(sql);
	free(file);
	return good;
}

static bool add_one(struct history *history, int i)
{
	char *id = mem_printf("fd-new-%d", i);
	const struct history_proof proof = {.pipeline = "main",
					    .kind = "rule",
					    .hop = "prometheus",
					    .name = "Rule1",
					    .detail = "orders",
					    .wall_ms = clock_wall_ms(),
					    .latency_ms = 2000};
	const struct history_drill drill = {.drill = id,
					    .scenario = "s1",
					    .environment = "staging",
					    .kind = "none",
					    .via = "http",
					    .verdict = "pass",
					    .reason = "",
					    .ended_wall_ms = clock_wall_ms(),
					    .report = "{}",
					    .proofs = &proof,
					    .proof_count = 1};
	bool good = history_add(history, &drill, 0, NULL);

	free(id);
	return good;
}

static void on_item(void *arg, const struct history_item *item)
{
	*(size_t *)arg += item->latency_count;
}

int main(int argc, char **argv)
{
	double open_us[TRIES], add_us[TRIES], read_us[TRIES], begun_us;
	long drills = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	struct error error = {""};
	struct history *history;
	size_t proofs = 0;
	bool good;

	if (drills < 1)
		return 2;
	history = history_open(argv[2], &limits, &error);
	history_close(history);
	good = history != NULL && fill(argv[2], drills);
	for (int i = 0; good && i < TRIES; i++) {
		begun_us = now_us();
		history = history_open(argv[2], &limits, &error);
		history_close(history);
		open_us[i] = now_us() - begun_us;
		good = history != NULL;
	}
	history = good ? history_open(argv[2], &limits, &error) : NULL;
	good = history != NULL;
	for (int i = 0; good && i < TRIES; i++) {
		begun_us = now_us();
		good = add_one(history, i);
		add_us[i] = now_us() - begun_us;
	}
	for (int i = 0; good && i < TRIES; i++) {
		begun_us = now_us();
		good = history_visit_items(history, "staging", clock_wall_ms() - 90 * DAY_MS,
					   on_item, &proofs, &error);
		read_us[i] = now_us() - begun_us;
	}
	history_close(history);
	if (!good)
		return 1;
	(void)printf("{\"drills\":%ld,\"open_us\":%.1f,\"add_us\":%.1f,\"read_us\":%.1f,"
		     "\"proofs\":%zu}\n",
		     drills, median(open_us), median(add_us), median(read_us), proofs / TRIES);
	return 0;
}
