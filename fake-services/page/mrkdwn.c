/* Slack's mrkdwn as HTML, for people.  Whatever the text is, it stays text. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "fake-services/page/page.h"
#include "src/base/buf.h"

#define MAX_SHOWN 8000 /* bytes of one text */
#define MAX_SPAN  2000 /* bytes between two markers */
#define MAX_DEPTH 6

static const struct {
	const char *name, *sign;
} emoji[] = {
    {":white_check_mark:", "✅"},
    {":rotating_light:", "🚨"},
    {":warning:", "⚠️"},
    {":red_circle:", "🔴"},
    {":large_green_circle:", "🟢"},
    {":large_yellow_circle:", "🟡"},
    {":x:", "❌"},
    {":fire:", "🔥"},
    {":bell:", "🔔"},
    {":hourglass:", "⌛"},
    {":mag:", "🔍"},
    {":link:", "🔗"},
    {":eyes:", "👀"},
    {":beer:", "🍺"},
    {":question:", "❓"},
    {":thread:", "🧵"},
    {":rocket:", "🚀"},
    {":no_entry:", "⛔"},
};

/* Escaping. */

static void escape_char(struct buf *html, char c)
{
	switch (c) {
	case '&':
		buf_adds(html, "&amp;");
		break;
	case '<':
		buf_adds(html, "&lt;");
		break;
	case '>':
		buf_adds(html, "&gt;");
		break;
	case '"':
		buf_adds(html, "&quot;");
		break;
	case '\'':
		buf_adds(html, "&#39;");
		break;
	default:
		buf_add(html, &c, 1);
		break;
	}
}

void fake_page_escape(struct buf *html, const char *text)
{
	for (; *text != '\0'; text++)
		escape_char(html, *text);
}

/* Length of "&amp;", "&lt;" or "&gt;" at the text, else 0. */
static size_t entity_len(const char *text, size_t len)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;"};

	for (int i = 0; i < 3; i++)
		if (strlen(entities[i]) <= len &&
		    strncmp(text, entities[i], strlen(entities[i])) == 0)
			return strlen(entities[i]);
	return 0;
}

static void plain(struct buf *html, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t entity = entity_len(text + at, len - at);

		if (entity > 0)
			buf_add(html, text + at, entity);
		else
			escape_char(html, text[at]);
		at += entity > 0 ? entity : 1;
	}
}

void fake_page_plain(struct buf *html, const char *text)
{
	size_t len = strnlen(text, MAX_SHOWN);

	plain(html, text, len);
	if (text[len] != '\0')
		buf_adds(html, " …");
}

/* <...>: links, people, channels, calls to everyone. */

static bool is_link(const char *text, size_t len)
{
	return (len > 8 && strncasecmp(text, "https://", 8) == 0) ||
	       (len > 7 && strncasecmp(text, "http://", 7) == 0) ||
	       (len > 7 && strncasecmp(text, "mailto:", 7) == 0);
}

static void angle(struct buf *html, const char *text, size_t len)
{
	const char *bar = memchr(text, '|', len);
	size_t target = bar != NULL ? (size_t)(bar - text) : len;
	const char *label = bar != NULL ? bar + 1 : text;
	size_t label_len = bar != NULL ? len - target - 1 : len;

	if (is_link(text, target)) {
		buf_adds(html, "<a rel=\"noopener noreferrer\" href=\"");
		plain(html, text, target);
		buf_adds(html, "\">");
		plain(html, label, label_len);
		buf_adds(html, "</a>");
		return;
	}
	buf_adds(html, "<span class=\"at\">");
	if (text[0] == '#' || text[0] == '@')
		buf_add(html, text, 1);
	else if (text[0] == '!')
		buf_adds(html, "@");
	if (bar == NULL) {
		label++;
		label_len--;
	}
	plain(html, label, label_len);
	buf_adds(html, "</span>");
}

/* *bold*, _italic_, ~strike~, `code`. */

static const char *element_of(char marker)
{
	return marker == '*' ? "b" : marker == '_' ? "i" : marker == '~' ? "s" : "code";
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (unsigned char)c >= 0x80;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

/* Bytes between the marker at `at` and its partner on the same line; 0: it has none. */
static size_t span_len(const char *text, size_t len, size_t at)
{
	char marker = text[at];
	size_t end = at + 1 + MAX_SPAN < len ? at + 1 + MAX_SPAN : len;

	if ((at > 0 && is_word(text[at - 1])) || at + 1 >= len || is_space(text[at + 1]))
		return 0;
	for (size_t i = at + 1; i < end && text[i] != '\n'; i++)
		if (text[i] == marker && i > at + 1 && !is_space(text[i - 1]) &&
		    (i + 1 >= len || !is_word(text[i + 1])))
			return i - at - 1;
	return 0;
}

static size_t add_emoji(struct buf *html, const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof emoji / sizeof emoji[0]; i++) {
		size_t name = strlen(emoji[i].name);

		if (name <= len && strncmp(text, emoji[i].name, name) == 0) {
			buf_adds(html, emoji[i].sign);
			return name;
		}
	}
	return 0;
}

