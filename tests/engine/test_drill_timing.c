/* Whole drills whose deadlines come from what the stations tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/secret.h"
#include "src/engine/hops.h"
#include "tests/engine/line.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/virtual_time.h"

#define SECOND 1000
/* 20 s at the latest, so 27 s: a tenth and five seconds more. */
#define MOST_MS     (20 * SECOND)
#define DEADLINE_MS (27 * SECOND)
#define HELD_MS     60000

/* An alert that comes after a second; a rule and an Alertmanager that tell their times: 8 to 20 s there,
 * 0 to 50 s back. */
static int setup(void **state)
{
	struct line *line = line_new();
	struct little_hop *prom = &line->hops.list[0], *am = &line->hops.list[1];

	*prom = (struct little_hop){.name = "prom", .hop = HOP_RULE, .state = HOP_LACKED_IT};
	*am = (struct little_hop){.name = "am", .hop = HOP_ALERTMANAGER, .state = HOP_LACKED_IT};
	prom->delays[0].what = "for";
	prom->delays[0].least_ms = 3 * SECOND;
	prom->delays[0].most_ms = 15 * SECOND;
	prom->labels = "{\"alertname\":\"QueueMissing\"}";
	am->delays[0].what = "group_wait";
	am->delays[0].least_ms = am->delays[0].most_ms = 5 * SECOND;
	am->delays[1].what = "group_interval";
	am->delays[1].resolving = true;
	am->delays[1].most_ms = 50 * SECOND;
	little_simple(line->world);
	line->world->scenario.fault.hold_at_most_ms = HELD_MS;
	little_hops_use(&line->hops, line->world);
	*state = line;
	return 0;
}

static void is_auto(struct line *line)
{
	line->world->expect[0].within_ms = SCENARIO_AUTO;
}

static void it_never_comes(struct line *line)
{
	line->world->rules[0].channel = NULL;
}

/* As when a disk is slow: the loop's own time is behind from there on. */
static void look_slowly(struct little_world *world, struct drill *drill)
{
	(void)world;
	if (drill_record(drill)->phase == PHASE_WATCH &&
	    clock_ms() - drill_record(drill)->phase_ms[PHASE_WATCH] == 0)
		virtual_time_take(700);
}

static int64_t held_ms(const struct drill_record *record)
{
	return record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms;
}

/* Deadlines that are auto. */

static void an_auto_deadline_is_what_the_stations_take_and_a_margin(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	it_never_comes(line);
	record = little_run(line->world);
	assert_int_equal(record->scenario->expect[0].within_ms, DEADLINE_MS);
	assert_int_equal(record->timing_count, 1);
	assert_true(record->timings[0].within_auto);
	assert_null(record->timings[0].unknown);
	assert_int_equal(record->timings[0].least_ms, 8 * SECOND);
	assert_int_equal(record->timings[0].most_ms, MOST_MS);
	assert_int_equal(record->timings[0].part_count, 3);
	assert_in_range(held_ms(record), DEADLINE_MS, DEADLINE_MS + 100);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_restored(line->world, record);
}

static void an_alert_just_before_an_auto_deadline_is_in_time(void **state)
{
	struct line *line = *state;

	is_auto(line);
	line->world->rules[0].after_ms = DEADLINE_MS - 100;
	assert_finding(little_run(line->world), 0, FINDING_DELIVERED);
}

static void an_alert_behind_an_auto_deadline_is_late(void **state)
{
	struct line *line = *state;

	is_auto(line);
	line->world->rules[0].after_ms = DEADLINE_MS + 1000;
	assert_finding(little_run(line->world), 0, FINDING_LATE);
}

