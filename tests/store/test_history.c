/* What became of every drill: what is kept, for how long, and that nothing of it is in anybody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/history.h"
#include "tests/store/shelf.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct history_limits limits = {.keep_ms = 100 * DAY_MS, .bytes = HISTORY_BYTES};

/* The disk: the program's own pwrite64 stands before that of the C library for SQLite, too. */
static bool disk_is_full;

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (!disk_is_full)
		return syscall(SYS_pwrite64, fd, data, len, at);
	errno = ENOSPC;
	return -1;
}

static struct history *open_it(const struct shelf *shelf)
{
	struct error error = {""};
	struct history *history = history_open(shelf->path, &limits, &error);

	assert_string_equal(error.text, "");
	assert_non_null(history);
	return history;
}

static struct shelf beside(const struct shelf *shelf)
{
	struct shelf file = *shelf;

	(void)snprintf(file.path, sizeof file.path, "%s/ledger-history", shelf->folder);
	return file;
}

static void sql(const struct shelf *shelf, const char *text)
{
	struct shelf file = beside(shelf);

	shelf_sql(&file, text);
}

static int64_t count(const struct shelf *shelf, const char *query)
{
	struct shelf file = beside(shelf);
	sqlite3_stmt *row = NULL;
	sqlite3 *db = NULL;
	int64_t number;

	assert_int_equal(sqlite3_open(file.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	number = sqlite3_column_int64(row, 0);
	assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

/* A drill that proved a rule. */

static const struct history_expectation expectation = {
    .alert = "QueueMissing",
    .chat = "slack",
    .channel = "#ops",
    .finding = "delivered",
    .latency_ms = 2100,
    .within_ms = 90000,
    .resolved = "delivered",
    .resolved_latency_ms = 900,
};

static struct history_proof proof_of(const char *name, int64_t wall_ms, int64_t latency_ms)
{
	return (struct history_proof){.pipeline = "main",
				      .kind = "rule",
				      .hop = "prometheus",
				      .name = name,
				      .detail = "orders",
				      .wall_ms = wall_ms,
				      .latency_ms = latency_ms};
}

static struct history_drill drill_of(const char *id, int64_t ended_wall_ms,
				     const struct history_proof *proof)
{
	return (struct history_drill){.drill = id,
				      .scenario = "bad-queue",
				      .environment = "staging",
				      .kind = "bad-queue-name",
				      .via = "http",
				      .origin = "schedule",
				      .repeats = "",
				      .verdict = "pass",
				      .reason = "",
				      .started_wall_ms = ended_wall_ms - 5000,
				      .ended_wall_ms = ended_wall_ms,
				      .report = "{\"drill\":\"x\"}",
				      .expectations = &expectation,
				      .expectation_count = 1,
				      .proofs = proof,
				      .proof_count = proof != NULL ? 1 : 0};
}

static void add(struct history *history, const char *id, const char *rule, int64_t wall_ms,
		int64_t latency_ms)
{
	const struct history_proof proof = proof_of(rule, wall_ms, latency_ms);
	const struct history_drill drill = drill_of(id, wall_ms, &proof);
	struct error error = {""};
	bool good = history_add(history, &drill, 0, &error);

	assert_string_equal(error.text, "");
	assert_true(good);
}

/* What is read back. */

struct seen {
	size_t items;
	char name[64], last_drill[64];
	int64_t first_wall_ms, last_wall_ms, latencies_ms[8];
	size_t latency_count;
};

static void on_item(void *arg, const struct history_item *item)
{
	struct seen *seen = arg;

	seen->items++;
	assert_string_equal(item->pipeline, "main");
	assert_string_equal(item->kind, "rule");
	assert_string_equal(item->hop, "prometheus");
	assert_string_equal(item->detail, "orders");
	(void)snprintf(seen->name, sizeof seen->name, "%s", item->name);
	(void)snprintf(seen->last_drill, sizeof seen->last_drill, "%s", item->last_drill);
	seen->first_wall_ms = item->first_wall_ms;
	seen->last_wall_ms = item->last_wall_ms;
	seen->latency_count = item->latency_count;
	for (size_t i = 0; i < item->latency_count && i < 8; i++)
		seen->latencies_ms[i] = item->latencies_ms[i];
}

static struct seen look(struct history *history, const char *environment, int64_t since_wall_ms)
{
	struct seen seen = {0};
	struct error error = {""};

	assert_true(
	    history_visit_items(history, environment, since_wall_ms, on_item, &seen, &error));
	assert_string_equal(error.text, "");
	return seen;
}

static void a_drill_is_kept_with_its_expectations_proofs_and_report(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history;

	assert_false(history_exists(shelf->path));
	history = open_it(shelf);
	assert_true(history_exists(shelf->path));
	add(history, "fd-aaaaaaaa", "QueueMissing", clock_wall_ms(), 2100);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill WHERE drill = 'fd-aaaaaaaa'"
				      " AND scenario = 'bad-queue' AND environment = 'staging'"
				      " AND kind = 'bad-queue-name' AND via = 'http'"
				      " AND origin = 'schedule' AND repeats = ''"
				      " AND verdict = 'pass' AND reason = '' AND exit_code = 0"
				      " AND ended_wall_ms - started_wall_ms = 5000"),
			 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM expectation WHERE number = 0"
				      " AND alert = 'QueueMissing' AND chat = 'slack'"
				      " AND channel = '#ops' AND finding = 'delivered'"
				      " AND latency_ms = 2100 AND within_ms = 90000"
				      " AND resolved = 'delivered'"
				      " AND resolved_latency_ms = 900"),
			 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM report JOIN drill ON seq = report.drill"
				      " WHERE json = '{\"drill\":\"x\"}'"),
			 1);
	history_close(history);
}

