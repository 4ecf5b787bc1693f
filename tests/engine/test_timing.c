/* Tests of adding up what stations tell of their times, and of the warnings that follow from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/engine/timing.h"

#define SECOND 1000
#define MINUTE 60000

/* An alert, what its stations tell, and the warnings. */
struct given {
	struct timing timing;
	struct hop_forecast forecast;
	struct expectation expect;
	struct scenario scenario;
	struct buf warned; /* "key|text|advice\n" */
	int warnings;
};

static int setup(void **state)
{
	struct given *given = mem_zalloc(sizeof *given);
	static char alert[] = "QueueMissing", id[] = "fd-k3q9x2m7";
	static char *match[] = {alert, id};

	given->forecast = timing_listen(&given->timing);
	given->expect =
	    (struct expectation){.alert = alert, .match = {match, 2}, .within_ms = 2 * MINUTE};
	given->scenario = (struct scenario){.expect = &given->expect, .expect_count = 1};
	given->scenario.fault.kind = KIND_ERROR_LOG;
	given->scenario.fault.hold_at_most_ms = 5 * MINUTE;
	*state = given;
	return 0;
}

static int teardown(void **state)
{
	struct given *given = *state;

	timing_done(&given->timing);
	buf_done(&given->warned);
	free(given);
	return 0;
}

static void delay(struct given *given, enum hop hop, const char *name, const char *what,
		  int64_t least_ms, int64_t most_ms)
{
	const struct hop_delay told = {
	    .hop = hop, .name = name, .what = what, .least_ms = least_ms, .most_ms = most_ms};

	given->forecast.delay(given->forecast.arg, &told);
}

static void delay_back(struct given *given, enum hop hop, const char *what, int64_t least_ms,
		       int64_t most_ms)
{
	const struct hop_delay told = {.hop = hop,
				       .name = "p",
				       .what = what,
				       .resolving = true,
				       .least_ms = least_ms,
				       .most_ms = most_ms};

	given->forecast.delay(given->forecast.arg, &told);
}

/* 60 to 135 s there, 0 to 330 s back. */
static void tell_all(struct given *given)
{
	delay(given, HOP_METRIC, "p", "scrape interval", 0, 15 * SECOND);
	delay(given, HOP_RULE, "p", "evaluation interval", 0, 15 * SECOND);
	delay(given, HOP_RULE, "p", "for", 30 * SECOND, 45 * SECOND);
	delay(given, HOP_ALERTMANAGER, "a", "group_wait", 30 * SECOND, 60 * SECOND);
	delay_back(given, HOP_RULE, "evaluation interval", 0, 30 * SECOND);
	delay_back(given, HOP_ALERTMANAGER, "group_interval", 0, 5 * MINUTE);
	timing_sum(&given->timing);
}

static void caution(struct given *given, enum hop_worry worry, int64_t ms, const char *text)
{
	const struct hop_caution told = {.hop = HOP_RECEIVER,
					 .name = "a",
					 .worry = worry,
					 .ms = ms,
					 .text = text,
					 .advice = "put it right"};

	given->forecast.caution(given->forecast.arg, &told);
}

static void on_warning(void *arg, const struct timing_warning *warning)
{
	struct given *given = arg;

	given->warnings++;
	buf_addf(&given->warned, "%s|%s|%s\n", warning->key, warning->text, warning->advice);
}

static void warn(struct given *given, int64_t spacing_ms, const struct timing *timing)
{
	timing_warn(&given->scenario, 0, spacing_ms, timing, on_warning, given);
}

static void assert_warned(const struct given *given, int count, const char *text)
{
	if (given->warnings != count || strstr(buf_text(&given->warned), text) == NULL)
		fail_msg("%d warnings, no \"%s\": %s", given->warnings, text,
			 buf_text(&given->warned));
}

/* Adding up. */

static void parts_in_a_row_are_added_up(void **state)
{
	struct given *given = *state;

	tell_all(given);
	assert_null(given->timing.unknown);
	assert_int_equal(given->timing.least_ms, 60 * SECOND);
	assert_int_equal(given->timing.most_ms, 135 * SECOND);
	assert_int_equal(given->timing.resolve_least_ms, 0);
	assert_int_equal(given->timing.resolve_most_ms, 330 * SECOND);
}

