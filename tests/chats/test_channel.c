/* The shared reader of a channel: which watch is told of what, and how often. */
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
#include "tests/chats/channel_world.h"

/* Matching. */

static void a_message_with_the_nonce_reaches_its_watch_once(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "[FIRING:1] QueueMissing (orders-" NONCE ")");
	wait_seen(watcher, 1);
	wait_read_all(world);
	wait_read_all(world);
	assert_int_equal(watcher->count, 1);
	assert_string_equal(watcher->list[0].text, "[FIRING:1] QueueMissing (orders-" NONCE ")");
	assert_false(watcher->list[0].edit);
	assert_false(watcher->list[0].reply);
	assert_false(watcher->list[0].own);
	assert_string_equal(channel_id(world->channel), "C1");
	assert_string_equal(channel_name(world->channel), "#ops");
}

static void all_needles_must_occur(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	watcher = world_watch(world, NONCE, "QueueMissing", clock_ms());
	(void)memory_post(&world->chat, "something else about " NONCE);
	(void)memory_post(&world->chat, "QueueMissing of another drill " OTHER);
	(void)memory_post(&world->chat, "queuemissing in another case " NONCE);
	(void)memory_post(&world->chat, "QueueMissing " NONCE);
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_int_equal(watcher->count, 1);
	assert_string_equal(watcher->list[0].text, "QueueMissing " NONCE);
}

static void our_own_message_is_known_by_its_mark(void **state)
{
	struct world *world = *state;
	struct watcher *watcher, *other;

	world_open(world);
	watcher = world_watch(world, NONCE, "QueueMissing", clock_ms());
	other = world_watch(world, OTHER, NULL, clock_ms());
	(void)memory_post_own(&world->chat, "a drill begins", NONCE);
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_true(watcher->list[0].own);
	assert_int_equal(other->count, 0);
}

static void a_nonce_glued_to_other_letters_is_found(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "queue=orders" NONCE "x is missing");
	wait_seen(watcher, 1);
	assert_int_equal(watcher->count, 1);
}

static void several_ids_in_one_message_reach_their_watches(void **state)
{
	struct world *world = *state;
	struct watcher *first, *second, *twin;

	world_open(world);
	first = world_watch(world, NONCE, NULL, clock_ms());
	twin = world_watch(world, NONCE, NULL, clock_ms());
	second = world_watch(world, OTHER, NULL, clock_ms());
	(void)memory_post(&world->chat,
			  "fd- fd-12 " OTHER " and " NONCE " and again " NONCE " fd-");
	wait_seen(first, 1);
	wait_seen(second, 1);
	wait_seen(twin, 1);
	wait_read_all(world);
	assert_int_equal(first->count + second->count + twin->count, 3);
}

static void without_a_nonce_every_message_is_looked_at(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	watcher = world_watch(world, NULL, "HealthDown", clock_ms());
	(void)memory_post(&world->chat, "[FIRING:1] HealthDown");
	(void)memory_post(&world->chat, "[FIRING:1] CertificateExpires");
	(void)memory_post(&world->chat, "[RESOLVED] HealthDown");
	wait_seen(watcher, 2);
	wait_read_all(world);
	assert_int_equal(watcher->count, 2);
}

static void count_sight(void *arg, const struct sight *sight)
{
	(void)sight;
	(*(size_t *)arg)++;
}

static void needles_without_the_nonce_match_any_message(void **state)
{
	static const char *const needles[] = {"HealthDown"};
	struct world *world = *state;
	struct watcher *sentinel;
	struct watch *watch;
	struct watch_spec spec = {
	    .nonce = NONCE, .needles = needles, .needle_count = 1, .seen = count_sight};
	size_t count = 0;

	world_open(world);
	spec.since_ms = clock_ms();
	watch = channel_watch(world->channel, &spec, &count);
	sentinel = world_watch(world, OTHER, NULL, clock_ms());
	(void)memory_post(&world->chat, "[FIRING:1] HealthDown");
	(void)memory_post_own(&world->chat, "a drill begins", NONCE);
	(void)memory_post(&world->chat, "the end " OTHER);
	wait_seen(sentinel, 1);
	watch_free(watch);
	assert_int_equal(count, 2);
}