static void what_was_proven_is_told_with_its_latencies_since_a_time(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	int64_t now_ms = clock_wall_ms();
	struct seen seen;

	add(history, "fd-aaaaaaaa", "QueueMissing", now_ms - 50 * DAY_MS, 9000);
	add(history, "fd-bbbbbbbb", "QueueMissing", now_ms - 2 * DAY_MS, 4000);
	add(history, "fd-cccccccc", "QueueMissing", now_ms - 3 * DAY_MS, 2000);
	seen = look(history, "staging", now_ms - 30 * DAY_MS);
	assert_int_equal(seen.items, 1);
	assert_string_equal(seen.name, "QueueMissing");
	assert_string_equal(seen.last_drill, "fd-bbbbbbbb");
	assert_int_equal(seen.first_wall_ms, now_ms - 50 * DAY_MS);
	assert_int_equal(seen.last_wall_ms, now_ms - 2 * DAY_MS);
	assert_int_equal(seen.latency_count, 2);
	assert_int_equal(seen.latencies_ms[0], 2000);
	assert_int_equal(seen.latencies_ms[1], 4000);
	assert_int_equal(look(history, "staging", now_ms).latency_count, 0);
	assert_int_equal(look(history, "production", 0).items, 0);
	history_close(history);
}

static void a_drill_that_is_known_is_left_as_it_is(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);

	add(history, "fd-aaaaaaaa", "QueueMissing", clock_wall_ms(), 1);
	add(history, "fd-aaaaaaaa", "Other", clock_wall_ms(), 2);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM proof"), 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM item"), 1);
	history_close(history);
}

static void names_with_quotes_and_control_characters_come_back_as_they_are(void **state)
{
	static const char evil[] = "a'b\"c\033[2J\n%s; DROP TABLE item; --";
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);

	add(history, "fd-aaaaaaaa", evil, clock_wall_ms(), 1);
	assert_string_equal(look(history, "staging", 0).name, evil);
	history_close(history);
}

static void a_report_that_is_too_long_is_left_out(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	struct history_drill drill = drill_of("fd-aaaaaaaa", clock_wall_ms(), NULL);
	char *report = mem_zalloc((256 << 10) + 2);

	memset(report, ' ', (256 << 10) + 1);
	drill.report = report;
	assert_true(history_add(history, &drill, 0, NULL));
	drill.drill = "fd-bbbbbbbb";
	report[256 << 10] = '\0';
	assert_true(history_add(history, &drill, 0, NULL));
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 2);
	assert_int_equal(count(shelf, "SELECT count(*) FROM report"), 1);
	free(report);
	history_close(history);
}

/* Retention. */

/* 1,100 drills and a proof of each, the last of them so old; without those of `history_add`. */
static void fill(const struct shelf *shelf, int64_t newest_age_ms)
{
	char *text = mem_printf(
	    "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)"
	    " INSERT INTO drill (seq, drill, scenario, environment, kind, via, verdict, reason,"
	    " exit_code, started_wall_ms, ended_wall_ms) SELECT i, 'fd-' || i, 's', 'staging', 'none', 'http', 'pass', '',"
	    " 0, 0, %lld + i - 1100 FROM n;"
	    "INSERT INTO report SELECT seq, '{}' FROM drill;"
	    "INSERT INTO expectation (drill, number, alert, chat, channel, finding, latency_ms,"
	    " resolved_latency_ms) SELECT seq, 0, 'a', 'c', '#c', 'delivered', 1, -1 FROM drill;"
	    "INSERT INTO evidence SELECT NULL, seq, 'log', '', -1, 0, 'line' FROM drill;"
	    "INSERT INTO item VALUES (1, 'staging', 'main', 'rule', 'prometheus', 'Old', 'orders',"
	    " 1, 1, 'fd-1');"
	    "INSERT INTO proof SELECT 1, 1, seq, 0, 1 FROM drill WHERE seq <= 40; COMMIT",
	    (long long)(clock_wall_ms() - newest_age_ms));

	sql(shelf, text);
	free(text);
}

