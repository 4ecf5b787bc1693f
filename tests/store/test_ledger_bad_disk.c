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
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

/* The disk; set back by every test. */
static struct {
	int write_errno, sync_errno; /* 0: it works */
	size_t syncs;
	size_t calls;               /* writes and syncs */
	size_t fail_from, fail_end; /* of those, counted from 1, fail with fail_errno */
	int fail_errno;
	bool is_fast; /* syncs are counted, not carried out */
} disk;

static bool fails(int errno_now)
{
	disk.calls++;
	if (errno_now == 0 && disk.calls >= disk.fail_from && disk.calls < disk.fail_end)
		errno_now = disk.fail_errno;
	if (errno_now != 0)
		errno = errno_now;
	return errno_now != 0;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return fails(disk.write_errno) ? -1 : syscall(SYS_pwrite64, fd, data, len, at);
}

static int do_sync(long number, int fd)
{
	disk.syncs++;
	if (fails(disk.sync_errno))
		return -1;
	return disk.is_fast ? 0 : (int)syscall(number, fd);
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
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_STUCK, "", NULL));
	assert_true(disk.syncs > before);
	before = disk.syncs;
	assert_true(ledger_ack(ledger, "fd-aaaaaaaa", "why", "anna", NULL));
	assert_true(disk.syncs > before);
	before = disk.syncs;
	assert_true(ledger_set_halt(ledger, "why", "anna", NULL));
	assert_true(disk.syncs > before);
	before = disk.syncs;
	assert_true(ledger_lift_halt(ledger, NULL));
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

static void a_full_disk_fails_every_write_and_no_reading(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct error errors[6] = {{""}};
	struct ledger_past past;
	struct ledger_halt halt = {0};

	shelf_intend(ledger, "fd-aaaaaaaa");
	shelf_intend(ledger, "fd-bbbbbbbb");
	assert_true(ledger_advance(ledger, "fd-bbbbbbbb", FAULT_STUCK, "", NULL));
	assert_true(ledger_set_halt(ledger, "why", "anna", NULL));
	disk.write_errno = ENOSPC;
	assert_false(ledger_complete(ledger, "fd-aaaaaaaa", "{}", &errors[0]));
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", &errors[1]));
	assert_false(ledger_ack(ledger, "fd-bbbbbbbb", "why", "anna", &errors[2]));
	assert_false(ledger_set_halt(ledger, "another", "anna", &errors[3]));
	assert_false(ledger_lift_halt(ledger, &errors[4]));
	assert_intend_fails(ledger, "fd-cccccccc", "full: free some space");
	for (size_t i = 0; i < 5; i++)
		assert_non_null(strstr(errors[i].text, "full: free some space"));
	assert_int_equal(shelf_count(ledger), 2);
	assert_true(ledger_past(ledger, "staging", 0, &past, NULL));
	assert_true(ledger_halt(ledger, &halt, NULL));
	assert_true(halt.halted);
	ledger_halt_done(&halt);
	disk.write_errno = 0;
	ledger_close(ledger);
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

/* A full disk and the death of firedrill come together; its guardian has the ledger open. */
static void what_a_dead_process_left_can_be_read_on_a_full_disk(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);
	struct error error = {""};
	pid_t pid = fork();

	if (pid == 0) {
		shelf_intend(shelf_open(shelf), "fd-aaaaaaaa");
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	disk.write_errno = ENOSPC;
	assert_int_equal(shelf_count(ledger), 1);
	ledger_close(shelf_open(shelf)); /* and now others can open it, too */
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_REVERTING, "", &error));
	assert_non_null(strstr(error.text, "full"));
	disk.write_errno = 0;
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_REVERTING, "", NULL));
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

/* The whole life of a fault, in which any one write or sync fails, or all from one on. */

struct kept {
	enum fault_state state; /* FAULT_ABSENT: no fault */
	bool is_complete, is_set_aside, is_halted;
};

static const enum fault_state life[] = {FAULT_INJECTING, FAULT_INJECTED, FAULT_REVERTING,
					FAULT_STUCK};

/* What was said to be kept. */
static struct kept live(struct ledger *ledger)
{
	const struct ledger_fault fault = shelf_fault("fd-new");
	struct kept said = {.state = FAULT_ABSENT};

