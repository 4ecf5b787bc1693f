/* Faults in copies: a copy dies or is ended, and nothing of a drill stays behind. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "probes/child.h"
#include "probes/faults/fault_process.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/faults/world.h"
#include "tests/support/begun.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

struct drill {
	struct world world;
	struct fault fault;
	char *argv[3], *unset[1];
	struct pair set;
	char *recipe; /* owned */
	struct ended ended;
};

static int set_up(void **state)
{
	struct drill *drill = mem_zalloc(sizeof *drill);

	world_start(&drill->world, NULL);
	drill->fault.via = VIA_PROCESS;
	drill->argv[0] = "/bin/sh";
	drill->argv[1] = "-c";
	drill->unset[0] = "NEEDED";
	drill->fault.process.command = (struct texts){drill->argv, 3};
	drill->fault.process.unset = (struct texts){drill->unset, 1};
	drill->fault.process.dies_within_ms = 45000;
	assert_int_equal(setenv("NEEDED", "yes", 1), 0);
	*state = drill;
	return 0;
}

static int tear_down(void **state)
{
	struct drill *drill = *state;

	ended_done(&drill->ended);
	free(drill->recipe);
	world_stop(&drill->world);
	(void)child_signal_marked(drill->world.id, SIGKILL);
	free(drill);
	return 0;
}

static void plan(struct drill *drill, char *script)
{
	drill->argv[2] = script;
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_process, &drill->fault);
}

static enum fault_outcome run(struct drill *drill, fault_start_fn *step)
{
	return world_step(&drill->world, step, drill->recipe, &drill->ended);
}

static void start(struct drill *drill, char *script)
{
	plan(drill, script);
	assert_int_equal(run(drill, fault_process.inject), FAULT_YES);
}

static bool says(const struct drill *drill, const char *text)
{
	return strstr(drill->ended.text, text) != NULL;
}

static bool all_gone(void *arg)
{
	return child_signal_marked(arg, 0) == 0;
}

/* The kernel may take a moment to clear away what was killed. */
static void assert_nothing_left(struct drill *drill)
{
	world_until(&drill->world, all_gone, drill->world.id);
}

struct wanted {
	const char *id;
	size_t count;
};

static bool some_marked(void *arg)
{
	const struct wanted *wanted = arg;

	return child_signal_marked(wanted->id, 0) >= wanted->count;
}

static void wait_for_processes(struct drill *drill, size_t count)
{
	struct wanted wanted = {drill->world.id, count};

	world_until(&drill->world, some_marked, &wanted);
}

static bool some_sleep(void *arg)
{
	const struct wanted *wanted = arg;

	return begun_count(wanted->id, "sleep") == wanted->count;
}

/* A shell that has started one does not know whether it runs by now. */
static void wait_for_sleepers(struct drill *drill, size_t count)
{
	struct wanted wanted = {drill->world.id, count};

	world_until(&drill->world, some_sleep, &wanted);
}

static void a_copy_that_dies_of_the_fault_bites(void **state)
{
	struct drill *drill = *state;

	start(drill, "test -n \"$NEEDED\" && exec sleep 30; echo starting; "
		     "echo FATAL environment variable NEEDED is not set >&2; exit 3");
	assert_int_equal(run(drill, fault_process.witness), FAULT_YES);
	assert_true(says(drill, "status 3"));
	assert_true(says(drill, "FATAL environment variable NEEDED is not set"));
	assert_int_equal(run(drill, fault_process.confirm), FAULT_YES);
}

static void a_crash_by_a_signal_bites_too(void **state)
{
	struct drill *drill = *state;

	start(drill, "kill -SEGV $$");
	assert_int_equal(run(drill, fault_process.witness), FAULT_YES);
	assert_true(says(drill, "status 139"));
}

static void a_copy_that_boots_anyway_is_ended_at_once(void **state)
{
	struct drill *drill = *state;

	drill->fault.process.ready = "worker ready";
	start(drill, "sleep 60 & echo worker ready; wait");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_true(says(drill, "booted"));
	assert_nothing_left(drill);
}

static void a_ready_text_that_comes_in_pieces_is_seen(void **state)
{
	struct drill *drill = *state;

	drill->fault.process.ready = "worker ready";
	start(drill, "printf 'worker re'; sleep 0.05; printf 'ady\\n'; sleep 60");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_true(says(drill, "booted"));
	assert_nothing_left(drill);
}

static void a_ready_text_after_much_output_is_seen(void **state)
{
	struct drill *drill = *state;

	drill->fault.process.ready = "worker ready";
	start(drill, "i=0; while [ $i -lt 2000 ]; do echo line $i of a long log; i=$((i+1)); done; "
		     "echo worker ready; sleep 60");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_true(says(drill, "booted"));
	assert_nothing_left(drill);
}

