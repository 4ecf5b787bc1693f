/* What a delivered alert proves: asked when the watch is over, and nobody waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/engine/hops.h"
#include "tests/engine/line.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/virtual_time.h"

/* An alert that comes; a rule that can be proven, and a station that proves nothing. */
static int setup(void **state)
{
	struct line *line = line_new();

	line->hops.list[0] =
	    (struct little_hop){.name = "prom", .hop = HOP_RULE, .type = "proving"};
	line->hops.list[1] = (struct little_hop){.name = "loki", .hop = HOP_LOG};
	little_simple(line->world);
	little_hops_use(&line->hops, line->world);
	*state = line;
	return 0;
}

static void a_pass_knows_what_it_proved_when_and_how_fast(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_run(line->world);
	const struct expectation_finding *found = &record->judgement.findings[0];

	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->proof_count, 1);
	assert_int_equal(record->proofs[0].kind, HOP_ITEM_RULE);
	assert_string_equal(record->proofs[0].station, "prom");
	assert_string_equal(record->proofs[0].name, record->evidence.expect[0].expect->alert);
	assert_string_equal(record->proofs[0].detail, "#ops");
	assert_int_equal(record->proofs[0].expect, 0);
	assert_int_equal(record->proofs[0].latency_ms, found->latency_ms);
	assert_int_equal(record->proofs[0].at_ms, record->evidence.injected_ms + found->latency_ms);
	assert_restored(line->world, record);
}

static void jump_when_watching(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase != PHASE_WATCH || world->chat.ahead_ms != 0)
		return;
	virtual_time_jump_wall(-3000);
	world->chat.ahead_ms += 3000; /* the chat's clock is its own */
}

static void times_that_cannot_be_trusted_prove_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->config.report.announce = false;
	line->world->look = jump_when_watching;
	record = little_run(line->world);
	assert_int_equal(record->evidence.stop, STOP_CLOCK);
	assert_int_equal(record->proof_count, 0);
}

static void only_stations_that_can_prove_are_asked_and_once_the_alert_is_there(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.expect[0].settle_ms = 0; /* nothing may still be wrong with it */
	record = little_run(line->world);
	assert_int_equal(line->hops.list[0].asked, 2);
	assert_int_equal(line->hops.list[1].asked, 1); /* before */
	assert_true(line->hops.list[0].asked_ms[1] >=
		    record->evidence.expect[0].sightings[0].read_ms);
	assert_true(line->hops.list[0].asked_ms[1] <= record->phase_ms[PHASE_REVERT]);
	assert_int_equal(line->hops.list[0].explained, 0);
	assert_int_equal(record->judgement.hop_count, 0);
}

static void the_revert_of_a_pass_waits_for_no_station(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;
	int64_t seen_ms;

	line->hops.list[0].takes_ms = 2000;
	record = little_run(line->world);
	seen_ms = record->evidence.expect[0].sightings[0].read_ms;
	assert_in_range(record->phase_ms[PHASE_REVERT] - seen_ms, 0, 50);
	assert_int_equal(record->proof_count, 1); /* it answered in time all the same */
	assert_restored(line->world, record);
}

static void a_station_that_hangs_costs_ten_seconds_before_the_report_and_the_proof(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;
	int64_t seen_ms;

	line->hops.list[0].hangs = true;
	record = little_run(line->world);
	seen_ms = record->evidence.expect[0].sightings[0].read_ms;
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(record->phase_ms[PHASE_REVERT] - seen_ms, 0, 50);
	assert_in_range(record->phase_ms[PHASE_REPORT] - seen_ms, HOPS_AFTER_MS - 100,
			HOPS_AFTER_MS + 2000);
	assert_int_equal(record->proof_count, 0);
	assert_restored(line->world, record);
}

static void a_station_that_refuses_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].refuses = true;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->proof_count, 0);
}

static void a_gap_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->rules[0].channel = NULL;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(record->proof_count, 0);
	assert_int_equal(line->hops.list[0].proved, 0);
}

static void an_alert_that_came_late_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->rules[0].after_ms = line->world->expect[0].within_ms + 500;
	line->hops.list[0].takes_ms = 1000;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_LATE);
	assert_int_equal(record->proof_count, 0);
}

static void of_two_alerts_the_one_that_came_is_proven(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	(void)little_expect(line->world, "#ops", "NeverComes", true);
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_int_equal(record->proof_count, 1);
	assert_int_equal(record->proofs[0].expect, 0);
	assert_int_equal(line->hops.list[1].asked, 3); /* the gap is explained as ever */
}

static void drills_that_end_at_once_share_one_observation(void **state)
{
	struct line *line = *state;
	const struct drill_record *first, *second;

	line->world->production.pipeline = line->world->staging.pipeline;
	line->world->production.protected_ = false;
	first = little_start(line->world);
	second = little_start_in(line->world, 1, &line->world->production);
	(void)little_run(line->world);
	assert_int_equal(first->proof_count, 1);
	assert_int_equal(second->proof_count, 1);
	assert_true(line->hops.list[0].asked <= 3); /* of two drills, each before and at the peak */
}

static void a_drill_that_is_stopped_or_freed_meanwhile_leaves_nothing(void **state)
{
	struct line *line = *state;
	struct little_drill *entry = &line->world->drills[0];

	line->hops.list[0].hangs = true;
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_EXPLAIN);
	assert_int_equal(line->hops.list[0].in_flight, 1);
	drill_free(entry->drill);
	entry->drill = NULL;
	assert_int_equal(line->hops.list[0].in_flight, 0);
}

int main(void)
{
#define test(f) cmocka_unit_test_setup_teardown(f, setup, line_unmake)
	const struct CMUnitTest tests[] = {
	    test(a_pass_knows_what_it_proved_when_and_how_fast),
	    test(times_that_cannot_be_trusted_prove_nothing),
	    test(only_stations_that_can_prove_are_asked_and_once_the_alert_is_there),
	    test(the_revert_of_a_pass_waits_for_no_station),
	    test(a_station_that_hangs_costs_ten_seconds_before_the_report_and_the_proof),
	    test(a_station_that_refuses_proves_nothing),
	    test(a_gap_proves_nothing),
	    test(an_alert_that_came_late_proves_nothing),
	    test(of_two_alerts_the_one_that_came_is_proven),
	    test(drills_that_end_at_once_share_one_observation),
	    test(a_drill_that_is_stopped_or_freed_meanwhile_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
