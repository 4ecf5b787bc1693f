/* Foreign texts, made fit to stand in a sentence of evidence. */
#include "probes/faults/text.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/secret.h"

/* The length of the well-formed UTF-8 character at text, 0 when there is none (RFC 3629). */
static size_t character(const unsigned char *text, size_t len)
{
	size_t size = text[0] < 0x80                       ? 1
		      : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
		      : text[0] >= 0xe0 && text[0] <= 0xef ? 3
		      : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
							   : 0;

	if (size == 0 || size > len)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	if (size == 3 &&
	    ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f)))
		return 0; /* overlong, surrogate */
	if (size == 4 &&
	    ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f)))
		return 0; /* overlong, beyond U+10FFFF */
	return size;
}

void text_clean(char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t size = character((const unsigned char *)text + at, len - at);

		if (size == 0 || (size == 1 && ((unsigned char)text[at] < ' ' || text[at] == 127)))
			text[at] = ' ';
		at += size > 0 ? size : 1;
	}
}

bool text_is_utf8(const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t size = character((const unsigned char *)text + at, len - at);

		if (size == 0 || text[at] == '\0')
			return false;
		at += size;
	}
	return true;
}

size_t text_cut(const char *text, size_t len, size_t limit)
{
	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

/* A copy without secrets; a secret that the cut would have split is masked before the cut. */
static char *clean_copy(const struct secrets *secrets, const char *data, size_t len)
{
	char *copy = mem_dup_n(data, len);

	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '\0')
			copy[i] = ' ';
	}
	secret_mask(secrets, copy);
	text_clean(copy, len);
	return copy;
}

void text_quote(struct buf *to, const struct secrets *secrets, const char *data, size_t len,
		size_t limit)
{
	char *copy = clean_copy(secrets, data, len);
	size_t kept;

	while (len > 0 && copy[len - 1] == ' ') /* the line's end of an answer */
		len--;
	kept = text_cut(copy, len, limit);

	buf_addf(to, "\"%.*s%s\"", (int)kept, copy, kept < len ? "..." : "");
	free(copy);
}

void text_quote_end(struct buf *to, const struct secrets *secrets, const char *data, size_t len,
		    size_t limit)
{
	char *copy = clean_copy(secrets, data, len);
	size_t from;

	while (len > 0 && copy[len - 1] == ' ')
		copy[--len] = '\0';
	from = len > limit ? len - limit : 0;
	while (from < len && from > 0 && ((unsigned char)copy[from] & 0xc0) == 0x80)
		from++;
	buf_addf(to, "\"%s%s\"", from > 0 ? "..." : "", copy + from);
	free(copy);
}

void text_add_command(struct buf *to, const char *const *argv, size_t limit)
{
	struct buf line = {0};
	size_t kept;

	for (size_t i = 0; argv[i] != NULL; i++) {
		bool plain = argv[i][0] != '\0' && strpbrk(argv[i], " \t\n\"'\\") == NULL;

		buf_addf(&line, plain ? "%s%s" : "%s'%s'", i > 0 ? " " : "", argv[i]);
	}
	text_clean(line.data, line.len);
	kept = text_cut(buf_text(&line), line.len, limit);
	buf_addf(to, "%.*s%s", (int)kept, buf_text(&line), kept < line.len ? "..." : "");
	buf_done(&line);
}
