/* Whole drills in a little world: the story, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/engine/little_world.h"
#include "tests/engine/virtual_time.h"

#define QUEUE "QueueMissing %s"

/* One alert with its nonce, that the alerting sends where it is expected. */
static void make_simple(struct little_world *world)
{
	(void)little_expect(world, "#ops", "QueueMissing", true);
	(void)little_rule(world, "ops", QUEUE);
}

static void assert_restored(struct little_world *world, const struct drill_record *record)
{
	assert_false(world->fault.in_place);
	assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	assert_int_equal(world->fault.inject.in_flight + world->fault.witness.in_flight +
			     world->fault.revert.in_flight + world->fault.confirm.in_flight,
			 0);
}

/* The story. */

static void a_pass_goes_through_every_phase_in_order(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_restored(world, record);
	assert_story(world, "=guard", "=baseline", "=announce", "=record", "=inject", "=witness",
		     "=watch", "=revert", "=confirm", "=recovery", "=explain", "=report", "=done",
		     NULL);
	for (enum phase phase = PHASE_BASELINE; phase <= PHASE_DONE; phase++)
		assert_true(record->phase_ms[phase] >= record->phase_ms[phase - 1]);
	assert_null(record->report_problem);
}

static void the_announcement_is_posted_and_read_back_before_anything_is_touched(void **state)
{
	struct little_world *world = *state;

	make_simple(world);
	(void)little_run(world);
	assert_story(world, "=announce", "post:#ops", "shown:#ops", "=record", "capture/intent",
		     "inject/injecting", NULL);
	assert_non_null(drill_record(world->drills[0].drill)->report_permalink);
}

static void the_ledger_is_always_a_step_ahead(void **state)
{
	struct little_world *world = *state;

	make_simple(world);
	(void)little_run(world);
	assert_story(world, "capture/intent", "inject/injecting", "witness/injected",
		     "revert/reverting", "confirm/unconfirmed", NULL);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

static void the_message_is_edited_into_the_report_and_the_details_go_to_its_thread(void **state)
{
	struct little_world *world = *state;
	const struct little_message *message, *details;

	make_simple(world);
	(void)little_run(world);
	message = little_chat_ours(&world->chat, "ops", false, 0);
	assert_non_null(strstr(message->text, "pass"));
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
	details = little_chat_ours(&world->chat, "ops", true, 0);
	assert_non_null(strstr(details->text, "details"));
	assert_string_equal(details->thread_ts, message->ts);
	assert_null(little_chat_ours(&world->chat, "ops", true, 1));
	assert_story(world, "=report", "edit:#ops", "reply:#ops", "=done", NULL);
}

static void a_report_channel_gets_the_message_too_and_is_no_control(void **state)
{
	struct little_world *world = *state;
	static char slack[] = "slack", drills[] = "#drills";
	const struct drill_record *record;

	make_simple(world);
	world->config.report.chat = slack;
	world->config.report.channel = drills;
	little_channel(&world->chat, "drills")->hides_ours = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(strstr(little_chat_ours(&world->chat, "drills", false, 0)->text, "pass"));
	assert_non_null(little_chat_ours(&world->chat, "drills", true, 0));
}

static void the_message_is_not_edited_more_than_once_in_two_seconds_before_the_report(void **state)
{
	struct little_world *world = *state;
	size_t edits = 0;

	make_simple(world);
	world->rules[0].after_ms = 8000;
	(void)little_run(world);
	for (const char *at = buf_text(&world->story); (at = strstr(at, "edit:#ops")) != NULL; at++)
		edits++;
	assert_in_range(edits, 2, 8);
	assert_int_equal(world->chat.slow_calls, 0);
}

/* What an alert can do. */

static void an_alert_that_never_comes_is_a_gap_and_the_fault_is_reverted(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "QueueMissing", true);
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_MISSING);
	assert_true(record->judgement.gap.found);
	assert_restored(world, record);
	assert_true(record->evidence.expect[0].searched_elsewhere);
	/* held until the deadline, read until the end of the grace */
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms >= WITHIN_MS);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms <
		    WITHIN_MS + 100);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.injected_ms >=
		    WITHIN_MS + GRACE_MS);
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "gap"));
}

