/* What is said aloud of a gap: in one message that is changed as it goes on, in replies in its thread,
 * and by the second path.  Readable on a phone at night: what is lost, where, since when, what to do. */
#ifndef REPORTS_NOTICE_TEXT_H
#define REPORTS_NOTICE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/engine/record.h"

/* The gap of a scenario in an environment; all borrowed. */
struct notice_gap {
	int64_t first_wall_ms; /* end of the first drill that found it */
	int64_t last_wall_ms;  /* ... of the last one */
	int64_t drills;        /* that found it */
	bool is_new;           /* people hear of it for the first time */
	const char *text;      /* what the last one found, in one sentence */
	const char *mention;   /* as in struct chat_post */
	const char *link;      /* to the drill's own message; NULL: not known */
	const char *page;      /* of the drill, served by firedrill; NULL: none */
};

struct notice_writer; /* holds the texts of the last post */

struct notice_writer *notice_writer_new(void);
void notice_writer_free(struct notice_writer *writer); /* NULL is fine */

/* Strings belong to the writer and stay valid until its next call; limits as in reports/message.h.
 * The record is that of the last drill: with a gap for the first two, a pass for the others. */
void notice_write_gap(struct notice_writer *writer, const struct drill_record *record,
		      const struct notice_gap *gap, struct chat_post *ret_post);
void notice_write_again(struct notice_writer *writer, const struct drill_record *record,
			const struct notice_gap *gap, struct chat_post *ret_reply);
void notice_write_recovered(struct notice_writer *writer, const struct drill_record *record,
			    const struct notice_gap *gap, struct chat_post *ret_post);
void notice_write_recovery(struct notice_writer *writer, const struct drill_record *record,
			   const struct notice_gap *gap, struct chat_post *ret_reply);

/* The chat itself is in trouble, or well again: for the second path. what: "watch #ops (slack)" cannot
 * be done; why: what the chat says. */
void notice_write_chat(struct notice_writer *writer, const struct drill_record *record,
		       const char *what, const char *why, struct chat_post *ret_post);
void notice_write_chat_well(struct notice_writer *writer, const struct drill_record *record,
			    const char *chat, struct chat_post *ret_post);

/* "OrdersQueueMissing never reached #ops": what the gap is, in one sentence. Owned by the caller. */
char *notice_sentence(const struct drill_record *record);

/* The text of a letter for the second path: why it comes this way, then the post. Owned by the
 * caller. */
char *notice_letter(const struct chat_post *post, const char *why);

#endif
