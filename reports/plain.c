/* Foreign text made safe to show. */
#include "reports/plain.h"

#include <string.h>
#include <wchar.h>

#include "src/base/mem.h"

#define REPLACEMENT      0xfffd
#define REPLACEMENT_UTF8 "\xef\xbf\xbd"

size_t plain_next(const char *text, uint32_t *ret_char)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)text[0];
	size_t size = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = first < 0x80 ? first : first & (0x7fU >> size);

	for (size_t i = 1; i < size; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80) { /* the NUL at the end is none either */
			size = 0;
			break;
		}
		c = c << 6 | (next & 0x3f);
	}
	if (size == 0 || first > 0xf4 || c < smallest[size] || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff)) {
		*ret_char = REPLACEMENT;
		return 1;
	}
	*ret_char = c;
	return size;
}

/* Adds the character at `at`, as it is or as what replaces it. */
static void add_utf8(struct buf *buf, const char *at, size_t size, uint32_t c)
{
	if (c == REPLACEMENT)
		buf_adds(buf, REPLACEMENT_UTF8);
	else
		buf_add(buf, at, size);
}

char *plain_utf8(const char *text)
{
	struct buf buf = {0};
	uint32_t c;

	if (text == NULL)
		return NULL;
	for (size_t size; *text != '\0'; text += size) {
		size = plain_next(text, &c);
		add_utf8(&buf, text, size, c);
	}
	return buf_take(&buf);
}

/* White space and every control character, C1 included: U+009B alone starts an escape sequence. */
static bool is_blank(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029;
}

/* Characters without a shape that turn the writing direction, join or hide. */
static bool is_hidden(uint32_t c)
{
	return c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* What stands for a character where there is ASCII only. */
static const char *ascii_for(uint32_t c)
{
	switch (c) {
	case 0xb7:   /* middle dot */
	case 0x2013: /* dashes */
	case 0x2014:
		return "-";
	case 0x2018: /* quotation marks */
	case 0x2019:
		return "'";
	case 0x201c:
	case 0x201d:
		return "\"";
	case 0x2026: /* ellipsis */
		return "...";
	default:
		return "?";
	}
}

/* How much of the limit a character takes. */
static size_t cost_of(uint32_t c, const struct plain *how)
{
	int width;

	if (how->chat)
		return c == '&' ? 5 : c == '<' || c == '>' ? 4 : 1;
	if (how->ascii)
		return c < 0x80 ? 1 : strlen(ascii_for(c));
	width = wcwidth((wchar_t)c);
	return width < 0 ? 1 : (size_t)width;
}

/* Shortens buf to len bytes and ends it with an ellipsis; what of the limit is used then. */
static size_t cut(struct buf *buf, size_t len, size_t used, const struct plain *how, size_t dots)
{
	if (buf->data != NULL) {
		buf->len = len;
		buf->data[len] = '\0';
	}
	if (used + dots > how->limit)
		return used;
	buf_adds(buf, how->ascii ? "..." : "\xe2\x80\xa6");
	return used + dots;
}

size_t plain_add(struct buf *buf, const char *text, const struct plain *how)
{
	size_t dots = how->ascii ? 3 : 1;
	size_t used = 0, safe_used = 0, safe_len = buf->len; /* safe: dots would still fit */
	bool space = false;
	uint32_t c;

	for (size_t size; text != NULL && *text != '\0'; text += size) {
		size_t cost;

		size = plain_next(text, &c);
		if (is_blank(c)) {
			space = used > 0;
			continue;
		}
		if (is_hidden(c) || (how->chat && (c == '*' || c == '`')))
			continue;
		cost = cost_of(c, how);
		if (how->limit > 0 && used + space + cost > how->limit)
			return cut(buf, safe_len, safe_used, how, dots);
		if (space)
			buf_adds(buf, " ");
		if (how->ascii && c >= 0x80)
			buf_adds(buf, ascii_for(c));
		else
			add_utf8(buf, text, size, c);
		used += cost + space;
		space = false;
		if (used + dots <= how->limit) {
			safe_used = used;
			safe_len = buf->len;
		}
	}
	return used;
}

size_t plain_columns(const char *text, bool ascii)
{
	struct buf buf = {0};
	size_t columns = plain_add(&buf, text, &(struct plain){.ascii = ascii});

	buf_done(&buf);
	return columns;
}