static void of_two_stations_of_a_kind_the_quicker_and_the_slower_one_count(void **state)
{
	struct given *given = *state;

	delay(given, HOP_RULE, "p1", "evaluation interval", 5 * SECOND, 15 * SECOND);
	delay(given, HOP_RULE, "p1", "for", 10 * SECOND, 10 * SECOND);
	delay(given, HOP_RULE, "p2", "evaluation interval", 0, 60 * SECOND);
	delay(given, HOP_ALERTMANAGER, "a", "group_wait", 1 * SECOND, 1 * SECOND);
	timing_sum(&given->timing);
	assert_int_equal(given->timing.least_ms, 1 * SECOND);
	assert_int_equal(given->timing.most_ms, 61 * SECOND);
}

static void the_deadline_leaves_the_chat_five_seconds_and_a_tenth(void **state)
{
	struct given *given = *state;

	tell_all(given);
	assert_int_equal(timing_deadline(&given->timing, false), 154 * SECOND); /* 153.5 */
	assert_int_equal(timing_deadline(&given->timing, true), (330 + 5 + 33) * SECOND);
}

static void when_nobody_tells_nothing_is_computed(void **state)
{
	struct given *given = *state;

	timing_sum(&given->timing);
	assert_int_equal(given->timing.least_ms, -1);
	assert_int_equal(given->timing.most_ms, -1);
	assert_int_equal(given->timing.resolve_most_ms, -1);
	assert_non_null(strstr(given->timing.unknown, "name its Prometheus"));
	assert_int_equal(timing_deadline(&given->timing, false), TIMING_UNKNOWN_MS);
	assert_int_equal(timing_deadline(&given->timing, true), TIMING_UNKNOWN_MS);
}

static void half_of_the_way_gives_a_least_but_no_most(void **state)
{
	struct given *given = *state;

	delay(given, HOP_RULE, "p", "for", 60 * SECOND, 75 * SECOND);
	timing_sum(&given->timing);
	assert_int_equal(given->timing.least_ms, 60 * SECOND);
	assert_int_equal(given->timing.most_ms, -1);
	assert_non_null(strstr(given->timing.unknown, "name its Alertmanager"));
	assert_int_equal(timing_deadline(&given->timing, false), TIMING_UNKNOWN_MS);
}

static void a_long_half_of_the_way_counts_for_the_deadline(void **state)
{
	struct given *given = *state;

	delay(given, HOP_RULE, "p", "for", 10 * MINUTE, 10 * MINUTE);
	timing_sum(&given->timing);
	assert_int_equal(timing_deadline(&given->timing, false), 11 * MINUTE + 5 * SECOND);
}

static void a_station_that_could_not_tell_leaves_the_way_unknown_and_says_why(void **state)
{
	struct given *given = *state;

	given->forecast.unknown(given->forecast.arg, "prom", "it did not answer");
	given->forecast.unknown(given->forecast.arg, "am", "neither did it");
	tell_all(given);
	assert_string_equal(given->timing.unknown, "prom: it did not answer");
	assert_int_equal(given->timing.most_ms, -1);
	assert_int_equal(given->timing.least_ms, 60 * SECOND);
}

static void what_makes_no_sense_is_not_added(void **state)
{
	struct given *given = *state;

	tell_all(given);
	delay(given, HOP_RULE, "p", "for", -5, 10);
	delay(given, HOP_RULE, "p", "for", 10, 5);
	for (int i = 0; i < 200; i++)
		delay(given, HOP_METRIC, "p", "scrape interval", 0, 0);
	assert_true(given->timing.part_count <= 64);
	timing_sum(&given->timing);
	assert_int_equal(given->timing.most_ms, 135 * SECOND);
}

static void the_parts_are_told_in_order_without_those_that_take_no_time(void **state)
{
	struct given *given = *state;
	struct buf text = {0};

	delay(given, HOP_RULE, "p", "keep", 0, 0);
	tell_all(given);
	timing_add_parts(&text, &given->timing, false);
	assert_string_equal(buf_text(&text),
			    "scrape interval 0-15 s, evaluation interval 0-15 s, for 30-45 s, "
			    "group_wait 30-60 s");
	buf_done(&text);
}

