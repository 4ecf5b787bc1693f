/* Drills as lines for a terminal: running ones, results, the summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "reports/live.h"
#include "reports/plain.h"
#include "reports/result.h"
#include "src/base/mem.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

#define CLEAR    "\033[K\n"
#define AT_12_S  (MADE_INJECTED_MS + 12000)
#define TITLE    "orders-bad-queue  production  fd-k3q9x2m7"
#define DONE     " orders-bad-queue in production  fd-k3q9x2m7  2 min 1 s\n"
#define REVERTED "  fault           reverted and confirmed at 10:02:29 UTC (in place for 90.2 s)\n"

static const struct view wide = {.columns = 200};
static const struct view ascii = {.ascii = true, .columns = 200};

static char *live_of(const struct made *made, const struct view *view)
{
	size_t widths[LIVE_ROWS];
	struct buf buf = {0};

	live_block(&buf, view, &made->record, AT_12_S, widths);
	return buf_take(&buf);
}

static void assert_live(struct made *made, const struct view *view, const char *text)
{
	char *block = live_of(made, view);

	assert_string_equal(block, text);
	free(block);
	made_free(made);
}

static void assert_result(struct made *made, const struct view *view, const char *text)
{
	struct buf buf = {0};

	result_block(&buf, view, &made->record);
	assert_string_equal(buf_text(&buf), text);
	buf_done(&buf);
	made_free(made);
}

/* Running. */

static void a_running_drill_shows_phases_and_elapsed_against_the_deadline(void **state)
{
	(void)state;
	assert_live(make_running(), &ascii,
		    TITLE
		    "  fault in place" CLEAR
		    "  guard + baseline + announce + record + inject + witness + watch * revert . "
		    "confirm . recovery . explain . report ." CLEAR
		    "  ###---------------------  12 s of 90 s  waiting for OrdersQueueMissing in "
		    "#ops" CLEAR);
}

static void with_utf8_it_has_ticks_and_a_bar_of_lines(void **state)
{
	char *block;
	struct made *made = make_running();

	(void)state;
	block = live_of(made, &wide);
	assert_non_null(strstr(block, "guard \xe2\x9c\x93 baseline \xe2\x9c\x93 "));
	assert_non_null(strstr(block, "watch \xe2\x97\x8f revert \xc2\xb7 "));
	assert_non_null(strstr(block, "\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x80"));
	free(block);
	made_free(made);
}

static void in_a_narrow_window_the_phases_around_the_present_one_are_shown(void **state)
{
	(void)state;
	assert_live(
	    make_running(), &(struct view){.columns = 50},
	    "orders-bad-queue  production  fd-k3q9x2m7  fault\xe2\x80\xa6" CLEAR
	    "  \xe2\x80\xa6 witness \xe2\x9c\x93 watch \xe2\x97\x8f revert \xc2\xb7 confirm "
	    "\xc2\xb7 \xe2\x80\xa6" CLEAR
	    "  12 s of 90 s  waiting for OrdersQueueMissing i\xe2\x80\xa6" CLEAR);
}

static void no_line_is_wider_than_the_window_whatever_it_holds(void **state)
{
	char *hostile = make_hostile(3000);
	struct made *made = make_running();

	(void)state;
	for (size_t columns = 1; columns < 160; columns++) {
		for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
			const struct view view = {.columns = columns, .ascii = columns % 2 == 0};
			char *block, *rest, *line;
			size_t widths[LIVE_ROWS], row = 0;
			struct buf buf = {0};

			made->scenario.name = phase % 2 == 0 ? hostile : "orders-bad-queue";
			made->environment.name = hostile;
			made->expect[0].alert = hostile;
			made->record.phase = (enum phase)phase;
			live_block(&buf, &view, &made->record, AT_12_S, widths);
			block = rest = buf_take(&buf);
			while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
				char *erase = strstr(line, "\033[K");

				assert_non_null(erase);
				*erase = '\0'; /* the only sequence in the line */
				assert_false(text_has_control(line, false));
				assert_in_range(plain_columns(line, false), 0, columns);
				assert_in_range(widths[row], plain_columns(line, false), columns);
				row++;
			}
			assert_int_equal(row, LIVE_ROWS);
			free(block);
		}
	}
	made_free(made);
	free(hostile);
}

static void colours_wrap_texts_and_never_leak(void **state)
{
	const struct view view = {.colour = true, .columns = 120};
	struct made *made = make_running();
	char *block = live_of(made, &view);
	bool coloured = false;

	(void)state;
	for (const char *at = block; (at = strchr(at, '\033')) != NULL; at++) {
		if (strncmp(at, "\033[K", strlen("\033[K")) == 0) {
			assert_false(coloured);
			continue;
		}
		assert_int_equal(coloured, strncmp(at, "\033[0m", strlen("\033[0m")) == 0);
		coloured = !coloured;
	}
	assert_non_null(strstr(block, "\033[1morders-bad-queue\033[0m"));
	free(block);
	made_free(made);
}

