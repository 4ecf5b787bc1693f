/* One drill as one line of JSON: a public contract (fields may be added, never renamed). */
#ifndef REPORTS_JSON_H
#define REPORTS_JSON_H

#include "src/engine/record.h"

/* Without a newline. Valid UTF-8 whatever the messages held. Owned by the caller. */
char *json_report(const struct drill_record *record);

#endif
