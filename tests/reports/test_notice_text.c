/* What is said aloud of a gap. */
#include "reports/notice_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/reports/check_text.h"
#include "tests/reports/posted.h"

#define ENDED INT64_C(1795255380000) /* Sat 2026-11-21 10:03 UTC */
#define HOUR  INT64_C(3600000)

static struct notice_gap known(int64_t drills)
{
	return (struct notice_gap){
	    .first_wall_ms = ENDED - 26 * HOUR,
	    .last_wall_ms = ENDED,
	    .drills = drills,
	    .is_new = drills == 1,
	    .text = "OrdersQueueMissing never reached #ops",
	    .mention = "S0614TZR7",
	    .link = "https://acme.slack.com/archives/C1/p2",
	};
}

/* Every message: its size, valid text without control characters. */
static void check(const struct chat_post *post)
{
	assert_null(strpbrk(post->headline, "*`"));
	assert_false(text_has_control(post->headline, false));
	assert_true(text_is_utf8(post->headline));
	assert_in_range(text_escaped_len(post->headline), 1, 400);
	if (post->body != NULL) {
		assert_false(text_has_control(post->body, true));
		assert_true(text_is_utf8(post->body));
		assert_in_range(text_escaped_len(post->body), 1, 2900);
	}
	if (post->footer != NULL)
		assert_in_range(text_escaped_len(post->footer), 0, 300);
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void a_gap_says_what_is_lost_where_since_when_and_what_to_do(void **state)
{
	struct notice_writer *writer = notice_writer_new();
	struct made *made = make_missing();
	struct notice_gap gap = known(1);
	struct chat_post post;

	(void)state;
	gap.first_wall_ms = ENDED;
	notice_write_gap(writer, &made->record, &gap, &post);
	check(&post);
	assert_true(post.loud);
	assert_string_equal(post.mention, "S0614TZR7");
	assert_int_equal(post.tone, CHAT_BAD);
	assert_string_equal(post.headline, "ALERT GAP in production, found by a drill: "
					   "OrdersQueueMissing never reached #ops");
	assert_int_equal(strncmp(post.body, "*It was a drill*: reverted and confirmed at ", 44), 0);
	assert_has(post.body,
		   "A real alert would be lost in the same way\n*Since*: Sat 10:03 UTC\n");
	assert_has(post.body, "*Broken on purpose*: The orders API publishes to a queue that does "
			      "not exist\n*Expected*: ");
	assert_has(post.body, "*Expected*: OrdersQueueMissing in #ops within 90 s");
	assert_has(post.body, "*Lost between*: ");
	assert_has(post.body, "*Runbook*: https://wiki.example/orders-queue");
	assert_has(post.body, "*Drill*: https://acme.slack.com/archives/C1/p2");
	assert_null(strstr(post.body, "*Page*"));
	made_free(made);
	notice_writer_free(writer);
}

static void one_that_goes_on_counts_its_drills(void **state)
{
	struct notice_writer *writer = notice_writer_new();
	struct made *made = make_missing();
	struct notice_gap gap = known(5);
	struct chat_post post;

	(void)state;
	notice_write_gap(writer, &made->record, &gap, &post);
	check(&post);
	assert_has(post.headline, "ALERT GAP, still open, in production");
	assert_has(post.body, "*Since*: Fri 08:03 UTC, found by 5 drills");
	gap.first_wall_ms = ENDED - 20 * 24 * HOUR;
	notice_write_gap(writer, &made->record, &gap, &post);
	assert_has(post.body, "*Since*: 2026-11-01 10:03 UTC, found by 5 drills");
	notice_write_again(writer, &made->record, &gap, &post);
	check(&post);
	assert_false(post.loud);
	assert_string_equal(post.headline, "Found again: OrdersQueueMissing never reached #ops");
	assert_string_equal(post.body,
			    "fd-k3q9x2m7, Sat 10:03 UTC; 5 drills since 2026-11-01 10:03 UTC\n"
			    "https://acme.slack.com/archives/C1/p2");
	made_free(made);
	notice_writer_free(writer);
}

static struct made *make_pass(enum verdict verdict)
{
	struct made *made = make_running();

	(void)make_sighting(made, 0, 2100, NULL, "[FIRING:1] OrdersQueueMissing");
	make_over(made, verdict, "every alert did what was expected");
	(void)make_finding(made, 0, FINDING_DELIVERED, 2100, "arrived");
	return made;
}

static void recovery_says_what_it_was_and_how_long(void **state)
{
	struct notice_writer *writer = notice_writer_new();
	struct made *made = make_pass(VERDICT_PASS);
	struct notice_gap gap = known(1);
	struct chat_post post;

	(void)state;
	notice_write_recovered(writer, &made->record, &gap, &post);
	check(&post);
	assert_true(post.loud); /* as the message was before: else its old headline would stay */
	assert_int_equal(post.tone, CHAT_GOOD);
	assert_has(post.headline, "RECOVERED in production: OrdersQueueMissing reached #ops after "
				  "2.1 s");
	assert_has(post.body, "*It was*: OrdersQueueMissing never reached #ops\n"
			      "*Open*: Fri 08:03 UTC to Sat 10:02 UTC (25 h 59 min)");
	assert_has(post.body, "found by 1 drill");
	notice_write_recovery(writer, &made->record, &gap, &post);
	check(&post);
	assert_true(post.broadcast);
	assert_false(post.loud);
	made_free(made);
	made = make_pass(VERDICT_FLAKY);
	notice_write_recovered(writer, &made->record, &gap, &post);
	assert_has(post.headline, "but only when it was repeated");
	assert_int_equal(post.tone, CHAT_UNSURE);
	made_free(made);
	notice_writer_free(writer);
}

static void a_chat_in_trouble_is_told_with_what_to_do(void **state)
{
	struct notice_writer *writer = notice_writer_new();
	struct made *made = make_pass(VERDICT_PASS);
	struct chat_post post;
	char *letter;

	(void)state;
	notice_write_chat(writer, &made->record, "watch #ops (slack)", "the token was revoked",
			  &post);
	check(&post);
	assert_string_equal(post.headline, "firedrill cannot watch #ops (slack)");
	assert_has(post.body, "*Why*: the token was revoked\n*First seen by*: fd-k3q9x2m7 of "
			      "orders-bad-queue in production: pass\n*What to do*: run `firedrill "
			      "doctor`");
	letter = notice_letter(&post, "that chat is the usual way");
	assert_has(letter, "\n\nWhy it comes this way: that chat is the usual way.\n");
	free(letter);
	notice_write_chat_well(writer, &made->record, "slack", &post);
	check(&post);
	made_free(made);
	notice_writer_free(writer);
}

static void hostile_texts_stay_small_and_harmless(void **state)
{
	struct notice_writer *writer = notice_writer_new();
	struct made *made = make_missing();
	char *hostile = make_hostile(100000);
	struct notice_gap gap = known(INT64_MAX);
	struct chat_post post;

	(void)state;
	made->scenario.name = made->scenario.summary = made->scenario.owner = hostile;
	made->scenario.runbook = made->environment.name = hostile;
	made->expect[0].alert = made->expect[0].channel = hostile;
	gap.text = gap.link = gap.page = hostile;
	notice_write_gap(writer, &made->record, &gap, &post);
	assert_null(strpbrk(post.headline, "*`"));
	assert_false(text_has_control(post.body, true));
	assert_true(text_is_utf8(post.body));
	assert_in_range(text_escaped_len(post.body), 1, 4000);
	notice_write_again(writer, &made->record, &gap, &post);
	check(&post);
	notice_write_recovered(writer, &made->record, &gap, &post);
	check(&post);
	notice_write_chat(writer, &made->record, hostile, hostile, &post);
	check(&post);
	free(hostile);
	made_free(made);
	notice_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_gap_says_what_is_lost_where_since_when_and_what_to_do),
	    cmocka_unit_test(one_that_goes_on_counts_its_drills),
	    cmocka_unit_test(recovery_says_what_it_was_and_how_long),
	    cmocka_unit_test(a_chat_in_trouble_is_told_with_what_to_do),
	    cmocka_unit_test(hostile_texts_stay_small_and_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
