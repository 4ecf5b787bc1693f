/* The shared reader: a watch of strangers gets what carries no drill id, and costs nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "tests/chats/channel_world.h"

static void only_messages_without_an_id_are_strangers(void **state)
{
	struct world *world = *state;
	struct watcher *strangers;

	world_open(world);
	strangers = world_watch_strangers(world, clock_ms());
	(void)memory_post(&world->chat, "QueueMissing (orders-" NONCE ")");
	(void)memory_post(&world->chat, "of a drill that nobody here knows: fd-zzzzzzzz");
	(void)memory_post_own(&world->chat, "a drill begins", OTHER);
	(void)memory_post(&world->chat, "QueueMissing (orders)");
	(void)memory_post(&world->chat, "no id: fd-k3q9 and fd-k3q9x2m7toolong");
	wait_seen(strangers, 2);
	wait_read_all(world);
	assert_int_equal(strangers->count, 2);
	assert_string_equal(strangers->list[0].text, "QueueMissing (orders)");
	assert_string_equal(strangers->list[1].text, "no id: fd-k3q9 and fd-k3q9x2m7toolong");
}

/* The index finds ids inside of words, as the needles do. */
static void a_glued_id_of_a_watch_is_no_stranger(void **state)
{
	struct world *world = *state;
	struct watcher *watcher, *strangers;

	world_open(world);
	watcher = world_watch(world, NONCE, NULL, clock_ms());
	strangers = world_watch_strangers(world, clock_ms());
	(void)memory_post(&world->chat, "queue=orders" NONCE "x is missing");
	wait_seen(watcher, 1);
	wait_read_all(world);
	assert_int_equal(strangers->count, 0);
}

static void those_who_come_late_get_the_past_and_no_more_than_they_want(void **state)
{
	struct world *world = *state;
	struct watcher *early, *late, *later;
	int64_t begun_ms = clock_ms();

	world_open(world);
	early = world_watch_strangers(world, begun_ms);
	(void)memory_post(&world->chat, "one");
	(void)memory_post(&world->chat, "mine " NONCE);
	wait_seen(early, 1);
	late = world_watch_strangers(world, begun_ms);
	later = world_watch_strangers(world, clock_ms() + 5000);
	wait_seen(late, 1);
	wait_read_all(world);
	assert_int_equal(early->count, 1);
	assert_int_equal(late->count, 1);
	assert_int_equal(later->count, 0);
}

static void an_edit_is_seen_only_of_what_is_followed(void **state)
{
	struct world *world = *state;
	struct watcher *strangers, *followers;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	strangers = world_watch_strangers(world, clock_ms());
	followers = world_watch_strangers(world, clock_ms());
	followers->follows = true;
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "one"));
	wait_seen(followers, 1);
	memory_edit(&world->chat, ts, "two");
	wait_seen(followers, 2);
	memory_edit(&world->chat, ts, "two " NONCE); /* who follows it sees what becomes of it */
	wait_seen(followers, 3);
	(void)memory_reply(&world->chat, ts, "a reply");
	wait_seen(followers, 4);
	wait_read_all(world);
	assert_true(followers->list[1].edit);
	assert_string_equal(followers->list[2].text, "two " NONCE);
	assert_true(followers->list[3].reply);
	assert_int_equal(followers->count, 4);
	for (size_t i = 0; i < strangers->count; i++)
		assert_null(strstr(strangers->list[i].text, NONCE));
}

static void nothing_is_followed_by_itself(void **state)
{
	struct world *world = *state;
	struct watcher *strangers;
	char ts[CHAT_TS_SIZE];

	world_open(world);
	strangers = world_watch_strangers(world, clock_ms());
	(void)snprintf(ts, sizeof ts, "%s", memory_post(&world->chat, "lunch?"));
	wait_seen(strangers, 1);
	(void)memory_reply(&world->chat, ts, "yes");
	wait_reads(world, 7); /* a thread on suspicion would be looked at in one of five */
	assert_int_equal(world->chat.threads, 0);
	assert_int_equal(strangers->count, 1);
}

static void unwatch(struct watcher *watcher)
{
	world_unwatch(watcher);
}

static void it_may_be_freed_from_inside_seen(void **state)
{
	struct world *world = *state;
	struct watcher *strangers, *sentinel;

	world_open(world);
	strangers = world_watch_strangers(world, clock_ms());
	strangers->follows = true;
	strangers->react = unwatch;
	sentinel = world_watch_strangers(world, clock_ms());
	(void)memory_post(&world->chat, "one");
	(void)memory_post(&world->chat, "two");
	wait_seen(sentinel, 2);
	wait_read_all(world);
	assert_int_equal(strangers->count, 1);
}

/* Whatever the number of drills that wait: a message with an id is compared with its own needles, and
 * shown to no watch of strangers. */
static void they_cost_no_comparison(void **state)
{
	enum { DRILLS = 500, MESSAGES = 40 };
	struct world *world = *state;
	struct watcher *strangers[DRILLS], *last = NULL;
	char id[ID_LEN + 1], text[64];
	size_t before;

	world_open(world);
	for (size_t i = 0; i < DRILLS; i++) {
		id_new(id);
		last = world_watch(world, id, "QueueMissing", clock_ms());
		strangers[i] = world_watch_strangers(world, clock_ms());
	}
	wait_read_all(world);
	before = channel_counts(world->channel).compared;
	(void)snprintf(text, sizeof text, "QueueMissing %s", id);
	for (size_t i = 0; i < MESSAGES; i++)
		(void)memory_post(&world->chat, text);
	wait_seen(last, MESSAGES);
	assert_int_equal(channel_counts(world->channel).compared - before, 2 * MESSAGES);
	for (size_t i = 0; i < DRILLS; i++)
		assert_int_equal(strangers[i]->count, 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(only_messages_without_an_id_are_strangers),
	    IN_WORLD(a_glued_id_of_a_watch_is_no_stranger),
	    IN_WORLD(those_who_come_late_get_the_past_and_no_more_than_they_want),
	    IN_WORLD(an_edit_is_seen_only_of_what_is_followed),
	    IN_WORLD(nothing_is_followed_by_itself),
	    IN_WORLD(it_may_be_freed_from_inside_seen),
	    IN_WORLD(they_cost_no_comparison),
	};

	return cmocka_run_group_tests_name("channel: strangers", tests, NULL, NULL);
}
