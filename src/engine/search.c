/* Looking for a missing alert in the other channels of a chat. */
#include "src/engine/search.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "scenarios/load.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/engine/lookout.h"

#define CHANNELS_MAX   50
#define PAGES_MAX      5     /* of one channel */
#define TIME_LIMIT_MS  15000 /* for the whole search */
#define CLOCK_SLACK_MS 2000  /* between the clocks, where no message of ours maps them */

struct place {
	char *id;   /* owned */
	char *name; /* owned */
};

struct search {
	struct search_want want;
	const struct chat_driver *driver; /* borrowed */
	struct chat *chat;                /* borrowed */
	search_done_fn *done;
	void *arg;
	struct chat_op *op;   /* owned; in flight */
	struct event *limit;  /* owned */
	struct place *places; /* owned; to be read, in order */
	size_t place_count;
	size_t at;             /* the place that is read */
	size_t pages;          /* of it so far */
	bool complete;         /* nothing had to be left out */
	struct sighting found; /* the first in this place; ts "" for none */
	size_t before;         /* matches in this place before the fault */
};

static void read_place(struct search *search, const char *page);

static void finish(struct search *search)
{
	search_done_fn *done = search->done;
	void *arg = search->arg;

	search->want.evidence->searched_elsewhere = search->complete;
	search->want.evidence->searched_count = search->at;
	search_cancel(search);
	done(arg);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct search *search = arg;

	(void)fd;
	(void)what;
	search->complete = false;
	finish(search);
}

/* A message elsewhere is ours when it carries the nonce, or is the only one like it. */
static void look_at(struct search *search, const struct chat_message *message)
{
	const struct search_want *want = &search->want;
	const struct expectation *expect = want->evidence->expect;
	int64_t at_ms = message->wall_ms - want->chat_ahead_ms;
	int64_t slack_ms = want->evidence->has_nonce ? CLOCK_SLACK_MS : 0;

	if (message->mark != NULL || (!want->evidence->has_nonce && id_has_probe(message->text)) ||
	    !lookout_matches(expect, want->drill, true, message->text) ||
	    lookout_is_resolved(expect, message->text))
		return;
	if (at_ms < want->inject_started_ms - slack_ms) {
		search->before++;
		return;
	}
	if (search->found.text != NULL && chat_ts_compare(search->found.ts, message->ts) <= 0)
		return;
	free(search->found.text);
	search->found = (struct sighting){
	    .at_ms = at_ms > want->inject_started_ms ? at_ms : want->inject_started_ms,
	    .read_ms = clock_ms(),
	    .text = evidence_text(message->text, message->text_len),
	};
	strncpy(search->found.ts, message->ts, sizeof search->found.ts - 1);
}

/* whole: the place was read to its end, so that nothing like it stood there before unseen. */
static void keep_found(struct search *search, bool whole)
{
	struct expectation_evidence *evidence = search->want.evidence;
	const struct place *place = &search->places[search->at];

	if (search->found.text != NULL && (evidence->has_nonce || (whole && search->before == 0))) {
		search->found.channel = mem_printf("#%s", place->name);
		search->found.permalink =
		    search->driver->permalink(search->chat, place->id, search->found.ts);
		evidence->sightings = mem_grow(evidence->sightings, evidence->sighting_count + 1,
					       sizeof *evidence->sightings);
		evidence->sightings[evidence->sighting_count++] = search->found;
	} else {
		if (search->found.text != NULL && search->before > 0 && evidence->alike == NULL)
			evidence->alike = mem_printf("#%s", place->name);
		free(search->found.text);
	}
	search->found = (struct sighting){0};
	search->before = 0;
}

static void on_page(void *arg, const struct chat_reply *reply)
{
	struct search *search = arg;
	bool whole = reply->result == CHAT_OK && reply->more == NULL;

	search->op = NULL;
	for (size_t i = 0; reply->result == CHAT_OK && i < reply->message_count; i++)
		look_at(search, &reply->messages[i]);
	if (reply->result == CHAT_OK && !whole && ++search->pages < PAGES_MAX) {
		read_place(search, reply->more);
		return;
	}
	search->complete = search->complete && whole;
	keep_found(search, whole);
	search->at++;
	search->pages = 0;
	if (search->at < search->place_count && reply->result != CHAT_SLOW)
		read_place(search, NULL);
	else
		finish(search);
}

