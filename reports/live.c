/* A running drill as text for a terminal. */
#include "reports/live.h"

#include <inttypes.h>
#include <string.h>

#include "reports/outcome.h"
#include "reports/phrases.h"

#define BAR_COLUMNS     24
#define BAR_FROM        60 /* narrower windows have no bar */
#define TENTHS_BELOW_MS 10000

static enum mark mark_of(const struct drill_record *record, size_t phase)
{
	if (phase == record->phase)
		return MARK_HERE;
	if (phase > record->phase)
		return MARK_AHEAD;
	return record->phase_ms[phase] != TIME_NEVER ? MARK_GOOD : MARK_SKIPPED;
}

static size_t phase_columns(size_t phase)
{
	return strlen(phase_name((enum phase)phase)) + 3; /* space, mark, space */
}

/* The phases around the present one that fit in `columns`, with an ellipsis at each cut end. */
static void find_phases(size_t here, size_t columns, size_t *ret_first, size_t *ret_last)
{
	size_t first = here, last = here, used = phase_columns(here) + 4;
	bool grew = true;

	while (grew) {
		grew = false;
		if (last + 1 < PHASE_DONE && used + phase_columns(last + 1) <= columns) {
			used += phase_columns(++last);
			grew = true;
		}
		if (first > 0 && used + phase_columns(first - 1) <= columns) {
			used += phase_columns(--first);
			grew = true;
		}
	}
	*ret_first = first;
	*ret_last = last;
}

static void add_phases(struct row *row, const struct drill_record *record)
{
	size_t first = 0, last = PHASE_DONE - 1;
	size_t here = record->phase < PHASE_DONE ? record->phase : PHASE_DONE - 1;

	if (row->limit > 0)
		find_phases(here, row->limit - row->used, &first, &last);
	if (first > 0) {
		row_add(row, INK_DIM, "\xe2\x80\xa6");
		row_space(row, 1);
	}
	for (size_t i = first; i <= last; i++) {
		enum mark mark = mark_of(record, i);

		row_add(row, mark == MARK_HERE ? INK_BOLD : INK_DIM, phase_name((enum phase)i));
		row_space(row, 1);
		row_mark(row, mark);
		row_space(row, i < last);
	}
	if (last < PHASE_DONE - 1) {
		row_space(row, 1);
		row_add(row, INK_DIM, "\xe2\x80\xa6");
	}
}

static void add_bar(struct row *row, int64_t elapsed_ms, int64_t total_ms)
{
	size_t filled = total_ms > 0 ? (size_t)(elapsed_ms * BAR_COLUMNS / total_ms) : BAR_COLUMNS;
	struct buf text = {0};

	if (filled > BAR_COLUMNS)
		filled = BAR_COLUMNS;
	for (size_t i = 0; i < filled; i++)
		buf_adds(&text, row->view->ascii ? "#" : "\xe2\x94\x81"); /* heavy line */
	row_take(row, INK_CYAN, &text);
	for (size_t i = filled; i < BAR_COLUMNS; i++)
		buf_adds(&text, row->view->ascii ? "-" : "\xe2\x94\x80"); /* light line */
	row_take(row, INK_DIM, &text);
	row_space(row, 2);
}

/* "12 s", or "1.2 s" where that matters: a text that changes no faster than can be read. */
static void add_clock(struct buf *buf, int64_t ms, bool tenths)
{
	if (tenths)
		buf_addf(buf, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
	else if (ms < 1000)
		buf_adds(buf, "0 s");
	else
		phrase_span(buf, ms / 1000 * 1000);
}

/* From when the present deadline counts. */
static int64_t wait_start(const struct drill_record *record)
{
	if (record->phase == PHASE_WATCH && record->evidence.injected_ms != TIME_NEVER)
		return record->evidence.injected_ms;
	if (record->phase_ms[record->phase] != TIME_NEVER)
		return record->phase_ms[record->phase];
	return record->started_ms;
}

static void add_elapsed(struct row *row, const struct drill_record *record, int64_t now_ms)
{
	int64_t from_ms = wait_start(record), elapsed_ms = now_ms > from_ms ? now_ms - from_ms : 0;
	int64_t total_ms = record->deadline_ms - from_ms;
	bool has_deadline = record->deadline_ms != TIME_NEVER && total_ms > 0;
	bool tenths = (has_deadline ? total_ms : elapsed_ms) < TENTHS_BELOW_MS;
	struct buf text = {0};

	if (has_deadline && (row->limit == 0 || row->limit >= BAR_FROM))
		add_bar(row, elapsed_ms, total_ms);
	add_clock(&text, elapsed_ms, tenths);
	if (has_deadline) {
		buf_adds(&text, " of ");
		add_clock(&text, total_ms, tenths);
	}
	row_take(row, INK_NONE, &text);
}

static bool is_seen(const struct drill_record *record, const struct expectation_evidence *expect)
{
	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (!sighting->resolved && sighting->channel == NULL &&
		    sighting->read_ms >= record->evidence.inject_started_ms)
			return true;
	}
	return false;
}

