/* Pages: whatever a text holds is shown and does nothing; what is not known is said so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "reports/coverage.h"
#include "reports/json.h"
#include "reports/page/html.h"
#include "reports/page/page.h"
#include "reports/page/parts.h"
#include "src/base/mem.h"
#include "tests/reports/make_record.h"

#define NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

static const struct page_frame served = {.home = "/", .zone = "UTC", .now_wall_ms = NOW};
static const struct page_frame alone = {.home = NULL, .zone = "UTC", .now_wall_ms = NOW};

static void assert_has(const struct buf *html, const char *text)
{
	if (strstr(buf_text(html), text) == NULL)
		fail_msg("\"%s\" is not in: %.3000s", text, buf_text(html));
}

static void assert_lacks(const struct buf *html, const char *text)
{
	if (strstr(buf_text(html), text) != NULL)
		fail_msg("\"%s\" is in: %.3000s", text, strstr(buf_text(html), text) - 80);
}

static size_t count_of(const struct buf *html, const char *text)
{
	size_t count = 0;

	for (const char *at = buf_text(html); (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

/* HTML. */

static void assert_plain(const char *text, size_t limit, const char *expected)
{
	struct buf html = {0};

	html_plain(&html, text, limit);
	assert_string_equal(buf_text(&html), expected);
	buf_done(&html);
}

static void markup_becomes_text(void **state)
{
	(void)state;
	assert_plain("<b onclick=\"x\">&amp;'</b>", 100,
		     "&lt;b onclick=&quot;x&quot;&gt;&amp;amp;&#39;&lt;/b&gt;");
}

static void control_characters_become_blanks_and_those_that_turn_or_hide_text_go(void **state)
{
	(void)state;
	assert_plain("a\x1b[31m\r\n\tb", 100, "a [31m b");
	assert_plain("exe.\xe2\x80\xaegpj\xe2\x80\xac \xe2\x81\xa6x\xe2\x81\xa9", 100, "exe.gpj x");
	assert_plain("a\xe2\x80\x8b\xef\xbb\xbf\xc2\xadz", 100, "az");
	assert_plain("\xc2\x9b"
		     "31m",
		     100, "31m");
}

