/* When to ask the chat for what: find the channel, read its pages, read threads, rest, again. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel_parts.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define BACKOFF_FIRST_MS 500 /* after a failed request; doubled each time */
#define BACKOFF_MAX_MS   15000
#define BACKOFF_DOUBLED  5   /* times until BACKOFF_MAX_MS is reached */
#define HEAL_POLLS       2   /* an outage shorter than this leaves no blind time */
#define PAGES_MAX        500 /* of one read: more is a chat that never ends */
#define THREAD_FAILURES  2   /* in a row, then a thread is given up until it changes */
#define THREADS_PER_POLL 16  /* the others wait for the next */

static void on_reply(void *arg, const struct chat_reply *reply);

void poll_arm(struct event *event, int64_t ms)
{
	const struct timeval wait = {.tv_sec = ms > 0 ? (time_t)(ms / 1000) : 0,
				     .tv_usec = ms > 0 ? (suseconds_t)(ms % 1000 * 1000) : 0};

	(void)event_add(event, &wait);
}

static void enter(struct channel *channel, enum channel_state state)
{
	channel->state = state;
}

static void set_trouble(struct channel *channel, char *trouble)
{
	free(channel->trouble);
	channel->trouble = trouble;
}

static void set_page(struct channel *channel, const char *page)
{
	char *copy = mem_dup(page);

	free(channel->read.page);
	channel->read.page = copy;
}

/* Asking.  What is asked for follows from the state alone. */

void poll_wake_at(struct channel *channel, int64_t at_ms)
{
	channel->wake_ms = at_ms;
	poll_arm(channel->timer, at_ms - clock_ms());
}

static void ask(struct channel *channel)
{
	struct channels *all = channel->channels;
	int64_t now_ms = clock_ms();
	int64_t at_ms = pace_reserve(&all->pace, now_ms);

	if (at_ms - now_ms > all->poll_ms && all->pace.blocked_ms <= now_ms)
		channel->stretched = true;
	poll_wake_at(channel, at_ms);
}

static void rest(struct channel *channel, int64_t ms)
{
	int64_t now_ms = clock_ms();

	if (channel->kicked && channel->failures == 0 && pace_take(&channel->kicks, now_ms))
		ms = 0;
	channel->kicked = false;
	enter(channel, CHANNEL_RESTING);
	poll_wake_at(channel, now_ms + ms);
}

void poll_begin(struct channel *channel)
{
	channel->stretched = false;
	if (channel->id == NULL) {
		enter(channel, CHANNEL_FINDING);
	} else {
		enter(channel, CHANNEL_READING);
		channel->read.started_ms = 0;
		channel->read.newest[0] = '\0';
		channel->read.pages = 0;
		channel->read.threads = 0;
		set_page(channel, NULL);
	}
	ask(channel);
}

/* Nobody watches: what was read is forgotten, the next watch begins with its own time. */
void poll_pause_if_unwanted(struct channel *channel)
{
	if (channel->busy > 0 || channel->watchers.count > 0 ||
	    !covers_is_empty(&channel->covers) || channel->state == CHANNEL_IDLE)
		return;
	if (channel->op != NULL)
		channel->channels->driver->cancel(channel->op);
	channel->op = NULL;
	(void)event_del(channel->timer);
	recent_done(&channel->recent);
	channel->cursor[0] = '\0';
	channel->kicked = false;
	if (channel->state == CHANNEL_LOST)
		return;
	blind_healed(&channel->blind, clock_ms(), HEAL_POLLS * channel->channels->poll_ms);
	channel->failures = 0;
	set_trouble(channel, NULL);
	enter(channel, CHANNEL_IDLE);
}

static void leave(struct channel *channel)
{
	channel->busy--;
	poll_pause_if_unwanted(channel);
}

/* The read begins with its first request, not when it was booked. */
static void send_read(struct channel *channel)
{
	const struct chat_driver *driver = channel->channels->driver;

	if (channel->read.pages == 0) {
		channel->reads++;
		channel->read.started_ms = clock_ms();
		window_find_low(channel, channel->read.low);
	}
	channel->requests++;
	channel->op = driver->read(channel->channels->chat, channel->id, channel->read.low,
				   channel->read.page, on_reply, channel);
}

