/* The page of one drill: what came of it, where the alert was lost, when what happened, what was seen. */
#include <stdlib.h>
#include <string.h>

#include "reports/page/drill_parts.h"
#include "reports/page/fields.h"
#include "reports/page/html.h"
#include "reports/page/story.h"
#include "src/base/mem.h"

/* The headline. */

static const char *verdict_text(const char *verdict)
{
	if (strcmp(verdict, "pass") == 0)
		return "Every alert did what was expected";
	if (strcmp(verdict, "gap") == 0)
		return "An alert did not do what was expected";
	if (strcmp(verdict, "flaky") == 0)
		return "Passed, but not at the first try";
	if (strcmp(verdict, "inconclusive") == 0)
		return "It could not be decided";
	if (strcmp(verdict, "refused") == 0)
		return "The drill was refused; nothing was touched";
	if (strcmp(verdict, "aborted") == 0)
		return "The drill was ended before its time";
	return "How it ended is not known";
}

/* A sentence begins with a capital; one that begins with a name does not change it. */
static void add_sentence(struct buf *html, const char *text)
{
	struct buf sentence = {0};

	buf_adds(&sentence, text);
	if (strncmp(text, "every alert", 11) == 0 && sentence.data != NULL)
		sentence.data[0] = 'E';
	html_text(html, buf_text(&sentence), HTML_LINE);
	buf_done(&sentence);
}

static void add_fault_left(struct buf *html, const struct page_drill *drill, const cJSON *report)
{
	const cJSON *fault = field_object(report, "fault");
	const char *state = field_text(fault, "state");

	if (state == NULL || strcmp(state, "clean") == 0 || strcmp(state, "absent") == 0)
		return;
	buf_adds(html,
		 "<section class=\"loud\" role=\"alert\"><h2>When this drill ended, its fault "
		 "was not confirmed reverted</h2><p>State then: ");
	html_text(html, state, HTML_WORD);
	buf_adds(html, ". ");
	html_text(html, field_text(fault, "revert_text"), HTML_TEXT);
	buf_adds(html, "</p><p>See <code>firedrill status</code>; <code>firedrill revert ");
	html_text(html, drill->drill, HTML_WORD);
	buf_adds(html, "</code> puts it right.</p></section>\n");
}

static void add_lead(struct buf *html, const struct page_frame *frame,
		     const struct page_drill *drill)
{
	buf_adds(html, "<p class=\"lead\">");
	parts_scenario(html, frame, drill->scenario);
	buf_adds(html, " in ");
	html_text(html, drill->environment, HTML_WORD);
	buf_adds(html, " \xc2\xb7 ");
	parts_time(html, frame, drill->started_wall_ms);
	if (drill->ended_wall_ms >= drill->started_wall_ms) {
		buf_adds(html, ", took ");
		parts_span(html, drill->ended_wall_ms - drill->started_wall_ms);
	}
	if (drill->origin != NULL && strcmp(drill->origin, "schedule") == 0)
		buf_adds(html, " \xc2\xb7 by its schedule");
	else if (drill->origin != NULL && strcmp(drill->origin, "hand") == 0)
		buf_adds(html, " \xc2\xb7 by hand");
	if (drill->repeats != NULL && drill->repeats[0] != '\0') {
		buf_adds(html, " \xc2\xb7 repeats ");
		parts_drill(html, frame, drill->repeats);
	}
	buf_adds(html, " \xc2\xb7 <span class=\"id\">");
	html_text(html, drill->drill, HTML_WORD);
	buf_adds(html, "</span></p>\n");
}

static void add_headline(struct buf *html, const struct page_frame *frame,
			 const struct page_drill *drill, const cJSON *report)
{
	const char *text = field_text(report, "text");

	add_fault_left(html, drill, report);
	buf_adds(html, "<h1>");
	parts_badge(html, drill->verdict);
	buf_adds(html, " ");
	add_sentence(html, text != NULL ? text : verdict_text(drill->verdict));
	buf_adds(html, "</h1>\n");
	add_lead(html, frame, drill);
	if (drill->reason != NULL && drill->reason[0] != '\0') {
		buf_adds(html, "<p>Reason: ");
		html_text(html, drill->reason, HTML_WORD);
		buf_adds(html, "</p>\n");
	}
}

/* Where it was lost. */

static void add_pair(struct buf *html, const char *term, const char *text)
{
	if (text == NULL)
		return;
	buf_addf(html, "<dt>%s</dt><dd>", term);
	html_text(html, text, HTML_TEXT);
	buf_adds(html, "</dd>\n");
}

static const char *gap_title(const cJSON *gap)
{
	if (field_is(gap, "of", "text"))
		return "Where its text was lost";
	if (field_is(gap, "of", "resolved"))
		return "Where its end was lost";
	if (field_is(gap, "verdict", "late"))
		return "Where the time was lost";
	if (field_is(gap, "verdict", "duplicate"))
		return "Where it became more than one";
	return "Where it was lost";
}

