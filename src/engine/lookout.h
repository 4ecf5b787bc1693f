/* The lookout for one expectation: turns what its channel carries into evidence. */
#ifndef ENGINE_LOOKOUT_H
#define ENGINE_LOOKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/engine/evidence.h"

struct channel;
struct lookout;
typedef void lookout_changed_fn(void *arg);

/* All borrowed, must outlive the lookout; evidence is written by it alone. patience_ms: how long
 * after a time that must be covered a failing chat is still tried. changed: a fact is new; from the
 * loop. */
struct lookout *lookout_new(struct channel *channel, struct expectation_evidence *evidence,
			    const char *drill, int64_t patience_ms, lookout_changed_fn *changed,
			    void *arg);
void lookout_free(struct lookout *lookout); /* NULL is fine */

/* Starts reading: the baseline is the expectation's `within` before now. */
void lookout_start(struct lookout *lookout);
/* `within` was a longer one than it is now: what was posted before the baseline that it asks for does
 * not count. Once the baseline was read. */
void lookout_narrow(struct lookout *lookout);
/* The baseline was read, or could not be (evidence->readable tells). */
bool lookout_has_baseline(const struct lookout *lookout);

/* Sees to it that everything posted before until_ms is read; TIME_NEVER: no more is needed. */
void lookout_read_until(struct lookout *lookout, int64_t until_ms);
/* What lookout_read_until asked for was read, or could not be. */
bool lookout_has_read(const struct lookout *lookout);

/* Why the channel cannot be read until people act; NULL while it can. Borrowed. */
const char *lookout_lost(const struct lookout *lookout);

struct channel *lookout_channel(const struct lookout *lookout);

/* The fault is taken out: from now on an alert without the drill's id is a near miss, too. */
void lookout_widen(struct lookout *lookout);

/* Once: stops reading and writes down how long the channel was blind since from_ms, and its trouble. */
void lookout_finish(struct lookout *lookout, int64_t from_ms);

/* lookout_text.c: what a text says. */

/* Does a message have every text that the expectation wants (the ones with the drill id left out
 * when with_nonce is false)? */
bool lookout_matches(const struct expectation *expect, const char *drill, bool with_nonce,
		     const char *text);
/* Is the word in the text, as a whole one, in any case? */
bool lookout_has_word(const char *text, const char *word);
/* ... one of the words of `resolved_match`? */
bool lookout_has_resolved_word(const struct expectation *expect, const char *text);
/* Does it say that the alert is over? Not when it is marked "[FIRING:1]" before any word of that. */
bool lookout_is_resolved(const struct expectation *expect, const char *text);
/* The first text of `contains` that it lacks; NULL: it has all. Borrowed from the expectation. */
const char *lookout_first_lacking(const struct expectation *expect, const char *text);

#endif
