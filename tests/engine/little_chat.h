/* A chat of a few channels in memory, behind the contract of chat drivers.  Behaves by default; each
 * misbehaviour is a named field. */
#ifndef TESTS_ENGINE_LITTLE_CHAT_H
#define TESTS_ENGINE_LITTLE_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"

struct event_base;

struct little_message {
	char ts[CHAT_TS_SIZE];
	char thread_ts[CHAT_TS_SIZE]; /* "": in the channel */
	char edited_ts[CHAT_TS_SIZE];
	char latest_reply[CHAT_TS_SIZE];
	char *text;         /* owned */
	char *mark;         /* owned; NULL: not ours */
	bool shown;         /* it was read back */
	int64_t changed_ms; /* clock_ms() when it was posted or edited */
};

/* How some kind of call goes wrong. */
struct little_trouble {
	int times; /* calls that go wrong; -1: all from now on */
	enum chat_result result;
	const char *code; /* NULL: "" */
	int64_t retry_after_ms;
	bool done_all_the_same; /* what was asked for is carried out; only the answer is bad */
};

struct little_channel {
	const char *name;                /* without '#'; NULL: there is none */
	struct little_message *messages; /* owned array, by ts */
	size_t count;
	size_t reads; /* so far */
	bool not_member;
	bool hides_ours;  /* our messages can be posted, but do not show when it is read */
	size_t page_size; /* messages of one read, the newest first; 0: all */
	struct little_trouble finding, reading, posting, editing, replying;
};

enum { LITTLE_CHANNELS = 4 };

struct chat {
	struct event_base *base; /* borrowed */
	struct little_channel channels[LITTLE_CHANNELS];
	struct little_trouble listing;
	int64_t latency_ms;       /* of every call */
	int64_t ahead_ms;         /* the chat's clock is ahead of our wall clock by this */
	size_t calls, slow_calls; /* slow_calls: made although the chat had asked to wait */
	int64_t slow_until_ms;    /* ... for writing */
	size_t quick_edits;       /* made within two seconds of the post or the edit before */
	struct chat_op *ops;      /* owned list: in flight */
	/* Told of "post", "edit", "reply" (ours) and "shown" (one of ours was read back). */
	void (*story)(void *arg, const char *what, const char *channel);
	void *arg; /* borrowed, for story */
};

extern const struct chat_driver little_chat_driver;

void little_chat_done(struct chat *chat);

struct little_channel *little_channel(struct chat *chat, const char *name);

/* Somebody else posts; returns the ts, borrowed until the next post. thread_ts may be NULL. */
const char *little_chat_say(struct chat *chat, const char *channel, const char *thread_ts,
			    const char *text);
void little_chat_change(struct chat *chat, const char *channel, const char *ts, const char *text);

/* The n-th message of ours in a channel: its own ones, or replies; NULL when there is none. */
const struct little_message *little_chat_ours(struct chat *chat, const char *channel, bool reply,
					      size_t n);

#endif
