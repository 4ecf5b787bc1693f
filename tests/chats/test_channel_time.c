/* The shared reader of a channel: limits, failures, coverage, clocks, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/chats/channel_world.h"

/* The wall clock, as it can be moved by a test. */
int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);

static int64_t *wall_jump_ms(void)
{
	static int64_t jump_ms;

	return &jump_ms;
}

int64_t __wrap_clock_wall_ms(void)
{
	return __real_clock_wall_ms() + *wall_jump_ms();
}

static int setup(void **state)
{
	*wall_jump_ms() = 0;
	return world_setup(state);
}

/* Failures. */

static void a_failed_read_is_tried_again_after_a_while(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t began_ms = clock_ms();

	world->chat.skip = 1; /* finding */
	world->chat.times = 1;
	world->chat.result = CHAT_RETRY;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, began_ms);
	(void)memory_post(&world->chat, "late, but read " NONCE);
	wait_reads(world, 0);
	wait_ms(world, 20);
	assert_non_null(channel_trouble(world->channel));
	assert_non_null(strstr(channel_trouble(world->channel), "told to fail"));
	channel_kick(world->channel); /* does not shorten a back-off */
	assert_true(channel_blind_ms(world->channel, began_ms, clock_ms()) >= 15);
	wait_seen(watcher, 1);
	assert_true(clock_ms() - began_ms >= 500);
	wait_read_all(world);
	assert_null(channel_trouble(world->channel));
	assert_int_equal(watcher->lost, 0);
}

static void the_blind_time_is_remembered(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t began_ms = clock_ms(), healed_ms;

	world->chat.skip = 1;
	world->chat.times = 1;
	world->chat.result = CHAT_RETRY;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, began_ms);
	wait_read_all(world);
	healed_ms = clock_ms();
	assert_true(channel_blind_ms(world->channel, began_ms, healed_ms) >= 490);
	assert_true(channel_blind_ms(world->channel, began_ms, healed_ms) <= healed_ms - began_ms);
	assert_int_equal(channel_blind_ms(world->channel, healed_ms, healed_ms + 1000), 0);
	assert_int_equal(channel_blind_ms(world->channel, began_ms - 1000, began_ms), 0);
	assert_int_equal(watcher->count, 0);
}

static void a_short_outage_that_healed_is_not_blindness(void **state)
{
	struct world *world = *state;
	int64_t began_ms = clock_ms();

	world->poll_ms = 400; /* the back-off of 500 ms is less than two polls */
	world->chat.skip = 1;
	world->chat.times = 1;
	world->chat.result = CHAT_RETRY;
	world_open(world);
	(void)world_watch(world, NONCE, NULL, began_ms);
	wait_reads(world, 0);
	wait_ms(world, 20);
	assert_true(channel_blind_ms(world->channel, began_ms, clock_ms()) > 0);
	wait_read_all(world);
	assert_int_equal(channel_blind_ms(world->channel, began_ms, clock_ms()), 0);
}

static void a_failure_between_pages_loses_nothing(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->chat.page_size = 4;
	world->chat.skip = 3; /* finding and two pages */
	world->chat.times = 1;
	world->chat.result = CHAT_RETRY;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	for (int i = 0; i < 20; i++)
		(void)memory_post(&world->chat, "one of twenty " NONCE);
	wait_seen(watcher, 20);
	wait_read_all(world);
	assert_int_equal(watcher->count, 20);
}

/* Limits. */

static void nothing_is_sent_before_the_chat_allows_it(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->chat.skip = 1;
	world->chat.times = 1;
	world->chat.result = CHAT_SLOW;
	world->chat.retry_after_ms = 300;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "late " NONCE);
	wait_reads(world, 0);
	channel_kick(world->channel);
	wait_ms(world, 10);
	assert_non_null(channel_trouble(world->channel));
	assert_true(channel_blind_ms(world->channel, 0, clock_ms()) > 0);
	wait_seen(watcher, 1);
	assert_true(world->chat.gap_ms >= 300);
	wait_read_all(world);
	/* What was refused has been read later: nothing was missed. */
	assert_int_equal(channel_blind_ms(world->channel, 0, clock_ms()), 0);
	assert_null(channel_trouble(world->channel));
}

