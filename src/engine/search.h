/* Looking for a missing alert in the other channels of a chat: did it go to the wrong one? */
#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include <stdint.h>

#include "scenarios/config.h"
#include "src/engine/evidence.h"

struct channel;
struct event_base;
struct search;
typedef void search_done_fn(void *arg);

/* What is looked for; all borrowed, must outlive the search. */
struct search_want {
	struct channel *expected;              /* the one channel that is not searched */
	struct expectation_evidence *evidence; /* sightings with a channel name are added here */
	const char *drill;
	int64_t inject_started_ms; /* messages from then on count; clock_ms() */
	int64_t chat_ahead_ms;     /* the chat's wall clock minus clock_ms() */
	/* Channels that prove nothing, with or without '#': an alert without a nonce in one of them
	 * may be another drill's, and rightly there. */
	const struct texts *passed_over;
};

/* The channels in which the scenario's other environments expect the alert of one expectation. Owned
 * by the caller, texts_done in scenarios/scenario.h. */
struct texts search_other_homes(const struct scenario *scenario, const struct config *config,
				const struct environment *here, size_t expectation,
				const char *drill);

/* Reads the channels that the token is a member of, within limits on channels, pages and time.
 * The contract of probes/http.h; evidence->searched_elsewhere tells whether all were read. */
struct search *search_start(struct event_base *base, const struct search_want *want,
			    search_done_fn *done, void *arg);
void search_cancel(struct search *search); /* NULL is fine */

#endif