static void broken_utf8_is_replaced(void **state)
{
	(void)state;
	assert_plain("a\xff\xc0\xaf"
		     "b",
		     100,
		     "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		     "b");
	assert_plain("\xed\xa0\x80", 1, "\xef\xbf\xbd\xe2\x80\xa6");
}

static void a_text_is_cut_in_whole_characters(void **state)
{
	(void)state;
	assert_plain("\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4\xc3\xb6\xe2\x80\xa6");
	assert_plain("ab", 2, "ab");
	assert_plain(NULL, 2, "");
}

static void a_block_keeps_its_lines_and_says_what_was_cut(void **state)
{
	struct buf html = {0};
	char *text = mem_zalloc(HTML_BLOCK + 101);

	(void)state;
	html_block(&html, "one\n\n\ttwo</pre><script>\x01");
	assert_string_equal(buf_text(&html), "<pre dir=\"auto\" tabindex=\"0\">\n"
					     "one\n\n\ttwo&lt;/pre&gt;&lt;script&gt; </pre>\n");
	buf_done(&html);
	memset(text, '<', HTML_BLOCK + 100);
	html_block(&html, text);
	assert_has(&html, "100 bytes more are not shown");
	assert_int_equal(count_of(&html, "&lt;"), HTML_BLOCK);
	buf_done(&html);
	free(text);
}

static void assert_link(const char *url, const char *expected)
{
	struct buf html = {0};

	assert_int_equal(html_link(&html, url), expected != NULL);
	if (expected != NULL)
		assert_has(&html, expected);
	else
		assert_int_equal(html.len, 0);
	buf_done(&html);
}

static void only_web_addresses_become_links(void **state)
{
	char *endless = mem_zalloc(5001);

	(void)state;
	memset(endless, 'a', 5000);
	memcpy(endless, "https://", 8);
	assert_link("https://chat.example/a?b=1&c=2#d",
		    "href=\"https://chat.example/a?b=1&amp;c=2#d\"");
	assert_link("HTTP://x.example/", "rel=\"noreferrer noopener\"");
	assert_link("https://x.example/\"><script>\n'",
		    "href=\"https://x.example/%22%3E%3Cscript%3E%0A%27\"");
	assert_link("javascript:alert(1)", NULL);
	assert_link("java\nscript:alert(1)", NULL);
	assert_link(" https://x.example", NULL);
	assert_link("data:text/html,x", NULL);
	assert_link("//x.example", NULL);
	assert_link("", NULL);
	assert_link(NULL, NULL);
	assert_link(endless, NULL);
	free(endless);
}

static void a_part_of_a_path_is_encoded(void **state)
{
	struct buf html = {0};

	(void)state;
	html_part(&html, "a b/../\"<\xc3\xa4?");
	assert_string_equal(buf_text(&html), "a%20b%2F..%2F%22%3C%C3%A4%3F");
	buf_done(&html);
}

/* A drill. */

static struct page_drill drill_of(const char *report, const char *verdict)
{
	return (struct page_drill){.drill = "fd-k3q9x2m7",
				   .scenario = "orders-bad-queue",
				   .environment = "production",
				   .verdict = verdict,
				   .reason = "",
				   .origin = "schedule",
				   .repeats = "",
				   .started_wall_ms = NOW - 100000,
				   .ended_wall_ms = NOW,
				   .report = report};
}

static void a_gap_tells_where_it_was_lost_and_draws_it(void **state)
{
	struct made *made = make_running();
	struct buf html = {0};
	struct page_drill drill;
	char *report;

	(void)state;
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never reached #ops");
	(void)make_finding(made, 0, FINDING_MISSING, -1, "never arrived in #ops");
	make_gap(made, "alertmanager", "receiver", "it has the alert");
	make_cause(made, "the receiver has no integration", "give it one");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 31000, "the rule fires");
	make_hop(made, HOP_RECEIVER, "alertmanager", HOP_LACKED_IT, -1, "posts nowhere");
	report = json_report(&made->record);
	drill = drill_of(report, "gap");
	assert_true(page_drill(&html, &served, &drill));
	assert_has(&html, "OrdersQueueMissing never reached #ops</bdi></h1>");
	assert_has(&html, "the receiver has no integration");
	assert_has(&html, "role=\"img\"");
	assert_has(&html, "had it after 31 s");
	assert_has(&html, "did not have it");
	assert_has(&html, "deadline 90 s");
	assert_has(&html, "<dd><bdi>give it one</bdi></dd>");
	assert_has(&html, "href=\"/scenario/orders-bad-queue\"");
	buf_done(&html);
	assert_true(page_drill(&html, &alone, &drill));
	assert_lacks(&html, "href=\"/");
	buf_done(&html);
	free(report);
	made_free(made);
}

static void a_fault_that_was_not_reverted_is_said_first(void **state)
{
	struct made *made = make_running();
	struct buf html = {0};
	struct page_drill drill;
	char *report;

	(void)state;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	make_stuck(made, "connection refused");
	report = json_report(&made->record);
	drill = drill_of(report, "pass");
	assert_true(page_drill(&html, &served, &drill));
	assert_has(&html, "<main id=\"main\">\n<section class=\"loud\"");
	assert_has(&html, "was not confirmed reverted");
	buf_done(&html);
	free(report);
	made_free(made);
}

static void a_report_that_is_damaged_or_missing_says_so(void **state)
{
	static const char *const reports[] = {
	    "",
	    "{",
	    "[]",
	    "null",
	    "{\"verdict\":7,\"phases\":{},\"hops\":[1,null,\"x\",{}],\"expectations\":[[],{}]}",
	    "{\"gap\":{\"after\":[]},\"fault\":[],\"expectations\":3,\"phases\":[{\"at_ms\":-1}]}"};
	struct page_drill drill = drill_of(NULL, "gap");
	const struct page_evidence evidence = {"message", "#ops", "hello", 7, NOW};
	struct buf html = {0};

	(void)state;
	drill.evidence = &evidence;
	drill.evidence_count = 1;
	assert_false(page_drill(&html, &served, &drill));
	assert_has(&html, "was not kept");
	assert_has(&html, "hello</pre>");
	buf_done(&html);
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		drill.report = reports[i];
		assert_false(page_drill(&html, &served, &drill));
		assert_has(&html, "is damaged");
		assert_has(&html, "hello</pre>");
		buf_done(&html);
	}
}

