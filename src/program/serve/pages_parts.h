/* Gathers what each of the daemon's pages shows. */
#ifndef PROGRAM_PAGES_PARTS_H
#define PROGRAM_PAGES_PARTS_H

#include "reports/page/page.h"
#include "src/base/error.h"
#include "src/program/serve/pages.h"

/* Shown with what cannot be read said on it. environment NULL: all of them; only_open: no scenario whose
 * last drills all passed. */
void pages_write_overview(struct buf *ret_html, const struct page_frame *frame,
			  const struct pages_sources *sources, const char *environment,
			  bool only_open);
/* False: the history cannot be read. ret_found: something is known of it. */
MUST_CHECK bool pages_write_scenario(struct buf *ret_html, const struct page_frame *frame,
				     const struct pages_sources *sources, const char *name,
				     bool *ret_found, struct error *error);
MUST_CHECK bool pages_write_coverage(struct buf *ret_html, const struct page_frame *frame,
				     const struct pages_sources *sources, struct error *error);

/* Lines of drills, copied out of the history. */
struct pages_lines {
	struct page_drill_line *list; /* owned, texts too */
	size_t count;
};
bool pages_read_lines(struct history *history, const char *scenario, const char *environment,
		      size_t most, struct pages_lines *ret_lines, struct error *error);
void pages_lines_done(struct pages_lines *lines);

#endif
