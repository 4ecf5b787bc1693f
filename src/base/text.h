/* Texts that may be missing. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>

/* The same bytes; NULL is the same as NULL only. */
bool text_is_same(const char *a, const char *b);

#endif
