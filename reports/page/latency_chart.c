/* Delivery times of one scenario in one environment, as SVG: what never came is shown at the top edge. */
#include "reports/page/latency_chart.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/page/html.h"
#include "src/base/mem.h"
#include "src/base/percentile.h"
#include "src/calendar/zone.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WIDTH         1000
#define HEIGHT        230
#define LEFT          70
#define RIGHT         880
#define TOP           26
#define BOTTOM        200
#define NEVER_Y       14 /* of what never came */
#define LABEL_HEIGHT  14
#define TICKS         5
#define HOUR_MS       INT64_C(3600000)
#define DAY_MS        INT64_C(86400000)

/* What is drawn, and where. */
struct canvas {
	struct buf *html;
	const struct page_frame *frame;
	const struct page_latency **points; /* owned list; oldest first */
	size_t count;
	int64_t first_wall_ms, last_wall_ms, most_ms;
};

/* The sum. */

static bool is_counted(const struct page_latency *latency, const char *environment)
{
	return strcmp(latency->environment, environment) == 0 &&
	       strcmp(latency->finding, "silent") != 0 &&
	       strcmp(latency->finding, "unexpected") != 0;
}

struct latency_sum latency_sum(const struct page_latency *all, size_t count,
			       const char *environment)
{
	struct latency_sum sum = {.environment = environment, .within_ms = -1};
	int64_t *came_ms = mem_grow(NULL, count + 1, sizeof *came_ms);
	size_t came = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_counted(&all[i], environment))
			continue;
		sum.count++;
		sum.delivered += strcmp(all[i].finding, "delivered") == 0;
		sum.unknown += strcmp(all[i].finding, "unknown") == 0;
		if (all[i].within_ms >= 0)
			sum.within_ms = all[i].within_ms;
		if (all[i].latency_ms >= 0)
			came_ms[came++] = all[i].latency_ms;
	}
	percentile_sort(came_ms, came);
	sum.p50_ms = percentile_of(came_ms, came, 50);
	sum.p99_ms = percentile_of(came_ms, came, 99);
	free(came_ms);
	return sum;
}

/* The plot. */

static void collect(struct canvas *canvas, const struct page_latency *all, size_t count,
		    const struct latency_sum *sum)
{
	size_t skip = sum->count > LATENCY_POINTS ? sum->count - LATENCY_POINTS : 0;
	int64_t most_ms = 1;

	canvas->points = mem_grow(NULL, LATENCY_POINTS + 1, sizeof(struct page_latency *));
	for (size_t i = 0; i < count; i++) {
		if (!is_counted(&all[i], sum->environment))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		canvas->points[canvas->count++] = &all[i];
		if (all[i].latency_ms > most_ms)
			most_ms = all[i].latency_ms;
		if (all[i].within_ms > most_ms)
			most_ms = all[i].within_ms;
	}
	canvas->most_ms = most_ms + most_ms / 12;
	canvas->first_wall_ms = canvas->points[0]->wall_ms;
	canvas->last_wall_ms = canvas->points[canvas->count - 1]->wall_ms;
	if (canvas->last_wall_ms - canvas->first_wall_ms < HOUR_MS) {
		canvas->first_wall_ms -= HOUR_MS / 2;
		canvas->last_wall_ms = canvas->first_wall_ms + HOUR_MS;
	}
}

static int x_of(const struct canvas *canvas, int64_t wall_ms)
{
	return LEFT +
	       (int)((double)(wall_ms - canvas->first_wall_ms) /
		     (double)(canvas->last_wall_ms - canvas->first_wall_ms) * (RIGHT - LEFT));
}

static int y_of(const struct canvas *canvas, int64_t ms)
{
	return BOTTOM - (int)((double)ms / (double)canvas->most_ms * (BOTTOM - TOP));
}

static int64_t step_of(int64_t most_ms)
{
	static const int64_t steps[] = {1,     2,     5,      10,     20,     50,      100,
					200,   500,   1000,   2000,   5000,   10000,   15000,
					30000, 60000, 120000, 300000, 600000, 1800000, 3600000};

	for (size_t i = 0; i < LENGTH(steps); i++) {
		if (most_ms / steps[i] <= TICKS)
			return steps[i];
	}
	return most_ms / TICKS + 1;
}

