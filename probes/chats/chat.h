/* The contract of every chat driver: reading a channel back, posting, editing. */
#ifndef PROBES_CHAT_H
#define PROBES_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct http;
struct secrets;
struct chat_settings;
struct chat;    /* one chat of the configuration, with its token: implementation of the driver */
struct chat_op; /* one call in flight */

/* Time stamps of messages are the chat's own text ("1700000000.000100"): the identity of a message
 * within its channel.  They are compared with chat_ts_compare, never as numbers. */
#define CHAT_TS_SIZE 32

/* A message, in the one shape that all chats are turned into. Borrowed during callbacks. */
struct chat_message {
	const char *ts;
	const char *thread_ts; /* of the thread's first message when this is a reply; else NULL */
	const char *edited_ts; /* of the last edit; NULL: never edited */
	const char
	    *latest_reply_ts; /* newest reply in its thread, where the chat tells; else NULL */
	const char *text;   /* everything a person or a search could read in it: text, attachments,
			     blocks; un-escaped, links as "url label", one string per line */
	size_t text_len;    /* bytes; valid UTF-8, cut at 256 KiB */
	bool cut;           /* the text was longer */
	const char *mark;   /* the drill id when firedrill posted this itself; else NULL */
	const char *sender; /* for people; "" when unknown */
	int64_t wall_ms;    /* when it was posted, by the chat's clock */
};

enum chat_tone { CHAT_RUNNING, CHAT_GOOD, CHAT_BAD, CHAT_UNSURE };

/*
 * A message of firedrill's own.  Texts are plain: drivers escape them; "*bold*" and "`code`" are
 * the only markup, and a writer of posts must have removed both characters from foreign text.
 */
struct chat_post {
	const char *mark;     /* the drill id: makes the message recognisable as our own */
	enum chat_tone tone;  /* colour bar */
	const char *headline; /* one line, also the push notification */
	const char *body;     /* lines; NULL: none */
	const char *footer;   /* small print; NULL: none */
	bool loud;            /* the headline stands on its own above the rest, where it calls: in
			       * every version of the message, or in none */
	const char *mention; /* with loud: who is called; a user's or group's id, "here", "channel",
			       * "everyone"; NULL: nobody by name */
	bool broadcast;      /* a reply: shown in the channel, too, where the chat can do that */
};

enum chat_result {
	CHAT_OK,
	CHAT_RETRY,    /* 5xx, time-out, HTML page, truncated JSON: may work later */
	CHAT_SLOW,     /* rate limited: retry_after_ms says when to come back */
	CHAT_PERMANENT /* wrong token, missing scope, not in channel, ...: people must act */
};

/* What a call brought. Borrowed, valid inside the callback only. */
struct chat_reply {
	enum chat_result result;
	const char *error;      /* NULL when CHAT_OK; else one sentence that says what to do */
	const char *code;       /* the chat's own error code or "http 503"; "" when there is none */
	int64_t retry_after_ms; /* with CHAT_SLOW */
	int64_t started_ms;     /* clock_ms() when the call was started */
	int64_t date_ms; /* the chat's wall clock when it answered, to the second; <= 0: unsaid */

	const struct chat_message *messages; /* read, thread: in any order */
	size_t message_count;
	const char *more; /* read, thread, channels: pass as `page` for the rest; NULL: no rest */
	bool capped;      /* the chat gives few messages per call (Slack: 15 a minute) */

	const char *ts;         /* post, edit: the message's own */
	const char *channel_id; /* find, post */
	const char *lacks;      /* check: permissions that the token lacks and drills need, and how
				     to add them; NULL: none, or not known */
	const char *lacks_some; /* check: the same for some channels only */
	const char *self;       /* check: who the token is, for people: "firedrill-bot in Acme" */

	const struct chat_channel { /* find: one; channels: all that the token can read */
		const char *id;
		const char *name; /* without '#' */
		bool member;
		bool archived;
	} * channels;
	size_t channel_count;
};

typedef void chat_done_fn(void *arg, const struct chat_reply *reply);

/* The contract of probes/http.h holds for every call that takes `done`. */
struct chat_driver {
	const char *type;        /* "slack" */
	int requests_per_minute; /* reading, over all channels of one token */
	size_t page_size;        /* messages per read */

	/* NULL with an error when the token's reference cannot be resolved. All arguments borrowed
	 * and must outlive the chat. */
	struct chat *(*open)(const struct chat_settings *settings, struct http *http,
			     struct secrets *secrets, struct error *error);
	void (*close)(struct chat *chat); /* cancels what is in flight; NULL is fine */

	/* Is the token good, and whose is it? */
	struct chat_op *(*check)(struct chat *, chat_done_fn *, void *arg);
	/* The channel of a name ("#ops", "ops") or id. */
	struct chat_op *(*find)(struct chat *, const char *name, chat_done_fn *, void *arg);
	/* One page of the channels that the token is a member of. */
	struct chat_op *(*channels)(struct chat *, const char *page, chat_done_fn *, void *arg);
	/* One page of the messages posted after since_ts (exclusive; "0" for all). */
	struct chat_op *(*read)(struct chat *, const char *channel_id, const char *since_ts,
				const char *page, chat_done_fn *, void *arg);
	/* One page of a thread: its first message as it is now, and the replies. */
	struct chat_op *(*thread)(struct chat *, const char *channel_id, const char *thread_ts,
				  const char *page, chat_done_fn *, void *arg);
	/* thread_ts NULL: into the channel itself. */
	struct chat_op *(*post)(struct chat *, const char *channel_id, const char *thread_ts,
				const struct chat_post *, chat_done_fn *, void *arg);
	struct chat_op *(*edit)(struct chat *, const char *channel_id, const char *ts,
				const struct chat_post *, chat_done_fn *, void *arg);
	void (*cancel)(struct chat_op *op); /* NULL is fine */

	/* A link that opens the message; needs a successful `check` before. Owned by the caller;
	 * NULL when it is not known. */
	char *(*permalink)(const struct chat *, const char *channel_id, const char *ts);
	/* The time stamp that a message posted at a wall clock time would have. */
	void (*ts_at)(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE]);
};

extern const struct chat_driver chat_slack;

const struct chat_driver *chat_driver_find(const char *type); /* NULL when there is none */

/* Negative, 0 or positive, as strcmp. "seconds.fraction" of any length, compared exactly. */
int chat_ts_compare(const char *a, const char *b);

/* The chat's wall clock time of a time stamp, in ms since 1970; 0 when it is none. */
int64_t chat_ts_ms(const char *ts);

#endif
