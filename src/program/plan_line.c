/* The lines of `firedrill plan`. */
#include "src/program/plan_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/row.h"
#include "reports/terminal.h"

/* Columns before each part of a line. */
#define PHASE_AT  2
#define TEXT_AT   12
#define REASON_AT 20

static void print(const char *phase, const char *answer, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void add_word(struct row *row, const char *word, size_t end)
{
	row_add(row, INK_NONE, word);
	row_space(row, row->used < end ? end - row->used : 1);
}

/* The phase and the answer may be NULL. Where no terminal is, each text stays as it was written. */
static void print(const char *phase, const char *answer, const char *format, va_list args)
{
	const struct view view = terminal_view_for(stdout);
	struct buf line = {0};
	struct row row = row_start(&line, &view, 0);
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort(); /* out of memory: src/base/mem.h */
	if (phase != NULL) {
		row_space(&row, PHASE_AT);
		add_word(&row, phase, TEXT_AT);
	}
	if (answer != NULL)
		add_word(&row, answer, REASON_AT);
	if (view.columns > 0)
		row_paragraph(&row, row.used > 0 ? row.used : PHASE_AT, INK_NONE, text);
	else
		buf_addf(&line, "%s\n", text);
	(void)fputs(buf_text(&line), stdout);
	buf_done(&line);
	free(text);
}

void plan_title(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(NULL, NULL, format, args);
	va_end(args);
}

void plan_line(const char *phase, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(phase, NULL, format, args);
	va_end(args);
}

void plan_guard(const char *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print("guard", answer, format, args);
	va_end(args);
}
