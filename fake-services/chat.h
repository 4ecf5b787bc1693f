/* A Slack-compatible chat: Web API under /api/, incoming webhooks under /services/, a web page for
 * people under /.  Correct by default; every misbehaviour is a named field, off by default.
 *
 *	struct fake_chat *chat = fake_chat_new(base, &(struct fake_chat_options){.token = "xoxb-1"});
 *	fake_chat_add_channel(chat, "ops", FAKE_MEMBER);
 *	fake_chat_wrong(chat)->rate_limited = true;
 *
 * Everything runs on the given event base; the base must outlive the chat.  Channels are named with
 * or without '#', or by id.  Sources: https://docs.slack.dev/reference/methods and its sub-pages. */
#ifndef FAKE_SERVICES_CHAT_H
#define FAKE_SERVICES_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct fake_chat;

struct fake_chat_options {
	const char *address; /* NULL: "127.0.0.1" */
	int port;            /* 0: any free one */
	const char *token;   /* NULL: none; else a first token: bot "firedrill", all scopes */
	const char *team;    /* NULL: "Acme" */
};

/* Options may be NULL. NULL with an error when the address cannot be bound. */
struct fake_chat *fake_chat_new(struct event_base *base, const struct fake_chat_options *options,
				struct error *error);
void fake_chat_free(struct fake_chat *chat); /* before its base; NULL is fine */

/* "http://127.0.0.1:40123": add "/api" for the Web API, "/" for the page. Borrowed. */
const char *fake_chat_url(const struct fake_chat *chat);

/* Channels. */

enum fake_channel_flags {
	FAKE_MEMBER = 1, /* every bot is in it; else none until it joins */
	FAKE_ARCHIVED = 2,
	FAKE_PRIVATE = 4 /* channel_not_found for bots that are not in it */
};

/* Returns the id ("C0000000001"), borrowed. */
const char *fake_chat_add_channel(struct fake_chat *chat, const char *name, unsigned flags);
void fake_chat_set_channel(struct fake_chat *chat, const char *channel, unsigned flags);
const char *fake_chat_channel_id(const struct fake_chat *chat,
				 const char *channel); /* NULL: none */

/* Tokens and webhooks. */

struct fake_token {
	const char *token;
	const char *name;   /* NULL: "firedrill"; tokens with one name are one bot */
	const char *scopes; /* "chat:write,channels:read"; NULL: all that a bot can have */
	bool revoked;       /* token_revoked */
	bool person;        /* a user token: reads public channels without being in them */
};
void fake_chat_set_token(struct fake_chat *chat,
			 const struct fake_token *token); /* or changes it */

struct fake_webhook {
	const char *path;     /* NULL: made up; else "/services/T.../B.../..." */
	const char *channel;  /* where it posts, whatever the payload says */
	const char *username; /* NULL: "incoming-webhook" */
	bool disabled;        /* 404 no_active_hooks */
	bool swallows;        /* says ok and stores nothing */
};
/* Adds a webhook, or changes the one with that path. Returns its whole URL, borrowed. */
const char *fake_chat_set_webhook(struct fake_chat *chat, const struct fake_webhook *webhook);

/* Posting and looking from C: never disturbed by misbehaviours. */

struct fake_post {
	const char *text; /* NULL: what `json` says */
	const char *json; /* NULL, or the body of a webhook: attachments, blocks, thread_ts, ... */
	const char *username;  /* a webhook's name; NULL: a person called "ana" */
	const char *thread_ts; /* NULL: not a reply */
	const char *ts;        /* NULL: now; else kept as given, must be free in the channel */
	bool broadcast;        /* a reply that is shown in the channel too */
};
/* The new message's ts, borrowed until the message is deleted; NULL: no such channel, bad json, or
 * the ts is taken. */
const char *fake_chat_post(struct fake_chat *chat, const char *channel,
			   const struct fake_post *post);
/* Changes the text, or with `json` also attachments and blocks; false: no such message. */
bool fake_chat_edit(struct fake_chat *chat, const char *channel, const char *ts,
		    const struct fake_post *post);
bool fake_chat_delete(struct fake_chat *chat, const char *channel, const char *ts);

