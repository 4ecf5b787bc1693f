/* The drill's message in chat: what a person reads for each verdict, and what nobody may read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "reports/message.h"
#include "src/base/mem.h"
#include "tests/reports/posted.h"

#define FOOTER      "orders-bad-queue \xc2\xb7 fd-k3q9x2m7 \xc2\xb7 2026-11-21 10:00:58 UTC"
#define FOOTER_OVER FOOTER ", took 2 min 1 s"
#define BROKE                                                                \
	"*Broke*: The orders API publishes to a queue that does not exist, " \
	"at 10:00:59 UTC\n"
#define REVERTED "*Fault*: reverted and confirmed at 10:02:29 UTC (in place for 90.2 s)"
#define WHOM     "*Runbook*: https://wiki.example/orders-queue\n*Owner*: payments"

static void assert_post(struct made *made, enum chat_tone tone, const char *headline,
			const char *body, const char *footer)
{
	struct posted posted = write_post(made, false);

	assert_string_equal(posted.headline, headline);
	assert_string_equal(posted.body, body);
	assert_string_equal(posted.footer, footer);
	assert_int_equal(posted.tone, tone);
	posted_done(&posted);
	made_free(made);
}

static void assert_headline(struct made *made, const char *headline)
{
	struct posted posted = write_post(made, false);

	assert_string_equal(posted.headline, headline);
	posted_done(&posted);
	made_free(made);
}

/* A gap with one finding of a kind; its message in #ops unless it was found elsewhere. */
static struct made *make_bad(enum finding finding, int64_t latency_ms, const char *elsewhere,
			     const char *text)
{
	struct made *made = make_running();

	(void)make_sighting(made, 0, latency_ms, elsewhere, "[FIRING:1] OrdersQueueMissing");
	make_over(made, VERDICT_GAP, text);
	(void)make_finding(made, 0, finding, latency_ms, text);
	return made;
}

/* While it runs. */

static void a_running_drill_says_what_breaks_and_that_nobody_need_act(void **state)
{
	(void)state;
	assert_post(
	    make_running(), CHAT_RUNNING, "[DRILL] orders-bad-queue in production: running",
	    "*Breaking on purpose*: The orders API publishes to a queue that does not exist\n"
	    "*Expected*: OrdersQueueMissing in #ops within 90 s\n"
	    "*Now*: waiting for the alert\n"
	    "*Fault*: in place since 10:00:59 UTC\n"
	    "No action needed. Ends by 10:06 UTC at the latest.",
	    FOOTER " \xc2\xb7 owner payments");
}

static void before_the_injection_the_end_allows_for_the_way_there(void **state)
{
	struct made *made = make_running();

	(void)state;
	made->record.phase = PHASE_ANNOUNCE;
	made->record.evidence.inject_tried = false;
	made->record.evidence.injected_ms = TIME_NEVER;
	made->record.evidence.fault_state = FAULT_ABSENT;
	assert_line(made, false, "*Now*: telling the channel, and reading that back");
	assert_line(made, false, "No action needed. Ends by 10:07 UTC at the latest.");
	made_free(made);
}

static void after_the_revert_the_running_message_says_that_all_is_back(void **state)
{
	struct made *made = make_running();

	(void)state;
	made->record.phase = PHASE_RECOVERY;
	made->record.phase_ms[PHASE_CONFIRM] = MADE_REVERTED_MS;
	made->record.phase_ms[PHASE_RECOVERY] = MADE_REVERTED_MS + 130;
	made->record.evidence.reverted_ms = MADE_REVERTED_MS;
	made->record.evidence.fault_state = FAULT_CLEAN;
	assert_line(made, false, REVERTED);
	assert_line(made, false, "*Now*: put back; reading on for late and resolved messages");
	assert_line(made, false, "No action needed.");
	made_free(made);
}

static void a_control_drill_says_that_nothing_is_broken(void **state)
{
	struct made *made = make_running();

	(void)state;
	made->scenario.fault.kind = KIND_NONE;
	made->scenario.summary = "Nothing breaks, so no alert may come";
	assert_line(made, false,
		    "*Control drill, nothing is broken*: Nothing breaks, so no alert may come");
	made_free(made);
}

/* The verdicts. */