static void the_deadline_stands_before_the_drill_is_announced(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	line->hops.list[1].takes_ms = 2000;
	record = little_start(line->world);
	little_run_until_phase(line->world, PHASE_ANNOUNCE);
	assert_int_equal(record->scenario->expect[0].within_ms, DEADLINE_MS);
	assert_outcome(little_run(line->world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void an_auto_resolved_deadline_is_what_the_way_back_takes(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].resolved_ms = SCENARIO_AUTO;
	line->world->rules[0].end = ENDS_WITH_MESSAGE;
	line->world->rules[0].end_ms = 55 * SECOND;
	record = little_run(line->world);
	assert_int_equal(record->scenario->expect[0].resolved_ms, 60 * SECOND);
	assert_true(record->timings[0].resolved_auto);
	assert_false(record->timings[0].within_auto);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_int_equal(record->judgement.findings[0].resolved, FINDING_DELIVERED);
}

static void stations_know_the_labels_that_those_before_them_told(void **state)
{
	struct line *line = *state;

	is_auto(line);
	(void)little_run(line->world);
	assert_string_equal(line->hops.list[0].knew_labels, "-");
	assert_string_equal(line->hops.list[1].knew_labels, "{\"alertname\":\"QueueMissing\"}");
}

static void a_station_that_is_not_there_makes_the_deadline_five_minutes(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	it_never_comes(line);
	line->world->scenario.fault.hold_at_most_ms = 400 * SECOND;
	line->hops.list[0].refuses = true;
	record = little_run(line->world);
	assert_int_equal(record->scenario->expect[0].within_ms, TIMING_UNKNOWN_MS);
	assert_non_null(strstr(record->timings[0].unknown, "prom: nobody listens"));
	assert_int_equal(record->timings[0].most_ms, -1);
	assert_in_range(held_ms(record), TIMING_UNKNOWN_MS, TIMING_UNKNOWN_MS + 100);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE);
	assert_non_null(strstr(record->judgement.findings[0].text, "nobody knows how long"));
	assert_non_null(strstr(record->judgement.findings[0].text, "prom: nobody listens"));
}

static void behind_a_deadline_that_is_a_guess_an_alert_is_not_called_late(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	line->world->rules[0].after_ms = HELD_MS + 1000;
	line->hops.list[0].refuses = true;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_UNKNOWN);
	assert_non_null(strstr(record->judgement.findings[0].text, "whether that is late"));
}

static void before_a_deadline_that_is_a_guess_an_alert_is_in_time(void **state)
{
	struct line *line = *state;

	is_auto(line);
	line->hops.list[0].refuses = true;
	assert_outcome(little_run(line->world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_rule_that_is_not_there_is_a_gap_however_long_it_would_take(void **state)
{
	struct line *line = *state;
	struct little_hop *prom = &line->hops.list[0];

	is_auto(line);
	it_never_comes(line);
	prom->worry = HOP_WORRY_ABSENT;
	prom->worry_text = "there is no alerting rule \"QueueMissing\"";
	line->hops.list[1].hangs = true;
	assert_outcome(little_run(line->world), VERDICT_GAP, REASON_NONE, EXIT_GAP);
}

static void an_end_whose_deadline_is_a_guess_is_not_called_missing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].resolved_ms = SCENARIO_AUTO;
	line->hops.list[0].refuses = true;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_UNKNOWN);
	assert_non_null(strstr(record->judgement.findings[0].text, "how long its end may take"));
}

static void what_the_others_tell_may_be_longer_than_the_lease_already(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	line->hops.list[0].delays[0].most_ms = HELD_MS + 1;
	line->hops.list[1].refuses = true;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->evidence.stop_text, "guard timing"));
	assert_false(record->evidence.inject_tried);
}

static void a_station_that_hangs_makes_it_no_longer_than_the_lease(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	it_never_comes(line);
	line->hops.list[1].hangs = true;
	record = little_run(line->world);
	assert_int_equal(record->scenario->expect[0].within_ms, HELD_MS);
	assert_non_null(strstr(record->timings[0].unknown, "am: it did not answer within"));
	assert_restored(line->world, record);
}

static void without_a_pipeline_an_auto_deadline_is_not_computed(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	line->world->staging.pipeline = NULL;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->scenario->expect[0].within_ms, HELD_MS);
	assert_non_null(strstr(record->timings[0].unknown, "no `pipeline`"));
}

static void without_a_pipeline_and_auto_nothing_is_computed(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->staging.pipeline = NULL;
	record = little_run(line->world);
	assert_null(record->timings);
	assert_int_equal(record->timing_count, 0);
}

static void a_lease_that_is_too_short_refuses_before_anything_is_said_or_touched(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	line->world->scenario.fault.hold_at_most_ms = DEADLINE_MS - 1;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->evidence.stop_text, "guard timing: QueueMissing"));
	assert_non_null(strstr(record->evidence.stop_text, "for 3-15 s"));
	assert_non_null(strstr(record->evidence.stop_text, "hold_at_most = \"87s\""));
	assert_not_in_story(line->world, "post:#ops");
	assert_nothing_touched(line->world, record);
}

