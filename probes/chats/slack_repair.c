/* Making the body of an answer fit for a JSON parser. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "probes/chats/slack_text.h"

#define REPLACEMENT        "\xef\xbf\xbd" /* U+FFFD */
#define ESCAPE_LEN         6              /* \uXXXX */
#define REPLACEMENT_ESCAPE "\\ufffd"

/* Length of the character at text, 0 when it is not UTF-8 (RFC 3629, section 4). */
static size_t utf8_len(const unsigned char *text, size_t left)
{
	unsigned char first = text[0];
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (len == 1)
		return 1;
	if (first < 0xc2 || first > 0xf4 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
	    (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

/* The code unit of an escape \uXXXX, or -1. */
static int code_unit(const char *text, size_t left)
{
	int unit = 0;

	if (left < ESCAPE_LEN || text[0] != '\\' || text[1] != 'u')
		return -1;
	for (size_t i = 2; i < ESCAPE_LEN; i++) {
		int c = tolower((unsigned char)text[i]);

		if (!isxdigit(c))
			return -1;
		unit = unit * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return unit;
}

static bool is_half(int unit, int first)
{
	return unit >= first && unit < first + 0x400;
}

/* Copies the escape at text; returns how many bytes it took. */
static size_t repair_escape(struct buf *buf, const char *text, size_t left)
{
	int unit = code_unit(text, left);

	if (unit == 0)
		return ESCAPE_LEN;
	if (is_half(unit, 0xd800) &&
	    is_half(code_unit(text + ESCAPE_LEN, left - ESCAPE_LEN), 0xdc00)) {
		buf_add(buf, text, ESCAPE_LEN + ESCAPE_LEN);
		return ESCAPE_LEN + ESCAPE_LEN;
	}
	if (is_half(unit, 0xd800) || is_half(unit, 0xdc00)) {
		buf_add(buf, REPLACEMENT_ESCAPE, ESCAPE_LEN);
		return ESCAPE_LEN;
	}
	if (left < 2 || (text[1] & 0x80) != 0 || text[1] == '\0') {
		buf_add(buf, text, 1);
		return 1;
	}
	buf_add(buf, text, 2);
	return 2;
}

/* Bytes from text on that need no repair. */
static size_t clean_run(const char *text, size_t left)
{
	size_t run = 0;

	while (run < left && text[run] != '\\' && text[run] != '\0' && (text[run] & 0x80) == 0)
		run++;
	return run;
}

char *slack_repair(const char *body, size_t len, size_t *ret_len)
{
	struct buf buf = {0};
	size_t at = 0;

	while (at < len) {
		size_t run = clean_run(body + at, len - at);
		size_t character;

		buf_add(&buf, body + at, run);
		at += run;
		if (at == len)
			break;
		if (body[at] == '\0') {
			at++;
			continue;
		}
		if (body[at] == '\\') {
			at += repair_escape(&buf, body + at, len - at);
			continue;
		}
		character = utf8_len((const unsigned char *)body + at, len - at);
		if (character > 0)
			buf_add(&buf, body + at, character);
		else
			buf_adds(&buf, REPLACEMENT);
		at += character > 0 ? character : 1;
	}
	*ret_len = buf.len;
	return buf_take(&buf);
}
