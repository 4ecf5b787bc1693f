/* Whole drills in a little world: the story, and what an alert can do in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/little_asserts.h"

/* The story. */

static void a_pass_goes_through_every_phase_in_order(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_restored(world, record);
	assert_story(
	    world,
	    "=guard =baseline =announce =record =inject =witness =watch =revert =confirm =recovery =explain =report =done");
	for (enum phase phase = PHASE_BASELINE; phase <= PHASE_DONE; phase++)
		assert_true(record->phase_ms[phase] >= record->phase_ms[phase - 1]);
	assert_null(record->report_problem);
}

static void a_repeat_that_passes_is_flaky(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;
	char repeats[ID_LEN + 1] = "fd-aaaaaaaa";

	little_simple(world);
	world->options.repeats = repeats;
	world->options.origin = ORIGIN_REPEAT;
	(void)little_start(world);
	repeats[0] = '\0'; /* copied */
	record = little_run(world);
	assert_outcome(record, VERDICT_FLAKY, REASON_NONE, EXIT_PASS);
	assert_string_equal(record->repeats, "fd-aaaaaaaa");
	assert_int_equal(record->origin, ORIGIN_REPEAT);
}

static void the_announcement_is_posted_and_read_back_before_anything_is_touched(void **state)
{
	struct little_world *world = *state;

	const struct drill_record *record;

	little_simple(world);
	record = little_run(world);
	assert_story(world,
		     "=announce post:#ops shown:#ops =record capture/intent inject/injecting");
	assert_non_null(record->report_permalink);
	/* it is looked for at once, not at the next poll */
	assert_true(record->phase_ms[PHASE_RECORD] - record->phase_ms[PHASE_ANNOUNCE] < 200);
}

static void the_ledger_is_always_a_step_ahead(void **state)
{
	struct little_world *world = *state;

	little_simple(world);
	(void)little_run(world);
	assert_story(
	    world,
	    "capture/intent inject/injecting witness/injected revert/reverting confirm/unconfirmed");
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

static void the_message_is_edited_into_the_report_and_the_details_go_to_its_thread(void **state)
{
	struct little_world *world = *state;
	const struct little_message *message, *details;

	little_simple(world);
	(void)little_run(world);
	message = little_chat_ours(&world->chat, "ops", false, 0);
	assert_non_null(strstr(message->text, "pass"));
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
	details = little_chat_ours(&world->chat, "ops", true, 0);
	assert_non_null(strstr(details->text, "details"));
	assert_string_equal(details->thread_ts, message->ts);
	assert_null(little_chat_ours(&world->chat, "ops", true, 1));
	assert_story(world, "=report edit:#ops reply:#ops =done");
}

static void a_report_channel_gets_the_message_too_and_is_no_control(void **state)
{
	struct little_world *world = *state;
	static char slack[] = "slack", drills[] = "#drills";
	const struct drill_record *record;

	little_simple(world);
	world->config.report.chat = slack;
	world->config.report.channel = drills;
	little_channel(&world->chat, "drills")->hides_ours = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(strstr(little_chat_ours(&world->chat, "drills", false, 0)->text, "pass"));
	assert_non_null(little_chat_ours(&world->chat, "drills", true, 0));
}

static void a_channel_gets_one_message_however_often_it_is_named(void **state)
{
	struct little_world *world = *state;
	static char slack[] = "slack", ops[] = "#ops";

	little_simple(world);
	(void)little_expect(world, "ops", "QueueMissing", true);
	world->config.report.chat = slack;
	world->config.report.channel = ops;
	assert_outcome(little_run(world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
	assert_null(little_chat_ours(&world->chat, "ops", true, 1));
}

static void only_the_report_may_follow_within_two_seconds_of_an_edit(void **state)
{
	struct little_world *world = *state;

	little_simple(world);
	world->rules[0].after_ms = 5000;
	(void)little_run(world);
	assert_in_range(world->chat.quick_edits, 0, 1);
	assert_story(world, "=watch edit:#ops =report edit:#ops");
}

static void the_last_edit_is_the_report_even_when_another_was_under_way(void **state)
{
	struct little_world *world = *state;

	little_simple(world);
	world->rules[0].after_ms = 5000;
	world->expect[0].settle_ms = 0;
	world->chat.latency_ms = 100;
	(void)little_run(world);
	assert_story(world, "=report edit:#ops edit:#ops reply:#ops");
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
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

	little_simple(world);
	record = little_run(world);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3500);
	assert_in_range(record->judgement.findings[0].latency_ms, 950, 1050);
}

static void an_alert_after_the_deadline_is_late(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
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

	little_simple(world);
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

/* Two environments, each with a channel of its own, and the same alert in both at the same time. */
static void without_a_nonce_one_in_another_environments_channel_is_not_taken_for_it(void **state)
{
	static char alerts[] = "alerts", ops[] = "#ops", general[] = "#general";
	static struct pair here = {alerts, ops}, there = {alerts, general};
	struct little_world *world = *state;
	const struct drill_record *record;
	struct environment both[2];

	world->staging.variables = (struct pairs){&here, 1};
	world->production.variables = (struct pairs){&there, 1};
	both[0] = world->staging;
	both[1] = world->production;
	world->config.environments = both;
	world->config.environment_count = 2;
	(void)little_expect(world, "${alerts}", "HealthDown", false);
	(void)little_rule(world, "general", "HealthDown");
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_true(record->evidence.expect[0].searched_elsewhere);
	assert_int_equal(little_channel(&world->chat, "general")->count, 1); /* it did come there */
}

static void say_elsewhere_before_the_fault(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_INJECT && world->fault.inject.calls == 0)
		(void)little_chat_say(&world->chat, "general", NULL, "[FIRING:1] HealthDown");
}

static void without_a_nonce_one_elsewhere_just_before_the_fault_is_not_taken_for_it(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	world->look = say_elsewhere_before_the_fault;
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
}

static void what_came_elsewhere_before_and_after_the_fault_is_told_and_not_denied(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	(void)little_expect(world, "#ops", "HealthDown", false);
	(void)little_rule(world, "general", "HealthDown");
	world->look = say_elsewhere_before_the_fault;
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_int_equal(little_channel(&world->chat, "general")->count, 2);
	assert_string_equal(record->evidence.expect[0].alike, "#general");
	assert_null(strstr(record->judgement.findings[0].text, "nor in any other"));
	assert_non_null(strstr(record->judgement.findings[0].text, "one like it came to #general"));
}

static void a_channel_we_are_not_in_is_not_searched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
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

	(void)little_expect(world, "#ops", "QueueMissing", true);
	little_channel(&world->chat, "general")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_SLOW, .retry_after_ms = 30000};
	record = little_run(world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_false(record->evidence.expect[0].searched_elsewhere);
	assert_int_equal(little_channel(&world->chat, "general")->reads, 1);
	assert_int_equal(little_channel(&world->chat, "drills")->reads, 0);
}

static void a_search_goes_through_the_pages_of_a_channel(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
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

	little_simple(world);
	little_rule(world, "ops", LITTLE_QUEUE)->after_ms = 2500;
	record = little_run(world);
	assert_finding(record, 0, FINDING_DUPLICATE);
}

static void an_alert_without_the_text_people_need_is_unreadable(void **state)
{
	struct little_world *world = *state;
	static char runbook[] = "runbook", *contains[] = {runbook};
	const struct drill_record *record;

	little_simple(world);
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
		little_simple(world);
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

	little_simple(world);
	world->expect[0].resolved_ms = 8000;
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNRESOLVED);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.reverted_ms >= 8000);
}

