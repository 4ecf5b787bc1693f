/* What people read about a fault that outlived its drill. */
#include "reports/settled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "reports/message.h"
#include "src/base/mem.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

#define PLANNED INT64_C(1795255261000) /* 2026-11-21T10:01:01Z */

static const struct settled clean = {
    .drill = "fd-k3q9x2m7",
    .scenario = "orders-bad-queue",
    .environment = "production",
    .target = "PUT https://orders.example/admin/queue",
    .via = VIA_HTTP,
    .how = SETTLED_CLEAN,
    .found = FAULT_INJECTED,
    .text = "GET https://orders.example/admin/queue says \"orders\" again",
    .tries = 1,
    .took_ms = 1800,
    .intended_wall_ms = PLANNED,
};

static struct settled_view view_of(const struct settled *settled)
{
	return (struct settled_view){.settled = settled,
				     .by = "the guardian",
				     .host = "ops-1",
				     .now_wall_ms = PLANNED + 62000,
				     .goes_on = true};
}

/* Text, size, marking: what holds for every message. */
static void check_post(const struct chat_post *post)
{
	const char *texts[] = {post->headline, post->body, post->footer};
	static const size_t limits[] = {400, 2500, 300};

	assert_non_null(post->headline);
	assert_memory_equal(post->headline, "[DRILL] ", strlen("[DRILL] "));
	for (size_t i = 0; i < 3; i++) {
		if (texts[i] == NULL)
			continue;
		assert_true(text_is_utf8(texts[i]));
		assert_false(text_has_control(texts[i], true));
		assert_true(text_escaped_len(texts[i]) <= limits[i]);
	}
}

static void assert_post(const struct settled_view *view, enum chat_tone tone, const char *headline,
			const char *body)
{
	struct settled_writer *writer = settled_writer_new();
	struct chat_post post;

	settled_write(writer, view, &post);
	check_post(&post);
	assert_int_equal(post.tone, tone);
	assert_string_equal(post.mark, view->settled->drill);
	assert_string_equal(post.headline, headline);
	assert_string_equal(post.body != NULL ? post.body : "", body);
	settled_writer_free(writer);
}

static void assert_paragraph(const struct settled_view *view, const char *expected)
{
	char *text = settled_paragraph(view);

	assert_true(text_is_utf8(text));
	assert_false(text_has_control(text, false));
	assert_true(strlen(text) <= 2000);
	assert_string_equal(text, expected);
	free(text);
}

static void a_fault_that_was_put_right_is_told_as_an_aborted_drill(void **state)
{
	struct settled_view view = view_of(&clean);

	(void)state;
	assert_post(
	    &view, CHAT_UNSURE, "[DRILL] ABORTED, put right: orders-bad-queue in production",
	    "*What happened*: firedrill died during this drill; the guardian put it right in 1.8 "
	    "s\n"
	    "*Fault*: via http, PUT https://orders.example/admin/queue, planned 2026-11-21 10:01:01 "
	    "UTC\n"
	    "*Seen*: GET https://orders.example/admin/queue says \"orders\" again\n"
	    "Nothing is left to put right. Run the drill again for a verdict.");
	assert_paragraph(
	    &view,
	    "firedrill: the fault of fd-k3q9x2m7 (orders-bad-queue in production, via http, PUT "
	    "https://orders.example/admin/queue, planned 2026-11-21 10:01:01 UTC, 62 s ago): the "
	    "guardian put it right in 1.8 s. GET https://orders.example/admin/queue says "
	    "\"orders\" again");
}