static void a_phase_that_was_left_out_has_no_tick(void **state)
{
	struct made *made = make_running();
	char *block;

	(void)state;
	made->record.phase_ms[PHASE_WITNESS] = TIME_NEVER;
	block = live_of(made, &ascii);
	assert_non_null(strstr(block, "inject + witness - watch *"));
	free(block);
	made_free(made);
}

static void with_several_alerts_it_tells_which_one_is_missing(void **state)
{
	struct made *made = make_running();
	char *block;

	(void)state;
	(void)make_expectation(made, "OrdersDown", "#oncall");
	make_expectation(made, "OrdersDown", "#general")->never = true;
	(void)make_sighting(made, 0, 2100, NULL, "[FIRING:1] OrdersQueueMissing");
	(void)make_sighting(made, 1, 2100, "#general", "[FIRING:1] OrdersDown"); /* elsewhere */
	(void)make_sighting(made, 1, -9000, NULL, "[FIRING:1] OrdersDown");      /* before */
	block = live_of(made, &ascii);
	assert_non_null(strstr(block, "waiting for OrdersDown in #oncall (1 of 2 seen)"));
	free(block);
	(void)make_sighting(made, 1, 2100, NULL, "[FIRING:1] OrdersDown");
	block = live_of(made, &ascii);
	assert_non_null(strstr(block, "alert seen; reading on until the deadline"));
	free(block);
	made_free(made);
}

static void short_deadlines_are_counted_in_tenths(void **state)
{
	struct made *made = make_running();
	char *block;

	(void)state;
	made->record.deadline_ms = MADE_INJECTED_MS + 2500;
	block = live_of(made, &ascii);
	assert_non_null(strstr(block, "########################  12.0 s of 2.5 s"));
	free(block);
	made->record.deadline_ms = TIME_NEVER;
	block = live_of(made, &ascii);
	assert_non_null(strstr(block, "\n  12 s  waiting for"));
	free(block);
	made_free(made);
}

static void a_fault_that_may_be_left_is_the_first_thing_on_the_line(void **state)
{
	struct made *made = make_running();
	char *block;

	(void)state;
	made->record.evidence.fault_state = FAULT_STUCK;
	block = live_of(made, &ascii);
	assert_ptr_equal(strstr(block, "FAULT NOT CONFIRMED REVERTED  " TITLE CLEAR), block);
	free(block);
	made->record.evidence.fault_state = FAULT_CLEAN;
	block = live_of(made, &ascii);
	assert_ptr_equal(strstr(block, TITLE "  fault reverted" CLEAR), block);
	free(block);
	made_free(made);
}

static void a_phase_on_a_plain_line_has_its_time(void **state)
{
	struct made *made = make_running();
	struct buf buf = {0};

	(void)state;
	live_phase(&buf, &ascii, &made->record, PHASE_INJECT);
	assert_string_equal(buf_text(&buf),
			    "orders-bad-queue production fd-k3q9x2m7 inject 1.0 s\n");
	buf_done(&buf);
	made_free(made);
}

/* Over. */

static void a_pass_lists_findings_with_latency_and_link(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_expectation(made, "OrdersQueueMissing", "#general")->never = true;
	(void)make_sighting(made, 0, 2100, NULL, "[FIRING:1] OrdersQueueMissing");
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	(void)make_finding(made, 1, FINDING_SILENT, TIME_NEVER, "stayed out of #general");
	make_text(&made->record.report_permalink, "https://acme.slack.com/archives/C0/p1");
	assert_result(
	    made, &wide,
	    "PASS " DONE "  every alert did what was expected\n"
	    "  \xe2\x9c\x93 delivered     OrdersQueueMissing in #ops within 90 s: it came after 2.1 "
	    "s\n"
	    "                  https://acme.slack.com/archives/C024BE91L/p1795255261000100\n"
	    "  \xe2\x9c\x93 silent        no OrdersQueueMissing in #general: nothing, as it should "
	    "be\n" REVERTED "  report          https://acme.slack.com/archives/C0/p1\n\n");
}

