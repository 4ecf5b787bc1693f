/* Slack's answers: from bytes to a result, messages, channels, and where to go on.  Pure: no
 * requests, no clock.  https://docs.slack.dev/apis/web-api */
#ifndef PROBES_SLACK_ANSWER_H
#define PROBES_SLACK_ANSWER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "probes/chats/slack_errors.h"
#include "probes/http.h"

struct secrets;

#define SLACK_CODE_SIZE 64

struct slack_answer {
	enum chat_result result;
	char code[SLACK_CODE_SIZE]; /* "" when there is none */
	char error[512];            /* "" when CHAT_OK */
	int64_t retry_after_ms;     /* with CHAT_SLOW */
	int64_t date_ms;            /* as in struct chat_reply */
	char scopes[1024];          /* what the token may do; "" when it is not told, or too long */
	bool capped;                /* with CHAT_SLOW: about one call a minute */
	cJSON *json;                /* owned; an object when CHAT_OK, else NULL */
};

/* Secrets are masked in the error. post: the call changes something, so an answer that leaves open
 * whether it did has the code "ambiguous". */
void slack_answer_read(struct slack_answer *ret_answer, const struct http_reply *http, bool post,
		       const struct slack_names *names, const struct secrets *secrets);
void slack_answer_done(struct slack_answer *answer);

/* The messages of an answer, as the contract of drivers wants them. Init with {0}. */
struct slack_messages {
	struct chat_message *list; /* owned, with the texts; the rest is borrowed from the answer */
	size_t count;
};

void slack_messages_read(struct slack_messages *messages, const cJSON *answer);
/* Takes out what is not between the two, exclusively; "" means no limit. */
void slack_messages_keep(struct slack_messages *messages, const char *oldest, const char *latest);
void slack_messages_done(struct slack_messages *messages);

/* The cursor of the next page, borrowed; NULL: there is none. */
const char *slack_answer_cursor(const cJSON *answer);
bool slack_answer_has_more(const cJSON *answer);

/* A channel as in conversations.list; borrowed from the item. False: it is none. */
bool slack_channel_read(const cJSON *item, struct chat_channel *ret_channel);

#endif