static void times_out_of_all_bounds_do_no_harm(void **state)
{
	const char *report =
	    "{\"verdict\":\"gap\",\"fault\":{\"injected_ms\":1e300,\"reverted_ms\":-5},"
	    "\"phases\":[{\"phase\":\"guard\",\"at_ms\":99999999999999},{\"phase\":\"inject\","
	    "\"at_ms\":1},{\"phase\":\"witness\",\"at_ms\":2},{\"phase\":\"done\",\"at_ms\":0}],"
	    "\"expectations\":[{\"alert\":\"A\",\"verdict\":\"late\",\"channel\":\"#ops\","
	    "\"latency_ms\":99999999999999,\"within_ms\":99999999999999,\"resolved\":"
	    "{\"verdict\":\"late\",\"latency_ms\":99999999999999}}],"
	    "\"hops\":[{\"alert\":\"A\",\"hop\":\"rule\",\"state\":\"had-it\",\"at_ms\":0}]}";
	struct page_drill drill = drill_of(report, "gap");
	struct buf html = {0};

	(void)state;
	assert_true(page_drill(&html, &served, &drill));
	assert_has(&html, "<svg");
	buf_done(&html);
}

/* A few hundred lanes, a thousand alerts: the page stays small. */
static void a_report_without_end_is_cut(void **state)
{
	struct buf report = {0}, html = {0};
	struct page_drill drill;

	(void)state;
	buf_adds(&report, "{\"verdict\":\"gap\",\"expectations\":[");
	for (int i = 0; i < 2000; i++)
		buf_addf(&report, "%s{\"alert\":\"A%d\",\"verdict\":\"missing\",\"within_ms\":%d}",
			 i > 0 ? "," : "", i, i);
	buf_adds(&report, "]}");
	drill = drill_of(buf_text(&report), "gap");
	assert_true(page_drill(&html, &served, &drill));
	assert_in_range(html.len, 1000, 600000);
	assert_has(&html, "are not shown");
	buf_done(&html);
	buf_done(&report);
}

/* The others. */

static void the_overview_shows_what_is_left_first_and_every_state_in_words(void **state)
{
	const char *const environments[] = {"staging", "production"};
	const bool protected_[] = {false, true};
	const char *const faults[] = {"a <fault> is left"};
	const struct page_cell cells[] = {{.verdict = "gap",
					   .reason = "",
					   .drill = "fd-a",
					   .ended_wall_ms = NOW - 1000,
					   .next_wall_ms = NOW + 720000},
					  {.column = 1, .next_wall_ms = -1, .running = true}};
	const struct page_row row = {"orders", "sum", NULL, cells, 2};
	const struct page_overview overview = {.environments = environments,
					       .protected_ = protected_,
					       .environment_count = 2,
					       .rows = &row,
					       .row_count = 1,
					       .shown_count = 1,
					       .halted = "by ann",
					       .unknown = "the ledger <x> was moved or removed",
					       .faults = faults,
					       .fault_count = 1};
	struct buf html = {0};

	(void)state;
	page_overview(&html, &served, &overview);
	assert_has(&html, "<main id=\"main\">\n<section class=\"loud\" role=\"alert\">"
			  "<h2>1 fault is not confirmed reverted</h2>");
	assert_has(&html, "a &lt;fault&gt; is left");
	assert_has(&html, "Halted: nothing new is broken");
	assert_has(&html, "What is in place now is not known: nothing new is broken</h2>"
			  "<p>");
	assert_has(&html, "the ledger &lt;x&gt; was moved");
	assert_has(&html, "never proven");
	assert_has(&html, "in 12 min");
	assert_has(&html, " (halted)");
	assert_has(&html, "never drilled");
	assert_has(&html, "running now");
	assert_has(&html, "not scheduled");
	assert_has(&html, "http-equiv=\"refresh\"");
	assert_has(&html, "<title>FAULT LEFT");
	buf_done(&html);
	page_overview(&html, &alone, &overview);
	assert_lacks(&html, "http-equiv=\"refresh\"");
	buf_done(&html);
}

