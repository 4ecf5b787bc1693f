/* The watches of a channel: who gets a message is found by look-up.  Part of channel.c. */
#ifndef PROBES_CHANNEL_WATCH_H
#define PROBES_CHANNEL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probes/chats/channel.h"
#include "probes/chats/channel_recent.h"

#define FOLLOW_LIMIT 200 /* messages whose edits and replies one watch gets */

/* One allocation, with the texts behind it. */
struct watch {
	struct channel *channel; /* borrowed: for watch_free */
	void (*seen)(void *arg, const struct sight *sight);
	void (*lost)(void *arg, const char *error);
	void *arg;
	int64_t since_ms;
	LIST_ENTRY(watch) link;       /* in `all`; the newest first */
	LIST_ENTRY(watch) plain_link; /* in `plain` or `strangers`, unless it is indexed */
	struct watch *next_in_bucket; /* borrowed; when it is indexed */
	struct watch *next_dead;      /* borrowed */
	LIST_HEAD(, follow) follows;  /* owned by their records */
	uint64_t stamp;               /* of the last message that was gathered for it */
	uint64_t reads;               /* of the channel, begun when this watch was made */
	unsigned follow_count;
	bool unserved; /* still to be served with what was read before */
	bool behind;   /* wants more of the past than has been read */
	bool told;     /* `lost` was called */
	bool dead;     /* freed during a callback */
	bool indexed;
	bool strangers;
	bool wants_more;   /* of the message in hand: watch_follow was called */
	const char *nonce; /* inside this allocation; NULL: none */
	unsigned needle_count;
	const char *needles[]; /* inside this allocation */
};

struct hand {                  /* one watch that may get a message */
	struct watch *watch;   /* borrowed */
	struct follow *follow; /* borrowed; NULL: it was not handed the message before */
	bool reply;            /* it was handed the first message of the thread */
};

struct watchers {
	LIST_HEAD(, watch) all;       /* owned */
	LIST_HEAD(, watch) plain;     /* those that must look at every message */
	LIST_HEAD(, watch) strangers; /* those that look at every one without an id */
	struct watch **buckets;       /* owned array of borrowed, by nonce */
	size_t bucket_count;          /* a power of two */
	size_t count, indexed, behind, unserved;
	uint64_t stamp;
	struct hand *hands; /* owned: of the message in hand */
	size_t hand_count, hand_room;
	struct watch *dead; /* owned list: freed when the callbacks are over */
	int busy;           /* depth of callbacks and walks over `all` */
	size_t compared;
};

void watchers_done(struct watchers *watchers); /* frees all of them */

struct watch *watchers_add(struct watchers *watchers, const struct watch_spec *spec, void *arg);
void watchers_remove(struct watchers *watchers, struct watch *watch);

void watchers_follow(struct watch *watch); /* watch_follow */

/* A message that was read. */
struct offer {
	const struct chat_message *message; /* borrowed */
	struct record *record;              /* borrowed: the same, remembered */
	struct record *parent;              /* borrowed: first of its thread; NULL: not known */
	int64_t edited_at_ms;               /* clock_ms() of the last edit; 0: never edited */
	int64_t error_ms; /* how far off times may be: when in doubt it is handed over */
	bool edit;        /* it was read before, and has changed */
};

/* Hands it to all who want it and do not have it in this version. */
void watchers_offer(struct watchers *watchers, const struct offer *offer);
/* Hands it to this one. */
void watchers_offer_one(struct watchers *watchers, struct watch *watch, const struct offer *offer);
/* Tells all who have not been told. */
void watchers_tell_lost(struct watchers *watchers, const char *error);

/* Ends what `busy++` began: frees those that were removed meanwhile. */
void watchers_leave(struct watchers *watchers);

int64_t watchers_since_ms(const struct watchers *watchers); /* the earliest; INT64_MAX: none */

#endif