static void lengths_are_written_as_in_a_file_and_rounded_up(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {{0, "0s"},        {1, "1s"},      {89001, "90s"},
		    {119000, "119s"}, {120000, "2m"}, {120001, "3m"}};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		timing_written(rows[i].ms, text, sizeof text);
		assert_string_equal(text, rows[i].text);
	}
}

/* Deadlines that cannot be kept. */

static void a_deadline_below_the_least_is_impossible_with_the_parts(void **state)
{
	struct given *given = *state;
	char *text;

	tell_all(given);
	given->expect.within_ms = 59 * SECOND;
	text = timing_impossible(&given->timing, &given->expect, false);
	assert_non_null(text);
	assert_non_null(strstr(text, "takes at least 1 min (scrape interval 0-15 s"));
	free(text);
	given->expect.within_ms = 60 * SECOND;
	assert_null(timing_impossible(&given->timing, &given->expect, false));
}

static void what_is_not_known_asked_for_or_auto_is_not_impossible(void **state)
{
	struct given *given = *state;

	given->expect.within_ms = 1;
	timing_sum(&given->timing);
	assert_null(timing_impossible(&given->timing, &given->expect, false));
	tell_all(given);
	assert_null(timing_impossible(&given->timing, &given->expect, true));
	given->expect.never = true;
	assert_null(timing_impossible(&given->timing, &given->expect, false));
	given->expect.never = false;
	given->timing.within_auto = true;
	assert_null(timing_impossible(&given->timing, &given->expect, false));
}

/* The guard. */

static void the_guard_wants_hold_at_most_to_cover_deadlines_that_are_auto(void **state)
{
	struct given *given = *state;
	struct error error = {""};

	tell_all(given);
	given->timing.within_auto = true;
	given->expect.within_ms = 5 * MINUTE + 1;
	assert_false(timing_allows(&given->scenario, &given->timing, &error));
	assert_non_null(strstr(error.text, "guard timing: QueueMissing may take 5 min"));
	assert_non_null(strstr(error.text, "hold_at_most = \"7m\""));
	given->expect.within_ms = 5 * MINUTE;
	assert_true(timing_allows(&given->scenario, &given->timing, &error));
}

static void the_guard_wants_hold_at_most_to_cover_the_hold(void **state)
{
	struct given *given = *state;
	struct error error = {""};

	given->scenario.fault.hold_ms = 5 * MINUTE + 1;
	assert_false(timing_allows(&given->scenario, &given->timing, &error));
	assert_non_null(strstr(error.text, "`hold`"));
	given->scenario.fault.hold_ms = 5 * MINUTE;
	assert_true(timing_allows(&given->scenario, &given->timing, &error));
}

/* Warnings. */

static void a_good_scenario_has_no_warning(void **state)
{
	struct given *given = *state;

	tell_all(given);
	given->expect.within_ms = 135 * SECOND;
	given->expect.resolved_ms = 330 * SECOND;
	warn(given, 0, &given->timing);
	warn(given, 0, NULL);
	assert_int_equal(given->warnings, 0);
}

static void a_deadline_between_least_and_most_may_be_missed_for_nothing(void **state)
{
	struct given *given = *state;

	tell_all(given);
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "within|the alert may take up to 2 min 15 s");
	assert_warned(given, 1, "write within = \"auto\", or \"3m\"");
}

static void a_deadline_that_cannot_be_kept_is_warned_of(void **state)
{
	struct given *given = *state;

	tell_all(given);
	given->expect.within_ms = 30 * SECOND;
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "within|the deadline of 30.0 s cannot be kept");
}

static void an_auto_deadline_beyond_the_lease_will_be_refused(void **state)
{
	struct given *given = *state;

	tell_all(given);
	given->expect.within_ms = SCENARIO_AUTO;
	given->scenario.fault.hold_at_most_ms = 153 * SECOND;
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "fault.hold_at_most|the alert may take 2 min 34 s");
	assert_warned(given, 1, "will be refused|write hold_at_most = \"4m\"");
}