/* Cells are there only where a scenario may run: each has to come under its own environment. */
static void a_scenario_stands_under_its_environments_and_is_off_in_the_others(void **state)
{
	const char *const environments[] = {"dev", "staging", "production"};
	const bool protected_[] = {false, false, false};
	const struct page_cell cells[] = {
	    {.verdict = "pass", .drill = "fd-a", .passed_wall_ms = NOW, .next_wall_ms = -1},
	    {.column = 2, .verdict = "gap", .reason = "", .drill = "fd-b", .next_wall_ms = -1},
	    {.column = 1, .verdict = "inconclusive", .reason = "", .next_wall_ms = -1}};
	const struct page_row rows[] = {{"nowhere", "sum", NULL, cells, 0},
					{"outside", "sum", NULL, cells, 2},
					{"inside", "sum", NULL, &cells[2], 1}};
	const struct page_overview overview = {.environments = environments,
					       .protected_ = protected_,
					       .environment_count = 3,
					       .rows = rows,
					       .row_count = 3,
					       .shown_count = 3};
	const char *const in_order[] = {">nowhere<",
					"class=\"off\" data-at=\"dev\"",
					"class=\"off\" data-at=\"staging\"",
					"class=\"off\" data-at=\"production\"",
					">outside<",
					"<td data-at=\"dev\"",
					"pass",
					"class=\"off\" data-at=\"staging\"",
					"<td data-at=\"production\"",
					"gap",
					">inside<",
					"class=\"off\" data-at=\"dev\"",
					"<td data-at=\"staging\"",
					"inconclusive",
					"class=\"off\" data-at=\"production\""};
	struct buf html = {0};
	const char *at;

	(void)state;
	page_overview(&html, &served, &overview);
	at = strstr(buf_text(&html), "<tbody>");
	for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
		assert_non_null(at);
		at = strstr(at, in_order[i]);
	}
	assert_non_null(at);
	assert_int_equal(count_of(&html, "class=\"off\""), 6);
	assert_has(&html, "</b> pass</span>");
	assert_int_equal(count_of(&html, "<span>in <bdi>production</bdi></span>"), 1);
	assert_int_equal(count_of(&html, "<span>in <bdi>staging</bdi></span>"), 1);
	assert_lacks(&html, "<span>in <bdi>dev</bdi></span>");
	buf_done(&html);
}

static void a_gap_stays_open_on_the_overview_when_the_last_drill_proved_nothing(void **state)
{
	const char *const environments[] = {"staging", "production"};
	const bool protected_[] = {false, true};
	const struct page_cell cells[] = {{.verdict = "refused",
					   .drill = "fd-a",
					   .ended_wall_ms = NOW - 1000,
					   .next_wall_ms = -1,
					   .gap_wall_ms = NOW - 720000},
					  {.column = 1,
					   .verdict = "pass",
					   .drill = "fd-b",
					   .ended_wall_ms = NOW - 1000,
					   .passed_wall_ms = NOW - 1000,
					   .next_wall_ms = -1}};
	const struct page_row row = {"orders", "sum", NULL, cells, 2};
	const struct page_overview overview = {.environments = environments,
					       .protected_ = protected_,
					       .environment_count = 2,
					       .rows = &row,
					       .row_count = 1,
					       .shown_count = 1};
	struct buf html = {0};

	(void)state;
	page_overview(&html, &served, &overview);
	assert_has(&html, "<title>1 gap");
	assert_has(&html, "<section class=\"card bad\"><h2>Needs you</h2>");
	assert_int_equal(count_of(&html, "gap open, first seen "), 1);
	assert_has(&html, "gap still open");
	assert_has(&html, "12 min ago");
	buf_done(&html);
}

static void a_scenario_counts_what_came_and_shows_what_never_did(void **state)
{
	struct page_latency latencies[120];
	const struct page_scenario scenario = {
	    .scenario = "orders", .latencies = latencies, .latency_count = 120};
	struct buf html = {0};

	(void)state;
	for (int i = 0; i < 120; i++)
		latencies[i] = (struct page_latency){"production",
						     "fd-x",
						     "A",
						     "#ops",
						     i == 60 ? "missing" : "delivered",
						     NOW + i * 3600000,
						     i == 60 ? -1 : 1000 + i * 10,
						     i < 50 ? -1 : 5000};
	page_scenario(&html, &served, &scenario);
	assert_has(&html, "119 of 120");
	assert_has(&html, "is not in the configuration any more");
	assert_int_equal(count_of(&html, "class=\"x bad\""), 1);
	assert_int_equal(count_of(&html, "<circle"), 119);
	assert_has(&html, "<path class=\"dead\" d=\"M");
	buf_done(&html);
}

static void an_alert_that_nobody_knows_of_did_not_fail_to_come(void **state)
{
	const struct page_latency latencies[] = {
	    {"production", "fd-x", "A", "#ops", "delivered", NOW, 10, -1},
	    {"production", "fd-y", "A", "#ops", "unknown", NOW + 1000, -1, -1},
	    {"production", "fd-z", "A", "#ops", "missing", NOW + 2000, -1, -1}};
	const struct page_scenario scenario = {
	    .scenario = "orders", .latencies = latencies, .latency_count = 3};
	struct buf html = {0};

	(void)state;
	page_scenario(&html, &served, &scenario);
	assert_has(&html, ">1 of 2, 1 not known</td>");
	assert_has(&html, "1 of 2 alerts came in time, 1 not known");
	buf_done(&html);
}

