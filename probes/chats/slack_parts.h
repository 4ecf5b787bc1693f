/* What the files of the Slack driver share: the chat, a call in flight, and how one is made. */
#ifndef PROBES_SLACK_PARTS_H
#define PROBES_SLACK_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probes/chats/chat.h"
#include "probes/chats/slack_answer.h"
#include "src/base/buf.h"

struct http_request;

enum slack_list { SLACK_MINE, SLACK_ALL }; /* users.conversations, conversations.list */

/* A channel whose id is known. */
struct slack_known {
	struct slack_known *next; /* owned */
	char *name, *id;          /* owned; name without '#' */
};

struct chat {
	const struct chat_settings *settings; /* borrowed */
	struct http *http;                    /* borrowed */
	struct secrets *secrets;              /* borrowed */
	const char *token;                    /* borrowed from secrets */
	char *url;                            /* owned; without a slash at its end */
	char *team_url;            /* owned; "https://acme.slack.com"; NULL: no check yet */
	char *bot;                 /* owned; NULL: the same */
	char *self;                /* owned; NULL: the same */
	struct slack_known *known; /* owned list */
	bool public_only;          /* the token may not list private channels */
	int reads;                 /* accepted since the last refusal */
	struct { /* a search for a channel that was interrupted by the rate limit */
		char *name, *cursor; /* owned; NULL: none */
		enum slack_list list;
	} resume;
	LIST_HEAD(, chat_op) ops; /* owned: in flight */
};

typedef void slack_answered_fn(struct chat_op *op, const struct slack_answer *answer);

struct chat_op {
	struct chat *chat; /* borrowed */
	LIST_ENTRY(chat_op) link;
	struct http_request *request; /* owned */
	chat_done_fn *done;
	void *arg;                   /* borrowed */
	slack_answered_fn *answered; /* of the request in flight */
	const char *method;          /* static; the same */
	bool creates;                /* the same: sent twice it would do something twice */
	int64_t started_ms;          /* 0: nothing was sent yet */
	char *channel;               /* owned; id or name; NULL: none */
	char *since;                 /* owned; read: since_ts; thread: its first message */
	char *page;                  /* owned; NULL: the first */
	enum slack_list list;        /* find, channels: which one is read */
	int pages;                   /* find: read so far */
};

struct chat_op *slack_op_new(struct chat *chat, const char *channel, chat_done_fn *done, void *arg);
void slack_op_free(struct chat_op *op); /* cancels; NULL is fine */

/* One call of the Web API; `answered` gets whatever comes. The form's or JSON text is freed. */
void slack_call_form(struct chat_op *op, const char *method, struct buf *form,
		     slack_answered_fn *answered);
void slack_call_json(struct chat_op *op, const char *method, char *json, bool creates,
		     slack_answered_fn *answered);
void slack_form_add(struct buf *form, const char *name,
		    const char *value); /* NULL value: nothing */

/* These end the op: it is unlinked, `done` is called, the op is freed. The answer is borrowed. */
void slack_op_finish(struct chat_op *op, const struct slack_answer *answer,
		     struct chat_reply *reply);             /* fills in result, error and times */
void slack_op_refuse(struct chat_op *op, const char *code); /* with a code of the table */
void slack_op_stuck(struct chat_op *op);                    /* the answer makes no sense */

/* slack_find.c */
struct chat_op *slack_find(struct chat *chat, const char *name, chat_done_fn *done, void *arg);
struct chat_op *slack_channels(struct chat *chat, const char *page, chat_done_fn *done, void *arg);
/* What people call the channel of an id: "#ops", or the id itself. Owned by the caller. */
char *slack_channel_label(const struct chat *chat, const char *channel);

#endif
