/* One channel on a chat in memory, and a list of all that its watches were told. */
#ifndef TESTS_CHATS_CHANNEL_WORLD_H
#define TESTS_CHATS_CHANNEL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/channel.h"
#include "tests/chats/memory_chat.h"

struct event_base;

#define NONCE "fd-k3q9x2m7"
#define OTHER "fd-aaaaaaaa"

struct seen {
	char ts[CHAT_TS_SIZE];
	char text[64];
	int64_t at_ms, read_ms, before_ms;
	bool edit, reply, own;
};

struct world {
	struct event_base *base;
	struct chat chat;
	struct chat_driver driver; /* to be changed before world_open */
	int64_t poll_ms;           /* the same */
	struct channels *channels;
	struct channel *channel;
	struct watcher *watchers; /* owned list of all that were made */
};

/* One watch and what it was told. */
struct watcher {
	struct world *world;
	struct watcher *next;
	struct watch *watch;
	struct seen *list; /* owned */
	size_t count;
	size_t lost;
	char error[160];
	bool follows;                           /* watch_follow is called for each message */
	void (*react)(struct watcher *watcher); /* called from inside `seen` and `lost` */
	struct watcher *other;                  /* for `react` */
};

struct waiter { /* a cover */
	struct cover *cover;
	int told;
	bool covered;
	int64_t told_ms;
};

int world_setup(void **state);
int world_teardown(void **state);
void world_open(struct world *world); /* makes the channel */

/* needle NULL: none besides the nonce; nonce NULL: none. From since_ms on. */
struct watcher *world_watch(struct world *world, const char *nonce, const char *needle,
			    int64_t since_ms);
/* One that looks at strangers. */
struct watcher *world_watch_strangers(struct world *world, int64_t since_ms);
void world_unwatch(struct watcher *watcher);
void world_cover(struct world *world, struct waiter *waiter, int64_t until_ms, int64_t give_up_ms);

/* These run the loop. */
void wait_seen(struct watcher *watcher, size_t count);
void wait_lost(struct watcher *watcher);
void wait_reads(struct world *world, size_t count); /* so many more requests are answered */
void wait_covered(struct waiter *waiter, struct world *world);
void wait_ms(struct world *world, int64_t ms); /* until this much later */
/* Until everything posted so far has been handed out. */
void wait_read_all(struct world *world);

#endif
