/* The overview: what is wrong first, then scenarios down and environments across, then the newest drills. */
#include <string.h>

#include "reports/page/html.h"
#include "reports/page/parts.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define NEEDS_MOST    20                 /* of what needs people, listed one by one */
#define COLUMNS_FIT   6                  /* environments beside each other on a wide screen */
#define STALE_MS      INT64_C(691200000) /* 8 days: a weekly drill has missed its turn */

static const char *const tallied[] = {"gap", "inconclusive", "aborted", "flaky", "refused", "pass"};

/* What cannot wait. */

static void add_alarm(struct buf *html, const struct page_overview *overview)
{
	if (overview->fault_count > 0) {
		buf_adds(html, "<section class=\"loud\" role=\"alert\"><h2>");
		buf_addf(html, "%zu fault%s not confirmed reverted</h2><ul>\n",
			 overview->fault_count, overview->fault_count == 1 ? " is" : "s are");
		for (size_t i = 0; i < overview->fault_count; i++) {
			buf_adds(html, "<li>");
			html_text(html, overview->faults[i], HTML_TEXT);
			buf_adds(html, "</li>\n");
		}
		buf_adds(html, "</ul><p>See <code>firedrill status</code>.</p></section>\n");
	}
	if (overview->unknown != NULL) {
		buf_adds(html, "<section class=\"loud\" role=\"alert\"><h2>What is in place now is "
			       "not known: nothing new is broken</h2><p>");
		html_text(html, overview->unknown, HTML_TEXT);
		buf_adds(html, "</p></section>\n");
	}
	if (overview->halted != NULL) {
		buf_adds(html, "<section class=\"loud\"><h2>Halted: nothing new is broken</h2><p>");
		html_text(html, overview->halted, HTML_TEXT);
		buf_adds(html, "</p><p><code>firedrill resume</code> takes it back.</p>"
			       "</section>\n");
	}
}

/* The sum of it. */

static size_t count_verdict(const struct page_overview *overview, const char *verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < overview->row_count; i++) {
		for (size_t j = 0; j < overview->rows[i].cell_count; j++) {
			const struct page_cell *cell = &overview->rows[i].cells[j];

			count += cell->verdict == NULL
				     ? verdict == NULL
				     : verdict != NULL && strcmp(cell->verdict, verdict) == 0;
		}
	}
	return count;
}

static void add_tally(struct buf *html, const struct page_overview *overview)
{
	size_t never = count_verdict(overview, NULL);

	buf_adds(html, "<ul class=\"tally\" aria-label=\"Last verdicts\">\n");
	for (size_t i = 0; i < LENGTH(tallied); i++) {
		size_t count = count_verdict(overview, tallied[i]);

		if (count == 0)
			continue;
		buf_addf(html,
			 "<li><span class=\"badge %s\"><i aria-hidden=\"true\">%s</i><b>%zu"
			 "</b> %s</span></li>\n",
			 parts_class(parts_tone(tallied[i])), parts_sign(tallied[i]), count,
			 tallied[i]);
	}
	if (never > 0)
		buf_addf(html,
			 "<li><span class=\"badge quiet\"><b>%zu</b> never drilled</span>"
			 "</li>\n",
			 never);
	buf_adds(html, "</ul>\n");
}

/* By its last drill, or by an earlier one that no pass followed. */
static bool has_gap(const struct page_cell *cell)
{
	return cell->verdict != NULL &&
	       (cell->gap_wall_ms > 0 || strcmp(cell->verdict, "gap") == 0);
}

static bool needs_people(const struct page_cell *cell)
{
	return has_gap(cell) ||
	       (cell->verdict != NULL && strcmp(cell->verdict, "inconclusive") == 0);
}

static size_t count_cells(const struct page_overview *overview,
			  bool (*is_one)(const struct page_cell *cell))
{
	size_t count = 0;

	for (size_t i = 0; i < overview->row_count; i++) {
		for (size_t j = 0; j < overview->rows[i].cell_count; j++)
			count += is_one(&overview->rows[i].cells[j]);
	}
	return count;
}

static void add_open_gap(struct buf *html, const struct page_frame *frame,
			 const struct page_cell *cell)
{
	buf_adds(html, "gap open, first seen ");
	parts_age(html, frame, cell->gap_wall_ms);
}

static void add_need(struct buf *html, const struct page_frame *frame,
		     const struct page_overview *overview, const struct page_row *row,
		     const struct page_cell *cell)
{
	buf_adds(html, "<li>");
	parts_badge(html, cell->verdict);
	parts_scenario(html, frame, row->scenario);
	buf_adds(html, "<span>in ");
	html_text(html, overview->environments[cell->column], HTML_WORD);
	buf_adds(html, "</span><span class=\"soft\">");
	if (cell->reason != NULL && cell->reason[0] != '\0') {
		html_text(html, cell->reason, HTML_LINE);
		buf_adds(html, ", ");
	}
	parts_age(html, frame, cell->ended_wall_ms);
	if (cell->gap_wall_ms > 0) {
		buf_adds(html, "; ");
		add_open_gap(html, frame, cell);
	}
	if (cell->passed_wall_ms > 0) {
		buf_adds(html, "; last passed ");
		parts_age(html, frame, cell->passed_wall_ms);
	} else {
		buf_adds(html, "; never passed");
	}
	buf_adds(html, "</span>");
	parts_drill(html, frame, cell->drill);
	buf_adds(html, "</li>\n");
}

