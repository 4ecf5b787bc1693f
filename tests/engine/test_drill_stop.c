/* A drill can be stopped and freed at any time, and its report may fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/engine/restorer.h"
#include "tests/engine/little_asserts.h"

static int setup(void **state)
{
	(void)little_world_setup(state);
	little_simple(*state);
	return 0;
}

/* Stopping, in every phase. */

static void a_drill_can_be_stopped_in_every_phase(void **state)
{
	(void)state;
	for (enum phase phase = PHASE_GUARD; phase < PHASE_COUNT; phase++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->rules[0].channel = phase == PHASE_EXPLAIN ? NULL : "ops";
		world->expect[0].resolved_ms = 10000;
		world->stop_at = phase;
		record = little_run(world);
		if (phase < PHASE_REPORT)
			assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
		if (phase < PHASE_REPORT && phase != PHASE_EXPLAIN)
			assert_true(record->phase_ms[PHASE_DONE] - record->started_ms < 8000);
		assert_false(world->fault.in_place);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(world->fault.ops);
		if (phase <= PHASE_INJECT)
			assert_nothing_touched(world, record);
		else
			assert_restored(world, record);
		(void)little_world_teardown(&made);
	}
}

/* In every phase, with whatever is in flight there: after each turn of the loop. */
static void a_drill_can_be_stopped_after_any_turn_of_the_loop(void **state)
{
	bool over = false;

	(void)state;
	for (int64_t ms = 0; !over; ms += ms < 300 ? 7 : 41) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->rules[0].channel = "general";
		world->expect[0].within_ms = 1500;
		world->expect[0].grace_ms = 500;
		world->fault.inject.takes_ms = 30;
		world->fault.witness.takes_ms = 30;
		world->fault.capture.takes_ms = 30;
		world->fault.revert.takes_ms = 30;
		world->fault.confirm.takes_ms = 30;
		record = little_start(world);
		little_pass(world, ms);
		over = world->drills[0].done > 0;
		drill_stop(world->drills[0].drill, "stopped by the test");
		drill_stop(world->drills[0].drill, "stopped again");
		(void)little_run(world);
		assert_true(over || record->judgement.verdict == VERDICT_ABORTED ||
			    record->phase_ms[PHASE_REPORT] <= record->started_ms + ms);
		assert_false(world->fault.in_place);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(world->fault.ops);
		(void)little_world_teardown(&made);
	}
}

static void a_stop_in_the_search_ends_it_before_the_verdict(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = "general"; /* where the search would find it */
	world->chat.latency_ms = 200;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_EXPLAIN);
	drill_stop(world->drills[0].drill, "stopped by the test");
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_int_equal(record->evidence.expect[0].sighting_count, 0);
}

static void the_first_stop_counts(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record = little_start(world);

	drill_stop(world->drills[0].drill, "the first");
	drill_stop(world->drills[0].drill, "the second");
	(void)little_run(world);
	assert_string_equal(record->judgement.text, "the first");
}

static void a_stop_cuts_off_the_inject_that_is_under_way_and_looks_twice(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.inject.hangs = true;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_INJECT);
	little_pass(world, 100);
	drill_stop(world->drills[0].drill, "stopped by the test");
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_true(record->evidence.injected);
	assert_int_equal(record->evidence.witnessed, WITNESS_UNKNOWN);
	assert_true(record->phase_ms[PHASE_REVERT] <= record->evidence.inject_started_ms + 110);
	assert_true(record->phase_ms[PHASE_RECOVERY] >=
		    record->evidence.injected_ms + RESTORER_LANDING_MS);
	assert_int_equal(world->fault.revert.calls, 1);
	assert_int_equal(world->fault.confirm.calls, 2);
	assert_restored(world, record);
}

static void an_inject_that_lands_after_it_was_cut_off_is_taken_out_too(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.inject.hangs = true;
	world->fault.inject.lands_after_ms = 9000;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_INJECT);
	drill_stop(world->drills[0].drill, "stopped by the test");
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_restored(world, record);
	assert_story(world, "inject/injecting revert/reverting confirm/unconfirmed "
			    "confirm/unconfirmed revert/reverting confirm/unconfirmed release");
}

