/* A disk that is full, or fails: a call that returned true is on it, any other says why not.
 * The program's own pwrite64 and fdatasync stand before those of the C library for all that it
 * links, SQLite included. */
#include "src/store/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

/* The disk; set back by every test. */
static struct {
	int write_errno, sync_errno; /* 0: it works */
	size_t syncs;
} disk;

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (disk.write_errno != 0) {
		errno = disk.write_errno;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

static int do_sync(long number, int fd)
{
	disk.syncs++;
	if (disk.sync_errno != 0) {
		errno = disk.sync_errno;
		return -1;
	}
	return (int)syscall(number, fd);
}

int fdatasync(int fd)
{
	return do_sync(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return do_sync(SYS_fsync, fd);
}

static void every_call_that_returned_true_is_on_the_disk(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	size_t before = disk.syncs;

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(disk.syncs > before);
	before = disk.syncs;
	assert_true(ledger_complete(ledger, "fd-aaaaaaaa", "{}", NULL));
	assert_true(disk.syncs > before);
	before = disk.syncs;
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	assert_true(disk.syncs > before);
	ledger_close(ledger);
}

static void assert_intend_fails(struct ledger *ledger, const char *drill, const char *expected)
{
	const struct ledger_fault fault = shelf_fault(drill);
	struct error error = {""};

	assert_false(ledger_intend(ledger, &fault, &error));
	if (strstr(error.text, expected) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

static void a_full_disk_fails_the_call_and_works_again_once_there_is_room(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct error error = {""};

	shelf_intend(ledger, "fd-aaaaaaaa");
	disk.write_errno = ENOSPC;
	assert_intend_fails(ledger, "fd-bbbbbbbb", "full: free some space");
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", &error));
	assert_non_null(strstr(error.text, "full"));
	disk.write_errno = 0;
	assert_int_equal(shelf_count(ledger), 1);
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	shelf_intend(ledger, "fd-bbbbbbbb");
	ledger_close(ledger);
}

static void a_disk_that_fails_to_write_or_to_sync_fails_the_call(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	disk.write_errno = EIO;
	assert_intend_fails(ledger, "fd-aaaaaaaa", "check the disk");
	disk.write_errno = 0;
	disk.sync_errno = EIO;
	assert_intend_fails(ledger, "fd-bbbbbbbb", "check the disk");
	disk.sync_errno = 0;
	shelf_intend(ledger, "fd-cccccccc");
	ledger_close(ledger);
}

static void a_ledger_cannot_be_made_on_a_full_disk(void **state)
{
	struct shelf *shelf = *state;

	disk.write_errno = ENOSPC;
	shelf_assert_refused(shelf->path, "full");
	disk.write_errno = 0;
	ledger_close(shelf_open(shelf));
}

/* A limit of the process instead of the disk; the kernel answers EFBIG. */
static bool write_beyond_the_limit(struct shelf *shelf)
{
	const struct rlimit limit = {65536, 65536};
	struct ledger *ledger = ledger_open(shelf->path, NULL);
	struct error error = {""};
	char drill[16] = "fd-aaaaaaaa";
	size_t written = 0, kept;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (ledger == NULL || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return false;
	for (; written < 1000; written++) {
		struct ledger_fault fault = shelf_fault(drill);

		drill[3] = (char)('a' + written % 26);
		drill[4] = (char)('a' + written / 26);
		if (!ledger_intend(ledger, &fault, &error))
			break;
	}
	kept = shelf_count(ledger);
	ledger_close(ledger);
	return written > 0 && written < 1000 && strstr(error.text, shelf->path) != NULL &&
	       kept == written;
}

static void a_file_that_may_not_grow_fails_the_call_and_keeps_what_was_said(void **state)
{
	struct ledger *ledger;

	shelf_apart(write_beyond_the_limit, *state);
	ledger = shelf_open(*state);
	assert_true(shelf_count(ledger) > 0);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(every_call_that_returned_true_is_on_the_disk),
	    shelf_test(a_full_disk_fails_the_call_and_works_again_once_there_is_room),
	    shelf_test(a_disk_that_fails_to_write_or_to_sync_fails_the_call),
	    shelf_test(a_ledger_cannot_be_made_on_a_full_disk),
	    shelf_test(a_file_that_may_not_grow_fails_the_call_and_keeps_what_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
