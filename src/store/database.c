/* A SQLite file of ours: opened with care, written durably, every failure in words. */
#include "src/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/folders.h"

#define BUSY_LOOK_MS 5    /* between two tries while another process writes ... */
#define BUSY_TRIES   200  /* ... so many: a second, and longer on a machine that is too slow */
#define HURRY_TRIES  10   /* of a database that hurries: 50 ms, and longer as well ... */
#define REST_MS      1000 /* ... and then for so long not one, whatever is to be written */
#define BUSY_OPENING 2000 /* ... in all while it is opened: another one may be making the tables */
#define VALUE_LIMIT  (2 << 20) /* bytes of anything in the file */

/* Errors that say what to do. */

static const char *system_reason(const struct database *database)
{
	int number = sqlite3_system_errno(database->db);

	return number != 0 ? strerror(number) : sqlite3_errmsg(database->db);
}

bool database_damaged(const struct database *database, const char *detail, struct error *error)
{
	return error_set(error, "the %s %s is damaged (%.120s): %s, then move the file away",
			 database->kind->name, database->path, detail, database->kind->when_lost);
}

bool database_fail(const struct database *database, struct error *error)
{
	const char *name = database->kind->name, *path = database->path;

	switch (sqlite3_errcode(database->db) & 0xff) {
	case SQLITE_FULL:
		return error_set(error, "the disk of the %s %s is full: free some space", name,
				 path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return error_set(error,
				 "the %s %s cannot be written (%s): check the owner and the mode "
				 "of the file and its folder",
				 name, path, system_reason(database));
	case SQLITE_IOERR:
		return error_set(error, "the %s %s cannot be read or written (%s): check the disk",
				 name, path, system_reason(database));
	case SQLITE_CORRUPT:
		return database_damaged(database, sqlite3_errmsg(database->db), error);
	case SQLITE_NOTADB:
		return error_set(error,
				 "%s is not a %s: name another file; if it was one, %s, then move "
				 "it away",
				 path, name, database->kind->when_lost);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(error, "another process is writing to the %s %s: try again", name,
				 path);
	default:
		return error_set(error, "the %s %s: %.120s: check the file and its disk", name,
				 path, sqlite3_errmsg(database->db));
	}
}

/* SQL in few words. */

bool database_run(struct database *database, const char *sql, struct error *error)
{
	return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       database_fail(database, error);
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *const *texts,
			       size_t count, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(database->db, sql, -1, &statement, NULL);

	for (size_t i = 0; rc == SQLITE_OK && i < count; i++)
		rc = sqlite3_bind_text(statement, (int)i + 1, texts[i], -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		return statement;
	(void)database_fail(database, error);
	(void)sqlite3_finalize(statement);
	return NULL;
}

bool database_finish(struct database *database, sqlite3_stmt *statement, struct error *error)
{
	bool ok;

	if (statement == NULL)
		return false;
	ok = sqlite3_step(statement) == SQLITE_DONE || database_fail(database, error);
	(void)sqlite3_finalize(statement);
	return ok;
}

bool database_begin(struct database *database, struct error *error)
{
	bool begun = database_run(database, "BEGIN IMMEDIATE", error);

	database->is_busy = !begun && (sqlite3_errcode(database->db) & 0xff) == SQLITE_BUSY;
	return begun;
}

bool database_end(struct database *database, bool ok, struct error *error)
{
	if (ok && database_run(database, "COMMIT", error))
		return true;
	(void)sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

const char *database_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text != NULL ? (const char *)text : "";
}

/* The first column of the first row, into a buffer; "" when there is no row. */
static bool ask(struct database *database, const char *sql, char *ret_text, size_t size,
		struct error *error)
{
	sqlite3_stmt *statement = database_prepare(database, sql, NULL, 0, error);
	int rc;

	if (statement == NULL)
		return false;
	rc = sqlite3_step(statement);
	ret_text[0] = '\0';
	if (rc == SQLITE_ROW)
		(void)snprintf(ret_text, size, "%s", database_text(statement, 0));
	else if (rc != SQLITE_DONE)
		(void)database_fail(database, error);
	(void)sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/* Opening. */

/* Is it in that folder, and in no other one? */
static bool is_only_in(int folder, const char *name, int fd)
{
	struct stat entry, ours;

	return fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &ours) == 0 &&
	       entry.st_dev == ours.st_dev && entry.st_ino == ours.st_ino && ours.st_nlink == 1;
}

/* What root makes in the folder of somebody else is theirs, as with SQLite's own side files: a look by
 * root would lock the service out. Where even root may not give it away, it stays as it is. The path may
 * lead elsewhere by now: else its owner could be given what root has made in a folder of its own. */
static void hand_over(const struct database *database, int fd)
{
	const char *slash = strrchr(database->path, '/');
	const char *name = slash != NULL ? slash + 1 : database->path;
	char *path = slash != NULL ? mem_dup_n(database->path, (size_t)(name - database->path))
				   : mem_dup(".");
	int folder = geteuid() == 0 ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct stat about;

	free(path);
	if (folder < 0)
		return;
	if (fstat(folder, &about) == 0 && about.st_uid != 0 && is_only_in(folder, name, fd))
		(void)!fchown(fd, about.st_uid, about.st_gid);
	(void)close(folder);
}

/* SQLite gives its side files the mode of this one.  A file that is there is never opened here:
 * closing it would drop the locks of this process (https://www.sqlite.org/howtocorrupt.html 2.2). */
static bool make_file(struct database *database, struct error *error)
{
	int fd = open(database->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat about;

	if (fd >= 0) {
		hand_over(database, fd);
		(void)close(fd);
	}
	if ((fd < 0 && errno != EEXIST) || stat(database->path, &about) != 0)
		return error_set(error,
				 "the %s %s cannot be made (%s): check the path, and the owner and "
				 "the mode of its folder",
				 database->kind->name, database->path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return error_set(error, "%s is not a file: name a file for the %s", database->path,
				 database->kind->name);
	database->device = about.st_dev;
	database->inode = about.st_ino;
	return true;
}

/* 0: nothing is in it yet. What belongs to others is only looked at. */
static bool find_version(struct database *database, int *ret_version, struct error *error)
{
	char tables[16], owner[16], version[16];
	long number;

	if (!ask(database, "SELECT count(*) FROM sqlite_schema", tables, sizeof tables, error) ||
	    !ask(database, "PRAGMA application_id", owner, sizeof owner, error) ||
	    !ask(database, "PRAGMA user_version", version, sizeof version, error))
		return false;
	if (strcmp(tables, "0") == 0) {
		*ret_version = 0;
		return true;
	}
	if (strtol(owner, NULL, 10) != database->kind->application_id)
		return error_set(error, "%s is a database of another program: name another file",
				 database->path);
	number = strtol(version, NULL, 10);
	if (number > (long)database->kind->version)
		return error_set(error,
				 "the %s %s was written by a newer firedrill: use that one, or "
				 "name another file",
				 database->kind->name, database->path);
	if (number < 1)
		return database_damaged(database, "it has no version", error);
	*ret_version = (int)number;
	return true;
}

static bool check_health(struct database *database, struct error *error)
{
	char health[160];

	return ask(database, "PRAGMA quick_check(1)", health, sizeof health, error) &&
	       (strcmp(health, "ok") == 0 || database_damaged(database, health, error));
}

/* Steadily, and not less and less often as SQLite's own: else one of several that write a lot is
 * always too late. */
static int wait_a_little(void *arg, int tries)
{
	struct database *database = arg;

	if (!database->is_open) {
		(void)sqlite3_sleep(BUSY_LOOK_MS);
		return ++database->looks < BUSY_OPENING;
	}
	if (database->hurries && clock_ms() < database->rests_till_ms)
		return 0;
	(void)sqlite3_sleep(BUSY_LOOK_MS);
	if (tries < (database->hurries ? HURRY_TRIES : BUSY_TRIES))
		return 1;
	database->rests_till_ms = clock_ms() + REST_MS;
	return 0;
}

void database_hurry(struct database *database)
{
	database->hurries = true;
}

/* The waiting does not cover this switch when two processes make it at once. */
static bool switch_to_wal(struct database *database, char *ret_mode, size_t size,
			  struct error *error)
{
	while (!ask(database, "PRAGMA journal_mode = WAL", ret_mode, size, error)) {
		if ((sqlite3_errcode(database->db) & 0xff) != SQLITE_BUSY ||
		    ++database->looks >= BUSY_OPENING)
			return false;
		(void)sqlite3_sleep(BUSY_LOOK_MS);
	}
	return true;
}

static bool make_durable(struct database *database, struct error *error)
{
	struct error busy = {""};
	char mode[16];

	if (sqlite3_db_readonly(database->db, "main") != 0)
		return error_set(error,
				 "the %s %s cannot be written: check the owner and the mode of the "
				 "file and its folder",
				 database->kind->name, database->path);
	if (!switch_to_wal(database, mode, sizeof mode, &busy))
		return error_set(error, "%s", busy.text);
	if (strcmp(mode, "wal") != 0)
		return error_set(error,
				 "the disk of the %s %s allows no write-ahead log: name a file on "
				 "a local disk",
				 database->kind->name, database->path);
	return database_run(database,
			    database->kind->large ? "PRAGMA synchronous = NORMAL"
						  : "PRAGMA synchronous = FULL",
			    error);
}

static bool take_steps(struct database *database, int version, struct error *error)
{
	const struct database_kind *kind = database->kind;
	bool ok = true;
	char *sql;

	for (int i = version; ok && i < kind->version; i++)
		ok = database_run(database, kind->steps[i], error);
	sql = mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
			 kind->application_id, kind->version);
	ok = ok && database_run(database, sql, error);
	free(sql);
	return ok;
}

/* All steps or none; and looked at once more, since another process may have taken them meanwhile. */
static bool bring_up_to_date(struct database *database, struct error *error)
{
	int version = 0;

	return database_begin(database, error) &&
	       database_end(
		   database,
		   find_version(database, &version, error) &&
		       (version == database->kind->version || take_steps(database, version, error)),
		   error);
}

/* Every cache, one for each table that a statement makes for itself too, would begin with 20 pages, 85 KiB,
 * all of them touched. Refused, and in force already, once a database is open.
 * https://www.sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigpagecache */
static void take_pages_one_by_one(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

static bool set_up(struct database *database, struct error *error)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int version = 0;

	take_pages_one_by_one();
	if (sqlite3_open_v2(database->path, &database->db, flags, NULL) != SQLITE_OK)
		return database_fail(database, error);
	(void)sqlite3_busy_handler(database->db, wait_a_little, database);
	(void)sqlite3_db_config(database->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* It would take 120 KiB at once, to be faster at what is rare here. */
	(void)sqlite3_db_config(database->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);
	(void)sqlite3_limit(database->db, SQLITE_LIMIT_LENGTH, VALUE_LIMIT);
	return database_run(database, "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -256",
			    error) &&
	       find_version(database, &version, error) &&
	       (database->kind->large || check_health(database, error)) &&
	       make_durable(database, error) &&
	       (version == database->kind->version || bring_up_to_date(database, error));
}

/* SQLite makes it when the file is opened, and keeps it until the last one has closed it.
 * https://www.sqlite.org/walformat.html 1.2 */
static ino_t find_log(const struct database *database)
{
	char *path = mem_printf("%s-wal", database->path);
	struct stat about;
	ino_t inode = stat(path, &about) == 0 ? about.st_ino : 0;

	free(path);
	return inode;
}

static struct database *open_after(const char *path, const struct database_kind *kind, int looks,
				   struct error *error)
{
	struct database *database = mem_zalloc(sizeof *database);

	database->path = mem_dup(path);
	database->kind = kind;
	database->looks = looks;
	if (folders_make(path, kind->name, error) && make_file(database, error) &&
	    set_up(database, error)) {
		database->is_open = true;
		database->log = find_log(database);
		return database;
	}
	database_close(database);
	return NULL;
}

struct database *database_open(const char *path, const struct database_kind *kind,
			       struct error *error)
{
	return open_after(path, kind, 0, error);
}

struct database *database_open_at_once(const char *path, const struct database_kind *kind,
				       struct error *error)
{
	return open_after(path, kind, BUSY_OPENING, error);
}

void database_close(struct database *database)
{
	if (database == NULL)
		return;
	(void)sqlite3_close(database->db);
	free(database->path);
	free(database);
}

bool database_is_in_place(const struct database *database, struct error *error)
{
	struct stat about;

	if (stat(database->path, &about) == 0 && about.st_dev == database->device &&
	    about.st_ino == database->inode &&
	    (database->log == 0 || find_log(database) == database->log))
		return true;
	return error_set(error,
			 "the %s %s was moved or removed: put it back, or start firedrill anew",
			 database->kind->name, database->path);
}