static void what_was_posted_before_is_not_wanted(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	(void)memory_post_at(&world->chat, "too old " NONCE, clock_wall_ms() - 1500);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 1000);
	(void)memory_post(&world->chat, "new " NONCE);
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_int_equal(watcher->count, 1);
	assert_string_equal(watcher->list[0].text, "new " NONCE);
}

/* Paging. */

static void post_many(struct world *world, int count)
{
	for (int i = 0; i < count; i++) {
		char text[64];

		(void)snprintf(text, sizeof text, "%d " NONCE, i);
		(void)memory_post(&world->chat, text);
	}
}

static void assert_each_once(const struct watcher *watcher, int count)
{
	int *times = mem_zalloc((size_t)count * sizeof *times);

	assert_int_equal(watcher->count, count);
	for (size_t i = 0; i < watcher->count; i++) {
		long number = strtol(watcher->list[i].text, NULL, 10);

		assert_in_range(number, 0, count - 1);
		times[number]++;
		assert_false(watcher->list[i].edit);
	}
	for (int i = 0; i < count; i++)
		assert_int_equal(times[i], 1);
	free(times);
}

static void read_in_pages(struct world *world, bool forward)
{
	struct watcher *watcher;

	world->chat.page_size = 7;
	world->chat.forward = forward;
	world->chat.shuffled = true;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	post_many(world, 100);
	wait_seen(watcher, 100);
	wait_read_all(world);
	assert_each_once(watcher, 100);
	assert_int_equal(channel_counts(world->channel).messages, 100);
	assert_int_equal(channels_counts(world->channels).failed, 0);
}

static void pages_from_the_newest_backwards_are_read_once(void **state)
{
	read_in_pages(*state, false);
}

static void pages_from_the_oldest_forwards_are_read_once(void **state)
{
	read_in_pages(*state, true);
}

static void post_while_reading(struct chat *chat)
{
	int *number = chat->arg;
	char text[64];

	if (*number >= 60)
		return;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof text, "%d " NONCE, (*number)++);
		(void)memory_post(chat, text);
	}
}

static void read_what_comes_meanwhile(struct world *world, bool forward)
{
	struct watcher *watcher;
	int number = 0;

	world->chat.page_size = 3;
	world->chat.forward = forward;
	world->chat.reading = post_while_reading;
	world->chat.arg = &number;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_seen(watcher, 60);
	wait_read_all(world);
	assert_each_once(watcher, 60);
}

static void what_comes_while_pages_are_read_is_read_once(void **state)
{
	read_what_comes_meanwhile(*state, false);
}

static void what_comes_while_pages_are_read_forwards_is_read_once(void **state)
{
	read_what_comes_meanwhile(*state, true);
}

static void each_page_is_handed_over_in_the_order_of_time(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->chat.shuffled = true;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	post_many(world, 20);
	wait_seen(watcher, 20);
	for (size_t i = 0; i + 1 < watcher->count; i++)
		assert_true(chat_ts_compare(watcher->list[i].ts, watcher->list[i + 1].ts) < 0);
}

static void a_message_that_shows_up_late_is_not_lost(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t wall_ms;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 1000);
	wall_ms = clock_wall_ms();
	(void)memory_post(&world->chat, "first " NONCE);
	wait_seen(watcher, 1);
	wait_read_all(world);
	(void)memory_post_at(&world->chat, "hidden until now " NONCE, wall_ms - 500);
	wait_seen(watcher, 2);
	assert_string_equal(watcher->list[1].text, "hidden until now " NONCE);
}

