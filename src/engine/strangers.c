/* Alerts in the watched channels that may be real ones. */
#include "src/engine/strangers.h"

#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/lookout.h"

#define KNOWN_MAX   200 /* messages of one channel whose edits are followed */
#define QUOTE_BYTES 120 /* of a message in the sentence */

enum likeness {
	LIKE_NOTHING,
	LIKE_EXPECTED, /* an expected alert, but for the drill id */
	LIKE_SERVICE   /* an alert of the same service */
};

struct known { /* a message that is of interest, and what it said last */
	char ts[CHAT_TS_SIZE];
	bool firing;
};

/* One channel. */
struct place {
	struct strangers *strangers;                /* borrowed */
	struct place *next;                         /* owned */
	struct channel *channel;                    /* borrowed */
	struct watch *watch;                        /* owned */
	const struct expectation_evidence **expect; /* owned array of borrowed */
	size_t expect_count;
	struct known *known; /* owned array */
	size_t known_count;
};

struct strangers {
	const struct scenario *scenario; /* borrowed */
	const char *drill;               /* borrowed */
	const struct secrets *secrets;   /* borrowed */
	strangers_changed_fn *changed;
	void *arg;           /* borrowed, for changed */
	struct place *first; /* owned */
	bool armed;
	char *found; /* owned; NULL: none yet */
};

/* What messages mean. */

/* An expected alert without the drill id can be told from others by nothing but its texts: then its
 * match is the alert itself, wherever it arrived. */
static bool is_expected_so(const struct strangers *strangers, const char *text)
{
	for (const struct place *place = strangers->first; place != NULL; place = place->next) {
		for (size_t i = 0; i < place->expect_count; i++) {
			const struct expectation_evidence *expect = place->expect[i];

			if (!expect->has_nonce && !expect->expect->never &&
			    lookout_matches(expect->expect, strangers->drill, true, text))
				return true;
		}
	}
	return false;
}

static enum likeness looks_like(const struct place *place, const char *text)
{
	const struct strangers *strangers = place->strangers;
	const struct texts *service = &strangers->scenario->service;

	for (size_t i = 0; i < place->expect_count; i++) {
		const struct expectation_evidence *expect = place->expect[i];

		if (expect->has_nonce && !expect->expect->never &&
		    lookout_matches(expect->expect, strangers->drill, false, text))
			return LIKE_EXPECTED;
	}
	for (size_t i = 0; i < service->count; i++) {
		if (lookout_has_word(text, service->list[i]))
			return LIKE_SERVICE;
	}
	return LIKE_NOTHING;
}

static enum likeness likeness_of(const struct place *place, const char *text)
{
	enum likeness likeness = looks_like(place, text);

	return likeness != LIKE_NOTHING && is_expected_so(place->strangers, text) ? LIKE_NOTHING
										  : likeness;
}

/* "[FIRING:1, RESOLVED:2]" still fires: Grafana and Alertmanager group alerts into one message. */
static bool is_resolved(const struct place *place, const char *text)
{
	if (strcasestr(text, "[firing") != NULL)
		return false;
	for (size_t i = 0; i < place->expect_count; i++) {
		if (lookout_is_resolved(place->expect[i]->expect, text))
			return true;
	}
	return false;
}

/* A secret is masked before the cut could split it. Owned by the caller. */
static char *quote(const struct strangers *strangers, const char *text, size_t len)
{
	char *whole = mem_dup_n(text, len), *quoted;

	secret_mask(strangers->secrets, whole);
	quoted = evidence_quote(whole, strlen(whole), QUOTE_BYTES);
	free(whole);
	return quoted;
}

/* Finding one. */

static void keep(struct place *place, const struct chat_message *message, enum likeness likeness)
{
	struct strangers *strangers = place->strangers;
	struct channel *channel = place->channel;
	char *quoted = quote(strangers, message->text, message->text_len);
	char *link = channel_driver(channel)->permalink(channel_chat(channel), channel_id(channel),
							message->ts);
	const char *name = channel_name(channel);

	/* What to do comes before what may be too long to be shown. */
	strangers->found = mem_printf(
	    "%s came in %s, so the drill was ended; look at that alert first%s%s%s%s: %s",
	    likeness == LIKE_EXPECTED ? "an alert like the one expected, without this drill's id,"
				      : "a real alert of the same service",
	    name,
	    likeness == LIKE_EXPECTED
		? ": it may be a real one, or the template drops the label that carries the id"
		: "",
	    link != NULL ? " (" : "", link != NULL ? link : "", link != NULL ? ")" : "", quoted);
	free(link);
	free(quoted);
}

