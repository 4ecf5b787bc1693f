/* What people write into the ledger: a fault set aside, and the lever that stops everything. */
#include "src/store/ledger.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

static void assert_says(const struct error *error, const char *expected)
{
	if (strstr(error->text, expected) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->text, expected);
}

/* Setting aside. */

struct seen {
	char reason[64], by[64];
	bool set_aside;
	int64_t wall_ms;
};

static bool keep_ack(void *arg, const struct ledger_fault *fault)
{
	struct seen *seen = arg;

	seen->set_aside = fault->ack_reason != NULL;
	assert_int_equal(seen->set_aside, fault->ack_by != NULL);
	(void)snprintf(seen->reason, sizeof seen->reason, "%s",
		       seen->set_aside ? fault->ack_reason : "");
	(void)snprintf(seen->by, sizeof seen->by, "%s", seen->set_aside ? fault->ack_by : "");
	seen->wall_ms = fault->ack_wall_ms;
	return true;
}

static struct seen look(struct ledger *ledger)
{
	struct seen seen = {.set_aside = false};

	assert_true(ledger_visit_open(ledger, NULL, keep_ack, &seen, NULL));
	return seen;
}

static void a_stuck_fault_is_set_aside_with_a_reason_and_a_name(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct seen seen;

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_STUCK, "", NULL));
	assert_false(look(ledger).set_aside);
	assert_true(ledger_ack(ledger, "fd-aaaaaaaa", "put right by hand", "anna", NULL));
	ledger_close(ledger);
	ledger = shelf_open(*state);
	seen = look(ledger); /* still among those that are not clean */
	assert_true(seen.set_aside);
	assert_string_equal(seen.reason, "put right by hand");
	assert_string_equal(seen.by, "anna");
	assert_true(seen.wall_ms > INT64_C(1700000000000));
	assert_true(ledger_ack(ledger, "fd-aaaaaaaa", "the host is gone", "ben", NULL));
	assert_string_equal(look(ledger).reason, "the host is gone");
	assert_string_equal(look(ledger).by, "ben");
	ledger_close(ledger);
}

static void one_that_moves_again_is_not_set_aside_any_more(void **state)
{
	static const enum fault_state moves[] = {FAULT_STUCK, FAULT_REVERTING};
	struct ledger *ledger = shelf_open(*state);

	shelf_intend(ledger, "fd-aaaaaaaa");
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_STUCK, "", NULL));
		assert_true(ledger_ack(ledger, "fd-aaaaaaaa", "looked at", "anna", NULL));
		assert_true(ledger_advance(ledger, "fd-aaaaaaaa", moves[i], "", NULL));
		assert_false(look(ledger).set_aside);
		assert_int_equal(look(ledger).wall_ms, 0);
	}
	ledger_close(ledger);
}

static void what_is_not_stuck_is_not_set_aside_and_the_error_says_what_to_do(void **state)
{
	static const enum fault_state way[] = {FAULT_INTENT,    FAULT_INJECTING,   FAULT_INJECTED,
					       FAULT_REVERTING, FAULT_UNCONFIRMED, FAULT_CLEAN};
	struct ledger *ledger = shelf_open(*state);
	struct error error = {""};

	assert_false(ledger_ack(ledger, "fd-aaaaaaaa", "why", "anna", &error));
	assert_says(&error, "there is no fault of fd-aaaaaaaa: look with `firedrill status`");
	shelf_intend(ledger, "fd-aaaaaaaa");
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
		if (i > 0)
			assert_true(ledger_advance(ledger, "fd-aaaaaaaa", way[i], "", NULL));
		assert_false(ledger_ack(ledger, "fd-aaaaaaaa", "why", "anna", &error));
		assert_says(&error, way[i] == FAULT_CLEAN ? "was put right"
							  : "`firedrill revert fd-aaaaaaaa`");
	}
	ledger_close(ledger);
}

static void a_reason_and_a_name_are_needed_and_not_endless(void **state)
{
	static char longest[1001], too_long[1002];
	struct ledger *ledger = shelf_open(*state);
	struct error error = {""};
	struct ledger_halt halt = {0};

	memset(longest, 'x', 1000);
	memset(too_long, 'x', 1001);
	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_STUCK, "", NULL));
	assert_false(ledger_ack(ledger, "fd-aaaaaaaa", "", "anna", &error));
	assert_says(&error, "needs a reason");
	assert_false(ledger_ack(ledger, "fd-aaaaaaaa", NULL, "anna", NULL));
	assert_false(ledger_ack(ledger, "fd-aaaaaaaa", "why", "", NULL));
	assert_false(ledger_ack(ledger, "fd-aaaaaaaa", too_long, "anna", NULL));
	assert_false(ledger_set_halt(ledger, "", "anna", &error));
	assert_false(ledger_set_halt(ledger, too_long, "anna", &error));
	assert_says(&error, "1000 bytes");
	assert_false(ledger_set_halt(ledger, "why", NULL, NULL));
	assert_true(ledger_halt(ledger, &halt, NULL));
	assert_false(halt.halted);
	assert_true(ledger_ack(ledger, "fd-aaaaaaaa", longest, longest, NULL));
	assert_true(ledger_set_halt(ledger, longest, longest, NULL));
	ledger_close(ledger);
}

