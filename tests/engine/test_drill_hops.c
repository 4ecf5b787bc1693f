/* Whole drills with a pipeline that can be asked: when, how often, and that nobody waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/hops.h"
#include "tests/engine/line.h"
#include "tests/engine/little_asserts.h"

/* An alert that never comes; a rule and a receiver that can be asked. */
static int setup(void **state)
{
	struct line *line = line_new();

	line->hops.list[0] = (struct little_hop){.name = "prom", .hop = HOP_RULE};
	line->hops.list[1] = (struct little_hop){.name = "am", .hop = HOP_RECEIVER};
	line->hops.list[0].state = line->hops.list[1].state = HOP_LACKED_IT;
	(void)little_expect(line->world, "#ops", "QueueMissing", true);
	little_hops_use(&line->hops, line->world);
	*state = line;
	return 0;
}

static void it_arrives(struct line *line)
{
	(void)little_rule(line->world, "ops", LITTLE_QUEUE);
}

static void assert_gap_between(const struct drill_record *record, const char *after,
			       const char *before)
{
	const struct gap *gap = &record->judgement.gap;

	assert_true(gap->found);
	assert_string_equal(gap->after, after);
	assert_string_equal(gap->before, before);
}

/* How long the fault stayed in place after the deadline. */
static int64_t held_on_ms(const struct drill_record *record)
{
	return record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms - WITHIN_MS;
}

/* When they are asked. */

static void a_lost_alert_asks_every_station_before_at_the_peak_and_after(void **state)
{
	struct line *line = *state;
	const struct little_hop *hop = &line->hops.list[0];
	const struct drill_record *record = little_run(line->world);

	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(hop->asked, 3);
	assert_int_equal(line->hops.list[1].asked, 3);
	assert_true(hop->asked_ms[0] >= record->phase_ms[PHASE_BASELINE]);
	assert_true(hop->asked_ms[0] <= record->phase_ms[PHASE_ANNOUNCE]);
	assert_true(hop->asked_ms[1] >= record->evidence.injected_ms + WITHIN_MS);
	assert_true(hop->asked_ms[1] <= record->phase_ms[PHASE_REVERT]);
	assert_true(hop->asked_ms[2] >= record->phase_ms[PHASE_EXPLAIN]);
	for (size_t i = 0; i < HOP_TIME_COUNT; i++)
		assert_true(hop->given_json[i]);
	assert_restored(line->world, record);
}

static void a_pass_asks_before_only_and_has_nothing_to_explain(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_arrives(line);
	line->world->expect[0].settle_ms = 0;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(line->hops.list[0].asked, 1);
	assert_int_equal(line->hops.list[0].explained, 0);
	assert_int_equal(record->judgement.hop_count, 0);
	assert_false(record->judgement.gap.found);
}

/* The second comes when the fault is gone; where one became two was to be seen only before. */
static void one_that_waits_for_duplicates_asks_in_passing_when_the_first_is_there(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_arrives(line);
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(line->hops.list[0].asked, 2);
	assert_int_equal(record->judgement.hop_count, 0);
}

static void a_late_alert_was_asked_for_at_the_peak_and_is_explained(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_arrives(line);
	line->world->rules[0].after_ms = WITHIN_MS + 500;
	line->hops.list[0].takes_ms = 1000; /* it comes while they are asked */
	line->hops.list[0].state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_LATE);
	assert_true(line->hops.list[0].given_json[HOP_PEAK]);
	assert_true(record->judgement.hop_count >= 3);
	assert_int_equal(line->hops.list[0].want.finding, FINDING_LATE);
	assert_true(record->judgement.gap.found); /* the second lacked it */
	assert_string_equal(record->judgement.gap.after, "rule");
	assert_int_equal(record->judgement.gap.finding, FINDING_LATE);
}

static void a_silence_that_was_wanted_asks_nobody_at_the_peak(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].never = true;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(line->hops.list[0].asked, 1);
	assert_in_range(held_on_ms(record), 0, 100);
}

static void without_a_pipeline_nobody_is_asked(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->staging.pipeline = NULL;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(line->hops.list[0].asked, 0);
	assert_gap_between(record, "emission", "chat");
}

/* Nobody waits for them. */

