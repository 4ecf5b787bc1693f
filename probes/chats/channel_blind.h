/* When a channel could not be read: blind time makes a miss undecidable.  Part of channel.c. */
#ifndef PROBES_CHANNEL_BLIND_H
#define PROBES_CHANNEL_BLIND_H

#include <stddef.h>
#include <stdint.h>

#define BLIND_OUTAGES 32 /* remembered; of more the two oldest become one, so nothing is lost */

struct blind {
	struct {
		int64_t from_ms, to_ms;
	} outages[BLIND_OUTAGES]; /* in the order of time */
	size_t count;
	int64_t open_ms; /* reading has failed since then; 0: it does not */
	int64_t slow_ms; /* the chat has refused requests since then; 0: it does not */
};

void blind_failed(struct blind *blind, int64_t started_ms); /* a request that failed */
void blind_slowed(struct blind *blind, int64_t started_ms); /* a request that was refused */
/* A complete read that began at started_ms: what was refused before is made up for, and an outage
 * of less than shortest_ms too. */
void blind_healed(struct blind *blind, int64_t started_ms, int64_t shortest_ms);

int64_t blind_between(const struct blind *blind, int64_t from_ms, int64_t to_ms, int64_t now_ms);

#endif
