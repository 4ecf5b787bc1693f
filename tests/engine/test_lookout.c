/* The lookout: from what a channel carries to evidence. The channel is made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/lookout.h"
#include "tests/engine/hand_channel.h"

#define DRILL    "fd-k3q9x2m7"
#define PATIENCE 4000

/* One lookout on it. */

struct post {
	struct channel channel;
	char *match[3], *contains[1], *resolved[2];
	struct expectation wanted;
	struct scenario scenario;
	struct evidence evidence;
	struct expectation_evidence *found;
	struct lookout *lookout;
	int changes;
};

static char *words(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void on_changed(void *arg)
{
	((struct post *)arg)->changes++;
}

static int setup(void **state)
{
	struct post *post = mem_zalloc(sizeof *post);

	post->match[0] = words("QueueMissing");
	post->match[1] = words("queue=orders-" DRILL);
	post->contains[0] = words("runbook");
	post->resolved[0] = words("resolved");
	post->resolved[1] = words("OK");
	post->wanted = (struct expectation){
	    .match = {post->match, 2},
	    .contains = {post->contains, 1},
	    .resolved_match = {post->resolved, 2},
	    .within_ms = 10000,
	};
	post->scenario = (struct scenario){.expect = &post->wanted, .expect_count = 1};
	evidence_init(&post->evidence, &post->scenario, DRILL);
	post->found = &post->evidence.expect[0];
	post->lookout = lookout_new(&post->channel, post->found, DRILL, PATIENCE, on_changed, post);
	lookout_start(post->lookout);
	*state = post;
	return 0;
}

static int teardown(void **state)
{
	struct post *post = *state;

	lookout_free(post->lookout);
	assert_null(post->channel.cover);
	for (size_t i = 0; i < HAND_WATCHES; i++)
		assert_null(post->channel.watches[i]);
	evidence_done(&post->evidence);
	free(post);
	return 0;
}

/* What the lookout waits for. */
static struct cover asked(const struct post *post)
{
	assert_non_null(post->channel.cover);
	return post->channel.cover != NULL ? *post->channel.cover : (struct cover){0};
}

static void covered(struct post *post, bool yes)
{
	struct cover *cover = post->channel.cover;
	cover_done_fn *done;
	void *arg;

	if (cover == NULL) {
		fail_msg("nothing is waited for");
		return;
	}
	done = cover->done;
	arg = cover->arg;
	cover_free(cover);
	done(arg, yes);
}

/* A message that the drill's own watch is given: number `n`, posted at n seconds. */
static struct chat_message message(int n, const char *text)
{
	static char ts[4][CHAT_TS_SIZE];
	char *at = ts[n % 4];

	(void)snprintf(at, CHAT_TS_SIZE, "%d.000100", 1700000000 + n);
	return (struct chat_message){.ts = at, .text = text, .text_len = strlen(text)};
}

static void see(struct post *post, const struct chat_message *seen, bool edit, bool reply)
{
	const struct sight sight = {
	    .message = seen,
	    .at_ms = (atoi(seen->ts + 6) % 1000) * 1000,
	    .read_ms = 500000,
	    .edit = edit,
	    .reply = reply,
	};
	const struct watch *watch = post->channel.watches[1];

	watch->spec.seen(watch->arg, &sight);
}

static void see_before(struct post *post, const struct chat_message *seen, bool edit)
{
	const struct sight sight = {
	    .message = seen, .at_ms = (atoi(seen->ts + 6) % 1000) * 1000, .edit = edit};
	const struct watch *watch = post->channel.watches[0];

	watch->spec.seen(watch->arg, &sight);
}

#define FIRING "QueueMissing queue=orders-" DRILL " runbook"

/* What messages mean. */

static void every_text_of_match_must_be_there(void **state)
{
	struct post *post = *state;

	assert_true(lookout_matches(&post->wanted, DRILL, true, FIRING));
	assert_false(lookout_matches(&post->wanted, DRILL, true, "QueueMissing queue=orders"));
	assert_false(lookout_matches(&post->wanted, DRILL, true, "queue=orders-" DRILL));
	assert_true(lookout_matches(&post->wanted, DRILL, false, "QueueMissing queue=orders"));
	assert_false(lookout_matches(&post->wanted, DRILL, false, "WorkerStopped"));
}

static void without_its_nonce_a_match_of_the_nonce_alone_matches_nothing(void **state)
{
	struct post *post = *state;

	post->match[0] = post->match[1];
	assert_false(lookout_matches(&post->wanted, DRILL, false, "anything"));
	assert_true(lookout_matches(&post->wanted, DRILL, true, FIRING));
}

static void resolved_is_a_word_in_any_case(void **state)
{
	static const char *const yes[] = {"resolved",
					  "[RESOLVED] x",
					  "x: Resolved.",
					  "(ok)",
					  "is ok",
					  "\xe2\x9c\x85Resolved",
					  "unresolved, then resolved"};
	static const char *const no[] = {
	    "",     "unresolved", "resolvedness", "is_resolved=false", "resolved_at",
	    "book", "token",      "OK2",          "resolve",           "ok_to_go"};
	struct post *post = *state;

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (!lookout_is_resolved(&post->wanted, yes[i]))
			fail_msg("\"%s\" is resolved", yes[i]);
	}
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		if (lookout_is_resolved(&post->wanted, no[i]))
			fail_msg("\"%s\" is not resolved", no[i]);
	}
	post->resolved[0] = post->resolved[1] = words("");
	assert_false(lookout_is_resolved(&post->wanted, "resolved"));
}