static void draw_heights(const struct canvas *canvas)
{
	int64_t step_ms = step_of(canvas->most_ms);

	for (int64_t ms = 0; ms <= canvas->most_ms; ms += step_ms) {
		int y = y_of(canvas, ms);

		buf_addf(canvas->html,
			 "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
			 "<text class=\"t-soft t-end\" x=\"%d\" y=\"%d\">",
			 ms == 0 ? "axis" : "g", LEFT, y, RIGHT, y, LEFT - 8, y + 4);
		if (ms == 0)
			buf_adds(canvas->html, "0");
		else
			parts_span(canvas->html, ms);
		buf_adds(canvas->html, "</text>\n");
	}
}

/* "11-21" or "14:03" of "Sat 2026-11-21 14:03". */
static void draw_dates(const struct canvas *canvas)
{
	int64_t range_ms = canvas->last_wall_ms - canvas->first_wall_ms;
	bool days = range_ms > 3 * DAY_MS;

	for (int i = 0; i <= TICKS; i++) {
		int64_t at_ms = canvas->first_wall_ms + range_ms * i / TICKS;
		char text[ZONE_TIME_SIZE];

		zone_format(canvas->frame->zone, at_ms, text);
		buf_addf(
		    canvas->html, "<text class=\"t-soft t-mid\" x=\"%d\" y=\"%d\">%.*s</text>\n",
		    x_of(canvas, at_ms), BOTTOM + 20, days ? 5 : 11, text + strlen("Sat 2026-"));
	}
}

/* The deadline as it was at the time; where none is known the line is broken. */
static void draw_deadline(const struct canvas *canvas)
{
	bool drawing = false;

	buf_adds(canvas->html, "<path class=\"dead\" d=\"");
	for (size_t i = 0; i < canvas->count; i++) {
		const struct page_latency *point = canvas->points[i];
		int x = x_of(canvas, point->wall_ms);

		if (point->within_ms < 0) {
			drawing = false;
			continue;
		}
		if (drawing)
			buf_addf(canvas->html, "H%d", x);
		else
			buf_addf(canvas->html, "M%d %d", x, y_of(canvas, point->within_ms));
		if (drawing && point->within_ms != canvas->points[i - 1]->within_ms)
			buf_addf(canvas->html, "V%d", y_of(canvas, point->within_ms));
		drawing = true;
	}
	if (drawing)
		buf_addf(canvas->html, "H%d", RIGHT);
	buf_adds(canvas->html, "\"/>\n");
}

static void draw_side_label(const struct canvas *canvas, const char *class, int y, const char *text,
			    int64_t ms)
{
	buf_addf(canvas->html, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s ", class, RIGHT + 6, y + 4,
		 text);
	parts_span(canvas->html, ms);
	buf_adds(canvas->html, "</text>\n");
}

/* From the bottom up; each label stands at least its height above the one before. */
static void draw_sides(const struct canvas *canvas, const struct latency_sum *sum)
{
	struct side {
		const char *class, *text;
		int64_t ms;
	} sides[] = {{"t-soft", "p50", sum->p50_ms},
		     {"t-soft", "p99", sum->p99_ms},
		     {"t-unsure", "due", sum->within_ms}};
	int last = BOTTOM + LABEL_HEIGHT;

	if (sum->within_ms >= 0 && sum->within_ms < sum->p50_ms) {
		struct side due = sides[2];

		memmove(&sides[1], &sides[0], 2 * sizeof sides[0]);
		sides[0] = due;
	} else if (sum->within_ms >= 0 && sum->within_ms < sum->p99_ms) {
		struct side due = sides[2];

		sides[2] = sides[1];
		sides[1] = due;
	}
	for (size_t i = 0; i < LENGTH(sides); i++) {
		int y;

		if (sides[i].ms < 0)
			continue;
		y = y_of(canvas, sides[i].ms);
		if (sides[i].text[0] == 'p')
			buf_addf(canvas->html,
				 "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
				 sides[i].text, LEFT, y, RIGHT, y);
		last = y < last - LABEL_HEIGHT ? y : last - LABEL_HEIGHT;
		draw_side_label(canvas, sides[i].class, last, sides[i].text, sides[i].ms);
	}
}