static void inline_text(struct buf *html, const char *text, size_t len, int depth);

/* What starts at the text's byte `at`: writes it and returns its length, 0: nothing special. */
static size_t special(struct buf *html, const char *text, size_t len, size_t at, int depth)
{
	char c = text[at];
	const char *end;
	size_t span;

	if (c == ':')
		return add_emoji(html, text + at, len - at);
	if (c == '<') {
		end = memchr(text + at, '>', len - at);
		if (end == NULL || end - (text + at) < 3 || end - (text + at) > MAX_SPAN)
			return 0;
		if (!is_link(text + at + 1, len - at - 1) && strchr("@#!", text[at + 1]) == NULL)
			return 0;
		angle(html, text + at + 1, (size_t)(end - (text + at)) - 1);
		return (size_t)(end - (text + at)) + 1;
	}
	if (strchr("*_~`", c) == NULL || depth >= MAX_DEPTH)
		return 0;
	span = span_len(text, len, at);
	if (span == 0)
		return 0;
	buf_addf(html, "<%s>", element_of(c));
	if (c == '`')
		plain(html, text + at + 1, span);
	else
		inline_text(html, text + at + 1, span, depth + 1);
	buf_addf(html, "</%s>", element_of(c));
	return span + 2;
}

static void inline_text(struct buf *html, const char *text, size_t len, int depth)
{
	for (size_t at = 0; at < len;) {
		size_t used = text[at] == '\0' ? 1 : special(html, text, len, at, depth);

		if (used == 0)
			used = entity_len(text + at, len - at);
		else {
			at += used;
			continue;
		}
		if (used > 0)
			buf_add(html, text + at, used);
		else
			escape_char(html, text[at]);
		at += used > 0 ? used : 1;
	}
}

/* Lines: quotes, and the rest with line breaks. */

static size_t quote_len(const char *line, size_t len)
{
	size_t mark = len > 0 && line[0] == '>'                   ? 1
		      : len >= 4 && strncmp(line, "&gt;", 4) == 0 ? 4
								  : 0;

	return mark > 0 && mark < len && line[mark] == ' ' ? mark + 1 : mark;
}

static void lines(struct buf *html, const char *text, size_t len)
{
	bool quoted = false, first = true;

	for (size_t at = 0; at <= len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end != NULL ? (size_t)(end - (text + at)) : len - at;
		size_t mark = quote_len(text + at, line);

		if (quoted != (mark > 0))
			buf_adds(html, mark > 0 ? "<blockquote>" : "</blockquote>");
		else if (!first)
			buf_adds(html, "<br>");
		quoted = mark > 0;
		first = false;
		inline_text(html, text + at + mark, line - mark, 0);
		at += line + 1;
	}
	if (quoted)
		buf_adds(html, "</blockquote>");
}

/* Length of the next part that is not inside ``` ```; *ret_code is what is inside, if anything. */
static size_t next_part(const char *text, size_t len, const char **ret_code, size_t *ret_code_len)
{
	const char *open = memmem(text, len, "```", 3);
	const char *close;

	*ret_code = NULL;
	if (open == NULL)
		return len;
	close = memmem(open + 3, len - (size_t)(open + 3 - text), "```", 3);
	if (close == NULL)
		return len;
	*ret_code = open + 3;
	*ret_code_len = (size_t)(close - (open + 3));
	return (size_t)(open - text);
}

void fake_page_mrkdwn(struct buf *html, const char *text)
{
	size_t len = strnlen(text, MAX_SHOWN);
	bool cut = text[len] != '\0';

	while (len > 0) {
		const char *code;
		size_t code_len = 0;
		size_t part = next_part(text, len, &code, &code_len);

		if (part > 0)
			lines(html, text, part);
		text += part;
		len -= part;
		if (code == NULL)
			break;
		buf_adds(html, "<pre>");
		plain(html, code, code_len);
		buf_adds(html, "</pre>");
		text += code_len + 6;
		len -= code_len + 6;
		if (len > 0 && text[0] == '\n') {
			text++;
			len--;
		}
	}
	if (cut)
		buf_adds(html, " <span class=\"edited\">… (cut)</span>");
}