static void a_pass_is_short(void **state)
{
	struct made *made = make_running();
	struct expectation_finding *finding;

	(void)state;
	made->expect[0].resolved_ms = 180000;
	make_expectation(made, "OrdersQueueMissing", "general")->never = true;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	finding = make_finding(made, 0, FINDING_DELIVERED, 2100, "arrived, resolved");
	finding->resolved_wanted = true;
	finding->resolved = FINDING_DELIVERED;
	finding->resolved_latency_ms = 2860;
	(void)make_finding(made, 1, FINDING_SILENT, TIME_NEVER, "stayed out of #general");
	assert_post(
	    made, CHAT_GOOD,
	    "[DRILL] \xe2\x9c\x94 PASS: OrdersQueueMissing reached #ops after 2.1 s (production)",
	    BROKE "*Found*: it came after 2.1 s, resolved 2.8 s after the repair\n"
		  "*Also*: OrdersQueueMissing stayed out of #general\n" REVERTED,
	    FOOTER_OVER);
}

static void what_came_without_delay_came_at_once(void **state)
{
	struct made *made = make_running();
	struct expectation_finding *finding;

	(void)state;
	make_over(made, VERDICT_GAP, "something else is wrong");
	finding = make_finding(made, 0, FINDING_DELIVERED, 0, "arrived, resolved");
	finding->resolved_wanted = true;
	finding->resolved = FINDING_DELIVERED;
	finding->resolved_latency_ms = 0;
	assert_line(made, false, "*Found*: it came at once, resolved at once");
	made_free(made);
}

static void a_missing_alert_says_what_broke_where_since_when_and_what_to_look_at(void **state)
{
	(void)state;
	assert_post(
	    make_missing(), CHAT_BAD,
	    "[DRILL] GAP: OrdersQueueMissing never reached #ops (production)",
	    BROKE
	    "*Expected*: OrdersQueueMissing in #ops within 90 s\n"
	    "*Found*: nothing, nor in any other readable channel\n"
	    "*Lost between*: emission and chat: the queue orders-fd-k3q9x2m7 does not exist\n" REVERTED
	    "\n"
	    "*Look at*: the rule, the route and the receiver of OrdersQueueMissing in "
	    "production\n" WHOM,
	    FOOTER_OVER);
}

static void evidence_too_long_for_five_seconds_is_left_to_the_details(void **state)
{
	struct made *made = make_missing();

	(void)state;
	make_text(&made->record.judgement.gap.evidence,
		  "PUT http://orders.example/admin/queue answered 200 \"orders-fd-k3q9x2m7\"; GET "
		  "http://orders.example/admin/queue answered 200 \"orders-fd-k3q9x2m7\"");
	assert_line(made, false, "*Lost between*: emission and chat");
	made_free(made);
}

static void what_the_stations_say_is_told_with_the_likely_cause_and_what_to_do(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER, "never arrived in #ops");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 31000, "it fires");
	make_gap(
	    made, "alertmanager", "receiver",
	    "OrdersQueueMissing fired at +31 s and came to Alertmanager at +32 s; it was routed to "
	    "the receiver `null`, which has no integrations and so posts nowhere");
	make_cause(made, "no route matches env=production", "add a route for it");
	assert_line(made, false,
		    "*Lost between*: alertmanager and receiver: OrdersQueueMissing fired at +31 s "
		    "and came to Alertmanager at +32 s; it was routed to the receiver null, which "
		    "has no integrations and so posts nowhere");
	assert_line(made, false, "*Likely cause*: no route matches env=production");
	assert_line(made, false, "*What to do*: add a route for it");
	assert_line(made, true, "*rule*: prometheus had it after 31 s: it fires");
	make_hop(made, HOP_RECEIVER, "am", HOP_LACKED_IT, TIME_NEVER, "null posts nowhere");
	assert_line(made, false, "*Lost between*: alertmanager and receiver: null posts nowhere");
	made_free(made);
}

