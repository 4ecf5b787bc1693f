/* The coverage page: which rules and receivers were proven, what never was first; and pages that only say
 * something. */
#include <string.h>

#include "reports/coverage.h"
#include "reports/page/html.h"
#include "reports/page/parts.h"

#define ROWS_MOST 1000 /* of each environment */

static const char *state_text(enum coverage_state state)
{
	switch (state) {
	case COVERAGE_NEVER:
		return "never proven";
	case COVERAGE_CANNOT:
		return "cannot fire";
	case COVERAGE_OUTDATED:
		return "long ago";
	case COVERAGE_PROVEN:
		return "proven";
	case COVERAGE_GONE:
		return "gone";
	case COVERAGE_STATE_COUNT:
		break;
	}
	return "";
}

static void add_state(struct buf *html, enum coverage_state state)
{
	const char *name = coverage_state_name(state);

	buf_addf(html, "<span class=\"badge %s\"><i aria-hidden=\"true\">%s</i>%s</span>",
		 parts_class(parts_tone(name)), parts_sign(name), state_text(state));
}

static void add_item(struct buf *html, const struct page_frame *frame,
		     const struct coverage_item *item)
{
	buf_adds(html, "<tr><td>");
	add_state(html, item->state);
	buf_addf(html, "</td><td>%s</td><th scope=\"row\">", coverage_kind_name(item->kind));
	html_text(html, item->name, HTML_WORD);
	if (item->detail != NULL && item->detail[0] != '\0') {
		buf_adds(html, " <small class=\"soft\">");
		html_text(html, item->detail, HTML_LINE);
		buf_adds(html, "</small>");
	}
	buf_adds(html, "</th><td>");
	html_text(html, item->hop, HTML_WORD);
	buf_adds(html, "</td><td class=\"when\" data-at=\"Last proof\">");
	if (item->last_wall_ms > 0)
		parts_age(html, frame, item->last_wall_ms);
	else
		buf_adds(html, "never");
	buf_adds(html, "</td>");
	parts_span_cell(html, "p50", item->p50_ms);
	parts_span_cell(html, "p99", item->p99_ms);
	buf_adds(html, "<td class=\"nowrap\">");
	if (item->last_drill != NULL)
		parts_drill(html, frame, item->last_drill);
	if (item->cannot != NULL)
		html_text(html, item->cannot, HTML_LINE);
	buf_adds(html, "</td></tr>\n");
}

static void add_summaries(struct buf *html, const struct coverage *coverage,
			  const struct coverage_part *part)
{
	struct buf text = {0};

	for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++) {
		if (!part->tells[kind])
			continue;
		coverage_add_summary(&text, coverage, part, (enum coverage_kind)kind);
		buf_adds(html, "<p>");
		html_text(html, buf_text(&text), HTML_LINE);
		buf_adds(html, "</p>\n");
		buf_done(&text);
	}
	for (size_t i = 0; i < part->trouble_count; i++) {
		buf_adds(html, "<p class=\"card unsure\">");
		html_text(html, part->troubles[i].hop, HTML_WORD);
		buf_adds(html, " could not be asked: ");
		html_text(html, part->troubles[i].text, HTML_TEXT);
		buf_adds(html, "</p>\n");
	}
}

static bool tells_nothing(const struct coverage_part *part)
{
	for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++) {
		if (part->tells[kind])
			return false;
	}
	return true;
}

static void add_part(struct buf *html, const struct page_frame *frame,
		     const struct coverage *coverage, const struct coverage_part *part)
{
	buf_adds(html, "<section><h2>");
	html_text(html, part->environment, HTML_WORD);
	buf_adds(html, "</h2>\n");
	if (part->pipeline == NULL)
		buf_adds(html,
			 "<p class=\"soft\">It names no pipeline, so what it has is not known."
			 "</p>\n");
	add_summaries(html, coverage, part);
	if (tells_nothing(part) && part->item_count > 0)
		buf_addf(html,
			 "<p>%zu proven by drills. What was never proven, only its stations know: "
			 "<code>firedrill coverage</code> asks them.</p>\n",
			 part->item_count);
	if (part->item_count == 0) {
		buf_adds(html, "<p class=\"soft\">Nothing was proven here yet.</p></section>\n");
		return;
	}
	buf_adds(html,
		 "<div class=\"scroll\"><table class=\"stack\"><caption>Rules and receivers, those "
		 "that need you first</caption><thead><tr><th scope=\"col\">State</th>"
		 "<th scope=\"col\">Kind</th><th scope=\"col\">Name</th>"
		 "<th scope=\"col\">Station</th><th scope=\"col\">Last proof</th>"
		 "<th scope=\"col\" class=\"right\">p50</th>"
		 "<th scope=\"col\" class=\"right\">p99</th><th scope=\"col\">By</th></tr></thead>"
		 "<tbody>\n");
	for (size_t i = 0; i < part->item_count && i < ROWS_MOST; i++)
		add_item(html, frame, &part->items[i]);
	buf_adds(html, "</tbody></table></div>\n");
	if (part->item_count > ROWS_MOST)
		buf_addf(html, "<p class=\"note\">%zu more are not shown.</p>\n",
			 part->item_count - ROWS_MOST);
	buf_adds(html, "</section>\n");
}

void page_coverage(struct buf *ret_html, const struct page_frame *frame,
		   const struct coverage *coverage)
{
	parts_open(ret_html, frame, "Coverage", PLACE_COVERAGE, false);
	buf_adds(ret_html, "<h1>What was proven</h1>\n<p class=\"lead\">A proof is an alert that a "
			   "drill read in the channel, and that the rule's own alert carried the "
			   "drill's id.</p>\n");
	for (size_t i = 0; i < coverage->part_count; i++)
		add_part(ret_html, frame, coverage, &coverage->parts[i]);
	if (coverage->part_count == 0)
		buf_adds(ret_html, "<p class=\"soft\">There is no environment.</p>\n");
	parts_close(ret_html, frame);
}

void page_message(struct buf *ret_html, const struct page_frame *frame, const char *title,
		  const char *text)
{
	parts_open(ret_html, frame, title, PLACE_ELSEWHERE, false);
	buf_adds(ret_html, "<h1>");
	html_text(ret_html, title, HTML_LINE);
	buf_adds(ret_html, "</h1>\n<p>");
	html_text(ret_html, text, HTML_TEXT);
	buf_adds(ret_html, "</p>\n");
	if (frame->home != NULL) {
		buf_adds(ret_html, "<p><a href=\"");
		html_plain(ret_html, frame->home, HTML_LINE);
		buf_adds(ret_html, "\">To the overview</a></p>\n");
	}
	parts_close(ret_html, frame);
}
