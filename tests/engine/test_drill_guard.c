/* Before anything is touched: what cannot be seen is not broken, and guards are obeyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/clock.h"
#include "tests/engine/little_asserts.h"

static int setup(void **state)
{
	(void)little_world_setup(state);
	little_simple(*state);
	return 0;
}

/* What cannot be seen is not broken. */

static void a_chat_that_cannot_be_opened_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->no_chat = true;
	record = little_run(world);
	assert_unobservable(record, "has no token");
	assert_nothing_touched(world, record);
}

static void a_channel_that_does_not_exist_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->chat.channels[0].name = "else";
	record = little_run(world);
	assert_unobservable(record, "no such channel");
	assert_nothing_touched(world, record);
}

static void a_channel_that_is_found_at_the_second_try_is_drilled(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->finding =
	    (struct little_trouble){.times = 1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_channel_that_cannot_be_read_stops_the_drill_after_its_patience(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "#ops could not be read");
	assert_nothing_touched(world, record);
	assert_true(record->phase_ms[PHASE_DONE] - record->started_ms >= PATIENCE_MS);
}

static void an_announcement_that_is_refused_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT, .code = "restricted"};
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_nothing_touched(world, record);
	assert_non_null(record->report_problem);
}

static void an_announcement_that_cannot_be_made_in_time_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "nothing was broken");
	assert_unobservable(record, "told to fail");
	assert_nothing_touched(world, record);
	assert_null(little_chat_ours(&world->chat, "ops", false, 0));
}

static void an_announcement_that_is_not_read_back_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->hides_ours = true;
	record = little_run(world);
	assert_unobservable(record, "read back");
	assert_nothing_touched(world, record);
	assert_true(record->evidence.expect[0].control_wanted);
	assert_false(record->evidence.expect[0].control_seen);
	/* it does not stand there as a running drill */
	assert_non_null(
	    strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "inconclusive"));
}

static void a_post_that_fails_once_is_tried_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = 2, .result = CHAT_RETRY};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
}

static void a_post_whose_answer_was_lost_is_found_and_not_made_twice(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting = (struct little_trouble){
	    .times = 1, .result = CHAT_RETRY, .code = "ambiguous", .done_all_the_same = true};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
	assert_non_null(record->report_permalink);
}

static void gone_before_the_fault(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_ANNOUNCE)
		little_channel(&world->chat, "general")->reading =
		    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
}

static void a_second_channel_that_is_lost_while_announcing_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_expect(world, "#general", "QueueMissing", true)->never = true;
	little_channel(&world->chat, "ops")->posting = /* so that the control takes its time */
	    (struct little_trouble){.times = 2, .result = CHAT_RETRY};
	world->look = gone_before_the_fault;
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_nothing_touched(world, record);
}

static void gone_in_the_watch(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_WATCH)
		little_channel(&world->chat, "ops")->reading =
		    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
}

static void a_channel_that_is_lost_in_the_watch_ends_it_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	world->look = gone_in_the_watch;
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3000);
}

static void blind_in_the_watch(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_WATCH)
		little_channel(&world->chat, "ops")->reading =
		    (struct little_trouble){.times = 3, .result = CHAT_RETRY};
}

static void a_blind_time_makes_a_miss_inconclusive_and_not_a_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->look = blind_in_the_watch;
	record = little_run(world);
	assert_unobservable(record, "QueueMissing: #ops could not be read for");
	assert_restored(world, record);
	assert_true(record->evidence.expect[0].blind_ms > 2000);
}

static void a_chat_that_never_answers_again_ends_after_its_patience(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	little_channel(&world->chat, "ops")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "#ops");
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.injected_ms <=
		    WITHIN_MS + GRACE_MS + PATIENCE_MS + 1000);
}

/* The guards. */

static void a_protected_environment_needs_permission(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record = little_start_in(world, 0, &world->production);

	(void)little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "--allow-protected"));
	assert_nothing_touched(world, record);
	assert_int_equal(world->chat.calls, 0);
}

static void with_permission_a_protected_environment_is_drilled(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->options.allow_protected = true;
	record = little_start_in(world, 0, &world->production);
	(void)little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_fault_over_the_effect_limit_is_refused(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->staging.effect_limit = EFFECT_COPY;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "effect_limit = \"mutation\""));
	assert_nothing_touched(world, record);
}

