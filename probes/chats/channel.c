/* The one reader of a chat channel, shared by all drills that wait on it: what others call. */
#include "probes/chats/channel.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel_parts.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define MINUTE_MS  60000
#define BURST      10 /* requests of one chat that may go out at once */
#define KICK_BURST 4  /* kicks that are followed at once ... */
#define KICK_POLLS 4  /* ... and then one in so many polls: a quarter more requests */

/* All readers of one chat. */

struct channels *channels_new(struct event_base *base, const struct chat_driver *driver,
			      struct chat *chat, int64_t poll_ms)
{
	struct channels *channels = mem_zalloc(sizeof *channels);

	*channels = (struct channels){
	    .base = base,
	    .driver = driver,
	    .chat = chat,
	    .poll_ms = poll_ms > 0 ? poll_ms : 1,
	    .page_size = driver->page_size > 0 ? driver->page_size : 1,
	};
	LIST_INIT(&channels->list);
	channels_set_limit(channels, driver->requests_per_minute);
	return channels;
}

void channels_set_limit(struct channels *channels, int requests_per_minute)
{
	int limit = requests_per_minute > 0 ? requests_per_minute : 1;
	int burst = limit / 4 < BURST ? limit / 4 : BURST;

	channels->requests_per_minute = limit;
	/* Burst and rhythm together stay within the limit of any minute. */
	if (burst > 0)
		pace_init(&channels->pace, MINUTE_MS / (limit - burst), burst);
	else
		pace_init(&channels->pace, MINUTE_MS / limit, 1);
}

static void free_channel(struct channel *channel)
{
	assert(channel->busy == 0);
	LIST_REMOVE(channel, link);
	if (channel->op != NULL)
		channel->channels->driver->cancel(channel->op);
	covers_done(&channel->covers);
	watchers_done(&channel->watchers);
	recent_done(&channel->recent);
	event_free(channel->timer);
	event_free(channel->chores);
	free(channel->read.page);
	free(channel->trouble);
	free(channel->name);
	free(channel->id);
	free(channel);
}

void channels_free(struct channels *channels)
{
	if (channels == NULL)
		return;
	while (!LIST_EMPTY(&channels->list))
		free_channel(LIST_FIRST(&channels->list));
	free(channels);
}

struct channel *channels_get(struct channels *channels, const char *name)
{
	struct channel *channel;

	LIST_FOREACH(channel, &channels->list, link)
	{
		if (strcmp(channel->name + (channel->name[0] == '#'), name + (name[0] == '#')) == 0)
			return channel;
	}
	channel = mem_zalloc(sizeof *channel);
	channel->channels = channels;
	channel->name = mem_dup(name);
	channel->timer = evtimer_new(channels->base, poll_on_timer, channel);
	channel->chores = evtimer_new(channels->base, poll_on_chores, channel);
	covers_init(&channel->covers, channels->base);
	pace_init(&channel->kicks, KICK_POLLS * channels->poll_ms, KICK_BURST);
	LIST_INSERT_HEAD(&channels->list, channel, link);
	return channel;
}

/* One reader. */

const char *channel_name(const struct channel *channel)
{
	return channel->name;
}

const char *channel_id(const struct channel *channel)
{
	return channel->id;
}

const struct chat_driver *channel_driver(const struct channel *channel)
{
	return channel->channels->driver;
}

struct chat *channel_chat(const struct channel *channel)
{
	return channel->channels->chat;
}

struct watch *channel_watch(struct channel *channel, const struct watch_spec *spec, void *arg)
{
	struct watch *watch = watchers_add(&channel->watchers, spec, arg);

	watch->channel = channel;
	watch->reads = channel->reads;
	watch->unserved = true;
	channel->watchers.unserved++;
	poll_arm(channel->chores, 0);
	if (channel->state == CHANNEL_IDLE || channel->state == CHANNEL_LOST)
		poll_begin(channel);
	return watch;
}

void watch_free(struct watch *watch)
{
	struct channel *channel;

	if (watch == NULL)
		return;
	channel = watch->channel;
	watchers_remove(&channel->watchers, watch);
	poll_pause_if_unwanted(channel);
}

void watch_follow(struct watch *watch)
{
	watchers_follow(watch);
}

struct cover *channel_cover(struct channel *channel, int64_t until_ms, int64_t give_up_ms,
			    cover_done_fn *done, void *arg)
{
	struct cover *cover =
	    covers_add(&channel->covers, channel, until_ms, give_up_ms, done, arg);

	/* Who has just begun to watch must have got its past too: by a read that begins later. */
	if (channel->watchers.behind + channel->watchers.unserved > 0)
		cover->reads = channel->reads;
	if (channel->state == CHANNEL_LOST)
		covers_fail(&channel->covers);
	else if (channel->state == CHANNEL_IDLE)
		poll_begin(channel);
	else
		covers_reach(&channel->covers, channel->covered_ms, channel->covered_reads);
	if (!cover->is_due && until_ms <= clock_ms())
		channel_kick(channel);
	poll_arm(channel->chores, 0);
	return cover;
}

void cover_free(struct cover *cover)
{
	struct channel *channel;

	if (cover == NULL)
		return;
	channel = cover->channel;
	covers_remove(cover);
	poll_pause_if_unwanted(channel);
}

void channel_kick(struct channel *channel)
{
	switch (channel->state) {
	case CHANNEL_RESTING:
		if (channel->failures == 0 && pace_take(&channel->kicks, clock_ms()))
			poll_wake_at(channel, clock_ms());
		break;
	case CHANNEL_READING:
	case CHANNEL_THREADS:
		channel->kicked = true;
		break;
	case CHANNEL_IDLE:
	case CHANNEL_FINDING:
	case CHANNEL_LOST:
		break;
	}
}

int64_t channel_blind_ms(const struct channel *channel, int64_t from_ms, int64_t to_ms)
{
	return blind_between(&channel->blind, from_ms, to_ms, clock_ms());
}

const char *channel_trouble(const struct channel *channel)
{
	return channel->trouble;
}

void channel_anchor(struct channel *channel, const char *ts, int64_t sent_ms, int64_t answered_ms)
{
	struct channels *all = channel->channels;

	if (!anchor_note(&all->anchor, chat_ts_ms(ts), sent_ms, answered_ms))
		return;
	LIST_FOREACH(channel, &all->list, link)
	take_anchor(channel);
}

struct channel_counts channel_counts(const struct channel *channel)
{
	return (struct channel_counts){
	    .requests = channel->requests,
	    .messages = channel->messages,
	    .compared = channel->watchers.compared,
	};
}

struct channels_counts channels_counts(const struct channels *channels)
{
	struct channels_counts counts = {0};
	const struct channel *channel;

	LIST_FOREACH(channel, &channels->list, link)
	{
		counts.requests += channel->requests;
		counts.failed += channel->failed;
	}
	return counts;
}
