/* A drill that is over as text for a terminal: pure, from a record to lines in a buffer. */
#ifndef REPORTS_RESULT_H
#define REPORTS_RESULT_H

#include <stddef.h>

#include "reports/row.h"
#include "src/base/buf.h"
#include "src/engine/record.h"

/* Verdict, findings with their links, gap, fault, and what to look at. A fault that is not
 * confirmed reverted is its first line. */
void result_block(struct buf *buf, const struct view *view, const struct drill_record *record);

/* "6 drills: 4 pass, 2 gap". counts: drills by verdict; faults_left: of them with a fault that is
 * not confirmed reverted. Nothing when there was no drill. */
void result_summary(struct buf *buf, const struct view *view, const size_t counts[VERDICT_COUNT],
		    size_t faults_left);

#endif
