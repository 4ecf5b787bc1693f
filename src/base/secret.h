/* Secrets: named in files, held in memory, never shown. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>

#include "src/base/error.h"

/*
 * A reference is "env:NAME" (an environment variable) or "file:PATH" (the file's text without the
 * final newline, at most 64 KiB).  Files, ledger rows and plans hold references only.
 */
struct secrets; /* every value resolved so far, so that it can be masked */

struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets); /* wipes the values; NULL is fine */

bool secret_is_reference(const char *text);

/*
 * The value behind a reference, borrowed from `secrets`; NULL with an error that names the variable
 * or the file, never a value.  An empty value is an error.
 */
MUST_CHECK const char *secret_resolve(struct secrets *secrets, const char *reference,
				      struct error *error);

/* Replaces every resolved value in text by '*' characters, in place. NULL text is fine. */
void secret_mask(const struct secrets *secrets, char *text);

#endif