static void a_gap_tells_where_it_was_lost_and_what_to_look_at(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER, "never arrived in #ops");
	make_gap(made, "emission", "chat",
		 "the queue does not exist; OrdersQueueMissing never arrived in #ops");
	make_text(&made->record.report_problem, "#ops is archived: un-archive it");
	assert_result(
	    made, &wide,
	    "GAP " DONE "  OrdersQueueMissing never arrived in #ops\n"
	    "  \xe2\x9c\x97 missing       OrdersQueueMissing in #ops within 90 s: nothing, nor in "
	    "any other readable channel\n"
	    "  lost            between emission and chat: the queue does not exist\n" REVERTED
	    "  look at         the rule, the route and the receiver of OrdersQueueMissing in "
	    "production\n"
	    "  runbook         https://wiki.example/orders-queue\n"
	    "  owner           payments\n"
	    "  report          did not reach the chat: #ops is archived: un-archive it\n\n");
}

static void a_gap_shows_every_station_its_likely_cause_and_what_to_do(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER, "never arrived in #ops");
	make_hop(made, HOP_EMISSION, NULL, HOP_HAD_IT, 0, "said below");
	make_hop(made, HOP_LOG, "loki", HOP_HAD_IT, 1000,
		 "so much that it is told in the chat only");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 31000, "it fires");
	make_hop(made, HOP_ALERTMANAGER, "am", HOP_NOT_ASKED, TIME_NEVER, "it answered 503");
	make_hop(made, HOP_RECEIVER, "am", HOP_LACKED_IT, TIME_NEVER, "nothing was sent");
	make_gap(made, "rule", "receiver", "it fires; nothing was sent");
	make_cause(made, "it goes to null", "add a route");
	assert_result(
	    made, &wide,
	    "GAP " DONE "  OrdersQueueMissing never arrived in #ops\n"
	    "  \xe2\x9c\x97 missing       OrdersQueueMissing in #ops within 90 s: nothing, nor in "
	    "any other readable channel\n"
	    "  \xe2\x9c\x93 log           loki had it after 1 s\n"
	    "  \xe2\x9c\x93 rule          prometheus had it after 31 s: it fires\n"
	    "  ? alertmanager  am could not tell: it answered 503\n"
	    "  \xe2\x9c\x97 receiver      am did not post it: nothing was sent\n"
	    "  lost            between rule and receiver\n"
	    "  likely cause    it goes to null\n" REVERTED "  what to do      add a route\n"
	    "  runbook         https://wiki.example/orders-queue\n"
	    "  owner           payments\n\n");
}

static void an_inconclusive_drill_says_what_to_do(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_INCONCLUSIVE, "#ops could not be read for 40 s");
	made->record.judgement.reason = REASON_UNOBSERVABLE;
	(void)make_finding(made, 0, FINDING_UNKNOWN, TIME_NEVER, "not read for 40 s");
	assert_result(
	    made, &ascii,
	    "INCONCLUSIVE (unobservable) " DONE "  #ops could not be read for 40 s\n"
	    "  ? unknown       OrdersQueueMissing in #ops within 90 s: not read for 40 s\n" REVERTED
	    "  what to do      put right what kept firedrill from reading #ops, then run it "
	    "again\n\n");
}

static void a_refused_drill_lists_no_findings(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_refused(made, "production is protected: give --allow-protected");
	assert_result(made, &wide,
		      "REFUSED " DONE "  production is protected: give --allow-protected\n"
		      "  fault           nothing was touched\n\n");
}

static void a_fault_left_is_the_first_line_of_any_result(void **state)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		struct made *made = make_running();
		struct buf buf = {0};

		(void)state;
		make_over(made, (enum verdict)i, "whatever");
		make_stuck(made, "connection refused");
		result_block(&buf, &wide, &made->record);
		assert_ptr_equal(
		    strstr(
			buf_text(&buf),
			"FAULT NOT REVERTED in production: look at the target yourself, then run "
			"\"firedrill revert fd-k3q9x2m7\"\n"),
		    buf_text(&buf));
		assert_non_null(strstr(buf_text(&buf), "  fault           NOT confirmed reverted: "
						       "connection refused\n"));
		buf_done(&buf);
		made_free(made);
	}
}

static void long_sentences_are_broken_between_words_and_links_are_not(void **state)
{
	const struct view view = {.columns = 44};
	struct made *made = make_running();
	struct buf buf = {0};

	(void)state;
	(void)make_sighting(made, 0, 2100, NULL, "[FIRING:1] OrdersQueueMissing");
	make_over(made, VERDICT_PASS, "every alert did what was expected, and it did so in time");
	result_block(&buf, &view, &made->record);
	assert_non_null(strstr(buf_text(&buf), "\n  every alert did what was expected, and it\n"
					       "  did so in time\n"));
	assert_non_null(strstr(buf_text(&buf),
			       "\n                  https://acme.slack.com/archives/C024BE91L/"
			       "p1795255261000100\n"));
	buf_done(&buf);
	made_free(made);
}

