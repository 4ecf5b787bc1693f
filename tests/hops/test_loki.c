/* The hop type "loki": the log lines that the alert's rule reads. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "tests/hops/stand.h"

#define OUR_OWN "publish failed queue=orders-" STAND_DRILL
#define OTHERS  "publish failed queue=orders-legacy"
#define ALL \
	"/loki/api/v1/query_range?since=1h&direction=backward&limit=1000&query=%7Bapp%3D%22orders%22%7D"
#define MARKED ALL "%0A%7C~"

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	stand->settings.query = stand_words("{app=\"orders\"}");
	stand->settings.station = stand_words("log");
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

/* Adds a line that was written so long after the injection. */
static void add(struct stand *stand, struct buf *values, int64_t after_ms, const char *line)
{
	buf_addf(values, "%s[\"%" PRId64 "000000\",\"%s\"]", values->len > 0 ? "," : "",
		 stand->want.injected_wall_ms + after_ms, line);
}

/* Answers one query with these lines, and empties them. */
static void answers(struct stand *stand, const char *path, struct buf *values)
{
	(void)stand_answers(
	    stand, path,
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":"
	    "[{\"stream\":{\"app\":\"orders\"},\"values\":[%s]}]}}",
	    buf_text(values));
	buf_done(values);
}

static void explain(struct stand *stand)
{
	stand_explain(stand, &hop_loki);
	assert_int_equal(stand->finding_count, 1);
}

/* One line, or none (NULL), for each of the two queries; observed and explained. */
static void see(struct stand *stand, enum hop_time time, const char *line, int64_t after_ms,
		const char *marked)
{
	struct buf values = {0};

	if (marked != NULL)
		add(stand, &values, after_ms, marked);
	answers(stand, MARKED, &values); /* the longer path first: the first that fits counts */
	if (line != NULL)
		add(stand, &values, after_ms, line);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, time);
	explain(stand);
}

static void a_line_with_the_id_had_it_since_it_was_written(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK, OTHERS, 2500, OUR_OWN);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, "1 log line carries " STAND_DRILL, "the rule");
	assert_non_null(strstr(stand->findings[0].evidence, "after the fault"));
	assert_non_null(strstr(stand->findings[0].evidence, "{app=orders}"));
	assert_int_equal(stand->findings[0].at_wall_ms, stand->want.injected_wall_ms + 2500);
	assert_int_equal(stand->observed[HOP_PEAK].requests, 2);
}

static void the_two_questions_are_as_loki_documents_them(void **state)
{
	struct stand *stand = *state;
	bool all = false, marked = false;

	see(stand, HOP_PEAK, OTHERS, 0, NULL);
	for (size_t i = 0; i < stand->asked_count; i++) {
		all = all || strcmp(stand->asked[i], ALL) == 0;
		marked = marked ||
			 strcmp(stand->asked[i], MARKED "%20%60fd-%5Ba-z0-9%5D%7B8%7D%60") == 0;
	}
	assert_int_equal(stand->asked_count, 2);
	assert_true(all && marked);
}

static void a_line_that_came_after_the_watch_counts_too(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK, NULL, 0, NULL);
	stand_says(stand, 0, HOP_LOG, HOP_LACKED_IT, "no log line matches {app=\"orders\"}", NULL);
	see(stand, HOP_AFTER, OUR_OWN, 4000, NULL);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, NULL, NULL);
}

static void an_id_in_a_label_counts_as_well(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(
	    stand, "/loki",
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":"
	    "[{\"stream\":{\"queue\":\"orders-" STAND_DRILL "\"},\"values\":[[\"%" PRId64
	    "000000\",\"failed\"]]}]}}",
	    stand->want.injected_wall_ms + 100);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, "queue=orders-" STAND_DRILL, NULL);
}

static void lines_only_since_the_fault_are_its_own_even_without_the_id(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK, OTHERS, 3000, NULL);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, "they do not carry " STAND_DRILL,
		   "no alert made of them can");
	stand->want.has_nonce = false;
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, "none in as much time before", "the rule");
}

static void lines_as_before_without_the_id_are_not_it(void **state)
{
	struct stand *stand = *state;
	struct buf values = {0};

	answers(stand, MARKED, &values);
	add(stand, &values, 3000, OTHERS);
	add(stand, &values, -5000, OTHERS);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_LACKED_IT, "1 log lines match",
		   "not written, not shipped");
	stand->want.has_nonce = false;
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_NOT_ASKED, "1 in as much time before it: nobody can tell",
		   NULL);
}

static void lines_long_before_do_not_count(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK, OTHERS, -600000, NULL);
	stand_says(stand, 0, HOP_LOG, HOP_LACKED_IT, "0 did in as much time before", NULL);
}