static void a_lease_as_long_as_the_deadline_is_enough(void **state)
{
	struct line *line = *state;

	is_auto(line);
	line->world->scenario.fault.hold_at_most_ms = DEADLINE_MS;
	assert_outcome(little_run(line->world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

/* The window before. */

static void say_before(struct line *line, int64_t before_ms)
{
	static char pipeline[] = "main";

	line->world->expect[0].match.count = 1; /* without the id */
	line->world->staging.pipeline = pipeline;
	(void)little_chat_say(&line->world->chat, "ops", NULL, "QueueMissing somewhere");
	little_pass(line->world, before_ms);
}

static void the_same_alert_in_an_equal_window_before_confounds(void **state)
{
	struct line *line = *state;

	is_auto(line);
	say_before(line, DEADLINE_MS - 2 * SECOND);
	assert_int_equal(little_run(line->world)->judgement.reason, REASON_CONFOUNDED);
}

static void the_same_alert_before_that_window_does_not(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	is_auto(line);
	say_before(line, DEADLINE_MS + 2 * SECOND); /* but in that of the lease */
	record = little_run(line->world);
	assert_int_equal(record->evidence.expect[0].before_count, 0);
	assert_int_not_equal(record->judgement.reason, REASON_CONFOUNDED);
}

/* Deadlines that were written. */

static void a_deadline_that_cannot_be_kept_is_not_refused_but_explained(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_never_comes(line);
	line->world->expect[0].within_ms = 7 * SECOND;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_non_null(
	    strstr(record->judgement.findings[0].text, "the deadline of 7.0 s cannot be kept"));
	assert_non_null(strstr(record->judgement.gap.cause,
			       "takes at least 8.0 s (for 3-15 s, group_wait 5 s)"));
	assert_non_null(strstr(record->judgement.gap.advice, "within = \"auto\""));
}

static void a_late_alert_with_such_a_deadline_says_so(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].within_ms = 5 * SECOND;
	line->world->rules[0].after_ms = 8 * SECOND;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_LATE);
	assert_non_null(strstr(record->judgement.findings[0].text, "cannot be kept"));
}

static void a_deadline_that_can_be_kept_is_nobodys_fault(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_never_comes(line);
	line->world->expect[0].within_ms = 8 * SECOND;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_null(strstr(record->judgement.findings[0].text, "cannot be kept"));
}

static void worries_are_kept_with_their_secrets_masked(void **state)
{
	struct line *line = *state;
	struct secrets *secrets = secrets_new();
	const struct drill_record *record;
	struct error error = {""};

	assert_int_equal(setenv("TEST_TIMING_TOKEN", "hush-hush-timing", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:TEST_TIMING_TOKEN", &error));
	line->world->drill_world.secrets = secrets;
	line->hops.list[1].worry = HOP_WORRY_NOWHERE;
	line->hops.list[1].worry_text = "the receiver hush-hush-timing posts nowhere";
	record = little_run(line->world);
	assert_int_equal(record->timings[0].worry_count, 1);
	assert_int_equal(record->timings[0].worries[0].worry, HOP_WORRY_NOWHERE);
	assert_null(strstr(record->timings[0].worries[0].text, "hush"));
	assert_non_null(strstr(record->timings[0].worries[0].text, "posts nowhere"));
	drill_free(line->world->drills[0].drill);
	line->world->drills[0].drill = NULL;
	secrets_free(secrets);
}

/* The hold. */

static void a_fault_is_held_though_its_alert_came(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.fault.hold_ms = 6 * SECOND;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(held_ms(record), 6 * SECOND, 6 * SECOND + 100);
}

static void an_alert_that_takes_longer_than_the_hold_is_waited_for(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.fault.hold_ms = 2 * SECOND;
	line->world->rules[0].after_ms = 5 * SECOND;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_in_range(held_ms(record), 5 * SECOND, 7 * SECOND);
}

static void a_hold_behind_the_deadline_keeps_a_missing_alerts_fault(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	it_never_comes(line);
	line->world->scenario.fault.hold_ms = WITHIN_MS + 5 * SECOND;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_in_range(held_ms(record), WITHIN_MS + 5 * SECOND, WITHIN_MS + 6 * SECOND);
}

static void a_hold_never_outlasts_the_lease(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.fault.hold_ms = 20 * SECOND;
	line->world->scenario.fault.hold_at_most_ms = 20 * SECOND;
	record = little_run(line->world);
	assert_true(record->phase_ms[PHASE_REVERT] <=
		    record->evidence.inject_started_ms + 20 * SECOND + 100);
	assert_restored(line->world, record);
}

static void an_auto_hold_waits_until_every_alert_could_have_come(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	(void)little_expect(line->world, "#general", "QueueMissing", true);
	line->world->expect[1].never = true;
	line->world->scenario.fault.hold_ms = SCENARIO_AUTO;
	record = little_run(line->world);
	assert_int_equal(record->scenario->fault.hold_ms, DEADLINE_MS);
	assert_in_range(held_ms(record), DEADLINE_MS, DEADLINE_MS + 100);
}

static void an_auto_hold_beyond_the_lease_is_refused(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.fault.hold_ms = SCENARIO_AUTO;
	line->world->scenario.fault.hold_at_most_ms = WITHIN_MS;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(line->world, record);
}

static void a_stop_ends_the_hold(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->scenario.fault.hold_ms = 30 * SECOND;
	record = little_start(line->world);
	little_run_until_phase(line->world, PHASE_WATCH);
	little_pass(line->world, 5 * SECOND);
	assert_int_equal(record->phase, PHASE_WATCH);
	drill_stop(line->world->drills[0].drill, "stopped by the test");
	record = little_run(line->world);
	assert_true(held_ms(record) < 6 * SECOND);
	assert_restored(line->world, record);
}

static void a_slow_turn_of_the_loop_does_not_take_the_fault_out_before_the_deadline(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].within_ms = 2 * SECOND;
	line->world->look = look_slowly;
	it_never_comes(line);
	record = little_run(line->world);
	assert_true(held_ms(record) >= 2 * SECOND);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, setup, line_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LINE(a_slow_turn_of_the_loop_does_not_take_the_fault_out_before_the_deadline),
	    IN_LINE(an_auto_deadline_is_what_the_stations_take_and_a_margin),
	    IN_LINE(an_alert_just_before_an_auto_deadline_is_in_time),
	    IN_LINE(an_alert_behind_an_auto_deadline_is_late),
	    IN_LINE(the_deadline_stands_before_the_drill_is_announced),
	    IN_LINE(an_auto_resolved_deadline_is_what_the_way_back_takes),
	    IN_LINE(stations_know_the_labels_that_those_before_them_told),
	    IN_LINE(behind_a_deadline_that_is_a_guess_an_alert_is_not_called_late),
	    IN_LINE(before_a_deadline_that_is_a_guess_an_alert_is_in_time),
	    IN_LINE(a_rule_that_is_not_there_is_a_gap_however_long_it_would_take),
	    IN_LINE(an_end_whose_deadline_is_a_guess_is_not_called_missing),
	    IN_LINE(what_the_others_tell_may_be_longer_than_the_lease_already),
	    IN_LINE(a_station_that_is_not_there_makes_the_deadline_five_minutes),
	    IN_LINE(a_station_that_hangs_makes_it_no_longer_than_the_lease),
	    IN_LINE(without_a_pipeline_an_auto_deadline_is_not_computed),
	    IN_LINE(without_a_pipeline_and_auto_nothing_is_computed),
	    IN_LINE(a_lease_that_is_too_short_refuses_before_anything_is_said_or_touched),
	    IN_LINE(a_lease_as_long_as_the_deadline_is_enough),
	    IN_LINE(the_same_alert_in_an_equal_window_before_confounds),
	    IN_LINE(the_same_alert_before_that_window_does_not),
	    IN_LINE(a_deadline_that_cannot_be_kept_is_not_refused_but_explained),
	    IN_LINE(a_late_alert_with_such_a_deadline_says_so),
	    IN_LINE(a_deadline_that_can_be_kept_is_nobodys_fault),
	    IN_LINE(worries_are_kept_with_their_secrets_masked),
	    IN_LINE(a_fault_is_held_though_its_alert_came),
	    IN_LINE(an_alert_that_takes_longer_than_the_hold_is_waited_for),
	    IN_LINE(a_hold_behind_the_deadline_keeps_a_missing_alerts_fault),
	    IN_LINE(a_hold_never_outlasts_the_lease),
	    IN_LINE(an_auto_hold_waits_until_every_alert_could_have_come),
	    IN_LINE(an_auto_hold_beyond_the_lease_is_refused),
	    IN_LINE(a_stop_ends_the_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
