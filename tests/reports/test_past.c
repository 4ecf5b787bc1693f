/* Past drills as lines of a table, as a whole story, as JSON; and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "reports/past_report.h"
#include "reports/past_table.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_past.h"
#include "tests/reports/make_record.h"

static const struct view file = {.ascii = true};

static void assert_has(const char *text, const char *expected)
{
	if (strstr(text, expected) == NULL)
		fail_msg("\"%s\" is not in:\n%s", expected, text);
}

/* The table. */

static void line_of(struct buf *buf, const struct history_drill *drill, const struct view *view)
{
	struct past_widths widths = PAST_WIDTHS;
	struct past past;

	past_of_drill(&past, drill);
	past_table_measure(&widths, &past);
	past_table_line(buf, view, &widths, &past);
	past_done(&past);
}

static void assert_line(const struct history_drill *drill, const struct view *view,
			const char *expected)
{
	struct buf text = {0};

	line_of(&text, drill, view);
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
}

static void a_drill_is_one_line_with_its_time_verdict_place_id_and_what_became_of_it(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");

	(void)state;
	assert_line(&drill, &file,
		    "2026-11-21 10:00:58  gap      bad-queue  production  fd-k3q9x2m7  "
		    "QueueMissing never reached #ops\n");
	drill.origin = "repeat";
	drill.repeats = "fd-aaaaaaaa";
	assert_line(&drill, &file,
		    "2026-11-21 10:00:58  gap      bad-queue  production  fd-k3q9x2m7  "
		    "(repeat of fd-aaaaaaaa) QueueMissing never reached #ops\n");
}

static void a_line_fits_the_window_and_says_less_in_a_narrow_one(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");

	(void)state;
	assert_line(&drill, &(struct view){.ascii = true, .columns = 90},
		    "2026-11-21 10:00:58  gap      bad-queue  production  fd-k3q9x2m7  "
		    "QueueMissing never re...\n");
	assert_line(&drill, &(struct view){.ascii = true, .columns = 76},
		    "2026-11-21 10:00:58  gap      bad-queue  production  fd-k3q9x2m7  \n");
}

static void a_window_too_narrow_for_all_keeps_the_id_and_the_verdict(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");

	(void)state;
	assert_line(&drill, &(struct view){.ascii = true, .columns = 40},
		    "fd-k3q9x2m7  gap      bad-queue  prod...\n");
	assert_line(&drill, &(struct view){.ascii = true, .columns = 30},
		    "fd-k3q9x2m7  gap      bad-q...\n");
}

static void a_drill_without_its_report_is_told_by_what_else_is_known(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "inconclusive");
	struct buf text = {0};
	struct past past;

	(void)state;
	drill.reason = "confounded";
	drill.report = NULL;
	assert_line(&drill, &file,
		    "2026-11-21 10:00:58  inconclusive  bad-queue  production  fd-k3q9x2m7  "
		    "inconclusive: confounded; its report is not kept\n");
	past_of_drill(&past, &drill);
	past_report(&text, &file, &past);
	assert_has(buf_text(&text), "INCONCLUSIVE (confounded)  bad-queue in production");
	assert_has(buf_text(&text), "+ delivered     QueueMissing in #ops after 2.1 s");
	buf_done(&text);
	past_done(&past);
}

/* The whole story. */

static void the_story_of_a_gap_holds_all_that_is_known_of_it(void **state)
{
	static const struct history_evidence evidence[] = {
	    {"message", "#ops", 0, PAST_NOW_MS, "[FIRING:1] Queue\n  runbook"},
	    {"probe", "receiver", 0, PAST_NOW_MS, "refused: 404"},
	    {"note", "", -1, 0, "24 more of what it saw is not kept"},
	    {"log", "", -1, 0, "time=1 phase=guard\ntime=2 phase=inject\033[2J\n"},
	};
	static const char *const expected[] = {
	    "GAP  bad-queue in production  fd-k3q9x2m7  12.5 s\n",
	    "  QueueMissing never reached #ops\n",
	    "2026-11-21 10:00:45 UTC, by hand",
	    "  x missing       QueueMissing in #ops within 90 s: never arrived\n",
	    "  + rule          prometheus: it fired\n",
	    "  lost            between alertmanager and chat: answered 404\n",
	    "  probes          a probe was refused\n",
	    "  likely cause    the webhook is gone\n",
	    "  what to do      make a new one\n",
	    "bad-queue-name via http, clean: PUT answered 200\n",
	    "  owner           payments\n",
	    "  inject          after 1.1 s\n",
	    "    #ops, 2026-11-21 10:00:58 UTC\n      | [FIRING:1] Queue\n      | runbook\n",
	    "  receiver        refused: 404\n",
	    "24 more of what it saw is not kept",
	    "firedrill report fd-k3q9x2m7 --log",
	};
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");
	struct buf text = {0};
	struct past past;

	(void)state;
	drill.evidence = evidence;
	drill.evidence_count = 4;
	past_of_drill(&past, &drill);
	past_report(&text, &file, &past);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_has(buf_text(&text), expected[i]);
	buf_done(&text);
	assert_true(past_log(&text, &past));
	assert_string_equal(buf_text(&text), "time=1 phase=guard\ntime=2 phase=inject [2J\n");
	buf_done(&text);
	past_done(&past);
}