static void a_gap_that_is_to_be_repeated_says_so_in_words_that_stay_true(void **state)
{
	struct made *made = make_missing();
	struct posted posted;

	(void)state;
	made->record.repeatable = true;
	made->environment.spacing_ms = 300000;
	posted = write_post(made, false);
	assert_string_equal(posted.headline,
			    "[DRILL] Gap seen by a first drill: OrdersQueueMissing "
			    "never reached #ops (production)");
	assert_int_equal(posted.tone, CHAT_UNSURE);
	posted_done(&posted);
	assert_line(made, false,
		    "*Repeat*: not before 10:07:59 UTC; people are called only if that finds the "
		    "gap, too");
	made->environment.spacing_ms = 0;
	assert_line(made, false, "*Repeat*: people are called only if that finds the gap, too");
	made_free(made);
}

static void a_gap_that_is_known_says_where_it_was_told(void **state)
{
	struct made *made = make_missing();
	struct posted posted;

	(void)state;
	make_text(&made->record.open_gap, "https://acme.slack.com/archives/C9/p1");
	posted = write_post(made, false);
	assert_string_equal(
	    posted.headline,
	    "[DRILL] GAP still open: OrdersQueueMissing never reached #ops (production)");
	assert_null(strstr(posted.body, "*Runbook*"));
	posted_done(&posted);
	assert_line(made, false, "*Still open, see*: https://acme.slack.com/archives/C9/p1");
	made_free(made);
}

static void an_alert_in_the_wrong_channel_names_both(void **state)
{
	struct made *made =
	    make_bad(FINDING_WRONG_CHANNEL, 2100, "general", "arrived in general instead of #ops");

	(void)state;
	make_gap(made, "receiver", "chat", "OrdersQueueMissing arrived in general instead of #ops");
	assert_post(made, CHAT_BAD,
		    "[DRILL] GAP: OrdersQueueMissing went to #general instead of #ops (production)",
		    BROKE "*Expected*: OrdersQueueMissing in #ops within 90 s\n"
			  "*Found*: in #general instead, after 2.1 s\n"
			  "*Lost between*: receiver and chat\n" REVERTED "\n"
			  "*Look at*: the route of OrdersQueueMissing in production\n" WHOM,
		    FOOTER_OVER);
}

static void a_late_alert_says_by_how_much(void **state)
{
	struct made *made =
	    make_bad(FINDING_LATE, 104000, NULL, "arrived 14.0 s after the deadline");

	(void)state;
	made->record.judgement.findings[0].late_by_ms = 14000;
	assert_line(made, false, "*Found*: 14 s too late, after 104 s");
	assert_line(
	    made, false,
	    "*Look at*: the waiting times in the rule and the route of OrdersQueueMissing in "
	    "production");
	assert_headline(made,
			"[DRILL] GAP: OrdersQueueMissing reached #ops 14 s too late (production)");
}

static void an_alert_that_came_twice_says_so(void **state)
{
	struct made *made = make_bad(FINDING_DUPLICATE, 2100, NULL, "arrived 2 times instead of 1");

	(void)state;
	assert_line(made, false, "*Found*: arrived 2 times instead of 1");
	assert_headline(made,
			"[DRILL] GAP: OrdersQueueMissing reached #ops more than once (production)");
}

static void an_unreadable_alert_says_what_it_lacks(void **state)
{
	struct made *made = make_bad(FINDING_UNREADABLE, 2100, NULL, "arrived without \"runbook\"");

	(void)state;
	make_text(&made->record.evidence.expect[0].sightings[0].lacks, "runbook");
	assert_line(made, false, "*Found*: arrived without \"runbook\"");
	assert_headline(made, "[DRILL] GAP: OrdersQueueMissing reached #ops without \"runbook\" "
			      "(production)");
}

static void an_alert_that_was_never_resolved_says_so(void **state)
{
	struct made *made = make_bad(FINDING_UNRESOLVED, 2100, NULL, "arrived, never resolved");

	(void)state;
	made->record.judgement.findings[0].resolved_wanted = true;
	made->record.judgement.findings[0].resolved = FINDING_UNRESOLVED;
	assert_line(made, false, "*Found*: it came after 2.1 s, but never reported as resolved");
	assert_headline(made,
			"[DRILL] GAP: OrdersQueueMissing was never resolved in #ops (production)");
}

