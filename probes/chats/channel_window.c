/* Where a read begins, and which threads are read.  Requests grow with channels and time, not with
 * the number of drills:
 *  - A read begins at the newest known message, a little overlapping, or at the oldest message that
 *    somebody follows, as far as one page reaches; so edits of those cost no request of their own.
 *  - A thread is read when the chat tells of a new reply in it.
 *  - What the page does not reach, and threads of which the chat tells nothing, are looked at one by
 *    one, in turn: one thread in LOOK_POLLS polls.  When someone waits for coverage, up to FAR_LIMIT
 *    messages out of reach are looked at for it. */
#include "probes/chats/channel_parts.h"
#include "src/base/clock.h"

#define OVERLAP_MS      5000  /* read again before the newest message: what became visible late */
#define MARGIN_MS       2000  /* read more of the past than is wanted: clocks are not exact */
#define MARGIN_GUESS_MS 30000 /* the same while the chat's clock is not known */
#define LOOK_POLLS      5     /* from one look at a thread on suspicion to the next */
#define FAR_LIMIT       16    /* messages out of reach that coverage waits for */

static void lower(const struct channel *channel, char low[CHAT_TS_SIZE], int64_t wall_ms)
{
	char ts[CHAT_TS_SIZE];

	channel->channels->driver->ts_at(wall_ms, ts);
	if (low[0] == '\0' || chat_ts_compare(ts, low) < 0)
		recent_copy_ts(low, ts);
}

/* A message that somebody waits for more of: edits and replies.  Our own are handed over too, but
 * nobody waits for what becomes of them. */
static bool is_candidate(const struct record *record)
{
	return !LIST_EMPTY(&record->follows) && record->mark == NULL &&
	       record->thread_ts[0] == '\0';
}

/* Index of the oldest message that one page reaches, with room for new ones. */
static size_t reach_of_page(const struct channel *channel)
{
	const struct recent *recent = &channel->recent;
	size_t room = channel->channels->page_size * 3 / 4;
	size_t at = recent->count;

	while (at > 0 && (room > 0 || !recent->list[at - 1]->in_channel)) {
		at--;
		if (recent->list[at]->in_channel)
			room--;
	}
	return at;
}

/* The earliest time wanted by those who have not got their past; of all while nothing was read. */
static int64_t past_wanted_ms(const struct channel *channel)
{
	int64_t since_ms = INT64_MAX;
	const struct watch *watch;

	if (channel->cursor[0] == '\0')
		return watchers_since_ms(&channel->watchers);
	if (channel->watchers.behind == 0)
		return since_ms;
	LIST_FOREACH(watch, &channel->watchers.all, link)
	{
		if (!watch->dead && watch->behind && watch->since_ms < since_ms)
			since_ms = watch->since_ms;
	}
	return since_ms;
}

static int64_t margin_ms(const struct channel *channel)
{
	return channel->channels->anchor.set ? MARGIN_MS : MARGIN_GUESS_MS;
}

void window_find_low(struct channel *channel, char ret_low[CHAT_TS_SIZE])
{
	const struct anchor *anchor = &channel->channels->anchor;
	int64_t past_ms = past_wanted_ms(channel);

	ret_low[0] = '\0';
	if (channel->cursor[0] != '\0')
		lower(channel, ret_low, chat_ts_ms(channel->cursor) - OVERLAP_MS);
	else if (past_ms > clock_ms())
		past_ms = clock_ms();
	for (size_t i = reach_of_page(channel); i < channel->recent.count; i++) {
		if (!is_candidate(channel->recent.list[i]))
			continue;
		lower(channel, ret_low, chat_ts_ms(channel->recent.list[i]->ts) - 1);
		break;
	}
	if (past_ms != INT64_MAX)
		lower(channel, ret_low, anchor_wall(anchor, past_ms) - margin_ms(channel));
}

void window_trim(struct channel *channel)
{
	int64_t since_ms = watchers_since_ms(&channel->watchers);
	char wanted[CHAT_TS_SIZE] = "";

	if (channel->cursor[0] == '\0')
		return;
	lower(channel, wanted, chat_ts_ms(channel->cursor) - OVERLAP_MS);
	if (since_ms != INT64_MAX)
		lower(channel, wanted,
		      anchor_wall(&channel->channels->anchor, since_ms) - margin_ms(channel));
	recent_trim(&channel->recent, wanted);
}

static bool has_new_replies(const struct record *record)
{
	return record->latest_reply[0] != '\0' &&
	       chat_ts_compare(record->latest_reply, record->replies_read) != 0;
}

void window_pick_threads(struct channel *channel)
{
	const struct recent *recent = &channel->recent;
	int64_t wanted_ms = covers_last_ms(&channel->covers, channel->read.started_ms);
	bool tells = channel->channels->tells_replies;
	size_t reach = reach_of_page(channel), far = 0;
	struct record *suspect = NULL;

	for (size_t i = 0; i < recent->count; i++) {
		struct record *record = recent->list[i];

		if (!is_candidate(record))
			continue;
		record->due = record->due || has_new_replies(record);
		far += i < reach ? 1 : 0;
		if (i >= reach && (tells || record->latest_reply[0] != '\0'))
			continue;
		if (suspect == NULL || record->looked_ms < suspect->looked_ms)
			suspect = record;
	}
	channel->crowded = far > FAR_LIMIT;
	for (size_t i = 0; i < reach && far > 0 && !channel->crowded; i++) {
		if (is_candidate(recent->list[i]) && recent->list[i]->looked_ms < wanted_ms)
			recent->list[i]->due = true;
	}
	if (suspect != NULL && channel->reads % LOOK_POLLS == 0)
		suspect->due = true;
}

struct record *window_next_thread(const struct channel *channel)
{
	struct record *next = NULL;

	for (size_t i = 0; i < channel->recent.count; i++) {
		struct record *record = channel->recent.list[i];

		if (record->due && is_candidate(record) &&
		    (next == NULL || record->looked_ms < next->looked_ms))
			next = record;
	}
	return next;
}
