/* Posting to a chat the way senders of alerts do: by an incoming webhook.  Its answer proves nothing
 * but that it was heard; whether the message is there is read in the channel.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
#ifndef PROBES_WEBHOOK_H
#define PROBES_WEBHOOK_H

#include <stdint.h>

struct http;
struct secrets;
struct webhook_op; /* one post in flight */

/* What posting needs; borrowed, outlives every post. */
struct webhook_context {
	struct http *http;
	struct secrets *secrets;
};

enum webhook_result {
	WEBHOOK_TAKEN,   /* answered 2xx: the message should be there */
	WEBHOOK_REFUSED, /* the chat said no, and will say so again */
	WEBHOOK_UNSURE,  /* no answer: the message may be there or not */
	WEBHOOK_UNSENT   /* it never came to the chat, or the chat is not well */
};

/* Borrowed, valid inside the callback only. */
struct webhook_answer {
	enum webhook_result result;
	const char *text; /* one sentence, secrets masked: "it answered 200: ok" */
};
typedef void webhook_done_fn(void *arg, const struct webhook_answer *answer);

/* The contract of probes/http.h: done exactly once, from the loop, never from inside post; after
 * cancel, never. */
struct webhook_driver {
	/* url: a secret reference. It is sent once at most. */
	struct webhook_op *(*post)(const struct webhook_context *context, const char *url,
				   const char *text, webhook_done_fn *done, void *arg);
	void (*cancel)(struct webhook_op *op); /* NULL is fine */
};

extern const struct webhook_driver webhook_slack;

#endif
