/* Memory that is there, or the process ends. */
#include "src/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must_have(void *memory)
{
	if (memory == NULL) {
		(void)fputs("firedrill: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *mem_zalloc(size_t size)
{
	return must_have(calloc(1, size > 0 ? size : 1));
}

void *mem_grow(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return must_have(NULL);
	return must_have(realloc(old, count * size > 0 ? count * size : 1));
}

char *mem_dup(const char *text)
{
	return text != NULL ? mem_dup_n(text, strlen(text)) : NULL;
}

char *mem_dup_n(const char *text, size_t len)
{
	char *copy = must_have(malloc(len + 1));

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *mem_printf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return must_have(len >= 0 ? text : NULL);
}
