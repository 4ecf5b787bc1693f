/* The durable record of the messages in chat that say that a drill is running: noted before they are
 * posted, forgotten once they say how it ended.  What is noted of a drill that is dead has to be
 * corrected by whoever lives.  It is no fault, and blocks nothing.  Kept in the ledger's file. */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct ledger;

/* One message; its drill, chat and channel are its name. All borrowed,
 * except in a list. */
struct ledger_message {
	const char *drill, *scenario, *environment;
	const char *chat;       /* its name in the configuration */
	const char *channel;    /* as it is configured: "#ops", or an id */
	const char *channel_id; /* as the chat calls it; "" while that is not known */
	const char *ts;         /* the chat's time stamp; "" until the chat has answered */
	int64_t posted_wall_ms; /* when it was about to be posted the last time */
};

/* About to be posted, once more too. False: a later life would not know of it. */
MUST_CHECK bool messages_note(struct ledger *ledger, const struct ledger_message *message,
			      struct error *error);
/* The chat has answered: where the message stands. Only channel_id, ts and its name are read. */
bool messages_place(struct ledger *ledger, const struct ledger_message *message,
		    struct error *error);
/* It says how the drill ended, or was never posted. One that is not known is fine. Only its name is
 * read. */
bool messages_forget(struct ledger *ledger, const struct ledger_message *message,
		     struct error *error);

/* Copies, so that the ledger may be written meanwhile. */
struct message_list {
	struct ledger_message *list; /* owned, as is each text */
	size_t count;
};

/* All of a drill, or with NULL of all, at most 1000; those of a drill follow each other. One with a
 * damaged text is left out, and what is older than 31 days was dropped when the ledger was opened.
 * False: the list is empty. To be ended by message_list_done in any case. */
bool messages_read(struct ledger *ledger, const char *drill, struct message_list *ret_messages,
		   struct error *error);
void message_list_done(struct message_list *messages);

#endif