static void a_copy_that_lives_on_is_ended_when_its_time_is_over(void **state)
{
	struct drill *drill = *state;

	drill->fault.process.dies_within_ms = 150;
	start(drill, "exec sleep 60");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_true(says(drill, "lives in spite of the fault"));
	assert_nothing_left(drill);
}

static void a_copy_that_ends_well_has_no_fault(void **state)
{
	struct drill *drill = *state;

	start(drill, "exit 0");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_true(says(drill, "status 0"));
}

static void a_service_that_a_copy_left_in_the_background_is_ended(void **state)
{
	struct drill *drill = *state;

	start(drill, "setsid sleep 60 >/dev/null 2>&1 & sleep 0.1; exit 0");
	assert_int_equal(run(drill, fault_process.witness), FAULT_NO);
	assert_nothing_left(drill);
}

static void revert_ends_children_and_grandchildren_in_any_session(void **state)
{
	struct drill *drill = *state;

	start(drill, "sleep 60 & setsid sh -c 'sleep 60 & sleep 60' & echo started; wait");
	wait_for_processes(drill, 5);
	assert_int_equal(run(drill, fault_process.revert), FAULT_YES);
	assert_int_equal(child_signal_marked(drill->world.id, 0), 0);
	assert_int_equal(run(drill, fault_process.confirm), FAULT_YES);
}

static void what_does_not_listen_to_sigterm_is_killed(void **state)
{
	struct drill *drill = *state;

	start(drill, "trap '' TERM; echo deaf; while :; do sleep 1; done");
	assert_int_equal(run(drill, fault_process.revert), FAULT_YES);
	assert_int_equal(child_signal_marked(drill->world.id, 0), 0);
}

/* A command that drops the mark is still our child, in its own group. */
static void a_copy_that_cleans_its_environment_is_ended_too(void **state)
{
	struct drill *drill = *state;

	start(drill, "echo here; exec env -i /bin/sh -c 'echo clean; trap \"\" TERM; sleep 60; :'");
	world_until(&drill->world, all_gone, drill->world.id);
	assert_int_equal(run(drill, fault_process.confirm), FAULT_NO);
	assert_int_equal(run(drill, fault_process.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_process.confirm), FAULT_YES);
}

static void confirm_counts_what_still_runs(void **state)
{
	struct drill *drill = *state;

	start(drill, "sleep 60 & echo started; wait");
	wait_for_sleepers(drill, 1);
	assert_int_equal(run(drill, fault_process.confirm), FAULT_NO);
	assert_true(says(drill, "2 processes"));
}

/* A process of a drill that this program never started: as one that an earlier life left. */
static pid_t left_behind(const char *mark)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)setenv(CHILD_MARK, mark, 1);
		(void)setsid();
		(void)execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	assert_true(pid > 0);
	return pid;
}

static void copies_of_an_earlier_life_are_ended_and_other_drills_are_not(void **state)
{
	struct drill *drill = *state;
	char other_id[ID_LEN + 1];
	struct wanted other_wanted = {other_id, 1};
	pid_t ours = left_behind(drill->world.id), other;
	int status;

	id_new(other_id);
	other = left_behind(other_id);
	plan(drill, "exit 1");
	wait_for_processes(drill, 1);
	world_until(&drill->world, some_marked, &other_wanted);
	fault_children_free(drill->world.children);
	drill->world.children = NULL;
	drill->world.context.children = NULL;
	assert_int_equal(run(drill, fault_process.witness), FAULT_UNKNOWN);
	assert_int_equal(run(drill, fault_process.inject), FAULT_NO);
	assert_int_equal(run(drill, fault_process.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_process.confirm), FAULT_YES);
	assert_int_equal(waitpid(ours, &status, 0), ours);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(child_signal_marked(other_id, 0), 1);
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(waitpid(other, &status, 0), other);
}

static void the_copy_gets_our_environment_but_for_what_is_changed(void **state)
{
	struct drill *drill = *state;

	assert_int_equal(setenv("INHERITED", "from us", 1), 0);
	drill->set = (struct pair){"DATABASE_URL", "file:/nowhere/orders.db"};
	drill->fault.process.set = (struct pairs){&drill->set, 1};
	start(drill, "echo [$INHERITED] [$NEEDED] [$DATABASE_URL] [$" CHILD_MARK "]; exit 1");
	assert_int_equal(run(drill, fault_process.witness), FAULT_YES);
	assert_true(says(drill, "[from us] [] [file:/nowhere/orders.db] [fd-"));
}

