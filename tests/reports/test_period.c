/* A summary of a time: gaps from the first drill that found them to the next pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/period.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_past.h"
#include "tests/reports/make_record.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (1440 * MINUTE_MS)

static struct period new_period(void)
{
	return (struct period){.since_wall_ms = PAST_NOW_MS - 7 * DAY_MS,
			       .until_wall_ms = PAST_NOW_MS};
}

/* Ended so many minutes ago; call it for the newest first. */
static void add(struct period *period, const char *id, const char *verdict, int64_t minutes,
		const char *repeats)
{
	struct history_drill drill = past_drill(id, verdict);
	struct past past;

	drill.ended_wall_ms = PAST_NOW_MS - minutes * MINUTE_MS;
	drill.repeats = repeats;
	past_of_drill(&past, &drill);
	period_add(period, &past);
	past_done(&past);
}

static void assert_gaps(const struct period *period, const char *expected)
{
	struct buf text = {0};

	for (size_t i = 0; i < period->gap_count; i++) {
		const struct period_gap *gap = &period->gaps[i];
		int64_t until_ms = gap->until_wall_ms;

		buf_addf(&text, "%s to %s, %zu drills, from %d to %d; ", gap->first_drill,
			 gap->last_drill, gap->drills,
			 (int)((PAST_NOW_MS - gap->since_wall_ms) / MINUTE_MS),
			 until_ms == 0 ? -1 : (int)((PAST_NOW_MS - until_ms) / MINUTE_MS));
	}
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
}

static void a_gap_lasts_from_the_first_drill_that_found_it_to_the_next_pass(void **state)
{
	struct period period = new_period();

	(void)state;
	add(&period, "fd-6", "gap", 10, "");
	add(&period, "fd-5", "pass", 20, "");
	add(&period, "fd-4", "inconclusive", 25, "");
	add(&period, "fd-3", "gap", 30, "");
	add(&period, "fd-2", "gap", 40, "");
	add(&period, "fd-1", "pass", 50, "");
	period_finish(&period);
	assert_gaps(&period, "fd-6 to fd-6, 1 drills, from 10 to -1; "
			     "fd-2 to fd-3, 2 drills, from 40 to 20; ");
	assert_int_equal(period.drills, 6);
	assert_int_equal(period.counts[VERDICT_GAP], 3);
	assert_int_equal(period.counts[VERDICT_PASS], 2);
	assert_int_equal(period.scenario_count, 1);
	period_done(&period);
}

static void a_gap_that_its_repeat_did_not_find_is_flaky_and_no_gap(void **state)
{
	struct period period = new_period();

	(void)state;
	add(&period, "fd-2", "flaky", 10, "fd-1");
	add(&period, "fd-1", "gap", 20, "");
	period_finish(&period);
	assert_gaps(&period, "");
	assert_int_equal(period.flaky_count, 1);
	assert_string_equal(period.flaky[0].drill, "fd-2");
	period_done(&period);
}

static struct period_gap open_gap(char *first, char *last, int64_t minutes)
{
	return (struct period_gap){.scenario = (char *)(uintptr_t) "bad-queue",
				   .environment = (char *)(uintptr_t) "production",
				   .first_drill = first,
				   .last_drill = last,
				   .since_wall_ms = PAST_NOW_MS - minutes * MINUTE_MS,
				   .drills = 30};
}

static void a_gap_that_is_open_since_before_keeps_its_beginning(void **state)
{
	char first[] = "fd-0", last[] = "fd-1";
	const struct period_gap open = open_gap(first, last, 20000);
	struct period period = new_period();

	(void)state;
	add(&period, "fd-2", "gap", 10, "");
	add(&period, "fd-1", "gap", 20, "");
	period_add_open(&period, &open);
	period_finish(&period);
	assert_gaps(&period, "fd-0 to fd-2, 30 drills, from 20000 to -1; ");
	period_done(&period);
	period = new_period();
	period_add_open(&period, &open); /* no drill of it in this time */
	period_finish(&period);
	assert_gaps(&period, "fd-0 to fd-1, 30 drills, from 20000 to -1; ");
	period_done(&period);
}

