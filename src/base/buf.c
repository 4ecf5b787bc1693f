/* A growing text. */
#include "src/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.limit = buf->limit};
}

void buf_add(struct buf *buf, const char *data, size_t len)
{
	if (buf->limit > 0 && len > buf->limit - buf->len) {
		len = buf->limit - buf->len;
		buf->full = true;
	}
	if (buf->len + len + 1 > buf->capacity) {
		size_t wanted = buf->capacity > 0 ? buf->capacity * 2 : 64;

		if (wanted < buf->len + len + 1)
			wanted = buf->len + len + 1;
		buf->data = mem_grow(buf->data, wanted, 1);
		buf->capacity = wanted;
	}
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	if (text != NULL)
		buf_add(buf, text, strlen(text));
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	buf_add(buf, text, (size_t)len);
	free(text);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *text = buf->data != NULL ? buf->data : mem_dup("");

	*buf = (struct buf){.limit = buf->limit};
	return text;
}
