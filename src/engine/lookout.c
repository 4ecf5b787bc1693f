/* The lookout for one expectation: turns what its channel carries into evidence. */
#include "src/engine/lookout.h"

#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/engine/near.h"

#define SIGHTINGS_MAX 200 /* per expectation; an alert storm is proven by fewer */

struct lookout {
	struct channel *channel;               /* borrowed */
	struct expectation_evidence *evidence; /* borrowed */
	const char *drill;                     /* borrowed */
	int64_t patience_ms;
	lookout_changed_fn *changed;
	void *arg; /* borrowed, for changed */

	struct watch *watch; /* owned; for the drill's own alert */
	struct watch
	    *baseline;     /* owned; for earlier alerts of the same name; ends with the baseline */
	struct near *near; /* owned; NULL: not looked for */
	struct cover *cover; /* owned; NULL when nothing is waited for */
	int64_t cover_ms;    /* what `cover` waits for */
	bool has_baseline;
	int64_t started_ms;     /* when the baseline was asked for */
	int64_t last_before_ms; /* of the newest alert in the baseline */
	char *lost;             /* owned */
	bool finished;
};

/* What messages mean. */

/* Whoever edits a message may leave the mark in it, and write that it is over behind it. */
static bool says_resolved(const struct expectation *expect, const struct sight *sight)
{
	const struct chat_message *message = sight->message;

	return sight->edit || message->edited_ts != NULL
		   ? lookout_has_resolved_word(expect, message->text)
		   : lookout_is_resolved(expect, message->text);
}

/* Ms from one time stamp of a chat to a later one. */
static int64_t ts_between_ms(const char *from, const char *to)
{
	return (int64_t)((strtod(to, NULL) - strtod(from, NULL)) * 1000);
}

static struct sighting *newest_of(const struct expectation_evidence *evidence, const char *ts)
{
	for (size_t i = evidence->sighting_count; i > 0; i--) {
		if (strcmp(evidence->sightings[i - 1].ts, ts) == 0)
			return &evidence->sightings[i - 1];
	}
	return NULL;
}

/* When the message came to say what it says: an edit did not say it when it was posted. */
static int64_t time_of(const struct sight *sight, bool edit)
{
	const struct chat_message *message = sight->message;
	int64_t edited_ms;

	if (!edit)
		return sight->at_ms;
	if (message->edited_ts == NULL)
		return sight->read_ms;
	edited_ms = sight->at_ms + ts_between_ms(message->ts, message->edited_ts);
	/* Some chats round the time of an edit down to a second, so to before its message. */
	return edited_ms > sight->at_ms ? edited_ms : sight->at_ms;
}

static struct sighting *add_sighting(struct lookout *lookout, const struct sight *sight,
				     bool resolved, bool edit)
{
	struct expectation_evidence *evidence = lookout->evidence;
	const struct chat_message *message = sight->message;
	struct sighting *sighting;

	if (evidence->sighting_count == SIGHTINGS_MAX) {
		evidence->unread_count++;
		return NULL;
	}
	evidence->sightings = mem_grow(evidence->sightings, evidence->sighting_count + 1,
				       sizeof *evidence->sightings);
	sighting = &evidence->sightings[evidence->sighting_count++];
	*sighting = (struct sighting){
	    .at_ms = time_of(sight, edit),
	    .read_ms = sight->read_ms,
	    .before_ms = edit ? sight->before_ms : 0,
	    .resolved = resolved,
	    .edit = edit,
	    .reply = sight->reply,
	    .permalink = channel_driver(lookout->channel)
			     ->permalink(channel_chat(lookout->channel),
					 channel_id(lookout->channel), message->ts),
	    .lacks =
		resolved ? NULL : mem_dup(lookout_first_lacking(evidence->expect, message->text)),
	    .text = evidence_text(message->text, message->text_len),
	};
	strncpy(sighting->ts, message->ts, sizeof sighting->ts - 1);
	return sighting;
}

/* A message that was edited into "resolved" before it was ever read: it was an alert first. */
static void add_guess(struct lookout *lookout, const struct sight *sight)
{
	struct sighting *sighting = add_sighting(lookout, sight, false, false);

	if (sighting != NULL)
		sighting->guessed = true;
}

/* The text of a message changed, but not what it means: what it lacks may have changed. */
static void renew_sighting(struct lookout *lookout, struct sighting *sighting,
			   const struct chat_message *message)
{
	free(sighting->lacks);
	free(sighting->text);
	sighting->lacks =
	    sighting->resolved
		? NULL
		: mem_dup(lookout_first_lacking(lookout->evidence->expect, message->text));
	sighting->text = evidence_text(message->text, message->text_len);
}

