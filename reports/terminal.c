/* The live view in a terminal: what is drawn, when, and in one write. */
#include "reports/terminal.h"

#include <event2/event.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reports/live.h"
#include "reports/outcome.h"
#include "reports/outlet.h"
#include "reports/result.h"
#include "reports/row.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define REDRAW_MS       250
#define PENDING_MAX     (1 << 20) /* bytes */
#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT    24

/* A drill that is shown. */
struct shown {
	const struct drill_record *record; /* borrowed until terminal_finish */
	size_t phases;                     /* told of so far: all before this one */
};

struct terminal {
	FILE *out; /* borrowed */
	struct terminal_options options;
	struct event *timer; /* owned; NULL without `live` */
	struct shown *list;  /* owned */
	size_t count;
	char *frame;    /* owned; what stands on the screen; NULL: nothing */
	size_t *widths; /* owned; columns of its lines */
	size_t width_count;
	struct outlet *outlet;        /* owned */
	size_t counts[VERDICT_COUNT]; /* drills that are over */
	size_t faults_left;
};

/* Out it goes. */

static void put(struct terminal *terminal, const struct buf *text)
{
	outlet_add(terminal->outlet, buf_text(text), text->len);
}

static bool is_stuck(struct terminal *terminal)
{
	return !outlet_flush(terminal->outlet);
}

static struct view view_of(const struct terminal *terminal)
{
	int columns = terminal->options.columns;

	if (columns <= 0)
		columns = terminal->options.live ? COLUMNS_DEFAULT : 0;
	return (struct view){.colour = terminal->options.colour,
			     .ascii = terminal->options.ascii,
			     .columns = (size_t)columns};
}

static void measure(FILE *out, struct terminal_options *options)
{
	struct winsize size = {0};

	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return;
	options->columns = size.ws_col;
	options->rows = size.ws_row;
}

/* Frames. */

/* Adds the way from below the last frame back to its first line. Where the window became narrower
 * its lines take more rows than they were drawn in. */
static void add_way_back(struct buf *buf, const struct terminal *terminal)
{
	size_t columns = view_of(terminal).columns, rows = 0;

	for (size_t i = 0; i < terminal->width_count; i++)
		rows += terminal->widths[i] > columns
			    ? (terminal->widths[i] + columns - 1) / columns
			    : 1;
	buf_adds(buf, "\r");
	if (rows > 0)
		buf_addf(buf, "\033[%zuA", rows);
}

static void draw_blocks(struct terminal *terminal, struct buf *buf)
{
	struct view view = view_of(terminal);
	size_t rows = terminal->options.rows > 0 ? (size_t)terminal->options.rows : ROWS_DEFAULT;
	size_t count = terminal->count;
	int64_t now_ms = clock_ms();

	if (count * LIVE_ROWS >= rows) /* the last row is the cursor's, the one before for "more" */
		count = rows > 2 ? (rows - 2) / LIVE_ROWS : 0;
	terminal->widths =
	    mem_grow(terminal->widths, count * LIVE_ROWS + 1, sizeof *terminal->widths);
	for (size_t i = 0; i < count; i++)
		live_block(buf, &view, terminal->list[i].record, now_ms,
			   terminal->widths + i * LIVE_ROWS);
	terminal->width_count = count * LIVE_ROWS;
	if (count < terminal->count) {
		struct row row = row_start(buf, &view, view.columns > 1 ? view.columns - 1 : 1);
		struct buf text = {0};

		buf_addf(&text, "and %zu more", terminal->count - count);
		row_take(&row, INK_DIM, &text);
		buf_adds(buf, "\033[K\n");
		terminal->widths[terminal->width_count++] = row.used;
	}
}

/* Draws all running drills in place of the last frame, above them what is to stay. */
static void draw(struct terminal *terminal, const struct buf *stays)
{
	struct buf text = {0}, frame = {0};
	int columns = terminal->options.columns;
	bool same;

	if (stays == NULL && is_stuck(terminal))
		return;
	measure(terminal->out, &terminal->options);
	if (terminal->frame != NULL)
		add_way_back(&text, terminal);
	if (stays != NULL) {
		buf_adds(&text, "\033[J");
		buf_add(&text, buf_text(stays), stays->len);
	}
	draw_blocks(terminal, &frame);
	buf_adds(&frame, "\033[J");
	same = stays == NULL && terminal->frame != NULL && columns == terminal->options.columns &&
	       strcmp(terminal->frame, frame.data) == 0;
	if (!same) {
		buf_add(&text, frame.data, frame.len);
		put(terminal, &text);
	}
	buf_done(&text);
	free(terminal->frame);
	terminal->frame = buf_take(&frame);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	draw(arg, NULL);
}

/* Plain lines. */

