/* When things happened, and for how long they are remembered, by a clock that may jump. */
#include "src/store/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "tests/store/shelf.h"

#define DAY  INT64_C(86400000)
#define YEAR (365 * DAY)
#define NOON INT64_C(1790000000000)

/* The wall clock; set by every test. */
static int64_t now;

int64_t __wrap_clock_wall_ms(void);

int64_t __wrap_clock_wall_ms(void)
{
	return now;
}

static void move(struct ledger *ledger, const char *drill, enum fault_state to)
{
	struct error error = {""};

	if (!ledger_advance(ledger, drill, to, NULL, &error))
		fail_msg("%s", error.text);
}

static void intend(struct ledger *ledger, const char *drill, const char *environment,
		   enum fault_via via)
{
	struct ledger_fault fault = shelf_fault(drill);

	fault.environment = environment;
	fault.via = via;
	fault.intended_wall_ms = now;
	assert_true(ledger_intend(ledger, &fault, NULL));
}

static void settle(struct ledger *ledger, const char *drill)
{
	move(ledger, drill, FAULT_REVERTING);
	move(ledger, drill, FAULT_UNCONFIRMED);
	move(ledger, drill, FAULT_CLEAN);
}

static void assert_past(struct ledger *ledger, const char *environment, int64_t since, int count,
			int64_t last)
{
	struct ledger_past past = {.count = -7};

	assert_true(ledger_past(ledger, environment, since, &past, NULL));
	assert_int_equal(past.count, count);
	assert_int_equal(past.last_wall_ms, last);
}

/* What a row says. */

static bool keep_fault(void *arg, const struct ledger_fault *fault)
{
	*(struct ledger_fault *)arg = *fault;
	return true;
}

static void assert_times(struct ledger *ledger, int64_t changed, int64_t injecting, bool ended)
{
	struct ledger_fault fault = {.changed_wall_ms = -1};

	assert_true(ledger_visit_open(ledger, NULL, keep_fault, &fault, NULL));
	assert_int_equal(fault.changed_wall_ms, changed);
	assert_int_equal(fault.injecting_wall_ms, injecting);
	assert_int_equal(fault.inject_ended, ended);
}

static void every_move_leaves_its_time(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	now = NOON;
	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_times(ledger, NOON, 0, false);
	now = NOON + 1;
	assert_true(ledger_complete(ledger, "fd-aaaaaaaa", "{}", NULL));
	assert_times(ledger, NOON, 0, false); /* no move */
	move(ledger, "fd-aaaaaaaa", FAULT_INJECTING);
	assert_times(ledger, NOON + 1, NOON + 1, false);
	now = NOON + 2;
	move(ledger, "fd-aaaaaaaa", FAULT_INJECTED);
	assert_times(ledger, NOON + 2, NOON + 1, true);
	now = NOON + 3;
	move(ledger, "fd-aaaaaaaa", FAULT_REVERTING);
	now = NOON + 4;
	move(ledger, "fd-aaaaaaaa", FAULT_STUCK);
	assert_times(ledger, NOON + 4, NOON + 1, true);
	now = NOON - YEAR;
	move(ledger, "fd-aaaaaaaa", FAULT_REVERTING);
	assert_times(ledger, NOON - YEAR, NOON + 1, true);
	ledger_close(ledger);
}

static void an_inject_whose_end_was_not_seen_says_so_for_ever(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	now = NOON;
	shelf_intend(ledger, "fd-aaaaaaaa");
	move(ledger, "fd-aaaaaaaa", FAULT_INJECTING);
	move(ledger, "fd-aaaaaaaa", FAULT_REVERTING);
	move(ledger, "fd-aaaaaaaa", FAULT_UNCONFIRMED);
	assert_times(ledger, NOON, NOON, false);
	ledger_close(ledger);
}