static void an_alert_in_time_ends_the_hold_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	record = little_run(world);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3500);
	assert_in_range(record->judgement.findings[0].latency_ms, 950, 1050);
}

static void an_alert_after_the_deadline_is_late(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->rules[0].after_ms = WITHIN_MS + 2000;
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_LATE);
	assert_in_range(record->judgement.findings[0].late_by_ms, 1900, 2100);
	assert_restored(world, record);
}

static void an_alert_in_the_wrong_channel_is_found_there(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->rules[0].channel = "general";
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
	assert_string_equal(record->judgement.findings[0].seen->channel, "#general");
	assert_non_null(strstr(record->judgement.findings[0].seen->permalink, "general"));
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void without_a_nonce_an_older_one_elsewhere_is_not_taken_for_it(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_rule(world, "general", "HealthDown");
	(void)little_chat_say(&world->chat, "general", NULL, "[FIRING:1] HealthDown");
	little_pass(world, 3000);
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
}

static void without_a_nonce_the_only_one_elsewhere_is_taken_for_it(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_rule(world, "general", "HealthDown");
	record = little_run(world);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
}

static void a_channel_we_are_not_in_is_not_searched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->rules[0].channel = "general";
	little_channel(&world->chat, "general")->not_member = true;
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_true(record->evidence.expect[0].searched_elsewhere);
}

static void a_search_that_fails_is_not_called_complete(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "QueueMissing", true);
	world->chat.listing = (struct little_trouble){.times = 1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_false(record->evidence.expect[0].searched_elsewhere);
}

static void a_search_that_is_asked_to_wait_stops_and_is_not_called_complete(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;
	size_t calls;

	(void)little_expect(world, "#ops", "QueueMissing", true);
	little_channel(&world->chat, "general")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_SLOW, .retry_after_ms = 30000};
	(void)little_start(world);
	little_run_until_phase(world, PHASE_EXPLAIN);
	calls = world->chat.calls;
	little_run_until_phase(world, PHASE_REPORT);
	assert_true(world->chat.calls - calls <= 4); /* the list, the one, and a poll of #ops */
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_false(record->evidence.expect[0].searched_elsewhere);
}

static void a_search_goes_through_the_pages_of_a_channel(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->rules[0].channel = "general";
	little_channel(&world->chat, "general")->page_size = 2;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_REVERT);
	for (int i = 0; i < 4; i++)
		(void)little_chat_say(&world->chat, "general", NULL, "small talk");
	record = little_run(world);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
	assert_true(record->evidence.expect[0].searched_elsewhere);
}

static void without_a_nonce_a_channel_that_was_not_read_to_its_end_names_no_culprit(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_start(world);
	little_run_until_phase(world, PHASE_REVERT);
	little_channel(&world->chat, "general")->page_size = 2;
	for (int i = 0; i < 30; i++)
		(void)little_chat_say(&world->chat, "general", NULL, "small talk");
	(void)little_chat_say(&world->chat, "general", NULL, "[FIRING:1] HealthDown");
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_false(record->evidence.expect[0].searched_elsewhere);
}

static void two_alerts_are_a_duplicate(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	little_rule(world, "ops", QUEUE)->after_ms = 2500;
	record = little_run(world);
	assert_finding(record, 0, FINDING_DUPLICATE);
}

static void an_alert_without_the_text_people_need_is_unreadable(void **state)
{
	struct little_world *world = *state;
	static char runbook[] = "runbook", *contains[] = {runbook};
	const struct drill_record *record;

	make_simple(world);
	world->expect[0].contains = (struct texts){contains, 1};
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNREADABLE);
}

static void resolved_is_waited_for_in_each_way_that_it_can_come(void **state)
{
	static const enum little_end ends[] = {ENDS_WITH_MESSAGE, ENDS_WITH_EDIT, ENDS_WITH_REPLY};

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)little_world_setup(&made);
		world = made;
		make_simple(world);
		world->expect[0].resolved_ms = 20000;
		world->rules[0].end = ends[i];
		world->rules[0].end_ms = 6000;
		record = little_run(world);
		assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
		assert_int_equal(record->judgement.findings[0].resolved, FINDING_DELIVERED);
		assert_in_range(record->judgement.findings[0].resolved_latency_ms, 5800, 6200);
		(void)little_world_teardown(&made);
	}
}