static void the_revert_waits_three_seconds_for_a_station_that_hangs_and_no_longer(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].hangs = true;
	record = little_run(line->world);
	assert_in_range(held_on_ms(record), HOPS_PEAK_MS, HOPS_PEAK_MS + 100);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_true(line->hops.list[0].given[HOP_PEAK]); /* told why */
	assert_false(line->hops.list[0].given_json[HOP_PEAK]);
	assert_int_equal(record->judgement.hops[1].state, HOP_NOT_ASKED);
	assert_non_null(strstr(record->judgement.hops[1].evidence, "did not answer within"));
	assert_restored(line->world, record);
}

static void the_revert_follows_at_once_when_the_stations_have_answered(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[1].takes_ms = 700;
	record = little_run(line->world);
	assert_in_range(held_on_ms(record), 700, 800);
}

static void nothing_is_held_beyond_the_lease_to_ask(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;
	int64_t held_ms;

	line->hops.list[0].hangs = true;
	line->world->scenario.fault.hold_at_most_ms = WITHIN_MS + 1000;
	record = little_run(line->world);
	held_ms = record->phase_ms[PHASE_REVERT] - record->evidence.inject_started_ms;
	assert_in_range(held_ms, WITHIN_MS, WITHIN_MS + 1100);
	assert_restored(line->world, record);
}

static void the_alert_coming_after_all_ends_the_wait_for_the_stations(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_arrives(line);
	line->world->rules[0].after_ms = WITHIN_MS + 200;
	line->hops.list[0].hangs = true;
	record = little_run(line->world);
	assert_true(held_on_ms(record) < HOPS_PEAK_MS);
	assert_finding(record, 0, FINDING_LATE);
}

static void a_station_that_hangs_does_not_keep_a_drill_from_starting(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_arrives(line);
	line->hops.list[0].hangs = true;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_true(record->phase_ms[PHASE_ANNOUNCE] - record->phase_ms[PHASE_BASELINE] <=
		    HOPS_BEFORE_MS + 100);
}

static void a_stop_while_they_are_asked_reverts_at_once(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].hangs = true;
	record = little_start(line->world);
	little_run_until_phase(line->world, PHASE_WATCH);
	little_pass(line->world, WITHIN_MS + 1000);
	assert_int_equal(record->phase, PHASE_WATCH);
	assert_int_equal(line->hops.list[0].in_flight, 1);
	drill_stop(line->world->drills[0].drill, "stopped by the test");
	record = little_run(line->world);
	assert_in_range(held_on_ms(record), 500, 1500);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_restored(line->world, record);
}

static void a_drill_can_be_freed_while_stations_are_asked(void **state)
{
	struct line *line = *state;
	struct little_drill *entry = &line->world->drills[0];

	line->hops.list[0].hangs = true;
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_BASELINE);
	assert_int_equal(line->hops.list[0].in_flight, 1);
	drill_free(entry->drill);
	entry->drill = NULL;
	assert_int_equal(line->hops.list[0].in_flight, 0);
}

/* Shared. */