static void the_copy_runs_in_its_folder(void **state)
{
	struct drill *drill = *state;

	drill->fault.process.directory = "/usr";
	start(drill, "pwd; exit 1");
	assert_int_equal(run(drill, fault_process.witness), FAULT_YES);
	assert_true(says(drill, "/usr"));
}

static void a_command_that_cannot_be_run_is_a_certain_no(void **state)
{
	struct drill *drill = *state;

	drill->argv[0] = "/nowhere/worker";
	plan(drill, "exit 1");
	assert_int_equal(run(drill, fault_process.inject), FAULT_NO);
	assert_true(says(drill, "/nowhere/worker"));
	drill->argv[0] = "/bin/sh";
	drill->fault.process.directory = "/nowhere";
	plan(drill, "exit 1");
	assert_int_equal(run(drill, fault_process.inject), FAULT_NO);
}

static void one_drill_has_one_copy(void **state)
{
	struct drill *drill = *state;

	start(drill, "exec sleep 60");
	assert_int_equal(run(drill, fault_process.inject), FAULT_NO);
	wait_for_sleepers(drill, 1);
	assert_int_equal(child_signal_marked(drill->world.id, 0), 1);
}

static void secrets_in_its_output_are_masked(void **state)
{
	struct drill *drill = *state;
	struct error error;

	assert_non_null(secret_resolve(drill->world.secrets, SECRET_REF, &error));
	start(drill, "echo connecting with $" SECRET_NAME "; exit 1");
	assert_int_equal(run(drill, fault_process.witness), FAULT_YES);
	assert_true(says(drill, "connecting with ****"));
	assert_false(says(drill, SECRET));
}

static void no_copy_outlives_the_owner_of_the_copies(void **state)
{
	struct drill *drill = *state;

	start(drill, "sleep 60 & setsid sleep 60 & echo started; wait");
	wait_for_sleepers(drill, 2);
	fault_children_free(drill->world.children);
	drill->world.children = NULL;
	drill->world.context.children = NULL;
	assert_nothing_left(drill);
}

static void a_cancelled_injection_is_still_reverted(void **state)
{
	struct drill *drill = *state;
	struct ended silent = {0};
	struct fault_op *op;

	plan(drill, "exec sleep 60");
	op = fault_process.inject(&drill->world.context, drill->recipe, world_on_done, &silent);
	wait_for_processes(drill, 1);
	if (silent.calls == 0)
		fault_process.cancel(op);
	assert_int_equal(run(drill, fault_process.revert), FAULT_YES);
	assert_int_equal(child_signal_marked(drill->world.id, 0), 0);
}

static void what_can_never_work_is_refused_by_the_plan(void **state)
{
	struct drill *drill = *state;
	struct process_fault good = drill->fault.process;
	struct error error;

	drill->fault.process.command.count = 0;
	assert_null(fault_process.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "fault.command"));
	drill->fault.process = good;
	drill->fault.process.unset.count = 0;
	assert_null(fault_process.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "fault.unset"));
	drill->fault.process = good;
	drill->unset[0] = "NEEDED=no";
	assert_null(fault_process.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "NEEDED=no"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_copy_that_dies_of_the_fault_bites),
	    TEST(a_crash_by_a_signal_bites_too),
	    TEST(a_copy_that_boots_anyway_is_ended_at_once),
	    TEST(a_ready_text_that_comes_in_pieces_is_seen),
	    TEST(a_ready_text_after_much_output_is_seen),
	    TEST(a_copy_that_lives_on_is_ended_when_its_time_is_over),
	    TEST(a_copy_that_ends_well_has_no_fault),
	    TEST(a_service_that_a_copy_left_in_the_background_is_ended),
	    TEST(revert_ends_children_and_grandchildren_in_any_session),
	    TEST(what_does_not_listen_to_sigterm_is_killed),
	    TEST(a_copy_that_cleans_its_environment_is_ended_too),
	    TEST(confirm_counts_what_still_runs),
	    TEST(copies_of_an_earlier_life_are_ended_and_other_drills_are_not),
	    TEST(the_copy_gets_our_environment_but_for_what_is_changed),
	    TEST(the_copy_runs_in_its_folder),
	    TEST(a_command_that_cannot_be_run_is_a_certain_no),
	    TEST(one_drill_has_one_copy),
	    TEST(secrets_in_its_output_are_masked),
	    TEST(no_copy_outlives_the_owner_of_the_copies),
	    TEST(a_cancelled_injection_is_still_reverted),
	    TEST(what_can_never_work_is_refused_by_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
