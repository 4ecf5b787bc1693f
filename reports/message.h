/* The drill's message in chat: short enough for a phone, edited as the drill goes on. */
#ifndef REPORTS_MESSAGE_H
#define REPORTS_MESSAGE_H

#include <stdbool.h>

#include "src/engine/record.h"

struct message_writer; /* holds the texts of the last post */

struct message_writer *message_writer_new(void);
void message_writer_free(struct message_writer *writer); /* NULL is fine */

/* The one message of a drill, as it is now: before, while, after. Strings belong to the writer and
 * stay valid until its next call. What broke, where, since when, what to look at: in five seconds.
 * The headline has at most 400 characters, the body 2,500, the footer 300, as the chat escapes
 * them. */
void message_write(struct message_writer *writer, const struct drill_record *record,
		   struct chat_post *ret_post);

/* The details for its thread: phases, every message seen, what the fault driver saw. False when the
 * drill was refused and there is nothing to add. */
bool message_write_details(struct message_writer *writer, const struct drill_record *record,
			   struct chat_post *ret_post);

#endif