static void a_refused_request_stops_all_channels_of_the_chat(void **state)
{
	struct world *world = *state;
	struct channel *ops;
	int64_t refused_ms;

	world->poll_ms = 60000;
	world_open(world);
	ops = world->channel;
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_read_all(world);
	world->channel = channels_get(world->channels, "#other");
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_read_all(world);
	wait_ms(world, 20); /* both rest now */
	world->chat.times = 1;
	world->chat.result = CHAT_SLOW;
	world->chat.retry_after_ms = 300;
	channel_kick(ops);
	wait_reads(world, 0);
	wait_ms(world, 5);
	assert_non_null(channel_trouble(ops));
	refused_ms = world->chat.last_read_ms;
	channel_kick(world->channel);
	wait_reads(world, 0);
	assert_true(world->chat.last_read_ms - refused_ms >= 300);
}

static void a_capped_chat_is_polled_at_its_own_rhythm(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t first_ms = 0;

	world->chat.capped = true;
	world->chat.skip = 2;
	world->chat.times = 1;
	world->chat.result = CHAT_SLOW;
	world->chat.retry_after_ms = 120;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "slow " NONCE);
	wait_seen(watcher, 1);
	for (int i = 0; i < 4; i++) {
		wait_reads(world, 0);
		if (i == 0)
			first_ms = world->chat.last_read_ms;
	}
	/* A read that a busy machine makes late is followed by a shorter gap: of three, one may be. */
	assert_true(world->chat.last_read_ms - first_ms >= INT64_C(2) * 115);
	assert_non_null(channel_trouble(world->channel));
	assert_non_null(strstr(channel_trouble(world->channel), "few messages a minute"));
	/* It was a mistake: the chat is not capped at all. */
	world->chat.capped = false;
	wait_reads(world, 12);
	assert_true(world->chat.gap_ms < 115);
	assert_null(channel_trouble(world->channel));
}

static void all_channels_share_the_requests_of_a_minute(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	struct world *world = *state;
	int64_t began_ms = clock_ms();
	size_t least = SIZE_MAX;

	world->driver.requests_per_minute = 1210; /* ten at once, then one in 50 ms */
	world->poll_ms = 10;
	world_open(world);
	for (int i = 0; i < 5; i++) {
		world->channel = channels_get(world->channels, names[i]);
		(void)world_watch(world, NONCE, NULL, clock_ms());
	}
	wait_ms(world, 1000);
	assert_true((int64_t)(world->chat.reads + world->chat.finds) <=
		    10 + (clock_ms() - began_ms) / 50 + 1);
	for (int i = 0; i < 5; i++) {
		size_t reads = channel_counts(channels_get(world->channels, names[i])).requests;

		least = reads < least ? reads : least;
	}
	assert_true(least >= 3); /* each has its turn */
	assert_non_null(strstr(channel_trouble(world->channel), "1210 requests a minute"));
}

static void a_kick_reads_at_once(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t began_ms = clock_ms();

	world->poll_ms = 60000;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 0);
	wait_ms(world, 5);
	(void)memory_post(&world->chat, "kicked " NONCE);
	channel_kick(world->channel);
	wait_seen(watcher, 1);
	assert_true(clock_ms() - began_ms < 30000);
}

static void kicks_do_not_multiply_requests(void **state)
{
	struct world *world = *state;
	int64_t began_ms;
	size_t reads;

	world->poll_ms = 50;
	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 1);
	reads = world->chat.reads;
	began_ms = clock_ms();
	for (int i = 0; i < 400; i++) {
		channel_kick(world->channel);
		wait_ms(world, 1);
	}
	assert_true((int64_t)(world->chat.reads - reads) <=
		    6 + (clock_ms() - began_ms) / 50 * 5 / 4);
}

/* Lost channels. */

