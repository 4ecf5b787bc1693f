/* Past drills, one a line, for a terminal or a file. */
#ifndef REPORTS_PAST_TABLE_H
#define REPORTS_PAST_TABLE_H

#include <stddef.h>

#include "reports/past.h"
#include "reports/row.h"

/* The widest of each column, in columns of the terminal; begins with room for the head. */
struct past_widths {
	size_t verdict, scenario, environment, drill;
};

#define PAST_WIDTHS ((struct past_widths){7, 8, 5, 5})

/* Every drill that is to be shown, before any line is. */
void past_table_measure(struct past_widths *widths, const struct past *past);
void past_table_head(struct buf *buf, const struct view *view, const struct past_widths *widths);
/* "2026-11-21 10:03:12  gap   bad-queue  staging  fd-k3q9x2m7  QueueMissing never reached #ops". What
 * does not fit is cut where the width is known. */
void past_table_line(struct buf *buf, const struct view *view, const struct past_widths *widths,
		     const struct past *past);

/* The colour of a verdict. */
enum ink past_ink(const char *verdict);

#endif