static void the_old_are_forgotten_a_few_at_a_time_with_all_that_is_theirs(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);

	fill(shelf, 101 * DAY_MS);
	add(history, "fd-aaaaaaaa", "New", clock_wall_ms(), 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 1081);
	assert_int_equal(count(shelf, "SELECT min(seq) FROM drill"), 21);
	assert_int_equal(count(shelf, "SELECT count(*) FROM report"), 1081);
	assert_int_equal(count(shelf, "SELECT count(*) FROM expectation"), 1081);
	assert_int_equal(count(shelf, "SELECT count(*) FROM evidence"), 1080);
	assert_int_equal(count(shelf, "SELECT count(*) FROM proof WHERE item = 1"), 20);
	assert_int_equal(look(history, "staging", 0).items, 2);
	add(history, "fd-bbbbbbbb", "New", clock_wall_ms(), 1);
	assert_int_equal(look(history, "staging", 0).items, 1); /* nothing speaks for the old one */
	for (int i = 0; i < 10; i++) {
		char id[16];

		(void)snprintf(id, sizeof id, "fd-%d-new", i);
		add(history, id, "New", clock_wall_ms(), 1);
	}
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 1001);
	history_close(history);
}

static void nothing_young_is_forgotten(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);

	fill(shelf, 99 * DAY_MS);
	add(history, "fd-aaaaaaaa", "New", clock_wall_ms(), 1);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 1101);
	history_close(history);
}

static void a_file_that_is_too_large_loses_its_oldest_however_young(void **state)
{
	static const struct history_limits small = {.keep_ms = 100 * DAY_MS, .bytes = 64 << 10};
	const struct shelf *shelf = *state;
	struct history *history = history_open(shelf->path, &small, NULL);

	assert_non_null(history);
	fill(shelf, DAY_MS);
	for (int i = 0; i < 100; i++) {
		char id[16];

		(void)snprintf(id, sizeof id, "fd-%d-new", i);
		add(history, id, "New", clock_wall_ms(), 1);
	}
	assert_in_range(count(shelf, "SELECT count(*) FROM drill"), 1, 300);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill WHERE drill = 'fd-99-new'"), 1);
	history_close(history);
}

/* What goes wrong. */

static void assert_refused(const struct shelf *shelf, const char *expected)
{
	struct error error = {""};

	assert_null(history_open(shelf->path, &limits, &error));
	if (strstr(error.text, expected) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

static void overwrite(const struct shelf *shelf, off_t at, const void *data, size_t len)
{
	struct shelf file = beside(shelf);
	int fd = open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, at), len);
	assert_int_equal(close(fd), 0);
}

static void a_file_that_is_no_history_is_refused_in_words(void **state)
{
	const struct shelf *shelf = *state;

	overwrite(shelf, 0, "this is a text, and no database\n", 32);
	assert_refused(shelf, "is not a history");
}

static void a_history_of_a_newer_firedrill_is_refused(void **state)
{
	const struct shelf *shelf = *state;

	history_close(open_it(shelf));
	sql(shelf, "PRAGMA user_version = 4");
	assert_refused(shelf, "newer firedrill");
}

static void a_ledger_is_no_history(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);

	ledger_close(shelf_open(&file));
	assert_refused(shelf, "another program");
}

static void damage_is_an_error_where_it_is_met_and_never_a_crash(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);
	struct error error = {""};
	struct seen seen = {0};
	struct history *history;
	struct stat about;
	char garbage[1024];
	bool good;

	history = open_it(shelf);
	fill(shelf, DAY_MS);
	history_close(history);
	memset(garbage, 0xa5, sizeof garbage);
	assert_int_equal(stat(file.path, &about), 0);
	for (off_t at = 4096; at < about.st_size; at += 4096)
		overwrite(shelf, at, garbage, sizeof garbage);
	history = history_open(shelf->path, &limits, &error);
	if (history != NULL) {
		const struct history_drill drill = drill_of("fd-aaaaaaaa", 1, NULL);

		good = history_visit_items(history, "staging", 0, on_item, &seen, &error) &&
		       history_add(history, &drill, 0, &error);
		assert_false(good);
	}
	assert_non_null(strstr(error.text, "damaged"));
	history_close(history);
}