static void drills_that_ask_within_a_second_share_one_observation(void **state)
{
	struct line *line = *state;
	const struct drill_record *first, *second;

	line->world->production.pipeline = line->world->staging.pipeline;
	line->world->options.allow_protected = true;
	line->hops.list[1].takes_ms = 300;
	first = little_start_in(line->world, 0, &line->world->staging);
	second = little_start_in(line->world, 1, &line->world->production);
	(void)little_run(line->world);
	assert_outcome(first, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_outcome(second, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(line->hops.list[0].asked, 3);
	assert_int_equal(line->hops.list[1].asked, 3);
	assert_int_equal(line->hops.list[0].explained, 2);
	assert_gap_between(first, "emission", "rule");
	assert_gap_between(second, "emission", "rule");
}

static void one_that_gives_up_does_not_end_what_another_waits_for(void **state)
{
	struct line *line = *state;
	const struct drill_record *second;

	line->world->production.pipeline = line->world->staging.pipeline;
	line->world->options.allow_protected = true;
	line->hops.list[0].takes_ms = 400;
	(void)little_start_in(line->world, 0, &line->world->staging);
	second = little_start_in(line->world, 1, &line->world->production);
	little_run_until_phase(line->world, PHASE_BASELINE);
	assert_int_equal(line->hops.list[0].asked, 1);
	drill_free(line->world->drills[0].drill);
	line->world->drills[0].drill = NULL;
	assert_int_equal(line->hops.list[0].in_flight, 1);
	little_pass(line->world, 120000);
	assert_int_equal(second->phase, PHASE_DONE);
	assert_true(line->hops.list[0].given_json[HOP_BEFORE]);
}

static void what_was_seen_before_the_fault_never_counts_as_its_peak(void **state)
{
	struct line *line = *state;

	line->world->expect[0].within_ms = 200;
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_REVERT);
	assert_true(clock_ms() < line->hops.list[0].asked_ms[0] + 1000);
	assert_int_equal(line->hops.list[0].asked, 2);
	(void)little_run(line->world);
}

/* What comes of it. */

static void the_gap_is_behind_the_last_station_that_had_it(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].state = HOP_HAD_IT;
	line->hops.list[0].at_wall_ms = clock_wall_ms() + 5000;
	line->hops.list[1].cause = "the receiver `null` posts nowhere";
	line->hops.list[1].advice = "give it an integration";
	record = little_run(line->world);
	assert_gap_between(record, "rule", "receiver");
	assert_string_equal(record->judgement.gap.evidence, "it had it; it had nothing");
	assert_string_equal(record->judgement.gap.cause, "the receiver `null` posts nowhere");
	assert_string_equal(record->judgement.gap.advice, "give it an integration");
	assert_int_equal(record->judgement.hop_count, 4); /* with emission and chat */
	assert_string_equal(record->judgement.hops[1].name, "prom");
	assert_in_range(record->judgement.hops[1].at_ms - record->started_ms, 4900, 5100);
	assert_int_equal(record->judgement.hops[2].at_ms, TIME_NEVER);
}

static void a_station_that_cannot_be_asked_is_named_and_not_guessed(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].state = HOP_HAD_IT;
	line->hops.list[1].refuses = true;
	record = little_run(line->world);
	assert_gap_between(record, "rule", "chat");
	assert_non_null(strstr(record->judgement.gap.evidence,
			       "receiver could not tell: nobody listens; see whether it runs"));
	assert_int_equal(record->judgement.hops[2].state, HOP_NOT_ASKED);
}

static void stations_that_all_had_it_say_just_that(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].state = line->hops.list[1].state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_gap_between(record, "receiver", "chat");
	assert_non_null(strstr(record->judgement.gap.evidence,
			       "every station that was asked had it (rule, receiver)"));
	assert_non_null(strstr(record->judgement.gap.evidence, "never arrived in #ops"));
	assert_null(record->judgement.gap.cause);
	assert_non_null(record->judgement.gap.advice);
}

static void the_want_has_the_times_and_texts_of_the_drill(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_run(line->world);
	const struct hop_want *want = &line->hops.list[0].want;

	assert_ptr_equal(want->drill, record->id);
	assert_string_equal(want->alert, "QueueMissing");
	assert_int_equal(want->needle_count, 2);
	assert_true(want->has_nonce);
	assert_int_equal(want->injected_wall_ms,
			 record_wall_ms(record, record->evidence.injected_ms));
	assert_int_equal(want->reverted_wall_ms,
			 record_wall_ms(record, record->evidence.reverted_ms));
	assert_int_equal(want->deadline_wall_ms, want->injected_wall_ms + WITHIN_MS);
}