static void a_fault_that_stays_says_first_what_to_do(void **state)
{
	struct settled stuck = clean;
	struct settled_view view = view_of(&stuck);

	(void)state;
	stuck.how = SETTLED_STUCK;
	stuck.text = "GET https://orders.example/admin/queue: connection refused";
	assert_post(
	    &view, CHAT_BAD, "[DRILL] FAULT NOT REVERTED in production: orders-bad-queue",
	    "*Act now*: look at the target yourself, then run `firedrill revert fd-k3q9x2m7` on "
	    "ops-1\n"
	    "*What happened*: firedrill died during this drill; the guardian tried to put it right "
	    "and could not\n"
	    "*Fault*: via http, PUT https://orders.example/admin/queue, planned 2026-11-21 10:01:01 "
	    "UTC\n"
	    "*Seen*: GET https://orders.example/admin/queue: connection refused\n"
	    "*Until then*: it is tried again and again, and no other drill runs in production; "
	    "`firedrill ack fd-k3q9x2m7 --reason \"...\"` on ops-1 sets it aside");
	view.goes_on = false;
	view.host = NULL;
	assert_paragraph(
	    &view,
	    "firedrill: the fault of fd-k3q9x2m7 (orders-bad-queue in production, via http, PUT "
	    "https://orders.example/admin/queue, planned 2026-11-21 10:01:01 UTC, 62 s ago): FAULT "
	    "NOT REVERTED. the guardian tried to put it right and could not: GET "
	    "https://orders.example/admin/queue: connection refused. Look at the target yourself, "
	    "then run: firedrill revert fd-k3q9x2m7. No other drill runs in production until it is "
	    "clean, or set aside with: firedrill ack fd-k3q9x2m7 --reason \"...\"");
}

static void one_that_comes_clean_later_says_after_how_many_tries(void **state)
{
	struct settled late = clean;
	struct settled_view view = view_of(&late);

	(void)state;
	late.found = FAULT_STUCK;
	late.tries = 9;
	view.now_wall_ms = PLANNED + INT64_C(7800000);
	assert_post(
	    &view, CHAT_UNSURE, "[DRILL] put right late: orders-bad-queue in production",
	    "*What happened*: the fault of this drill could not be put right at first; the guardian "
	    "put it right in 1.8 s, at try 9\n"
	    "*Fault*: via http, PUT https://orders.example/admin/queue, planned 2026-11-21 10:01:01 "
	    "UTC\n"
	    "*Seen*: GET https://orders.example/admin/queue says \"orders\" again\n"
	    "Nothing is left to put right. What the drill found, if it got that far, is in "
	    "the thread.");
}

static void an_intent_that_was_never_tried_says_that_nothing_was_touched(void **state)
{
	struct settled early = clean;
	struct settled_view view = view_of(&early);
	char *text;

	(void)state;
	early.found = FAULT_INTENT;
	early.text = "nothing was touched";
	text = settled_paragraph(&view);
	assert_non_null(strstr(text, "nothing was in place. nothing was touched"));
	free(text);
}

static void what_begins_and_what_others_do_is_one_short_sentence(void **state)
{
	struct settled other = clean;
	struct settled_view view = view_of(&other);

	(void)state;
	other.how = SETTLED_BUSY;
	other.target = "";
	assert_paragraph(&view, "firedrill: the fault of fd-k3q9x2m7 (orders-bad-queue in "
				"production, via http, planned 2026-11-21 10:01:01 UTC, 62 s ago): "
				"another firedrill is putting it right");
	assert_post(&view, CHAT_RUNNING,
		    "[DRILL] orders-bad-queue in production: another firedrill is putting it right",
		    "");
	other.how = SETTLED_BEGUN;
	assert_post(&view, CHAT_RUNNING, "[DRILL] orders-bad-queue in production: putting it right",
		    "");
}

static void a_clock_that_was_set_back_gives_no_age(void **state)
{
	struct settled_view view = view_of(&clean);
	char *text;

	(void)state;
	view.now_wall_ms = PLANNED - 5000;
	text = settled_paragraph(&view);
	assert_non_null(strstr(text, "planned 2026-11-21 10:01:01 UTC): the guardian"));
	free(text);
}