static void send_request(struct channel *channel)
{
	const struct chat_driver *driver = channel->channels->driver;
	struct chat *chat = channel->channels->chat;

	switch (channel->state) {
	case CHANNEL_FINDING:
		channel->op = driver->find(chat, channel->name, on_reply, channel);
		break;
	case CHANNEL_READING:
		send_read(channel);
		break;
	case CHANNEL_THREADS:
		channel->requests++;
		channel->op = driver->thread(chat, channel->id, channel->read.thread,
					     channel->read.page, on_reply, channel);
		break;
	case CHANNEL_IDLE:
	case CHANNEL_RESTING:
	case CHANNEL_LOST:
		break;
	}
}

void poll_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;
	int64_t now_ms = clock_ms();

	(void)fd;
	(void)what;
	if (now_ms < channel->wake_ms) {
		poll_wake_at(channel, channel->wake_ms); /* the loop's clock is coarser than ours */
		return;
	}
	channel->busy++;
	take_past(channel); /* so that it is known how far back new watches want to read */
	leave(channel);
	if (channel->state == CHANNEL_IDLE || channel->state == CHANNEL_LOST)
		return;
	if (channel->state == CHANNEL_RESTING)
		poll_begin(channel);
	else if (channel->channels->pace.blocked_ms > now_ms)
		ask(channel);
	else
		send_request(channel);
}

/* What came of it. */

static char *slow_sentence(const struct channel *channel)
{
	const struct channels *all = channel->channels;

	if (all->pace.capped)
		return mem_printf(
		    "the chat (%s) gives this token only a few messages a minute, so "
		    "alerts are read late: use a token of an app that was made inside "
		    "your own workspace",
		    all->driver->type);
	if (channel->crowded)
		return mem_printf("so many alerts in %s wait for their end that edits of the older "
				  "ones may be read late",
				  channel->name);
	if (channel->stretched)
		return mem_printf("the chat's limit of %d requests a minute makes the reading of "
				  "%s slower than poll = %lld ms: watch fewer channels with one "
				  "token",
				  all->requests_per_minute, channel->name, (long long)all->poll_ms);
	return NULL;
}

/* All pages and threads are read: everything posted before the read began has been handed out. */
static void complete(struct channel *channel)
{
	const struct channels *all = channel->channels;
	int64_t started_ms = channel->read.started_ms;

	channel->failures = 0;
	blind_healed(&channel->blind, started_ms, HEAL_POLLS * all->poll_ms);
	set_trouble(channel, slow_sentence(channel));
	if (window_next_thread(channel) == NULL) {
		channel->covered_ms = started_ms;
		channel->covered_reads = channel->reads;
		covers_reach(&channel->covers, started_ms, channel->reads);
		poll_arm(channel->chores, 0);
	}
	rest(channel, all->poll_ms - (clock_ms() - started_ms));
}

static void next_thread(struct channel *channel)
{
	const struct record *record = window_next_thread(channel);

	if (record == NULL || channel->read.threads == THREADS_PER_POLL) {
		complete(channel);
		return;
	}
	channel->read.threads++;
	recent_copy_ts(channel->read.thread, record->ts);
	set_page(channel, NULL);
	enter(channel, CHANNEL_THREADS);
	ask(channel);
}

static void thread_read(struct channel *channel)
{
	struct record *record = recent_find(&channel->recent, channel->read.thread);

	if (record != NULL) {
		record->due = false;
		record->looked_ms = clock_ms();
		recent_copy_ts(record->replies_read, record->latest_reply);
	}
	next_thread(channel);
}

/* All pages are read: whoever watched when the read began has got its past. */
static void pages_read(struct channel *channel)
{
	struct watch *watch;

	if (channel->read.newest[0] != '\0' &&
	    chat_ts_compare(channel->cursor, channel->read.newest) < 0)
		recent_copy_ts(channel->cursor, channel->read.newest);
	recent_reached(&channel->recent, channel->read.low);
	LIST_FOREACH(watch, &channel->watchers.all, link)
	{
		if (channel->watchers.behind == 0)
			break;
		if (watch->behind && watch->reads < channel->reads) {
			watch->behind = false;
			channel->watchers.behind--;
		}
	}
	window_trim(channel);
	window_pick_threads(channel);
	next_thread(channel);
}