static void a_number_and_its_unit_stay_together(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	for (size_t columns = 30; columns < 120; columns++) {
		const struct view view = {.columns = columns};
		struct buf buf = {0};

		result_block(&buf, &view, &made->record);
		assert_null(strstr(buf_text(&buf), "90\n"));
		assert_null(strstr(buf_text(&buf), "2.1\n"));
		assert_null(strstr(buf_text(&buf), "10:02:29\n"));
		buf_done(&buf);
	}
	made_free(made);
}

static void no_escape_sequence_of_a_foreign_text_reaches_a_result(void **state)
{
	for (size_t finding = 0; finding < FINDING_COUNT; finding++) {
		char *hostile = make_hostile(500);
		struct made *made = make_running();
		struct buf buf = {0};

		(void)state;
		made->scenario.name = hostile;
		made->scenario.owner = hostile;
		made->scenario.runbook = hostile;
		made->environment.name = hostile;
		made->expect[0].alert = hostile;
		made->expect[0].channel = hostile;
		make_text(&make_sighting(made, 0, 1, hostile, hostile)->permalink, hostile);
		make_over(made, VERDICT_GAP, hostile);
		(void)make_finding(made, 0, (enum finding)finding, 1, hostile);
		make_gap(made, "emission", "chat", hostile);
		make_stuck(made, hostile);
		make_text(&made->record.report_problem, hostile);
		make_text(&made->record.report_permalink, hostile);
		result_block(&buf, &wide, &made->record);
		live_phase(&buf, &wide, &made->record, PHASE_WATCH);
		assert_null(strchr(buf_text(&buf), '\033'));
		assert_false(text_has_control(buf_text(&buf), true));
		assert_true(text_is_utf8(buf_text(&buf)));
		buf_done(&buf);
		made_free(made);
		free(hostile);
	}
}

static void the_summary_counts_by_verdict_and_ends_with_faults_left(void **state)
{
	const size_t two[VERDICT_COUNT] = {[VERDICT_PASS] = 4, [VERDICT_GAP] = 2};
	const size_t one[VERDICT_COUNT] = {[VERDICT_ABORTED] = 1};
	const size_t none[VERDICT_COUNT] = {0};
	struct buf buf = {0};

	(void)state;
	result_summary(&buf, &wide, none, 0);
	assert_string_equal(buf_text(&buf), "");
	result_summary(&buf, &wide, two, 0);
	assert_string_equal(buf_text(&buf), "6 drills: 4 pass, 2 gap\n");
	buf_done(&buf);
	result_summary(&buf, &wide, one, 1);
	assert_string_equal(buf_text(&buf),
			    "1 drill: 1 aborted\n"
			    "1 fault is not confirmed reverted: run \"firedrill revert --all\"\n");
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_running_drill_shows_phases_and_elapsed_against_the_deadline),
	    cmocka_unit_test(with_utf8_it_has_ticks_and_a_bar_of_lines),
	    cmocka_unit_test(in_a_narrow_window_the_phases_around_the_present_one_are_shown),
	    cmocka_unit_test(no_line_is_wider_than_the_window_whatever_it_holds),
	    cmocka_unit_test(colours_wrap_texts_and_never_leak),
	    cmocka_unit_test(a_phase_that_was_left_out_has_no_tick),
	    cmocka_unit_test(with_several_alerts_it_tells_which_one_is_missing),
	    cmocka_unit_test(short_deadlines_are_counted_in_tenths),
	    cmocka_unit_test(a_fault_that_may_be_left_is_the_first_thing_on_the_line),
	    cmocka_unit_test(a_phase_on_a_plain_line_has_its_time),
	    cmocka_unit_test(a_pass_lists_findings_with_latency_and_link),
	    cmocka_unit_test(a_gap_tells_where_it_was_lost_and_what_to_look_at),
	    cmocka_unit_test(a_gap_shows_every_station_its_likely_cause_and_what_to_do),
	    cmocka_unit_test(an_inconclusive_drill_says_what_to_do),
	    cmocka_unit_test(a_refused_drill_lists_no_findings),
	    cmocka_unit_test(a_fault_left_is_the_first_line_of_any_result),
	    cmocka_unit_test(long_sentences_are_broken_between_words_and_links_are_not),
	    cmocka_unit_test(a_number_and_its_unit_stay_together),
	    cmocka_unit_test(no_escape_sequence_of_a_foreign_text_reaches_a_result),
	    cmocka_unit_test(the_summary_counts_by_verdict_and_ends_with_faults_left),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