static void an_alert_that_is_resolved_too_late_is_unresolved(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_simple(world);
	world->expect[0].resolved_ms = 5000;
	world->rules[0].end = ENDS_WITH_MESSAGE;
	world->rules[0].end_ms = 5400; /* before the read that would end the wait */
	record = little_run(world);
	assert_finding(record, 0, FINDING_UNRESOLVED);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, little_world_setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_pass_goes_through_every_phase_in_order),
	    IN_WORLD(a_repeat_that_passes_is_flaky),
	    IN_WORLD(the_announcement_is_posted_and_read_back_before_anything_is_touched),
	    IN_WORLD(the_ledger_is_always_a_step_ahead),
	    IN_WORLD(the_message_is_edited_into_the_report_and_the_details_go_to_its_thread),
	    IN_WORLD(a_report_channel_gets_the_message_too_and_is_no_control),
	    IN_WORLD(a_channel_gets_one_message_however_often_it_is_named),
	    IN_WORLD(only_the_report_may_follow_within_two_seconds_of_an_edit),
	    IN_WORLD(the_last_edit_is_the_report_even_when_another_was_under_way),
	    IN_WORLD(an_alert_that_never_comes_is_a_gap_and_the_fault_is_reverted),
	    IN_WORLD(an_alert_in_time_ends_the_hold_at_once),
	    IN_WORLD(an_alert_after_the_deadline_is_late),
	    IN_WORLD(an_alert_in_the_wrong_channel_is_found_there),
	    IN_WORLD(without_a_nonce_one_in_another_environments_channel_is_not_taken_for_it),
	    IN_WORLD(without_a_nonce_an_older_one_elsewhere_is_not_taken_for_it),
	    IN_WORLD(without_a_nonce_the_only_one_elsewhere_is_taken_for_it),
	    IN_WORLD(without_a_nonce_one_elsewhere_just_before_the_fault_is_not_taken_for_it),
	    IN_WORLD(what_came_elsewhere_before_and_after_the_fault_is_told_and_not_denied),
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
	};

	return cmocka_run_group_tests_name("drill", tests, NULL, NULL);
}
