/* firedrill.cfg as its author wrote it.  Plain data, immutable once loaded; times are ms, every
 * pointer is owned by the struct. */
#ifndef SCENARIOS_CONFIG_H
#define SCENARIOS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/words.h"

struct chat_settings {
	char *name;
	char *type;              /* "slack" */
	char *token;             /* a secret reference */
	char *url;               /* API base, "https://slack.com/api" by default */
	int64_t poll_ms;         /* the time between two reads of one channel */
	int64_t timeout_ms;      /* of one request */
	int requests_per_minute; /* reading, over all channels; 0: the chat's usual limit */
	int64_t patience_ms;     /* how long after a deadline a failing chat is still tried */
};

struct environment {
	char *name;
	bool protected_;          /* needs --allow-protected by hand */
	enum effect effect_limit; /* by default `copy` when protected, else `mutation` */
	struct pairs variables;
};

struct config {
	char *file;      /* where it was read from */
	char *state;     /* path of the state file */
	char *scenarios; /* folder of scenario files */
	struct chat_settings *chats;
	size_t chat_count;
	struct environment *environments;
	size_t environment_count;
	struct { /* where reports go besides the watched channels; chat NULL: nowhere else */
		char *chat;
		char *channel;
		bool announce; /* post in the watched channels (default true) */
	} report;
	struct {              /* where firedrill hosts its canaries; listen NULL: nowhere */
		char *listen; /* "127.0.0.1:9810" */
	} canary;
};

void config_free(struct config *config); /* NULL is fine */

const struct environment *config_environment(const struct config *config, const char *name);
const struct chat_settings *config_chat(const struct config *config, const char *name);

#endif
