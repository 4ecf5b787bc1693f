/* What to look at (a gap) or to do (inconclusive) after a drill, told from its findings. */
#ifndef REPORTS_ADVICE_H
#define REPORTS_ADVICE_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/engine/record.h"

/* Adds "the route of OrdersQueueMissing in production"; nothing when there is nothing to say. */
void advice_write(struct buf *buf, const struct drill_record *record);

/* Then it is what to do about the gap, and not only what to look at. */
bool advice_is_known(const struct drill_record *record);

/* The command that puts a fault right which is not confirmed reverted. */
void advice_command(struct buf *buf, const struct drill_record *record);

#endif
