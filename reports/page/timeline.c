/* The time line of a drill as SVG. */
#include "reports/page/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/page/html.h"
#include "src/base/buf.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WIDTH         1000
#define PLOT_LEFT     210
#define PLOT_RIGHT    830
#define AXIS_TOP      22 /* base line of the axis' labels */
#define LANE_HEIGHT   26
#define NAME_MOST     28 /* characters that fit left of the plot */
#define NOTE_MOST     60
#define CHAR_WIDTH    7 /* at most, on average, of a character of 12 px */
#define TICKS_MOST    8

/* Where things are. */
struct canvas {
	struct buf *html; /* borrowed */
	const struct timeline *timeline;
	int64_t first_ms, last_ms;
	int top, bottom; /* of the lanes */
};

struct lane *timeline_add(struct timeline *timeline, enum lane_look look, const char *name,
			  char *note)
{
	struct lane *lane;

	if (timeline->lane_count == TIMELINE_LANES) {
		timeline->left_out++;
		free(note);
		return NULL;
	}
	lane = &timeline->lanes[timeline->lane_count++];
	*lane = (struct lane){.look = look,
			      .tone = TONE_QUIET,
			      .name = name,
			      .note = note,
			      .from_ms = -1,
			      .to_ms = -1};
	return lane;
}

void timeline_add_deadline(struct timeline *timeline, int64_t at_ms)
{
	for (size_t i = 0; i < timeline->deadline_count; i++) {
		if (timeline->deadlines_ms[i] == at_ms)
			return;
	}
	if (timeline->deadline_count < TIMELINE_DEADLINES)
		timeline->deadlines_ms[timeline->deadline_count++] = at_ms;
}

void timeline_done(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->lane_count; i++)
		free(timeline->lanes[i].note);
	timeline->lane_count = 0;
}

/* Times. */

