/* The chat's clock, mapped to the clock of clock_ms().  Part of channel.c.
 *
 * A post of ours ties one of the chat's time stamps to a moment on our clock, no further apart than
 * half the round trip; every other message is mapped by its distance from that one.  Our own wall
 * clock is used only until there is such an anchor, so afterwards it may jump as it likes. */
#ifndef PROBES_CHANNEL_ANCHOR_H
#define PROBES_CHANNEL_ANCHOR_H

#include <stdbool.h>
#include <stdint.h>

struct anchor {
	bool set;
	int64_t wall_ms;  /* the chat's time of our post */
	int64_t at_ms;    /* clock_ms() of it: the middle of the round trip */
	int64_t error_ms; /* half the round trip */
	int64_t set_ms;   /* clock_ms() when the answer came */
};

/* Keeps the better of the old and the new one; true when the mapping has changed. */
bool anchor_note(struct anchor *anchor, int64_t wall_ms, int64_t sent_ms, int64_t answered_ms);

int64_t anchor_clock(const struct anchor *anchor, int64_t wall_ms); /* chat's time -> clock_ms() */
int64_t anchor_wall(const struct anchor *anchor, int64_t at_ms);    /* and back */

/* How far off the mapping may be. */
int64_t anchor_error_ms(const struct anchor *anchor);

#endif
