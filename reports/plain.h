/* Foreign text made safe to show: valid UTF-8, one line, no control characters, never too long. */
#ifndef REPORTS_PLAIN_H
#define REPORTS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

/* Where the text goes and how much of it. */
struct plain {
	size_t limit; /* columns, or characters as the chat counts them; 0: no limit */
	bool chat;    /* '*' and '`' are left out; '&', '<' and '>' count as they are escaped */
	bool ascii;   /* the reader has no UTF-8 */
};

/* The character at a text's start ("" has none) and how many bytes it takes; U+FFFD and 1 for a
 * byte that is not UTF-8. https://www.rfc-editor.org/rfc/rfc3629 */
size_t plain_next(const char *text, uint32_t *ret_char);

/* A copy in which every byte that is not UTF-8 became U+FFFD, and nothing else changed. Owned by
 * the caller; NULL gives NULL. */
char *plain_utf8(const char *text);

/*
 * Adds a text as one line: white space, control characters and line ends become one space each run
 * (so no escape sequence survives), characters that turn or hide text are left out, and what is
 * longer than the limit ends with an ellipsis. Returns how much of the limit was used; NULL is "".
 */
size_t plain_add(struct buf *buf, const char *text, const struct plain *how);

/* Columns that plain_add would use without a limit. */
size_t plain_columns(const char *text, bool ascii);

#endif