static void a_lost_channel_is_told_once_and_tried_again_by_a_new_watch(void **state)
{
	struct world *world = *state;
	struct watcher *watcher, *later;
	struct waiter waiting, after;
	int64_t far_ms = clock_ms() + 100000;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_read_all(world);
	world_cover(world, &waiting, far_ms, far_ms + 1000);
	world->chat.times = -1;
	world->chat.result = CHAT_PERMANENT;
	wait_lost(watcher);
	assert_non_null(strstr(watcher->error, "told to fail"));
	wait_covered(&waiting, world);
	assert_false(waiting.covered);
	world_cover(world, &after, far_ms, far_ms + 1000);
	assert_int_equal(after.told, 0); /* not from inside the call */
	wait_covered(&after, world);
	assert_false(after.covered);
	assert_string_equal(channel_trouble(world->channel), watcher->error);
	wait_ms(world, 5);
	assert_true(channel_blind_ms(world->channel, 0, clock_ms()) > 0);

	later = world_watch(world, OTHER, NULL, clock_ms());
	wait_lost(later);
	world->chat.times = 0;
	later = world_watch(world, OTHER, NULL, clock_ms());
	(void)memory_post(&world->chat, NONCE " and " OTHER);
	wait_seen(later, 1);
	wait_seen(watcher, 1);
	assert_int_equal(watcher->lost, 1);
	wait_read_all(world);
	assert_null(channel_trouble(world->channel));
}

static void a_channel_that_is_not_found_is_lost(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->chat.times = -1;
	world->chat.result = CHAT_PERMANENT;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_lost(watcher);
	assert_null(channel_id(world->channel));
	assert_int_equal(world->chat.reads, 0);
	world_unwatch(watcher);
	world->chat.times = 0;
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	(void)memory_post(&world->chat, "found " NONCE);
	wait_seen(watcher, 1);
}

static void unwatch(struct watcher *watcher)
{
	world_unwatch(watcher);
}

static void a_lost_watch_may_be_freed_by_its_callback(void **state)
{
	struct world *world = *state;
	struct watcher *first, *second;

	world->chat.times = -1;
	world->chat.result = CHAT_PERMANENT;
	world_open(world);
	first = world_watch(world, NONCE, NULL, clock_ms());
	second = world_watch(world, OTHER, NULL, clock_ms());
	first->react = unwatch;
	second->react = unwatch;
	wait_lost(first);
	wait_lost(second);
	assert_null(first->watch);
	assert_null(second->watch);
}

/* Coverage. */

static void a_cover_needs_a_read_that_began_after_its_time(void **state)
{
	struct world *world = *state;
	struct waiter waiter;
	int64_t until_ms = clock_ms() + 60;

	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	world_cover(world, &waiter, until_ms, clock_ms() + 8000);
	wait_covered(&waiter, world);
	assert_true(waiter.covered);
	assert_int_equal(waiter.told, 1);
	assert_true(waiter.told_ms >= until_ms);
}

static void a_cover_of_the_past_is_told_at_once_but_from_the_loop(void **state)
{
	struct world *world = *state;
	struct waiter waiter;
	int64_t before_ms = clock_ms();

	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_read_all(world);
	world->chat.hang = true;
	wait_reads(world, 0);
	world_cover(world, &waiter, before_ms, clock_ms() + 8000);
	assert_int_equal(waiter.told, 0);
	wait_covered(&waiter, world);
	assert_true(waiter.covered);
}

static void a_first_watch_is_covered_by_the_first_read(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	struct waiter waiter;
	int64_t now_ms = clock_ms();

	world->poll_ms = 60000;
	(void)memory_post_at(&world->chat, "old " NONCE, clock_wall_ms() - 5000);
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, now_ms - 10000);
	world_cover(world, &waiter, now_ms, now_ms + 8000);
	wait_covered(&waiter, world);
	assert_true(waiter.covered);
	assert_int_equal(watcher->count, 1);
	assert_int_equal(world->chat.reads, 1);
}

static void a_cover_gives_up(void **state)
{
	struct world *world = *state;
	struct waiter waiter, cancelled;
	int64_t give_up_ms;

	world_open(world);
	(void)world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 1);
	world->chat.hang = true;
	wait_reads(world, 0);
	give_up_ms = clock_ms() + 60;
	world_cover(world, &cancelled, clock_ms() + 1, give_up_ms - 20);
	world_cover(world, &waiter, clock_ms() + 1, give_up_ms);
	cover_free(cancelled.cover);
	wait_covered(&waiter, world);
	assert_false(waiter.covered);
	assert_true(waiter.told_ms >= give_up_ms);
	assert_int_equal(cancelled.told, 0);
}