static void how_it_was_resolved_and_what_was_odd_is_told(void **state)
{
	struct made *made = make_running();
	struct expectation_finding *finding;

	(void)state;
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	finding = make_finding(made, 0, FINDING_DELIVERED, 2100, "arrived, resolved");
	finding->resolved_wanted = true;
	finding->resolved = FINDING_DELIVERED;
	finding->resolved_latency_ms = 2860;
	finding->resolved_how = RESOLVED_EDIT;
	assert_line(made, false,
		    "*Found*: it came after 2.1 s, resolved 2.8 s after the repair, by an edit of "
		    "its message");
	finding->resolved_how = RESOLVED_REPLY;
	finding->resolved_latency_ms = 0;
	make_text(&finding->resolved_text, "it was resolved 3.0 s before the repair");
	assert_line(made, false,
		    "*Found*: it came after 2.1 s, resolved, in its thread; it was resolved 3.0 s "
		    "before the repair");
	made_free(made);
}

static void the_kinds_of_gap_have_titles_of_their_own(void **state)
{
	static const struct {
		enum finding finding;
		const char *line;
	} kinds[] = {
	    {FINDING_MISSING, "*Lost between*: rule and chat: 35 s"},
	    {FINDING_LATE, "*Time lost between*: rule and chat: 35 s"},
	    {FINDING_DUPLICATE, "*More than one between*: rule and chat: 35 s"},
	    {FINDING_UNREADABLE, "*Text lost between*: rule and chat: 35 s"},
	    {FINDING_UNRESOLVED, "*Resolved lost between*: rule and chat: 35 s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct made *made = make_bad(kinds[i].finding, 2100, NULL, "something");

		make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 1000, "fired");
		make_gap(made, "rule", "chat", "35 s");
		made->record.judgement.gap.finding = kinds[i].finding;
		assert_line(made, false, kinds[i].line);
		made_free(made);
	}
}

static void an_alert_that_must_never_come_says_where_it_came(void **state)
{
	struct made *made = make_bad(FINDING_UNEXPECTED, 2100, NULL, "arrived in #ops");

	(void)state;
	made->expect[0].never = true;
	assert_line(made, false, "*Expected*: no OrdersQueueMissing in #ops");
	assert_line(made, false, "*Found*: it came after 2.1 s");
	assert_headline(made,
			"[DRILL] GAP: OrdersQueueMissing came to #ops, where it must never be "
			"(production)");
}

static void several_gaps_are_counted_in_the_headline_and_listed(void **state)
{
	struct made *made = make_running();

	(void)state;
	for (size_t i = 1; i < 7; i++)
		(void)make_expectation(made, "OrdersDown", "#general");
	make_over(made, VERDICT_GAP, "several alerts never arrived");
	for (size_t i = 1; i < 7; i++)
		(void)make_finding(made, i, FINDING_MISSING, TIME_NEVER, "never arrived");
	assert_line(made, false, "*Expected*: OrdersDown in #general within 90 s");
	assert_line(made, false, "*Also*: OrdersQueueMissing reached #ops after 2.1 s");
	assert_line(made, false, "and 3 more, see the thread");
	assert_headline(made,
			"[DRILL] GAP: OrdersDown never reached #general and 5 more (production)");
}

