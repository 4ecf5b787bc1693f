/* A drill while another process writes to the ledger: it waits where it must, goes on where it may, and
 * nothing of it is lost. */
#include <event2/event.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/store/messages.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/little_world.h"

#define HELD_MS 3000

/* The other process. */
static struct {
	sqlite3 *db;        /* owned */
	struct event *lets; /* owned; go of the ledger */
	enum phase since;   /* it writes from this phase on (PHASE_COUNT: not at all) ... */
	int64_t held_ms;    /* ... for so long; TIME_NEVER: for ever */
	bool is_writing, had;
	bool in_place_then; /* the fault, when it ended */
	int bursts;         /* so many more, each while the ledger is to be told of a revert */
} other;

int __wrap_sqlite3_sleep(int ms);

/* How long it sleeps is told by test_ledger_busy.c. */
int __wrap_sqlite3_sleep(int ms)
{
	return ms;
}

static void run(const char *sql)
{
	assert_int_equal(sqlite3_exec(other.db, sql, NULL, NULL, NULL), SQLITE_OK);
}

bool __real_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);
bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);

bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error)
{
	bool bursts = state == FAULT_UNCONFIRMED && other.bursts > 0, told;

	if (bursts)
		run("BEGIN IMMEDIATE");
	told = __real_ledger_advance(ledger, drill, state, note, error);
	if (bursts) {
		run("ROLLBACK");
		other.bursts--;
	}
	return told;
}

static void let_go(evutil_socket_t fd, short what, void *arg)
{
	const struct little_world *world = arg;

	(void)fd;
	(void)what;
	run("ROLLBACK");
	other.is_writing = false;
	other.in_place_then = world->fault.in_place;
}

static void on_changed(struct little_world *world, struct drill *drill)
{
	const struct timeval held = {.tv_sec = other.held_ms / 1000};

	(void)world;
	if (other.had || drill_record(drill)->phase != other.since)
		return;
	other.had = other.is_writing = true;
	run("BEGIN IMMEDIATE");
	if (other.held_ms != TIME_NEVER)
		(void)event_add(other.lets, &held);
}

static struct little_world *begin(enum phase since, int64_t held_ms)
{
	struct little_world *world;
	void *made = NULL;

	assert_int_equal(little_world_setup(&made), 0);
	world = made;
	little_simple(world);
	ledger_hurry(world->ledger);
	memset(&other, 0, sizeof other);
	other.since = since;
	other.held_ms = held_ms;
	other.lets = evtimer_new(world->base, let_go, world);
	assert_int_equal(sqlite3_open(world->file, &other.db), SQLITE_OK);
	world->look = on_changed;
	return world;
}

static void end(struct little_world *world)
{
	void *made = world;

	assert_true(other.had || other.since == PHASE_COUNT);
	event_free(other.lets);
	(void)sqlite3_close(other.db);
	(void)little_world_teardown(&made);
}

static void a_ledger_that_is_busy_for_seconds_costs_a_drill_no_more_than_that(void **state)
{
	static const enum phase phases[] = {PHASE_BASELINE, PHASE_ANNOUNCE, PHASE_RECORD,
					    PHASE_INJECT,   PHASE_WITNESS,  PHASE_WATCH,
					    PHASE_REVERT,   PHASE_CONFIRM,  PHASE_REPORT};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct little_world *world = begin(phases[i], HELD_MS);
		const struct drill_record *record = little_run(world);

		assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(record->evidence.ledger_problem);
		assert_int_equal(world->fault.inject.calls, 1);
		assert_int_equal(world->guardian.holds, world->guardian.releases);
		end(world);
	}
}

static void nothing_is_put_in_while_it_is_busy(void **state)
{
	static const enum phase phases[] = {PHASE_ANNOUNCE, PHASE_RECORD, PHASE_INJECT};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct little_world *world = begin(phases[i], HELD_MS);

		(void)little_run(world);
		assert_false(other.in_place_then);
		end(world);
	}
}

