/* Rows by their labels. */
#include "src/program/serve/meter_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/meter_parts.h"

#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD */

static void add_escaped(struct buf *labels, const char *at, size_t len)
{
	if (len == 0)
		buf_adds(labels, UNKNOWN);
	else if (*at == '\n')
		buf_adds(labels, "\\n");
	else if (*at == '"' || *at == '\\')
		buf_addf(labels, "\\%c", *at);
	else if ((unsigned char)*at < 0x20 || *at == 0x7f)
		buf_add(labels, " ", 1);
	else
		buf_add(labels, at, len);
}

void meter_label(struct buf *labels, const char *name, const char *value)
{
	const char *text = value != NULL ? value : "";
	size_t end = utf8_cut(text, strnlen(text, METER_VALUE + 1), METER_VALUE);

	buf_addf(labels, "%s%s=\"", labels->len > 0 ? "," : "", name);
	for (size_t i = 0, step; i<end; i += step> 0 ? step : 1) {
		step = utf8_length(text + i, end - i);
		add_escaped(labels, text + i, step);
	}
	buf_adds(labels, "\"");
}

/* Where the row is, or belongs. */
static size_t place_of(const struct meter_table *table, const char *labels, bool *ret_found)
{
	size_t low = 0, high = table->count;

	*ret_found = false;
	while (low < high && !*ret_found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(labels, table->rows[middle]->labels);

		*ret_found = order == 0;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return *ret_found ? high : low;
}

void *meter_table_get(struct meter_table *table, const char *labels, const char *others)
{
	struct meter_row *row;
	bool found;
	size_t at = place_of(table, labels, &found);

	if (!found && table->count >= table->limit) {
		labels = others;
		at = place_of(table, labels, &found);
	}
	if (found)
		return table->rows[at];
	if (table->count == table->capacity) {
		table->capacity = table->capacity * 2 + 16;
		table->rows = mem_grow(table->rows, table->capacity, sizeof *table->rows);
	}
	row = mem_zalloc(table->row_size);
	row->labels = mem_dup(labels);
	(void)memmove(&table->rows[at + 1], &table->rows[at],
		      (table->count - at) * sizeof *table->rows);
	table->rows[at] = row;
	table->count++;
	return row;
}

void meter_table_done(struct meter_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->rows[i]->labels);
		free(table->rows[i]);
	}
	free(table->rows);
	table->rows = NULL;
	table->count = table->capacity = 0;
}

char *meter_labels_with(const char *labels, const char *name, const char *value, const char *second,
			const char *second_value)
{
	struct buf text = {0};

	buf_adds(&text, labels);
	meter_label(&text, name, value);
	if (second != NULL)
		meter_label(&text, second, second_value);
	return buf_take(&text);
}
