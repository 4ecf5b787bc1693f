/* One message carried to a chat: posted, or changed where it stands; then a reply in its thread.  One
 * that is not there any more is posted anew.  What fails is tried again for NOTICES_PATIENCE_MS.  Used
 * by notices*.c only. */
#ifndef PROGRAM_NOTICES_POST_H
#define PROGRAM_NOTICES_POST_H

#include <stdbool.h>

#include "probes/chats/chat.h"
#include "src/program/app.h"

#define NOTICES_PATIENCE_MS 120000

struct notices_post;

/* Owned copies of a post, for later. */
struct notices_words {
	struct chat_post post; /* its texts are owned; headline NULL: there is none */
};
void notices_words_set(struct notices_words *words, const struct chat_post *post); /* NULL: none */
void notices_words_done(struct notices_words *words);

struct notices_post_ask {
	struct app *app;             /* borrowed, outlives it */
	const char *chat, *channel;  /* as configured; borrowed during start only, as is the rest */
	const char *channel_id, *ts; /* where it stands; "": nowhere yet */
	const struct chat_post *post, *reply; /* reply NULL: none */
};

/* Borrowed, valid inside the callback only. */
struct notices_post_end {
	const char *channel_id, *ts; /* where it stands now */
	const char *link;            /* NULL: not known */
	const char *trouble;         /* why it could not be told; NULL: it is there */
	const char *lost_reply;      /* why its reply could not; NULL */
};
typedef void notices_post_fn(void *arg, const struct notices_post_end *end);

/* The contract of probes/http.h. */
struct notices_post *notices_post_start(const struct notices_post_ask *ask, notices_post_fn *done,
					void *arg);
void notices_post_cancel(struct notices_post *post); /* NULL is fine */
const struct app *notices_post_app(const struct notices_post *post);

#endif
