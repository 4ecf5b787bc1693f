/* The time line of a drill as SVG: one lane below the other, so that no two labels ever meet. */
#ifndef REPORTS_PAGE_TIMELINE_H
#define REPORTS_PAGE_TIMELINE_H

#include <stdint.h>

#include "reports/page/parts.h"

#define TIMELINE_LANES     48
#define TIMELINE_PHASES    16
#define TIMELINE_DEADLINES 4

enum lane_look {
	LANE_HEAD, /* a name for the lanes below it */
	LANE_SPAN, /* from one moment to another */
	LANE_HAD,  /* it was there from `to_ms` on */
	LANE_LACKED,
	LANE_UNSURE
};

/* Times are counted from the start of the drill; -1: not known. Texts are borrowed and foreign but for
 * note, which is owned. */
struct lane {
	enum lane_look look;
	enum tone tone;
	const char *name, *detail; /* detail NULL: none */
	char *note;                /* beside its mark */
	int64_t from_ms, to_ms;
};

struct timeline {
	int64_t broke_ms; /* when the fault was in place; -1: never, or not known */
	int64_t end_ms;   /* of the drill; -1 */
	struct timeline_phase {
		const char *name;
		int64_t from_ms;
	} phases[TIMELINE_PHASES];
	size_t phase_count;
	int64_t deadlines_ms[TIMELINE_DEADLINES]; /* each another one */
	size_t deadline_count;
	struct lane lanes[TIMELINE_LANES];
	size_t lane_count;
	size_t left_out; /* lanes for which there was no room */
};

/* NULL when there is no room: then it is counted. note is taken over. */
struct lane *timeline_add(struct timeline *timeline, enum lane_look look, const char *name,
			  char *note);
void timeline_add_deadline(struct timeline *timeline, int64_t at_ms);
void timeline_done(struct timeline *timeline);

/* The picture; nothing when nothing is known. */
void timeline_draw(struct buf *html, const struct timeline *timeline);
/* The same as a table. started_wall_ms: of the drill. */
void timeline_list(struct buf *html, const struct page_frame *frame,
		   const struct timeline *timeline, int64_t started_wall_ms);

/* A time after the fault (before it: with a minus), or after the start when there was none. */
void timeline_add_after(struct buf *html, const struct timeline *timeline, int64_t at_ms);

#endif
