/* Pages for people, as one piece of HTML each: no script, nothing from elsewhere, light and dark, usable
 * on a phone.  Pure: from what is known to a text; everything foreign is escaped. */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

struct coverage;

/* Where links lead. */
struct page_frame {
	const char *home; /* the way to the overview, "/" or "../"; NULL: a file without links */
	const char *zone; /* of the times shown */
	int64_t now_wall_ms;
};

/* The overview: environments across, scenarios down. */
struct page_cell {
	size_t column;       /* of its environment */
	const char *verdict; /* of the last drill; NULL: none yet */
	const char *reason;
	const char *drill;
	int64_t ended_wall_ms;
	int64_t passed_wall_ms; /* the proof; 0: never */
	int64_t next_wall_ms;   /* by schedule; -1: not planned */
	int64_t gap_wall_ms; /* a gap is open since then, whatever the last drill said; 0: none */
	bool running;
};
struct page_row {
	const char *scenario, *summary, *owner; /* owner NULL: nobody */
	const struct page_cell *cells;          /* where it may run, by column */
	size_t cell_count;
};
struct page_overview {
	const char *const *environments;
	const bool *protected_;
	size_t environment_count;
	const struct page_row *rows;
	size_t row_count;
	size_t shown_count;        /* the first of them, in the table; all are counted */
	const char *halted;        /* by whom, why, since when; NULL: not */
	const char *unknown;       /* why nobody knows what is in place; NULL: it is known */
	const char *const *faults; /* what is left in place, each in one sentence; shown first */
	size_t fault_count;
	const char *const *notes; /* what people should know, as that something could not be read */
	size_t note_count;
	const char *const *choices; /* environments that can be looked at alone */
	size_t choice_count;
	const char *chosen; /* the one that is; NULL: all are shown */
	bool only_open;     /* only scenarios that did not pass everywhere are shown */
	const struct page_drill_line {
		const char *drill, *scenario, *environment, *verdict, *text, *origin;
		int64_t ended_wall_ms;
	} * drills; /* the newest first */
	size_t drill_count;
};
void page_overview(struct buf *ret_html, const struct page_frame *frame,
		   const struct page_overview *overview);

/* One drill. report: its line of JSON (reports/json.h); the rest as the history has it. False: the
 * report is not one; the page then shows what is known without it. */
struct page_evidence {
	const char *kind, *source, *text;
	int expect;
	int64_t wall_ms;
};
struct page_drill {
	const char *drill, *scenario, *environment, *verdict, *reason, *origin, *repeats;
	int64_t started_wall_ms, ended_wall_ms;
	const char *report; /* NULL: none is kept */
	const struct page_evidence *evidence;
	size_t evidence_count;
};
bool page_drill(struct buf *ret_html, const struct page_frame *frame,
		const struct page_drill *drill);

/* One scenario: delivery times in each environment, with deadline, p50 and p99. */
struct page_latency {
	const char *environment, *drill, *alert, *channel, *finding;
	int64_t wall_ms, latency_ms, within_ms; /* -1: as in the history */
};
struct page_scenario {
	const char *scenario, *summary, *owner, *runbook; /* NULL: not known any more */
	const struct page_latency *latencies;             /* oldest first */
	size_t latency_count;
	bool left_out; /* there are older ones */
	const struct page_drill_line *drills;
	size_t drill_count;
};
void page_scenario(struct buf *ret_html, const struct page_frame *frame,
		   const struct page_scenario *scenario);

void page_coverage(struct buf *ret_html, const struct page_frame *frame,
		   const struct coverage *coverage);

/* "There is no drill fd-..."; for 404 and its like. */
void page_message(struct buf *ret_html, const struct page_frame *frame, const char *title,
		  const char *text);

#endif
