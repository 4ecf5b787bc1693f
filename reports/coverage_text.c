/* Coverage as a table for a terminal. */
#include <string.h>

#include "reports/coverage.h"
#include "reports/phrases.h"
#include "reports/plain.h"

#define LEAST_COLUMNS 40
#define INDENT        2
#define AGE_COLUMNS   12
#define NAME_PERCENT  40 /* of the columns are for the names ... */
#define NAME_WIDE     44 /* ... and so many where the width is not known */

static enum ink ink_of(enum coverage_state state)
{
	switch (state) {
	case COVERAGE_NEVER:
	case COVERAGE_OUTDATED:
		return INK_YELLOW;
	case COVERAGE_CANNOT:
		return INK_RED;
	case COVERAGE_PROVEN:
		return INK_GREEN;
	case COVERAGE_GONE:
		return INK_DIM;
	case COVERAGE_STATE_COUNT:
		break;
	}
	return INK_NONE;
}

/* What is drawn of one table. */
struct table {
	struct buf *buf;                  /* borrowed */
	const struct view *view;          /* borrowed */
	const struct coverage *coverage;  /* borrowed */
	const struct coverage_part *part; /* borrowed */
	size_t columns;                   /* 0: not known */
};

/* The first column: since when it is proven, or why not. */
static void add_age(struct buf *text, const struct table *table, const struct coverage_item *item)
{
	switch (item->state) {
	case COVERAGE_NEVER:
		buf_adds(text, "never");
		break;
	case COVERAGE_CANNOT:
		buf_adds(text, item->kind == COVERAGE_RULE ? "cannot fire" : "nowhere");
		break;
	case COVERAGE_OUTDATED:
	case COVERAGE_PROVEN:
		coverage_add_age(text, table->coverage->now_wall_ms, item->last_wall_ms);
		break;
	case COVERAGE_GONE:
		buf_adds(text, "gone");
		break;
	case COVERAGE_STATE_COUNT:
		break;
	}
}

/* "p50 2.1 s, max 4.0 s of 5": the largest is no 99th percentile of so few. */
static void add_latencies(struct buf *text, const struct coverage_item *item)
{
	if (item->proofs == 1) {
		phrase_span(text, item->p50_ms);
		buf_adds(text, ", once");
		return;
	}
	buf_adds(text, "p50 ");
	phrase_span(text, item->p50_ms);
	buf_adds(text, item->proofs < 100 ? ", max " : ", p99 ");
	phrase_span(text, item->p99_ms);
	buf_addf(text, " of %zu", item->proofs);
}

/* Where else the same was proven lately: the nearest to proving it here, too. */
static const struct coverage_part *proven_elsewhere(const struct table *table,
						    const struct coverage_item *item)
{
	for (size_t i = 0; i < table->coverage->part_count; i++) {
		const struct coverage_part *part = &table->coverage->parts[i];

		for (size_t j = 0; part != table->part && j < part->item_count; j++) {
			const struct coverage_item *other = &part->items[j];

			if (other->state == COVERAGE_PROVEN && other->kind == item->kind &&
			    strcmp(other->name, item->name) == 0 &&
			    strcmp(other->detail, item->detail) == 0)
				return part;
		}
	}
	return NULL;
}

static void add_rest(struct buf *text, const struct table *table, const struct coverage_item *item)
{
	const struct coverage_part *elsewhere;

	switch (item->state) {
	case COVERAGE_NEVER:
		elsewhere = proven_elsewhere(table, item);
		buf_adds(text, item->detail);
		if (elsewhere != NULL)
			buf_addf(text, "%sproven in %s", item->detail[0] != '\0' ? "; " : "",
				 elsewhere->environment);
		break;
	case COVERAGE_CANNOT:
		buf_adds(text, item->cannot);
		break;
	case COVERAGE_OUTDATED:
		buf_adds(text, item->detail);
		break;
	case COVERAGE_PROVEN:
		add_latencies(text, item);
		if (item->cannot != NULL)
			buf_addf(text, "; now %s", item->cannot);
		break;
	case COVERAGE_GONE:
		buf_adds(text, "proven last ");
		coverage_add_age(text, table->coverage->now_wall_ms, item->last_wall_ms);
		break;
	case COVERAGE_STATE_COUNT:
		break;
	}
}

