/* The details of a drill for the thread of its message: how long each phase took, every message
 * seen, what the fault driver saw, and how sure all of it is. */
#ifndef REPORTS_DETAILS_H
#define REPORTS_DETAILS_H

#include "src/base/buf.h"
#include "src/engine/record.h"

/* Lines with the markup of struct chat_post, at most 2,500 characters as the chat counts them. */
void details_write(struct buf *body, const struct drill_record *record);

#endif
