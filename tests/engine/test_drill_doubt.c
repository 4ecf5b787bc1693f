/* Whole drills in a little world: what must never come, what cannot be told apart, and clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/little_asserts.h"
#include "tests/engine/virtual_time.h"

/* Never. */

static void a_never_beside_an_alert_stays_silent(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	little_expect(world, "#general", "QueueMissing", true)->never = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_finding(record, 1, FINDING_SILENT);
	/* the alert ended the hold, but the other channel was read to the end */
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3500);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.injected_ms >= WITHIN_MS);
	assert_null(little_chat_ours(&world->chat, "general", false, 0));
}

static void a_never_that_comes_is_unexpected(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	little_expect(world, "#general", "QueueMissing", true)->never = true;
	little_rule(world, "general", LITTLE_QUEUE)->after_ms = 7000;
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_finding(record, 1, FINDING_UNEXPECTED);
}

static void a_drill_of_nevers_alone_holds_the_fault_until_their_deadline(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_expect(world, "#ops", "QueueMissing", true)->never = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms >= WITHIN_MS);
	assert_restored(world, record);
}

static void a_drill_of_nevers_alone_ends_when_one_came(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->expect[0].never = true;
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNEXPECTED);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3500);
}

static void the_control_drill_breaks_nothing_and_leaves_nothing(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->scenario.fault.kind = KIND_NONE;
	world->scenario.fault.via = VIA_NONE;
	little_expect(world, "#ops", "QueueMissing", false)->never = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_finding(record, 0, FINDING_SILENT);
	assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

/* Confounded. */

static void without_a_nonce_an_alert_that_fires_already_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1] HealthDown");
	little_pass(world, 5000);
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_CONFOUNDED, EXIT_INCONCLUSIVE);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(record->evidence.fault_state, FAULT_ABSENT);
	assert_null(little_chat_ours(&world->chat, "ops", false, 0));
}

static void without_a_nonce_an_alert_before_the_equal_window_does_not_matter(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_rule(world, "ops", "HealthDown");
	(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1] HealthDown");
	little_pass(world, WITHIN_MS + 3000);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void say_when_announcing(struct little_world *world, struct drill *drill)
{
	const struct drill_record *record = drill_record(drill);

	if (record->phase == PHASE_ANNOUNCE && !record->evidence.inject_tried &&
	    strstr(buf_text(&world->story), "said") == NULL) {
		buf_adds(&world->story, "said ");
		(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1] HealthDown");
	}
}

static void without_a_nonce_an_alert_while_announcing_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	world->look = say_when_announcing;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_CONFOUNDED, EXIT_INCONCLUSIVE);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(record->evidence.fault_state, FAULT_ABSENT);
	assert_non_null(
	    strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "inconclusive"));
}

static void with_a_nonce_an_older_alert_does_not_hide_that_ours_is_delivered(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1] QueueMissing orders");
	little_pass(world, 5000);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(record->evidence.expect[0].firing_before);
}

static void with_a_nonce_an_older_alert_makes_a_miss_confounded(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "QueueMissing", true);
	(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1] QueueMissing orders");
	little_pass(world, 5000);
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_CONFOUNDED, EXIT_INCONCLUSIVE);
	assert_restored(world, record);
}

/* The clocks. */

static void a_chat_whose_clock_is_wrong_is_mapped_by_our_own_message(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->chat.ahead_ms = -7000;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void an_alert_elsewhere_on_a_chat_with_a_wrong_clock_is_found_too(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->rules[0].channel = "general";
	world->chat.ahead_ms = 90000;
	record = little_run(world);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void jump_when_watching(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_WATCH &&
	    strstr(buf_text(&world->story), "jumped") == NULL) {
		buf_adds(&world->story, "jumped ");
		virtual_time_jump_wall(3600000);
		world->chat.ahead_ms -= 3600000; /* the chat's clock is its own */
	}
}

static void a_wall_clock_that_jumps_does_not_matter_once_the_clocks_are_mapped(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->look = jump_when_watching;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void a_wall_clock_that_jumps_does_not_hide_an_alert_elsewhere(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->rules[0].channel = "general";
	world->look = jump_when_watching;
	record = little_run(world);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
}

static void a_wall_clock_that_jumps_without_a_message_of_ours_is_inconclusive(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->config.report.announce = false;
	world->look = jump_when_watching;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE);
	assert_int_equal(record->evidence.stop, STOP_CLOCK);
	assert_restored(world, record);
}

/* Drivers and companions. */

static void without_an_announcement_nothing_is_posted_and_the_drill_passes(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->config.report.announce = false;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 0));
	assert_false(record->evidence.expect[0].control_wanted);
}

static void a_driver_without_capture_and_witness_passes_too(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->scenario.fault.via = VIA_EXEC;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->evidence.witnessed, WITNESS_NOT_ASKED);
	assert_not_in_story(world, "capture");
	assert_not_in_story(world, "witness/");
}