static void covers_are_told_in_the_order_of_their_times(void **state)
{
	static const int delays[] = {40, 10, 30, 20, 50};
	struct world *world = *state;
	struct waiter waiters[5];
	int64_t now_ms = clock_ms();

	world->poll_ms = 1;
	world_open(world);
	for (int i = 0; i < 5; i++)
		world_cover(world, &waiters[i], now_ms + delays[i], now_ms + 8000);
	wait_covered(&waiters[4], world);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(waiters[i].told, 1);
		assert_true(waiters[i].covered);
		assert_true(waiters[i].told_ms >= now_ms + delays[i]);
	}
	assert_true(waiters[1].told_ms <= waiters[3].told_ms);
	assert_true(waiters[3].told_ms <= waiters[2].told_ms);
	assert_true(waiters[2].told_ms <= waiters[0].told_ms);
}

static void coverage_means_that_everything_before_was_handed_out(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	struct waiter waiter;

	world->chat.page_size = 3;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_reads(world, 2);
	for (int i = 0; i < 50; i++)
		(void)memory_post(&world->chat, "one of fifty " NONCE);
	world_cover(world, &waiter, clock_ms() + 1, clock_ms() + 8000);
	wait_covered(&waiter, world);
	assert_true(waiter.covered);
	assert_int_equal(watcher->count, 50);
}

/* Clocks. */

/* No better than the anchor is known; a busy machine takes its time between two lines of a test. */
static void assert_posted(const struct watcher *watcher, size_t i, int64_t from_ms, int64_t to_ms,
			  int64_t anchored_in_ms)
{
	assert_in_range(watcher->list[i].at_ms, from_ms - anchored_in_ms - 5,
			to_ms + anchored_in_ms + 5);
}

static void our_own_post_maps_the_clock_of_the_chat(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	char ts[CHAT_TS_SIZE];
	int64_t sent_ms, posted_ms, took_ms, until_ms;

	world->chat.skew_ms = -3600000; /* the chat's clock is an hour behind ours */
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 1000);
	sent_ms = clock_ms();
	(void)snprintf(ts, sizeof ts, "%s", memory_post_own(&world->chat, "begins", NONCE));
	took_ms = clock_ms() - sent_ms;
	channel_anchor(world->channel, ts, sent_ms, sent_ms + took_ms);
	wait_seen(watcher, 1);
	wait_ms(world, 30);
	posted_ms = clock_ms();
	(void)memory_post(&world->chat, "[FIRING] " NONCE);
	until_ms = clock_ms();
	wait_seen(watcher, 2);
	assert_posted(watcher, 0, sent_ms, sent_ms, took_ms);
	assert_posted(watcher, 1, posted_ms, until_ms, took_ms);
	assert_true(watcher->list[1].read_ms >= watcher->list[1].at_ms);
}

static void a_wall_clock_that_jumps_moves_nothing(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t sent_ms, posted_ms, took_ms, until_ms;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms() - 1000);
	sent_ms = clock_ms();
	channel_anchor(world->channel, memory_post_own(&world->chat, "begins", NONCE), sent_ms,
		       sent_ms);
	took_ms = clock_ms() - sent_ms;
	wait_seen(watcher, 1);
	*wall_jump_ms() = 7200000;
	world->chat.skew_ms = -7200000; /* the chat's clock does not jump */
	posted_ms = clock_ms();
	(void)memory_post(&world->chat, "[FIRING] " NONCE);
	until_ms = clock_ms();
	wait_seen(watcher, 2);
	assert_posted(watcher, 1, posted_ms, until_ms, took_ms);
}

static void without_an_anchor_a_message_lies_between_two_reads(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;
	int64_t began_ms, read_ms;

	world->chat.skew_ms = -20000;
	world_open(world);
	began_ms = clock_ms();
	watcher = world_watch(world, NONCE, NULL, began_ms);
	(void)memory_post(&world->chat, "makes the cursor known");
	wait_read_all(world);
	read_ms = clock_ms();
	(void)memory_post(&world->chat, "slow clock " NONCE);
	wait_seen(watcher, 1);
	assert_true(watcher->list[0].at_ms >= began_ms);
	assert_true(watcher->list[0].at_ms <= watcher->list[0].read_ms);
	world->chat.skew_ms = 20000;
	(void)memory_post(&world->chat, "fast clock " NONCE);
	wait_seen(watcher, 2);
	assert_true(watcher->list[1].at_ms >= read_ms);
	assert_true(watcher->list[1].at_ms <= watcher->list[1].read_ms);
}

