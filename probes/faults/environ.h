/* The environment of a child process, built variable by variable. */
#ifndef PROBES_ENVIRON_H
#define PROBES_ENVIRON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/error.h"

struct secrets;

struct environ {
	char *
	    *list; /* owned, as are its members: "NAME=VALUE", NULL-terminated; NULL while empty */
	size_t count;
};

void environ_inherit(struct environ *env); /* adds all of firedrill's own */
void environ_set(struct environ *env, const char *name, const char *value); /* replaces */
void environ_unset(struct environ *env, const char *name);
/* Sets the pairs of a recipe. References to secrets are resolved now; with secrets NULL there are
 * none, and "file:x" is a text as any other. */
MUST_CHECK bool environ_set_pairs(struct environ *env, const cJSON *recipe, const char *key,
				  struct secrets *secrets, struct error *error);
void environ_done(struct environ *env); /* wipes the values: there are secrets among them */

const char *const *environ_list(const struct environ *env); /* borrowed; for child_start */
bool environ_is_name(const char *name);                     /* not empty, without '=' */

#endif
