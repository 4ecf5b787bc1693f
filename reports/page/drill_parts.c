/* The tables and boxes of a drill's page. */
#include "reports/page/drill_parts.h"

#include <string.h>

#include "reports/page/fields.h"
#include "reports/page/html.h"
#include "reports/page/story.h"

#define ROWS_MOST     500 /* of each table */
#define EVIDENCE_MOST 200 /* pieces shown */
#define GLIMPSE       90  /* characters of a piece that is folded */

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "\xe2\x80\x94";
}

/* Expectations. */

static void add_message_link(struct buf *html, const char *permalink, const char *text)
{
	if (!html_link(html, permalink))
		return;
	buf_adds(html, text);
	buf_adds(html, "</a> ");
}

static void add_resolved(struct buf *html, const cJSON *expect)
{
	const cJSON *resolved = field_object(expect, "resolved");

	buf_adds(html, "<td data-at=\"Resolved\">");
	if (resolved == NULL) {
		buf_adds(html, "\xe2\x80\x94</td>");
		return;
	}
	parts_badge(html, or_dash(field_text(resolved, "verdict")));
	if (field_ms(resolved, "latency_ms") >= 0) {
		buf_adds(html, " <span class=\"nowrap\">after ");
		parts_span(html, field_ms(resolved, "latency_ms"));
		buf_adds(html, "</span>");
	}
	if (field_text(resolved, "text") != NULL) {
		buf_adds(html, " ");
		html_text(html, field_text(resolved, "text"), HTML_LINE);
	}
	buf_adds(html, "</td>");
}

static void add_expectation(struct buf *html, const cJSON *expect)
{
	buf_adds(html, "<tr><td>");
	parts_badge(html, or_dash(field_text(expect, "verdict")));
	buf_adds(html, "</td><th scope=\"row\">");
	html_text(html, or_dash(field_text(expect, "alert")), HTML_WORD);
	buf_adds(html, "</th><td>");
	html_text(html, or_dash(field_text(expect, "channel")), HTML_WORD);
	buf_adds(html, "</td><td>");
	html_text(html, field_text(expect, "text"), HTML_TEXT);
	buf_adds(html, "</td>");
	parts_span_cell(html, "Came after", field_ms(expect, "latency_ms"));
	parts_span_cell(html, "Deadline", field_ms(expect, "within_ms"));
	add_resolved(html, expect);
	buf_adds(html, "<td>");
	add_message_link(html, field_text(expect, "permalink"), "message");
	add_message_link(html, field_text(field_object(expect, "resolved"), "permalink"),
			 "resolved");
	buf_adds(html, "</td></tr>\n");
}

void drill_parts_expectations(struct buf *html, const cJSON *report)
{
	const cJSON *expect = field_first(report, "expectations");
	size_t rows = 0;

	if (expect == NULL)
		return;
	buf_adds(html, "<h2>What was expected</h2><div class=\"scroll\"><table class=\"stack\">"
		       "<thead><tr><th scope=\"col\">Finding</th><th scope=\"col\">Alert</th>"
		       "<th scope=\"col\">Channel</th><th scope=\"col\">What came of it</th>"
		       "<th scope=\"col\" class=\"right\">Came after</th>"
		       "<th scope=\"col\" class=\"right\">Deadline</th>"
		       "<th scope=\"col\">Resolved</th><th scope=\"col\">In chat</th></tr></thead>"
		       "<tbody>\n");
	for (; expect != NULL && rows < ROWS_MOST; expect = expect->next, rows++)
		add_expectation(html, expect);
	buf_adds(html, "</tbody></table></div>\n");
}

/* Stations. */

static const char *state_text(const cJSON *hop)
{
	const char *state = field_text(hop, "state");

	if (state == NULL)
		return "could not tell";
	if (strcmp(state, "had-it") == 0)
		return "had it";
	return strcmp(state, "lacked-it") == 0 ? "lacked it" : "could not tell";
}

static void add_state(struct buf *html, const cJSON *hop)
{
	const char *state = field_text(hop, "state");

	buf_addf(html, "<span class=\"badge %s\"><i aria-hidden=\"true\">%s</i>%s</span>",
		 parts_class(parts_tone(state)), parts_sign(state), state_text(hop));
}

static void add_station(struct buf *html, const struct page_frame *frame,
			const struct page_drill *drill, const cJSON *hop, int64_t broke_ms)
{
	int64_t at_ms = field_ms(hop, "at_ms");

	buf_adds(html, "<tr><th scope=\"row\">");
	html_text(html, or_dash(field_text(hop, "hop")), HTML_WORD);
	if (field_text(hop, "name") != NULL) {
		buf_adds(html, " <small class=\"soft\">");
		html_text(html, field_text(hop, "name"), HTML_WORD);
		buf_adds(html, "</small>");
	}
	buf_adds(html, "</th><td>");
	add_state(html, hop);
	buf_adds(html, "</td><td class=\"nowrap\">");
	if (at_ms >= 0 && broke_ms >= 0 && at_ms >= broke_ms) {
		parts_span(html, at_ms - broke_ms);
		buf_adds(html, " <small class=\"soft\">");
		parts_clock(html, frame, drill->started_wall_ms + at_ms);
		buf_adds(html, "</small>");
	}
	buf_adds(html, "</td><td class=\"wide\">");
	html_text(html, field_text(hop, "evidence"), HTML_TEXT);
	buf_adds(html, "</td></tr>\n");
}