/* The false alarm of a machine whose clock is wrong: the alert is there, and nobody reads it. */
static void without_an_anchor_a_wrong_clock_is_known_by_the_date_of_the_answers(void **state)
{
	static const int64_t skews_ms[] = {-3600000, 3600000, -3000};

	(void)state;
	for (size_t i = 0; i < sizeof skews_ms / sizeof skews_ms[0]; i++) {
		struct world *world;
		struct watcher *watcher;
		void *made = NULL;
		int64_t posted_ms;

		assert_int_equal(setup(&made), 0);
		world = made;
		world->chat.skew_ms = skews_ms[i];
		world->chat.dated = true;
		world_open(world);
		(void)memory_post(&world->chat, "long before " NONCE);
		wait_ms(world, 1);
		watcher = world_watch(world, NONCE, NULL, clock_ms());
		wait_read_all(world);
		posted_ms = clock_ms();
		(void)memory_post(&world->chat, "[FIRING] " NONCE);
		wait_seen(watcher, watcher->count + 1);
		assert_in_range(watcher->list[watcher->count - 1].at_ms, posted_ms - 1000,
				posted_ms + 1000);
		(void)world_teardown(&made);
	}
}

static void a_date_that_changes_while_a_channel_is_read_begins_the_read_anew(void **state)
{
	struct world *world = *state;
	struct watcher *watcher;

	world->chat.dated = true;
	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	wait_read_all(world);
	*wall_jump_ms() = 7200000;
	world->chat.skew_ms = -7200000; /* the chat's clock does not jump */
	wait_reads(world, world->chat.reads + 1);
	(void)memory_post(&world->chat, "[FIRING] " NONCE);
	wait_seen(watcher, 1);
	assert_in_range(watcher->list[0].at_ms, clock_ms() - 2000, clock_ms());
}

/* Cost. */

struct crowd {
	char letter;
	size_t seen, covered;
};

static void on_crowd_seen(void *arg, const struct sight *sight)
{
	struct crowd *crowd = arg;

	(void)sight;
	crowd->seen++;
}

static void on_crowd_covered(void *arg, bool covered)
{
	struct crowd *crowd = arg;

	crowd->covered += covered ? 1 : 0;
}

/* Their nonces are fd-C0000000, fd-C0000001, ... with C for the letter of the crowd. */
static void watch_by_thousands(struct world *world, struct crowd *crowd, struct watch **watches,
			       size_t count, int64_t until_ms)
{
	for (size_t i = 0; i < count; i++) {
		char nonce[32];
		const char *const needles[] = {"QueueMissing", nonce};
		const struct watch_spec spec = {
		    .nonce = nonce,
		    .needles = needles,
		    .needle_count = 2,
		    .since_ms = clock_ms(),
		    .seen = on_crowd_seen,
		};

		(void)snprintf(nonce, sizeof nonce, "fd-%c%07zu", crowd->letter, i);
		watches[i] = channel_watch(world->channel, &spec, crowd);
		(void)channel_cover(world->channel, until_ms, until_ms + 8000, on_crowd_covered,
				    crowd);
	}
}

/* Posts twenty messages, of which one is for a watch; returns the needle searches they cost. */
static size_t cost_of_messages(struct world *world, struct crowd *crowd, size_t count)
{
	struct watch **watches = mem_zalloc(count * sizeof(struct watch *));
	const char *end = crowd->letter == 'a' ? "end a " NONCE : "end b " NONCE;
	struct watcher *sentinel;
	size_t before, cost;

	watch_by_thousands(world, crowd, watches, count, clock_ms() + 1);
	wait_read_all(world);
	assert_int_equal(crowd->covered, count);
	sentinel = world_watch(world, NONCE, end, clock_ms());
	wait_read_all(world);
	before = channel_counts(world->channel).compared;
	for (int i = 0; i < 19; i++)
		(void)memory_post(&world->chat, "QueueMissing of fd-zzzzzzzz");
	(void)memory_post(&world->chat, crowd->letter == 'a' ? "QueueMissing of fd-a0000003"
							     : "QueueMissing of fd-b0000003");
	(void)memory_post(&world->chat, end);
	wait_seen(sentinel, 1);
	cost = channel_counts(world->channel).compared - before;
	assert_int_equal(crowd->seen, 1);
	for (size_t i = 0; i < count; i++)
		watch_free(watches[i]);
	world_unwatch(sentinel);
	free(watches);
	return cost;
}

