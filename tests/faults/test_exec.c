/* Faults behind commands: what their end means, and what they are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probes/child.h"
#include "src/base/mem.h"
#include "tests/faults/world.h"
#include "tests/support/begun.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

struct drill {
	struct world world;
	struct fault fault;
	char *inject[4], *witness[4], *revert[4], *confirm[4];
	struct pair variable;
	char *recipe; /* owned */
	struct ended ended;
};

static void set_script(char *argv[4], struct texts *texts, char *script)
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	*texts = (struct texts){argv, 3};
}

static int set_up(void **state)
{
	struct drill *drill = mem_zalloc(sizeof *drill);
	struct exec_fault *exec = &drill->fault.exec;

	world_start(&drill->world, NULL);
	drill->fault.via = VIA_EXEC;
	set_script(drill->inject, &exec->inject, "exit 0");
	set_script(drill->witness, &exec->witness, "exit 0");
	set_script(drill->revert, &exec->revert, "exit 0");
	set_script(drill->confirm, &exec->confirm, "exit 0");
	exec->timeout_ms = 45000;
	*state = drill;
	return 0;
}

static int tear_down(void **state)
{
	struct drill *drill = *state;

	ended_done(&drill->ended);
	free(drill->recipe);
	world_stop(&drill->world);
	free(drill);
	return 0;
}

static enum fault_outcome run(struct drill *drill, fault_start_fn *step)
{
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_exec, &drill->fault);
	return world_step(&drill->world, step, drill->recipe, &drill->ended);
}

/* Every command is the same; the outcomes of the four steps in order. */
static void assert_outcomes(struct drill *drill, char *script, const enum fault_outcome wanted[4])
{
	drill->inject[2] = drill->witness[2] = drill->revert[2] = drill->confirm[2] = script;
	assert_int_equal(run(drill, fault_exec.inject), wanted[0]);
	assert_int_equal(run(drill, fault_exec.witness), wanted[1]);
	assert_int_equal(run(drill, fault_exec.revert), wanted[2]);
	assert_int_equal(run(drill, fault_exec.confirm), wanted[3]);
}

static bool says(const struct drill *drill, const char *text)
{
	return strstr(drill->ended.text, text) != NULL;
}

static bool nobody_left(void *arg)
{
	return child_signal_marked(arg, 0) == 0;
}

static bool somebody_runs(void *arg)
{
	return child_signal_marked(arg, 0) > 0;
}

/* For a moment each of them cannot be told, when it begins its program. */
static bool two_sleep(void *arg)
{
	return begun_count(arg, "sleep") == 2;
}

static void status_0_means_yes(void **state)
{
	const enum fault_outcome yes[4] = {FAULT_YES, FAULT_YES, FAULT_YES, FAULT_YES};

	assert_outcomes(*state, "exit 0", yes);
}

static void another_status_means_no_and_for_inject_unknown(void **state)
{
	const enum fault_outcome no[4] = {FAULT_UNKNOWN, FAULT_NO, FAULT_NO, FAULT_NO};

	assert_outcomes(*state, "exit 7", no);
	assert_outcomes(*state, "kill -KILL $$", no);
}

static void status_20_of_revert_means_that_somebody_else_changed_it(void **state)
{
	const enum fault_outcome other[4] = {FAULT_UNKNOWN, FAULT_NO, FAULT_CONFLICT, FAULT_NO};
	struct drill *drill = *state;

	assert_outcomes(drill, "echo it is orders-v3; exit 20", other);
	drill->revert[2] = "echo it is orders-v3, not $TOKEN; exit 20";
	drill->variable = (struct pair){"TOKEN", SECRET_REF};
	drill->fault.exec.environment = (struct pairs){&drill->variable, 1};
	assert_int_equal(run(drill, fault_exec.revert), FAULT_CONFLICT);
	assert_true(says(drill, "it is orders-v3, not ****"));
	assert_false(says(drill, SECRET));
	assert_true(says(drill, "nothing was overwritten"));
}

/* As after a crash: the command lost its parent, and what it started goes on. */
static void an_inject_that_nobody_waits_for_is_ended_with_all_it_started(void **state)
{
	struct drill *drill = *state;

	drill->inject[2] = "(setsid sleep 1000 &) ; (sleep 1000 &) ; exit 0";
	assert_int_equal(run(drill, fault_exec.inject), FAULT_YES);
	world_until(&drill->world, two_sleep, drill->world.id);
	fault_exec.end_inject(drill->recipe);
	world_until(&drill->world, nobody_left, drill->world.id);
}

static void a_command_over_its_time_leaves_it_unknown(void **state)
{
	const enum fault_outcome unknown[4] = {FAULT_UNKNOWN, FAULT_UNKNOWN, FAULT_UNKNOWN,
					       FAULT_UNKNOWN};
	struct drill *drill = *state;

	drill->fault.exec.timeout_ms = 100;
	assert_outcomes(drill, "sleep 60", unknown);
	assert_true(says(drill, "time limit"));
}

