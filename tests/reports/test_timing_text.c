/* How long an alert takes, and of which parts that is made, in words and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "reports/result.h"
#include "reports/timing_text.h"
#include "src/base/mem.h"
#include "tests/reports/make_record.h"
#include "tests/reports/posted.h"

#define S INT64_C(1000)

static struct timing_part part(enum hop hop, const char *name, const char *what, int64_t least_ms,
			       int64_t most_ms)
{
	return (struct timing_part){.hop = hop,
				    .name = mem_dup(name),
				    .what = what,
				    .least_ms = least_ms,
				    .most_ms = most_ms};
}

/* What a Prometheus and an Alertmanager as they come would tell. Freed with timing_done. */
static struct timing make_timing(void)
{
	struct timing timing = {.least_ms = 45 * S,
				.most_ms = 75 * S,
				.resolve_least_ms = 0,
				.resolve_most_ms = 330 * S};

	timing.parts = mem_grow(NULL, 5, sizeof *timing.parts);
	timing.parts[0] = part(HOP_METRIC, "prometheus", "scrape interval", 0, 15 * S);
	timing.parts[1] = part(HOP_RULE, "prometheus", "evaluation interval", 0, 15 * S);
	timing.parts[2] = part(HOP_RULE, "prometheus", "for", 15 * S, 15 * S);
	timing.parts[3] = part(HOP_ALERTMANAGER, "am", "group_wait", 30 * S, 30 * S);
	timing.parts[4] = part(HOP_ALERTMANAGER, "am", "group_interval", 0, 300 * S);
	timing.parts[4].resolving = true;
	timing.part_count = 5;
	return timing;
}

static void assert_text(const struct timing *timing, const char *wanted)
{
	struct buf text = {0};

	timing_text(&text, "OrdersQueueMissing", timing);
	assert_string_equal(buf_text(&text), wanted);
	buf_done(&text);
}

static void both_ways_are_told_with_their_parts(void **state)
{
	struct timing timing = make_timing();

	(void)state;
	assert_text(&timing,
		    "OrdersQueueMissing takes 45 s to 75 s: scrape interval 0-15 s, evaluation "
		    "interval 0-15 s, for 15 s, group_wait 30 s; resolved 0 s to 5 min 30 s: "
		    "group_interval 0 s to 5 min");
	timing.within_auto = timing.resolved_auto = true;
	timing.part_count = 0;
	assert_text(
	    &timing,
	    "OrdersQueueMissing takes 45 s to 75 s; resolved 0 s to 5 min 30 s; auto: within "
	    "5 s, resolved 5 s");
	timing.part_count = 5;
	timing_done(&timing);
}

static void what_is_not_known_is_said_with_its_reason(void **state)
{
	struct timing timing = {
	    .least_ms = 15 * S, .most_ms = -1, .resolve_least_ms = -1, .resolve_most_ms = -1};

	(void)state;
	timing_miss(&timing, "am: its configuration \033[31mcannot\n be read");
	assert_text(&timing, "OrdersQueueMissing takes at least 15 s; how long at most is not "
			     "known: am: its configuration [31mcannot be read");
	timing.least_ms = -1;
	assert_text(&timing, "how long OrdersQueueMissing takes is not known: am: its "
			     "configuration [31mcannot be read");
	timing_done(&timing);
	timing.least_ms = timing.most_ms = timing.resolve_least_ms = timing.resolve_most_ms = -1;
	assert_text(&timing, "how long OrdersQueueMissing takes is not known: no station told");
}

/* A drill of which the stations told. */
static struct made *make_timed(enum finding finding)
{
	struct made *made = make_running();

	made->record.timings = mem_grow(NULL, 1, sizeof *made->record.timings);
	made->record.timings[0] = make_timing();
	made->record.timing_count = 1;
	make_over(made, finding == FINDING_DELIVERED ? VERDICT_PASS : VERDICT_GAP, "text");
	(void)make_finding(made, 0, finding, finding == FINDING_MISSING ? -1 : 2100, "text");
	return made;
}

