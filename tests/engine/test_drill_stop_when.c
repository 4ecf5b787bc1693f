/* Conditions of `stop_when`: nothing is broken when one holds, and what is broken is put right when
 * one comes to hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/little_condition.h"

#define SHOP     "http://shop.example/health"
#define BANK     "http://bank.example/health"
#define EVERY_MS 1000

struct place {
	struct little_world *world;
	struct little_conditions conditions;
	struct stop_condition stop_when[LITTLE_CONDITIONS];
};

static char *words(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void add_condition(struct place *place, const char *check, int times)
{
	struct scenario *scenario = &place->world->scenario;
	size_t i = scenario->stop_when_count++;

	place->stop_when[i] =
	    (struct stop_condition){.check = words(check), .every_ms = EVERY_MS, .times = times};
	place->conditions.list[i].check = check;
	scenario->stop_when = place->stop_when;
}

/* One alert that comes late, so that there is time to watch; one condition, met twice in a row. */
static int setup(void **state)
{
	struct place *place = mem_zalloc(sizeof *place);
	void *world;

	(void)little_world_setup(&world);
	place->world = world;
	place->conditions.base = place->world->base;
	place->world->drill_world.conditions = &little_condition_driver;
	place->world->drill_world.condition_context = &place->conditions.context;
	little_simple(place->world);
	place->world->rules[0].after_ms = 8000;
	add_condition(place, SHOP, 2);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	void *world = place->world;

	(void)little_world_teardown(&world);
	assert_int_equal(place->conditions.list[0].in_flight, 0);
	assert_int_equal(place->conditions.list[1].in_flight, 0);
	free(place);
	return 0;
}

static void assert_says(const struct drill_record *record, const char *part)
{
	if (strstr(record->judgement.text, part) == NULL)
		fail_msg("%s", record->judgement.text);
}

static void assert_stopped(struct place *place, const struct drill_record *record)
{
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_int_equal(record->evidence.stop, STOP_CONDITION);
	assert_says(record, "stop_when: ");
	assert_restored(place->world, record);
}

/* Before anything is touched. */

static void calm_conditions_let_the_drill_pass(void **state)
{
	struct place *place = *state;
	const struct drill_record *record = little_run(place->world);

	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(place->conditions.list[0].looks >= 8);
}

static void a_condition_that_holds_already_refuses_and_nothing_is_touched_or_posted(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].from = 1;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_says(record, "guard stop_when: it answered 503, before anything was broken");
	assert_nothing_touched(place->world, record);
	assert_int_equal(place->world->fault.capture.calls, 0);
	assert_not_in_story(place->world, "post:#ops");
	assert_int_equal(place->conditions.list[0].looks, 1);
}

static void a_condition_that_nobody_answers_refuses(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].from = 1;
	place->conditions.list[0].found = CONDITION_UNASKED;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_says(record, "could not be asked");
	assert_nothing_touched(place->world, record);
}

static void the_second_of_two_conditions_refuses_too(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	add_condition(place, BANK, 5);
	place->conditions.list[1].from = 1;
	place->conditions.list[1].count = 1; /* once is enough while nothing is broken */
	place->conditions.list[1].found = CONDITION_MET;
	place->conditions.list[1].takes_ms = 700;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(place->world, record);
}

static void the_first_look_is_waited_for_before_anything_is_announced(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].takes_ms = 3000;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(record->phase_ms[PHASE_ANNOUNCE] >= record->started_ms + 3000);
}

static void a_condition_that_comes_to_hold_before_the_inject_refuses(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->world->fault.capture.takes_ms = 5000;
	place->conditions.list[0].from = 3;
	place->conditions.list[0].count = 1;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_int_equal(place->world->fault.capture.calls, 1);
	assert_nothing_touched(place->world, record);
}

/* While the fault is in place. */

static void a_condition_met_so_many_times_in_a_row_ends_the_drill(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].from = 4;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_stopped(place, record);
	assert_says(record, "it answered 503 twice in a row, ");
	assert_says(record, " s after the fault was put in");
	assert_true(record->phase_ms[PHASE_REVERT] < record->evidence.injected_ms + 6000);
	assert_int_equal(place->conditions.list[0].looks, 5); /* and no more once it is over */
}

static void one_look_is_enough_when_the_scenario_says_so(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->stop_when[0].times = 1;
	place->conditions.list[0].from = 4;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_stopped(place, record);
	assert_int_equal(place->conditions.list[0].looks, 4);
	assert_says(record, "it answered 503, ");
}

static void a_condition_that_flaps_below_the_limit_ends_nothing(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].from = 3;
	place->conditions.list[0].every = 2;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(place->conditions.list[0].looks >= 8);
}

