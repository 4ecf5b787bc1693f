/* The live view in a terminal, and plain lines where there is none. */
#ifndef REPORTS_TERMINAL_H
#define REPORTS_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/row.h"
#include "src/engine/record.h"

struct event_base;
struct terminal;

struct terminal_options {
	bool live;   /* redraw in place: a terminal that can move the cursor */
	bool colour; /* a terminal, and NO_COLOR is not set (https://no-color.org) */
	bool ascii;  /* the locale has no UTF-8 */
	int columns; /* width of the window; 0: not known (live: 80; else lines are not broken) */
	int rows;    /* height of the window; 0: 24 */
};

/* What suits a stream: isatty, TERM, NO_COLOR, the window's size, the locale (so call setlocale
 * before). */
struct terminal_options terminal_options_for(FILE *out);
/* The same for text that is printed once. */
struct view terminal_view_for(FILE *out);

/* base and out (a stream with a file descriptor) are borrowed; base may be NULL without `live`.
 * With `live` a timer on base redraws elapsed times while there are drills; it does not keep the
 * loop running after the last one. A window that changes its size is noticed at the next redraw.
 * A reader who pauses (Ctrl-S) never holds up the loop: what is to stay is written later, at the
 * latest in terminal_free. */
struct terminal *terminal_new(struct event_base *base, FILE *out, struct terminal_options options);
void terminal_free(struct terminal *terminal); /* leaves the last view standing; NULL is fine */
/* For a view that is drawn elsewhere than where `out` leads: its window changed its size. */
void terminal_resize(struct terminal *terminal, int columns, int rows);
/* Writes what can be written at once; true when nothing waits any more. */
bool terminal_drain(struct terminal *terminal);
/* What still waits is given up: terminal_free will not wait for the reader. */
void terminal_drop(struct terminal *terminal);

/* A record changed. Records are borrowed until terminal_finish for the same one. */
void terminal_show(struct terminal *terminal, const struct drill_record *record);
/* The drill is over: its result is printed for good and the record is forgotten. */
void terminal_finish(struct terminal *terminal, const struct drill_record *record);
/* A line besides, printed for good above the running drills: nothing else may write there. */
void terminal_note(struct terminal *terminal, const char *text);
/* "6 drills: 4 pass, 2 gap" after the last one. */
void terminal_summary(struct terminal *terminal);

#endif
