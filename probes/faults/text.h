/* Foreign texts, made fit to stand in a sentence of evidence. */
#ifndef PROBES_TEXT_H
#define PROBES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

struct secrets;

/* Adds a text in quotes: secrets masked before anything is cut, printable, at most `limit` bytes of
 * it. */
void text_quote(struct buf *to, const struct secrets *secrets, const char *data, size_t len,
		size_t limit);
/* The same with the end of the text, where the last lines of a program's output are. */
void text_quote_end(struct buf *to, const struct secrets *secrets, const char *data, size_t len,
		    size_t limit);

/* Adds a command as one would type it, at most `limit` bytes of it. */
void text_add_command(struct buf *to, const char *const *argv, size_t limit);

/* Control characters and broken UTF-8 become blanks, in place. */
void text_clean(char *text, size_t len);
bool text_is_utf8(const char *text, size_t len); /* well-formed (RFC 3629), and without a NUL */

/* Where a text of `len` bytes is cut so that at most `limit` bytes and no half character remain. */
size_t text_cut(const char *text, size_t len, size_t limit);

#endif
