/* Metrics as text, in either format. */
#ifndef PROGRAM_METER_TEXT_H
#define PROGRAM_METER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"

enum meter_kind { METER_GAUGE, METER_COUNTER, METER_HISTOGRAM, METER_INFO };

struct meter_family {
	const char *name; /* without "_total" and "_info" */
	enum meter_kind kind;
	const char *unit; /* "seconds"; NULL: none */
	const char *help; /* without quotation marks and backslashes */
};

struct meter_text {
	struct buf *out; /* borrowed */
	bool open_metrics;
};

/* What comes next; its samples follow, and no others. */
void meter_begin(const struct meter_text *text, const struct meter_family *family);

/* One sample. suffix: "_total", "_bucket", ...; labels: may be "" or NULL. */
void meter_count(const struct meter_text *text, const struct meter_family *family,
		 const char *labels, uint64_t value);
/* The same of a time, in ms here and in seconds there. */
void meter_seconds(const struct meter_text *text, const struct meter_family *family,
		   const char *labels, int64_t ms);

void meter_add_number(struct buf *out, uint64_t value);
void meter_add_seconds(struct buf *out, int64_t ms); /* "-1.250" */
void meter_end(const struct meter_text *text);

#endif