static void hostile_texts_are_cleaned_and_cut(void **state)
{
	struct settled bad = clean;
	struct settled_view view = view_of(&bad);
	struct settled_writer *writer = settled_writer_new();
	struct chat_post post;
	char huge[20000];
	char *text;

	(void)state;
	memset(huge, '&', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	memcpy(huge, "a\x1b[31m\xff\n*b*`c`\xe2\x80\xae", 16);
	bad.how = SETTLED_STUCK;
	bad.drill = bad.scenario = bad.environment = bad.target = bad.text = huge;
	view.by = view.host = huge;
	settled_write(writer, &view, &post);
	check_post(&post);
	assert_null(strstr(post.body, "`c`"));
	settled_writer_free(writer);
	view.ascii = true;
	text = settled_paragraph(&view);
	assert_false(text_has_control(text, false));
	assert_true(strlen(text) <= 2000);
	for (const char *at = text; *at != '\0'; at++)
		assert_true((unsigned char)*at < 0x80);
	free(text);
}

/* A drill that died, or could not tell its end: there is nothing but its messages. */

static const struct settled untold = {
    .drill = "fd-k3q9x2m7",
    .scenario = "orders-bad-queue",
    .environment = "production",
    .target = "",
    .how = SETTLED_UNTOLD,
    .text = "the ledger has no open fault of it",
    .tries = 1,
    .intended_wall_ms = PLANNED,
};

static void a_drill_that_left_its_messages_only_is_told_as_aborted(void **state)
{
	struct settled_view view = view_of(&untold);

	(void)state;
	assert_post(&view, CHAT_UNSURE, "[DRILL] ABORTED: orders-bad-queue in production",
		    "*What happened*: firedrill ended during this drill (killed or crashed), or "
		    "could not tell its end here; the guardian looked after it\n"
		    "*Fault*: none is in place; the ledger has no open fault of it\n"
		    "Nothing is left to put right. Run the drill again for a verdict.");
	assert_paragraph(&view, "firedrill: the drill fd-k3q9x2m7 (orders-bad-queue in production, "
				"announced 2026-11-21 10:01:01 UTC, 62 s ago): firedrill ended "
				"before it could tell its end in the chat. No fault of it is in "
				"place; its messages are corrected");
}

static bool is_outdated(const struct drill_record *record)
{
	struct message_writer *writer = message_writer_new();
	struct chat_post post;
	char *read_back;
	bool outdated;

	message_write(writer, record, &post);
	read_back = mem_printf("*%s*\n%s", post.headline, post.body);
	outdated = settled_is_outdated(read_back) && settled_is_outdated(post.headline);
	assert_int_equal(outdated, settled_is_outdated(post.headline));
	free(read_back);
	message_writer_free(writer);
	return outdated;
}

static void a_message_is_outdated_until_it_says_how_the_drill_ended(void **state)
{
	struct made *made = make_running();

	(void)state;
	for (enum phase phase = PHASE_ANNOUNCE; phase < PHASE_REPORT; phase++) {
		made->record.phase = phase;
		assert_true(is_outdated(&made->record));
	}
	made_free(made);
	for (enum verdict verdict = VERDICT_PASS; verdict < VERDICT_COUNT; verdict++) {
		made = make_running();
		made->scenario.summary = (char *)(uintptr_t) "[DRILL] this looks: running";
		make_over(made, verdict, "it ended");
		assert_false(is_outdated(&made->record));
		make_stuck(made, "it stays");
		assert_true(is_outdated(&made->record));
		made_free(made);
	}
	assert_false(settled_is_outdated(""));
	assert_false(settled_is_outdated("somebody wrote that it is: running"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fault_that_was_put_right_is_told_as_an_aborted_drill),
	    cmocka_unit_test(a_fault_that_stays_says_first_what_to_do),
	    cmocka_unit_test(one_that_comes_clean_later_says_after_how_many_tries),
	    cmocka_unit_test(an_intent_that_was_never_tried_says_that_nothing_was_touched),
	    cmocka_unit_test(what_begins_and_what_others_do_is_one_short_sentence),
	    cmocka_unit_test(a_clock_that_was_set_back_gives_no_age),
	    cmocka_unit_test(hostile_texts_are_cleaned_and_cut),
	    cmocka_unit_test(a_drill_that_left_its_messages_only_is_told_as_aborted),
	    cmocka_unit_test(a_message_is_outdated_until_it_says_how_the_drill_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