/* The lever. */

static void assert_halt(struct ledger *ledger, const char *reason, const char *by)
{
	struct ledger_halt halt = {0};

	assert_true(ledger_halt(ledger, &halt, NULL));
	assert_int_equal(halt.halted, reason != NULL);
	if (reason != NULL) {
		assert_string_equal(halt.reason, reason);
		assert_string_equal(halt.by, by);
		assert_true(halt.since_wall_ms > INT64_C(1700000000000));
	} else {
		assert_null(halt.reason);
		assert_null(halt.by);
	}
	ledger_halt_done(&halt);
	assert_null(halt.reason);
}

static void the_lever_stays_pulled_until_it_is_taken_back(void **state)
{
	struct ledger *ledger = shelf_open(*state), *other = shelf_open(*state);

	assert_halt(ledger, NULL, NULL);
	assert_true(ledger_lift_halt(ledger, NULL)); /* nothing to take back is fine */
	assert_true(ledger_set_halt(ledger, "incident 7", "anna", NULL));
	assert_halt(other, "incident 7", "anna");
	ledger_close(ledger);
	ledger_close(other);
	ledger = shelf_open(*state);
	assert_halt(ledger, "incident 7", "anna");
	assert_true(ledger_lift_halt(ledger, NULL));
	assert_halt(ledger, NULL, NULL);
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_halt(ledger, NULL, NULL);
	ledger_close(ledger);
}

static void a_second_pull_replaces_the_reason_but_not_the_time(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct ledger_halt first = {0}, second = {0};

	assert_true(ledger_set_halt(ledger, "incident 7", "anna", NULL));
	assert_true(ledger_halt(ledger, &first, NULL));
	assert_true(ledger_set_halt(ledger, "incident 8", "ben", NULL));
	assert_true(ledger_halt(ledger, &second, NULL));
	assert_string_equal(second.reason, "incident 8");
	assert_string_equal(second.by, "ben");
	assert_int_equal(second.since_wall_ms, first.since_wall_ms);
	ledger_halt_done(&first);
	ledger_halt_done(&second);
	ledger_close(ledger);
}

static void a_lever_pulled_by_another_process_is_seen_at_once(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct shelf *shelf = *state;
	pid_t pid;

	assert_halt(ledger, NULL, NULL);
	pid = fork();
	if (pid == 0) {
		struct ledger *other = ledger_open(shelf->path, NULL);

		if (other != NULL && ledger_set_halt(other, "from elsewhere", "ben", NULL))
			(void)raise(SIGKILL); /* even when it crashes then */
		_exit(1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_halt(ledger, "from elsewhere", "ben");
	ledger_close(ledger);
}

static void the_lever_of_a_ledger_that_was_removed_is_not_believed(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);
	struct ledger_halt halt = {0};
	struct error error = {""};

	assert_int_equal(unlink(shelf->path), 0);
	assert_false(ledger_halt(ledger, &halt, &error));
	assert_says(&error, "moved or removed");
	assert_false(ledger_set_halt(ledger, "why", "anna", &error));
	assert_false(ledger_lift_halt(ledger, &error));
	ledger_close(ledger);
}

static bool pull_meanwhile(void *arg, const struct ledger_fault *fault)
{
	(void)fault;
	assert_false(ledger_set_halt(arg, "why", "anna", NULL));
	assert_false(ledger_lift_halt(arg, NULL));
	assert_false(ledger_ack(arg, fault->drill, "why", "anna", NULL));
	assert_halt(arg, NULL, NULL); /* reading is fine */
	return true;
}

static void nothing_is_written_while_faults_are_visited(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_visit_open(ledger, NULL, pull_meanwhile, ledger, NULL));
	assert_true(ledger_set_halt(ledger, "why", "anna", NULL));
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_stuck_fault_is_set_aside_with_a_reason_and_a_name),
	    shelf_test(one_that_moves_again_is_not_set_aside_any_more),
	    shelf_test(what_is_not_stuck_is_not_set_aside_and_the_error_says_what_to_do),
	    shelf_test(a_reason_and_a_name_are_needed_and_not_endless),
	    shelf_test(the_lever_stays_pulled_until_it_is_taken_back),
	    shelf_test(a_second_pull_replaces_the_reason_but_not_the_time),
	    shelf_test(a_lever_pulled_by_another_process_is_seen_at_once),
	    shelf_test(the_lever_of_a_ledger_that_was_removed_is_not_believed),
	    shelf_test(nothing_is_written_while_faults_are_visited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