static void a_fault_that_was_left_is_shouted(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");
	struct buf text = {0};
	struct past past;

	(void)state;
	drill.exit_code = 3;
	past_of_drill(&past, &drill);
	past_report(&text, &file, &past);
	assert_has(buf_text(&text), "WHEN THE DRILL ENDED");
	assert_has(buf_text(&text), "`firedrill status`");
	buf_done(&text);
	past_done(&past);
}

/* JSON. */

static void the_line_of_json_is_the_stored_one_and_who_wanted_it(void **state)
{
	static const struct history_evidence evidence[] = {
	    {"message", "#ops", 0, PAST_NOW_MS, "[FIRING] \xff"},
	    {"log", "", 7, 0, "line"},
	};
	struct history_drill drill = past_drill("fd-k3q9x2m7", "pass");
	struct past past;
	char *line;

	(void)state;
	drill.evidence = evidence;
	drill.evidence_count = 2;
	past_of_drill(&past, &drill);
	line = past_json(&past, false);
	assert_string_equal(line,
			    "{\"text\":\"every alert came\",\"origin\":\"hand\",\"repeats\":null,"
			    "\"ended\":\"2026-11-21T10:00:58.000Z\"}");
	free(line);
	line = past_json(&past, true);
	assert_has(line, ",\"evidence\":[{\"kind\":\"message\",\"source\":\"#ops\","
			 "\"alert\":\"QueueMissing\",\"at\":\"2026-11-21T10:00:58.000Z\","
			 "\"text\":\"[FIRING] \xef\xbf\xbd\"},{\"kind\":\"log\",\"source\":\"\","
			 "\"alert\":null,\"at\":null,\"text\":\"line\"}]}");
	free(line);
	past_done(&past);
}

static void a_report_alone_tells_when_it_was_and_how_it_ended(void **state)
{
	struct past past;

	(void)state;
	assert_true(past_of_report(&past, past_gap_report));
	assert_string_equal(past.drill, "fd-k3q9x2m7");
	assert_string_equal(past.verdict, "gap");
	assert_string_equal(past.reason, "");
	assert_int_equal(past.exit_code, 1);
	assert_int_equal(past.started_wall_ms, PAST_NOW_MS - 13000); /* whole seconds */
	assert_int_equal(past.ended_wall_ms, past.started_wall_ms + 12500);
	past_done(&past);
	assert_false(past_of_report(&past, "[]"));
	assert_false(past_of_report(&past, NULL));
	assert_false(past_of_report(&past, "{\"drill\":"));
}

/* Damage. */

static void whatever_is_stored_is_shown_without_a_crash_or_a_control_character(void **state)
{
	static const char *const reports[] = {
	    "",
	    "{",
	    "[]",
	    "null",
	    "{\"text\":7,\"gap\":[],\"fault\":\"x\",\"phases\":{},\"expectations\":\"\"}",
	    "{\"expectations\":[1,null,[],{\"verdict\":{}},{\"latency_ms\":1e308}]}",
	    "{\"phases\":[{\"phase\":1,\"at_ms\":-1},{\"phase\":\"x\",\"at_ms\":9e99}]}",
	    "{\"gap\":{\"after\":\"\\u001b[2J\",\"before\":\"\\n\\n\",\"evidence\":{}}}",
	    "{\"hops\":[{\"hop\":\"\\u202e\",\"state\":\"\\u009b\",\"name\":\"\\u0000\"}]}",
	    "{\"drill\":\"\xff\",\"origin\":{},\"evidence\":1,\"ended\":[]}",
	};
	const struct history_evidence evidence[] = {
	    {"message", HOSTILE, 99, INT64_MAX, HOSTILE},
	    {"\033[2J", HOSTILE, -7, INT64_MIN, HOSTILE},
	    {"log", "", 0, 0, HOSTILE},
	};
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");

	(void)state;
	drill.verdict = drill.reason = drill.origin = drill.repeats = drill.scenario = HOSTILE;
	drill.started_wall_ms = -5;
	drill.ended_wall_ms = INT64_MAX;
	drill.evidence = evidence;
	drill.evidence_count = 3;
	for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
		struct buf text = {0};
		struct past past;
		char *line;

		drill.report = reports[i];
		line_of(&text, &drill, &file);
		past_of_drill(&past, &drill);
		past_report(&text, &file, &past);
		(void)past_log(&text, &past);
		assert_true(text_is_utf8(buf_text(&text)));
		assert_false(text_has_control(buf_text(&text), true));
		buf_done(&text);
		line = past_json(&past, true);
		assert_true(text_is_utf8(line));
		assert_false(text_has_control(line, false));
		free(line);
		past_done(&past);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_drill_is_one_line_with_its_time_verdict_place_id_and_what_became_of_it),
	    cmocka_unit_test(a_line_fits_the_window_and_says_less_in_a_narrow_one),
	    cmocka_unit_test(a_window_too_narrow_for_all_keeps_the_id_and_the_verdict),
	    cmocka_unit_test(a_drill_without_its_report_is_told_by_what_else_is_known),
	    cmocka_unit_test(the_story_of_a_gap_holds_all_that_is_known_of_it),
	    cmocka_unit_test(a_fault_that_was_left_is_shouted),
	    cmocka_unit_test(the_line_of_json_is_the_stored_one_and_who_wanted_it),
	    cmocka_unit_test(a_report_alone_tells_when_it_was_and_how_it_ended),
	    cmocka_unit_test(whatever_is_stored_is_shown_without_a_crash_or_a_control_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
