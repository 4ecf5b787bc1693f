/* A ledger of version 1 is brought up to date where it is: no open fault is lost by an update of
 * firedrill, and each can still be put right. */
#include "src/store/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

#define OPEN_FAULTS 6
#define OPENERS     4

static bool check_fault(void *arg, const struct ledger_fault *fault)
{
	const char *state = fault_state_name(fault->state);
	char text[128];

	++*(size_t *)arg;
	(void)snprintf(text, sizeof text, "fd-%s", state);
	assert_string_equal(fault->drill, text);
	(void)snprintf(text, sizeof text, "{\"url\":\"http://127.0.0.1/%s\"}", state);
	assert_string_equal(fault->recipe, text);
	(void)snprintf(text, sizeof text, "note of %s", state);
	assert_string_equal(fault->note, text);
	assert_string_equal(fault->scenario, "bad-queue");
	assert_string_equal(fault->environment, "staging");
	assert_string_equal(fault->target, "");
	assert_int_equal(fault->via, VIA_HTTP);
	assert_int_equal(fault->intended_wall_ms, 1000);
	assert_int_equal(fault->lease_wall_ms, 2000);
	assert_int_equal(fault->changed_wall_ms, 1000);
	/* what nobody knows is taken for the worse: tried, and its end not seen */
	assert_int_equal(fault->injecting_wall_ms, fault->state == FAULT_INTENT ? 0 : 1000);
	assert_false(fault->inject_ended);
	assert_null(fault->ack_reason);
	assert_null(fault->ack_by);
	return true;
}

static void assert_all_there(struct ledger *ledger)
{
	size_t count = 0;

	assert_true(ledger_visit_open(ledger, NULL, check_fault, &count, NULL));
	assert_int_equal(count, OPEN_FAULTS);
}

static void every_open_fault_of_version_1_is_kept_as_it_was(void **state)
{
	struct ledger *ledger;

	shelf_make_version_1(*state);
	ledger = shelf_open(*state);
	assert_all_there(ledger);
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_all_there(ledger);
	ledger_close(ledger);
}

static void every_open_fault_of_version_1_can_be_put_right(void **state)
{
	static const enum fault_state way[] = {FAULT_REVERTING, FAULT_UNCONFIRMED, FAULT_CLEAN};
	struct ledger *ledger;
	char drill[32];

	shelf_make_version_1(*state);
	ledger = shelf_open(*state);
	for (int from = FAULT_INTENT; from < FAULT_STATE_COUNT; from++) {
		if (from == FAULT_CLEAN)
			continue;
		(void)snprintf(drill, sizeof drill, "fd-%s",
			       fault_state_name((enum fault_state)from));
		for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
			assert_true(ledger_advance(ledger, drill, way[i], "", NULL));
	}
	assert_int_equal(shelf_count(ledger), 0);
	ledger_close(ledger);
}

static void all_that_is_new_works_in_an_old_ledger(void **state)
{
	struct ledger_halt halt = {0};
	struct ledger *ledger;

	shelf_make_version_1(*state);
	ledger = shelf_open(*state);
	assert_true(ledger_ack(ledger, "fd-stuck", "was looked at", "anna", NULL));
	assert_true(ledger_set_halt(ledger, "incident", "anna", NULL));
	assert_true(ledger_halt(ledger, &halt, NULL));
	assert_true(halt.halted);
	ledger_halt_done(&halt);
	shelf_intend(ledger, "fd-new");
	assert_int_equal(shelf_count(ledger), OPEN_FAULTS + 1);
	ledger_close(ledger);
}

/* A firedrill of version 1 that runs meanwhile has the file open, and goes on to write. */
static void what_an_old_firedrill_still_writes_is_seen(void **state)
{
	struct ledger *ledger;

	shelf_make_version_1(*state);
	ledger = shelf_open(*state);
	shelf_sql(*state,
		  "INSERT INTO fault (drill, scenario, environment, via, state, recipe, note, "
		  "intended_wall_ms, lease_wall_ms) VALUES ('fd-old', 's', 'staging', 'http', "
		  "'intent', '{}', '', 1000, 2000); "
		  "UPDATE fault SET state = 'injecting' WHERE drill = 'fd-old'");
	assert_int_equal(shelf_count(ledger), OPEN_FAULTS + 1);
	assert_true(ledger_advance(ledger, "fd-old", FAULT_REVERTING, "", NULL));
	ledger_close(ledger);
}

static bool open_once(const struct shelf *shelf)
{
	struct error error = {""};
	struct ledger *ledger = ledger_open(shelf->path, &error);

	if (ledger == NULL)
		(void)fprintf(stderr, "%s\n", error.text);
	ledger_close(ledger);
	return ledger != NULL;
}

static void several_processes_may_bring_it_up_to_date_at_once(void **state)
{
	struct ledger *ledger;
	pid_t pids[OPENERS];

	shelf_make_version_1(*state);
	for (int i = 0; i < OPENERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(open_once(*state) ? 0 : 1);
	}
	for (int i = 0; i < OPENERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	ledger = shelf_open(*state);
	assert_all_there(ledger);
	ledger_close(ledger);
}

static void one_that_cannot_be_brought_up_to_date_is_left_as_it_is(void **state)
{
	struct shelf *shelf = *state;

	shelf_make_version_1(shelf);
	shelf_sql(shelf, "CREATE TABLE halt (something TEXT)"); /* in the way of the last step */
	shelf_assert_refused(shelf->path, "halt already exists");
	shelf_sql(shelf, "DROP TABLE halt");
	/* the columns of the steps before are not there either, else they would fail now */
	ledger_close(shelf_open(shelf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(every_open_fault_of_version_1_is_kept_as_it_was),
	    shelf_test(every_open_fault_of_version_1_can_be_put_right),
	    shelf_test(all_that_is_new_works_in_an_old_ledger),
	    shelf_test(what_an_old_firedrill_still_writes_is_seen),
	    shelf_test(several_processes_may_bring_it_up_to_date_at_once),
	    shelf_test(one_that_cannot_be_brought_up_to_date_is_left_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
