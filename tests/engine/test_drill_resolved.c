/* Whole drills: the end of an alert in every way that it can come, through the real reader of
 * channels, and what the stations are asked when it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/engine/line.h"
#include "tests/engine/little_asserts.h"

#define RESOLVED_MS 20000

/* An alert that arrives and is to be resolved; a rule that can be asked. */
static int setup(void **state)
{
	struct line *line = line_new();

	little_simple(line->world);
	line->world->expect[0].resolved_ms = RESOLVED_MS;
	line->world->rules[0].end_ms = 6000;
	line->hops.list[0] =
	    (struct little_hop){.name = "prom", .hop = HOP_RULE, .state = HOP_HAD_IT};
	little_hops_use(&line->hops, line->world);
	*state = line;
	return 0;
}

static const struct expectation_finding *resolved_by(struct line *line, enum little_end end)
{
	const struct drill_record *record;

	line->world->rules[0].end = end;
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->judgement.findings[0].resolved, FINDING_DELIVERED);
	assert_in_range(record->judgement.findings[0].resolved_latency_ms, 5800, 6200);
	assert_null(record->judgement.findings[0].resolved_text);
	return &record->judgement.findings[0];
}

static void a_new_message_is_one_way(void **state)
{
	assert_int_equal(resolved_by(*state, ENDS_WITH_MESSAGE)->resolved_how, RESOLVED_MESSAGE);
}

static void an_edit_of_the_first_is_another(void **state)
{
	const struct expectation_finding *finding = resolved_by(*state, ENDS_WITH_EDIT);

	assert_int_equal(finding->resolved_how, RESOLVED_EDIT);
	assert_string_equal(finding->resolved_seen->ts, finding->seen->ts);
}

static void a_reply_in_its_thread_is_a_third(void **state)
{
	const struct expectation_finding *finding = resolved_by(*state, ENDS_WITH_REPLY);

	assert_int_equal(finding->resolved_how, RESOLVED_REPLY);
	assert_string_not_equal(finding->resolved_seen->ts, finding->seen->ts);
}

/* The first message of the alerting: all after it is said by the test. */
static const char *fire(struct line *line)
{
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_RECOVERY);
	return line->world->drills[0].id;
}

static void say(struct line *line, const char *before, const char *id)
{
	char text[96];

	(void)snprintf(text, sizeof text, "%s QueueMissing %s", before, id);
	(void)little_chat_say(&line->world->chat, "ops", NULL, text);
}

static void an_alert_that_comes_back_after_its_end_is_told(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;
	const char *id;

	line->world->expect[0].at_most = 0;
	id = fire(line);
	say(line, "[RESOLVED]", id);
	little_pass(line->world, 1000);
	say(line, "[FIRING:1]", id);
	little_pass(line->world, 3000);
	say(line, "[RESOLVED]", id);
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(strstr(record->judgement.findings[0].text, "it fired again"));
}

static void an_end_that_comes_alone_is_not_the_alert(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->rules[0].channel = NULL;
	say(line, "[RESOLVED]", fire(line));
	record = little_run(line->world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_MISSING);
	assert_non_null(strstr(record->judgement.text, "only its resolved message did"));
	assert_true(record->evidence.expect[0].sightings[0].resolved);
}

static void one_that_is_edited_into_its_end_before_it_was_read_was_an_alert(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->rules[0].end = ENDS_WITH_EDIT;
	line->world->rules[0].after_ms = WITHIN_MS - 100;
	line->world->rules[0].end_ms = 10;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_DELIVERED);
	assert_int_equal(record->judgement.findings[0].resolved_how, RESOLVED_EDIT);
}

/* Asking the stations. */

static void where_an_end_is_waited_for_the_stations_are_asked_when_the_alert_is_there(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.list[0].hangs = false;
	line->hops.list[0].takes_ms = 2000;
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_UNRESOLVED);
	assert_int_equal(line->hops.list[0].asked, 3);
	assert_true(line->hops.list[0].given_json[HOP_PEAK]);
	assert_int_equal(line->hops.list[0].want.finding, FINDING_UNRESOLVED);
	/* and nothing is held for them */
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 2900);
	assert_true(line->hops.list[0].asked_ms[1] <= record->phase_ms[PHASE_REVERT]);
	assert_true(line->hops.list[0].asked_ms[2] >= record->evidence.reverted_ms + RESOLVED_MS);
}

static void a_duplicate_that_is_seen_at_once_asks_them_too(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].resolved_ms = 0;
	(void)little_rule(line->world, "ops", LITTLE_QUEUE);
	record = little_run(line->world);
	assert_finding(record, 0, FINDING_DUPLICATE);
	assert_true(line->hops.list[0].given_json[HOP_PEAK]);
	assert_int_equal(line->hops.list[0].want.finding, FINDING_DUPLICATE);
	assert_true(record->judgement.gap.found);
	assert_int_equal(record->judgement.gap.finding, FINDING_DUPLICATE);
}

static void of_a_drill_that_is_stopped_what_was_known_by_then_is_told(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_start(line->world);

	little_run_until_phase(line->world, PHASE_RECOVERY);
	little_pass(line->world, 1000);
	drill_stop(line->world->drills[0].drill, "SIGINT");
	(void)little_run(line->world);
	assert_int_equal(record->judgement.verdict, VERDICT_ABORTED);
	assert_int_equal(line->hops.list[0].asked, 2); /* nobody is asked any more */
	assert_int_equal(line->hops.list[0].explained, 1);
	assert_true(line->hops.list[0].given[HOP_PEAK]);
	assert_int_equal(record->judgement.hop_count, 3);
	assert_false(record->judgement.gap.found);
}

static void a_drill_that_is_stopped_before_asks_and_explains_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_start(line->world);

	little_run_until_phase(line->world, PHASE_WATCH);
	drill_stop(line->world->drills[0].drill, "SIGINT");
	(void)little_run(line->world);
	assert_int_equal(record->judgement.verdict, VERDICT_ABORTED);
	assert_int_equal(line->hops.list[0].asked, 1);
	assert_int_equal(line->hops.list[0].explained, 0);
	assert_int_equal(record->judgement.hop_count, 0);
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, setup, line_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LINE(a_new_message_is_one_way),
	    IN_LINE(an_edit_of_the_first_is_another),
	    IN_LINE(a_reply_in_its_thread_is_a_third),
	    IN_LINE(an_alert_that_comes_back_after_its_end_is_told),
	    IN_LINE(an_end_that_comes_alone_is_not_the_alert),
	    IN_LINE(one_that_is_edited_into_its_end_before_it_was_read_was_an_alert),
	    IN_LINE(where_an_end_is_waited_for_the_stations_are_asked_when_the_alert_is_there),
	    IN_LINE(a_duplicate_that_is_seen_at_once_asks_them_too),
	    IN_LINE(of_a_drill_that_is_stopped_what_was_known_by_then_is_told),
	    IN_LINE(a_drill_that_is_stopped_before_asks_and_explains_nothing),
	};

	return cmocka_run_group_tests_name("drill_resolved", tests, NULL, NULL);
}
