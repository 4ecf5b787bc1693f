/* Past drills, one a line. */
#include "reports/past_table.h"

#include <string.h>

#include "reports/plain.h"
#include "reports/when.h"

#define WHEN_COLUMNS 19 /* 2026-11-21 10:03:12 */
#define SCENARIO_MAX 40 /* columns; longer names are cut where the width is known */
#define WHAT_MIN     20 /* columns; with less there is no use in showing what became of it */

enum ink past_ink(const char *verdict)
{
	if (strcmp(verdict, "pass") == 0)
		return INK_GREEN;
	return strcmp(verdict, "gap") == 0 ? INK_RED : INK_YELLOW;
}

static void widen(size_t *width, const char *text)
{
	size_t columns = plain_columns(text, false);

	if (columns > *width)
		*width = columns < SCENARIO_MAX ? columns : SCENARIO_MAX;
}

void past_table_measure(struct past_widths *widths, const struct past *past)
{
	widen(&widths->verdict, past->verdict);
	widen(&widths->scenario, past->scenario);
	widen(&widths->environment, past->environment);
	widen(&widths->drill, past->drill);
}

/* A cell of a table, and the two blanks behind it. */
static void cell(struct row *row, enum ink ink, const char *text, size_t width)
{
	size_t from = row->used, limit = row->limit;

	if (row->view->columns > 0) {
		row->limit = row->used + width;
		if (limit > 0 && row->limit > limit)
			row->limit = limit;
	}
	row_add(row, ink, text);
	row->limit = limit;
	row_space(row, row->used < from + width ? from + width - row->used + 2 : 2);
}

/* Where not all of it has room, what `firedrill report` is given comes first, and the time goes. */
static bool is_narrow(const struct view *view, const struct past_widths *widths)
{
	size_t all = WHEN_COLUMNS + 2 + widths->verdict + 2 + widths->scenario + 2 +
		     widths->environment + 2 + widths->drill;

	return view->columns > 0 && view->columns < all;
}

void past_table_head(struct buf *buf, const struct view *view, const struct past_widths *widths)
{
	struct row row = row_start(buf, view, view->columns);

	if (is_narrow(view, widths))
		cell(&row, INK_DIM, "DRILL", widths->drill);
	else
		cell(&row, INK_DIM, "ENDED (UTC)", WHEN_COLUMNS);
	cell(&row, INK_DIM, "VERDICT", widths->verdict);
	cell(&row, INK_DIM, "SCENARIO", widths->scenario);
	cell(&row, INK_DIM, "WHERE", widths->environment);
	if (!is_narrow(view, widths)) {
		cell(&row, INK_DIM, "DRILL", widths->drill);
		row_add(&row, INK_DIM, "WHAT");
	}
	buf_adds(buf, "\n");
}

void past_table_line(struct buf *buf, const struct view *view, const struct past_widths *widths,
		     const struct past *past)
{
	struct row row = row_start(buf, view, view->columns);
	struct buf text = {0};

	when_text(&text, past->ended_wall_ms);
	if (text.len > WHEN_COLUMNS)
		text.data[text.len = WHEN_COLUMNS] = '\0';
	if (is_narrow(view, widths))
		cell(&row, INK_DIM, past->drill, widths->drill);
	else
		cell(&row, INK_DIM, buf_text(&text), WHEN_COLUMNS);
	buf_done(&text);
	cell(&row, past_ink(past->verdict), past->verdict, widths->verdict);
	cell(&row, INK_NONE, past->scenario, widths->scenario);
	cell(&row, INK_NONE, past->environment, widths->environment);
	if (!is_narrow(view, widths))
		cell(&row, INK_DIM, past->drill, widths->drill);
	if (strcmp(past->origin, "repeat") == 0)
		buf_addf(&text, "(repeat of %s) ", past->repeats);
	past_what(&text, past);
	if (row.limit == 0 || row.used + WHAT_MIN <= row.limit)
		row_take(&row, INK_NONE, &text);
	buf_done(&text);
	buf_adds(buf, "\n");
}
