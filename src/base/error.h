/* Why something failed, in words that say what to do. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* Marks a function whose result must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Owned by the caller, passed last, written only on failure. */
struct error {
	char text[512];
};

/* Always false, so that a failing function can end with `return error_set(...)`. NULL is fine. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
