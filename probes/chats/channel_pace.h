/* How many requests may be sent, and when: a token bucket, Retry-After, and the spacing that a chat
 * with very few requests asks for.  Plain numbers, no timers.  Part of channel.c. */
#ifndef PROBES_CHANNEL_PACE_H
#define PROBES_CHANNEL_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t interval_ms; /* one request per this, in the long run */
	int64_t burst_ms;    /* how far requests may run ahead of that */
	int64_t due_ms;      /* when the bucket is full again */
	int64_t blocked_ms;  /* the chat asked to stay away until then */
	int64_t spacing_ms;  /* between any two requests; 0: none */
	int64_t last_ms;     /* when the last booked request was to be sent */
	int spaced;          /* good answers until the spacing is tried without */
	bool capped;         /* the chat gives few messages and few calls */
};

void pace_init(struct pace *pace, int64_t interval_ms, int burst);

/* Books one request; returns the time at which it may be sent. First come, first served. */
int64_t pace_reserve(struct pace *pace, int64_t now_ms);
/* Books one request when it may be sent now; else books nothing. */
bool pace_take(struct pace *pace, int64_t now_ms);

/* The chat refused a request: it was too fast. Nothing may be sent before retry_after_ms. */
void pace_refused(struct pace *pace, int64_t now_ms, int64_t retry_after_ms, bool capped);
void pace_accepted(struct pace *pace, bool capped);

#endif
