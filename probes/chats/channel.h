/* The one reader of a chat channel, shared by all drills that wait on it.
 *
 * One cursor, one poll; each message is handed to the watches whose nonce it carries by a look-up,
 * so requests grow with channels and time, and the cost of a message does not grow with the number
 * of watches.  Only watches without a nonce look at every message. */
#ifndef PROBES_CHANNEL_H
#define PROBES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"

struct event_base;
struct channels; /* all readers of one chat */
struct channel;  /* one reader; lives as long as its `struct channels` */
struct watch;    /* one subscription */
struct cover;    /* one wait for coverage */

/* All borrowed, must outlive the result. poll_ms: the time between two reads of one channel; it is
 * stretched when the chat's limit of requests or its Retry-After asks for it. */
struct channels *channels_new(struct event_base *base, const struct chat_driver *driver,
			      struct chat *chat, int64_t poll_ms);
/* Another limit than the driver's own: for a token, or a server of one's own, that has another. To
 * be called before the first channels_get. */
void channels_set_limit(struct channels *channels, int requests_per_minute);
void channels_free(struct channels *channels); /* after all watches; NULL is fine */

/* The reader of a channel by name or id; made on first use; reading starts with the first watch and
 * pauses without one. */
struct channel *channels_get(struct channels *channels, const char *name);

const char *channel_name(const struct channel *channel);
const char *channel_id(const struct channel *channel); /* NULL until it is found */
const struct chat_driver *channel_driver(const struct channel *channel);
struct chat *channel_chat(const struct channel *channel);

/* A message for a watch. Borrowed, valid inside the callback only. */
struct sight {
	const struct chat_message *message;
	int64_t at_ms; /* when it was posted, on the clock of clock_ms(): the chat's clock is mapped
			    by our own posts (half a round trip); until there was one, as
			    if its clock were ours, but never before the read that lacked
			    it nor after the read that had it */
	int64_t read_ms; /* clock_ms() when it was read */
	int64_t
	    before_ms; /* of an edit: clock_ms() when it was last known to be as it was before; 0:
			      it was never read so */
	bool edit;     /* seen before, changed since */
	bool reply;    /* in the thread of a message that this watch has seen */
};

struct watch_spec {
	const char *nonce; /* NULL: none. Own messages with this mark are handed over too. When the
			      nonce is in no needle, every message is looked at for the needles */
	const char *const *needles; /* all must occur in the text (the nonce may be among them) */
	size_t needle_count;
	bool strangers; /* Instead, without nonce and needles: messages whose text carries no id of
			   any drill, and that firedrill did not post. Edits and replies only of those
			   that watch_follow was called for. Costs nothing where there are ids */
	int64_t since_ms; /* clock_ms() time from which messages are wanted; may be in the past. Not
			     sharp: one that may be that new, as clocks are, is handed over too */
	/* A message whose text has the needles, or is our own with the nonce as its mark; again when
	 * it is edited; and every reply in the thread of one that was handed over. */
	void (*seen)(void *arg, const struct sight *sight);
	/* The channel cannot be read until people act; the sentence says what to do. At most once. */
	void (*lost)(void *arg, const char *error);
};

/* The spec is copied. Callbacks come from the loop, never from inside this call. */
struct watch *channel_watch(struct channel *channel, const struct watch_spec *spec, void *arg);
void watch_free(
    struct watch *watch); /* no callback after this, also from inside one; NULL is fine */
/* For a watch of strangers, from inside its `seen`: this message's edits and replies too. */
void watch_follow(struct watch *watch);

/*
 * Calls done(arg, true) as soon as a complete read that *began* at or after until_ms has succeeded,
 * so that everything posted before until_ms has been handed out; done(arg, false) when give_up_ms
 * has passed without one, or at once when the channel is lost.  From the loop, exactly once.
 */
typedef void cover_done_fn(void *arg, bool covered);
struct cover *channel_cover(struct channel *channel, int64_t until_ms, int64_t give_up_ms,
			    cover_done_fn *done, void *arg);
void cover_free(struct cover *cover); /* cancels; after done it is already freed; NULL is fine */

/* Reads as soon as the limits allow instead of at the next poll. However many kicks there are, they
 * add at most a quarter to the requests in the long run. */
void channel_kick(struct channel *channel);

/* Ms between from_ms and to_ms in which reading failed, not counting outages that were shorter than
 * two polls and healed by a complete read.  Rate limits are not blindness unless nothing covers. */
int64_t channel_blind_ms(const struct channel *channel, int64_t from_ms, int64_t to_ms);

/* What is wrong with reading, or slow about it ("Slack allows this token 15 messages a minute"),
 * for the report; NULL when all is well. Borrowed until the next turn of the loop. */
const char *channel_trouble(const struct channel *channel);

/* Maps a message's own time stamp to the clock of clock_ms(). A post of ours makes it exact:
 * sent_ms and answered_ms are clock_ms() around the request that created the message `ts`. */
void channel_anchor(struct channel *channel, const char *ts, int64_t sent_ms, int64_t answered_ms);

struct channel_counts {
	size_t requests; /* read and thread calls so far */
	size_t messages; /* distinct messages so far */
	size_t compared; /* needle searches so far */
};
struct channel_counts channel_counts(const struct channel *channel);

/* The same of all readers of a chat; both only rise. */
struct channels_counts {
	size_t requests;
	size_t failed; /* ... and reads that failed; to be told to be slower is no failure */
};
struct channels_counts channels_counts(const struct channels *channels);

#endif
