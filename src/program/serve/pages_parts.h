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

/* The table of the overview: rows in the order of the configuration, cells only where a scenario may
 * run, without what became of it: a visitor of the history puts that in, as copies. */
struct pages_table {
	const char **names; /* of the environments; owned list */
	bool *protected_;   /* owned */
	size_t environment_count;
	struct page_row *rows; /* owned */
	size_t row_count;
	struct page_cell
	    *cells; /* owned, verdict, reason and drill too; all rows', one behind the other */
	size_t cell_count;
	size_t *sorted; /* owned: the rows by name, until they are put into another order */
};
/* environment NULL: all of them. Names are borrowed from the configuration. */
void pages_table_fill(struct pages_table *ret_table, const struct pages_sources *sources,
		      const char *environment);
/* NULL: the scenario may not run there, or is not there any more. Not after pages_table_needs_first. */
struct page_cell *pages_table_cell(struct pages_table *table, const char *scenario,
				   const char *environment);
/* Rows whose last drill did not pass somewhere come first. Returns how many they are. */
size_t pages_table_needs_first(struct pages_table *table);
void pages_table_done(struct pages_table *table);

/* Lines of drills, copied out of the history. */
struct pages_lines {
	struct page_drill_line *list; /* owned, texts too */
	size_t count;
};
bool pages_read_lines(struct history *history, const char *scenario, const char *environment,
		      size_t most, struct pages_lines *ret_lines, struct error *error);
void pages_lines_done(struct pages_lines *lines);

#endif
