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
	    " INSERT INTO drill (seq, drill, scenario, environment, kind, via, verdict, reason,"
	    " exit_code, started_wall_ms, ended_wall_ms) SELECT i, 'fd-' || i, 's' || (i %% 100), 'staging', 'none', 'http',"
	    " 'pass', '', 0, 0, %lld + i * %lld / %ld FROM n;"
	    "INSERT INTO report SELECT seq, hex(zeroblob(512)) FROM drill;"
	    "INSERT INTO expectation (drill, number, alert, chat, channel, finding, latency_ms,"
	    " resolved_latency_ms) SELECT seq, 0, 'a', 'c', '#c', 'delivered', 1, -1 FROM drill;"
	    "INSERT INTO item SELECT seq, 'staging', 'main', 'rule', 'prometheus', 'Rule' || seq,"
	    " 'orders', 1, %lld, drill FROM drill WHERE seq <= 100;"
	    "INSERT INTO last SELECT scenario, environment, drill, verdict, reason, ended_wall_ms,"
	    " ended_wall_ms, drill FROM drill WHERE seq > %ld - 100;"
	    "INSERT INTO proof SELECT 1 + seq %% 100, ended_wall_ms, seq, 0, seq %% 5000 FROM drill;"
	    "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
	    drills, (long long)(clock_wall_ms() - 300 * DAY_MS), (long long)(299 * DAY_MS), drills,
	    (long long)clock_wall_ms(), drills);
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
					    .origin = "schedule",
					    .repeats = "",
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

static bool on_last(void *arg, const struct history_last *last)
{
	*(size_t *)arg += last->passed_wall_ms != 0;
	return true;
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	*(size_t *)arg += drill->expectation_count;
	return true;
}

static bool on_latency(void *arg, const struct history_latency *latency)
{
	*(size_t *)arg += latency->latency_ms >= 0;
	return true;
}

/* What is looked up for people; each tells how much it found. */

static bool read_proofs(struct history *history, size_t *found)
{
	return history_visit_items(history, "staging", clock_wall_ms() - 90 * DAY_MS, on_item,
				   found, NULL);
}

static bool read_last(struct history *history, size_t *found)
{
	return history_visit_last(history, on_last, found, NULL);
}

static bool read_newest(struct history *history, size_t *found)
{
	return history_visit_drills(history, &(struct history_filter){.most = 30}, true, on_drill,
				    found, NULL);
}

static bool read_gaps(struct history *history, size_t *found)
{
	return history_visit_drills(history, &(struct history_filter){.verdict = "gap"}, true,
				    on_drill, found, NULL);
}

static bool read_latencies(struct history *history, size_t *found)
{
	return history_visit_latencies(history, "s7", "staging", clock_wall_ms() - 2 * DAY_MS,
				       on_latency, found, NULL);
}

typedef bool read_fn(struct history *history, size_t *found);

/* The median in microseconds; -1: it failed. */
static double time_reading(struct history *history, read_fn *read, size_t *ret_found)
{
	double us[TRIES];
	bool good = true;

	for (int i = 0; good && i < TRIES; i++) {
		double begun_us = now_us();

		*ret_found = 0;
		good = read(history, ret_found);
		us[i] = now_us() - begun_us;
	}
	return good ? median(us) : -1;
}

static bool time_readings(struct history *history)
{
	static const struct {
		const char *name;
		read_fn *read;
	} readings[] = {{"proofs", read_proofs},
			{"last", read_last},
			{"newest", read_newest},
			{"gaps", read_gaps},
			{"latencies", read_latencies}};
	bool good = true;

	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		size_t found = 0;
		double us = time_reading(history, readings[i].read, &found);

		(void)printf(",\"%s_us\":%.1f,\"%s\":%zu", readings[i].name, us, readings[i].name,
			     found);
		good &= us >= 0;
	}
	return good;
}

int main(int argc, char **argv)
{
	double open_us[TRIES], add_us[TRIES], begun_us;
	long drills = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	struct error error = {""};
	struct history *history;
	bool good;

	if (drills < 100)
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
	if (!good)
		return 1;
	(void)printf("{\"drills\":%ld,\"open_us\":%.1f,\"add_us\":%.1f", drills, median(open_us),
		     median(add_us));
	good = time_readings(history);
	(void)puts("}");
	history_close(history);
	return good ? 0 : 1;
}
