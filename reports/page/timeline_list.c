/* The time line of a drill as a table, in the order in which things happened. */
#include <stdlib.h>

#include "reports/page/html.h"
#include "reports/page/timeline.h"

#define ROWS_MOST (TIMELINE_LANES * 2 + TIMELINE_PHASES + TIMELINE_DEADLINES)

struct row {
	int64_t at_ms;
	size_t place; /* rows of one moment stay in their order */
	const char *what, *detail, *note;
};

struct rows {
	struct row list[ROWS_MOST];
	size_t count;
};

static void add(struct rows *rows, int64_t at_ms, const char *what, const char *detail,
		const char *note)
{
	if (at_ms < 0)
		return;
	rows->list[rows->count] = (struct row){at_ms, rows->count, what, detail, note};
	rows->count++;
}

static int by_time(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->at_ms != right->at_ms)
		return left->at_ms < right->at_ms ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

static void collect(struct rows *rows, const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->phase_count; i++)
		add(rows, timeline->phases[i].from_ms, "phase", timeline->phases[i].name, NULL);
	for (size_t i = 0; i < timeline->lane_count; i++) {
		const struct lane *lane = &timeline->lanes[i];

		if (lane->look == LANE_SPAN) {
			add(rows, lane->from_ms, lane->name, "from here", NULL);
			add(rows, lane->to_ms, lane->name, "until here", lane->note);
		} else if (lane->look != LANE_HEAD) {
			add(rows, lane->to_ms, lane->name, lane->detail, lane->note);
		}
	}
	for (size_t i = 0; i < timeline->deadline_count; i++)
		add(rows, timeline->deadlines_ms[i], "deadline", NULL, NULL);
	qsort(rows->list, rows->count, sizeof rows->list[0], by_time);
}

static void add_row(struct buf *html, const struct page_frame *frame,
		    const struct timeline *timeline, int64_t started_wall_ms, const struct row *row)
{
	buf_adds(html, "<tr><td class=\"right\">");
	timeline_add_after(html, timeline, row->at_ms);
	buf_adds(html, "</td><td class=\"num nowrap\">");
	parts_clock(html, frame, started_wall_ms + row->at_ms);
	buf_adds(html, "</td><td>");
	html_text(html, row->what, HTML_WORD);
	if (row->detail != NULL) {
		buf_adds(html, " <span class=\"soft\">");
		html_text(html, row->detail, HTML_WORD);
		buf_adds(html, "</span>");
	}
	if (row->note != NULL) {
		buf_adds(html, ": ");
		html_text(html, row->note, HTML_LINE);
	}
	buf_adds(html, "</td></tr>\n");
}

void timeline_list(struct buf *html, const struct page_frame *frame,
		   const struct timeline *timeline, int64_t started_wall_ms)
{
	struct rows rows = {.count = 0};

	collect(&rows, timeline);
	if (rows.count == 0)
		return;
	buf_adds(html, "<details><summary>The time line as a list</summary><table>"
		       "<thead><tr><th scope=\"col\" class=\"right\">");
	buf_adds(html, timeline->broke_ms >= 0 ? "After the fault" : "After the start");
	buf_adds(html, "</th><th scope=\"col\">Clock</th><th scope=\"col\">What</th></tr></thead>"
		       "<tbody>\n");
	for (size_t i = 0; i < rows.count; i++)
		add_row(html, frame, timeline, started_wall_ms, &rows.list[i]);
	buf_adds(html, "</tbody></table></details>\n");
}
