/* A chat in memory behind the contract of chat drivers: no HTTP, no JSON.  Behaves by default; each
 * misbehaviour is a named field. */
#ifndef TESTS_CHATS_MEMORY_CHAT_H
#define TESTS_CHATS_MEMORY_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"

struct event_base;

struct memory_message {
	char ts[CHAT_TS_SIZE];
	char thread_ts[CHAT_TS_SIZE]; /* "": in the channel */
	char edited_ts[CHAT_TS_SIZE];
	char latest_reply[CHAT_TS_SIZE];
	char *text; /* owned */
	char *mark; /* owned */
};

struct chat {
	struct event_base *base;         /* borrowed */
	struct memory_message *messages; /* owned array, by ts */
	size_t count;
	struct chat_op *ops; /* owned list: in flight */

	size_t page_size;               /* 0: 100 */
	bool forward;                   /* pages begin at the oldest message, else at the newest */
	bool shuffled;                  /* messages stand in any order within a page */
	bool no_latest_reply;           /* parents do not tell of replies */
	bool endless;                   /* there is always another page */
	bool hang;                      /* no answer ever */
	bool capped;                    /* every answer says so */
	enum chat_result thread_result; /* what comes of reading a thread */
	int64_t skew_ms;                /* the chat's wall clock is ahead of ours by this */
	bool dated;                     /* answers say what that clock shows, in whole seconds */
	int skip;                       /* requests that pass before `result` counts */
	int times;                      /* requests that get `result`; -1: all */
	enum chat_result result;
	int64_t retry_after_ms;
	void (*reading)(struct chat *chat); /* called before each read is answered */
	void *arg;                          /* for `reading` */

	size_t finds, reads, threads, cancelled, in_flight;
	int64_t last_read_ms; /* clock_ms() when the last read or thread was asked */
	int64_t gap_ms;       /* between the last two of them */
	char last_since[CHAT_TS_SIZE];
};

extern const struct chat_driver memory_driver;

void memory_chat_done(struct chat *chat);

/* Posts now; returns the ts, borrowed until the next post. thread_ts and mark may be NULL. */
const char *memory_post(struct chat *chat, const char *text);
const char *memory_post_own(struct chat *chat, const char *text, const char *mark);
const char *memory_post_at(struct chat *chat, const char *text, int64_t wall_ms);
const char *memory_reply(struct chat *chat, const char *thread_ts, const char *text);
void memory_edit(struct chat *chat, const char *ts, const char *text);

#endif