static void a_stop_does_not_cut_off_a_revert_that_goes_on(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_answers(&world->fault.revert, FAULT_UNKNOWN, 3);
	little_answers(&world->fault.confirm, FAULT_UNKNOWN, 1);
	world->stop_at = PHASE_REVERT;
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_restored(world, record);
}

static void a_drill_stopped_before_its_start_touches_nothing(void **state)
{
	struct little_world *world = *state;
	struct little_drill *entry = &world->drills[0];
	struct error error = {""};
	struct drill *drill = drill_new(&world->drill_world, &world->scenario, &world->staging,
					&world->options, &error);

	assert_non_null(drill);
	drill_stop(drill, "never mind");
	little_pass(world, 1000);
	drill_free(drill);
	assert_null(entry->drill);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(world->chat.calls, 0);
}

/* Freeing, in every phase. */

static void a_drill_can_be_freed_in_every_phase_and_calls_nobody_after_it(void **state)
{
	(void)state;
	for (enum phase phase = PHASE_GUARD; phase <= PHASE_DONE; phase++) {
		for (int64_t later_ms = 0; later_ms <= 10; later_ms += 10) {
			struct little_world *world;
			void *made = NULL;
			size_t calls, told;

			(void)setup(&made);
			world = made;
			world->rules[0].channel = "general";
			world->fault.inject.takes_ms = 30;
			world->fault.witness.takes_ms = 30;
			world->fault.capture.takes_ms = 30;
			world->fault.revert.takes_ms = 30;
			world->fault.confirm.takes_ms = 30;
			(void)little_start(world);
			little_run_until_phase(world, phase);
			if (later_ms > 0 && phase < PHASE_DONE)
				little_pass(world, later_ms);
			drill_free(world->drills[0].drill);
			world->drills[0].drill = NULL;
			assert_null(world->fault.ops);
			calls = world->chat.calls;
			told = world->story.len;
			little_pass(world, 60000); /* the sentinel: time goes on */
			assert_int_equal(world->chat.calls, calls);
			assert_int_equal(world->story.len, told);
			(void)little_world_teardown(&made);
		}
	}
}

/* The report. */

static void a_report_that_fails_leaves_the_verdict_and_says_so(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_non_null(strstr(record->report_problem, "#ops"));
	assert_restored(world, record);
}

static void details_that_fail_leave_the_verdict_and_say_so(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->replying =
	    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
}

static void a_chat_that_asks_to_wait_is_waited_for(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = 2, .result = CHAT_SLOW, .retry_after_ms = 6000};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(record->report_problem);
	assert_int_equal(world->chat.slow_calls, 0);
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
}

static void a_chat_that_asks_to_wait_too_long_ends_with_a_report_problem(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = -1, .result = CHAT_SLOW, .retry_after_ms = 600000};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_true(record->phase_ms[PHASE_DONE] - record->phase_ms[PHASE_REPORT] < 60000);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_drill_can_be_stopped_in_every_phase),
	    cmocka_unit_test(a_drill_can_be_stopped_after_any_turn_of_the_loop),
	    IN_WORLD(a_stop_in_the_search_ends_it_before_the_verdict),
	    IN_WORLD(the_first_stop_counts),
	    IN_WORLD(a_stop_cuts_off_the_inject_that_is_under_way_and_looks_twice),
	    IN_WORLD(an_inject_that_lands_after_it_was_cut_off_is_taken_out_too),
	    IN_WORLD(a_stop_does_not_cut_off_a_revert_that_goes_on),
	    IN_WORLD(a_drill_stopped_before_its_start_touches_nothing),
	    cmocka_unit_test(a_drill_can_be_freed_in_every_phase_and_calls_nobody_after_it),
	    IN_WORLD(a_report_that_fails_leaves_the_verdict_and_says_so),
	    IN_WORLD(details_that_fail_leave_the_verdict_and_say_so),
	    IN_WORLD(a_chat_that_asks_to_wait_is_waited_for),
	    IN_WORLD(a_chat_that_asks_to_wait_too_long_ends_with_a_report_problem),
	};

	return cmocka_run_group_tests_name("drill: stop", tests, NULL, NULL);
}