/* Rows of another alert, or about its end, begin with a line that says so. */
static void add_station_head(struct buf *html, const cJSON *hop)
{
	buf_adds(html, "<tr><th scope=\"rowgroup\" colspan=\"4\">");
	html_text(html, or_dash(field_text(hop, "alert")), HTML_WORD);
	if (field_is(hop, "of", "text"))
		buf_adds(html, ": its text");
	if (field_is(hop, "of", "resolved"))
		buf_adds(html, ": its end");
	buf_adds(html, "</th></tr>\n");
}

static bool is_same(const cJSON *a, const cJSON *b)
{
	return strcmp(or_dash(field_text(a, "alert")), or_dash(field_text(b, "alert"))) == 0 &&
	       strcmp(or_dash(field_text(a, "of")), or_dash(field_text(b, "of"))) == 0;
}

void drill_parts_stations(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill, const cJSON *report)
{
	const cJSON *hop = field_first(report, "hops"), *last = NULL;
	int64_t broke_ms = story_broke_ms(report);
	size_t rows = 0;

	if (hop == NULL)
		return;
	buf_adds(html, "<h2>What the stations say</h2><div class=\"scroll\">"
		       "<table class=\"stack lines\">"
		       "<thead><tr><th scope=\"col\">Station</th><th scope=\"col\">State</th>"
		       "<th scope=\"col\">After the fault</th><th scope=\"col\">Evidence</th></tr>"
		       "</thead><tbody>\n");
	for (; hop != NULL && rows < ROWS_MOST; hop = hop->next, rows++) {
		if (last == NULL || !is_same(last, hop))
			add_station_head(html, hop);
		add_station(html, frame, drill, hop, broke_ms);
		last = hop;
	}
	buf_adds(html, "</tbody></table></div>\n");
}

/* Messages. */

static bool is_message(const struct page_evidence *evidence)
{
	return evidence->kind != NULL && strcmp(evidence->kind, "message") == 0;
}

static const cJSON *expectation_at(const cJSON *report, int index)
{
	const cJSON *expect = field_first(report, "expectations");

	for (int i = 0; expect != NULL && i < index; i++)
		expect = expect->next;
	return index < 0 ? NULL : expect;
}

static void add_message(struct buf *html, const struct page_frame *frame,
			const struct page_drill *drill, const struct page_evidence *evidence,
			const cJSON *report)
{
	const cJSON *expect = expectation_at(report, evidence->expect);
	int64_t broke_ms = story_broke_ms(report);

	buf_adds(html, "<article class=\"said\"><header><b>");
	html_text(html, evidence->source, HTML_WORD);
	buf_adds(html, "</b>");
	if (evidence->wall_ms > 0) {
		buf_adds(html, "<span class=\"num\">");
		parts_clock(html, frame, evidence->wall_ms);
		buf_adds(html, "</span>");
	}
	if (evidence->wall_ms > 0 && broke_ms >= 0 &&
	    evidence->wall_ms >= drill->started_wall_ms + broke_ms) {
		buf_adds(html, "<span class=\"num\">");
		parts_span(html, evidence->wall_ms - drill->started_wall_ms - broke_ms);
		buf_adds(html, " after the fault</span>");
	}
	if (field_text(expect, "alert") != NULL) {
		buf_adds(html, "<span>for ");
		html_text(html, field_text(expect, "alert"), HTML_WORD);
		buf_adds(html, "</span>");
	}
	buf_adds(html, "</header>");
	html_block(html, evidence->text);
	buf_adds(html, "</article>\n");
}

void drill_parts_messages(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill, const cJSON *report)
{
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < drill->evidence_count; i++)
		all += is_message(&drill->evidence[i]);
	if (all == 0 && report == NULL)
		return;
	buf_adds(html, "<h2>The messages as they looked</h2>\n");
	if (all == 0)
		buf_adds(html, "<p class=\"soft\">No message that fits was read.</p>\n");
	for (size_t i = 0; i < drill->evidence_count && shown < EVIDENCE_MOST; i++) {
		if (!is_message(&drill->evidence[i]))
			continue;
		add_message(html, frame, drill, &drill->evidence[i], report);
		shown++;
	}
	if (all > shown)
		buf_addf(html, "<p class=\"note\">%zu messages more are not shown.</p>\n",
			 all - shown);
}

/* The rest of the evidence. */

static void add_piece(struct buf *html, const struct page_frame *frame,
		      const struct page_evidence *evidence)
{
	buf_adds(html, "<details><summary>");
	html_text(html, or_dash(evidence->kind), HTML_WORD);
	buf_adds(html, " <b>");
	html_text(html, evidence->source, HTML_WORD);
	buf_adds(html, "</b>");
	if (evidence->wall_ms > 0) {
		buf_adds(html, " <span class=\"soft num\">");
		parts_clock(html, frame, evidence->wall_ms);
		buf_adds(html, "</span>");
	}
	buf_adds(html, " <span class=\"soft\">");
	html_text(html, evidence->text, GLIMPSE);
	buf_adds(html, "</span></summary>");
	html_block(html, evidence->text);
	buf_adds(html, "</details>\n");
}

void drill_parts_evidence(struct buf *html, const struct page_frame *frame,
			  const struct page_drill *drill)
{
	size_t shown = 0, all = 0;

	buf_adds(html, "<h2>Evidence</h2>\n");
	for (size_t i = 0; i < drill->evidence_count; i++) {
		if (is_message(&drill->evidence[i]))
			continue;
		all++;
		if (shown >= EVIDENCE_MOST)
			continue;
		add_piece(html, frame, &drill->evidence[i]);
		shown++;
	}
	if (all == 0)
		buf_adds(html, "<p class=\"soft\">No answers of stations were kept.</p>\n");
	if (all > shown)
		buf_addf(html, "<p class=\"note\">%zu pieces more are not shown.</p>\n",
			 all - shown);
}