static void a_chat_that_never_stops_paging_is_a_failure(void **state)
{
	struct world *world = *state;

	world->chat.endless = true;
	world->driver.requests_per_minute = 60000000;
	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 500);
	wait_ms(world, 30);
	assert_non_null(channel_trouble(world->channel));
	assert_non_null(strstr(channel_trouble(world->channel), "never stops"));
	assert_true(channels_counts(world->channels).failed > 0);
	assert_true(channels_counts(world->channels).requests >= 500);
	assert_true(channel_blind_ms(world->channel, 0, clock_ms()) > 0);
}

/* Edits and replies. */

static void an_edit_is_handed_over_again(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	wait_seen(watcher, 1);
	wait_read_all(world);
	memory_edit(&world->chat, ts, "[RESOLVED] all is well");
	wait_seen(watcher, 2);
	wait_read_all(world);
	assert_int_equal(watcher->count, 2);
	assert_true(watcher->list[1].edit);
	assert_string_equal(watcher->list[1].ts, ts);
	assert_string_equal(watcher->list[1].text, "[RESOLVED] all is well");
	assert_int_equal(watcher->list[1].at_ms, watcher->list[0].at_ms);
	assert_true(watcher->list[1].read_ms >= watcher->list[0].read_ms);
}

static void an_edit_tells_since_when_it_can_be(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t edited_ms;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	wait_seen(watcher, 1);
	assert_int_equal(watcher->list[0].before_ms, 0);
	wait_read_all(world); /* once more as it is */
	edited_ms = clock_ms();
	memory_edit(&world->chat, ts, "[RESOLVED]");
	wait_seen(watcher, 2);
	assert_true(watcher->list[1].before_ms >= watcher->list[0].read_ms);
	assert_true(watcher->list[1].before_ms <= edited_ms);
}

static void a_message_that_matches_only_after_an_edit_is_handed_over(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] one"));
	wait_read_all(world);
	memory_edit(&world->chat, ts, "[FIRING] one, and " NONCE);
	wait_seen(watcher, 1);
	assert_true(watcher->list[0].edit);
}

static void edits_of_an_old_message_cost_no_requests(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 60000);
	(void)snprintf(ts, sizeof ts, "%s",
		       memory_post_at(&world->chat, "[FIRING] " NONCE, clock_wall_ms() - 50000));
	(void)memory_post(&world->chat, "something newer");
	wait_seen(watcher, 1);
	wait_read_all(world);
	memory_edit(&world->chat, ts, "[RESOLVED]");
	wait_seen(watcher, 2);
	assert_int_equal(world->chat.threads, 0);
}

static void a_reply_to_a_handed_over_message_is_handed_over(void **state)
{
	struct world *world = *state;
	struct watcher *watcher, *other;
	char ts[CHAT_TS_SIZE], reply[CHAT_TS_SIZE];
	size_t threads;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	other = world_watch(world, OTHER, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	wait_seen(watcher, 1);
	(void)snprintf(reply, sizeof reply, "%s", memory_reply(&world->chat, ts, "resolved"));
	wait_seen(watcher, 2);
	wait_read_all(world);
	threads = world->chat.threads;
	wait_reads(world, 20);
	assert_int_equal(world->chat.threads, threads);
	assert_int_equal(watcher->count, 2);
	assert_true(watcher->list[1].reply);
	assert_false(watcher->list[1].edit);
	assert_string_equal(watcher->list[1].ts, reply);
	assert_int_equal(other->count, 0);
	(void)memory_reply(&world->chat, ts, "and again");
	wait_seen(watcher, 3);
	assert_string_equal(watcher->list[2].text, "and again");
	memory_edit(&world->chat, reply, "resolved, really");
	(void)memory_reply(&world->chat, ts, "once more");
	wait_seen(watcher, 5);
	assert_true(watcher->list[3].edit);
	assert_string_equal(watcher->list[3].text, "resolved, really");
}

static void threads_that_nobody_waits_for_are_not_read(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "lunch?"));
	(void)memory_reply(&world->chat, ts, "yes");
	(void)snprintf(ts, sizeof ts, "%s", memory_post_own(&world->chat, "a drill", NONCE));
	(void)memory_reply(&world->chat, ts, "a comment on the drill");
	wait_seen(watcher, 1);
	wait_reads(world, 20);
	assert_int_equal(world->chat.threads, 0);
}

