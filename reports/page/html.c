/* Foreign text as HTML. */
#include "reports/page/html.h"

#include <string.h>
#include <strings.h>

#include "reports/plain.h"

#define REPLACEMENT 0xfffd
#define URL_MOST    2000 /* bytes */

enum shape { SHAPE_SHOWN, SHAPE_BLANK, SHAPE_HIDDEN };

/* Joiners (U+200C, U+200D) and variation selectors stay: scripts and emoji need them. */
static enum shape shape_of(uint32_t c)
{
	if (c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029)
		return SHAPE_BLANK;
	if (c == 0xad || c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff) ||
	    (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return SHAPE_HIDDEN;
	return SHAPE_SHOWN;
}

static void add_shown(struct buf *html, const char *at, size_t size, uint32_t c)
{
	if (c == '&')
		buf_adds(html, "&amp;");
	else if (c == '<')
		buf_adds(html, "&lt;");
	else if (c == '>')
		buf_adds(html, "&gt;");
	else if (c == '"')
		buf_adds(html, "&quot;");
	else if (c == '\'')
		buf_adds(html, "&#39;");
	else if (c == REPLACEMENT)
		buf_adds(html, "\xef\xbf\xbd");
	else
		buf_add(html, at, size);
}

void html_plain(struct buf *html, const char *text, size_t limit)
{
	size_t shown = 0;
	bool space = false;
	uint32_t c;

	for (size_t size; text != NULL && *text != '\0'; text += size) {
		enum shape shape;

		size = plain_next(text, &c);
		shape = shape_of(c);
		if (shape == SHAPE_BLANK)
			space = shown > 0;
		if (shape != SHAPE_SHOWN)
			continue;
		if (shown >= limit) {
			buf_adds(html, "\xe2\x80\xa6");
			return;
		}
		if (space)
			buf_adds(html, " ");
		add_shown(html, text, size, c);
		shown += 1 + space;
		space = false;
	}
}

void html_text(struct buf *html, const char *text, size_t limit)
{
	if (text == NULL || text[0] == '\0')
		return;
	buf_adds(html, "<bdi>");
	html_plain(html, text, limit);
	buf_adds(html, "</bdi>");
}

/* The first line end is doubled, as a parser drops one right behind <pre>. */
void html_block(struct buf *html, const char *text)
{
	size_t left = text != NULL ? strlen(text) : 0;
	const char *end = text != NULL ? text + (left < HTML_BLOCK ? left : HTML_BLOCK) : NULL;
	uint32_t c;

	buf_adds(html, "<pre dir=\"auto\" tabindex=\"0\">\n");
	for (size_t size; text != NULL && text < end; text += size, left -= size) {
		enum shape shape;

		size = plain_next(text, &c);
		shape = shape_of(c);
		if (c == '\n' || c == '\t')
			buf_add(html, text, 1);
		else if (shape == SHAPE_BLANK && c != '\r')
			buf_adds(html, " ");
		else if (shape == SHAPE_SHOWN)
			add_shown(html, text, size, c);
	}
	buf_adds(html, "</pre>\n");
	if (left > 0)
		buf_addf(html, "<p class=\"note\">%zu bytes more are not shown.</p>\n", left);
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

void html_part(struct buf *html, const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_unreserved(c))
			buf_add(html, text, 1);
		else
			buf_addf(html, "%%%02X", c);
	}
}

bool html_link(struct buf *html, const char *url)
{
	size_t len = url != NULL ? strlen(url) : 0;

	if (len == 0 || len > URL_MOST ||
	    (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0))
		return false;
	buf_adds(html, "<a rel=\"noreferrer noopener\" href=\"");
	for (; *url != '\0'; url++) {
		unsigned char c = (unsigned char)*url;

		if (c == '&')
			buf_adds(html, "&amp;");
		else if (is_unreserved(c) || strchr(":/?#[]@!$()*+,;=%", c) != NULL)
			buf_add(html, url, 1);
		else
			buf_addf(html, "%%%02X", c);
	}
	buf_adds(html, "\">");
	return true;
}