static void add_gap(struct buf *html, const cJSON *report)
{
	const cJSON *gap = field_object(report, "gap");

	if (gap == NULL)
		return;
	buf_addf(html, "<section class=\"card bad\"><h2>%s</h2><p class=\"way\">", gap_title(gap));
	buf_adds(html, "<span class=\"badge good\"><i aria-hidden=\"true\">\xe2\x9c\x93</i>");
	html_text(html, field_text(gap, "after"), HTML_WORD);
	buf_adds(html, "</span><span class=\"arrow\">\xe2\x86\x92 lost \xe2\x86\x92</span>"
		       "<span class=\"badge bad\"><i aria-hidden=\"true\">\xe2\x9c\x97</i>");
	html_text(html, field_text(gap, "before"), HTML_WORD);
	buf_adds(html, "</span></p><dl>\n");
	add_pair(html, "Alert", field_text(gap, "alert"));
	add_pair(html, "Likely cause", field_text(gap, "cause"));
	add_pair(html, "What to do", field_text(gap, "advice"));
	add_pair(html, "Evidence", field_text(gap, "evidence"));
	add_pair(html, field_true(gap, "confirmed") ? "Confirmed by probes" : "Probes",
		 field_text(gap, "probes"));
	buf_adds(html, "</dl></section>\n");
}

/* Around it. */

static void add_linked_pair(struct buf *html, const char *term, const char *url)
{
	if (url == NULL)
		return;
	buf_addf(html, "<dt>%s</dt><dd>", term);
	if (html_link(html, url)) {
		html_text(html, url, HTML_LINE);
		buf_adds(html, "</a>");
	} else {
		html_text(html, url, HTML_LINE);
	}
	buf_adds(html, "</dd>\n");
}

static void add_fault(struct buf *html, const cJSON *report)
{
	const cJSON *fault = field_object(report, "fault");

	if (fault == NULL)
		return;
	buf_adds(html, "<h2>The fault</h2><div class=\"card\"><dl>\n");
	add_pair(html, "Kind", field_text(fault, "kind"));
	add_pair(html, "Via", field_text(fault, "via"));
	add_pair(html, "Effect", field_text(fault, "effect"));
	add_pair(html, "State at the end", field_text(fault, "state"));
	add_pair(html, "Put in", field_text(fault, "text"));
	add_pair(html, "Taken out", field_text(fault, "revert_text"));
	add_pair(html, "Owner", field_text(report, "owner"));
	add_linked_pair(html, "Runbook", field_text(report, "runbook"));
	add_linked_pair(html, "In chat", field_text(report, "report_permalink"));
	add_pair(html, "Report not posted", field_text(report, "report_problem"));
	buf_adds(html, "</dl></div>\n");
}

static void add_timeline(struct buf *html, const struct page_frame *frame,
			 const struct page_drill *drill, const cJSON *report)
{
	struct timeline *timeline = mem_zalloc(sizeof *timeline);

	story_read(timeline, report);
	if (timeline->phase_count > 0 || timeline->lane_count > 0) {
		buf_adds(html, "<h2>What happened when</h2>\n");
		timeline_draw(html, timeline);
		if (timeline->left_out > 0)
			buf_addf(html, "<p class=\"note\">%zu lanes more are not shown.</p>\n",
				 timeline->left_out);
		timeline_list(html, frame, timeline, drill->started_wall_ms);
	}
	timeline_done(timeline);
	free(timeline);
}

static void add_report(struct buf *html, const struct page_drill *drill)
{
	if (drill->report == NULL)
		return;
	buf_adds(html, "<details><summary>The report as JSON</summary>");
	html_block(html, drill->report);
	buf_adds(html, "</details>\n");
}

bool page_drill(struct buf *ret_html, const struct page_frame *frame,
		const struct page_drill *drill)
{
	cJSON *report = drill->report != NULL ? cJSON_Parse(drill->report) : NULL;
	bool good = cJSON_IsObject(report) && field_text(report, "verdict") != NULL;
	struct buf title = {0};

	buf_addf(&title, "%s: %s in %s", drill->verdict, drill->scenario, drill->environment);
	parts_open(ret_html, frame, buf_text(&title), PLACE_ELSEWHERE, false);
	buf_done(&title);
	add_headline(ret_html, frame, drill, report);
	if (!good)
		buf_addf(ret_html,
			 "<p class=\"card unsure\">The report of this drill %s: what follows is "
			 "what else is known of it.</p>\n",
			 drill->report != NULL ? "is damaged" : "was not kept");
	add_gap(ret_html, report);
	drill_parts_expectations(ret_html, report);
	add_timeline(ret_html, frame, drill, report);
	drill_parts_stations(ret_html, frame, drill, report);
	drill_parts_messages(ret_html, frame, drill, report);
	add_fault(ret_html, report);
	drill_parts_evidence(ret_html, frame, drill);
	add_report(ret_html, drill);
	parts_close(ret_html, frame);
	cJSON_Delete(report);
	return good;
}