/* The watch. */

static void a_mark_of_firing_outweighs_the_word_resolved_behind_it(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(3, "[FIRING:1] " FIRING ": name not resolved");

	assert_false(lookout_is_resolved(&post->wanted, alert.text));
	assert_false(lookout_is_resolved(&post->wanted, "x [firing:2] is not ok"));
	assert_true(lookout_is_resolved(&post->wanted, "[FIRING:1, RESOLVED:2] x"));
	assert_true(lookout_is_resolved(&post->wanted, "Resolved: [FIRING:1] x"));
	assert_true(lookout_is_resolved(&post->wanted, "[FIRING x is resolved"));
	see(post, &alert, false, false);
	assert_int_equal(post->found->sighting_count, 1);
	assert_false(post->found->sightings[0].resolved);
	/* An edit that leaves the mark and says that it is over says that it is over. */
	alert.text = "[FIRING:1] " FIRING " (resolved)";
	alert.text_len = strlen(alert.text);
	alert.edited_ts = "1700000031.000000";
	see(post, &alert, true, false);
	assert_int_equal(post->found->sighting_count, 2);
	assert_true(post->found->sightings[1].resolved);
}

static void it_watches_from_now_for_the_nonce_and_from_the_equal_window_for_the_alert(void **state)
{
	struct post *post = *state;
	const struct watch_spec *before = &post->channel.watches[0]->spec;
	const struct watch_spec *own = &post->channel.watches[1]->spec;

	assert_int_equal(before->needle_count, 1);
	assert_null(before->nonce);
	assert_int_equal(own->needle_count, 2);
	assert_string_equal(own->nonce, DRILL);
	assert_in_range(clock_ms() - before->since_ms, 10000, 12000);
	assert_true(own->since_ms >= before->since_ms);
	assert_int_equal(asked(post).give_up_ms - asked(post).until_ms, PATIENCE);
}

static void a_new_message_is_a_sighting_with_all_its_facts(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(7, FIRING);

	see(post, &alert, false, false);
	assert_int_equal(post->found->sighting_count, 1);
	assert_int_equal(post->found->sightings[0].at_ms, 7000);
	assert_int_equal(post->found->sightings[0].read_ms, 500000);
	assert_string_equal(post->found->sightings[0].ts, alert.ts);
	assert_string_equal(post->found->sightings[0].text, FIRING);
	assert_non_null(strstr(post->found->sightings[0].permalink, alert.ts));
	assert_null(post->found->sightings[0].lacks);
	assert_false(post->found->sightings[0].resolved);
	assert_int_equal(post->changes, 1);
}

static void our_own_messages_are_no_alerts(void **state)
{
	struct post *post = *state;
	struct chat_message own = message(1, FIRING);

	own.mark = DRILL;
	see(post, &own, false, false);
	see_before(post, &own, false);
	assert_int_equal(post->found->sighting_count, 0);
	assert_int_equal(post->found->before_count, 0);
}

