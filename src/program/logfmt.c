/* key=value behind each other. */
#include "src/program/logfmt.h"

#include <stdbool.h>
#include <string.h>

#include "reports/plain.h"

static bool is_word(const char *text)
{
	return text[0] != '\0' && strpbrk(text, " =\"\\") == NULL;
}

static void add_quoted(struct buf *out, const char *text)
{
	buf_adds(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_adds(out, "\\");
		buf_add(out, text, 1);
	}
	buf_adds(out, "\"");
}

void logfmt_add(struct buf *line, const char *key, const char *value)
{
	static const struct plain how = {.limit = LOGFMT_VALUE_CHARS};
	struct buf plain = {0}, pair = {0};

	if (value == NULL)
		return;
	(void)plain_add(&plain, value, &how);
	buf_addf(&pair, "%s%s=", line->len > 0 ? " " : "", key);
	if (is_word(buf_text(&plain)))
		buf_adds(&pair, buf_text(&plain));
	else
		add_quoted(&pair, buf_text(&plain));
	if (line->len + pair.len <= LOGFMT_LINE_BYTES)
		buf_add(line, pair.data, pair.len);
	buf_done(&plain);
	buf_done(&pair);
}

void logfmt_add_all(struct buf *line, const char *const *pairs)
{
	for (size_t i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
		logfmt_add(line, pairs[i], pairs[i + 1]);
}
