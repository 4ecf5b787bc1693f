/* One message to people, carried to the chat: its channel is found by name, a message of a drill is
 * looked for when nobody knows where it stands, then it is posted or edited; what fails is tried
 * again for a minute. */
#ifndef PROGRAM_ERRAND_H
#define PROGRAM_ERRAND_H

#include <stdbool.h>

#include "probes/chats/chat.h"
#include "src/program/app.h"
#include "src/store/messages.h"

struct errand;
/* Over; trouble: why it failed, in words; NULL: done. The errand is to be freed, inside or later. */
typedef void errand_over_fn(void *arg, struct errand *errand, const char *trouble);

/* All borrowed until errand_start returns, the app until the errand is freed. */
struct errand_ask {
	struct app *app;
	const char *chat, *channel;           /* for a new message: as they are configured */
	const struct ledger_message *message; /* to be edited; NULL: a new one */
	bool outdated; /* the message is edited only when settled_is_outdated says so */
	bool last;     /* the ledger forgets the message then: it says how its drill ended */
	const struct chat_post *post;
};

/* over: from the loop, never from inside start. */
struct errand *errand_start(const struct errand_ask *ask, errand_over_fn *over, void *arg);
void errand_free(struct errand *errand); /* cancels; NULL is fine */

#endif
