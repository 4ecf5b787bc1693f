/* The tables and boxes of a drill's page. */
#ifndef REPORTS_PAGE_DRILL_PARTS_H
#define REPORTS_PAGE_DRILL_PARTS_H

#include <cjson/cJSON.h>

#include "reports/page/parts.h"

/* report: the drill's line of JSON; NULL: not known. Nothing is added of what is not known. */
void drill_parts_expectations(struct buf *html, const cJSON *report);
void drill_parts_stations(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill, const cJSON *report);
/* Messages as they looked, each with its channel and time. */
void drill_parts_messages(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill, const cJSON *report);
/* The rest of what was kept. */
void drill_parts_evidence(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill);

#endif