static void replies_are_found_when_the_chat_does_not_tell_of_them(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world->chat.no_latest_reply = true;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	for (int i = 0; i < 5; i++)
		(void)memory_post(&world->chat, "one of several " NONCE);
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "the last " NONCE));
	wait_seen(watcher, 6);
	(void)memory_reply(&world->chat, ts, "resolved");
	wait_seen(watcher, 7);
	assert_true(watcher->list[6].reply);
	wait_reads(world, 50);
	/* One in five reads, however many messages are waited for. */
	assert_in_range(world->chat.threads, 1, world->chat.reads / 5 + 1);
}

static void a_deleted_thread_is_given_up(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world->chat.thread_result = CHAT_PERMANENT;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	(void)memory_reply(&world->chat, ts, "resolved");
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_int_equal(watcher->lost, 0);
	assert_null(channel_trouble(world->channel));
}

static void a_thread_that_cannot_be_read_does_not_stop_the_rest(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world->chat.thread_result = CHAT_RETRY;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	(void)memory_reply(&world->chat, ts, "resolved");
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_int_equal(world->chat.threads, 3);
	assert_null(channel_trouble(world->channel));
	world->chat.thread_result = CHAT_OK;
	(void)memory_reply(&world->chat, ts, "resolved again");
	wait_seen(watcher, 3);
}

static void an_edit_far_back_is_still_found(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];

	world->driver.page_size = 20;
	world->chat.page_size = 20;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 100000);
	(void)snprintf(ts, sizeof ts, "%s",
		       memory_post_at(&world->chat, "[FIRING] " NONCE, clock_wall_ms() - 90000));
	for (int i = 0; i < 100; i++)
		(void)memory_post_at(&world->chat, "noise", clock_wall_ms() - 80000 + i * 100);
	(void)memory_post(&world->chat, "newest");
	wait_seen(watcher, 1);
	wait_read_all(world);
	memory_edit(&world->chat, ts, "[RESOLVED]");
	wait_read_all(world); /* coverage includes it */
	assert_int_equal(watcher->count, 2);
	assert_true(watcher->list[1].edit);
	/* The steady rhythm stays at one request for a read, and a look in five. */
	world->chat.threads = 0;
	world->chat.reads = 0;
	wait_reads(world, 50);
	assert_in_range(world->chat.threads, 1, 12);
	assert_true(chat_ts_compare(world->chat.last_since, ts) > 0);
}

static void too_many_old_alerts_are_told_as_trouble(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->driver.page_size = 10;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	post_many(world, 60);
	wait_seen(watcher, 60);
	wait_read_all(world);
	assert_non_null(channel_trouble(world->channel));
	assert_non_null(strstr(channel_trouble(world->channel), "so many alerts"));
}

/* Late watches. */

static void a_late_watch_is_served_without_a_request(void **state)
{
	struct world *world = *state;
	struct watcher *early, *late;
	int64_t since_ms = clock_ms() - 1;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	early = world_watch(world, NONCE, NULL, since_ms);
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "[FIRING] " NONCE));
	(void)memory_reply(&world->chat, ts, "acknowledged");
	wait_seen(early, 2);
	world->chat.hang = true;
	wait_reads(world, 0);
	late = world_watch(world, NONCE, NULL, since_ms);
	wait_seen(late, 2);
	assert_false(late->list[0].edit);
	assert_true(late->list[1].reply);
	assert_int_equal(late->list[0].read_ms, early->list[0].read_ms);
	assert_int_equal(late->list[0].at_ms, early->list[0].at_ms);
	assert_int_equal(early->count, 2);
}

