/* From a drill's line of JSON to its time line. */
#ifndef REPORTS_PAGE_STORY_H
#define REPORTS_PAGE_STORY_H

#include <cjson/cJSON.h>

#include "reports/page/timeline.h"

/* Names are borrowed from the report. report NULL: nothing is known. */
void story_read(struct timeline *timeline, const cJSON *report);

/* Reports of an earlier firedrill lack the moment itself: then it is when the next phase began. */
int64_t story_broke_ms(const cJSON *report);    /* the fault was in place; -1 */
int64_t story_reverted_ms(const cJSON *report); /* -1 */

#endif
