/* Memory that is there: every function here returns memory or ends the process. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Running out of memory is treated as a crash, because crashes are covered: the intent of every
 * fault is durable before it is touched, so the next life reverts it.  Code that limped on with
 * half a report could lie; code that dies here cannot.
 */
void *mem_zalloc(size_t size);                        /* zeroed; owned by the caller, free() */
void *mem_grow(void *old, size_t count, size_t size); /* realloc to count * size bytes */
char *mem_dup(const char *text);                      /* NULL gives NULL; owned by the caller */
char *mem_dup_n(const char *text, size_t len);        /* NUL is added */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
