/* Finding processes by their mark on a machine on which programs take long to begin, and ending them on one that stands
 * still. */
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "probes/child.h"
#include "tests/probes/running.h"
#include "tests/probes/slow_proc.h"
#include "tests/support/loop.h"

#define FOR_EVER INT32_MAX

struct found {
	struct event_base *base;
	struct ended ended; /* the marked process, which /proc tells of */
};

static int set_up(void **state)
{
	struct found *found = calloc(1, sizeof *found);
	const char *argv[4];
	struct child_ask ask = running_script("echo $$; exec sleep 1000", argv);

	found->base = event_base_new();
	*slow_proc() = (struct slow_proc){0};
	(void)child_start(found->base, &ask, ended_output, ended_keep, &found->ended);
	running_until_output(found->base, &found->ended, "\n");
	running_until_sleeping(found->base, 1);
	slow_proc()->pid = (pid_t)strtol(found->ended.live, NULL, 10);
	*state = found;
	return 0;
}

static int tear_down(void **state)
{
	struct found *found = *state;

	*slow_proc() = (struct slow_proc){0};
	(void)child_signal_marked(running_mark(), SIGKILL);
	loop_until(found->base, &found->ended.done);
	event_base_free(found->base);
	free(found);
	return 0;
}

static void a_program_that_begins_in_between_is_found(void **state)
{
	size_t unclear = 7;

	(void)state;
	for (int looks = 1; looks < 5; looks++) {
		slow_proc()->looks = looks;
		assert_int_equal(child_signal_marked_or_unclear(running_mark(), 0, &unclear), 1);
		assert_int_equal(unclear, 0);
	}
}

static void one_that_does_not_begin_is_neither_there_nor_gone(void **state)
{
	struct found *found = *state;
	size_t unclear = 7;

	slow_proc()->looks = FOR_EVER;
	assert_int_equal(child_signal_marked_or_unclear(running_mark(), SIGKILL, &unclear), 0);
	assert_int_equal(unclear, 1);
	slow_proc()->looks = 0;
	assert_int_equal(child_signal_marked_or_unclear(running_mark(), 0, &unclear), 1);
	assert_int_equal(unclear, 0);
	assert_false(found->ended.done);
}

/* What is to be ended is not given up after one look. */
static void one_that_begins_late_is_ended_all_the_same(void **state)
{
	struct found *found = *state;

	slow_proc()->looks = 50;
	assert_int_equal(child_signal_marked(running_mark(), SIGKILL), 1);
	loop_until(found->base, &found->ended.done);
	assert_int_equal(found->ended.status, 128 + SIGKILL);
}

/* The time that one has to go in is not that in which nobody had any. */
static void one_that_is_cancelled_while_the_machine_stands_still_is_reaped(void **state)
{
	struct found *found = *state;
	const char *argv[4];
	struct child_ask ask = running_script("echo $$; exec sleep 1000", argv);
	struct ended ended = {0};
	struct child *child = child_start(found->base, &ask, ended_output, ended_keep, &ended);
	pid_t pid;

	running_until_output(found->base, &ended, "\n");
	running_until_sleeping(found->base, 2);
	pid = (pid_t)strtol(ended.live, NULL, 10);
	assert_true(pid > 1);
	slow_proc()->standstills = 1;
	child_cancel(child);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void processes_of_others_are_looked_at_once(void **state)
{
	size_t unclear = 7;

	(void)state;
	slow_proc()->is_of_another_user = true;
	assert_int_equal(child_signal_marked_or_unclear(running_mark(), 0, &unclear), 0);
	assert_int_equal(unclear, 0);
	assert_int_equal(slow_proc()->asked, 1);
}

/* In a process of its own: says so once its first thread has ended, and goes on. */
static void *outlive_the_first_thread(void *arg)
{
	char text[256] = "";

	while (strstr(text, ") Z ") == NULL) {
		FILE *stat = fopen("/proc/self/stat", "re");

		if (stat == NULL || fgets(text, sizeof text, stat) == NULL)
			_exit(1);
		(void)fclose(stat);
	}
	(void)!write(STDOUT_FILENO, "alone\n", 6);
	(void)pause();
	return arg;
}

static void end_the_first_thread(void)
{
	pthread_t other;

	if (pthread_create(&other, NULL, outlive_the_first_thread, NULL) != 0)
		exit(1);
	pthread_exit(NULL);
}

static void one_whose_first_thread_has_ended_is_found_and_ended(void **state)
{
	struct found *found = *state;
	const char *const argv[] = {program_invocation_name, "end-the-first-thread", NULL};
	const struct child_ask ask = {.argv = argv, .mark = running_mark()};
	struct ended ended = {0};

	*slow_proc() = (struct slow_proc){0}; /* two are to be found */
	assert_non_null(child_start(found->base, &ask, ended_output, ended_keep, &ended));
	running_until_output(found->base, &ended, "alone");
	assert_int_equal(child_signal_marked(running_mark(), 0), 2);
	assert_int_equal(child_signal_marked(running_mark(), SIGKILL), 2);
	loop_until(found->base, &ended.done);
	assert_int_equal(ended.status, 128 + SIGKILL);
}

int main(int argc, char **argv)
{
	(void)argv;
#define marked_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    marked_test(a_program_that_begins_in_between_is_found),
	    marked_test(one_that_does_not_begin_is_neither_there_nor_gone),
	    marked_test(one_that_begins_late_is_ended_all_the_same),
	    marked_test(one_that_is_cancelled_while_the_machine_stands_still_is_reaped),
	    marked_test(processes_of_others_are_looked_at_once),
	    marked_test(one_whose_first_thread_has_ended_is_found_and_ended),
	};
	if (argc > 1) /* started by one_whose_first_thread_has_ended_is_found_and_ended */
		end_the_first_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
