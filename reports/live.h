/* A running drill as text for a terminal: pure, from a record to lines in a buffer. */
#ifndef REPORTS_LIVE_H
#define REPORTS_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "reports/row.h"
#include "src/base/buf.h"
#include "src/engine/record.h"

#define LIVE_ROWS 3

/* Name, phases, and how long it has waited of how long: lines that are cut to the view's columns
 * and end with "erase to the end of the line". ret_widths: the columns that each of them takes. */
void live_block(struct buf *buf, const struct view *view, const struct drill_record *record,
		int64_t now_ms, size_t ret_widths[LIVE_ROWS]);

/* Where nothing can be redrawn: "orders-bad-queue production fd-k3q9x2m7 inject 0.4 s", a line for
 * a phase that was entered. */
void live_phase(struct buf *buf, const struct view *view, const struct drill_record *record,
		enum phase phase);

#endif
