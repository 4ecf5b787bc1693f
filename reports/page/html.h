/* Foreign text as HTML: whatever it holds, it is shown and does nothing.  Broken UTF-8 becomes U+FFFD,
 * control characters blanks; characters that turn the writing direction or hide text are left out,
 * and each piece is isolated (<bdi>), so that a text from right to left reorders nothing around it.
 * https://html.spec.whatwg.org/multipage/text-level-semantics.html#the-bdi-element */
#ifndef REPORTS_PAGE_HTML_H
#define REPORTS_PAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

/* How much is shown, in characters. */
enum html_limit {
	HTML_WORD = 80, /* a name */
	HTML_LINE = 400,
	HTML_TEXT = 4000,
	HTML_BLOCK = 16384 /* of a message or an answer, in bytes */
};

/* One line, escaped, without an element around it: for attributes in double quotes, titles and SVG. */
void html_plain(struct buf *html, const char *text, size_t limit);
/* The same inside <bdi>. NULL and "" add nothing. */
void html_text(struct buf *html, const char *text, size_t limit);
/* A text as it looked, lines and all, in a box that scrolls; what is cut off is said below it. */
void html_block(struct buf *html, const char *text);

/* A part of a path or the value of a query, percent-encoded. */
void html_part(struct buf *html, const char *text);
/* The beginning of a link to the outside: nothing but http and https, and nothing that is not part of
 * an address. False: it is none, and nothing was added. */
bool html_link(struct buf *html, const char *url);

#endif