/* Another drill's probe is no alert.  With a nonce nothing of another drill's is taken for one, and
 * the own probes are sent when nobody looks any more. */
static bool is_probe(const struct lookout *lookout, const struct chat_message *message)
{
	return !lookout->evidence->has_nonce && id_has_probe(message->text);
}

/* Callbacks of the channel. */

/* A message in the thread of an alert: only "resolved" means something there, unless it is the
 * alert once more. */
static void on_reply(struct lookout *lookout, const struct sight *sight)
{
	const struct expectation *expect = lookout->evidence->expect;
	const char *text = sight->message->text;

	if (newest_of(lookout->evidence, sight->message->thread_ts) == NULL ||
	    newest_of(lookout->evidence, sight->message->ts) != NULL)
		return;
	if (lookout_is_resolved(expect, text))
		(void)add_sighting(lookout, sight, true, false);
	else if (lookout_matches(expect, lookout->drill, true, text))
		(void)add_sighting(lookout, sight, false, false);
}

static void on_seen(void *arg, const struct sight *sight)
{
	struct lookout *lookout = arg;
	const struct chat_message *message = sight->message;
	bool resolved = says_resolved(lookout->evidence->expect, sight);
	struct sighting *known = newest_of(lookout->evidence, message->ts);

	if (message->mark != NULL || is_probe(lookout, message))
		return; /* firedrill's own messages are no alerts */
	if (sight->reply) {
		on_reply(lookout, sight);
	} else if (known == NULL) {
		bool was_firing = resolved && message->edited_ts != NULL;

		if (was_firing)
			add_guess(lookout, sight);
		(void)add_sighting(lookout, sight, resolved, was_firing);
	} else if (known->resolved != resolved) {
		(void)add_sighting(lookout, sight, resolved, true);
	} else {
		renew_sighting(lookout, known, message);
	}
	lookout->changed(lookout->arg);
}

/* An earlier alert of the same name, whichever its nonce. */
static void on_seen_before(void *arg, const struct sight *sight)
{
	struct lookout *lookout = arg;
	struct expectation_evidence *evidence = lookout->evidence;
	bool resolved = says_resolved(evidence->expect, sight);

	if (sight->message->mark != NULL || sight->reply || id_has_probe(sight->message->text))
		return;
	if (!sight->edit && (!resolved || sight->message->edited_ts != NULL))
		evidence->before_count++;
	if (sight->at_ms >= lookout->last_before_ms) {
		lookout->last_before_ms = sight->at_ms;
		evidence->firing_before = !resolved;
	}
}

static void on_lost(void *arg, const char *error)
{
	struct lookout *lookout = arg;

	free(lookout->lost);
	lookout->lost = mem_dup(error);
	lookout->changed(lookout->arg);
}

static void on_lost_before(void *arg, const char *error)
{
	(void)arg;
	(void)error; /* the drill's own watch is told the same */
}

static void on_baseline(void *arg, bool covered)
{
	struct lookout *lookout = arg;
	struct expectation_evidence *evidence = lookout->evidence;

	lookout->cover = NULL;
	lookout->has_baseline = true;
	evidence->readable = covered;
	if (covered)
		evidence->covered_ms = lookout->cover_ms;
	watch_free(lookout->baseline);
	lookout->baseline = NULL;
	free(evidence->trouble);
	evidence->trouble =
	    mem_dup(lookout->lost != NULL ? lookout->lost : channel_trouble(lookout->channel));
	lookout->changed(lookout->arg);
}

static void on_covered(void *arg, bool covered)
{
	struct lookout *lookout = arg;

	lookout->cover = NULL;
	if (covered)
		lookout->evidence->covered_ms = lookout->cover_ms;
	lookout->changed(lookout->arg);
}

/* Public. */

struct lookout *lookout_new(struct channel *channel, struct expectation_evidence *evidence,
			    const char *drill, int64_t patience_ms, lookout_changed_fn *changed,
			    void *arg)
{
	struct lookout *lookout = mem_zalloc(sizeof *lookout);

	*lookout = (struct lookout){
	    .channel = channel,
	    .evidence = evidence,
	    .drill = drill,
	    .patience_ms = patience_ms,
	    .changed = changed,
	    .arg = arg,
	    .cover_ms = TIME_NEVER,
	    .last_before_ms = TIME_NEVER,
	};
	return lookout;
}