static void a_fault_is_taken_out_while_it_is_busy(void **state)
{
	struct little_world *world = begin(PHASE_WITNESS, 5000); /* the alert comes before */
	const struct drill_record *record = little_run(world);

	(void)state;
	assert_false(other.in_place_then);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	end(world);
}

static void one_that_is_busy_for_ever_lets_no_drill_begin(void **state)
{
	static const enum phase phases[] = {PHASE_BASELINE, PHASE_ANNOUNCE, PHASE_RECORD,
					    PHASE_INJECT};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct little_world *world = begin(phases[i], TIME_NEVER);
		const struct drill_record *record = little_run(world);

		assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
		assert_non_null(strstr(record->judgement.text, "another process is writing"));
		assert_int_equal(world->fault.inject.calls, 0);
		assert_int_equal(world->guardian.holds, world->guardian.releases);
		end(world);
	}
}

static void
one_that_is_busy_for_ever_keeps_no_fault_in_place_and_what_it_was_not_told_is_said(void **state)
{
	struct little_world *world = begin(PHASE_WATCH, TIME_NEVER);
	const struct drill_record *record = little_run(world);

	(void)state;
	assert_false(world->fault.in_place);
	assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
	assert_non_null(strstr(record->evidence.ledger_problem, "another process is writing"));
	assert_non_null(strstr(record->evidence.revert_text, "the ledger was not told"));
	assert_int_equal(little_ledger_state(world), FAULT_INJECTED);
	end(world);
}

/* A later life, or the next round of this one, would say that it died before it told its end. */
static void a_drill_that_has_told_its_end_leaves_no_message_in_the_ledger(void **state)
{
	struct little_world *world = begin(PHASE_REPORT, HELD_MS);
	struct message_list messages;
	struct error error = {""};

	(void)state;
	(void)little_run(world);
	assert_true(messages_read(world->ledger, NULL, &messages, &error));
	assert_int_equal(messages.count, 0);
	message_list_done(&messages);
	end(world);
}

static void one_that_is_busy_for_ever_does_not_keep_a_drill_from_its_end(void **state)
{
	struct little_world *world = begin(PHASE_REPORT, TIME_NEVER);
	const struct drill_record *record = little_run(world);

	(void)state;
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(record->report_problem);
	end(world);
}

/* Just when it was to be told of the revert, twice, and free again for what comes after it. */
static void a_ledger_that_is_busy_in_bursts_is_told_everything_in_order(void **state)
{
	struct little_world *world = begin(PHASE_COUNT, 0);
	const struct drill_record *record;

	(void)state;
	other.bursts = 2;
	record = little_run(world);
	assert_int_equal(other.bursts, 0);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	assert_null(record->evidence.ledger_problem);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	end(world);
}

static void a_drill_that_waits_for_it_can_be_stopped(void **state)
{
	struct little_world *world = begin(PHASE_RECORD, TIME_NEVER);
	const struct drill_record *record;

	(void)state;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_RECORD);
	little_pass(world, 1000);
	drill_stop(world->drills[0].drill, "stopped by a test");
	record = little_run(world);
	assert_int_equal(record->judgement.verdict, VERDICT_ABORTED);
	assert_int_equal(world->fault.inject.calls, 0);
	end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_ledger_that_is_busy_for_seconds_costs_a_drill_no_more_than_that),
	    cmocka_unit_test(nothing_is_put_in_while_it_is_busy),
	    cmocka_unit_test(a_fault_is_taken_out_while_it_is_busy),
	    cmocka_unit_test(one_that_is_busy_for_ever_lets_no_drill_begin),
	    cmocka_unit_test(
		one_that_is_busy_for_ever_keeps_no_fault_in_place_and_what_it_was_not_told_is_said),
	    cmocka_unit_test(a_ledger_that_is_busy_in_bursts_is_told_everything_in_order),
	    cmocka_unit_test(a_drill_that_has_told_its_end_leaves_no_message_in_the_ledger),
	    cmocka_unit_test(one_that_is_busy_for_ever_does_not_keep_a_drill_from_its_end),
	    cmocka_unit_test(a_drill_that_waits_for_it_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
