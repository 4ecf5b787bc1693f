/* Drills that are over, as the history has them. */
#ifndef TESTS_REPORTS_MAKE_PAST_H
#define TESTS_REPORTS_MAKE_PAST_H

#include "reports/past.h"
#include "src/store/history.h"

#define PAST_NOW_MS INT64_C(1795255258000) /* 2026-11-21T10:00:58Z */

/* fd-k3q9x2m7, bad-queue in production, by hand: ended at PAST_NOW_MS, began 12.5 s before, with one
 * delivered alert after 2.1 s. Its report says `verdict` and `text`; it is static text. */
struct history_drill past_drill(const char *drill, const char *verdict);

/* The report of a gap with all that a report can have. */
extern const char past_gap_report[];

#endif