/* The first alert that is still waited for, by name. */
static void add_waiting(struct buf *text, const struct drill_record *record)
{
	size_t seen = 0, wanted = 0;
	const struct expectation *next = NULL;

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		const struct expectation_evidence *expect = &record->evidence.expect[i];

		if (expect->expect->never)
			continue;
		wanted++;
		if (is_seen(record, expect))
			seen++;
		else if (next == NULL)
			next = expect->expect;
	}
	if (next == NULL) {
		buf_adds(text, wanted > 0 ? "alert seen; " : "");
		buf_adds(text, "reading on until the deadline");
		return;
	}
	buf_adds(text, "waiting for ");
	phrase_text(text, next->alert, PHRASE_NAME);
	buf_adds(text, " in ");
	phrase_channel(text, next->channel);
	if (wanted > 1)
		buf_addf(text, " (%zu of %zu seen)", seen, wanted);
}

/* A fault that may still be there is the first thing on the line, others come last. */
static void add_title(struct row *row, const struct drill_record *record)
{
	bool left = outcome_is_fault_left(record);

	if (left) {
		row_add(row, INK_RED, "FAULT NOT CONFIRMED REVERTED");
		row_space(row, 2);
	}
	row_add(row, INK_BOLD, record->scenario->name);
	row_space(row, 2);
	row_add(row, INK_NONE, record->environment->name);
	row_space(row, 2);
	row_add(row, INK_DIM, record->id);
	if (left || !record->evidence.inject_tried || record->scenario->fault.kind == KIND_NONE)
		return;
	row_space(row, 2);
	if (record->evidence.fault_state == FAULT_CLEAN)
		row_add(row, INK_GREEN, "fault reverted");
	else
		row_add(row, INK_YELLOW, "fault in place");
}

static size_t finish_row(struct row *row)
{
	buf_adds(row->buf, "\033[K\n"); /* ECMA-48, erase in line */
	return row->used;
}

void live_block(struct buf *buf, const struct view *view, const struct drill_record *record,
		int64_t now_ms, size_t ret_widths[LIVE_ROWS])
{
	/* The last column stays free: writing there would leave the cursor undecided. */
	size_t limit = view->columns > 1 ? view->columns - 1 : 1;
	struct row row = row_start(buf, view, limit);
	struct buf text = {0};

	add_title(&row, record);
	ret_widths[0] = finish_row(&row);

	row = row_start(buf, view, limit);
	row_space(&row, 2);
	add_phases(&row, record);
	ret_widths[1] = finish_row(&row);

	row = row_start(buf, view, limit);
	row_space(&row, 2);
	add_elapsed(&row, record, now_ms);
	row_space(&row, 2);
	if (record->phase == PHASE_WATCH)
		add_waiting(&text, record);
	else
		buf_adds(&text, phrase_phase(record->phase));
	row_take(&row, INK_NONE, &text);
	ret_widths[2] = finish_row(&row);
}

void live_phase(struct buf *buf, const struct view *view, const struct drill_record *record,
		enum phase phase)
{
	struct row row = row_start(buf, view, 0);
	struct buf text = {0};

	buf_addf(&text, "%s %s %s %s ", record->scenario->name, record->environment->name,
		 record->id, phase_name(phase));
	add_clock(&text, record->phase_ms[phase] - record->started_ms, true);
	row_take(&row, INK_NONE, &text);
	buf_adds(buf, "\n");
}
