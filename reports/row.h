/* A line for a terminal: colours, marks, and text that can do no harm. */
#ifndef REPORTS_ROW_H
#define REPORTS_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

/* What the reader's terminal can do. */
struct view {
	bool colour;
	bool ascii;
	size_t columns; /* 0: not known */
};

enum ink { INK_NONE, INK_BOLD, INK_DIM, INK_GREEN, INK_RED, INK_YELLOW, INK_CYAN };
enum mark { MARK_GOOD, MARK_BAD, MARK_UNSURE, MARK_HERE, MARK_AHEAD, MARK_SKIPPED };

struct row {
	struct buf *buf;         /* borrowed */
	const struct view *view; /* borrowed */
	size_t used;             /* columns */
	size_t limit;            /* columns; what goes beyond is cut; 0: none */
};

struct row row_start(struct buf *buf, const struct view *view, size_t limit);
void row_space(struct row *row, size_t count);
/* Adds a text, cleaned (reports/plain.h): no escape sequence reaches the terminal but our own. */
void row_add(struct row *row, enum ink ink, const char *text);
/* The same for a text that is done with: the buffer is emptied. */
void row_take(struct row *row, enum ink ink, struct buf *text);
void row_mark(struct row *row, enum mark mark);

/*
 * Adds a whole paragraph: the row so far is its beginning, further lines are indented by `indent`,
 * and it ends with a line end. Lines are broken between words where the width is known; words that
 * are longer (links) stay whole.
 */
void row_paragraph(struct row *row, size_t indent, enum ink ink, const char *text);

#endif