/* Of one row those with a gap, or those without. Returns how many are shown now. */
static size_t add_row_needs(struct buf *html, const struct page_frame *frame,
			    const struct page_overview *overview, const struct page_row *row,
			    bool gaps, size_t shown)
{
	for (size_t i = 0; i < row->cell_count && shown < NEEDS_MOST; i++) {
		const struct page_cell *cell = &row->cells[i];

		if (!needs_people(cell) || has_gap(cell) != gaps)
			continue;
		add_need(html, frame, overview, row, cell);
		shown++;
	}
	return shown;
}

/* Gaps before what could not be decided. */
static void add_needs(struct buf *html, const struct page_frame *frame,
		      const struct page_overview *overview)
{
	size_t gaps = count_cells(overview, has_gap);
	size_t all = count_cells(overview, needs_people);
	size_t shown = 0;

	if (all == 0)
		return;
	buf_addf(html, "<section class=\"card %s\"><h2>Needs you</h2><ul class=\"needs\">\n",
		 gaps > 0 ? "bad" : "unsure");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < overview->row_count; i++)
			shown = add_row_needs(html, frame, overview, &overview->rows[i], round == 0,
					      shown);
	}
	buf_adds(html, "</ul>");
	if (all > shown)
		buf_addf(html, "<p class=\"note\">and %zu more: see what did not pass, below</p>",
			 all - shown);
	buf_adds(html, "</section>\n");
}

/* The table. */

static void add_no_cell(struct buf *html, const char *environment)
{
	buf_adds(html, "<td class=\"off\" data-at=\"");
	html_plain(html, environment, HTML_WORD);
	buf_adds(html, "\"><span class=\"soft\" title=\"not meant to run here\">"
		       "\xe2\x80\x94</span></td>\n");
}

static void add_cell(struct buf *html, const struct page_frame *frame,
		     const struct page_overview *overview, const struct page_cell *cell)
{
	bool stale = frame->now_wall_ms - cell->passed_wall_ms > STALE_MS;

	buf_adds(html, "<td data-at=\"");
	html_plain(html, overview->environments[cell->column], HTML_WORD);
	buf_adds(html, "\">");
	if (cell->verdict == NULL) {
		buf_adds(html, "<span class=\"badge quiet\">never drilled</span>");
	} else if (frame->home == NULL) {
		parts_badge(html, cell->verdict);
	} else {
		buf_adds(html, "<a href=\"");
		html_plain(html, frame->home, HTML_LINE);
		buf_adds(html, "drill/");
		html_part(html, cell->drill);
		buf_adds(html, "\">");
		parts_badge(html, cell->verdict);
		buf_adds(html, "</a>");
	}
	if (cell->running)
		buf_adds(html, " <span class=\"running\">running now</span>");
	if (cell->gap_wall_ms > 0)
		buf_adds(html, "<small class=\"stale\">gap still open</small>");
	if (cell->verdict != NULL) {
		buf_addf(html, "<small%s>", stale ? " class=\"stale\"" : "");
		buf_adds(html, cell->passed_wall_ms > 0 ? "proven " : "never proven");
		if (cell->passed_wall_ms > 0)
			parts_age(html, frame, cell->passed_wall_ms);
		buf_adds(html, "</small>");
	}
	buf_adds(html, "<small>");
	if (cell->next_wall_ms >= 0) {
		buf_adds(html, "next ");
		parts_ahead(html, frame, cell->next_wall_ms);
		if (overview->halted != NULL)
			buf_adds(html, " (halted)");
	} else {
		buf_adds(html, "not scheduled");
	}
	buf_adds(html, "</small></td>\n");
}

static void add_row(struct buf *html, const struct page_frame *frame,
		    const struct page_overview *overview, const struct page_row *row)
{
	size_t next = 0; /* of its cells */

	buf_adds(html, "<tr><th scope=\"row\">");
	parts_scenario(html, frame, row->scenario);
	buf_adds(html, "<small>");
	html_text(html, row->summary, HTML_LINE);
	if (row->owner != NULL) {
		buf_adds(html, " \xc2\xb7 ");
		html_text(html, row->owner, HTML_WORD);
	}
	buf_adds(html, "</small></th>\n");
	for (size_t i = 0; i < overview->environment_count; i++) {
		if (next < row->cell_count && row->cells[next].column == i)
			add_cell(html, frame, overview, &row->cells[next++]);
		else
			add_no_cell(html, overview->environments[i]);
	}
	buf_adds(html, "</tr>\n");
}