static void free_timed(struct made *made)
{
	timing_done(&made->record.timings[0]);
	free(made->record.timings);
	made->record.timings = NULL;
	made->record.timing_count = 0;
	made_free(made);
}

static bool has_line(struct made *made)
{
	const struct view view = {.columns = 80};
	struct posted details = write_post(made, true);
	struct buf terminal = {0};
	bool in_terminal, in_details;

	result_block(&terminal, &view, &made->record);
	in_terminal = strstr(buf_text(&terminal), "  timing          OrdersQueueMissing takes "
						  "45 s to 75 s:") != NULL;
	in_details = strstr(details.body, "*Timing*: OrdersQueueMissing takes 45 s to 75 s: "
					  "scrape interval 0-15 s") != NULL;
	assert_int_equal(in_terminal, in_details);
	posted_done(&details);
	buf_done(&terminal);
	return in_terminal;
}

static void the_parts_are_shown_when_they_have_to_do_with_it(void **state)
{
	struct made *made = make_timed(FINDING_DELIVERED);

	(void)state;
	assert_false(has_line(made)); /* a deadline that was written, and kept */
	made->record.timings[0].within_auto = true;
	assert_true(has_line(made));
	free_timed(made);

	made = make_timed(FINDING_LATE);
	assert_true(has_line(made));
	free_timed(made);

	made = make_timed(FINDING_MISSING);
	assert_false(has_line(made)); /* 90 s were enough */
	made->expect[0].within_ms = 60 * S;
	assert_true(has_line(made));
	free_timed(made);
}

/* It is the other way that was too long. */
static void an_alert_that_was_not_resolved_is_told_with_that_way(void **state)
{
	struct made *made = make_timed(FINDING_UNRESOLVED);
	struct buf line = {0};

	(void)state;
	assert_true(timing_text_line(&line, &made->record, 0));
	assert_string_equal(buf_text(&line), "OrdersQueueMissing is resolved after 0 s to 5 min "
					     "30 s: group_interval 0 s to 5 min");
	buf_done(&line);
	free_timed(made);
}

static void a_report_has_the_deadline_and_its_parts(void **state)
{
	struct made *made = make_timed(FINDING_DELIVERED);
	char *line = json_report(&made->record);
	cJSON *report = cJSON_Parse(line);
	const cJSON *expectation =
	    cJSON_GetArrayItem(cJSON_GetObjectItem(report, "expectations"), 0);
	char *timing = cJSON_PrintUnformatted(cJSON_GetObjectItem(expectation, "timing"));

	(void)state;
	assert_int_equal(cJSON_GetObjectItem(expectation, "within_ms")->valueint, 90000);
	assert_non_null(strstr(
	    timing, "{\"auto\":false,\"least_ms\":45000,\"most_ms\":75000,\"resolve_least_ms\":0,"
		    "\"resolve_most_ms\":330000,\"unknown\":null,\"parts\":[{\"hop\":\"metric\","
		    "\"name\":\"prometheus\",\"what\":\"scrape interval\",\"resolving\":false,"
		    "\"least_ms\":0,\"most_ms\":15000},"));
	free(timing);
	free(line);
	cJSON_Delete(report);
	free_timed(made);
}

static void nothing_computed_is_null(void **state)
{
	struct made *made = make_running();
	char *line = json_report(&made->record);

	(void)state;
	assert_non_null(strstr(line, "\"within_ms\":90000,\"timing\":null"));
	free(line);
	made_free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_ways_are_told_with_their_parts),
	    cmocka_unit_test(what_is_not_known_is_said_with_its_reason),
	    cmocka_unit_test(the_parts_are_shown_when_they_have_to_do_with_it),
	    cmocka_unit_test(an_alert_that_was_not_resolved_is_told_with_that_way),
	    cmocka_unit_test(a_report_has_the_deadline_and_its_parts),
	    cmocka_unit_test(nothing_computed_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