static void a_command_that_is_not_there_did_nothing(void **state)
{
	const enum fault_outcome nothing[4] = {FAULT_NO, FAULT_UNKNOWN, FAULT_NO, FAULT_UNKNOWN};
	struct drill *drill = *state;

	drill->inject[0] = drill->witness[0] = drill->revert[0] = drill->confirm[0] = "no-such-one";
	assert_outcomes(drill, "", nothing);
	assert_true(says(drill, "no-such-one"));
}

static void without_a_witness_the_confirm_must_say_no(void **state)
{
	struct drill *drill = *state;

	drill->fault.exec.witness.count = 0;
	drill->confirm[2] = "exit 1";
	assert_int_equal(run(drill, fault_exec.witness), FAULT_YES);
	drill->confirm[2] = "exit 0";
	assert_int_equal(run(drill, fault_exec.witness), FAULT_NO);
	assert_true(says(drill, "no witness is named"));
}

static void commands_get_a_clean_environment(void **state)
{
	struct drill *drill = *state;

	assert_int_equal(setenv("INHERITED", "from us", 1), 0);
	drill->variable = (struct pair){"QUEUE", "orders"};
	drill->fault.exec.environment = (struct pairs){&drill->variable, 1};
	drill->inject[2] =
	    "env | cut -d= -f1 | grep -v -e ^PWD -e ^SHLVL -e ^_ | sort | tr '\\n' ' '; "
	    "echo; echo $QUEUE $" CHILD_MARK;
	assert_int_equal(run(drill, fault_exec.inject), FAULT_YES);
	assert_true(says(drill, "FIREDRILL_DRILL PATH QUEUE"));
	assert_false(says(drill, "INHERITED"));
	assert_true(says(drill, "orders fd-"));
}

static void no_shell_reads_the_arguments(void **state)
{
	struct drill *drill = *state;

	drill->inject[0] = "echo";
	drill->inject[1] = "$HOME; touch /nowhere";
	drill->inject[2] = "a b";
	assert_int_equal(run(drill, fault_exec.inject), FAULT_YES);
	assert_true(says(drill, "$HOME; touch /nowhere a b"));
}

static void secrets_in_output_are_masked(void **state)
{
	struct drill *drill = *state;

	drill->variable = (struct pair){"TOKEN", SECRET_REF};
	drill->fault.exec.environment = (struct pairs){&drill->variable, 1};
	drill->inject[2] = "echo logging in with $TOKEN";
	assert_int_equal(run(drill, fault_exec.inject), FAULT_YES);
	assert_true(says(drill, "logging in with ****"));
	assert_false(says(drill, SECRET));
}

static void the_last_lines_of_the_output_are_the_evidence(void **state)
{
	struct drill *drill = *state;

	drill->inject[2] = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; "
			   "printf '\\033[31mdone at last\\033[0m\\n'";
	assert_int_equal(run(drill, fault_exec.inject), FAULT_YES);
	assert_true(says(drill, "done at last"));
	assert_false(says(drill, "line 1000"));
	assert_null(strchr(drill->ended.text, '\033'));
}

static void a_cancelled_command_is_killed(void **state)
{
	struct drill *drill = *state;
	struct ended silent = {0};
	struct fault_op *op;

	drill->inject[2] = "sleep 60 & wait";
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_exec, &drill->fault);
	op = fault_exec.inject(&drill->world.context, drill->recipe, world_on_done, &silent);
	world_until(&drill->world, somebody_runs, drill->world.id);
	fault_exec.cancel(op);
	world_until(&drill->world, nobody_left, drill->world.id);
	assert_int_equal(silent.calls, 0);
}

static void what_can_never_work_is_refused_by_the_plan(void **state)
{
	struct drill *drill = *state;
	struct exec_fault good = drill->fault.exec;
	struct texts none = {0};
	struct error error;

	drill->fault.exec.inject = none;
	assert_null(fault_exec.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "fault.inject"));
	drill->fault.exec = good;
	drill->fault.exec.revert = none;
	assert_null(fault_exec.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "fault.revert"));
	drill->fault.exec = good;
	drill->fault.exec.confirm = none;
	assert_null(fault_exec.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "fault.confirm"));
	drill->fault.exec = good;
	drill->variable = (struct pair){"A=B", "x"};
	drill->fault.exec.environment = (struct pairs){&drill->variable, 1};
	assert_null(fault_exec.plan(&drill->fault, drill->world.id, &error));
	assert_non_null(strstr(error.text, "A=B"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(status_0_means_yes),
	    TEST(another_status_means_no_and_for_inject_unknown),
	    TEST(status_20_of_revert_means_that_somebody_else_changed_it),
	    TEST(an_inject_that_nobody_waits_for_is_ended_with_all_it_started),
	    TEST(a_command_over_its_time_leaves_it_unknown),
	    TEST(a_command_that_is_not_there_did_nothing),
	    TEST(without_a_witness_the_confirm_must_say_no),
	    TEST(commands_get_a_clean_environment),
	    TEST(no_shell_reads_the_arguments),
	    TEST(secrets_in_output_are_masked),
	    TEST(the_last_lines_of_the_output_are_the_evidence),
	    TEST(a_cancelled_command_is_killed),
	    TEST(what_can_never_work_is_refused_by_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
