/* How long the overview takes: a table of 200 scenarios in 6 environments, and a list of 1,000 drills.
 * Prints ms of one page, the median of many, and its bytes, as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "reports/page/page.h"
#include "src/base/mem.h"

#include <time.h>

#define SCENARIOS    200
#define ENVIRONMENTS 6
#define DRILLS       1000
#define PAGES        51
#define NOW          INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

static const char *const names[ENVIRONMENTS] = {"staging", "qa", "canary", "eu", "us", "asia"};
static const bool protected_[ENVIRONMENTS] = {false, false, true, true, true, true};
static const char *const verdicts[] = {"pass", "pass", "pass", "pass", "gap", "inconclusive"};

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void fill(struct page_row *rows, struct page_cell *cells, struct page_drill_line *drills)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		rows[i] = (struct page_row){"orders-bad-queue", "The API publishes to no queue",
					    "payments", &cells[i * ENVIRONMENTS], ENVIRONMENTS};
	for (int64_t i = 0; i < SCENARIOS * ENVIRONMENTS; i++)
		cells[i] = (struct page_cell){.column = (size_t)(i % ENVIRONMENTS),
					      .verdict = verdicts[i % 6],
					      .reason = "",
					      .drill = "fd-k3q9x2m7",
					      .ended_wall_ms = NOW - i * 60000,
					      .passed_wall_ms = NOW - i * 90000,
					      .next_wall_ms = NOW + i * 30000};
	for (int64_t i = 0; i < DRILLS; i++)
		drills[i] = (struct page_drill_line){"fd-k3q9x2m7",
						     "orders-bad-queue",
						     names[i % 6],
						     verdicts[i % 6],
						     "OrdersQueueMissing reached #ops after 41.2 s",
						     "schedule",
						     NOW - i * 60000};
}

/* Seconds of CPU of one page; its size in *ret_bytes. */
static double median(const struct page_frame *frame, const struct page_overview *overview,
		     size_t *ret_bytes)
{
	double times[PAGES];

	for (size_t i = 0; i < PAGES; i++) {
		struct buf html = {0};
		double start = now_ms();

		page_overview(&html, frame, overview);
		times[i] = now_ms() - start;
		*ret_bytes = html.len;
		buf_done(&html);
	}
	qsort(times, PAGES, sizeof times[0], ascending);
	return times[PAGES / 2];
}

int main(int argc, char **argv)
{
	struct page_row *rows = mem_zalloc(SCENARIOS * sizeof *rows);
	struct page_cell *cells = mem_zalloc(SCENARIOS * ENVIRONMENTS * sizeof *cells);
	struct page_drill_line *drills = mem_zalloc(DRILLS * sizeof *drills);
	const struct page_frame frame = {
	    .home = "/", .zone = argc > 1 ? argv[1] : "Europe/Berlin", .now_wall_ms = NOW};
	struct page_overview overview = {.environments = names,
					 .protected_ = protected_,
					 .environment_count = ENVIRONMENTS,
					 .rows = rows,
					 .drills = drills,
					 .drill_count = DRILLS};
	size_t list_bytes, all_bytes;
	double list_ms, all_ms;

	fill(rows, cells, drills);
	list_ms = median(&frame, &overview, &list_bytes);
	overview.row_count = overview.shown_count = SCENARIOS;
	all_ms = median(&frame, &overview, &all_bytes);
	(void)printf("{\"drills\": %d, \"drills_ms\": %.2f, \"drills_bytes\": %zu, "
		     "\"with_table_ms\": %.2f, \"with_table_bytes\": %zu}\n",
		     DRILLS, list_ms, list_bytes, all_ms, all_bytes);
	free(rows);
	free(cells);
	free(drills);
	return 0;
}