static void what_it_lacks_is_renewed_by_an_edit(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, "QueueMissing queue=orders-" DRILL);

	see(post, &alert, false, false);
	assert_string_equal(post->found->sightings[0].lacks, "runbook");
	alert = message(1, FIRING);
	see(post, &alert, true, false);
	assert_int_equal(post->found->sighting_count, 1);
	assert_null(post->found->sightings[0].lacks);
	assert_string_equal(post->found->sightings[0].text, FIRING);
}

static void an_edit_into_resolved_is_one_more_sighting_at_the_time_of_the_edit(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, FIRING);

	see(post, &alert, false, false);
	alert.text = "[RESOLVED] " FIRING;
	alert.edited_ts = "1700000031.000000";
	see(post, &alert, true, false);
	assert_int_equal(post->found->sighting_count, 2);
	assert_true(post->found->sightings[1].resolved);
	assert_true(post->found->sightings[1].edit);
	assert_null(post->found->sightings[1].lacks);
	assert_in_range(post->found->sightings[1].at_ms, 30998, 31002);
	assert_int_equal(post->found->sightings[0].at_ms, 1000);
	assert_false(post->found->sightings[0].resolved);
}

static void an_edit_is_never_dated_before_its_message(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, FIRING);

	see(post, &alert, false, false);
	alert.text = "[RESOLVED] " FIRING;
	alert.edited_ts = "1700000000.000000"; /* rounded down by the chat */
	see(post, &alert, true, false);
	assert_int_equal(post->found->sightings[1].at_ms, 1000);
}

static void an_edit_without_its_time_counts_from_when_it_was_read(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, FIRING);

	see(post, &alert, false, false);
	alert.text = "[RESOLVED] " FIRING;
	see(post, &alert, true, false);
	assert_int_equal(post->found->sightings[1].at_ms, 500000);
}

static void an_edit_back_into_firing_fires_again(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, FIRING);

	see(post, &alert, false, false);
	alert.text = "[RESOLVED] " FIRING;
	see(post, &alert, true, false);
	alert.text = FIRING;
	see(post, &alert, true, false);
	assert_int_equal(post->found->sighting_count, 3);
	assert_false(post->found->sightings[2].resolved);
}

static void a_message_first_seen_edited_and_resolved_was_an_alert_first(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(2, "[RESOLVED] QueueMissing queue=orders-" DRILL);

	alert.edited_ts = "1700000005.000000";
	see(post, &alert, false, false);
	assert_int_equal(post->found->sighting_count, 2);
	assert_false(post->found->sightings[0].resolved);
	assert_true(post->found->sightings[0].guessed);
	assert_int_equal(post->found->sightings[0].at_ms, 2000);
	assert_true(post->found->sightings[1].resolved);
	assert_false(post->found->sightings[1].guessed);
	assert_in_range(post->found->sightings[1].at_ms, 4998, 5002);
}

static void a_resolved_message_of_its_own_is_no_alert(void **state)
{
	struct post *post = *state;
	struct chat_message end = message(3, "[RESOLVED] " FIRING);

	see(post, &end, false, false);
	assert_int_equal(post->found->sighting_count, 1);
	assert_true(post->found->sightings[0].resolved);
	assert_false(post->found->sightings[0].edit);
}

static void a_reply_that_says_resolved_counts_once_and_other_talk_does_not(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(1, FIRING), reply = message(2, "who looks at this?");

	see(post, &alert, false, false);
	reply.thread_ts = alert.ts;
	see(post, &reply, false, true);
	assert_int_equal(post->found->sighting_count, 1);
	reply = message(3, "Resolved!");
	reply.thread_ts = alert.ts;
	see(post, &reply, false, true);
	see(post, &reply, true, true);
	assert_int_equal(post->found->sighting_count, 2);
	assert_true(post->found->sightings[1].resolved);
	assert_true(post->found->sightings[1].reply);
}

static void a_reply_in_a_thread_that_is_no_alert_means_nothing(void **state)
{
	struct post *post = *state;
	struct chat_message reply = message(2, "resolved " FIRING);

	reply.thread_ts = "1700000000.000000"; /* of the drill's own message */
	see(post, &reply, false, true);
	assert_int_equal(post->found->sighting_count, 0);
}