static void a_full_disk_writes_nothing_of_a_drill_and_says_so(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	const struct history_proof proof = proof_of("QueueMissing", clock_wall_ms(), 1);
	const struct history_drill drill = drill_of("fd-aaaaaaaa", clock_wall_ms(), &proof);
	struct error error = {""};

	disk_is_full = true;
	assert_false(history_add(history, &drill, 0, &error));
	disk_is_full = false;
	assert_non_null(strstr(error.text, "is full"));
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 0);
	assert_int_equal(count(shelf, "SELECT count(*) FROM item"), 0);
	add(history, "fd-aaaaaaaa", "QueueMissing", clock_wall_ms(), 1);
	assert_int_equal(look(history, "staging", 0).items, 1);
	history_close(history);
}

static void where_no_file_can_be_made_it_says_why(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);

	assert_int_equal(mkdir(file.path, 0700), 0);
	assert_refused(shelf, "is not a file");
	assert_int_equal(rmdir(file.path), 0);
	if (geteuid() == 0)
		return; /* for whom no folder is read-only */
	assert_int_equal(chmod(shelf->folder, 0500), 0);
	assert_refused(shelf, "cannot be made");
	assert_int_equal(chmod(shelf->folder, 0700), 0);
}

static void a_history_that_was_moved_away_is_not_written_to(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);
	struct history *history = open_it(shelf);
	const struct history_drill drill = drill_of("fd-aaaaaaaa", 1, NULL);
	struct error error = {""};

	assert_int_equal(unlink(file.path), 0);
	assert_false(history_add(history, &drill, 0, &error));
	assert_non_null(strstr(error.text, "moved or removed"));
	history_close(history);
}

/* Two processes. */

static bool add_many(struct shelf *shelf)
{
	struct error error = {""};
	struct history *history = history_open(shelf->path, &limits, &error);
	bool good = history != NULL;

	for (int i = 0; good && i < 100; i++) {
		char *id = mem_printf("fd-%d-%d", (int)getpid(), i);
		const struct history_proof proof = proof_of("QueueMissing", clock_wall_ms(), i);
		const struct history_drill drill = drill_of(id, clock_wall_ms(), &proof);

		good = history_add(history, &drill, 40000, &error);
		free(id);
	}
	history_close(history);
	if (!good)
		(void)fprintf(stderr, "%s\n", error.text);
	return good;
}

static void two_processes_write_at_once_and_lose_nothing(void **state)
{
	struct shelf *shelf = *state;
	pid_t first = fork();
	int status;

	assert_true(first >= 0);
	if (first == 0)
		_exit(add_many(shelf) ? 0 : 1);
	shelf_apart(add_many, shelf);
	assert_int_equal(waitpid(first, &status, 0), first);
	assert_int_equal(status, 0);
	assert_int_equal(count(shelf, "SELECT count(*) FROM drill"), 200);
	assert_int_equal(count(shelf, "SELECT count(*) FROM proof"), 200);
	assert_int_equal(count(shelf, "SELECT count(*) FROM item"), 1);
}

static void nobody_waits_for_another_that_writes_unless_asked_to(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);
	struct history *history = open_it(shelf);
	const struct history_drill drill = drill_of("fd-aaaaaaaa", clock_wall_ms(), NULL);
	struct error error = {""};
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(file.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_false(history_add(history, &drill, 0, &error));
	assert_non_null(strstr(error.text, "another process"));
	assert_int_equal(look(history, "staging", 0).items, 0); /* reading goes on */
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_true(history_add(history, &drill, 0, NULL));
	history_close(history);
}

static void nobody_else_may_read_it(void **state)
{
	const struct shelf *shelf = *state;
	struct shelf file = beside(shelf);
	struct stat about;

	history_close(open_it(shelf));
	assert_int_equal(stat(file.path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	history_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_drill_is_kept_with_its_expectations_proofs_and_report),
	    shelf_test(what_was_proven_is_told_with_its_latencies_since_a_time),
	    shelf_test(a_drill_that_is_known_is_left_as_it_is),
	    shelf_test(names_with_quotes_and_control_characters_come_back_as_they_are),
	    shelf_test(a_report_that_is_too_long_is_left_out),
	    shelf_test(the_old_are_forgotten_a_few_at_a_time_with_all_that_is_theirs),
	    shelf_test(nothing_young_is_forgotten),
	    shelf_test(a_file_that_is_too_large_loses_its_oldest_however_young),
	    shelf_test(a_file_that_is_no_history_is_refused_in_words),
	    shelf_test(a_history_of_a_newer_firedrill_is_refused),
	    shelf_test(a_ledger_is_no_history),
	    shelf_test(damage_is_an_error_where_it_is_met_and_never_a_crash),
	    shelf_test(a_full_disk_writes_nothing_of_a_drill_and_says_so),
	    shelf_test(where_no_file_can_be_made_it_says_why),
	    shelf_test(a_history_that_was_moved_away_is_not_written_to),
	    shelf_test(two_processes_write_at_once_and_lose_nothing),
	    shelf_test(nobody_waits_for_another_that_writes_unless_asked_to),
	    shelf_test(nobody_else_may_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