	if (ledger_intend(ledger, &fault, NULL))
		said.state = FAULT_INTENT;
	said.is_complete = ledger_complete(ledger, "fd-new", "whole", NULL);
	for (size_t i = 0; i < sizeof life / sizeof life[0]; i++) {
		if (ledger_advance(ledger, "fd-new", life[i], "", NULL))
			said.state = life[i];
	}
	said.is_set_aside = ledger_ack(ledger, "fd-new", "why", "anna", NULL);
	said.is_halted = ledger_set_halt(ledger, "why", "anna", NULL);
	if (ledger_lift_halt(ledger, NULL))
		said.is_halted = false;
	return said;
}

static bool keep_new(void *arg, const struct ledger_fault *fault)
{
	struct kept *kept = arg;

	if (strcmp(fault->drill, "fd-new") == 0) {
		kept->state = fault->state;
		kept->is_complete = strcmp(fault->recipe, "whole") == 0;
		kept->is_set_aside = fault->ack_reason != NULL;
	}
	return true;
}

static struct kept look(struct ledger *ledger)
{
	struct kept kept = {.state = FAULT_ABSENT};
	struct ledger_halt halt = {0};

	assert_true(ledger_visit_open(ledger, NULL, keep_new, &kept, NULL));
	assert_true(ledger_halt(ledger, &halt, NULL));
	kept.is_halted = halt.halted;
	ledger_halt_done(&halt);
	return kept;
}

static void assert_same(struct kept said, struct kept kept)
{
	assert_int_equal(said.state, kept.state);
	assert_int_equal(said.is_complete, kept.is_complete);
	assert_int_equal(said.is_set_aside, kept.is_set_aside);
	assert_int_equal(said.is_halted, kept.is_halted);
}

/* From an old ledger on, so that bringing it up to date fails, too. False once nothing failed. */
static bool live_with_a_failure(const struct shelf *shelf, size_t from, size_t end)
{
	struct kept said = {.state = FAULT_ABSENT};
	struct error error = {""};
	struct ledger *ledger;
	bool failed;

	shelf_make_version_1(shelf);
	disk.calls = 0;
	disk.fail_from = from;
	disk.fail_end = end;
	ledger = ledger_open(shelf->path, &error);
	if (ledger != NULL)
		said = live(ledger);
	else
		assert_non_null(strstr(error.text, shelf->path));
	failed = disk.calls >= from;
	disk.fail_end = 0;
	if (ledger != NULL)
		assert_same(said, look(ledger));
	ledger_close(ledger);
	ledger = shelf_open(shelf);
	assert_same(said, look(ledger));
	assert_int_equal(shelf_count(ledger), said.state == FAULT_ABSENT ? 6 : 7);
	ledger_close(ledger);
	assert_int_equal(unlink(shelf->path), 0);
	return failed;
}

static void whatever_write_fails_what_was_said_is_kept_and_nothing_else(void **state)
{
	static const int errnos[] = {ENOSPC, EIO, EROFS, EDQUOT};
	const size_t ends[] = {1, SIZE_MAX / 2}; /* one alone; all that follow */
	size_t from = 1;

	disk.is_fast = true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		disk.fail_errno = errnos[0];
		for (from = 1; live_with_a_failure(*state, from, from + ends[i]); from++)
			disk.fail_errno = errnos[from % 4];
		assert_true(from > 30);
	}
	disk.is_fast = false;
}

static void a_device_that_is_always_full_is_no_place_for_a_ledger(void **state)
{
	(void)state;
	shelf_assert_refused("/dev/full", "is not a file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(every_call_that_returned_true_is_on_the_disk),
	    shelf_test(a_full_disk_fails_every_write_and_no_reading),
	    shelf_test(a_full_disk_fails_the_call_and_works_again_once_there_is_room),
	    shelf_test(a_disk_that_fails_to_write_or_to_sync_fails_the_call),
	    shelf_test(what_a_dead_process_left_can_be_read_on_a_full_disk),
	    shelf_test(a_ledger_cannot_be_made_on_a_full_disk),
	    shelf_test(a_file_that_may_not_grow_fails_the_call_and_keeps_what_was_said),
	    shelf_test(whatever_write_fails_what_was_said_is_kept_and_nothing_else),
	    shelf_test(a_device_that_is_always_full_is_no_place_for_a_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