static void a_storm_of_alerts_is_counted_and_not_kept(void **state)
{
	struct post *post = *state;

	for (int i = 0; i < 300; i++) {
		struct chat_message alert = message(i, FIRING);

		see(post, &alert, false, false);
	}
	assert_int_equal(post->found->sighting_count + post->found->unread_count, 300);
	assert_true(post->found->unread_count > 0);
}

static void a_long_text_is_cut_between_characters(void **state)
{
	struct post *post = *state;
	struct chat_message alert;
	char *text = mem_zalloc(9000);

	memcpy(text, FIRING, sizeof FIRING - 1);
	for (size_t i = sizeof FIRING - 1; i + 2 < 8999; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	alert = message(1, text);
	see(post, &alert, false, false);
	assert_in_range(strlen(post->found->sightings[0].text), 4000, 4096);
	assert_int_equal((strlen(post->found->sightings[0].text) - (sizeof FIRING - 1)) % 2, 0);
	free(text);
}

/* The baseline. */

static void the_newest_alert_of_the_baseline_tells_whether_it_fires(void **state)
{
	struct post *post = *state;
	struct chat_message end = message(5, "[RESOLVED] QueueMissing a");
	struct chat_message alert = message(3, "QueueMissing a");

	see_before(post, &end, false); /* in any order */
	see_before(post, &alert, false);
	assert_int_equal(post->found->before_count, 1);
	assert_false(post->found->firing_before);
	alert = message(6, "QueueMissing b");
	see_before(post, &alert, false);
	assert_int_equal(post->found->before_count, 2);
	assert_true(post->found->firing_before);
}

static void an_edit_in_the_baseline_ends_the_alert_but_it_was_there(void **state)
{
	struct post *post = *state;
	struct chat_message alert = message(3, "QueueMissing a");

	see_before(post, &alert, false);
	alert.text = "[RESOLVED] QueueMissing a";
	see_before(post, &alert, true);
	assert_false(post->found->firing_before);
	assert_int_equal(post->found->before_count, 1);
	alert = message(5, "[RESOLVED] QueueMissing b");
	alert.edited_ts = "1700000006.000000";
	see_before(post, &alert, false);
	assert_int_equal(post->found->before_count, 2);
}

static void a_baseline_that_was_read_makes_the_channel_readable(void **state)
{
	struct post *post = *state;
	int64_t until_ms = asked(post).until_ms;

	assert_false(lookout_has_baseline(post->lookout));
	covered(post, true);
	assert_true(lookout_has_baseline(post->lookout));
	assert_true(post->found->readable);
	assert_int_equal(post->found->covered_ms, until_ms);
	assert_null(post->found->trouble);
	assert_null(post->channel.watches[0]);
	assert_int_equal(post->changes, 1);
}

static void a_baseline_that_could_not_be_read_says_why(void **state)
{
	struct post *post = *state;

	post->channel.trouble = "#ops cannot be read: http 503";
	covered(post, false);
	assert_true(lookout_has_baseline(post->lookout));
	assert_false(post->found->readable);
	assert_int_equal(post->found->covered_ms, TIME_NEVER);
	assert_string_equal(post->found->trouble, "#ops cannot be read: http 503");
}

static void a_channel_that_is_lost_says_why(void **state)
{
	struct post *post = *state;
	const struct watch *watch = post->channel.watches[1];

	assert_null(lookout_lost(post->lookout));
	watch->spec.lost(watch->arg, "invite the bot");
	assert_string_equal(lookout_lost(post->lookout), "invite the bot");
	assert_int_equal(post->changes, 1);
	covered(post, false);
	assert_string_equal(post->found->trouble, "invite the bot");
}

/* Reading until a time. */

static void it_asks_for_a_time_once_and_knows_when_it_was_read(void **state)
{
	struct post *post = *state;
	int64_t until_ms = clock_ms() + 60000;

	covered(post, true);
	lookout_read_until(post->lookout, until_ms);
	lookout_read_until(post->lookout, until_ms);
	assert_int_equal(post->channel.cover_count, 2);
	assert_int_equal(asked(post).until_ms, until_ms);
	assert_int_equal(asked(post).give_up_ms, until_ms + PATIENCE);
	assert_false(lookout_has_read(post->lookout));
	covered(post, true);
	assert_true(lookout_has_read(post->lookout));
	assert_int_equal(post->found->covered_ms, until_ms);
	lookout_read_until(post->lookout, until_ms);
	assert_int_equal(post->channel.cover_count, 2);
}

static void a_time_that_could_not_be_read_is_given_up_and_not_covered(void **state)
{
	struct post *post = *state;
	int64_t until_ms = clock_ms() + 60000;

	covered(post, true);
	lookout_read_until(post->lookout, until_ms);
	covered(post, false);
	lookout_read_until(post->lookout, until_ms);
	assert_true(lookout_has_read(post->lookout));
	assert_true(post->found->covered_ms < until_ms);
	assert_int_equal(post->channel.cover_count, 2);
}

static void the_time_may_shrink_and_end(void **state)
{
	struct post *post = *state;
	int64_t now_ms = clock_ms();

	covered(post, true);
	lookout_read_until(post->lookout, now_ms + 60000);
	lookout_read_until(post->lookout, now_ms + 30000);
	assert_int_equal(asked(post).until_ms, now_ms + 30000);
	lookout_read_until(post->lookout, TIME_NEVER);
	assert_null(post->channel.cover);
	assert_true(lookout_has_read(post->lookout));
	lookout_read_until(post->lookout, now_ms + 20000);
	covered(post, true);
	lookout_read_until(post->lookout, now_ms + 10000); /* included in what was read */
	assert_true(lookout_has_read(post->lookout));
	assert_int_equal(post->found->covered_ms, now_ms + 20000);
}

static void a_time_in_the_past_is_waited_for_as_long_as_patience_from_now(void **state)
{
	struct post *post = *state;
	int64_t now_ms = clock_ms();

	covered(post, true);
	post->found->covered_ms = now_ms - 5000;
	lookout_read_until(post->lookout, now_ms - 1000);
	assert_true(asked(post).give_up_ms >= now_ms + PATIENCE);
}

/* Near misses: `with` the id, else a message without the id of any drill. */
static void see_near(struct post *post, int n, bool with, const char *text)
{
	const struct chat_message seen = message(n, text);
	const struct sight sight = {.message = &seen, .at_ms = n * 1000, .read_ms = 500000};
	const struct watch *watch;

	lookout_widen(post->lookout);
	watch = post->channel.watches[with ? 2 : 3];
	watch->spec.seen(watch->arg, &sight);
}

static void it_watches_for_its_id_and_after_the_revert_for_messages_without_any(void **state)
{
	struct post *post = *state;

	assert_string_equal(post->channel.watches[2]->spec.nonce, DRILL);
	assert_false(post->channel.watches[2]->spec.strangers);
	assert_int_equal(post->channel.watch_count, 3);
	lookout_widen(post->lookout);
	lookout_widen(post->lookout);
	assert_int_equal(post->channel.watch_count, 4);
	assert_true(post->channel.watches[3]->spec.strangers);
	assert_null(post->channel.watches[3]->spec.nonce);
}

static void an_alert_that_lacks_its_id_is_a_near_miss_and_the_newest_is_kept(void **state)
{
	struct post *post = *state;

	see_near(post, 1, false, "[FIRING:1] QueueMissing (first)");
	see_near(post, 2, false, "[FIRING:1] QueueMissing (second)");
	assert_string_equal(post->found->near.lacks, "queue=orders-" DRILL);
	assert_string_equal(post->found->near.text, "[FIRING:1] QueueMissing (second)");
	assert_int_equal(post->found->near.at_ms, 2000);
	assert_false(post->found->near.has_nonce);
	assert_int_equal(post->found->sighting_count, 0);
}

static void a_message_with_the_id_that_lacks_another_text_is_a_nearer_miss(void **state)
{
	struct post *post = *state;

	see_near(post, 1, false, "[FIRING:1] QueueMissing");
	see_near(post, 2, true, "[FIRING:1] Warning queue=orders-" DRILL);
	see_near(post, 3, false, "[FIRING:1] QueueMissing");
	see_near(post, 3, true, "something else about " DRILL);
	assert_true(post->found->near.has_nonce);
	assert_string_equal(post->found->near.lacks, "QueueMissing");
	assert_non_null(strstr(post->found->near.text, "Warning"));
}

static void what_is_resolved_or_ours_or_another_alert_or_the_alert_is_no_near_miss(void **state)
{
	struct post *post = *state;
	struct chat_message ours = message(1, "QueueMissing");
	const struct sight sight = {.message = &ours, .at_ms = 1000, .read_ms = 500000};

	ours.mark = DRILL;
	post->channel.watches[2]->spec.seen(post->channel.watches[2]->arg, &sight);
	see_near(post, 1, false, "[RESOLVED] QueueMissing");
	see_near(post, 2, false, "[FIRING:1] DiskFull");
	see_near(post, 3, true, "[FIRING:1] QueueMissing queue=orders-" DRILL);
	assert_null(post->found->near.lacks);
}

static void finishing_writes_down_blind_time_and_trouble_and_ends_all_watches(void **state)
{
	struct post *post = *state;

	covered(post, true);
	lookout_read_until(post->lookout, clock_ms() + 1000);
	post->channel.blind_ms = 1234;
	post->channel.trouble = "slow";
	lookout_finish(post->lookout, clock_ms());
	assert_int_equal(post->found->blind_ms, 1234);
	assert_string_equal(post->found->trouble, "slow");
	assert_null(post->channel.watches[1]);
	assert_null(post->channel.cover);
}

#define ON_POST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_POST(every_text_of_match_must_be_there),
	    ON_POST(without_its_nonce_a_match_of_the_nonce_alone_matches_nothing),
	    ON_POST(resolved_is_a_word_in_any_case),
	    ON_POST(a_mark_of_firing_outweighs_the_word_resolved_behind_it),
	    ON_POST(it_watches_from_now_for_the_nonce_and_from_the_equal_window_for_the_alert),
	    ON_POST(a_new_message_is_a_sighting_with_all_its_facts),
	    ON_POST(our_own_messages_are_no_alerts),
	    ON_POST(what_it_lacks_is_renewed_by_an_edit),
	    ON_POST(an_edit_into_resolved_is_one_more_sighting_at_the_time_of_the_edit),
	    ON_POST(an_edit_is_never_dated_before_its_message),
	    ON_POST(an_edit_without_its_time_counts_from_when_it_was_read),
	    ON_POST(an_edit_back_into_firing_fires_again),
	    ON_POST(a_message_first_seen_edited_and_resolved_was_an_alert_first),
	    ON_POST(a_resolved_message_of_its_own_is_no_alert),
	    ON_POST(a_reply_that_says_resolved_counts_once_and_other_talk_does_not),
	    ON_POST(a_reply_in_a_thread_that_is_no_alert_means_nothing),
	    ON_POST(a_storm_of_alerts_is_counted_and_not_kept),
	    ON_POST(a_long_text_is_cut_between_characters),
	    ON_POST(the_newest_alert_of_the_baseline_tells_whether_it_fires),
	    ON_POST(an_edit_in_the_baseline_ends_the_alert_but_it_was_there),
	    ON_POST(a_baseline_that_was_read_makes_the_channel_readable),
	    ON_POST(a_baseline_that_could_not_be_read_says_why),
	    ON_POST(a_channel_that_is_lost_says_why),
	    ON_POST(it_asks_for_a_time_once_and_knows_when_it_was_read),
	    ON_POST(a_time_that_could_not_be_read_is_given_up_and_not_covered),
	    ON_POST(the_time_may_shrink_and_end),
	    ON_POST(a_time_in_the_past_is_waited_for_as_long_as_patience_from_now),
	    ON_POST(it_watches_for_its_id_and_after_the_revert_for_messages_without_any),
	    ON_POST(an_alert_that_lacks_its_id_is_a_near_miss_and_the_newest_is_kept),
	    ON_POST(a_message_with_the_id_that_lacks_another_text_is_a_nearer_miss),
	    ON_POST(what_is_resolved_or_ours_or_another_alert_or_the_alert_is_no_near_miss),
	    ON_POST(finishing_writes_down_blind_time_and_trouble_and_ends_all_watches),
	};

	return cmocka_run_group_tests_name("lookout", tests, NULL, NULL);
}