void timeline_add_after(struct buf *html, const struct timeline *timeline, int64_t at_ms)
{
	int64_t origin_ms = timeline->broke_ms >= 0 ? timeline->broke_ms : 0;
	int64_t after_ms = at_ms - origin_ms;

	if (after_ms < 0)
		buf_adds(html, "\xe2\x88\x92");
	parts_span(html, after_ms < 0 ? -after_ms : after_ms);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void find_range(struct canvas *canvas)
{
	const struct timeline *timeline = canvas->timeline;
	int64_t last_ms = larger(timeline->end_ms, timeline->broke_ms);

	for (size_t i = 0; i < timeline->lane_count; i++)
		last_ms = larger(last_ms, timeline->lanes[i].to_ms);
	for (size_t i = 0; i < timeline->deadline_count; i++)
		last_ms = larger(last_ms, timeline->deadlines_ms[i]);
	for (size_t i = 0; i < timeline->phase_count; i++)
		last_ms = larger(last_ms, timeline->phases[i].from_ms);
	canvas->last_ms = last_ms > 0 ? last_ms : 1;
}

static int x_of(const struct canvas *canvas, int64_t at_ms)
{
	double part =
	    (double)(at_ms - canvas->first_ms) / (double)(canvas->last_ms - canvas->first_ms);

	return PLOT_LEFT + (int)(part * (PLOT_RIGHT - PLOT_LEFT));
}

static int64_t step_of(int64_t range_ms)
{
	static const int64_t minutes[] = {1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440};
	static const int64_t seconds[] = {1, 2, 5, 10, 15, 30};
	int64_t day_ms = 86400000;

	for (int64_t ms = 1; ms <= 100; ms *= 10) {
		if (range_ms / ms <= TICKS_MOST)
			return ms;
		if (range_ms / (ms * 2) <= TICKS_MOST)
			return ms * 2;
		if (range_ms / (ms * 5) <= TICKS_MOST)
			return ms * 5;
	}
	for (size_t i = 0; i < LENGTH(seconds); i++) {
		if (range_ms / (seconds[i] * 1000) <= TICKS_MOST)
			return seconds[i] * 1000;
	}
	for (size_t i = 0; i < LENGTH(minutes); i++) {
		if (range_ms / (minutes[i] * 60000) <= TICKS_MOST)
			return minutes[i] * 60000;
	}
	return (range_ms / TICKS_MOST / day_ms + 1) * day_ms;
}

/* The axis, the fault, the deadlines. */

static void draw_line(const struct canvas *canvas, const char *class, int x, int top, int bottom)
{
	buf_addf(canvas->html, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
		 class, x, top, x, bottom);
}

/* There is room for half of one right of the plot. */
static void open_label(const struct canvas *canvas, const char *class, int x, int y)
{
	buf_addf(canvas->html, "<text class=\"%s t-mid\" x=\"%d\" y=\"%d\">", class, x, y);
}

static void draw_axis(const struct canvas *canvas)
{
	const struct timeline *timeline = canvas->timeline;
	int64_t origin_ms = timeline->broke_ms >= 0 ? timeline->broke_ms : 0;
	int64_t step_ms = step_of(canvas->last_ms - canvas->first_ms);
	int64_t at_ms = origin_ms - (origin_ms - canvas->first_ms) / step_ms * step_ms;

	for (; at_ms <= canvas->last_ms; at_ms += step_ms) {
		int x = x_of(canvas, at_ms);

		draw_line(canvas, "g", x, AXIS_TOP + 8, canvas->bottom);
		open_label(canvas, "t-soft", x, AXIS_TOP);
		if (at_ms == origin_ms)
			buf_adds(canvas->html, timeline->broke_ms >= 0 ? "fault" : "start");
		else
			timeline_add_after(canvas->html, timeline, at_ms);
		buf_adds(canvas->html, "</text>\n");
	}
	if (timeline->broke_ms >= 0)
		draw_line(canvas, "zero", x_of(canvas, timeline->broke_ms), AXIS_TOP + 8,
			  canvas->bottom);
}

static void draw_deadlines(const struct canvas *canvas)
{
	for (size_t i = 0; i < canvas->timeline->deadline_count; i++) {
		int64_t at_ms = canvas->timeline->deadlines_ms[i];
		int y = AXIS_TOP + 20 + (int)i * 16;
		int x = x_of(canvas, at_ms);

		draw_line(canvas, "dead", x, y + 4, canvas->bottom);
		open_label(canvas, "t-unsure", x, y);
		buf_adds(canvas->html, "deadline ");
		timeline_add_after(canvas->html, canvas->timeline, at_ms);
		buf_adds(canvas->html, "</text>\n");
	}
}

/* Lanes. */

static void draw_name(const struct canvas *canvas, const struct lane *lane, int y)
{
	size_t len = strlen(lane->name);

	buf_addf(canvas->html, "<text class=\"%s\" x=\"8\" y=\"%d\">",
		 lane->look == LANE_HEAD ? "tag t-strong" : "", y);
	html_plain(canvas->html, lane->name, lane->look == LANE_HEAD ? 2 * NAME_MOST : NAME_MOST);
	if (lane->detail != NULL && len + 3 < NAME_MOST) {
		buf_adds(canvas->html, " <tspan class=\"t-soft\">");
		html_plain(canvas->html, lane->detail, NAME_MOST - len - 1);
		buf_adds(canvas->html, "</tspan>");
	}
	buf_adds(canvas->html, "</text>\n");
}

/* Right of its mark, or left of it where there is no room. */
static void draw_note(const struct canvas *canvas, const struct lane *lane, int x, int y)
{
	size_t len = lane->note != NULL ? strlen(lane->note) : 0;
	bool left;

	if (len == 0)
		return;
	if (len > NOTE_MOST)
		len = NOTE_MOST;
	left = x + 12 + (int)len * CHAR_WIDTH > WIDTH;
	buf_addf(canvas->html, "<text class=\"tag t-%s%s\" x=\"%d\" y=\"%d\">",
		 lane->tone == TONE_QUIET ? "soft" : parts_class(lane->tone), left ? " t-end" : "",
		 left ? x - 12 : x + 12, y);
	html_plain(canvas->html, lane->note, NOTE_MOST);
	buf_adds(canvas->html, "</text>\n");
}

static void draw_trail(const struct canvas *canvas, int x, int y)
{
	int from = x_of(canvas, canvas->timeline->broke_ms >= 0 ? canvas->timeline->broke_ms : 0);

	if (x > from)
		buf_addf(canvas->html,
			 "<line class=\"trail\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", from,
			 y, x, y);
}

static void draw_mark(const struct canvas *canvas, const struct lane *lane, int x, int y)
{
	const char *class = parts_class(lane->tone);

	switch (lane->look) {
	case LANE_HAD:
		buf_addf(canvas->html, "<circle class=\"f-%s\" cx=\"%d\" cy=\"%d\" r=\"5\"/>\n",
			 class, x, y);
		break;
	case LANE_LACKED:
		buf_addf(canvas->html, "<path class=\"x %s\" d=\"M%d %dl9 9m0 -9l-9 9\"/>\n", class,
			 x - 4, y - 4);
		break;
	case LANE_HEAD:
	case LANE_SPAN:
	case LANE_UNSURE:
		break;
	}
}

/* What has no moment of its own stands at the fault. */
static void draw_lane(const struct canvas *canvas, const struct lane *lane, int top)
{
	int middle = top + LANE_HEIGHT / 2;
	int64_t unknown_ms = canvas->timeline->broke_ms >= 0 ? canvas->timeline->broke_ms : 0;
	int x = x_of(canvas, lane->to_ms >= 0 ? lane->to_ms : unknown_ms);

	if (lane->look == LANE_SPAN && lane->from_ms >= 0 && lane->to_ms >= lane->from_ms) {
		int from = x_of(canvas, lane->from_ms);

		buf_addf(canvas->html,
			 "<rect class=\"bar-fault\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"12\" "
			 "rx=\"2\"/>\n",
			 from, middle - 6, x - from > 2 ? x - from : 2);
	} else if (lane->look == LANE_HAD || lane->look == LANE_LACKED) {
		if (lane->to_ms >= 0)
			draw_trail(canvas, x, middle);
		if (lane->to_ms >= 0 || lane->look == LANE_LACKED)
			draw_mark(canvas, lane, lane->to_ms >= 0 ? x : x + 14, middle);
		if (lane->to_ms < 0 && lane->look == LANE_LACKED)
			x += 14;
	}
	draw_name(canvas, lane, middle + 4);
	draw_note(canvas, lane, x, middle + 4);
}

static void draw_phases(const struct canvas *canvas, int top)
{
	const struct timeline *timeline = canvas->timeline;

	buf_addf(canvas->html, "<text x=\"8\" y=\"%d\">phases</text>\n", top + 17);
	for (size_t i = 0; i < timeline->phase_count; i++) {
		const struct timeline_phase *phase = &timeline->phases[i];
		int64_t to_ms = i + 1 < timeline->phase_count ? timeline->phases[i + 1].from_ms
							      : timeline->end_ms;
		int from = x_of(canvas, phase->from_ms);
		int width = to_ms > phase->from_ms ? x_of(canvas, to_ms) - from : 0;

		if (width < 1)
			continue;
		buf_addf(canvas->html,
			 "<g><rect class=\"bar-%c\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\"/>"
			 "<title>",
			 i % 2 == 0 ? 'a' : 'b', from, top + 3, width);
		html_plain(canvas->html, phase->name, HTML_WORD);
		buf_adds(canvas->html, "</title>");
		if ((int)strlen(phase->name) * CHAR_WIDTH + 8 < width) {
			buf_addf(canvas->html, "<text class=\"t-soft\" x=\"%d\" y=\"%d\">",
				 from + 6, top + 17);
			html_plain(canvas->html, phase->name, HTML_WORD);
			buf_adds(canvas->html, "</text>");
		}
		buf_adds(canvas->html, "</g>\n");
	}
}

static void open_picture(struct canvas *canvas, int height)
{
	buf_addf(canvas->html,
		 "<div class=\"chart\" tabindex=\"0\" role=\"group\" aria-label=\"Time line\">"
		 "<svg viewBox=\"0 0 %d %d\" role=\"img\" "
		 "aria-labelledby=\"timeline-title timeline-text\">\n"
		 "<title id=\"timeline-title\">Time line of the drill</title>"
		 "<desc id=\"timeline-text\">",
		 WIDTH, height);
	for (size_t i = 0; i < canvas->timeline->lane_count; i++) {
		const struct lane *lane = &canvas->timeline->lanes[i];

		html_plain(canvas->html, lane->name, HTML_WORD);
		buf_adds(canvas->html, ": ");
		html_plain(canvas->html, lane->note, HTML_LINE);
		buf_adds(canvas->html, ". ");
	}
	buf_adds(canvas->html, "The same stands in the list below.</desc>\n");
}

void timeline_draw(struct buf *html, const struct timeline *timeline)
{
	struct canvas canvas = {.html = html, .timeline = timeline};
	int lanes = (int)timeline->lane_count + (timeline->phase_count > 0);

	if (lanes == 0)
		return;
	find_range(&canvas);
	canvas.top = AXIS_TOP + 12 + (int)timeline->deadline_count * 16;
	canvas.bottom = canvas.top + lanes * LANE_HEIGHT + 4;
	open_picture(&canvas, canvas.bottom + 6);
	draw_axis(&canvas);
	draw_deadlines(&canvas);
	if (timeline->phase_count > 0)
		draw_phases(&canvas, canvas.top);
	for (size_t i = 0; i < timeline->lane_count; i++)
		draw_lane(&canvas, &timeline->lanes[i],
			  canvas.top + ((int)i + (timeline->phase_count > 0)) * LANE_HEIGHT);
	buf_adds(html, "</svg></div>\n");
}
