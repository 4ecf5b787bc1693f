/* Rows by their labels, sorted; so many and no more. */
#ifndef PROGRAM_METER_TABLE_H
#define PROGRAM_METER_TABLE_H

#include <stddef.h>

#include "src/base/buf.h"

/* The beginning of every row; the rest of it is zero when it is new. */
struct meter_row {
	char *labels; /* owned by the table: scenario="a",environment="b" */
};

struct meter_table {
	size_t row_size;         /* bytes; set before the first use, as is */
	size_t limit;            /* rows; one more for all others */
	struct meter_row **rows; /* owned; in the order of their labels */
	size_t count, capacity;
};

/* A label more: name="value" with a comma before it unless it is the first. The value is cut, escaped, and
 * made UTF-8; NULL is "". */
void meter_label(struct buf *labels, const char *name, const char *value);

/* The row; made when there is none. Beyond the limit it is that of `others`. */
void *meter_table_get(struct meter_table *table, const char *labels, const char *others);
void meter_table_done(struct meter_table *table);

#endif
