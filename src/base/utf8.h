/* Foreign bytes as text. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* The length of the well-formed character at text (bytes), 0 when there is none within len.
 * https://www.rfc-editor.org/rfc/rfc3629#section-4 */
size_t utf8_length(const char *text, size_t len);

/* Where to cut a text so that it has at most `limit` bytes and no half of a character. */
size_t utf8_cut(const char *text, size_t len, size_t limit);

/* Control characters (C0, DEL, C1), line and paragraph separators, characters that turn the writing
 * direction, and broken bytes become blanks, in place. */
void utf8_clean(char *text, size_t len);

#endif