/* Stored messages, replies included, whose JSON holds the text; NULL text: all of them. */
size_t fake_chat_count(const struct fake_chat *chat, const char *channel, const char *text);
/* The index-th of them, oldest first: its JSON as history gives it. Owned by the caller, free();
 * NULL: there are not so many. */
char *fake_chat_message(const struct fake_chat *chat, const char *channel, const char *text,
			size_t index);
/* Calls back, from the loop, whenever a message was stored, changed or deleted. NULL: nobody. */
void fake_chat_on_change(struct fake_chat *chat, void (*changed)(void *arg), void *arg);

/* What was asked. The method is "conversations.history", ..., or "webhook"; NULL: any of them. */

size_t fake_chat_calls(const struct fake_chat *chat, const char *method); /* so far */
/* An argument of the index-th call (0 the first): NULL when absent, or more than 10,000 calls ago.
 * The argument "body" is a webhook's raw body. Borrowed until the next call arrives. */
const char *fake_chat_call_arg(const struct fake_chat *chat, const char *method, size_t index,
			       const char *arg);
/* clock_ms() when it arrived; -1: no such call. */
int64_t fake_chat_call_ms(const struct fake_chat *chat, const char *method, size_t index);

/* Misbehaviours: all zero means a chat that behaves. */

struct fake_chat_wrong {
	/* How calls are answered. `method` limits these to one method, `times` to that many calls
	 * (it counts down; on reaching 0 all of them end), `skip` lets that many pass first. */
	const char *method; /* NULL: all; borrowed */
	int times;          /* 0: until it is changed */
	int skip;
	bool rate_limited;   /* 429 with Retry-After */
	int retry_after_s;   /* 0: 1 second */
	int status;          /* this HTTP status with a short text */
	const char *error;   /* 200 with ok false and this error code; borrowed */
	bool html_page;      /* 200 with a page of HTML */
	bool truncated_json; /* the first half of the right answer */
	bool deep_json;      /* a hundred thousand brackets */
	bool huge_json;      /* right JSON of 64 MiB */
	bool hang;           /* nothing is done, no answer ever */
	bool reset;          /* nothing is done, the connection is closed */
	bool lose_answer;    /* it is done, but the connection is closed instead of an answer */
	int64_t slow_ms;     /* it is done, the answer comes this much later */
	bool revoked;        /* token_revoked for every token */
	bool missing_scope;  /* missing_scope with needed and provided */

	/* What becomes of posts, by webhook or token. */
	bool drop_alert;  /* webhooks say ok and store nothing */
	int64_t delay_ms; /* webhook posts are stored, and get their ts, this much later */
	int64_t hide_ms;  /* every post has its ts at once, but reads show it this much later */
	bool duplicate;   /* webhook posts are stored twice */
	bool garble;      /* letters and digits of webhook posts become '?' */
	const char *wrong_channel; /* webhook posts are stored there; borrowed */

	/* How reading back differs. */
	bool page_backwards;  /* `oldest` alone pages from the newest message backwards */
	bool capped_tier;     /* history and replies: at most 15 messages, one call a minute each */
	int64_t capped_ms;    /* 0: 60,000; the time between two calls of the capped tier */
	bool real_limits;     /* Slack's own calls a minute for each method; posts: 60 */
	bool no_cursor;       /* has_more without a next_cursor */
	bool no_latest_reply; /* parents of threads do not tell reply_count and latest_reply */
	bool no_edited;       /* edits leave no `edited` */
	bool bad_utf8;        /* texts of messages start with bytes that are not UTF-8 */
};

/* To be written to at any time. Borrowed, lives as long as the chat. */
struct fake_chat_wrong *fake_chat_wrong(struct fake_chat *chat);
void fake_chat_behave(struct fake_chat *chat); /* sets everything to zero */

/* The same over HTTP, for tests in other languages; off by default.  PUT /control/wrong with the
 * fields as JSON, DELETE for fake_chat_behave; PUT /control/token and /control/channel with the
 * fields of struct fake_token, and "name", "member", "archived", "private". */
void fake_chat_allow_control(struct fake_chat *chat, bool allowed);

#endif
