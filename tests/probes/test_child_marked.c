/* Finding processes by their mark on a machine on which programs take long to begin. */
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

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

static void processes_of_others_are_looked_at_once(void **state)
{
	size_t unclear = 7;

	(void)state;
	slow_proc()->is_of_another_user = true;
	assert_int_equal(child_signal_marked_or_unclear(running_mark(), 0, &unclear), 0);
	assert_int_equal(unclear, 0);
	assert_int_equal(slow_proc()->asked, 1);
}

int main(void)
{
#define marked_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    marked_test(a_program_that_begins_in_between_is_found),
	    marked_test(one_that_does_not_begin_is_neither_there_nor_gone),
	    marked_test(processes_of_others_are_looked_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
