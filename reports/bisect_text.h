/* What probes found after a gap, in words. */
#ifndef REPORTS_BISECT_TEXT_H
#define REPORTS_BISECT_TEXT_H

#include <cjson/cJSON.h>

#include "src/base/buf.h"
#include "src/engine/record.h"

/* "confirmed: a probe sent by the webhook arrived after 1.2 s, ..."; nothing when no probe tells. */
void bisect_text(struct buf *buf, const struct drill_record *record);

/* The n-th probe: "10:01:05 UTC: a message posted by the webhook arrived in #ops after 1.2 s"; false
 * after the last. */
bool bisect_text_probe(struct buf *buf, const struct drill_record *record, size_t n);

/* "probes": a list, empty when none was thought of. */
void bisect_text_json(cJSON *report, const struct drill_record *record);

#endif
