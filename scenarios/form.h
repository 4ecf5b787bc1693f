/* What one text must look like. */
#ifndef SCENARIOS_FORM_H
#define SCENARIOS_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/config.h"
#include "scenarios/keys.h"
#include "src/base/error.h"

/* Is all of it valid UTF-8? When not, ret_at tells where (NULL is fine). */
bool form_is_utf8(const char *text, size_t len, size_t *ret_at);

bool form_is_name(const char *text);      /* [a-z0-9] with hyphens between */
bool form_is_variable(const char *text);  /* what may stand in ${...} */
bool form_is_builtin(const char *text);   /* drill, environment, scenario, original */
bool form_is_reference(const char *text); /* "env:NAME" or "file:PATH" in full */

/*
 * A text that is final, all variables replaced: does it fit its key?  `name` is the header or the
 * variable that it belongs to (NULL for keys without names), `config` is for the chats it has. The
 * error never repeats a secret.
 */
MUST_CHECK bool form_check(const struct key *key, const char *name, const char *text,
			   const struct config *config, struct error *error);

/* The same for the names in groups of headers, settings and variables. */
MUST_CHECK bool form_check_name(enum key_type type, const char *name, struct error *error);

#endif
