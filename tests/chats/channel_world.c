/* One channel on a chat in memory, and a list of all that its watches were told. */
#include "tests/chats/channel_world.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/support/loop.h"

int world_setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);

	world->base = event_base_new();
	world->chat.base = world->base;
	world->driver = memory_driver;
	world->poll_ms = 5;
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	while (world->watchers != NULL) {
		struct watcher *watcher = world->watchers;

		world->watchers = watcher->next;
		watch_free(watcher->watch);
		free(watcher->list);
		free(watcher);
	}
	channels_free(world->channels);
	memory_chat_done(&world->chat);
	event_base_free(world->base);
	free(world);
	return 0;
}

void world_open(struct world *world)
{
	world->channels = channels_new(world->base, &world->driver, &world->chat, world->poll_ms);
	world->channel = channels_get(world->channels, "#ops");
}

/* Watching. */

static void on_seen(void *arg, const struct sight *sight)
{
	struct watcher *watcher = arg;
	struct seen *seen;

	watcher->list = mem_grow(watcher->list, watcher->count + 1, sizeof *watcher->list);
	seen = &watcher->list[watcher->count++];
	*seen = (struct seen){
	    .at_ms = sight->at_ms,
	    .read_ms = sight->read_ms,
	    .before_ms = sight->before_ms,
	    .edit = sight->edit,
	    .reply = sight->reply,
	    .own = sight->message->mark != NULL,
	};
	(void)snprintf(seen->ts, sizeof seen->ts, "%s", sight->message->ts);
	(void)snprintf(seen->text, sizeof seen->text, "%.*s",
		       (int)(sight->message->text_len < 63 ? sight->message->text_len : 63),
		       sight->message->text);
	if (watcher->follows)
		watch_follow(watcher->watch);
	if (watcher->react != NULL)
		watcher->react(watcher);
}

static void on_lost(void *arg, const char *error)
{
	struct watcher *watcher = arg;

	watcher->lost++;
	(void)snprintf(watcher->error, sizeof watcher->error, "%s", error);
	if (watcher->react != NULL)
		watcher->react(watcher);
}

static struct watcher *add_watcher(struct world *world, const struct watch_spec *spec)
{
	struct watcher *watcher = mem_zalloc(sizeof *watcher);

	watcher->world = world;
	watcher->next = world->watchers;
	world->watchers = watcher;
	watcher->watch = channel_watch(world->channel, spec, watcher);
	return watcher;
}

struct watcher *world_watch(struct world *world, const char *nonce, const char *needle,
			    int64_t since_ms)
{
	const char *needles[2];
	struct watch_spec spec = {
	    .nonce = nonce,
	    .needles = needles,
	    .since_ms = since_ms,
	    .seen = on_seen,
	    .lost = on_lost,
	};

	if (nonce != NULL)
		needles[spec.needle_count++] = nonce;
	if (needle != NULL)
		needles[spec.needle_count++] = needle;
	return add_watcher(world, &spec);
}

struct watcher *world_watch_strangers(struct world *world, int64_t since_ms)
{
	return add_watcher(
	    world, &(struct watch_spec){
		       .strangers = true, .since_ms = since_ms, .seen = on_seen, .lost = on_lost});
}

void world_unwatch(struct watcher *watcher)
{
	watch_free(watcher->watch);
	watcher->watch = NULL;
}

static void on_covered(void *arg, bool covered)
{
	struct waiter *waiter = arg;

	waiter->cover = NULL;
	waiter->told++;
	waiter->covered = covered;
	waiter->told_ms = clock_ms();
}

void world_cover(struct world *world, struct waiter *waiter, int64_t until_ms, int64_t give_up_ms)
{
	*waiter = (struct waiter){0};
	waiter->cover = channel_cover(world->channel, until_ms, give_up_ms, on_covered, waiter);
}

/* Waiting. */

struct wish {
	const size_t *count;
	size_t wanted;
};

static bool is_reached(void *arg)
{
	const struct wish *wish = arg;

	return *wish->count >= wish->wanted;
}

void wait_seen(struct watcher *watcher, size_t count)
{
	struct wish wish = {&watcher->count, count};

	loop_until_true(watcher->world->base, is_reached, &wish);
}

void wait_lost(struct watcher *watcher)
{
	struct wish wish = {&watcher->lost, 1};

	loop_until_true(watcher->world->base, is_reached, &wish);
}

void wait_reads(struct world *world, size_t count)
{
	struct wish wish = {&world->chat.reads, world->chat.reads + count + 1};

	loop_until_true(world->base, is_reached, &wish);
}

static bool is_told(void *arg)
{
	const struct waiter *waiter = arg;

	return waiter->told > 0;
}

void wait_covered(struct waiter *waiter, struct world *world)
{
	loop_until_true(world->base, is_told, waiter);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

void wait_ms(struct world *world, int64_t ms)
{
	const struct timeval later = {.tv_sec = (time_t)(ms / 1000),
				      .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
	bool over = false;

	(void)event_base_once(world->base, -1, EV_TIMEOUT, on_time, &over, &later);
	loop_until(world->base, &over);
}

void wait_read_all(struct world *world)
{
	struct waiter waiter;

	world_cover(world, &waiter, clock_ms() + 1, clock_ms() + 8000);
	wait_ms(world, 2);
	channel_kick(world->channel);
	wait_covered(&waiter, world);
}
