/* Answers what a browser asks of the daemon: "/", "/drill/ID", "/scenario/NAME", "/coverage".  Reads the
 * history, the ledger, the configuration and the plan anew for each page, within milliseconds. */
#ifndef PROGRAM_PAGES_H
#define PROGRAM_PAGES_H

#include <stdbool.h>

#include "src/program/app.h"
#include "src/program/serve/web.h"

struct history;
struct history_drill;
struct page_frame;
struct pages;

/* All borrowed; the app is open, with its ledger and locks. history NULL: it cannot be read, and the
 * pages say so. next_wall_ms: by schedule, as planner_next; NULL: nothing is planned. is_running NULL:
 * nothing runs. unwritten NULL: nobody knows. */
struct pages_sources {
	struct app *app;
	struct history *history;
	int64_t (*next_wall_ms)(void *arg, const char *scenario, const char *environment);
	bool (*is_running)(void *arg, const char *scenario, const char *environment);
	const char *(*unwritten)(
	    void *arg); /* why newer drills are not in the history; NULL: they are */
	void *arg;
};

struct pages *pages_new(const struct pages_sources *sources); /* copied */
void pages_free(struct pages *pages);                         /* NULL is fine */
/* After the configuration was read anew. */
void pages_set(struct pages *pages, const struct pages_sources *sources);

/* Sets status and body; 404 with a page that says so when there is no such page. */
void pages_answer(struct pages *pages, const struct web_ask *ask, struct web_answer *ret_answer);

/* The page of a drill of the history, as visited by history_find_drill; for `report --html`, too. False:
 * its report is damaged, or was not kept; the page says so. */
bool pages_write_drill(struct buf *ret_html, const struct page_frame *frame,
		       const struct history_drill *drill);

#endif
