/* How many requests may be sent, and when. */
#include "probes/chats/channel_pace.h"

#define SPACED_ANSWERS 3      /* after so many the normal rhythm is tried again */
#define SPACING_MAX_MS 120000 /* a longer Retry-After is obeyed, but not taken for a rhythm */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void pace_init(struct pace *pace, int64_t interval_ms, int burst)
{
	*pace = (struct pace){.interval_ms = interval_ms, .burst_ms = interval_ms * (burst - 1)};
}

int64_t pace_reserve(struct pace *pace, int64_t now_ms)
{
	int64_t at_ms;

	pace->due_ms = later(pace->due_ms, now_ms);
	at_ms = later(later(now_ms, pace->due_ms - pace->burst_ms), pace->blocked_ms);
	if (pace->spacing_ms > 0)
		at_ms = later(at_ms, pace->last_ms + pace->spacing_ms);
	pace->due_ms += pace->interval_ms;
	pace->last_ms = at_ms;
	return at_ms;
}

bool pace_take(struct pace *pace, int64_t now_ms)
{
	if (later(pace->due_ms, now_ms) - pace->burst_ms > now_ms)
		return false;
	(void)pace_reserve(pace, now_ms);
	return true;
}

/* The bucket is empty when the time is over: all who wait then go one after the other. A chat that
 * is known to be capped has told its rhythm by this; a wrong guess heals by itself. */
void pace_refused(struct pace *pace, int64_t now_ms, int64_t retry_after_ms, bool capped)
{
	pace->blocked_ms = later(pace->blocked_ms, now_ms + retry_after_ms);
	pace->due_ms = later(pace->due_ms, pace->blocked_ms + pace->burst_ms);
	pace->capped = pace->capped || capped;
	if (pace->capped) {
		pace->spacing_ms =
		    retry_after_ms < SPACING_MAX_MS ? retry_after_ms : SPACING_MAX_MS;
		pace->spaced = SPACED_ANSWERS;
	}
}

void pace_accepted(struct pace *pace, bool capped)
{
	if (capped)
		pace->capped = true;
	else if (pace->spacing_ms == 0)
		pace->capped = false;
	if (pace->spacing_ms > 0 && --pace->spaced == 0)
		pace->spacing_ms = 0;
}