static void what_a_station_says_is_kept_without_secrets_and_not_too_long(void **state)
{
	struct line *line = *state;
	struct secrets *secrets = secrets_new();
	const struct drill_record *record;
	struct error error = {""};
	char *cause = mem_zalloc(6000);

	memset(cause, 'x', 5999);
	assert_int_equal(setenv("TEST_HOP_TOKEN", "tok-12345678", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:TEST_HOP_TOKEN", &error));
	line->world->drill_world.secrets = secrets;
	line->hops.list[0].cause = cause;
	line->hops.list[0].advice = "do not say tok-12345678 aloud";
	record = little_run(line->world);
	assert_string_equal(record->judgement.gap.advice, "do not say ************ aloud");
	assert_int_equal(strlen(record->judgement.gap.cause), 4096);
	drill_free(line->world->drills[0].drill);
	line->world->drills[0].drill = NULL;
	secrets_free(secrets);
	free(cause);
}

static void a_station_of_an_unknown_type_is_told_as_not_asked(void **state)
{
	struct line *line = *state;
	static char nagios[] = "nagios";
	const struct drill_record *record;

	line->hops.settings[0].type = nagios;
	line->hops.list[1].state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_gap_between(record, "receiver", "chat");
	assert_int_equal(line->hops.list[0].asked, 0);
	assert_int_equal(record->judgement.hops[1].state, HOP_NOT_ASKED);
	assert_non_null(strstr(record->judgement.hops[1].evidence, "nagios"));
}

static void the_stations_are_asked_while_other_channels_are_searched(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].takes_ms = 2000;
	line->world->chat.latency_ms = 500;
	record = little_run(line->world);
	assert_true(record->evidence.expect[0].searched_elsewhere);
	assert_true(line->hops.list[0].asked_ms[2] == record->phase_ms[PHASE_EXPLAIN]);
	assert_true(record->phase_ms[PHASE_REPORT] - record->phase_ms[PHASE_EXPLAIN] < 2500);
}

static void an_alert_without_its_id_after_the_revert_is_the_nearest_miss(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].state = line->hops.list[1].state = HOP_HAD_IT;
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_RECOVERY);
	little_pass(line->world, 500);
	(void)little_chat_say(&line->world->chat, "ops", NULL, "[FIRING:1] QueueMissing (orders)");
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_gap_between(record, "receiver", "chat");
	assert_non_null(strstr(record->judgement.gap.cause, "[FIRING:1] QueueMissing (orders)"));
	assert_non_null(strstr(record->judgement.gap.cause, "drops the label"));
	assert_non_null(strstr(record->judgement.gap.advice, "label that carries"));
}

static void a_message_with_the_id_and_another_title_is_a_nearer_miss(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;
	char text[64] = "[FIRING:1] Warning about ";

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_WATCH);
	strcat(text, line->world->drills[0].id);
	(void)little_chat_say(&line->world->chat, "ops", NULL, text);
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_MISSING);
	assert_true(record->evidence.expect[0].near.has_nonce);
	assert_string_equal(record->evidence.expect[0].near.lacks, "QueueMissing");
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, setup, line_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LINE(a_lost_alert_asks_every_station_before_at_the_peak_and_after),
	    IN_LINE(a_pass_asks_before_only_and_has_nothing_to_explain),
	    IN_LINE(one_that_waits_for_duplicates_asks_in_passing_when_the_first_is_there),
	    IN_LINE(a_late_alert_was_asked_for_at_the_peak_and_is_explained),
	    IN_LINE(a_silence_that_was_wanted_asks_nobody_at_the_peak),
	    IN_LINE(without_a_pipeline_nobody_is_asked),
	    IN_LINE(the_revert_waits_three_seconds_for_a_station_that_hangs_and_no_longer),
	    IN_LINE(the_revert_follows_at_once_when_the_stations_have_answered),
	    IN_LINE(nothing_is_held_beyond_the_lease_to_ask),
	    IN_LINE(the_alert_coming_after_all_ends_the_wait_for_the_stations),
	    IN_LINE(a_station_that_hangs_does_not_keep_a_drill_from_starting),
	    IN_LINE(a_stop_while_they_are_asked_reverts_at_once),
	    IN_LINE(a_drill_can_be_freed_while_stations_are_asked),
	    IN_LINE(drills_that_ask_within_a_second_share_one_observation),
	    IN_LINE(one_that_gives_up_does_not_end_what_another_waits_for),
	    IN_LINE(what_was_seen_before_the_fault_never_counts_as_its_peak),
	    IN_LINE(the_gap_is_behind_the_last_station_that_had_it),
	    IN_LINE(a_station_that_cannot_be_asked_is_named_and_not_guessed),
	    IN_LINE(stations_that_all_had_it_say_just_that),
	    IN_LINE(the_want_has_the_times_and_texts_of_the_drill),
	    IN_LINE(what_a_station_says_is_kept_without_secrets_and_not_too_long),
	    IN_LINE(a_station_of_an_unknown_type_is_told_as_not_asked),
	    IN_LINE(the_stations_are_asked_while_other_channels_are_searched),
	    IN_LINE(an_alert_without_its_id_after_the_revert_is_the_nearest_miss),
	    IN_LINE(a_message_with_the_id_and_another_title_is_a_nearer_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