/* A cell that ends where the next one begins; a text that is longer goes over it, and what follows
 * begins on a line of its own. */
static void add_cell(struct row *row, enum ink ink, const char *text, size_t end, bool breaks)
{
	row_add(row, ink, text);
	if (row->used >= end && breaks) {
		buf_adds(row->buf, "\n");
		row->used = 0;
	}
	row_space(row, row->used < end ? end - row->used : 1);
}

/* Only what is longer than a line is cut: people look for the names, and need the reasons. */
static void write_item(const struct table *table, const struct coverage_item *item)
{
	struct row row = row_start(table->buf, table->view, table->columns);
	bool breaks = table->columns > 0;
	size_t names = INDENT + AGE_COLUMNS;
	size_t rest = names + (breaks ? table->columns * NAME_PERCENT / 100 : NAME_WIDE);
	struct buf text = {0};

	row_space(&row, INDENT);
	add_age(&text, table, item);
	add_cell(&row, ink_of(item->state), buf_text(&text), names, false);
	buf_done(&text);
	add_rest(&text, table, item);
	if (text.len > 0) {
		add_cell(&row, INK_NONE, item->name, rest, breaks);
		row_paragraph(&row, rest, INK_DIM, buf_text(&text));
	} else {
		row_add(&row, INK_NONE, item->name);
		buf_adds(table->buf, "\n");
	}
	buf_done(&text);
}

static void write_line(const struct table *table, size_t indent, enum ink ink, struct buf *text)
{
	struct row row = row_start(table->buf, table->view, 0);

	row_space(&row, indent);
	row_paragraph(&row, indent, ink, buf_text(text));
	buf_done(text);
}

static void write_kind(const struct table *table, enum coverage_kind kind, size_t rows)
{
	const struct coverage_part *part = table->part;
	size_t shown = 0, left = 0;
	struct buf text = {0};

	for (size_t i = 0; i < part->item_count; i++) {
		if (part->items[i].kind != kind)
			continue;
		if (rows > 0 && shown == rows) {
			left++;
			continue;
		}
		write_item(table, &part->items[i]);
		shown++;
	}
	if (left > 0) {
		buf_addf(&text, "... and %zu more; --all shows them", left);
		write_line(table, INDENT, INK_DIM, &text);
	}
	if (shown == 0 && !coverage_count(part, kind).known)
		return; /* it was said why */
	coverage_add_summary(&text, table->coverage, part, kind);
	write_line(table, 0, INK_BOLD, &text);
}

static void write_part(const struct table *table, size_t rows)
{
	const struct coverage_part *part = table->part;
	struct buf text = {0};

	buf_adds(&text, part->environment);
	if (part->pipeline != NULL)
		buf_addf(&text, " (pipeline %s)", part->pipeline);
	write_line(table, 0, INK_BOLD, &text);
	for (size_t i = 0; i < part->trouble_count; i++) {
		buf_addf(&text, "%s: not asked: %s", part->troubles[i].hop, part->troubles[i].text);
		write_line(table, INDENT, INK_YELLOW, &text);
	}
	if (part->pipeline == NULL) {
		buf_addf(&text,
			 "names no pipeline, so nobody can be asked for its rules: set "
			 "environments.%s.pipeline",
			 part->environment);
		write_line(table, INDENT, INK_NONE, &text);
	}
	for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++)
		write_kind(table, (enum coverage_kind)kind, rows);
}

void coverage_write(struct buf *buf, const struct view *view, const struct coverage *coverage,
		    size_t rows)
{
	struct table table = {.buf = buf, .view = view, .coverage = coverage};

	if (view->columns > 0)
		table.columns = view->columns > LEAST_COLUMNS ? view->columns : LEAST_COLUMNS;
	for (size_t i = 0; i < coverage->part_count; i++) {
		table.part = &coverage->parts[i];
		buf_adds(buf, i > 0 ? "\n" : "");
		write_part(&table, rows);
	}
}