static void an_irreversible_fault_is_always_refused(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->staging.effect_limit = EFFECT_IRREVERSIBLE;
	world->scenario.fault.via = VIA_PROCESS;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void leave(struct little_world *world, const char *drill, const char *environment,
		  enum fault_state state, int64_t lease_ms)
{
	const struct ledger_fault fault = {
	    .drill = drill,
	    .scenario = "orders",
	    .environment = environment,
	    .via = VIA_HTTP,
	    .recipe = "{}",
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = clock_wall_ms() + lease_ms,
	};
	struct error error = {""};

	assert_true(ledger_intend(world->ledger, &fault, &error));
	if (state != FAULT_INTENT)
		assert_true(ledger_advance(world->ledger, fault.drill, state, "", &error));
}

static void a_fault_left_by_an_earlier_drill_refuses_the_next_with_exit_3(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "fd-aaaaaaaa", "staging", FAULT_INJECTING, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
	assert_non_null(strstr(record->judgement.text, "firedrill revert fd-aaaaaaaa"));
	assert_true(record->evidence.left_before);
	assert_nothing_touched(world, record);
}

static void a_stuck_fault_refuses_the_next_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "fd-aaaaaaaa", "staging", FAULT_STUCK, 60000);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
	assert_nothing_touched(world, record);
}

static void of_two_faults_the_one_that_was_left_says_the_most(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "fd-aaaaaaaa", "staging", FAULT_STUCK, 60000);
	leave(world, "fd-bbbbbbbb", "staging", FAULT_INJECTING, 60000);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
	assert_non_null(strstr(record->judgement.text, "fd-aaaaaaaa"));
}

static void a_drill_that_runs_there_already_refuses_the_next(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "fd-aaaaaaaa", "staging", FAULT_INJECTING, 60000);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void a_fault_elsewhere_or_a_drill_that_leaves_nothing_is_no_obstacle(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "fd-aaaaaaaa", "production", FAULT_STUCK, -1);
	record = little_start_in(world, 0, &world->staging);
	world->scenario.fault.via = VIA_NONE;
	world->options.allow_protected = true;
	(void)little_start_in(world, 1, &world->production);
	(void)little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(drill_record(world->drills[1].drill), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void of_two_drills_in_one_environment_only_one_breaks_something(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *first = little_start_in(world, 0, &world->staging);
	const struct drill_record *second = little_start_in(world, 1, &world->staging);

	(void)little_run(world);
	assert_outcome(first, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(second, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_int_equal(world->fault.inject.calls, 1);
	assert_restored(world, first);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_chat_that_cannot_be_opened_stops_the_drill),
	    IN_WORLD(a_channel_that_does_not_exist_stops_the_drill),
	    IN_WORLD(a_channel_that_is_found_at_the_second_try_is_drilled),
	    IN_WORLD(a_channel_that_cannot_be_read_stops_the_drill_after_its_patience),
	    IN_WORLD(an_announcement_that_is_refused_stops_the_drill),
	    IN_WORLD(an_announcement_that_cannot_be_made_in_time_stops_the_drill),
	    IN_WORLD(an_announcement_that_is_not_read_back_stops_the_drill),
	    IN_WORLD(a_post_that_fails_once_is_tried_again),
	    IN_WORLD(a_post_whose_answer_was_lost_is_found_and_not_made_twice),
	    IN_WORLD(a_second_channel_that_is_lost_while_announcing_stops_the_drill),
	    IN_WORLD(a_channel_that_is_lost_in_the_watch_ends_it_at_once),
	    IN_WORLD(a_blind_time_makes_a_miss_inconclusive_and_not_a_gap),
	    IN_WORLD(a_chat_that_never_answers_again_ends_after_its_patience),
	    IN_WORLD(a_protected_environment_needs_permission),
	    IN_WORLD(with_permission_a_protected_environment_is_drilled),
	    IN_WORLD(a_fault_over_the_effect_limit_is_refused),
	    IN_WORLD(an_irreversible_fault_is_always_refused),
	    IN_WORLD(a_fault_left_by_an_earlier_drill_refuses_the_next_with_exit_3),
	    IN_WORLD(a_stuck_fault_refuses_the_next_drill),
	    IN_WORLD(of_two_faults_the_one_that_was_left_says_the_most),
	    IN_WORLD(a_drill_that_runs_there_already_refuses_the_next),
	    IN_WORLD(a_fault_elsewhere_or_a_drill_that_leaves_nothing_is_no_obstacle),
	    IN_WORLD(of_two_drills_in_one_environment_only_one_breaks_something),
	};

	return cmocka_run_group_tests_name("drill: guard", tests, NULL, NULL);
}