static void failed(struct channel *channel, const char *error, int64_t started_ms)
{
	unsigned doubled =
	    channel->failures < BACKOFF_DOUBLED ? channel->failures : BACKOFF_DOUBLED;
	int64_t wait_ms = (int64_t)BACKOFF_FIRST_MS << doubled;

	channel->failures++;
	channel->failed++;
	blind_failed(&channel->blind, started_ms);
	set_trouble(channel, mem_printf("%s cannot be read: %s", channel->name, error));
	rest(channel, wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS);
}

static void more_or(struct channel *channel, const struct chat_reply *reply,
		    void (*next)(struct channel *channel))
{
	if (reply->more == NULL) {
		next(channel);
	} else if (++channel->read.pages >= PAGES_MAX) {
		failed(channel, "the chat never stops giving more pages", reply->started_ms);
	} else {
		set_page(channel, reply->more);
		ask(channel);
	}
}

/* What was asked for by a clock that turns out to be wrong is asked for anew. */
static bool take_date(struct channel *channel, const struct chat_reply *reply)
{
	struct channels *all = channel->channels;
	struct channel *each;

	if (!anchor_note_date(&all->anchor, reply->date_ms, reply->started_ms, clock_ms()))
		return false;
	LIST_FOREACH(each, &all->list, link)
	take_anchor(each);
	return channel->state != CHANNEL_FINDING;
}

static void answered(struct channel *channel, const struct chat_reply *reply)
{
	struct channels *all = channel->channels;

	pace_accepted(&all->pace, reply->capped);
	if (take_date(channel, reply)) {
		poll_begin(channel);
		return;
	}
	switch (channel->state) {
	case CHANNEL_FINDING:
		channel->id = mem_dup(reply->channel_id);
		poll_begin(channel);
		break;
	case CHANNEL_READING:
		if (reply->capped && reply->message_count > 0 &&
		    reply->message_count < all->page_size)
			all->page_size = reply->message_count;
		take_page(channel, reply, true);
		more_or(channel, reply, pages_read);
		break;
	case CHANNEL_THREADS:
		take_page(channel, reply, false);
		more_or(channel, reply, thread_read);
		break;
	case CHANNEL_IDLE:
	case CHANNEL_RESTING:
	case CHANNEL_LOST:
		break;
	}
}

/* The same request goes out again when the time has come. */
static void slowed(struct channel *channel, const struct chat_reply *reply)
{
	blind_slowed(&channel->blind, reply->started_ms);
	pace_refused(&channel->channels->pace, clock_ms(), reply->retry_after_ms, reply->capped);
	set_trouble(channel, channel->channels->pace.capped ? slow_sentence(channel)
							    : mem_dup(reply->error));
	ask(channel);
}

static void lost(struct channel *channel, const struct chat_reply *reply)
{
	channel->failures = 0;
	channel->failed++;
	blind_failed(&channel->blind, reply->started_ms);
	set_trouble(channel, mem_dup(reply->error));
	enter(channel, CHANNEL_LOST);
	covers_fail(&channel->covers);
	poll_arm(channel->chores, 0);
}

static void on_reply(void *arg, const struct chat_reply *reply)
{
	struct channel *channel = arg;

	channel->op = NULL;
	channel->busy++;
	switch (reply->result) {
	case CHAT_OK:
		answered(channel, reply);
		break;
	case CHAT_RETRY:
		if (channel->state == CHANNEL_THREADS && channel->failures >= THREAD_FAILURES)
			thread_read(channel); /* one bad thread must not keep all others waiting */
		else
			failed(channel, reply->error, reply->started_ms);
		break;
	case CHAT_SLOW:
		slowed(channel, reply);
		break;
	case CHAT_PERMANENT:
		if (channel->state == CHANNEL_THREADS)
			thread_read(channel); /* deleted; the next read tells if it is more */
		else
			lost(channel, reply);
		break;
	}
	leave(channel);
}

void poll_on_chores(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;

	(void)fd;
	(void)what;
	channel->busy++;
	take_past(channel);
	if (channel->state == CHANNEL_LOST)
		watchers_tell_lost(&channel->watchers, channel->trouble);
	covers_tell(&channel->covers);
	leave(channel);
}
