/* Messages that are almost the alert. */
#include "src/engine/near.h"

#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/engine/lookout.h"

struct near {
	struct expectation_evidence *evidence; /* borrowed */
	const char *drill;                     /* borrowed */
	struct channel *channel;               /* borrowed */
	struct watch *with, *without;          /* owned; the drill's id, the id of any drill */
};

/* The first text of `match` that is not in a message which has the drill's id, or all other texts.
 * NULL: it lacks none, or is something else. */
static const char *lacks_one(const struct near *near, const char *text, bool has_nonce)
{
	const struct expectation *expect = near->evidence->expect;

	if (!has_nonce && !lookout_matches(expect, near->drill, false, text))
		return NULL;
	for (size_t i = 0; i < expect->match.count; i++) {
		if (strstr(text, expect->match.list[i]) == NULL)
			return expect->match.list[i];
	}
	return NULL;
}

/* The first with the id tells most; without any, the newest, for an earlier one may be of before. */
static void on_seen(void *arg, const struct sight *sight)
{
	struct near *near = arg;
	const struct chat_message *message = sight->message;
	struct near_miss *miss = &near->evidence->near;
	bool has_nonce = strstr(message->text, near->drill) != NULL;
	const char *lacks = lacks_one(near, message->text, has_nonce);

	if (lacks == NULL || message->mark != NULL || sight->reply || sight->edit ||
	    (miss->lacks != NULL && miss->has_nonce) ||
	    (!has_nonce && lookout_is_resolved(near->evidence->expect, message->text)))
		return;
	free(miss->lacks);
	free(miss->text);
	*miss = (struct near_miss){sight->at_ms, has_nonce, mem_dup(lacks),
				   evidence_text(message->text, message->text_len)};
}

static void on_lost(void *arg, const char *error)
{
	(void)arg;
	(void)error; /* the lookout's own watch is told the same */
}

struct near *near_new(struct channel *channel, struct expectation_evidence *evidence,
		      const char *drill, int64_t since_ms)
{
	struct near *near = mem_zalloc(sizeof *near);
	const struct watch_spec with = {.nonce = drill,
					.needles = &near->drill,
					.needle_count = 1,
					.since_ms = since_ms,
					.seen = on_seen,
					.lost = on_lost};

	near->evidence = evidence;
	near->drill = drill;
	near->channel = channel;
	near->with = channel_watch(channel, &with, near);
	return near;
}

void near_widen(struct near *near, int64_t since_ms)
{
	const struct watch_spec without = {
	    .strangers = true, .since_ms = since_ms, .seen = on_seen, .lost = on_lost};

	if (near->without == NULL)
		near->without = channel_watch(near->channel, &without, near);
}

void near_free(struct near *near)
{
	if (near == NULL)
		return;
	watch_free(near->with);
	watch_free(near->without);
	free(near);
}