static void one_drill_alone_makes_a_chart(void **state)
{
	const struct page_latency latency = {"production", "fd-x", "A", "#ops",
					     "delivered",  NOW,    0,   -1};
	const struct page_scenario scenario = {
	    .scenario = "orders", .latencies = &latency, .latency_count = 1};
	struct buf html = {0};

	(void)state;
	page_scenario(&html, &served, &scenario);
	assert_int_equal(count_of(&html, "<circle"), 1);
	buf_done(&html);
}

static void coverage_lists_what_was_never_proven_first(void **state)
{
	struct coverage coverage = {.now_wall_ms = NOW, .since_ms = 1000};
	struct coverage_part *part = coverage_add_part(&coverage, "production", "main");
	struct coverage_item item = {.pipeline = (char *)(uintptr_t) "main",
				     .hop = (char *)(uintptr_t) "prometheus",
				     .name = (char *)(uintptr_t) "Proven",
				     .detail = (char *)(uintptr_t) "",
				     .listed = true,
				     .last_drill = (char *)(uintptr_t) "fd-x",
				     .first_wall_ms = NOW - 10,
				     .last_wall_ms = NOW - 10,
				     .proofs = 1,
				     .p50_ms = 10,
				     .p99_ms = 10};
	struct buf html = {0};

	(void)state;
	part->tells[COVERAGE_RULE] = true;
	coverage_add_item(part, &item);
	item = (struct coverage_item){.pipeline = item.pipeline,
				      .hop = item.hop,
				      .name = (char *)(uintptr_t) "<Never>",
				      .detail = item.detail,
				      .listed = true,
				      .p50_ms = -1,
				      .p99_ms = -1};
	coverage_add_item(part, &item);
	coverage_finish(&coverage);
	page_coverage(&html, &served, &coverage);
	assert_true(strstr(buf_text(&html), "&lt;Never&gt;") < strstr(buf_text(&html), ">Proven<"));
	assert_has(&html, "1 of 2 rules proven");
	buf_done(&html);
	coverage_done(&coverage);
}

static void a_message_says_it_and_leads_back(void **state)
{
	struct buf html = {0};

	(void)state;
	page_message(&html, &served, "No <such> drill", "It \"is\" gone");
	assert_has(&html, "<h1><bdi>No &lt;such&gt; drill</bdi></h1>");
	assert_has(&html, "<a href=\"/\">To the overview</a>");
	buf_done(&html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(markup_becomes_text),
	    cmocka_unit_test(control_characters_become_blanks_and_those_that_turn_or_hide_text_go),
	    cmocka_unit_test(broken_utf8_is_replaced),
	    cmocka_unit_test(a_text_is_cut_in_whole_characters),
	    cmocka_unit_test(a_block_keeps_its_lines_and_says_what_was_cut),
	    cmocka_unit_test(only_web_addresses_become_links),
	    cmocka_unit_test(a_part_of_a_path_is_encoded),
	    cmocka_unit_test(a_gap_tells_where_it_was_lost_and_draws_it),
	    cmocka_unit_test(a_fault_that_was_not_reverted_is_said_first),
	    cmocka_unit_test(a_report_that_is_damaged_or_missing_says_so),
	    cmocka_unit_test(times_out_of_all_bounds_do_no_harm),
	    cmocka_unit_test(a_report_without_end_is_cut),
	    cmocka_unit_test(the_overview_shows_what_is_left_first_and_every_state_in_words),
	    cmocka_unit_test(a_scenario_stands_under_its_environments_and_is_off_in_the_others),
	    cmocka_unit_test(a_gap_stays_open_on_the_overview_when_the_last_drill_proved_nothing),
	    cmocka_unit_test(a_scenario_counts_what_came_and_shows_what_never_did),
	    cmocka_unit_test(an_alert_that_nobody_knows_of_did_not_fail_to_come),
	    cmocka_unit_test(one_drill_alone_makes_a_chart),
	    cmocka_unit_test(coverage_lists_what_was_never_proven_first),
	    cmocka_unit_test(a_message_says_it_and_leads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
