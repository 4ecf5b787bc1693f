/* The inside of notices: shared by what is said of gaps (notices.c) and the second path with the chats
 * that are in trouble (notices_second.c) only. */
#ifndef PROGRAM_NOTICES_PARTS_H
#define PROGRAM_NOTICES_PARTS_H

#include "probes/courier.h"
#include "reports/notice_text.h"
#include "src/program/serve/notices.h"
#include "src/program/serve/notices_gaps.h"

struct ill_chat;
struct letter;

struct notices {
	struct app *app;         /* borrowed */
	struct history *history; /* borrowed; NULL: none */
	struct notices_hears hears;
	struct notices_gaps *gaps; /* owned */
	struct courier *courier;   /* owned */
	struct letter **letters;   /* owned list of those in flight */
	size_t letter_count;
	struct notice_writer *writer; /* owned */
	struct notices_post *digest;  /* owned while in flight */
	struct notices_words digest_words;
	struct ill_chat *ill; /* owned */
	char *trouble;        /* owned; NULL: none */
};

bool notices_is_gap(const struct drill_record *record);
bool notices_has_passed(const struct drill_record *record);
/* The expectation that the gap is about; NULL: there is none. */
const struct expectation *notices_lost_one(const struct drill_record *record);

void notices_hear(struct notices *notices, const char *path, const char *error);
/* why is taken over; NULL: people were told. */
void notices_set_trouble(struct notices *notices, char *why);
/* gap: NULL, or what it tells of; first: why the first path failed; NULL: it did not. */
void notices_send_second(struct notices *notices, struct notices_gap *gap,
			 const struct chat_post *post, const char *why, const char *first);
/* Once for each chat, by the second path: it cannot be watched or reported to; it is well again. */
void notices_look_at_chats(struct notices *notices, const struct drill_record *record);
/* The chats in trouble; what is on its way by the older one's second path stays there. */
void notices_take_second(struct notices *notices, struct notices *older);
void notices_drop_second(struct notices *notices); /* the courier is gone: what it had, too */

#endif