static void draw_shape(const struct canvas *canvas, const struct page_latency *point)
{
	const char *class = parts_class(parts_tone(point->finding));
	int x = x_of(canvas, point->wall_ms);
	int y = point->latency_ms >= 0 ? y_of(canvas, point->latency_ms) : NEVER_Y;

	if (point->latency_ms < 0)
		buf_addf(canvas->html, "<path class=\"x %s\" d=\"M%d %dl9 9m0 -9l-9 9\"/>", class,
			 x - 4, y - 4);
	else if (strcmp(point->finding, "delivered") == 0)
		buf_addf(canvas->html, "<circle class=\"f-%s\" cx=\"%d\" cy=\"%d\" r=\"3.5\"/>",
			 class, x, y);
	else
		buf_addf(canvas->html, "<path class=\"f-%s\" d=\"M%d %dl5 10h-10z\"/>", class, x,
			 y - 6);
}

/* Not reached with the Tab key, as there are hundreds: the list of drills has the same links. */
static void draw_point(const struct canvas *canvas, const struct page_latency *point)
{
	char text[ZONE_TIME_SIZE];

	if (canvas->frame->home != NULL) {
		buf_adds(canvas->html, "<a tabindex=\"-1\" href=\"");
		html_plain(canvas->html, canvas->frame->home, HTML_LINE);
		buf_adds(canvas->html, "drill/");
		html_part(canvas->html, point->drill);
		buf_adds(canvas->html, "\">");
	} else {
		buf_adds(canvas->html, "<g>");
	}
	draw_shape(canvas, point);
	zone_format(canvas->frame->zone, point->wall_ms, text);
	buf_adds(canvas->html, "<title>");
	html_plain(canvas->html, point->alert, HTML_WORD);
	buf_adds(canvas->html, " ");
	html_plain(canvas->html, point->finding, HTML_WORD);
	if (point->latency_ms >= 0) {
		buf_adds(canvas->html, " after ");
		parts_span(canvas->html, point->latency_ms);
	}
	buf_addf(canvas->html, ", %s</title>%s\n", text,
		 canvas->frame->home != NULL ? "</a>" : "</g>");
}

static void open_picture(const struct canvas *canvas, const struct latency_sum *sum)
{
	buf_addf(canvas->html,
		 "<div class=\"chart\" tabindex=\"0\" role=\"group\" aria-label=\"Delivery times\">"
		 "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>Delivery times in ",
		 WIDTH, HEIGHT);
	html_plain(canvas->html, sum->environment, HTML_WORD);
	buf_addf(canvas->html,
		 "</title><desc>%zu of %zu alerts came in time, %zu not known; the numbers "
		 "stand in the table, each drill in the list.</desc>\n",
		 sum->delivered, sum->count - sum->unknown, sum->unknown);
}

void latency_chart(struct buf *html, const struct page_frame *frame, const struct page_latency *all,
		   size_t count, const struct latency_sum *sum)
{
	struct canvas canvas = {.html = html, .frame = frame};

	if (sum->count == 0)
		return;
	collect(&canvas, all, count, sum);
	open_picture(&canvas, sum);
	draw_heights(&canvas);
	draw_dates(&canvas);
	draw_deadline(&canvas);
	draw_sides(&canvas, sum);
	for (size_t i = 0; i < canvas.count; i++)
		draw_point(&canvas, canvas.points[i]);
	buf_adds(html, "</svg></div>\n");
	if (sum->count > canvas.count)
		buf_addf(html, "<p class=\"note\">Drawn are the newest %zu of %zu.</p>\n",
			 canvas.count, sum->count);
	free(canvas.points);
}
