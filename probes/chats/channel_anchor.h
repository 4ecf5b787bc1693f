/* The chat's clock, mapped to the clock of clock_ms().  Part of channel.c.
 *
 * A post of ours ties one of the chat's time stamps to a moment on our clock, no further apart than
 * half the round trip; every other message is mapped by its distance from that one.  Our own wall
 * clock is used only until there is such an anchor, so afterwards it may jump as it likes; where it
 * is plainly wrong by the Date of the chat's answers, the Date is believed. */
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
	int64_t
	    ahead_ms; /* not set: how far the chat's clock is ahead of ours; 0: as good as equal */
};

/* Keeps the better of the old and the new one; true when the mapping has changed. */
bool anchor_note(struct anchor *anchor, int64_t wall_ms, int64_t sent_ms, int64_t answered_ms);

/* The Date of an answer; true when the mapping has changed by it. */
bool anchor_note_date(struct anchor *anchor, int64_t date_ms, int64_t sent_ms, int64_t answered_ms);

int64_t anchor_clock(const struct anchor *anchor, int64_t wall_ms); /* chat's time -> clock_ms() */
int64_t anchor_wall(const struct anchor *anchor, int64_t at_ms);    /* and back */

/* How far off the mapping may be. */
int64_t anchor_error_ms(const struct anchor *anchor);

#endif
