/* What all pages are made of. */
#include "reports/page/parts.h"

#include <inttypes.h>
#include <string.h>

#include "reports/coverage.h"
#include "reports/page/html.h"
#include "reports/page/style.h"
#include "reports/phrases.h"
#include "src/base/clock.h"
#include "src/calendar/zone.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define REFRESH_S     60
#define DAY_MS        INT64_C(86400000)

static const struct {
	const char *word, *sign;
	enum tone tone;
} words[] = {
    {"pass", "\xe2\x9c\x93", TONE_GOOD},
    {"gap", "\xe2\x9c\x97", TONE_BAD},
    {"flaky", "\xe2\x89\x88", TONE_UNSURE},
    {"inconclusive", "?", TONE_UNSURE},
    {"refused", "\xe2\x80\x93", TONE_QUIET},
    {"aborted", "\xe2\x96\xa0", TONE_UNSURE},
    {"delivered", "\xe2\x9c\x93", TONE_GOOD},
    {"silent", "\xe2\x9c\x93", TONE_GOOD},
    {"late", "\xe2\x9c\x97", TONE_BAD},
    {"missing", "\xe2\x9c\x97", TONE_BAD},
    {"duplicate", "\xe2\x9c\x97", TONE_BAD},
    {"wrong-channel", "\xe2\x9c\x97", TONE_BAD},
    {"unreadable", "\xe2\x9c\x97", TONE_BAD},
    {"unresolved", "\xe2\x9c\x97", TONE_BAD},
    {"unexpected", "\xe2\x9c\x97", TONE_BAD},
    {"unknown", "?", TONE_UNSURE},
    {"had-it", "\xe2\x9c\x93", TONE_GOOD},
    {"lacked-it", "\xe2\x9c\x97", TONE_BAD},
    {"not-asked", "?", TONE_QUIET},
    {"proven", "\xe2\x9c\x93", TONE_GOOD},
    {"never", "\xe2\x9c\x97", TONE_BAD},
    {"cannot", "!", TONE_UNSURE},
    {"outdated", "\xe2\x8c\x9b\xef\xb8\x8e", TONE_UNSURE},
    {"gone", "\xe2\x80\x93", TONE_QUIET},
};

static size_t find_word(const char *word)
{
	size_t i = 0;

	while (i < LENGTH(words) && (word == NULL || strcmp(words[i].word, word) != 0))
		i++;
	return i;
}

enum tone parts_tone(const char *word)
{
	size_t i = find_word(word);

	return i < LENGTH(words) ? words[i].tone : TONE_QUIET;
}

const char *parts_sign(const char *word)
{
	size_t i = find_word(word);

	return i < LENGTH(words) ? words[i].sign : "\xc2\xb7";
}

const char *parts_class(enum tone tone)
{
	switch (tone) {
	case TONE_GOOD:
		return "good";
	case TONE_BAD:
		return "bad";
	case TONE_UNSURE:
		return "unsure";
	case TONE_QUIET:
		break;
	}
	return "quiet";
}

void parts_badge(struct buf *html, const char *word)
{
	buf_addf(html, "<span class=\"badge %s\"><i aria-hidden=\"true\">%s</i>",
		 parts_class(parts_tone(word)), parts_sign(word));
	html_plain(html, word, HTML_WORD);
	buf_adds(html, "</span>");
}

/* The frame. */

