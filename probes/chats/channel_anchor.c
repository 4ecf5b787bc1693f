/* The chat's clock, mapped to the clock of clock_ms(). */
#include "probes/chats/channel_anchor.h"

#include "src/base/clock.h"

#define DRIFT_SHARE 10000 /* an anchor gets worse by 1 ms for every 10 s of its age */
#define ROUNDING_MS 2     /* of two clocks in whole ms */
#define GUESS_MS    250   /* what two clocks are apart that are kept by NTP */
#define JUMP_MS     2000  /* further off than errors explain: a clock was set */
#define DATE_MS     500   /* what a Date, of whole seconds, is too early by on average */

bool anchor_note(struct anchor *anchor, int64_t wall_ms, int64_t sent_ms, int64_t answered_ms)
{
	const struct anchor next = {
	    .set = true,
	    .wall_ms = wall_ms,
	    .at_ms = sent_ms + (answered_ms - sent_ms) / 2,
	    .error_ms = (answered_ms - sent_ms) / 2,
	    .set_ms = answered_ms,
	    .ahead_ms = anchor->ahead_ms,
	};

	if (wall_ms <= 0 || answered_ms < sent_ms)
		return false;
	if (anchor->set) {
		int64_t error_ms = anchor->error_ms + (answered_ms - anchor->set_ms) / DRIFT_SHARE;
		int64_t off_ms = anchor_clock(anchor, wall_ms) - next.at_ms;
		int64_t most_ms = error_ms + next.error_ms + JUMP_MS;

		if (next.error_ms > error_ms && off_ms <= most_ms && off_ms >= -most_ms)
			return false;
	}
	*anchor = next;
	return true;
}

static bool is_about(int64_t a_ms, int64_t b_ms, int64_t most_ms)
{
	return a_ms - b_ms <= most_ms && b_ms - a_ms <= most_ms;
}

bool anchor_note_date(struct anchor *anchor, int64_t date_ms, int64_t sent_ms, int64_t answered_ms)
{
	int64_t half_ms = (answered_ms - sent_ms) / 2;
	int64_t wall_ms = clock_wall_ms() - (clock_ms() - answered_ms) - half_ms;
	int64_t ahead_ms = date_ms + DATE_MS - wall_ms;

	if (anchor->set || date_ms <= 0 || answered_ms < sent_ms)
		return false;
	if (is_about(ahead_ms, 0, JUMP_MS + half_ms))
		ahead_ms = 0;
	if (is_about(ahead_ms, anchor->ahead_ms, ahead_ms == 0 ? 0 : JUMP_MS + half_ms))
		return false;
	anchor->ahead_ms = ahead_ms;
	return true;
}

/* clock_ms() when the chat's wall clock was at 0. */
static int64_t offset(const struct anchor *anchor)
{
	if (anchor->set)
		return anchor->at_ms - anchor->wall_ms;
	return clock_ms() - clock_wall_ms() - anchor->ahead_ms;
}

int64_t anchor_clock(const struct anchor *anchor, int64_t wall_ms)
{
	return wall_ms + offset(anchor);
}

int64_t anchor_wall(const struct anchor *anchor, int64_t at_ms)
{
	return at_ms - offset(anchor);
}

int64_t anchor_error_ms(const struct anchor *anchor)
{
	if (anchor->set)
		return anchor->error_ms + ROUNDING_MS;
	return anchor->ahead_ms != 0 ? DATE_MS + GUESS_MS : GUESS_MS;
}
