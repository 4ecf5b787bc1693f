/* Those who wait until everything up to some time has been read.  Part of channel.c. */
#ifndef PROBES_CHANNEL_COVER_H
#define PROBES_CHANNEL_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probes/chats/channel.h"

struct event;

struct cover {
	struct channel *channel; /* borrowed: for cover_free */
	struct covers *covers;   /* borrowed */
	int64_t until_ms, give_up_ms;
	uint64_t reads; /* only a read that was begun after so many counts */
	cover_done_fn *done;
	void *arg;
	struct event *give_up;   /* owned */
	TAILQ_ENTRY(cover) link; /* in `due` */
	bool is_due, covered;
};

struct covers {
	struct event_base *base; /* borrowed */
	struct cover **list;     /* owned array of owned: waiting, the latest until_ms first */
	size_t count, room;
	TAILQ_HEAD(, cover) due; /* owned: decided, not told yet */
};

void covers_init(struct covers *covers, struct event_base *base);
void covers_done(struct covers *covers); /* frees all without telling them */

struct cover *covers_add(struct covers *covers, struct channel *channel, int64_t until_ms,
			 int64_t give_up_ms, cover_done_fn *done, void *arg);
void covers_remove(struct cover *cover); /* frees it without telling it */

bool covers_is_empty(const struct covers *covers);
/* The latest until_ms that is not after at_ms; INT64_MIN: none. */
int64_t covers_last_ms(const struct covers *covers, int64_t at_ms);

/* These decide; covers_tell() calls back those that are decided, from the loop. The first tells of a
 * complete read: when it began, and which it was. */
void covers_reach(struct covers *covers, int64_t covered_ms, uint64_t read);
void covers_fail(struct covers *covers);
void covers_tell(struct covers *covers);

#endif