static struct known *known_of(struct place *place, const char *ts)
{
	for (size_t i = place->known_count; i > 0; i--) {
		if (strcmp(place->known[i - 1].ts, ts) == 0)
			return &place->known[i - 1];
	}
	return NULL;
}

/* Notes what a message says now; true when it did not say it before. */
static bool begins_to_fire(struct place *place, const char *ts, bool firing)
{
	struct known *known = known_of(place, ts);
	bool begins = firing && (known == NULL || !known->firing);

	if (known == NULL && place->known_count < KNOWN_MAX) {
		place->known = mem_grow(place->known, place->known_count + 1, sizeof *known);
		known = &place->known[place->known_count++];
		*known = (struct known){.ts = ""};
		strncpy(known->ts, ts, sizeof known->ts - 1);
		watch_follow(place->watch);
	}
	if (known != NULL)
		known->firing = firing;
	return begins;
}

static void on_seen(void *arg, const struct sight *sight)
{
	struct place *place = arg;
	struct strangers *strangers = place->strangers;
	const struct chat_message *message = sight->message;
	enum likeness likeness;
	bool firing;

	if (strangers->found != NULL || message->mark != NULL || message->thread_ts != NULL ||
	    id_find(message->text, message->text_len) != NULL ||
	    strstr(message->text, strangers->drill) != NULL)
		return;
	likeness = likeness_of(place, message->text);
	firing = likeness != LIKE_NOTHING && !is_resolved(place, message->text);
	if (likeness == LIKE_NOTHING && known_of(place, message->ts) == NULL)
		return;
	if (!begins_to_fire(place, message->ts, firing) || !strangers->armed)
		return;
	keep(place, message, likeness);
	strangers->changed(strangers->arg);
}

/* Public. */

struct strangers *strangers_new(const struct scenario *scenario, const char *drill,
				const struct secrets *secrets, strangers_changed_fn *changed,
				void *arg)
{
	struct strangers *strangers = mem_zalloc(sizeof *strangers);

	*strangers = (struct strangers){
	    .scenario = scenario,
	    .drill = drill,
	    .secrets = secrets,
	    .changed = changed,
	    .arg = arg,
	};
	return strangers;
}

void strangers_free(struct strangers *strangers)
{
	if (strangers == NULL)
		return;
	while (strangers->first != NULL) {
		struct place *place = strangers->first;

		strangers->first = place->next;
		watch_free(place->watch);
		free(place->expect);
		free(place->known);
		free(place);
	}
	free(strangers->found);
	free(strangers);
}

static struct place *place_of(struct strangers *strangers, struct channel *channel)
{
	struct place *place = strangers->first;

	while (place != NULL && place->channel != channel)
		place = place->next;
	if (place != NULL)
		return place;
	place = mem_zalloc(sizeof *place);
	place->strangers = strangers;
	place->channel = channel;
	place->next = strangers->first;
	strangers->first = place;
	return place;
}

void strangers_watch(struct strangers *strangers, struct channel *channel,
		     const struct expectation_evidence *expect, int64_t since_ms)
{
	const struct watch_spec spec = {.strangers = true, .since_ms = since_ms, .seen = on_seen};
	struct place *place = place_of(strangers, channel);

	place->expect =
	    mem_grow(place->expect, place->expect_count + 1, sizeof(struct expectation_evidence *));
	place->expect[place->expect_count++] = expect;
	if (place->watch == NULL)
		place->watch = channel_watch(channel, &spec, place);
}

void strangers_arm(struct strangers *strangers)
{
	strangers->armed = true;
}

const char *strangers_found(const struct strangers *strangers)
{
	return strangers->found;
}