static void a_late_watch_that_wants_more_of_the_past_gets_it(void **state)
{
	struct world *world = *state;
	struct watcher *early, *late, *none;

	world_open(world);
	(void)memory_post_at(&world->chat, "old " NONCE, clock_wall_ms() - 600000);
	early = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "new " NONCE);
	wait_seen(early, 1);
	wait_read_all(world);
	late = world_watch(world, NONCE, NULL, clock_ms() - 700000);
	none = world_watch(world, OTHER, NULL, clock_ms() - 700000);
	wait_seen(late, 2);
	wait_read_all(world);
	wait_reads(world, 3);
	assert_int_equal(early->count, 1);
	assert_int_equal(late->count, 2);
	assert_int_equal(none->count, 0);
	assert_string_equal(late->list[0].text, "old " NONCE);
	assert_string_equal(late->list[1].text, "new " NONCE);
}

static void the_past_is_read_once(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "something");
	wait_read_all(world);
	watcher = world_watch(world, OTHER, NULL, clock_ms() - 700000);
	wait_read_all(world);
	wait_reads(world, 2);
	assert_true(chat_ts_ms(world->chat.last_since) > clock_wall_ms() - 100000);
	assert_int_equal(watcher->count, 0);
}

static void a_cover_waits_for_the_past_of_a_new_watch(void **state)
{
	struct world *world = *state;
	struct watcher *early, *late;
	struct waiter waiter;

	world_open(world);
	(void)memory_post_at(&world->chat, "old " NONCE, clock_wall_ms() - 600000);
	early = world_watch(world, OTHER, NULL, clock_ms());
	wait_read_all(world);
	late = world_watch(world, NONCE, NULL, clock_ms() - 700000);
	world_cover(world, &waiter, clock_ms() - 700000, clock_ms() + 8000);
	wait_covered(&waiter, world);
	assert_true(waiter.covered);
	assert_int_equal(late->count, 1);
	assert_int_equal(early->count, 0);
}

/* Life and death. */

static void free_own_watch(struct watcher *watcher)
{
	world_unwatch(watcher);
}

static void free_other_watch(struct watcher *watcher)
{
	world_unwatch(watcher->other);
}

static void a_watch_may_be_freed_by_its_own_callback(void **state)
{
	struct world *world = *state;
	struct watcher *watcher, *other;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	other = world_watch(world, NONCE, NULL, clock_ms());
	watcher->react = free_own_watch;
	(void)memory_post(&world->chat, "one " NONCE);
	(void)memory_post(&world->chat, "two " NONCE);
	wait_seen(other, 2);
	assert_int_equal(watcher->count, 1);
	other->react = free_own_watch;
	(void)memory_post(&world->chat, "three " NONCE);
	wait_seen(other, 3);
	assert_null(other->watch);
}

static void a_watch_may_be_freed_by_the_callback_of_another(void **state)
{
	struct world *world = *state;
	struct watcher *first, *second, *sentinel;

	world_open(world);
	sentinel = world_watch(world, OTHER, NULL, clock_ms());
	first = world_watch(world, NONCE, NULL, clock_ms());
	second = world_watch(world, NONCE, NULL, clock_ms());
	first->react = free_other_watch;
	first->other = second;
	second->react = free_other_watch;
	second->other = first;
	(void)memory_post(&world->chat, "one " NONCE);
	(void)memory_post(&world->chat, "two " NONCE);
	(void)memory_post(&world->chat, "the end " OTHER);
	wait_seen(sentinel, 1);
	assert_int_equal(first->count + second->count, 2);
	assert_true((first->watch == NULL) != (second->watch == NULL));
}

static void watch_again(struct watcher *watcher)
{
	watcher->react = NULL;
	watcher->other = world_watch(watcher->world, NONCE, NULL, clock_ms() - 1000);
}

static void a_watch_may_be_made_by_a_callback(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	watcher->react = watch_again;
	(void)memory_post(&world->chat, "one " NONCE);
	wait_seen(watcher, 1);
	wait_seen(watcher->other, 1);
	wait_read_all(world);
	assert_int_equal(watcher->other->count, 1);
}

