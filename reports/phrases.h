/* The small pieces of sentences for people.  Foreign texts are cleaned and cut on the way in
 * (reports/plain.h, as for a chat), so that a sentence never outgrows its place. */
#ifndef REPORTS_PHRASES_H
#define REPORTS_PHRASES_H

#include <stdint.h>

#include "src/base/buf.h"
#include "src/engine/record.h"

/* How much of a text is shown, in characters as the chat counts them. */
enum phrase_limit {
	PHRASE_NAME = 60, /* of a scenario, an alert, a channel, an owner */
	PHRASE_SUMMARY = 200,
	PHRASE_EVIDENCE = 280,
	PHRASE_LINK = 300
};

/* A foreign text, cleaned and cut. */
void phrase_text(struct buf *buf, const char *text, enum phrase_limit limit);
/* "#ops" for "#ops" and "ops"; an id as it is. */
void phrase_channel(struct buf *buf, const char *channel);
/* Begins a line of a message's body: "*Owner*: ". */
void phrase_label(struct buf *body, const char *name);
/* "850 ms", "2.1 s", "90 s", "4 min 10 s". */
void phrase_span(struct buf *buf, int64_t ms);
/* "10:03:12 UTC". */
void phrase_time(struct buf *buf, const struct drill_record *record, int64_t at_ms);

/* What the drill is doing: "waiting for the alert". Static. */
const char *phrase_phase(enum phase phase);

#endif
