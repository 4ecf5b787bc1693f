/* What the files of the reader share.  channel.c: what others call; channel_poll.c: when to ask for
 * what; channel_window.c: from where on, and which threads; channel_take.c: what becomes of
 * messages. */
#ifndef PROBES_CHANNEL_PARTS_H
#define PROBES_CHANNEL_PARTS_H

#include <event2/util.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probes/chats/channel.h"
#include "probes/chats/channel_anchor.h"
#include "probes/chats/channel_blind.h"
#include "probes/chats/channel_cover.h"
#include "probes/chats/channel_pace.h"
#include "probes/chats/channel_recent.h"
#include "probes/chats/channel_watch.h"

enum channel_state {
	CHANNEL_IDLE,    /* nobody watches */
	CHANNEL_FINDING, /* the id of the name */
	CHANNEL_READING, /* page by page, until there is no more */
	CHANNEL_THREADS, /* of messages that were handed over */
	CHANNEL_RESTING, /* until the next poll, a kick, or the end of a back-off */
	CHANNEL_LOST     /* people must act; a new watch tries again */
};

struct channels {
	struct event_base *base;          /* borrowed */
	const struct chat_driver *driver; /* borrowed */
	struct chat *chat;                /* borrowed */
	int requests_per_minute;          /* of one token, over all channels */
	int64_t poll_ms;
	size_t page_size; /* messages per read, as the chat really gives them */
	struct pace pace;
	struct anchor anchor;
	bool tells_replies;        /* it was seen to fill in latest_reply_ts */
	LIST_HEAD(, channel) list; /* owned */
};

struct channel {
	struct channels *channels; /* borrowed */
	LIST_ENTRY(channel) link;
	char *name;               /* owned */
	char *id;                 /* owned; NULL until it is found, then it stays */
	enum channel_state state; /* written only by enter() */
	struct chat_op *op;       /* owned: the request in flight */
	struct event *timer;      /* owned: when to send the next request, or to begin */
	int64_t wake_ms;          /* when the timer is to fire */
	struct event *chores;     /* owned: what is to be done from the loop, now */
	int busy;                 /* depth of callbacks from the loop */

	struct watchers watchers;
	struct covers covers;
	struct recent recent;
	struct blind blind;
	struct pace kicks;
	bool kicked; /* read once more as soon as this read is over */

	struct {                           /* the read that goes on */
		int64_t started_ms;        /* clock_ms() of its first request */
		char low[CHAT_TS_SIZE];    /* messages after this are asked for */
		char newest[CHAT_TS_SIZE]; /* read in the channel; "": nothing */
		char thread[CHAT_TS_SIZE]; /* the thread that is read */
		char *page;                /* owned; NULL: the first */
		int pages, threads;
	} read;
	uint64_t reads;            /* begun so far */
	char cursor[CHAT_TS_SIZE]; /* everything up to this has been read; "": not known */
	int64_t covered_ms;        /* when the last complete read began; 0: none yet */
	uint64_t covered_reads;    /* which one that was */
	unsigned failures;         /* in a row */
	bool stretched;            /* requests have to wait for the limit longer than a poll */
	bool crowded;              /* more old messages are followed than can be looked at */
	char *trouble;             /* owned; NULL: none */
	size_t requests, messages, failed;
};

/* channel_poll.c */
void poll_begin(struct channel *channel); /* from CHANNEL_IDLE, _RESTING or _LOST */
void poll_pause_if_unwanted(struct channel *channel);
void poll_wake_at(struct channel *channel, int64_t at_ms);
void poll_arm(struct event *event, int64_t ms);
void poll_on_timer(evutil_socket_t fd, short what, void *channel);
void poll_on_chores(evutil_socket_t fd, short what, void *channel);

/* channel_window.c */
void window_find_low(struct channel *channel, char ret_low[CHAT_TS_SIZE]);
void window_pick_threads(struct channel *channel);                /* marks records as due */
struct record *window_next_thread(const struct channel *channel); /* NULL: none is due */
/* Drops what no watch needs any more. */
void window_trim(struct channel *channel);

/* channel_take.c: these call back the watches. */
void take_page(struct channel *channel, const struct chat_reply *reply, bool in_channel);
void take_past(struct channel *channel);   /* serves new watches with what was read before */
void take_anchor(struct channel *channel); /* the mapping of clocks has changed */

#endif
