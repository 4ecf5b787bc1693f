/* Slack's error codes: what they mean for us, and what people should do. */
#ifndef PROBES_SLACK_ERRORS_H
#define PROBES_SLACK_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/chats/chat.h"

struct slack_error {
	const char *code;
	enum chat_result result;
	bool ambiguous;       /* a post may have been carried out all the same */
	const char *sentence; /* with {channel}, {bot}, {needed} and {method} in it */
};

/* NULL for a code that is not in the table. */
const struct slack_error *slack_error_find(const char *code);
/* The index-th of the table; NULL after the last. */
const struct slack_error *slack_error_at(size_t index);

/* What the sentence speaks of; NULL where it is not known. */
struct slack_names {
	const char *method;  /* "conversations.history" */
	const char *channel; /* a name or an id */
	const char *bot;     /* the bot's name */
	const char *needed;  /* the scope that is lacking, by Slack's own words */
};

/* Writes the sentence for a code, known or not; names from outside are cut to a decent length. */
void slack_error_write(const char *code, const struct slack_names *names, char *ret_text,
		       size_t size);

#endif