static void print_phases(struct terminal *terminal, struct shown *shown)
{
	const struct drill_record *record = shown->record;
	struct view view = view_of(terminal);
	struct buf text = {0};

	for (; shown->phases <= record->phase && shown->phases < PHASE_DONE; shown->phases++) {
		if (record->phase_ms[shown->phases] != TIME_NEVER)
			live_phase(&text, &view, record, (enum phase)shown->phases);
	}
	put(terminal, &text);
	buf_done(&text);
}

/* Which drills are shown. */

static struct shown *find(struct terminal *terminal, const struct drill_record *record)
{
	for (size_t i = 0; i < terminal->count; i++) {
		if (terminal->list[i].record == record)
			return &terminal->list[i];
	}
	return NULL;
}

static struct shown *find_or_add(struct terminal *terminal, const struct drill_record *record)
{
	struct timeval every = {.tv_usec = REDRAW_MS * 1000};
	struct shown *shown = find(terminal, record);

	if (shown != NULL)
		return shown;
	terminal->list = mem_grow(terminal->list, terminal->count + 1, sizeof *terminal->list);
	shown = &terminal->list[terminal->count++];
	*shown = (struct shown){.record = record};
	if (terminal->timer != NULL && terminal->count == 1)
		(void)event_add(terminal->timer, &every);
	return shown;
}

static void forget(struct terminal *terminal, const struct drill_record *record)
{
	struct shown *shown = find(terminal, record);

	if (shown == NULL)
		return;
	memmove(shown, shown + 1,
		(size_t)(terminal->list + terminal->count - (shown + 1)) * sizeof *shown);
	terminal->count--;
	if (terminal->timer != NULL && terminal->count == 0)
		(void)event_del(terminal->timer);
}

/* Public. */

struct terminal_options terminal_options_for(FILE *out)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	bool can_move = isatty(fileno(out)) == 1 && term != NULL && term[0] != '\0' &&
			strcmp(term, "dumb") != 0;
	struct terminal_options options = {
	    .live = can_move,
	    .colour = can_move && (no_colour == NULL || no_colour[0] == '\0'),
	    .ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};

	measure(out, &options);
	return options;
}

struct view terminal_view_for(FILE *out)
{
	struct terminal_options options = terminal_options_for(out);

	return (struct view){.colour = options.colour,
			     .ascii = options.ascii,
			     .columns = options.columns > 0 ? (size_t)options.columns : 0};
}

struct terminal *terminal_new(struct event_base *base, FILE *out, struct terminal_options options)
{
	struct terminal *terminal = mem_zalloc(sizeof *terminal);

	terminal->out = out;
	terminal->options = options;
	terminal->outlet = outlet_new(out, PENDING_MAX);
	if (options.live)
		terminal->timer = event_new(base, -1, EV_PERSIST, on_timer, terminal);
	return terminal;
}

void terminal_free(struct terminal *terminal)
{
	if (terminal == NULL)
		return;
	if (terminal->timer != NULL)
		event_free(terminal->timer);
	outlet_finish(terminal->outlet);
	outlet_free(terminal->outlet);
	free(terminal->list);
	free(terminal->frame);
	free(terminal->widths);
	free(terminal);
}

void terminal_resize(struct terminal *terminal, int columns, int rows)
{
	terminal->options.columns = columns;
	terminal->options.rows = rows;
	if (terminal->frame != NULL)
		terminal->frame[0] = '\0'; /* the same lines may stand elsewhere now */
}

bool terminal_drain(struct terminal *terminal)
{
	return outlet_drain(terminal->outlet);
}

void terminal_drop(struct terminal *terminal)
{
	outlet_drop(terminal->outlet);
}

void terminal_show(struct terminal *terminal, const struct drill_record *record)
{
	struct shown *shown = find_or_add(terminal, record);

	if (!terminal->options.live) {
		print_phases(terminal, shown);
	} else if (shown->phases <= record->phase) { /* the rest can wait for the timer */
		shown->phases = (size_t)record->phase + 1;
		draw(terminal, NULL);
	}
}

void terminal_finish(struct terminal *terminal, const struct drill_record *record)
{
	struct view view = view_of(terminal);
	struct buf text = {0};

	if (!terminal->options.live)
		print_phases(terminal, find_or_add(terminal, record));
	forget(terminal, record);
	result_block(&text, &view, record);
	if (terminal->options.live)
		draw(terminal, &text);
	else
		put(terminal, &text);
	buf_done(&text);
	terminal->counts[record->judgement.verdict]++;
	terminal->faults_left += outcome_is_fault_left(record);
}

void terminal_note(struct terminal *terminal, const char *text)
{
	struct view view = view_of(terminal);
	struct buf note = {0};
	struct row row = row_start(&note, &view, 0);

	row_paragraph(&row, 2, INK_NONE, text);
	if (terminal->options.live)
		draw(terminal, &note);
	else
		put(terminal, &note);
	buf_done(&note);
}

void terminal_summary(struct terminal *terminal)
{
	struct view view = view_of(terminal);
	struct buf text = {0};

	result_summary(&text, &view, terminal->counts, terminal->faults_left);
	put(terminal, &text);
	buf_done(&text);
}
