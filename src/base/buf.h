/* A growing text: always NUL-terminated, never longer than its limit. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;      /* owned; NULL while empty */
	size_t len;      /* bytes, without the NUL */
	size_t capacity; /* bytes allocated */
	size_t limit;    /* bytes allowed, 0 for no limit */
	bool full;       /* something was left out because of the limit */
};

void buf_done(struct buf *buf);                              /* frees the contents; reusable */
void buf_add(struct buf *buf, const char *data, size_t len); /* as much as the limit allows */
void buf_adds(struct buf *buf, const char *text);            /* NULL adds nothing */
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *buf); /* borrowed; "" while empty */
char *buf_take(struct buf *buf);             /* owned by the caller; empties buf */

#endif
