/* How long an alert takes, and of which parts that is made, in words for people. */
#ifndef REPORTS_TIMING_TEXT_H
#define REPORTS_TIMING_TEXT_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/engine/record.h"

/* "22 s to 97 s", "30 s" where both are the same; "at least 22 s" where the most is -1. */
void timing_text_span(struct buf *buf, int64_t least_ms, int64_t most_ms);

/* "scrape interval 0-15 s, for 15 s, group_wait 30 s"; nothing when there is no such part. */
void timing_text_parts(struct buf *buf, const struct timing *timing, bool resolving);

/* Both ways with their parts: "OrdersQueueMissing takes 22 s to 97 s: scrape interval 0-15 s, ...;
 * resolved 0 s to 5 min: ...", why one is not known, and the deadlines that are computed. */
void timing_text(struct buf *buf, const char *alert, const struct timing *timing);

/* Of an expectation of a drill, in one sentence: what the deadline in question is made of, when one
 * was computed or has to do with what was found. False, and nothing added, when there is nothing to
 * say. */
bool timing_text_line(struct buf *buf, const struct drill_record *record, size_t i);

#endif
