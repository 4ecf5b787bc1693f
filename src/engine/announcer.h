/* The drill's own message: posted where the alert is expected, read back, edited into the report. */
#ifndef ENGINE_ANNOUNCER_H
#define ENGINE_ANNOUNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/engine/drill.h"

struct announcer;
typedef void announcer_changed_fn(void *arg);

/* All borrowed, must outlive the announcer. changed: a fact is new; from the loop. */
struct announcer *announcer_new(const struct drill_world *world, struct drill_record *record,
				announcer_changed_fn *changed, void *arg);
void announcer_free(struct announcer *announcer); /* NULL is fine */

/* A channel to post in, of the chat with that name in the configuration (borrowed); the same one
 * twice is one. watched: the post is also the positive control, so it must be read back, and failing
 * to post it stops the drill. */
void announcer_add(struct announcer *announcer, const char *chat, struct channel *channel,
		   bool watched);

/* False with an error when the ledger cannot note the messages: then nothing is posted. */
MUST_CHECK bool announcer_start(struct announcer *announcer, struct error *error);

/* Every watched post is up and was read back. */
bool announcer_has_control(const struct announcer *announcer);
bool announcer_has_control_in(const struct announcer *announcer, const struct channel *channel);
/* Why a watched post cannot be made; NULL when it was or may still be. Borrowed. */
const char *announcer_failure(const struct announcer *announcer);

/* What the last try to make a watched post that is not up yet ran into; NULL: nothing. Borrowed. */
const char *announcer_trouble(const struct announcer *announcer);

/* The record changed: edits the messages, at most one edit in two seconds. */
void announcer_update(struct announcer *announcer);
/* The drill is over: the last edit and the details in the thread. */
void announcer_finish(struct announcer *announcer);
bool announcer_is_finished(const struct announcer *announcer);

/* Ms by which the chat's clock is ahead of our wall clock, as its answers to posts
 * tell; 0 without an anchor (a post that was answered). */
bool announcer_has_anchor(const struct announcer *announcer);
int64_t announcer_skew_ms(const struct announcer *announcer);

#endif
