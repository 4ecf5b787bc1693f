/* What is done with messages that were read: remembered, and handed to those who want them. */
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel_parts.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

/* A message that was not there in the read before was posted after that read began, and in any case
 * before now: this holds even while the chat's clock is only guessed. */
static int64_t posted_ms(const struct channel *channel, const struct record *record)
{
	const struct anchor *anchor = &channel->channels->anchor;
	int64_t at_ms = anchor_clock(anchor, record->wall_ms);

	if (!anchor->set && channel->cursor[0] != '\0' && at_ms < channel->covered_ms &&
	    chat_ts_compare(record->ts, channel->cursor) > 0)
		at_ms = channel->covered_ms;
	return at_ms < record->read_ms ? at_ms : record->read_ms;
}

static struct offer offer_of(const struct channel *channel, const struct chat_message *message,
			     struct record *record)
{
	const struct anchor *anchor = &channel->channels->anchor;

	return (struct offer){
	    .message = message,
	    .record = record,
	    .error_ms = anchor_error_ms(anchor),
	    .parent = message->thread_ts != NULL ? recent_find(&channel->recent, message->thread_ts)
						 : NULL,
	    .edited_at_ms = message->edited_ts != NULL
				? anchor_clock(anchor, chat_ts_ms(message->edited_ts))
				: 0,
	};
}

/* Older than what is remembered: it was offered before, to those who were there. */
static bool is_forgotten(const struct channel *channel, const char *ts)
{
	return channel->recent.reach[0] != '\0' && chat_ts_compare(ts, channel->recent.reach) <= 0;
}

static struct record *remember(struct channel *channel, const struct chat_message *message)
{
	struct record *record = recent_add(&channel->recent, message);

	record->read_ms = clock_ms();
	record->at_ms = posted_ms(channel, record);
	channel->messages++;
	return record;
}

static void take_message(struct channel *channel, const struct chat_message *message,
			 bool in_channel)
{
	struct record *record = recent_find(&channel->recent, message->ts);
	bool behind = channel->watchers.behind > 0;
	bool known = record != NULL;
	struct offer offer;
	bool edit;

	if (!known && !behind && is_forgotten(channel, message->ts))
		return;
	edit = known && record->version != recent_version(message);
	if (!known)
		record = remember(channel, message);
	else if (edit)
		recent_change(&channel->recent, record, message);
	if (edit)
		record->before_ms = record->same_ms;
	record->same_ms = channel->read.started_ms;
	record->in_channel = record->in_channel || in_channel;
	if (edit)
		record->read_ms = clock_ms();
	if (message->latest_reply_ts != NULL) {
		recent_copy_ts(record->latest_reply, message->latest_reply_ts);
		channel->channels->tells_replies = true;
	}
	if (known && !edit && !behind)
		return;
	offer = offer_of(channel, message, record);
	offer.edit = edit;
	watchers_offer(&channel->watchers, &offer);
}

static int by_ts(const void *a, const void *b)
{
	const struct chat_message *const *left = a, *const *right = b;

	return chat_ts_compare((*left)->ts, (*right)->ts);
}

/* Each page is handed over in the order of time, whichever order the chat gives it in. */
void take_page(struct channel *channel, const struct chat_reply *reply, bool in_channel)
{
	const struct chat_message **list =
	    mem_grow(NULL, reply->message_count, sizeof(const struct chat_message *));
	size_t count = 0;

	for (size_t i = 0; i < reply->message_count; i++) {
		const struct chat_message *message = &reply->messages[i];

		if (message->ts != NULL && message->ts[0] != '\0' &&
		    strlen(message->ts) < CHAT_TS_SIZE)
			list[count++] = message;
	}
	if (count > 0)
		qsort(list, count, sizeof *list, by_ts);
	for (size_t i = 0; i < count; i++)
		take_message(channel, list[i], in_channel);
	if (in_channel && count > 0 &&
	    (channel->read.newest[0] == '\0' ||
	     chat_ts_compare(channel->read.newest, list[count - 1]->ts) < 0))
		recent_copy_ts(channel->read.newest, list[count - 1]->ts);
	free(list);
	recent_trim(&channel->recent, "");
}

/* New watches stand first in the list. Those whose past is not remembered wait for the next read. */
void take_past(struct channel *channel)
{
	const struct recent *recent = &channel->recent;
	struct watchers *watchers = &channel->watchers;
	int64_t reach_ms = recent->reach[0] != '\0'
			       ? anchor_clock(&channel->channels->anchor, chat_ts_ms(recent->reach))
			       : INT64_MAX;
	struct watch *watch;

	watchers->busy++;
	LIST_FOREACH(watch, &watchers->all, link)
	{
		if (watchers->unserved == 0)
			break;
		if (!watch->unserved)
			continue;
		watch->unserved = false;
		watchers->unserved--;
		if (watch->since_ms < reach_ms) {
			watch->behind = true;
			watchers->behind++;
			continue;
		}
		for (size_t i = 0; i < recent->count && !watch->dead; i++) {
			struct chat_message message = recent_message(recent->list[i]);
			const struct offer offer = offer_of(channel, &message, recent->list[i]);

			if (message.text != NULL)
				watchers_offer_one(watchers, watch, &offer);
		}
	}
	watchers_leave(watchers);
}

void take_anchor(struct channel *channel)
{
	for (size_t i = 0; i < channel->recent.count; i++) {
		struct record *record = channel->recent.list[i];

		record->at_ms = posted_ms(channel, record);
	}
}