void lookout_free(struct lookout *lookout)
{
	if (lookout == NULL)
		return;
	cover_free(lookout->cover);
	watch_free(lookout->baseline);
	watch_free(lookout->watch);
	near_free(lookout->near);
	free(lookout->lost);
	free(lookout);
}

/* The texts without those that carry the drill id; how many. */
static size_t needles_without_nonce(const struct lookout *lookout, const char **ret_needles)
{
	const struct texts *match = &lookout->evidence->expect->match;
	size_t count = 0;

	for (size_t i = 0; i < match->count; i++) {
		if (strstr(match->list[i], lookout->drill) == NULL)
			ret_needles[count++] = match->list[i];
	}
	return count;
}

void lookout_start(struct lookout *lookout)
{
	const struct expectation *expect = lookout->evidence->expect;
	const char **needles = mem_zalloc((expect->match.count + 1) * sizeof *needles);
	bool has_nonce = lookout->evidence->has_nonce;
	int64_t now_ms = clock_ms();
	struct watch_spec spec = {
	    .needles = needles,
	    .needle_count = needles_without_nonce(lookout, needles),
	    .since_ms = now_ms - expect->within_ms,
	    .seen = on_seen_before,
	    .lost = on_lost_before,
	};

	if (spec.needle_count > 0)
		lookout->baseline = channel_watch(lookout->channel, &spec, lookout);
	for (size_t i = 0; i < expect->match.count; i++)
		needles[i] = expect->match.list[i];
	spec.needle_count = expect->match.count;
	spec.nonce = has_nonce ? lookout->drill : NULL;
	spec.since_ms = now_ms;
	spec.seen = on_seen;
	spec.lost = on_lost;
	lookout->watch = channel_watch(lookout->channel, &spec, lookout);
	free(needles);
	if (has_nonce && !expect->never)
		lookout->near =
		    near_new(lookout->channel, lookout->evidence, lookout->drill, now_ms);
	lookout->started_ms = now_ms;
	lookout->cover_ms = now_ms;
	lookout->cover = channel_cover(lookout->channel, now_ms, now_ms + lookout->patience_ms,
				       on_baseline, lookout);
}

void lookout_narrow(struct lookout *lookout)
{
	struct expectation_evidence *evidence = lookout->evidence;

	if (lookout->last_before_ms < lookout->started_ms - evidence->expect->within_ms)
		evidence->before_count = 0;
}

bool lookout_has_baseline(const struct lookout *lookout)
{
	return lookout->has_baseline;
}

void lookout_read_until(struct lookout *lookout, int64_t until_ms)
{
	int64_t now_ms = clock_ms(), from_ms = until_ms > now_ms ? until_ms : now_ms;

	if (until_ms == lookout->cover_ms && until_ms != TIME_NEVER)
		return; /* asked for already: waiting, read, or given up */
	cover_free(lookout->cover);
	lookout->cover = NULL;
	lookout->cover_ms = until_ms;
	if (until_ms != TIME_NEVER && until_ms > lookout->evidence->covered_ms)
		lookout->cover = channel_cover(lookout->channel, until_ms,
					       from_ms + lookout->patience_ms, on_covered, lookout);
}

bool lookout_has_read(const struct lookout *lookout)
{
	return lookout->cover == NULL;
}

const char *lookout_lost(const struct lookout *lookout)
{
	return lookout->lost;
}

struct channel *lookout_channel(const struct lookout *lookout)
{
	return lookout->channel;
}

void lookout_widen(struct lookout *lookout)
{
	if (lookout->near != NULL)
		near_widen(lookout->near, clock_ms());
}

void lookout_finish(struct lookout *lookout, int64_t from_ms)
{
	struct expectation_evidence *evidence = lookout->evidence;
	const char *trouble = channel_trouble(lookout->channel);

	if (lookout->finished)
		return;
	lookout->finished = true;
	if (from_ms != TIME_NEVER)
		evidence->blind_ms = channel_blind_ms(lookout->channel, from_ms, clock_ms());
	if (lookout->lost != NULL || trouble != NULL) {
		free(evidence->trouble);
		evidence->trouble = mem_dup(lookout->lost != NULL ? lookout->lost : trouble);
	}
	cover_free(lookout->cover);
	watch_free(lookout->baseline);
	watch_free(lookout->watch);
	near_free(lookout->near);
	lookout->near = NULL;
	lookout->cover = NULL;
	lookout->baseline = NULL;
	lookout->watch = NULL;
}
