/* The history of drills that have begun: known until they are over, and given up once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/store/history.h"
#include "tests/store/shelf.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct history_limits limits = {.keep_ms = 10 * DAY_MS, .bytes = HISTORY_BYTES};

static struct history *open_it(const struct shelf *shelf)
{
	struct error error = {""};
	struct history *history = history_open(shelf->path, &limits, &error);

	assert_string_equal(error.text, "");
	assert_non_null(history);
	return history;
}

static void note(struct history *history, const char *drill, int64_t ago_ms)
{
	const struct history_begun begun = {.drill = drill,
					    .scenario = "queue",
					    .environment = "staging",
					    .kind = "bad-queue-name",
					    .via = "http",
					    .origin = "repeat",
					    .repeats = "fd-first",
					    .started_wall_ms = clock_wall_ms() - ago_ms};

	assert_true(history_note_begun(history, &begun, 0, NULL));
}

static struct history_drill drill_of(const char *id, const char *verdict, int64_t ago_ms)
{
	static const struct history_evidence evidence = {
	    .kind = "fault", .source = "revert", .expect = -1, .text = "read back"};

	return (struct history_drill){.drill = id,
				      .scenario = "queue",
				      .environment = "staging",
				      .kind = "bad-queue-name",
				      .via = "http",
				      .origin = "repeat",
				      .repeats = "fd-first",
				      .verdict = verdict,
				      .reason = "",
				      .started_wall_ms = clock_wall_ms() - ago_ms - 1000,
				      .ended_wall_ms = clock_wall_ms() - ago_ms,
				      .report = "{}",
				      .evidence = &evidence,
				      .evidence_count = 1};
}

static bool give_up(struct history *history, const char *id, int64_t ago_ms)
{
	const struct history_drill drill = drill_of(id, "aborted", ago_ms);
	bool written = false;

	assert_true(history_add_unfinished(history, &drill, 0, &written, NULL));
	return written;
}

static void end(struct history *history, const char *id, const char *verdict, int64_t ago_ms)
{
	const struct history_drill drill = drill_of(id, verdict, ago_ms);

	assert_true(history_add(history, &drill, 0, NULL));
}

static bool on_begun(void *arg, const struct history_begun *begun)
{
	buf_addf(arg, "%s %s %s %s %s %s %s; ", begun->drill, begun->scenario, begun->environment,
		 begun->kind, begun->via, begun->origin, begun->repeats);
	return true;
}

static void assert_begun(struct history *history, const char *expected)
{
	struct buf told = {0};

	assert_true(history_visit_begun(history, on_begun, &told, NULL));
	assert_string_equal(buf_text(&told), expected);
	buf_done(&told);
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	buf_addf(arg, "%s %s; ", drill->drill, drill->verdict);
	return true;
}

static bool on_last(void *arg, const struct history_last *last)
{
	buf_addf(arg, "last %s %s, passed %s", last->drill, last->verdict, last->passed_drill);
	return true;
}

static void assert_told(struct history *history, const char *expected)
{
	const struct history_filter all = {0};
	struct buf told = {0};

	assert_true(history_visit_drills(history, &all, false, on_drill, &told, NULL));
	assert_true(history_visit_last(history, on_last, &told, NULL));
	assert_string_equal(buf_text(&told), expected);
	buf_done(&told);
}

static void a_drill_that_has_begun_is_known_until_it_is_over(void **state)
{
	struct history *history = open_it(*state);

	note(history, "fd-a", 1000);
	note(history, "fd-a", 1000);
	assert_begun(history, "fd-a queue staging bad-queue-name http repeat fd-first; ");
	history_close(history);
	history = open_it(*state);
	end(history, "fd-a", "pass", 0);
	assert_begun(history, "");
	note(history, "fd-a", 1000); /* over already */
	assert_begun(history, "");
	assert_told(history, "fd-a pass; last fd-a pass, passed fd-a");
	history_close(history);
}

static void one_that_nobody_finished_is_written_once_and_proves_nothing(void **state)
{
	struct history *history = open_it(*state), *other = open_it(*state);

	end(history, "fd-a", "pass", 9000);
	note(history, "fd-b", 8000);
	assert_false(give_up(other, "fd-a", 9000));
	assert_true(give_up(history, "fd-b", 7000));
	assert_false(give_up(other, "fd-b", 0));
	assert_begun(other, "");
	assert_told(other, "fd-b aborted; fd-a pass; last fd-b aborted, passed fd-a");
	history_close(history);
	history_close(other);
}

static void one_that_lives_after_all_has_the_last_word(void **state)
{
	struct history *history = open_it(*state);

	note(history, "fd-a", 8000);
	assert_true(give_up(history, "fd-a", 0));
	end(history, "fd-a", "pass", 5000);
	assert_told(history, "fd-a pass; last fd-a pass, passed fd-a");
	assert_false(give_up(history, "fd-a", 0));
	end(history, "fd-a", "gap", 0); /* and one word only */
	assert_told(history, "fd-a pass; last fd-a pass, passed fd-a");
	history_close(history);
}

static void one_that_would_be_forgotten_is_no_news(void **state)
{
	struct history *history = open_it(*state);

	note(history, "fd-old", 11 * DAY_MS);
	note(history, "fd-new", 9 * DAY_MS);
	assert_begun(history, "fd-new queue staging bad-queue-name http repeat fd-first; ");
	end(history, "fd-other", "pass", 0); /* forgets */
	assert_false(give_up(history, "fd-old", 0));
	assert_true(give_up(history, "fd-new", 9 * DAY_MS));
	assert_told(history, "fd-other pass; fd-new aborted; last fd-other pass, passed fd-other");
	history_close(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_drill_that_has_begun_is_known_until_it_is_over),
	    shelf_test(one_that_nobody_finished_is_written_once_and_proves_nothing),
	    shelf_test(one_that_lives_after_all_has_the_last_word),
	    shelf_test(one_that_would_be_forgotten_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