static void a_clock_that_stands_at_zero_does_not_hide_that_it_was_tried(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	now = 0;
	shelf_intend(ledger, "fd-aaaaaaaa");
	move(ledger, "fd-aaaaaaaa", FAULT_INJECTING);
	assert_times(ledger, 0, 1, false);
	assert_past(ledger, "staging", 0, 1, 0);
	ledger_close(ledger);
}

static bool keep_target(void *arg, const struct ledger_fault *fault)
{
	(void)snprintf(arg, 128, "%s", fault->target);
	return true;
}

static void what_is_changed_is_kept(void **state)
{
	static char long_text[1026];
	struct ledger *ledger = shelf_open(*state);
	struct ledger_fault fault = shelf_fault("fd-aaaaaaaa");
	char text[128];

	fault.target = "http PUT http://127.0.0.1/queue";
	assert_true(ledger_intend(ledger, &fault, NULL));
	assert_true(ledger_visit_open(ledger, NULL, keep_target, text, NULL));
	assert_string_equal(text, "http PUT http://127.0.0.1/queue");
	memset(long_text, 'x', 1025);
	fault = shelf_fault("fd-bbbbbbbb");
	fault.target = long_text;
	assert_false(ledger_intend(ledger, &fault, NULL));
	fault.target++;
	assert_true(ledger_intend(ledger, &fault, NULL));
	ledger_close(ledger);
}

/* Spacing, and the number a day. */

static void the_past_counts_what_was_really_tried_in_an_environment(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	now = NOON;
	assert_past(ledger, "staging", 0, 0, -1);
	intend(ledger, "fd-only-meant", "staging", VIA_HTTP);
	move(ledger, "fd-only-meant", FAULT_CLEAN);
	intend(ledger, "fd-control", "staging", VIA_NONE);
	move(ledger, "fd-control", FAULT_INJECTING);
	settle(ledger, "fd-control");
	intend(ledger, "fd-elsewhere", "production", VIA_HTTP);
	move(ledger, "fd-elsewhere", FAULT_INJECTING);
	assert_past(ledger, "staging", 0, 0, -1);
	intend(ledger, "fd-first", "staging", VIA_HTTP);
	move(ledger, "fd-first", FAULT_INJECTING);
	assert_past(ledger, "staging", NOON, 1, NOON);
	assert_past(ledger, "staging", NOON + 1, 0, NOON);
	now = NOON + 60000;
	settle(ledger, "fd-first");
	intend(ledger, "fd-second", "staging", VIA_RABBITMQ);
	assert_past(ledger, "staging", NOON, 1, NOON + 60000);
	now = NOON + 90000;
	move(ledger, "fd-second", FAULT_INJECTING);
	assert_past(ledger, "staging", NOON, 2, NOON + 90000);
	assert_past(ledger, "staging", NOON + 1, 1, NOON + 90000);
	assert_past(ledger, "qa", 0, 0, -1);
	ledger_close(ledger);
}

static void one_that_was_settled_late_counts_when_it_was_settled(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	now = NOON;
	intend(ledger, "fd-old", "staging", VIA_HTTP);
	move(ledger, "fd-old", FAULT_INJECTING);
	now += 1000;
	intend(ledger, "fd-new", "staging", VIA_HTTP);
	move(ledger, "fd-new", FAULT_INJECTING);
	settle(ledger, "fd-new");
	now += 1000;
	settle(ledger, "fd-old");
	assert_past(ledger, "staging", 0, 2, NOON + 2000);
	ledger_close(ledger);
}

/* Forgetting. */

/* `count` clean faults, tried and settled at that time, as earlier lives left them. */
static void add_clean(const struct shelf *shelf, const char *prefix, int count, int64_t wall_ms)
{
	char sql[512];

	(void)snprintf(
	    sql, sizeof sql,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
	    "INSERT INTO fault (drill, scenario, environment, via, state, recipe, note, "
	    "intended_wall_ms, lease_wall_ms, changed_wall_ms, injecting_wall_ms) "
	    "SELECT 'fd-%s-' || i, 's', 'staging', 'http', 'clean', '{}', '', %lld, 0, %lld, %lld "
	    "FROM n",
	    count, prefix, (long long)wall_ms, (long long)wall_ms, (long long)wall_ms);
	shelf_sql(shelf, sql);
}

