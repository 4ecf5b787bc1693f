/* Another process that writes: how long it is waited for, by whom. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/store/ledger.h"
#include "tests/store/shelf.h"

#define WAIT_MS 55 /* ten pauses of 5 ms, and one that found that it was enough */

/* Time passes only while somebody waits. */
static struct {
	int64_t now_ms, slept_ms;
} world;

int64_t __wrap_clock_ms(void);
int __wrap_sqlite3_sleep(int ms);

int64_t __wrap_clock_ms(void)
{
	return world.now_ms;
}

int __wrap_sqlite3_sleep(int ms)
{
	world.now_ms += ms;
	world.slept_ms += ms;
	return ms;
}

static int setup(void **state)
{
	world.now_ms = 1000000;
	world.slept_ms = 0;
	return shelf_setup(state);
}

static void run(sqlite3 *other, const char *sql)
{
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* As another process that has begun to write, and does not end. */
static sqlite3 *begin_to_write(const struct shelf *shelf)
{
	sqlite3 *other = NULL;

	assert_int_equal(sqlite3_open(shelf->path, &other), SQLITE_OK);
	run(other, "BEGIN IMMEDIATE");
	return other;
}

static void assert_intend_is_busy(struct ledger *ledger)
{
	const struct ledger_fault fault = shelf_fault("fd-bbbbbbbb");
	struct error error = {""};

	assert_false(ledger_intend(ledger, &fault, &error));
	assert_non_null(strstr(error.text, "another process is writing to the ledger"));
	assert_true(ledger_is_busy(ledger));
}

static void a_person_waits_for_a_second(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	sqlite3 *other = begin_to_write(*state);

	assert_intend_is_busy(ledger);
	assert_in_range(world.slept_ms, 1000, 1100);
	run(other, "ROLLBACK");
	shelf_intend(ledger, "fd-bbbbbbbb");
	assert_false(ledger_is_busy(ledger));
	(void)sqlite3_close(other);
	ledger_close(ledger);
}

static void
a_loop_waits_for_a_moment_and_then_not_at_all_however_much_is_to_be_written(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	sqlite3 *other;

	shelf_intend(ledger, "fd-aaaaaaaa");
	ledger_hurry(ledger);
	other = begin_to_write(*state);
	for (int i = 0; i < 100; i++)
		assert_intend_is_busy(ledger);
	assert_in_range(world.slept_ms, 1, WAIT_MS);
	world.now_ms += 1000;
	for (int i = 0; i < 100; i++)
		assert_intend_is_busy(ledger);
	assert_in_range(world.slept_ms, WAIT_MS, 2 * WAIT_MS);
	assert_int_equal(shelf_count(ledger), 1); /* reading waits for nobody */
	run(other, "ROLLBACK");
	shelf_intend(ledger, "fd-bbbbbbbb"); /* in the same moment */
	assert_false(ledger_is_busy(ledger));
	(void)sqlite3_close(other);
	ledger_close(ledger);
}

static void what_fails_for_another_reason_is_not_busy(void **state)
{
	const struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);
	const struct ledger_fault fault = shelf_fault("fd-aaaaaaaa");
	struct ledger_fault nameless = fault;
	sqlite3 *other = begin_to_write(shelf);
	struct error error = {""};

	assert_intend_is_busy(ledger);
	nameless.drill = "";
	assert_false(ledger_intend(ledger, &nameless, &error)); /* it is not even tried */
	assert_false(ledger_is_busy(ledger));
	run(other, "ROLLBACK");
	(void)sqlite3_close(other);
	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_false(ledger_intend(ledger, &fault, &error)); /* there is one */
	assert_false(ledger_is_busy(ledger));
	assert_int_equal(unlink(shelf->path), 0);
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_REVERTING, "", &error));
	assert_non_null(strstr(error.text, "moved or removed"));
	assert_false(ledger_is_busy(ledger));
	ledger_close(ledger);
}

#define busy_test(test) cmocka_unit_test_setup_teardown(test, setup, shelf_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    busy_test(a_person_waits_for_a_second),
	    busy_test(a_loop_waits_for_a_moment_and_then_not_at_all_however_much_is_to_be_written),
	    busy_test(what_fails_for_another_reason_is_not_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
