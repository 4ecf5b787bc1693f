/* Delivery times of one scenario in one environment, as SVG, and in numbers. */
#ifndef REPORTS_PAGE_LATENCY_CHART_H
#define REPORTS_PAGE_LATENCY_CHART_H

#include "reports/page/parts.h"

#define LATENCY_POINTS 400 /* drawn in one chart, the newest */

/* Of an environment. Alerts that must never come have no delivery time and do not count. */
struct latency_sum {
	const char *environment; /* borrowed */
	size_t count;            /* that were expected */
	size_t delivered;        /* that came in time */
	size_t unknown;          /* of which nobody knows, as their drill proved nothing */
	int64_t p50_ms, p99_ms;  /* of all that came; -1: none did */
	int64_t within_ms;       /* the last deadline; -1 */
};

/* all: of all environments, oldest first. */
struct latency_sum latency_sum(const struct page_latency *all, size_t count,
			       const char *environment);
void latency_chart(struct buf *html, const struct page_frame *frame, const struct page_latency *all,
		   size_t count, const struct latency_sum *sum);

#endif
