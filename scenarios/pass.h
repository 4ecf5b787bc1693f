/* One pass over one file: its text, where its keys stand, and the mistakes found so far. */
#ifndef SCENARIOS_PASS_H
#define SCENARIOS_PASS_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/keys.h"
#include "scenarios/load.h"
#include "scenarios/mistakes.h"
#include "scenarios/source.h"

struct pass {
	enum key_file file;
	struct source source;
	struct found found;
	struct place {      /* a key that its author wrote */
		char *path; /* owned; "expect[0].match" */
		int line;   /* of the source's text */
	} * places;         /* owned */
	size_t place_count, place_capacity;
};

void pass_place(struct pass *pass, const char *path, int line);

/* Did the author write this key? */
bool pass_has(const struct pass *pass, const char *path);

/* Did the author write it, and is nothing wrong with it so far? */
bool pass_is_good(const struct pass *pass, const char *path);

/* Adds a mistake at the line of a key, or of the nearest group around it that was written. */
void pass_mistake(struct pass *pass, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands the mistakes over, in the order of their lines, and frees the pass. True when there was
 * none. */
MUST_CHECK bool pass_end(struct pass *pass, struct mistakes *mistakes);

/* Reads the tree of the source's text into the struct of its file (config or scenario, zeroed). */
void pass_parse(struct pass *pass, void *target);

#endif
