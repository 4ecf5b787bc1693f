/* Copies on a slow machine: nothing is said of a copy before its program begins, or cannot. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "probes/child.h"
#include "tests/faults/world.h"

#define LATE_MS 300 /* far more than a program needs to begin elsewhere */

struct slow {
	struct world world;
	struct event *opens; /* owned; lets the program begin */
	int gate[2];         /* owned */
	bool open;
	char *recipe; /* owned */
	struct ended ended;
};

static int set_up(void **state)
{
	struct slow *slow = calloc(1, sizeof *slow);
	char number[16];

	assert_non_null(slow);
	world_start(&slow->world, NULL);
	assert_int_equal(pipe(slow->gate), 0);
	(void)snprintf(number, sizeof number, "%d", slow->gate[0]);
	assert_int_equal(setenv("SLOW_EXEC_FD", number, 1), 0);
	*state = slow;
	return 0;
}

static int tear_down(void **state)
{
	struct slow *slow = *state;

	(void)close(slow->gate[0]);
	(void)close(slow->gate[1]);
	event_free(slow->opens);
	ended_done(&slow->ended);
	free(slow->recipe);
	world_stop(&slow->world);
	free(slow);
	return 0;
}

static void open_gate(evutil_socket_t fd, short what, void *arg)
{
	struct slow *slow = arg;

	(void)fd;
	(void)what;
	slow->open = write(slow->gate[1], "!", 1) == 1;
}

static enum fault_outcome inject(struct slow *slow, char *program)
{
	char *argv[] = {program, "-c", "exit 3"}, *unset[] = {"NEEDED"};
	struct fault fault = {.via = VIA_PROCESS};
	const struct timeval late = {.tv_usec = LATE_MS * 1000L};

	fault.process.command = (struct texts){argv, 3};
	fault.process.unset = (struct texts){unset, 1};
	slow->recipe = world_plan(&slow->world, &fault_process, &fault);
	slow->opens = evtimer_new(slow->world.base, open_gate, slow);
	assert_int_equal(evtimer_add(slow->opens, &late), 0);
	return world_step(&slow->world, fault_process.inject, slow->recipe, &slow->ended);
}

static void a_copy_is_started_when_its_program_begins(void **state)
{
	struct slow *slow = *state;

	assert_int_equal(inject(slow, "/bin/sh"), FAULT_YES);
	assert_true(slow->open);
	assert_int_equal(
	    world_step(&slow->world, fault_process.witness, slow->recipe, &slow->ended), FAULT_YES);
	assert_non_null(strstr(slow->ended.text, "status 3"));
}

static void a_command_that_cannot_be_run_is_never_called_started(void **state)
{
	struct slow *slow = *state;

	assert_int_equal(inject(slow, "/nowhere/worker"), FAULT_NO);
	assert_true(slow->open);
	assert_non_null(strstr(slow->ended.text, "/nowhere/worker"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_copy_is_started_when_its_program_begins),
	    TEST(a_command_that_cannot_be_run_is_never_called_started),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
