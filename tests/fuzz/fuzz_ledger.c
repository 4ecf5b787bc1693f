/* A ledger in which any bytes were changed: it opens or says why not, and every call on it succeeds
 * or says why not.  The first byte of an input says what the rest is: '1' and '2' changes to a
 * ledger of that version, three bytes each (place, place, value); 'w' the write-ahead log beside
 * one; anything else the whole file. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/store/ledger.h"

#define FILE_LIMIT 65536 /* bytes; of what is changed */
#define DRILL      "fd-aaaaaaaa"

/* Made once, kept for all inputs. */
static struct {
	char folder[64];
	char path[80], log[84], index[84];
	unsigned char old_one[FILE_LIMIT], new_one[FILE_LIMIT];
	size_t old_size, new_size;
} shelf;

/* The disk is not what is tested. */
int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int fsync(int fd)
{
	(void)fd;
	return 0;
}

static void clear(void)
{
	(void)unlink(shelf.path);
	(void)unlink(shelf.log);
	(void)unlink(shelf.index);
}

static void remove_shelf(void)
{
	clear();
	(void)rmdir(shelf.folder);
}

static void write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	PROMISE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)close(fd);
}

static size_t read_file(const char *path, unsigned char *ret_data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, ret_data, FILE_LIMIT);

	PROMISE(size > 0 && size < FILE_LIMIT);
	(void)close(fd);
	return (size_t)size;
}

static void make_old_one(void)
{
	static const char sql[] =
	    "PRAGMA application_id = 0x46645266; PRAGMA user_version = 1;"
	    "CREATE TABLE fault (seq INTEGER PRIMARY KEY, drill TEXT NOT NULL UNIQUE,"
	    " scenario TEXT NOT NULL, environment TEXT NOT NULL, via TEXT NOT NULL,"
	    " state TEXT NOT NULL, recipe TEXT NOT NULL, note TEXT NOT NULL,"
	    " intended_wall_ms INTEGER NOT NULL, lease_wall_ms INTEGER NOT NULL) STRICT;"
	    "CREATE INDEX fault_open ON fault (seq) WHERE state <> 'clean';"
	    "INSERT INTO fault VALUES (1, 'fd-aaaaaaaa', 's', 'staging', 'http', 'injected', '{}',"
	    " '', 1, 2), (2, 'fd-bbbbbbbb', 's', 'qa', 'none', 'clean', '{}', '', 1, 2)";
	sqlite3 *db;

	PROMISE(sqlite3_open(shelf.path, &db) == SQLITE_OK);
	PROMISE(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	PROMISE(sqlite3_close(db) == SQLITE_OK);
	shelf.old_size = read_file(shelf.path, shelf.old_one);
}

/* From the old one, with a fault set aside and the lever pulled. */
static void make_new_one(void)
{
	struct ledger *ledger = ledger_open(shelf.path, NULL);

	PROMISE(ledger != NULL);
	PROMISE(ledger_advance(ledger, DRILL, FAULT_STUCK, "note", NULL));
	PROMISE(ledger_ack(ledger, DRILL, "why", "anna", NULL));
	PROMISE(ledger_set_halt(ledger, "why", "anna", NULL));
	ledger_close(ledger);
	shelf.new_size = read_file(shelf.path, shelf.new_one);
}

static void make_shelf(void)
{
	(void)snprintf(shelf.folder, sizeof shelf.folder, "/tmp/firedrill-fuzz-XXXXXX");
	PROMISE(mkdtemp(shelf.folder) != NULL);
	(void)snprintf(shelf.path, sizeof shelf.path, "%s/ledger", shelf.folder);
	(void)snprintf(shelf.log, sizeof shelf.log, "%s-wal", shelf.path);
	(void)snprintf(shelf.index, sizeof shelf.index, "%s-shm", shelf.path);
	PROMISE(atexit(remove_shelf) == 0);
	make_old_one();
	make_new_one();
	clear();
}

static void write_changed(const unsigned char *file, size_t file_size, const uint8_t *data,
			  size_t size)
{
	unsigned char *copy = mem_zalloc(file_size);

	memcpy(copy, file, file_size);
	for (size_t at = 0; at + 3 <= size; at += 3)
		copy[((size_t)data[at] << 8 | data[at + 1]) % file_size] = data[at + 2];
	write_file(shelf.path, copy, file_size);
	free(copy);
}

static void write_input(const uint8_t *data, size_t size)
{
	char kind = size > 0 ? (char)data[0] : ' ';

	if (kind == '1') {
		write_changed(shelf.old_one, shelf.old_size, data + 1, size - 1);
	} else if (kind == '2') {
		write_changed(shelf.new_one, shelf.new_size, data + 1, size - 1);
	} else if (kind == 'w') {
		write_file(shelf.path, shelf.new_one, shelf.new_size);
		write_file(shelf.log, data + 1, size - 1);
	} else {
		write_file(shelf.path, data, size);
	}
}

/* Reads every byte that it is given. */
static bool read_fault(void *arg, const struct ledger_fault *fault)
{
	const char *const texts[] = {fault->drill,  fault->scenario, fault->environment,
				     fault->target, fault->recipe,   fault->note};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*(size_t *)arg += strlen(texts[i]);
	PROMISE(fault->via >= 0 && fault->via < VIA_COUNT);
	PROMISE(fault->state > FAULT_ABSENT && fault->state < FAULT_STATE_COUNT);
	if (fault->ack_reason != NULL)
		*(size_t *)arg += strlen(fault->ack_reason);
	return true;
}

static void expect(bool ok, struct error *error)
{
	PROMISE(ok == (error->text[0] == '\0'));
	error->text[0] = '\0';
}

static void use(struct ledger *ledger)
{
	const struct ledger_fault fault = {.drill = "fd-nnnnnnnn",
					   .scenario = "s",
					   .environment = "staging",
					   .via = VIA_HTTP,
					   .recipe = "{}"};
	struct ledger_past past;
	struct ledger_halt halt = {.halted = false};
	struct error error = {""};
	size_t len = 0;

	expect(ledger_visit_open(ledger, NULL, read_fault, &len, &error), &error);
	expect(ledger_past(ledger, "staging", 0, &past, &error), &error);
	expect(ledger_halt(ledger, &halt, &error), &error);
	ledger_halt_done(&halt);
	expect(ledger_intend(ledger, &fault, &error), &error);
	expect(ledger_complete(ledger, "fd-nnnnnnnn", "{\"x\":1}", &error), &error);
	expect(ledger_advance(ledger, "fd-nnnnnnnn", FAULT_STUCK, "note", &error), &error);
	expect(ledger_ack(ledger, "fd-nnnnnnnn", "why", "anna", &error), &error);
	expect(ledger_advance(ledger, DRILL, FAULT_REVERTING, "", &error), &error);
	expect(ledger_set_halt(ledger, "why", "anna", &error), &error);
	expect(ledger_lift_halt(ledger, &error), &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = {""};
	struct ledger *ledger;

	if (shelf.folder[0] == '\0')
		make_shelf();
	write_input(data, size);
	ledger = ledger_open(shelf.path, &error);
	PROMISE((ledger == NULL) == (error.text[0] != '\0'));
	if (ledger != NULL)
		use(ledger);
	ledger_close(ledger);
	clear();
	return 0;
}
