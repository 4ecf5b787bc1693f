/* What became of a drill that died, or of its fault, in words: for the drill's own message, for the
 * report channel, for the alarm and for a terminal. */
#ifndef REPORTS_SETTLED_H
#define REPORTS_SETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "src/engine/settler.h"

/* What is told; all borrowed. */
struct settled_view {
	const struct settled *settled;
	const char *by;   /* who worked on it: "the guardian", "this run", "ann@host by hand" */
	const char *host; /* where the ledger is, so where a command must be typed; NULL: unsaid */
	int64_t now_wall_ms; /* for ages */
	bool goes_on;        /* it will be tried again by itself when it is stuck */
	bool ascii;          /* the reader has no UTF-8; paragraph only */
};

struct settled_writer; /* holds the texts of the last post */

struct settled_writer *settled_writer_new(void);
void settled_writer_free(struct settled_writer *writer); /* NULL is fine */

/* As a chat message; it takes the place of the drill's own, too. Strings belong to the writer and
 * stay valid until its next call. Limits as in reports/message.h. */
void settled_write(struct settled_writer *writer, const struct settled_view *view,
		   struct chat_post *ret_post);

/* As one line of a few sentences, at most 2,000 characters. Owned by the caller. */
char *settled_paragraph(const struct settled_view *view);

/* Does a drill's own message, as it was read back, still say that the drill runs, or that its fault
 * is in place? */
bool settled_is_outdated(const char *text);

#endif