static void an_alert_that_is_never_resolved_is_unresolved(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->expect[0].resolved_ms = 8000;
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNRESOLVED);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.reverted_ms >= 8000);
}

static void an_alert_that_is_resolved_too_late_is_unresolved(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->expect[0].resolved_ms = 5000;
	world->rules[0].end = ENDS_WITH_MESSAGE;
	world->rules[0].end_ms = 5400; /* before the read that would end the wait */
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNRESOLVED);
}

/* Never. */

static void a_never_beside_an_alert_stays_silent(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
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

	make_simple(world);
	little_expect(world, "#general", "QueueMissing", true)->never = true;
	little_rule(world, "general", QUEUE)->after_ms = 7000;
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

	make_simple(world);
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

	make_simple(world);
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

	make_simple(world);
	world->chat.ahead_ms = -7000;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void an_alert_elsewhere_on_a_chat_with_a_wrong_clock_is_found_too(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
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

	make_simple(world);
	world->look = jump_when_watching;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(record->judgement.findings[0].latency_ms, 900, 1100);
}

static void a_wall_clock_that_jumps_does_not_hide_an_alert_elsewhere(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
	world->rules[0].channel = "general";
	world->look = jump_when_watching;
	record = little_run(world);
	assert_finding(record, 0, FINDING_WRONG_CHANNEL);
}

static void a_wall_clock_that_jumps_without_a_message_of_ours_is_inconclusive(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	make_simple(world);
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

	make_simple(world);
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

	make_simple(world);
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

	make_simple(world);
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

	make_simple(world);
	world->rules[0].after_ms = 0;
	world->fault.inject.takes_ms = 2500;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->judgement.findings[0].latency_ms, 0);
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

	make_simple(world);
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

	make_simple(world);
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

	make_simple(world);
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
	    IN_WORLD(a_pass_goes_through_every_phase_in_order),
	    IN_WORLD(the_announcement_is_posted_and_read_back_before_anything_is_touched),
	    IN_WORLD(the_ledger_is_always_a_step_ahead),
	    IN_WORLD(the_message_is_edited_into_the_report_and_the_details_go_to_its_thread),
	    IN_WORLD(a_report_channel_gets_the_message_too_and_is_no_control),
	    IN_WORLD(the_message_is_not_edited_more_than_once_in_two_seconds_before_the_report),
	    IN_WORLD(an_alert_that_never_comes_is_a_gap_and_the_fault_is_reverted),
	    IN_WORLD(an_alert_in_time_ends_the_hold_at_once),
	    IN_WORLD(an_alert_after_the_deadline_is_late),
	    IN_WORLD(an_alert_in_the_wrong_channel_is_found_there),
	    IN_WORLD(without_a_nonce_an_older_one_elsewhere_is_not_taken_for_it),
	    IN_WORLD(without_a_nonce_the_only_one_elsewhere_is_taken_for_it),
	    IN_WORLD(a_channel_we_are_not_in_is_not_searched),
	    IN_WORLD(a_search_that_fails_is_not_called_complete),
	    IN_WORLD(a_search_that_is_asked_to_wait_stops_and_is_not_called_complete),
	    IN_WORLD(a_search_goes_through_the_pages_of_a_channel),
	    IN_WORLD(without_a_nonce_a_channel_that_was_not_read_to_its_end_names_no_culprit),
	    IN_WORLD(two_alerts_are_a_duplicate),
	    IN_WORLD(an_alert_without_the_text_people_need_is_unreadable),
	    cmocka_unit_test(resolved_is_waited_for_in_each_way_that_it_can_come),
	    IN_WORLD(an_alert_that_is_never_resolved_is_unresolved),
	    IN_WORLD(an_alert_that_is_resolved_too_late_is_unresolved),
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
	    IN_WORLD(without_a_nonce_an_alert_almost_at_once_is_delivered),
	    IN_WORLD(two_drills_on_one_channel_do_not_disturb_each_other),
	    IN_WORLD(several_expectations_each_get_their_finding),
	    IN_WORLD(a_scenario_that_cannot_run_there_makes_no_drill),
	};

	return cmocka_run_group_tests_name("drill", tests, NULL, NULL);
}