static void add_table(struct buf *html, const struct page_frame *frame,
		      const struct page_overview *overview)
{
	if (overview->shown_count == 0 && overview->only_open) {
		buf_adds(html, "<p class=\"soft\">Every scenario passed when it ran last.</p>\n");
		return;
	}
	if (overview->shown_count == 0 || overview->environment_count == 0) {
		buf_adds(html, "<p class=\"soft\">There is no scenario here. <code>firedrill init"
			       "</code> writes a first one.</p>\n");
		return;
	}
	buf_addf(html, "<div class=\"scroll%s\"><table class=\"grid stack\">",
		 overview->environment_count <= COLUMNS_FIT ? " tall" : "");
	buf_adds(html, "<caption>Each scenario in each environment: the last verdict, the age of "
		       "the last proof, the next run</caption><thead><tr>"
		       "<th scope=\"col\">Scenario</th>");
	for (size_t i = 0; i < overview->environment_count; i++) {
		buf_adds(html, "<th scope=\"col\">");
		html_text(html, overview->environments[i], HTML_WORD);
		if (overview->protected_[i])
			buf_adds(html, "<small>protected</small>");
		buf_adds(html, "</th>");
	}
	buf_adds(html, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < overview->shown_count; i++)
		add_row(html, frame, overview, &overview->rows[i]);
	buf_adds(html, "</tbody></table></div>\n");
}

/* The page. */

/* A link to this page with other choices. */
static void open_filter(struct buf *html, const struct page_frame *frame, const char *environment,
			bool only_open)
{
	buf_adds(html, "<a href=\"");
	html_plain(html, frame->home, HTML_LINE);
	if (environment != NULL) {
		buf_adds(html, "?environment=");
		html_part(html, environment);
	}
	if (only_open)
		buf_adds(html, environment != NULL ? "&amp;only=open" : "?only=open");
	buf_adds(html, "\"");
}

static void add_choice(struct buf *html, const struct page_frame *frame,
		       const struct page_overview *overview, const char *environment)
{
	bool here = environment == NULL
			? overview->chosen == NULL
			: overview->chosen != NULL && strcmp(overview->chosen, environment) == 0;

	open_filter(html, frame, environment, overview->only_open);
	buf_adds(html, here ? " aria-current=\"true\">" : ">");
	html_text(html, environment != NULL ? environment : "all environments", HTML_WORD);
	buf_adds(html, "</a>\n");
}

static void add_filter(struct buf *html, const struct page_frame *frame,
		       const struct page_overview *overview)
{
	if (frame->home == NULL)
		return;
	buf_adds(html, "<nav class=\"filter\" aria-label=\"What is shown\">\n");
	if (overview->choice_count > 1) {
		add_choice(html, frame, overview, NULL);
		for (size_t i = 0; i < overview->choice_count; i++)
			add_choice(html, frame, overview, overview->choices[i]);
		buf_adds(html, "<span aria-hidden=\"true\">|</span>");
	}
	for (int open = 0; open < 2; open++) {
		open_filter(html, frame, overview->chosen, open == 1);
		buf_addf(html, "%s>%s</a>\n",
			 overview->only_open == (open == 1) ? " aria-current=\"true\"" : "",
			 open == 1 ? "what did not pass" : "all scenarios");
	}
	buf_adds(html, "</nav>\n");
}

/* What the tab's title says. */
static void add_title(struct buf *title, const struct page_overview *overview)
{
	size_t gaps = count_cells(overview, has_gap);

	if (overview->fault_count > 0)
		buf_adds(title, "FAULT LEFT");
	else if (overview->unknown != NULL)
		buf_adds(title, "LEDGER LOST");
	else if (overview->halted != NULL)
		buf_adds(title, "Halted");
	else if (gaps > 0)
		buf_addf(title, "%zu gap%s", gaps, gaps == 1 ? "" : "s");
	else
		buf_adds(title, "Overview");
}

void page_overview(struct buf *ret_html, const struct page_frame *frame,
		   const struct page_overview *overview)
{
	struct buf title = {0};

	add_title(&title, overview);
	parts_open(ret_html, frame, buf_text(&title), PLACE_OVERVIEW, true);
	buf_done(&title);
	add_alarm(ret_html, overview);
	buf_adds(ret_html, "<h1>Do alerts reach people?</h1>\n");
	for (size_t i = 0; i < overview->note_count; i++) {
		buf_adds(ret_html, "<p class=\"card unsure\">");
		html_text(ret_html, overview->notes[i], HTML_TEXT);
		buf_adds(ret_html, "</p>\n");
	}
	add_tally(ret_html, overview);
	add_needs(ret_html, frame, overview);
	add_filter(ret_html, frame, overview);
	add_table(ret_html, frame, overview);
	buf_adds(ret_html, "<h2>Newest drills</h2>\n");
	parts_drills(ret_html, frame, overview->drills, overview->drill_count, true);
	parts_close(ret_html, frame);
}