static void a_message_costs_the_same_with_10_and_10000_watches(void **state)
{
	struct world *world = *state;
	struct crowd few = {.letter = 'a'}, many = {.letter = 'b'};
	size_t cost;

	world_open(world);
	cost = cost_of_messages(world, &few, 10);
	assert_int_equal(cost_of_messages(world, &many, 10000), cost);
	assert_true(cost <= 4);
}

static void requests_do_not_grow_with_watches(void **state)
{
	struct world *world = *state;
	struct watch **watches = mem_zalloc(10000 * sizeof(struct watch *));
	struct crowd crowd = {.letter = 'a'};
	size_t requests;
	int64_t began_ms;

	world->poll_ms = 20;
	world_open(world);
	watch_by_thousands(world, &crowd, watches, 10000, clock_ms() + 200);
	began_ms = clock_ms();
	requests = channel_counts(world->channel).requests;
	wait_read_all(world);
	wait_ms(world, 300);
	assert_true((int64_t)(channel_counts(world->channel).requests - requests) <=
		    2 + (clock_ms() - began_ms) / 20);
	assert_int_equal(crowd.covered, 10000);
	for (size_t i = 0; i < 10000; i++)
		watch_free(watches[i]);
	free(watches);
}

static void a_watch_and_its_cover_cost_a_few_hundred_bytes(void **state)
{
	struct world *world = *state;
	struct watch **watches = mem_zalloc(10000 * sizeof(struct watch *));
	struct crowd crowd = {.letter = 'a'};
	size_t before, used;

	world_open(world);
	before = mallinfo2().uordblks;
	watch_by_thousands(world, &crowd, watches, 10000, clock_ms() + 200);
	used = mallinfo2().uordblks - before;
	print_message("%zu bytes for a watch and its cover\n", used / 10000);
	assert_true(used / 10000 < 600);
	for (size_t i = 0; i < 10000; i++)
		watch_free(watches[i]);
	free(watches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	    TEST(a_failed_read_is_tried_again_after_a_while),
	    TEST(the_blind_time_is_remembered),
	    TEST(a_short_outage_that_healed_is_not_blindness),
	    TEST(a_failure_between_pages_loses_nothing),
	    TEST(nothing_is_sent_before_the_chat_allows_it),
	    TEST(a_refused_request_stops_all_channels_of_the_chat),
	    TEST(a_capped_chat_is_polled_at_its_own_rhythm),
	    TEST(all_channels_share_the_requests_of_a_minute),
	    TEST(a_kick_reads_at_once),
	    TEST(kicks_do_not_multiply_requests),
	    TEST(a_lost_channel_is_told_once_and_tried_again_by_a_new_watch),
	    TEST(a_channel_that_is_not_found_is_lost),
	    TEST(a_lost_watch_may_be_freed_by_its_callback),
	    TEST(a_cover_needs_a_read_that_began_after_its_time),
	    TEST(a_cover_of_the_past_is_told_at_once_but_from_the_loop),
	    TEST(a_first_watch_is_covered_by_the_first_read),
	    TEST(a_cover_gives_up),
	    TEST(covers_are_told_in_the_order_of_their_times),
	    TEST(coverage_means_that_everything_before_was_handed_out),
	    TEST(our_own_post_maps_the_clock_of_the_chat),
	    TEST(a_wall_clock_that_jumps_moves_nothing),
	    TEST(without_an_anchor_a_message_lies_between_two_reads),
	    TEST(without_an_anchor_a_wrong_clock_is_known_by_the_date_of_the_answers),
	    TEST(a_date_that_changes_while_a_channel_is_read_begins_the_read_anew),
	    TEST(a_message_costs_the_same_with_10_and_10000_watches),
	    TEST(requests_do_not_grow_with_watches),
	    TEST(a_watch_and_its_cover_cost_a_few_hundred_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
