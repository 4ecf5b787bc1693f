/* The whole story of one drill that is over, for a terminal or a file. */
#ifndef REPORTS_PAST_REPORT_H
#define REPORTS_PAST_REPORT_H

#include "reports/past.h"
#include "reports/row.h"

/* The drill with its evidence; what is damaged or not kept is left out, or said to be. */
void past_report(struct buf *buf, const struct view *view, const struct past *past);

/* The lines of its log, cleaned of what could harm a terminal. False: none are kept. */
bool past_log(struct buf *buf, const struct past *past);

#endif