static void add_head(struct buf *html, const struct page_frame *frame, const char *title,
		     bool refresh)
{
	buf_adds(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	buf_adds(html, "<title>");
	html_plain(html, title, HTML_WORD);
	buf_adds(html, " \xc2\xb7 firedrill</title>\n"
		       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		       "<meta name=\"color-scheme\" content=\"light dark\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
		       "form-action 'none'\">\n");
	if (refresh && frame->home != NULL)
		buf_addf(html, "<meta http-equiv=\"refresh\" content=\"%d\">\n", REFRESH_S);
	buf_adds(html, "<link rel=\"icon\" href=\"data:image/svg+xml,"
		       "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
		       "%3Crect width='16' height='16' rx='3' fill='%23a3132a'/%3E"
		       "%3Cpath d='M4 13V3h8v2.5H7V7h4v2.5H7V13z' fill='%23fff'/%3E"
		       "%3C/svg%3E\">\n");
	style_add(html);
	buf_adds(html, "</head>\n");
}

static void add_nav(struct buf *html, const char *home, const char *path, const char *text,
		    bool here)
{
	buf_adds(html, "<a href=\"");
	html_plain(html, home, HTML_LINE);
	buf_addf(html, "%s\"%s>%s</a>\n", path, here ? " aria-current=\"page\"" : "", text);
}

void parts_open(struct buf *html, const struct page_frame *frame, const char *title,
		enum parts_place place, bool refresh)
{
	add_head(html, frame, title, refresh);
	buf_adds(html, "<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n"
		       "<header class=\"top\">\n<b>firedrill</b>\n");
	if (frame->home != NULL) {
		buf_adds(html, "<nav aria-label=\"Pages\">\n");
		add_nav(html, frame->home, "", "Overview", place == PLACE_OVERVIEW);
		add_nav(html, frame->home, "coverage", "Coverage", place == PLACE_COVERAGE);
		buf_adds(html, "</nav>\n");
	}
	buf_adds(html, "<small>as of ");
	parts_time(html, frame, frame->now_wall_ms);
	buf_adds(html, ", ");
	html_text(html, frame->zone, HTML_WORD);
	buf_adds(html, "</small>\n</header>\n<main id=\"main\">\n");
}

void parts_close(struct buf *html, const struct page_frame *frame)
{
	buf_adds(html, "</main>\n<footer>firedrill " FIREDRILL_VERSION
		       ": believed is only what was read back in the channel.");
	if (frame->home == NULL)
		buf_adds(html, " This is one file on its own.");
	buf_adds(html, "</footer>\n</body>\n</html>\n");
}

/* Links. */

static void add_link(struct buf *html, const struct page_frame *frame, const char *folder,
		     const char *name)
{
	if (frame->home == NULL) {
		html_text(html, name, HTML_WORD);
		return;
	}
	buf_adds(html, "<a href=\"");
	html_plain(html, frame->home, HTML_LINE);
	buf_adds(html, folder);
	html_part(html, name);
	buf_adds(html, "\">");
	html_text(html, name, HTML_WORD);
	buf_adds(html, "</a>");
}

void parts_drill(struct buf *html, const struct page_frame *frame, const char *drill)
{
	buf_adds(html, "<span class=\"id\">");
	add_link(html, frame, "drill/", drill);
	buf_adds(html, "</span>");
}

void parts_scenario(struct buf *html, const struct page_frame *frame, const char *scenario)
{
	add_link(html, frame, "scenario/", scenario);
}

/* Times. */

static void open_time(struct buf *html, int64_t wall_ms)
{
	char exact[32];

	clock_rfc3339(wall_ms, exact, sizeof exact);
	buf_addf(html, "<time datetime=\"%s\"", exact);
}

void parts_time(struct buf *html, const struct page_frame *frame, int64_t wall_ms)
{
	char text[ZONE_TIME_SIZE];

	zone_format(frame->zone, wall_ms, text);
	open_time(html, wall_ms);
	buf_addf(html, ">%s</time>", text);
}

void parts_clock(struct buf *html, const struct page_frame *frame, int64_t wall_ms)
{
	struct error error = {""};
	char local[32]; /* 2026-11-21T10:03:12.000Z */
	int minutes = 0;

	if (!zone_offset(frame->zone, wall_ms, &minutes, &error))
		minutes = 0;
	clock_rfc3339(wall_ms + (int64_t)minutes * 60000, local, sizeof local);
	open_time(html, wall_ms);
	buf_addf(html, ">%.12s</time>", local + strlen("2026-11-21T"));
}

static void open_titled_time(struct buf *html, const struct page_frame *frame, int64_t wall_ms)
{
	char text[ZONE_TIME_SIZE];

	zone_format(frame->zone, wall_ms, text);
	open_time(html, wall_ms);
	buf_addf(html, " title=\"%s\">", text);
}

void parts_age(struct buf *html, const struct page_frame *frame, int64_t wall_ms)
{
	open_titled_time(html, frame, wall_ms);
	coverage_add_age(html, frame->now_wall_ms, wall_ms);
	buf_adds(html, "</time>");
}

void parts_ahead(struct buf *html, const struct page_frame *frame, int64_t wall_ms)
{
	int64_t minutes = (wall_ms - frame->now_wall_ms + 59999) / 60000;

	open_titled_time(html, frame, wall_ms);
	if (wall_ms <= frame->now_wall_ms)
		buf_adds(html, "due");
	else if (minutes < 120)
		buf_addf(html, "in %" PRId64 " min", minutes);
	else if (minutes < 48 * 60)
		buf_addf(html, "in %" PRId64 " h", (minutes + 30) / 60);
	else
		buf_addf(html, "in %" PRId64 " d", (wall_ms - frame->now_wall_ms) / DAY_MS);
	buf_adds(html, "</time>");
}

void parts_span(struct buf *html, int64_t ms)
{
	phrase_span(html, ms);
}

void parts_span_cell(struct buf *html, const char *at, int64_t ms)
{
	buf_addf(html, "<td class=\"right\" data-at=\"%s\">", at);
	if (ms >= 0)
		parts_span(html, ms);
	else
		buf_adds(html, "\xe2\x80\x94");
	buf_adds(html, "</td>");
}

/* Drills. */

static void add_drill_row(struct buf *html, const struct page_frame *frame,
			  const struct page_drill_line *line, bool with_scenario)
{
	buf_adds(html, "<tr><td class=\"when\">");
	parts_age(html, frame, line->ended_wall_ms);
	buf_adds(html, "</td><td>");
	parts_badge(html, line->verdict);
	if (with_scenario) {
		buf_adds(html, "</td><td>");
		parts_scenario(html, frame, line->scenario);
	}
	buf_adds(html, "</td><td>");
	html_text(html, line->environment, HTML_WORD);
	buf_adds(html, "</td><td class=\"wide\">");
	html_text(html, line->text, HTML_LINE);
	if (line->origin != NULL && strcmp(line->origin, "schedule") != 0) {
		buf_adds(html, " <span class=\"note\">(");
		buf_adds(html, strcmp(line->origin, "repeat") == 0 ? "repeat" : "by hand");
		buf_adds(html, ")</span>");
	}
	buf_adds(html, "</td><td class=\"nowrap\">");
	parts_drill(html, frame, line->drill);
	buf_adds(html, "</td></tr>\n");
}

void parts_drills(struct buf *html, const struct page_frame *frame,
		  const struct page_drill_line *drills, size_t count, bool with_scenario)
{
	if (count == 0) {
		buf_adds(html, "<p class=\"soft\">No drill has run yet.</p>\n");
		return;
	}
	buf_adds(html,
		 "<div class=\"scroll\"><table class=\"stack lines\"><caption>The newest first"
		 "</caption><thead><tr><th scope=\"col\">Ended</th><th scope=\"col\">Verdict"
		 "</th>");
	if (with_scenario)
		buf_adds(html, "<th scope=\"col\">Scenario</th>");
	buf_adds(html, "<th scope=\"col\">Environment</th><th scope=\"col\">What came of it</th>"
		       "<th scope=\"col\">Drill</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++)
		add_drill_row(html, frame, &drills[i], with_scenario);
	buf_adds(html, "</tbody></table></div>\n");
}