static int count_kept(const struct shelf *shelf)
{
	struct ledger *ledger = shelf_open(shelf);
	struct ledger_past past = {0};

	assert_true(ledger_past(ledger, "staging", INT64_MIN, &past, NULL));
	ledger_close(ledger);
	return past.count;
}

static void what_is_clean_is_forgotten_after_a_month(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);

	now = NOON;
	intend(ledger, "fd-stuck", "staging", VIA_HTTP);
	move(ledger, "fd-stuck", FAULT_INJECTING);
	now = NOON + 1; /* one that was set aside is open, too */
	intend(ledger, "fd-aside", "staging", VIA_HTTP);
	move(ledger, "fd-aside", FAULT_INJECTING);
	move(ledger, "fd-aside", FAULT_STUCK);
	assert_true(ledger_ack(ledger, "fd-aside", "why", "anna", NULL));
	ledger_close(ledger);
	add_clean(shelf, "old", 50, NOON);
	add_clean(shelf, "young", 1000, NOON + DAY);
	now = NOON + 31 * DAY;
	assert_int_equal(count_kept(shelf), 1052);
	now++;
	assert_int_equal(count_kept(shelf), 1002);
	ledger = shelf_open(shelf);
	assert_int_equal(shelf_count(ledger), 2); /* open ones never */
	ledger_close(ledger);
}

static void a_clock_that_jumps_forward_makes_nothing_recent_forgotten(void **state)
{
	struct shelf *shelf = *state;

	now = NOON;
	ledger_close(shelf_open(shelf));
	add_clean(shelf, "recent", 1000, NOON);
	now = NOON + 80 * YEAR;
	assert_int_equal(count_kept(shelf), 1000);
	now = NOON + 1;
	assert_int_equal(count_kept(shelf), 1000);
}

static void a_clock_that_was_put_back_makes_nothing_forgotten(void **state)
{
	struct shelf *shelf = *state;

	now = NOON;
	ledger_close(shelf_open(shelf));
	add_clean(shelf, "before", 1500, NOON);
	for (now = NOON - 30 * YEAR; now < NOON; now += 10 * YEAR)
		assert_int_equal(count_kept(shelf), 1500);
	now = 0;
	assert_int_equal(count_kept(shelf), 1500);
	now = INT64_MIN / 2;
	assert_int_equal(count_kept(shelf), 1500);
}

static void a_drill_that_was_forgotten_may_come_again(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger;

	now = NOON;
	ledger_close(shelf_open(shelf));
	add_clean(shelf, "a", 1001, NOON);
	now = NOON + 32 * DAY;
	ledger = shelf_open(shelf);
	shelf_intend(ledger, "fd-a-1");
	assert_false(ledger_advance(ledger, "fd-a-2", FAULT_REVERTING, "", NULL)); /* is clean */
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(every_move_leaves_its_time),
	    shelf_test(an_inject_whose_end_was_not_seen_says_so_for_ever),
	    shelf_test(a_clock_that_stands_at_zero_does_not_hide_that_it_was_tried),
	    shelf_test(what_is_changed_is_kept),
	    shelf_test(the_past_counts_what_was_really_tried_in_an_environment),
	    shelf_test(one_that_was_settled_late_counts_when_it_was_settled),
	    shelf_test(what_is_clean_is_forgotten_after_a_month),
	    shelf_test(a_clock_that_jumps_forward_makes_nothing_recent_forgotten),
	    shelf_test(a_clock_that_was_put_back_makes_nothing_forgotten),
	    shelf_test(a_drill_that_was_forgotten_may_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