static void the_other_clock_is_subtracted(void **state)
{
	struct stand *stand = *state;

	see(stand, HOP_PEAK, NULL, 0, OUR_OWN);
	stand->observed[HOP_PEAK].ahead_ms = 60000;
	explain(stand);
	assert_int_equal(stand->findings[0].at_wall_ms, stand->want.injected_wall_ms - 60000);
}

static void a_thousand_other_lines_hide_nothing_that_has_the_id(void **state)
{
	struct stand *stand = *state;
	struct buf values = {0};

	add(stand, &values, 10, OUR_OWN);
	answers(stand, MARKED, &values);
	for (int i = 0; i < 1000; i++)
		add(stand, &values, 20000 + i, OTHERS);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, NULL, NULL);
}

static void a_thousand_other_lines_leave_absence_open(void **state)
{
	struct stand *stand = *state;
	struct buf values = {0};

	answers(stand, MARKED, &values);
	for (int i = 0; i < 1000; i++)
		add(stand, &values, 20000 + i, OTHERS);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_NOT_ASKED, "nobody can tell", NULL);
	stand->want.reverted_wall_ms = stand->want.injected_wall_ms + 10000; /* none that late */
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_NOT_ASKED, "narrow `query` down", NULL);
}

static void a_fault_older_than_what_was_asked_for_leaves_absence_open(void **state)
{
	struct stand *stand = *state;

	stand->want.injected_wall_ms -= 3 * 3600000;
	see(stand, HOP_PEAK, NULL, 0, NULL);
	stand_says(stand, 0, HOP_LOG, HOP_NOT_ASKED, NULL, NULL);
}

static void what_is_not_loki_is_not_asked(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
	} rows[] = {
	    {200, "<html>", "a page for people"},
	    {200, "{}", "is not what type \"loki\" answers"},
	    {200, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}",
	     "numbers"},
	    {400, "parse error at line 1, col 5", "parse error at line 1"},
	    {401, "no org id", "no org id"},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stand_answers(stand, "/", "%s", rows[i].body)->status = rows[i].status;
		stand_observe(stand, &hop_loki, HOP_PEAK);
		assert_null(stand->observed[HOP_PEAK].json);
		explain(stand);
		stand_says(stand, 0, HOP_LOG, HOP_NOT_ASKED, rows[i].says, NULL);
	}
}

static void one_question_that_fails_leaves_the_other(void **state)
{
	struct stand *stand = *state;
	struct buf values = {0};

	stand_answers(stand, MARKED, "too slow")->status = 504;
	add(stand, &values, 1000, OUR_OWN);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, NULL, NULL);
}

static void all_lines_of_the_time_will_do_when_the_search_for_the_id_fails(void **state)
{
	struct stand *stand = *state;
	struct buf values = {0};

	stand_answers(stand, MARKED, "too slow")->status = 504;
	add(stand, &values, 1000, OTHERS);
	add(stand, &values, -1500, OTHERS);
	answers(stand, ALL, &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	/* all lines of the time were seen, and so their ids would have been */
	stand_says(stand, 0, HOP_LOG, HOP_LACKED_IT, NULL, NULL);
}

static void it_may_stand_for_another_station(void **state)
{
	struct stand *stand = *state;

	stand->settings.station = stand_words("emission");
	see(stand, HOP_PEAK, NULL, 0, OUR_OWN);
	stand_says(stand, 0, HOP_EMISSION, HOP_HAD_IT, NULL, NULL);
}

static void a_long_line_is_shown_around_its_id(void **state)
{
	struct stand *stand = *state;
	struct buf line = {0}, values = {0};

	for (int i = 0; i < 3000; i++)
		buf_adds(&line, "x");
	buf_adds(&line, " " OUR_OWN);
	add(stand, &values, 50, line.data);
	buf_done(&line);
	answers(stand, "/", &values);
	stand_observe(stand, &hop_loki, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_LOG, HOP_HAD_IT, "publish failed queue=orders-" STAND_DRILL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(a_line_with_the_id_had_it_since_it_was_written),
	    test(the_two_questions_are_as_loki_documents_them),
	    test(a_line_that_came_after_the_watch_counts_too),
	    test(an_id_in_a_label_counts_as_well),
	    test(lines_only_since_the_fault_are_its_own_even_without_the_id),
	    test(lines_as_before_without_the_id_are_not_it),
	    test(lines_long_before_do_not_count),
	    test(the_other_clock_is_subtracted),
	    test(a_thousand_other_lines_hide_nothing_that_has_the_id),
	    test(a_thousand_other_lines_leave_absence_open),
	    test(a_fault_older_than_what_was_asked_for_leaves_absence_open),
	    test(what_is_not_loki_is_not_asked),
	    test(one_question_that_fails_leaves_the_other),
	    test(all_lines_of_the_time_will_do_when_the_search_for_the_id_fails),
	    test(it_may_stand_for_another_station),
	    test(a_long_line_is_shown_around_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
