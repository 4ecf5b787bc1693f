/* Going through everything that a config or a scenario owns, by the table of keys. */
#ifndef SCENARIOS_WALK_H
#define SCENARIOS_WALK_H

#include "scenarios/keys.h"

/* One text of the struct; borrowed during the callback. */
struct walk_text {
	const struct key *key;
	const char *path; /* "expect[0].match[1]", "fault.inject.headers.Authorization" */
	const char *name; /* of a header, setting or variable; else NULL */
	char **text;      /* never NULL, nor is what it points at; may be exchanged */
};
typedef void walk_fn(void *arg, const struct walk_text *text);

/* Every text that is there, also those of keys that belong to another `via`. */
void walk_texts(enum key_file file, void *base, walk_fn *visit, void *arg);

/* Is it the first text of a command? */
bool walk_is_program(const struct walk_text *text);

/* Turns a struct that was copied by assignment into one that owns all that it points at. */
void walk_own(enum key_file file, void *base);

/* Frees all that the struct points at; what stands in no table (such as `file`) stays. */
void walk_free(enum key_file file, void *base);

#endif
