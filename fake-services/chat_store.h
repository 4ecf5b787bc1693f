/* What the fake chat remembers: bots, tokens, webhooks, channels, messages.  Internal to chat*.c. */
#ifndef FAKE_SERVICES_CHAT_STORE_H
#define FAKE_SERVICES_CHAT_STORE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "fake-services/chat.h"

#define FAKE_MAX_BOTS 64 /* members of a channel are bits */
#define FAKE_TS_SIZE  32
#define FAKE_TS_NONE  INT64_C(-1)

struct event;
struct fake_server;

/* A program or a person that posts. */
struct bot {
	char id[16];      /* "B..."; "" for a person */
	char user_id[16]; /* "U..."; "" for a webhook */
	char app_id[16];  /* "A..." */
	char *name;       /* owned */
};

struct token {
	char *token;  /* owned */
	char *scopes; /* owned; comma-separated */
	size_t bot;   /* index */
	bool revoked, person;
};

struct webhook {
	char *path;    /* owned */
	char *url;     /* owned */
	char *channel; /* owned; id */
	size_t bot;    /* index */
	bool disabled, swallows;
};

struct message {
	int64_t us; /* its ts in microseconds: its identity in the channel */
	char ts[FAKE_TS_SIZE];
	cJSON *json;              /* owned; as stored, without what is told about its thread */
	cJSON *metadata;          /* owned; shown on demand only; NULL: none */
	char *flat;               /* owned; json as text, made when it is asked for */
	size_t bot;               /* index: who posted it */
	bool webhook;             /* posted by a webhook: cannot be changed by a token */
	bool broadcast;           /* a reply that is shown in the channel too */
	int64_t visible_ms;       /* clock_ms() from which reads show it */
	struct message *parent;   /* borrowed; NULL unless a reply */
	struct message **replies; /* owned array of borrowed; by ts */
	size_t reply_count;
};

struct channel {
	char id[16];
	char *name;       /* owned; without '#' */
	unsigned flags;   /* enum fake_channel_flags, without FAKE_MEMBER */
	uint64_t members; /* one bit for each bot */
	int64_t created;  /* seconds since 1970 */
	int64_t last_us;
	struct message **messages; /* owned array of owned; by ts; replies too */
	size_t count, room;
};

/* A webhook's post that is stored later. */
struct late_post {
	struct fake_chat *chat;  /* borrowed */
	struct event *timer;     /* owned */
	struct channel *channel; /* borrowed */
	cJSON *payload;          /* owned */
	size_t bot;
	LIST_ENTRY(late_post) link;
};

/* One recorded call. */
struct call {
	char *method; /* owned */
	cJSON *args;  /* owned; strings */
	int64_t at_ms;
};

/* How often a method was called, and when it was called last. */
struct method_count {
	char *method; /* owned */
	size_t calls;
	int64_t last_ms;   /* of the capped tier; 0: never */
	int64_t minute_ms; /* real limits: when the minute began */
	int minute_calls;  /* and how many calls it has seen */
};

struct fake_chat {
	struct event_base *base;    /* borrowed */
	struct fake_server *server; /* owned */
	struct event *change;       /* owned */
	void (*changed)(void *arg);
	void *changed_arg; /* borrowed */
	struct fake_chat_wrong wrong;
	bool wrong_answer; /* the answer of the call at hand is to be spoilt */
	char *team;        /* owned */
	struct bot bots[FAKE_MAX_BOTS];
	size_t bot_count;
	struct token *tokens; /* owned array */
	size_t token_count;
	struct webhook **webhooks; /* owned array of owned: their URLs are lent out */
	size_t webhook_count;
	struct channel **channels; /* owned array of owned */
	size_t channel_count;
	struct call *calls;           /* owned ring of CALLS_KEPT */
	size_t call_count;            /* ever */
	struct method_count *methods; /* owned array */
	size_t method_count;
	LIST_HEAD(, late_post) late; /* owned */
	bool control;                /* the misbehaviours can be set over HTTP */
	cJSON *control_texts;        /* owned; strings that wrong points to */
};

/* chat_store.c: looking up. */
struct channel *fake_store_channel(const struct fake_chat *chat, const char *name_or_id);
struct channel *fake_store_channel_by_id(const struct fake_chat *chat, const char *id);
struct token *fake_store_token(const struct fake_chat *chat, const char *token);
struct webhook *fake_store_webhook(const struct fake_chat *chat, const char *path);
size_t fake_store_bot(struct fake_chat *chat, const char *name, bool webhook); /* made when new */
struct message *fake_store_message(const struct channel *channel, int64_t us);
size_t fake_store_first_after(const struct channel *channel,
			      int64_t us); /* index of the first > us */

/* Messages. The json is taken. us FAKE_TS_NONE: now. NULL when that ts is taken. */
struct message *fake_store_add(struct fake_chat *chat, struct channel *channel, size_t bot,
			       cJSON *json, struct message *parent, int64_t us);
void fake_store_remove(struct fake_chat *chat, struct channel *channel, struct message *message);
void fake_store_changed(struct fake_chat *chat, struct message *message); /* after an edit */
const char *fake_store_flat(struct message *message);
/* The stored message and what its thread adds. Owned by the caller. */
cJSON *fake_store_view(const struct fake_chat *chat, const struct message *message, bool metadata);
/* Creates and drops. */
struct channel *fake_store_new_channel(struct fake_chat *chat, const char *name, unsigned flags);
void fake_store_free(struct fake_chat *chat);

/* "1700000000.000100" in microseconds; "1700000000" and "0" are fine; FAKE_TS_NONE: not a ts. */
int64_t fake_ts_parse(const char *text);
void fake_ts_format(int64_t us, char ret_ts[FAKE_TS_SIZE]);

/* chat_attachment.c: what becomes of what is sent. NULL when all is well, else the error code; then
 * *ret_detail says more (owned by the caller) or is NULL. Changes the payload in place. */
const char *fake_payload_normalise(cJSON *payload, char **ret_detail);
bool fake_payload_has_content(const cJSON *payload);

#endif