static void read_place(struct search *search, const char *page)
{
	const struct search_want *want = &search->want;
	int64_t since_ms = want->inject_started_ms - want->evidence->expect->within_ms;
	char since[CHAT_TS_SIZE];

	search->driver->ts_at(since_ms + want->chat_ahead_ms, since);
	search->op = search->driver->read(search->chat, search->places[search->at].id, since, page,
					  on_page, search);
}

static bool is_named(const struct texts *names, const char *channel)
{
	for (size_t i = 0; names != NULL && i < names->count; i++) {
		const char *name = names->list[i];

		if (strcmp(name[0] == '#' ? name + 1 : name, channel) == 0)
			return true;
	}
	return false;
}

/* A channel of another environment says nothing about an alert without a nonce. */
static bool is_searched(const struct search *search, const struct chat_channel *channel)
{
	const struct search_want *want = &search->want;
	const char *expected = channel_id(want->expected);

	if (!channel->member || channel->archived ||
	    (expected != NULL && strcmp(channel->id, expected) == 0))
		return false;
	return want->evidence->has_nonce || (!is_named(want->passed_over, channel->name) &&
					     !is_named(want->passed_over, channel->id));
}

static void on_channels(void *arg, const struct chat_reply *reply)
{
	struct search *search = arg;

	search->op = NULL;
	if (reply->result != CHAT_OK)
		search->complete = false;
	for (size_t i = 0; reply->result == CHAT_OK && i < reply->channel_count; i++) {
		const struct chat_channel *channel = &reply->channels[i];

		if (!is_searched(search, channel))
			continue;
		if (search->place_count == CHANNELS_MAX) {
			search->complete = false;
			break;
		}
		search->places =
		    mem_grow(search->places, search->place_count + 1, sizeof *search->places);
		search->places[search->place_count++] =
		    (struct place){mem_dup(channel->id), mem_dup(channel->name)};
	}
	if (reply->more != NULL && search->place_count == CHANNELS_MAX)
		search->complete = false;
	if (reply->result == CHAT_OK && reply->more != NULL && search->complete)
		search->op =
		    search->driver->channels(search->chat, reply->more, on_channels, search);
	else if (search->place_count > 0)
		read_place(search, NULL);
	else
		finish(search);
}

struct texts search_other_homes(const struct scenario *scenario, const struct config *config,
				const struct environment *here, size_t expectation,
				const char *drill)
{
	struct texts homes = {0};

	for (size_t i = 0; i < scenario->in_count; i++) {
		const struct environment *there =
		    config_environment(config, scenario->in[i].environment);
		struct error error = {""};
		struct scenario *resolved = there != NULL && strcmp(there->name, here->name) != 0
						? scenario_resolve(scenario, there, drill, &error)
						: NULL;

		if (resolved != NULL && expectation < resolved->expect_count) {
			homes.list = mem_grow(homes.list, homes.count + 1, sizeof *homes.list);
			homes.list[homes.count++] = mem_dup(resolved->expect[expectation].channel);
		}
		scenario_free(resolved);
	}
	return homes;
}

struct search *search_start(struct event_base *base, const struct search_want *want,
			    search_done_fn *done, void *arg)
{
	struct search *search = mem_zalloc(sizeof *search);
	const struct timeval limit = {.tv_sec = TIME_LIMIT_MS / 1000};

	*search = (struct search){
	    .want = *want,
	    .driver = channel_driver(want->expected),
	    .chat = channel_chat(want->expected),
	    .done = done,
	    .arg = arg,
	    .complete = true,
	};
	search->limit = evtimer_new(base, on_limit, search);
	(void)event_add(search->limit, &limit);
	search->op = search->driver->channels(search->chat, NULL, on_channels, search);
	return search;
}

void search_cancel(struct search *search)
{
	if (search == NULL)
		return;
	search->driver->cancel(search->op);
	event_free(search->limit);
	for (size_t i = 0; i < search->place_count; i++) {
		free(search->places[i].id);
		free(search->places[i].name);
	}
	free(search->places);
	free(search->found.text);
	free(search);
}