static void an_auto_deadline_that_cannot_be_computed_says_why(void **state)
{
	struct given *given = *state;

	given->expect.within_ms = SCENARIO_AUTO;
	timing_miss(&given->timing, "prom: nobody listens");
	timing_sum(&given->timing);
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "cannot be computed (prom: nobody listens), so it would be 5 min");
}

static void a_repeat_is_warned_of_unless_the_drills_are_far_enough_apart(void **state)
{
	struct given *given = *state;

	tell_all(given);
	given->expect.within_ms = 3 * MINUTE;
	caution(given, HOP_WORRY_REPEAT, 5 * MINUTE, "it would be swallowed");
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "spacing|it would be swallowed|");
	assert_warned(given, 1, "spacing = \"6m\"");
	warn(given, 330 * SECOND, &given->timing);
	assert_int_equal(given->warnings, 1);
}

static void worries_are_warnings_but_for_a_resolved_that_nobody_asked_for(void **state)
{
	struct given *given = *state;

	tell_all(given);
	given->expect.within_ms = 3 * MINUTE;
	caution(given, HOP_WORRY_NO_RESOLVED, 0, "it does not send resolved");
	caution(given, HOP_WORRY_NOWHERE, 0, "it posts nowhere");
	warn(given, 0, &given->timing);
	assert_warned(given, 1, "|it posts nowhere|put it right");
	given->expect.resolved_ms = 10 * MINUTE;
	warn(given, 0, &given->timing);
	assert_warned(given, 3, "resolved|it does not send resolved");
}

static void a_silence_beside_an_alert_wants_a_hold(void **state)
{
	struct given *given = *state;

	given->expect.never = true;
	given->scenario.expect_count = 2;
	warn(given, 0, NULL);
	assert_warned(given, 1, "fault.hold|");
	given->scenario.fault.hold_ms = SCENARIO_AUTO;
	warn(given, 0, NULL);
	assert_int_equal(given->warnings, 1);
	given->scenario.fault.hold_ms = 2 * MINUTE;
	warn(given, 0, NULL);
	assert_int_equal(given->warnings, 1);
}

#define GIVEN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    GIVEN(parts_in_a_row_are_added_up),
	    GIVEN(of_two_stations_of_a_kind_the_quicker_and_the_slower_one_count),
	    GIVEN(the_deadline_leaves_the_chat_five_seconds_and_a_tenth),
	    GIVEN(when_nobody_tells_nothing_is_computed),
	    GIVEN(half_of_the_way_gives_a_least_but_no_most),
	    GIVEN(a_long_half_of_the_way_counts_for_the_deadline),
	    GIVEN(a_station_that_could_not_tell_leaves_the_way_unknown_and_says_why),
	    GIVEN(what_makes_no_sense_is_not_added),
	    GIVEN(the_parts_are_told_in_order_without_those_that_take_no_time),
	    cmocka_unit_test(lengths_are_written_as_in_a_file_and_rounded_up),
	    GIVEN(a_deadline_below_the_least_is_impossible_with_the_parts),
	    GIVEN(what_is_not_known_asked_for_or_auto_is_not_impossible),
	    GIVEN(the_guard_wants_hold_at_most_to_cover_deadlines_that_are_auto),
	    GIVEN(the_guard_wants_hold_at_most_to_cover_the_hold),
	    GIVEN(a_good_scenario_has_no_warning),
	    GIVEN(a_deadline_between_least_and_most_may_be_missed_for_nothing),
	    GIVEN(a_deadline_that_cannot_be_kept_is_warned_of),
	    GIVEN(an_auto_deadline_beyond_the_lease_will_be_refused),
	    GIVEN(an_auto_deadline_that_cannot_be_computed_says_why),
	    GIVEN(a_repeat_is_warned_of_unless_the_drills_are_far_enough_apart),
	    GIVEN(worries_are_warnings_but_for_a_resolved_that_nobody_asked_for),
	    GIVEN(a_silence_beside_an_alert_wants_a_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