static void a_condition_met_too_few_times_ends_nothing(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->stop_when[0].times = 4;
	place->conditions.list[0].from = 3;
	place->conditions.list[0].count = 3;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_prometheus_that_is_gone_ends_the_drill(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->conditions.list[0].from = 4;
	place->conditions.list[0].found = CONDITION_UNASKED;
	record = little_run(place->world);
	assert_stopped(place, record);
	assert_says(record, "could not be asked: nobody listens twice in a row");
}

static void the_second_of_two_conditions_ends_the_drill(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	add_condition(place, BANK, 3);
	place->conditions.list[1].from = 4;
	place->conditions.list[1].found = CONDITION_MET;
	record = little_run(place->world);
	assert_stopped(place, record);
	assert_says(record, "3 times in a row");
}

static void a_condition_ends_a_drill_that_still_waits_for_its_witness(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->world->fault.witness.hangs = true;
	place->conditions.list[0].from = 4;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_stopped(place, record);
	assert_true(record->phase_ms[PHASE_REVERT] < record->evidence.inject_started_ms + 8000);
}

static void a_condition_ends_a_drill_whose_inject_hangs(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;

	place->world->fault.inject.hangs = true;
	place->conditions.list[0].from = 4;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_stopped(place, record);
}

static void after_the_revert_nothing_is_asked_any_more(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;
	int looks;

	place->world->expect[0].resolved_ms = 10000;
	(void)little_start(place->world);
	little_run_until_phase(place->world, PHASE_REVERT);
	looks = place->conditions.list[0].looks;
	place->conditions.list[0].from = 1;
	place->conditions.list[0].found = CONDITION_MET;
	record = little_run(place->world);
	assert_int_equal(place->conditions.list[0].looks, looks);
	assert_int_equal(place->conditions.list[0].in_flight, 0);
	assert_int_equal(record->evidence.stop, STOP_NONE);
}

/* It looks at the rhythm of the scenario, also when looking takes its time. */
static void the_rhythm_counts_from_look_to_look(void **state)
{
	struct place *place = *state;
	const struct drill_record *record;
	int64_t asked_ms;

	place->conditions.list[0].takes_ms = 600;
	record = little_run(place->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	asked_ms = record->phase_ms[PHASE_REVERT] - record->phase_ms[PHASE_BASELINE];
	assert_true(place->conditions.list[0].looks >= (int)(asked_ms / EVERY_MS));
	assert_true(place->conditions.list[0].looks <= (int)(asked_ms / EVERY_MS) + 1);
}

/* Freeing and stopping, with a look in flight. */

static void a_drill_with_a_look_in_flight_can_be_stopped_and_freed(void **state)
{
	struct place *place = *state;
	struct little_world *world = place->world;

	place->conditions.list[0].hangs = true;
	(void)little_start(world);
	little_pass(world, 2000);
	assert_int_equal(place->conditions.list[0].in_flight, 1);
	drill_stop(world->drills[0].drill, "stopped by the test");
	(void)little_run(world);
	assert_int_equal(place->conditions.list[0].in_flight, 0);
	assert_nothing_touched(world, drill_record(world->drills[0].drill));
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
	world->drills[0].done = 0;
	(void)little_start(world);
	little_pass(world, 2000);
	assert_int_equal(place->conditions.list[0].in_flight, 1);
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
	assert_int_equal(place->conditions.list[0].in_flight, 0);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_PLACE(calm_conditions_let_the_drill_pass),
	    IN_PLACE(a_condition_that_holds_already_refuses_and_nothing_is_touched_or_posted),
	    IN_PLACE(a_condition_that_nobody_answers_refuses),
	    IN_PLACE(the_second_of_two_conditions_refuses_too),
	    IN_PLACE(the_first_look_is_waited_for_before_anything_is_announced),
	    IN_PLACE(a_condition_that_comes_to_hold_before_the_inject_refuses),
	    IN_PLACE(a_condition_met_so_many_times_in_a_row_ends_the_drill),
	    IN_PLACE(one_look_is_enough_when_the_scenario_says_so),
	    IN_PLACE(a_condition_that_flaps_below_the_limit_ends_nothing),
	    IN_PLACE(a_condition_met_too_few_times_ends_nothing),
	    IN_PLACE(a_prometheus_that_is_gone_ends_the_drill),
	    IN_PLACE(the_second_of_two_conditions_ends_the_drill),
	    IN_PLACE(a_condition_ends_a_drill_that_still_waits_for_its_witness),
	    IN_PLACE(a_condition_ends_a_drill_whose_inject_hangs),
	    IN_PLACE(after_the_revert_nothing_is_asked_any_more),
	    IN_PLACE(the_rhythm_counts_from_look_to_look),
	    IN_PLACE(a_drill_with_a_look_in_flight_can_be_stopped_and_freed),
	};

	return cmocka_run_group_tests_name("stop_when", tests, NULL, NULL);
}