static void a_pass_ends_a_gap_that_was_held_for_open(void **state)
{
	char first[] = "fd-0", last[] = "fd-1";
	const struct period_gap open = open_gap(first, last, 20000);
	struct period period = new_period();

	(void)state;
	add(&period, "fd-2", "pass", 10, "");
	add(&period, "fd-1", "gap", 20, "");
	period_add_open(&period, &open);
	period_finish(&period);
	assert_gaps(&period, "fd-0 to fd-1, 1 drills, from 20000 to 10; ");
	period_done(&period);
	period = new_period();
	add(&period, "fd-2", "pass", 10, "");
	period_add_open(&period, &open);
	period_finish(&period);
	assert_gaps(&period, "fd-0 to fd-1, 30 drills, from 20000 to 10; ");
	period_done(&period);
}

static void it_is_told_in_words_and_as_json(void **state)
{
	static const char *const expected[] = {
	    "2026-11-14 10:00:58 UTC to 2026-11-21 10:00:58 UTC: 3 drills of 1 scenario in 1 "
	    "environment\n  1 pass, 1 gap, 1 flaky\n",
	    "x bad-queue in production: open for 10 min, since 2026-11-21 09:50:58 UTC "
	    "(1 drill, last fd-3): QueueMissing never reached #ops\n",
	    "? bad-queue in production: 1 time, last fd-2\n",
	    "bad-queue in production: p50 2.1 s, p99 2.1 s of 3 alerts, deadline 90 s\n",
	    "? nightly in staging: 4, the last planned for 2026-11-21 10:00:58 UTC: not running\n",
	    "x nightly in staging: never passed\n",
	    "bad-queue in production: passed 2 h 0 min ago (fd-2)\n",
	};
	char nightly[] = "nightly", staging[] = "staging", why[] = "not running";
	char queue[] = "bad-queue", production[] = "production", drill[] = "fd-2";
	const struct period_missed missed = {nightly,     staging, why, PAST_NOW_MS - DAY_MS,
					     PAST_NOW_MS, 4};
	const struct period_proof proofs[] = {
	    {queue, production, drill, PAST_NOW_MS - 120 * MINUTE_MS},
	    {nightly, staging, NULL, 0},
	};
	struct period period = new_period();
	struct buf text = {0};
	char *line;

	(void)state;
	add(&period, "fd-3", "gap", 10, "");
	add(&period, "fd-2", "flaky", 20, "fd-1");
	add(&period, "fd-1", "pass", 30, "");
	period_add_missed(&period, &missed);
	period_add_proof(&period, &proofs[0]);
	period_add_proof(&period, &proofs[1]);
	period_finish(&period);
	period_write(&text, &(struct view){.ascii = true}, &period);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		if (strstr(buf_text(&text), expected[i]) == NULL)
			fail_msg("\"%s\" is not in:\n%s", expected[i], buf_text(&text));
	}
	buf_done(&text);
	line = period_json(&period);
	assert_non_null(strstr(line, "\"verdicts\":{\"pass\":1,\"gap\":1,\"flaky\":1,"));
	assert_non_null(strstr(line, "\"open\":true,\"since\":\"2026-11-21T09:50:58.000Z\","
				     "\"until\":null,\"open_ms\":600000,"));
	assert_non_null(strstr(line, "\"passed\":null,\"drill\":null}"));
	free(line);
	period_done(&period);
}

static void hostile_names_do_no_harm_and_many_places_are_told_apart(void **state)
{
	struct period period = new_period();
	struct buf text = {0};

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct history_drill drill = past_drill("fd-x", i % 2 == 0 ? "gap" : "pass");
		char name[64];
		struct past past;

		(void)snprintf(name, sizeof name, "%d\033[2J\xff", i % 1000);
		drill.scenario = name;
		drill.environment = i % 3 == 0 ? HOSTILE : "e";
		drill.ended_wall_ms -= i;
		past_of_drill(&past, &drill);
		period_add(&period, &past);
		past_done(&past);
	}
	period_finish(&period);
	assert_int_equal(period.scenario_count, 1000);
	assert_int_equal(period.environment_count, 2);
	period_write(&text, &(struct view){.ascii = true}, &period);
	assert_true(text_is_utf8(buf_text(&text)));
	assert_false(text_has_control(buf_text(&text), true));
	buf_done(&text);
	period_done(&period);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_gap_lasts_from_the_first_drill_that_found_it_to_the_next_pass),
	    cmocka_unit_test(a_gap_that_its_repeat_did_not_find_is_flaky_and_no_gap),
	    cmocka_unit_test(a_gap_that_is_open_since_before_keeps_its_beginning),
	    cmocka_unit_test(a_pass_ends_a_gap_that_was_held_for_open),
	    cmocka_unit_test(it_is_told_in_words_and_as_json),
	    cmocka_unit_test(hostile_names_do_no_harm_and_many_places_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
