/* JUnit XML: which element a verdict becomes, and that no text can break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "reports/junit.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_past.h"
#include "tests/reports/make_record.h"

static void add(struct junit *junit, const struct history_drill *drill)
{
	struct past past;

	past_of_drill(&past, drill);
	junit_add(junit, &past);
	past_done(&past);
}

static char *of_one(const struct history_drill *drill)
{
	struct junit *junit = junit_new();
	char *text;

	add(junit, drill);
	text = junit_text(junit);
	junit_free(junit);
	return text;
}

static void assert_has(const char *text, const char *expected)
{
	if (strstr(text, expected) == NULL)
		fail_msg("\"%s\" is not in:\n%s", expected, text);
}

static void nothing_is_a_file_without_suites(void **state)
{
	struct junit *junit = junit_new();
	char *text = junit_text(junit);

	(void)state;
	assert_string_equal(text,
			    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<testsuites name=\"firedrill\" tests=\"0\" failures=\"0\" errors=\"0\""
			    " skipped=\"0\" time=\"0.000\">\n</testsuites>\n");
	free(text);
	junit_free(junit);
	junit_free(NULL);
}

static void a_gap_is_a_failure_with_what_whoever_looks_at_it_needs(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");
	char *text = of_one(&drill);

	(void)state;
	assert_string_equal(
	    text,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites name=\"firedrill\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""
	    " time=\"12.500\">\n"
	    " <testsuite name=\"production\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""
	    " time=\"12.500\" timestamp=\"2026-11-21T10:00:45\">\n"
	    "  <testcase name=\"bad-queue\" classname=\"production\" time=\"12.500\">\n"
	    "   <failure message=\"QueueMissing never reached #ops\" type=\"gap\">"
	    "QueueMissing in #ops: missing, never arrived\n"
	    "lost between alertmanager and chat\n"
	    "evidence: answered 404\n"
	    "likely cause: the webhook is gone\n"
	    "what to do: make a new one\n"
	    "runbook: https://wiki.example/queue\n"
	    "owner: payments\n"
	    "report: https://chat.example/p1\n"
	    "</failure>\n"
	    "   <system-out>2026-11-21 10:00:45 UTC fd-k3q9x2m7 gap: QueueMissing never reached "
	    "#ops\n"
	    "</system-out>\n"
	    "  </testcase>\n"
	    " </testsuite>\n"
	    "</testsuites>\n");
	free(text);
}

static void assert_element(const char *verdict, int exit_code, const char *expected)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", verdict);
	char *text;

	drill.exit_code = exit_code;
	drill.reason = strcmp(verdict, "inconclusive") == 0 ? "unobservable" : "";
	text = of_one(&drill);
	if (expected == NULL) {
		assert_null(strstr(text, "<failure"));
		assert_null(strstr(text, "<error"));
		assert_null(strstr(text, "<skipped"));
	} else {
		assert_has(text, expected);
	}
	free(text);
}

static void every_verdict_has_its_element(void **state)
{
	(void)state;
	assert_element("pass", 0, NULL);
	assert_element("pass", 7, NULL);
	assert_element("flaky", 0, NULL);
	assert_element("gap", 1, "<failure ");
	assert_element("inconclusive", 5,
		       "<error message=\"every alert came\""
		       " type=\"unobservable\">");
	assert_element("refused", 4, "<skipped message=\"every alert came\">");
	assert_element("aborted", 6, "<skipped ");
	assert_element("of a later version", 0, "<error ");
	assert_element("pass", 3, "<error message=\"FAULT NOT CONFIRMED REVERTED");
	assert_element("gap", 3, "type=\"fault-left\"");
}

static void a_suite_is_an_environment_and_a_case_the_last_drill_of_a_scenario(void **state)
{
	struct history_drill drill = past_drill("fd-2", "gap");
	struct junit *junit = junit_new();
	const char *first, *last;
	char *text;

	(void)state;
	add(junit, &drill);
	drill = past_drill("fd-1", "pass");
	drill.started_wall_ms -= 60000;
	add(junit, &drill);
	drill = past_drill("fd-3", "pass");
	drill.environment = "staging";
	add(junit, &drill);
	drill.scenario = "a-queue";
	add(junit, &drill);
	text = junit_text(junit);
	assert_has(text, "<testsuites name=\"firedrill\" tests=\"3\" failures=\"1\"");
	assert_has(text, "<testsuite name=\"production\" tests=\"1\" failures=\"1\"");
	assert_has(text, "<testsuite name=\"staging\" tests=\"2\" failures=\"0\"");
	last = strstr(text, "fd-2 gap: QueueMissing never reached #ops\n");
	first = strstr(text, "fd-1 pass: every alert came\n</system-out>");
	assert_non_null(last);
	assert_true(first > last);
	free(text);
	junit_free(junit);
}

static void no_text_can_break_the_file(void **state)
{
	struct history_drill drill = past_drill("fd-k3q9x2m7", "gap");
	char *text;

	(void)state;
	drill.scenario = drill.environment = drill.reason = HOSTILE "]]> \" ' \xef\xbf\xbf \x01";
	drill.report = NULL;
	drill.drill = "<!-- -->";
	text = of_one(&drill);
	assert_true(text_is_utf8(text));
	assert_null(strstr(text, "]]>"));
	assert_null(strstr(text, "<!channel"));
	assert_null(strstr(text, "<!--"));
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xef\xbf\xbf"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_a_file_without_suites),
	    cmocka_unit_test(a_gap_is_a_failure_with_what_whoever_looks_at_it_needs),
	    cmocka_unit_test(every_verdict_has_its_element),
	    cmocka_unit_test(a_suite_is_an_environment_and_a_case_the_last_drill_of_a_scenario),
	    cmocka_unit_test(no_text_can_break_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
