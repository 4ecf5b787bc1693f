/* A line for a terminal. */
#include "reports/row.h"

#include <ctype.h>
#include <string.h>

#include "reports/plain.h"

#define BREAK_FROM 30 /* columns; narrower windows break lines themselves */

/* ECMA-48, select graphic rendition. */
static const char *const inks[] = {
    [INK_NONE] = "",          [INK_BOLD] = "\033[1m",   [INK_DIM] = "\033[2m",
    [INK_GREEN] = "\033[32m", [INK_RED] = "\033[1;31m", [INK_YELLOW] = "\033[33m",
    [INK_CYAN] = "\033[36m",
};

static const struct {
	const char *utf8, *ascii;
	enum ink ink;
} marks[] = {
    [MARK_GOOD] = {"\xe2\x9c\x93", "+", INK_GREEN}, /* check mark */
    [MARK_BAD] = {"\xe2\x9c\x97", "x", INK_RED},    /* ballot x */
    [MARK_UNSURE] = {"?", "?", INK_YELLOW},
    [MARK_HERE] = {"\xe2\x97\x8f", "*", INK_CYAN}, /* black circle */
    [MARK_AHEAD] = {"\xc2\xb7", ".", INK_DIM},     /* middle dot */
    [MARK_SKIPPED] = {"-", "-", INK_DIM},
};

struct row row_start(struct buf *buf, const struct view *view, size_t limit)
{
	return (struct row){.buf = buf, .view = view, .limit = limit};
}

static bool row_is_full(const struct row *row)
{
	return row->limit > 0 && row->used >= row->limit;
}

void row_space(struct row *row, size_t count)
{
	for (; count > 0 && !row_is_full(row); count--, row->used++)
		buf_adds(row->buf, " ");
}

void row_add(struct row *row, enum ink ink, const char *text)
{
	bool coloured = row->view->colour && ink != INK_NONE;

	if (row_is_full(row) || text == NULL || text[0] == '\0')
		return;
	if (coloured)
		buf_adds(row->buf, inks[ink]);
	row->used += plain_add(row->buf, text,
			       &(struct plain){.limit = row->limit > 0 ? row->limit - row->used : 0,
					       .ascii = row->view->ascii});
	if (coloured)
		buf_adds(row->buf, "\033[0m");
}

void row_mark(struct row *row, enum mark mark)
{
	row_add(row, marks[mark].ink, row->view->ascii ? marks[mark].ascii : marks[mark].utf8);
}

void row_take(struct row *row, enum ink ink, struct buf *text)
{
	row_add(row, ink, buf_text(text));
	buf_done(text);
}

/* A word, or a number and the word that follows it: "90 s" is not torn apart. */
static char *next_word(char **rest)
{
	char *word = strsep(rest, " ");
	size_t len = word != NULL ? strlen(word) : 0;

	if (len > 0 && isdigit((unsigned char)word[len - 1]) && *rest != NULL) {
		word[len] = ' ';
		(void)strsep(rest, " ");
	}
	return word;
}

void row_paragraph(struct row *row, size_t indent, enum ink ink, const char *text)
{
	struct plain how = {.ascii = row->view->ascii};
	size_t columns = row->view->columns >= BREAK_FROM ? row->view->columns : 0;
	struct buf clean = {0};
	bool first = true;
	char *rest;

	(void)plain_add(&clean, text, &how);
	rest = clean.data;
	for (char *word; (word = next_word(&rest)) != NULL; first = false) {
		size_t width = plain_columns(word, false);

		if (!first && columns > 0 && row->used + 1 + width > columns) {
			buf_adds(row->buf, "\n");
			row->used = 0;
			row_space(row, indent);
		} else if (!first) {
			row_space(row, 1);
		}
		row_add(row, ink, word);
	}
	buf_adds(row->buf, "\n");
	buf_done(&clean);
}