static void reading_pauses_when_nobody_watches(void **state)
{
	struct world *world = *state;
	struct channel *busy;
	struct watcher *watcher, *sentinel;
	size_t reads;

	world_open(world);
	busy = channels_get(world->channels, "#busy");
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 2);
	world_unwatch(watcher);
	assert_int_equal(world->chat.in_flight, 0);
	reads = channel_counts(world->channel).requests;
	world->channel = busy;
	sentinel = world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 10);
	world->channel = channels_get(world->channels, "ops");
	assert_int_equal(channel_counts(world->channel).requests, reads);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "again " NONCE);
	wait_seen(watcher, 1);
	wait_seen(sentinel, 1);
}

static void everything_is_freed_with_covers_and_requests_pending(void **state)
{
	struct world *world = *state;
	struct waiter waiters[3];

	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 1);
	world->chat.hang = true;
	wait_reads(world, 0);
	for (int i = 0; i < 3; i++)
		world_cover(world, &waiters[i], clock_ms() + 1000, clock_ms() + 2000);
	cover_free(waiters[1].cover);
	world_unwatch(world->watchers);
	channels_free(world->channels);
	world->channels = NULL;
	assert_int_equal(world->chat.in_flight, 0);
	assert_int_equal(world->chat.cancelled, 1);
	wait_ms(world, 10);
	assert_int_equal(waiters[0].told + waiters[1].told + waiters[2].told, 0);
}

static void a_name_is_one_reader_with_and_without_its_sign(void **state)
{
	struct world *world = *state;

	world_open(world);
	assert_ptr_equal(channels_get(world->channels, "ops"), world->channel);
	assert_ptr_equal(channels_get(world->channels, "#ops"), world->channel);
	assert_ptr_not_equal(channels_get(world->channels, "#ops-staging"), world->channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	    TEST(a_message_with_the_nonce_reaches_its_watch_once),
	    TEST(all_needles_must_occur),
	    TEST(our_own_message_is_known_by_its_mark),
	    TEST(a_nonce_glued_to_other_letters_is_found),
	    TEST(several_ids_in_one_message_reach_their_watches),
	    TEST(without_a_nonce_every_message_is_looked_at),
	    TEST(needles_without_the_nonce_match_any_message),
	    TEST(what_was_posted_before_is_not_wanted),
	    TEST(pages_from_the_newest_backwards_are_read_once),
	    TEST(pages_from_the_oldest_forwards_are_read_once),
	    TEST(what_comes_while_pages_are_read_is_read_once),
	    TEST(what_comes_while_pages_are_read_forwards_is_read_once),
	    TEST(each_page_is_handed_over_in_the_order_of_time),
	    TEST(a_message_that_shows_up_late_is_not_lost),
	    TEST(a_chat_that_never_stops_paging_is_a_failure),
	    TEST(an_edit_is_handed_over_again),
	    TEST(an_edit_tells_since_when_it_can_be),
	    TEST(a_message_that_matches_only_after_an_edit_is_handed_over),
	    TEST(edits_of_an_old_message_cost_no_requests),
	    TEST(a_reply_to_a_handed_over_message_is_handed_over),
	    TEST(threads_that_nobody_waits_for_are_not_read),
	    TEST(replies_are_found_when_the_chat_does_not_tell_of_them),
	    TEST(a_deleted_thread_is_given_up),
	    TEST(a_thread_that_cannot_be_read_does_not_stop_the_rest),
	    TEST(an_edit_far_back_is_still_found),
	    TEST(too_many_old_alerts_are_told_as_trouble),
	    TEST(a_late_watch_is_served_without_a_request),
	    TEST(a_late_watch_that_wants_more_of_the_past_gets_it),
	    TEST(the_past_is_read_once),
	    TEST(a_cover_waits_for_the_past_of_a_new_watch),
	    TEST(a_watch_may_be_freed_by_its_own_callback),
	    TEST(a_watch_may_be_freed_by_the_callback_of_another),
	    TEST(a_watch_may_be_made_by_a_callback),
	    TEST(reading_pauses_when_nobody_watches),
	    TEST(everything_is_freed_with_covers_and_requests_pending),
	    TEST(a_name_is_one_reader_with_and_without_its_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
