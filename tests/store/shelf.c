/* The fixture of all ledger tests. */
#include "tests/store/shelf.h"

#include <ftw.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/mem.h"

int shelf_setup(void **state)
{
	struct shelf *shelf = mem_zalloc(sizeof *shelf);

	(void)snprintf(shelf->folder, sizeof shelf->folder, "/tmp/firedrill-ledger-XXXXXX");
	if (mkdtemp(shelf->folder) == NULL)
		return -1;
	(void)snprintf(shelf->path, sizeof shelf->path, "%s/ledger", shelf->folder);
	*state = shelf;
	return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

int shelf_teardown(void **state)
{
	struct shelf *shelf = *state;
	int rc = nftw(shelf->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(shelf);
	return rc;
}

struct ledger *shelf_open(const struct shelf *shelf)
{
	struct error error = {""};
	struct ledger *ledger = ledger_open(shelf->path, &error);

	assert_string_equal(error.text, "");
	assert_non_null(ledger);
	return ledger;
}

void shelf_assert_refused(const char *path, const char *expected)
{
	struct error error = {""};

	assert_null(ledger_open(path, &error));
	assert_non_null(strstr(error.text, path));
	if (strstr(error.text, expected) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

struct ledger_fault shelf_fault(const char *drill)
{
	return (struct ledger_fault){
	    .drill = drill,
	    .scenario = "bad-queue",
	    .environment = "staging",
	    .via = VIA_HTTP,
	    .recipe = "{\"url\":\"http://127.0.0.1/\"}",
	    .note = "",
	    .intended_wall_ms = 1000,
	    .lease_wall_ms = INT64_C(1700000000000),
	};
}

void shelf_intend(struct ledger *ledger, const char *drill)
{
	const struct ledger_fault fault = shelf_fault(drill);
	struct error error = {""};
	bool ok = ledger_intend(ledger, &fault, &error);

	assert_string_equal(error.text, "");
	assert_true(ok);
}

static bool count_one(void *arg, const struct ledger_fault *fault)
{
	(void)fault;
	++*(size_t *)arg;
	return true;
}

size_t shelf_count(struct ledger *ledger)
{
	size_t count = 0;

	assert_true(ledger_visit_open(ledger, NULL, count_one, &count, NULL));
	return count;
}

void shelf_sql(const struct shelf *shelf, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(shelf->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(db, 1000), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void shelf_make_version_1(const struct shelf *shelf)
{
	shelf_sql(shelf,
		  "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x46645266;"
		  "BEGIN; CREATE TABLE fault (seq INTEGER PRIMARY KEY, drill TEXT NOT NULL UNIQUE,"
		  " scenario TEXT NOT NULL, environment TEXT NOT NULL, via TEXT NOT NULL,"
		  " state TEXT NOT NULL, recipe TEXT NOT NULL, note TEXT NOT NULL,"
		  " intended_wall_ms INTEGER NOT NULL, lease_wall_ms INTEGER NOT NULL) STRICT;"
		  "CREATE INDEX fault_open ON fault (seq) WHERE state <> 'clean';"
		  "INSERT INTO fault (drill, scenario, environment, via, state, recipe, note,"
		  " intended_wall_ms, lease_wall_ms)"
		  " SELECT 'fd-' || column1, 'bad-queue', 'staging', 'http', column1,"
		  " '{\"url\":\"http://127.0.0.1/' || column1 || '\"}', 'note of ' || column1,"
		  " 1000, 2000 FROM (VALUES ('intent'), ('injecting'), ('injected'),"
		  " ('reverting'), ('unconfirmed'), ('clean'), ('stuck'));"
		  "PRAGMA user_version = 1; COMMIT");
}

void shelf_apart(bool (*part)(struct shelf *shelf), struct shelf *shelf)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(part(shelf) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
