/* The page of one scenario: how fast its alerts came, in each environment, and its drills. */
#include <string.h>

#include "reports/page/html.h"
#include "reports/page/latency_chart.h"
#include "reports/page/parts.h"

#define ENVIRONMENTS_MOST 32

static size_t list_environments(const struct page_scenario *scenario,
				const char *list[ENVIRONMENTS_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < scenario->latency_count; i++) {
		const char *name = scenario->latencies[i].environment;
		bool known = false;

		for (size_t j = 0; j < count && !known; j++)
			known = strcmp(list[j], name) == 0;
		if (!known && count < ENVIRONMENTS_MOST)
			list[count++] = name;
	}
	return count;
}

static void add_sums(struct buf *html, const struct latency_sum *sums, size_t count)
{
	buf_adds(html, "<div class=\"scroll\"><table class=\"stack\"><thead><tr>"
		       "<th scope=\"col\">Environment</th>"
		       "<th scope=\"col\" class=\"right\">In time</th>"
		       "<th scope=\"col\" class=\"right\">p50</th>"
		       "<th scope=\"col\" class=\"right\">p99</th>"
		       "<th scope=\"col\" class=\"right\">Deadline</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++) {
		buf_adds(html, "<tr><th scope=\"row\">");
		html_text(html, sums[i].environment, HTML_WORD);
		buf_addf(html, "</th><td class=\"right\" data-at=\"In time\">%zu of %zu",
			 sums[i].delivered, sums[i].count - sums[i].unknown);
		if (sums[i].unknown > 0)
			buf_addf(html, ", %zu not known", sums[i].unknown);
		buf_adds(html, "</td>");
		parts_span_cell(html, "p50", sums[i].p50_ms);
		parts_span_cell(html, "p99", sums[i].p99_ms);
		parts_span_cell(html, "Deadline", sums[i].within_ms);
		buf_adds(html, "</tr>\n");
	}
	buf_adds(html, "</tbody></table></div>\n");
}

static void add_key(struct buf *html)
{
	buf_adds(html, "<p class=\"key\"><span>\xe2\x97\x8f delivered</span>"
		       "<span>\xe2\x96\xb2 late, or not as expected</span>"
		       "<span>\xe2\x9c\x95 at the top: never came, or not known</span>"
		       "<span>- - deadline</span><span>p50, p99: of all that came</span></p>\n");
}

static void add_latencies(struct buf *html, const struct page_frame *frame,
			  const struct page_scenario *scenario)
{
	const char *names[ENVIRONMENTS_MOST];
	struct latency_sum sums[ENVIRONMENTS_MOST];
	size_t count = list_environments(scenario, names);

	buf_adds(html, "<h2>How fast its alerts came</h2>\n");
	if (count == 0) {
		buf_adds(html, "<p class=\"soft\">No drill of it is remembered.</p>\n");
		return;
	}
	for (size_t i = 0; i < count; i++)
		sums[i] = latency_sum(scenario->latencies, scenario->latency_count, names[i]);
	add_sums(html, sums, count);
	if (scenario->left_out)
		buf_adds(html, "<p class=\"note\">Of the newest only: there are more.</p>\n");
	for (size_t i = 0; i < count; i++) {
		if (sums[i].count == 0)
			continue;
		buf_adds(html, "<h3>");
		html_text(html, names[i], HTML_WORD);
		buf_adds(html, "</h3>\n");
		latency_chart(html, frame, scenario->latencies, scenario->latency_count, &sums[i]);
	}
	add_key(html);
}

void page_scenario(struct buf *ret_html, const struct page_frame *frame,
		   const struct page_scenario *scenario)
{
	parts_open(ret_html, frame, scenario->scenario, PLACE_ELSEWHERE, false);
	buf_adds(ret_html, "<h1>");
	html_text(ret_html, scenario->scenario, HTML_WORD);
	buf_adds(ret_html, "</h1>\n<p class=\"lead\">");
	if (scenario->summary != NULL)
		html_text(ret_html, scenario->summary, HTML_LINE);
	else
		buf_adds(ret_html, "This scenario is not in the configuration any more.");
	if (scenario->owner != NULL) {
		buf_adds(ret_html, " \xc2\xb7 ");
		html_text(ret_html, scenario->owner, HTML_WORD);
	}
	if (scenario->runbook != NULL) {
		buf_adds(ret_html, " \xc2\xb7 ");
		if (html_link(ret_html, scenario->runbook))
			buf_adds(ret_html, "runbook</a>");
		else
			html_text(ret_html, scenario->runbook, HTML_LINE);
	}
	buf_adds(ret_html, "</p>\n");
	add_latencies(ret_html, frame, scenario);
	buf_adds(ret_html, "<h2>Its drills</h2>\n");
	parts_drills(ret_html, frame, scenario->drills, scenario->drill_count, false);
	parts_close(ret_html, frame);
}