static void an_inconclusive_drill_says_why_and_what_to_do(void **state)
{
	static const struct {
		enum reason reason;
		const char *headline, *advice;
	} cases[] = {
	    {REASON_UNOBSERVABLE,
	     "[DRILL] INCONCLUSIVE, the chat could not be watched: orders-bad-queue (production)",
	     "*What to do*: put right what kept firedrill from reading #ops, then run it again"},
	    {REASON_FAULT_HAD_NO_EFFECT,
	     "[DRILL] INCONCLUSIVE, the fault had no effect: orders-bad-queue (production)",
	     "*What to do*: make the fault of this scenario fit the service again, then run it "
	     "again"},
	    {REASON_CONFOUNDED,
	     "[DRILL] INCONCLUSIVE, the alert was there before: orders-bad-queue (production)",
	     "*What to do*: wait until OrdersQueueMissing is over in #ops, then run it again"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct made *made = make_running();
		struct posted posted;

		make_over(made, VERDICT_INCONCLUSIVE, "Slack answered 503 for 40 s");
		made->record.judgement.reason = cases[i].reason;
		(void)make_finding(made, 0, FINDING_UNKNOWN, TIME_NEVER, "not read to the end");
		assert_line(made, false, "*Why*: Slack answered 503 for 40 s");
		assert_line(made, false, REVERTED);
		assert_line(made, false, cases[i].advice);
		posted = write_post(made, false);
		assert_int_equal(posted.tone, CHAT_UNSURE);
		posted_done(&posted);
		assert_headline(made, cases[i].headline);
	}
}

static void advice_is_about_the_expectation_that_is_in_doubt(void **state)
{
	struct made *made = make_running();

	(void)state;
	(void)make_expectation(made, "OrdersDown", "#oncall");
	make_over(made, VERDICT_INCONCLUSIVE, "#oncall could not be read");
	made->record.judgement.reason = REASON_UNOBSERVABLE;
	(void)make_finding(made, 1, FINDING_UNKNOWN, TIME_NEVER, "could not be read");
	assert_line(made, false,
		    "*What to do*: put right what kept firedrill from reading #oncall, then run it "
		    "again");
	made_free(made);
}

static void no_advice_is_added_where_the_reason_says_what_to_do(void **state)
{
	struct made *made = make_running();
	struct posted posted;

	(void)state;
	make_over(made, VERDICT_INCONCLUSIVE, "the bot is not in #ops: invite it");
	made->record.judgement.reason = REASON_UNOBSERVABLE;
	made->record.evidence.stop = STOP_UNOBSERVABLE;
	assert_line(made, false, "*Why*: the bot is not in #ops: invite it");
	posted = write_post(made, false);
	assert_null(strstr(posted.body, "*What to do*"));
	posted_done(&posted);
	made_free(made);
}

static void a_refused_drill_says_why_and_that_nothing_was_touched(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_refused(made, "production is protected: give --allow-protected");
	assert_post(made, CHAT_UNSURE, "[DRILL] REFUSED: orders-bad-queue (production)",
		    "*Why*: production is protected: give --allow-protected\n"
		    "*Fault*: nothing was touched",
		    FOOTER_OVER);
}

static void an_aborted_drill_says_why_and_that_all_is_back(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_ABORTED, "stopped by SIGINT");
	assert_post(made, CHAT_UNSURE, "[DRILL] ABORTED: orders-bad-queue (production)",
		    "*Why*: stopped by SIGINT\n" BROKE REVERTED, FOOTER_OVER);
}

static void a_drill_that_passed_on_a_retry_says_so(void **state)
{
	struct made *made = make_running();

	(void)state;
	make_over(made, VERDICT_FLAKY, "passed on the second try");
	assert_headline(made, "[DRILL] FLAKY, passed on a retry only: OrdersQueueMissing reached "
			      "#ops after 2.1 s (production)");
}

/* A fault that is left. */

static void a_fault_left_is_the_first_thing_seen_whatever_the_verdict(void **state)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		struct made *made = make_running();
		struct posted posted;

		(void)state;
		make_over(made, (enum verdict)i, "whatever");
		make_stuck(made, "PUT https://orders.example: connection refused");
		made->record.ends_by_itself = "the service restarts every night";
		posted = write_post(made, false);
		assert_string_equal(posted.headline,
				    "[DRILL] FAULT NOT REVERTED in production: orders-bad-queue");
		assert_ptr_equal(
		    strstr(
			posted.body,
			"*Act now*: look at the target yourself, then run `firedrill revert "
			"fd-k3q9x2m7`\n"
			"*Fault*: NOT confirmed reverted: PUT https://orders.example: connection "
			"refused\n"
			"*If nobody does*: the service restarts every night\n"),
		    posted.body);
		assert_null(strstr(posted.body, "reverted and confirmed"));
		assert_int_equal(posted.tone, CHAT_BAD);
		posted_done(&posted);
		made_free(made);
	}
}

static void a_fault_left_is_loud_while_the_drill_still_runs(void **state)
{
	struct made *made = make_running();

	(void)state;
	made->record.phase = PHASE_RECOVERY;
	made->record.evidence.fault_state = FAULT_UNCONFIRMED;
	assert_line(made, false, "*Fault*: NOT confirmed reverted");
	assert_headline(made, "[DRILL] FAULT NOT REVERTED in production: orders-bad-queue");
}

