/* Lengths of time as people write them: "250ms", "90s", "5m", "2h", "1d", "1m30s". */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

/* False for anything without a unit, negative, or over 366 days: the text says what is right. */
MUST_CHECK bool duration_parse(const char *text, int64_t *ret_ms, struct error *error);

/* "850 ms", "3.2 s", "4 min 10 s", "2 h 5 min": for people; size >= 32 bytes. */
void duration_format(int64_t ms, char *ret_text, size_t size);

#endif
