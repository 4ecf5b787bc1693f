/* A SQLite file of ours: opened with care, written durably, every failure in words. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/error.h"

/* What is in the file; static. */
struct database_kind {
	const char *name; /* for people: "ledger" */
	int application_id, version;
	const char *const *steps; /* SQL: the first makes version 1, each next one the next */
	const char *when_lost;    /* what to do by hand when it cannot be read: "look at ..." */
	/* Too large to be looked through when it is opened, and not worth a wait for the disk at
	 * each write: a power cut may take back the last ones, never the order or the whole. */
	bool large;
};

struct database {
	sqlite3 *db;                      /* owned */
	char *path;                       /* owned */
	const struct database_kind *kind; /* borrowed, static */
	dev_t device;
	ino_t inode;
	ino_t log;             /* of its write-ahead log, where the newest is; 0: not known */
	bool is_open;          /* from then on others are waited for only shortly */
	int looks;             /* before that, at the lock of another process */
	bool hurries;          /* as database_hurry */
	int64_t rests_till_ms; /* clock_ms() until which nobody is waited for any more */
	bool is_busy;          /* the last transaction did not begin: another process writes */
};

/* Creates the file (mode 0600) and its folders (0700) when missing, and brings one of an older
 * version up to date, wholly or not at all. A file of another program is left as it is. One process,
 * one database: it must not be carried over a fork. */
MUST_CHECK struct database *database_open(const char *path, const struct database_kind *kind,
					  struct error *error);
/* The same for a loop that has other things to do: whoever has the file for itself just now, or makes its
 * tables, is not waited for. To be tried again by a timer. */
MUST_CHECK struct database *
database_open_at_once(const char *path, const struct database_kind *kind, struct error *error);
void database_close(struct database *database); /* NULL is fine */

/* From now on, for a loop that has other things to do: another process that writes is waited for 50 ms
 * at most, and then for a second not at all. What could not be done is to be tried again by a timer. */
void database_hurry(struct database *database);

/* Is it still the file of that path, and its write-ahead log, too? What is written to one that was moved
 * or removed is found by nobody after a crash. */
MUST_CHECK bool database_is_in_place(const struct database *database, struct error *error);

MUST_CHECK bool database_run(struct database *database, const char *sql, struct error *error);

/* Texts are bound from ?1 on and stay borrowed until the statement is finalized. NULL on failure;
 * owned by the caller (sqlite3_finalize, database_finish). */
MUST_CHECK sqlite3_stmt *database_prepare(struct database *database, const char *sql,
					  const char *const *texts, size_t count,
					  struct error *error);

/* Steps to the end of a statement that gives no rows, and finalizes it. NULL fails. */
MUST_CHECK bool database_finish(struct database *database, sqlite3_stmt *statement,
				struct error *error);

/* Only one process is between the two at a time. database_end commits when ok, else takes back all
 * that was done (error is then left as it is); true when it is on the disk. */
MUST_CHECK bool database_begin(struct database *database, struct error *error);
MUST_CHECK bool database_end(struct database *database, bool ok, struct error *error);

const char *database_text(sqlite3_stmt *row, int column); /* "" for NULL; borrowed from the row */

/* Both always false. The sentence for what SQLite has just reported; for content that makes no
 * sense. */
bool database_fail(const struct database *database, struct error *error);
bool database_damaged(const struct database *database, const char *detail, struct error *error);

#endif
