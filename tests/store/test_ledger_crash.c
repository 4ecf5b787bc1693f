/* A process that dies at any one of its writes and syncs: what it was told is kept is kept, of the
 * rest there is all or nothing, and the ledger works.  The program's own pwrite64 and fdatasync
 * stand before those of the C library, SQLite included. */
#include "src/store/ledger.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

#define LEFTOVERS 6 /* of version 1 */

/* The disk. */
static struct {
	size_t calls, die_at; /* counted from 1; 0: never */
} disk;

static void count_call(void)
{
	if (++disk.calls == disk.die_at)
		(void)raise(SIGKILL);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at);

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	count_call();
	return syscall(SYS_pwrite64, fd, data, len, at);
}

int fdatasync(int fd)
{
	(void)fd;
	count_call();
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

/* The life of a fault, in steps. */

enum step { NOTHING, INTENT, WHOLE, INJECTING, INJECTED, REVERTING, STUCK, ASIDE, HALTED, STEPS };

static bool take_step(struct ledger *ledger, enum step step)
{
	static const enum fault_state states[STEPS] = {[INJECTING] = FAULT_INJECTING,
						       [INJECTED] = FAULT_INJECTED,
						       [REVERTING] = FAULT_REVERTING,
						       [STUCK] = FAULT_STUCK};
	const struct ledger_fault fault = shelf_fault("fd-new");

	switch (step) {
	case INTENT:
		return ledger_intend(ledger, &fault, NULL);
	case WHOLE:
		return ledger_complete(ledger, "fd-new", "whole", NULL);
	case INJECTING:
	case INJECTED:
	case REVERTING:
	case STUCK:
		return ledger_advance(ledger, "fd-new", states[step], "", NULL);
	case ASIDE:
		return ledger_ack(ledger, "fd-new", "why", "anna", NULL);
	case HALTED:
		return ledger_set_halt(ledger, "why", "anna", NULL);
	case NOTHING:
	case STEPS:
		break;
	}
	return true;
}

static bool keep_step(void *arg, const struct ledger_fault *fault)
{
	static const enum step steps[FAULT_STATE_COUNT] = {[FAULT_INTENT] = INTENT,
							   [FAULT_INJECTING] = INJECTING,
							   [FAULT_INJECTED] = INJECTED,
							   [FAULT_REVERTING] = REVERTING,
							   [FAULT_STUCK] = STUCK};
	enum step *step = arg;

	if (strcmp(fault->drill, "fd-new") != 0)
		return true;
	*step = steps[fault->state];
	if (*step == INTENT && strcmp(fault->recipe, "whole") == 0)
		*step = WHOLE;
	if (*step > WHOLE)
		assert_string_equal(fault->recipe, "whole");
	assert_int_equal(fault->inject_ended, *step >= INJECTED);
	if (fault->ack_reason != NULL) {
		assert_int_equal(*step, STUCK);
		*step = ASIDE;
	}
	return true;
}

static enum step find_step(struct ledger *ledger)
{
	struct ledger_halt halt = {.halted = false};
	enum step step = NOTHING;

	assert_true(ledger_visit_open(ledger, NULL, keep_step, &step, NULL));
	assert_true(ledger_halt(ledger, &halt, NULL));
	if (halt.halted) {
		assert_int_equal(step, ASIDE);
		step = HALTED;
	}
	ledger_halt_done(&halt);
	return step;
}

_Noreturn static void live(const struct shelf *shelf, size_t die_at, enum step *said)
{
	struct ledger *ledger;

	disk.calls = 0;
	disk.die_at = die_at;
	ledger = ledger_open(shelf->path, NULL);
	for (enum step step = INTENT; ledger != NULL && step < STEPS; step++) {
		if (!take_step(ledger, step))
			break;
		*said = step;
	}
	ledger_close(ledger);
	_exit(0);
}

/* False once a life was too short to die in it. */
static bool die_at(const struct shelf *shelf, size_t call, enum step *said)
{
	struct ledger *ledger;
	enum step found;
	int status;
	pid_t pid;

	*said = NOTHING;
	shelf_make_version_1(shelf);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		live(shelf, call, said);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ledger = shelf_open(shelf);
	found = find_step(ledger);
	if (found != *said && found != *said + 1)
		fail_msg("died at call %zu: %d was said, %d is there", call, (int)*said,
			 (int)found);
	assert_int_equal(shelf_count(ledger), LEFTOVERS + (found >= INTENT));
	assert_true(found + 1 == STEPS || take_step(ledger, found + 1));
	ledger_close(ledger);
	assert_int_equal(unlink(shelf->path), 0);
	return WIFSIGNALED(status);
}

static void whenever_a_process_dies_what_was_said_is_kept(void **state)
{
	enum step *said =
	    mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t call = 1;

	assert_true(said != MAP_FAILED);
	while (die_at(*state, call, said))
		call++;
	assert_true(call > 30);
	assert_int_equal(*said, HALTED);
	assert_int_equal(munmap(said, sizeof *said), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(whenever_a_process_dies_what_was_said_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
