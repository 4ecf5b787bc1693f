/* What all pages are made of: their frame, their style, verdicts, times and links. */
#ifndef REPORTS_PAGE_PARTS_H
#define REPORTS_PAGE_PARTS_H

#include "reports/page/page.h"

enum parts_place { PLACE_OVERVIEW, PLACE_COVERAGE, PLACE_ELSEWHERE };

/* Everything up to and with <main>; title is foreign. refresh: the page asks for itself again. */
void parts_open(struct buf *html, const struct page_frame *frame, const char *title,
		enum parts_place place, bool refresh);
void parts_close(struct buf *html, const struct page_frame *frame);

/* How a verdict, a finding or a state looks. */
enum tone { TONE_GOOD, TONE_BAD, TONE_UNSURE, TONE_QUIET };
enum tone parts_tone(const char *word);   /* of a verdict or finding; TONE_QUIET for any other */
const char *parts_class(enum tone tone);  /* static; the CSS class */
const char *parts_sign(const char *word); /* static; a sign that tells it without colour */
/* The word with its sign and colour. */
void parts_badge(struct buf *html, const char *word);

/* <a href="/drill/ID">ID</a>, or the id alone in a file on its own. */
void parts_drill(struct buf *html, const struct page_frame *frame, const char *drill);
void parts_scenario(struct buf *html, const struct page_frame *frame, const char *scenario);

/* A moment in the frame's zone: "Sat 2026-11-21 14:03", or "14:03:07.123", with its exact time as
 * <time datetime>. */
void parts_time(struct buf *html, const struct page_frame *frame, int64_t wall_ms);
void parts_clock(struct buf *html, const struct page_frame *frame, int64_t wall_ms);
/* "3 h ago", "in 12 min", "due", with the moment in its title. */
void parts_age(struct buf *html, const struct page_frame *frame, int64_t wall_ms);
void parts_ahead(struct buf *html, const struct page_frame *frame, int64_t wall_ms);
/* "850 ms", "2.1 s", "4 min 10 s". */
void parts_span(struct buf *html, int64_t ms);
/* A cell of a table with it, or with a dash for -1; at: what it is, for narrow screens. */
void parts_span_cell(struct buf *html, const char *at, int64_t ms);

/* A table of drills, the newest first. */
void parts_drills(struct buf *html, const struct page_frame *frame,
		  const struct page_drill_line *drills, size_t count, bool with_scenario);

#endif