static void drivers_may_take_their_time(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->fault.capture.takes_ms = 700;
	world->fault.inject.takes_ms = 900;
	world->fault.witness.takes_ms = 3000;
	world->fault.revert.takes_ms = 2000;
	world->fault.confirm.takes_ms = 1000;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_restored(world, record);
}

static void an_alert_that_is_faster_than_the_driver_is_delivered(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->rules[0].after_ms = 0;
	world->fault.inject.takes_ms = 2500;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->judgement.findings[0].latency_ms, 0);
}

static void an_alert_that_is_there_at_once_is_seen_before_the_next_poll(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->rules[0].after_ms = 0;
	record = little_run(world);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 200);
}

static void without_a_nonce_an_alert_almost_at_once_is_delivered(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	little_rule(world, "ops", "HealthDown")->after_ms = 50;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void two_drills_on_one_channel_do_not_disturb_each_other(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *first, *second;

	little_simple(world);
	world->options.allow_protected = true;
	first = little_start_in(world, 0, &world->staging);
	second = little_start_in(world, 1, &world->production);
	(void)little_run(world);
	assert_outcome(first, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(second, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_string_not_equal(first->id, second->id);
	assert_int_equal(first->evidence.expect[0].sighting_count, 1);
	assert_int_equal(second->evidence.expect[0].sighting_count, 1);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

static void several_expectations_each_get_their_finding(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	(void)little_expect(world, "#general", "WorkerStopped", true);
	little_expect(world, "#drills", "HealthDown", false)->within_ms = 3000;
	little_rule(world, "drills", "HealthDown")->after_ms = 500;
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_finding(record, 1, FINDING_MISSING);
	assert_finding(record, 2, FINDING_DELIVERED);
	assert_non_null(little_chat_ours(&world->chat, "ops", false, 0));
	assert_non_null(little_chat_ours(&world->chat, "general", false, 0));
	assert_non_null(little_chat_ours(&world->chat, "drills", false, 0));
}

static void a_scenario_that_cannot_run_there_makes_no_drill(void **state)
{
	struct little_world *world = *state;
	static char nowhere[] = "nowhere", unknown[] = "${nothing}";
	const struct environment environment = {.name = nowhere};
	struct error error = {""};

	little_simple(world);
	assert_null(drill_new(&world->drill_world, &world->scenario, &environment, &world->options,
			      &error));
	assert_non_null(strstr(error.text, "nowhere"));
	world->scenario.fault.http.inject.url = unknown;
	assert_null(drill_new(&world->drill_world, &world->scenario, &world->staging,
			      &world->options, &error));
	assert_non_null(strstr(error.text, "nothing"));
	world->scenario.fault.http.inject.url = NULL;
	assert_null(drill_new(&world->drill_world, &world->scenario, &world->staging,
			      &world->options, &error));
	assert_string_equal(error.text, "nothing to ask for");
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, little_world_setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_never_beside_an_alert_stays_silent),
	    IN_WORLD(a_never_that_comes_is_unexpected),
	    IN_WORLD(a_drill_of_nevers_alone_holds_the_fault_until_their_deadline),
	    IN_WORLD(a_drill_of_nevers_alone_ends_when_one_came),
	    IN_WORLD(the_control_drill_breaks_nothing_and_leaves_nothing),
	    IN_WORLD(without_a_nonce_an_alert_that_fires_already_stops_the_drill),
	    IN_WORLD(without_a_nonce_an_alert_before_the_equal_window_does_not_matter),
	    IN_WORLD(without_a_nonce_an_alert_while_announcing_stops_the_drill),
	    IN_WORLD(with_a_nonce_an_older_alert_does_not_hide_that_ours_is_delivered),
	    IN_WORLD(with_a_nonce_an_older_alert_makes_a_miss_confounded),
	    IN_WORLD(a_chat_whose_clock_is_wrong_is_mapped_by_our_own_message),
	    IN_WORLD(an_alert_elsewhere_on_a_chat_with_a_wrong_clock_is_found_too),
	    IN_WORLD(a_wall_clock_that_jumps_does_not_matter_once_the_clocks_are_mapped),
	    IN_WORLD(a_wall_clock_that_jumps_does_not_hide_an_alert_elsewhere),
	    IN_WORLD(a_wall_clock_that_jumps_without_a_message_of_ours_is_inconclusive),
	    IN_WORLD(without_an_announcement_nothing_is_posted_and_the_drill_passes),
	    IN_WORLD(a_driver_without_capture_and_witness_passes_too),
	    IN_WORLD(drivers_may_take_their_time),
	    IN_WORLD(an_alert_that_is_faster_than_the_driver_is_delivered),
	    IN_WORLD(an_alert_that_is_there_at_once_is_seen_before_the_next_poll),
	    IN_WORLD(without_a_nonce_an_alert_almost_at_once_is_delivered),
	    IN_WORLD(two_drills_on_one_channel_do_not_disturb_each_other),
	    IN_WORLD(several_expectations_each_get_their_finding),
	    IN_WORLD(a_scenario_that_cannot_run_there_makes_no_drill),
	};

	return cmocka_run_group_tests_name("drill: doubt", tests, NULL, NULL);
}
