/* A channel made by hand: a test plays what the reader of a channel would do. */
#ifndef TESTS_ENGINE_HAND_CHANNEL_H
#define TESTS_ENGINE_HAND_CHANNEL_H

#include "probes/chats/channel.h"

struct watch {
	struct channel *channel;
	struct watch_spec spec;
	void *arg;
};

struct cover {
	struct channel *channel;
	int64_t until_ms, give_up_ms;
	cover_done_fn *done;
	void *arg;
};

#define HAND_WATCHES 4

struct channel {
	struct watch *watches[HAND_WATCHES]; /* the baseline, its own, and two for near misses */
	size_t watch_count;                  /* made so far */
	struct cover *cover;
	size_t cover_count; /* made so far */
	int64_t blind_ms;
	const char *trouble;
};

#endif