static void a_fault_left_by_an_earlier_drill_is_loud_too(void **state)
{
	struct made *made = make_running();

	(void)state;
	made->record.evidence.left_before = true;
	assert_line(made, false,
		    "*Act now*: look at the target yourself, then run `firedrill revert --all`");
	make_refused(made, "fd-aaaaaaaa is not confirmed reverted");
	made->record.judgement.exit_code = EXIT_FAULT_LEFT;
	assert_line(made, false, "*Fault*: an earlier one is not confirmed reverted");
	assert_headline(made, "[DRILL] FAULT NOT REVERTED in production: left by an earlier drill");
}

/* Texts. */

static void foreign_text_brings_no_markup_of_its_own(void **state)
{
	struct made *made = make_missing();

	(void)state;
	made->expect[0].alert = "*Orders* `Queue`\nMissing";
	make_text(&made->record.judgement.findings[0].text, "never arrived");
	assert_line(made, false, "*Expected*: Orders Queue Missing in #ops within 90 s");
	assert_headline(made, "[DRILL] GAP: Orders Queue Missing never reached #ops (production)");
}

static void texts_of_a_post_stay_until_the_next_call(void **state)
{
	struct message_writer *writer = message_writer_new();
	struct made *made = make_missing(), *other = make_running();
	struct chat_post first, second;
	char *headline;

	(void)state;
	message_write(writer, &made->record, &first);
	headline = mem_dup(first.headline);
	assert_string_equal(first.headline, headline);
	message_write(writer, &other->record, &second);
	assert_string_not_equal(second.headline, headline);
	assert_string_equal(second.headline, "[DRILL] orders-bad-queue in production: running");
	free(headline);
	made_free(made);
	made_free(other);
	message_writer_free(writer);
	message_writer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_running_drill_says_what_breaks_and_that_nobody_need_act),
	    cmocka_unit_test(before_the_injection_the_end_allows_for_the_way_there),
	    cmocka_unit_test(after_the_revert_the_running_message_says_that_all_is_back),
	    cmocka_unit_test(a_control_drill_says_that_nothing_is_broken),
	    cmocka_unit_test(a_pass_is_short),
	    cmocka_unit_test(what_came_without_delay_came_at_once),
	    cmocka_unit_test(a_missing_alert_says_what_broke_where_since_when_and_what_to_look_at),
	    cmocka_unit_test(evidence_too_long_for_five_seconds_is_left_to_the_details),
	    cmocka_unit_test(what_the_stations_say_is_told_with_the_likely_cause_and_what_to_do),
	    cmocka_unit_test(a_gap_that_is_to_be_repeated_says_so_in_words_that_stay_true),
	    cmocka_unit_test(a_gap_that_is_known_says_where_it_was_told),
	    cmocka_unit_test(an_alert_in_the_wrong_channel_names_both),
	    cmocka_unit_test(a_late_alert_says_by_how_much),
	    cmocka_unit_test(an_alert_that_came_twice_says_so),
	    cmocka_unit_test(an_unreadable_alert_says_what_it_lacks),
	    cmocka_unit_test(an_alert_that_was_never_resolved_says_so),
	    cmocka_unit_test(how_it_was_resolved_and_what_was_odd_is_told),
	    cmocka_unit_test(the_kinds_of_gap_have_titles_of_their_own),
	    cmocka_unit_test(an_alert_that_must_never_come_says_where_it_came),
	    cmocka_unit_test(several_gaps_are_counted_in_the_headline_and_listed),
	    cmocka_unit_test(an_inconclusive_drill_says_why_and_what_to_do),
	    cmocka_unit_test(advice_is_about_the_expectation_that_is_in_doubt),
	    cmocka_unit_test(no_advice_is_added_where_the_reason_says_what_to_do),
	    cmocka_unit_test(a_refused_drill_says_why_and_that_nothing_was_touched),
	    cmocka_unit_test(an_aborted_drill_says_why_and_that_all_is_back),
	    cmocka_unit_test(a_drill_that_passed_on_a_retry_says_so),
	    cmocka_unit_test(a_fault_left_is_the_first_thing_seen_whatever_the_verdict),
	    cmocka_unit_test(a_fault_left_is_loud_while_the_drill_still_runs),
	    cmocka_unit_test(a_fault_left_by_an_earlier_drill_is_loud_too),
	    cmocka_unit_test(foreign_text_brings_no_markup_of_its_own),
	    cmocka_unit_test(texts_of_a_post_stay_until_the_next_call),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
