/* Collecting the mistakes of one pass over one file. */
#ifndef SCENARIOS_MISTAKES_H
#define SCENARIOS_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/load.h"

/* Mistakes whose lines still count through the whole text, included files and all. */
struct found {
	struct found_mistake {
		int line;   /* of the source's text, from 1; 0: the file as a whole */
		char *key;  /* owned */
		char *text; /* owned */
	} * list;           /* owned */
	size_t count;
	bool cut; /* there are more than anybody reads */
};

/* Adds a mistake, unless exactly this one is there already.  Whatever looks like a secret in it is
 * hidden: no message ever repeats one. */
void found_add(struct found *found, int line, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Are there as many as anybody reads? Then there is no need to look for where one more stands. */
bool found_is_full(struct found *found);
void found_sort(struct found *found); /* by line */
void found_done(struct found *found);

/* The same for a mistake that belongs to no pass. All texts are copied. */
void mistakes_add(struct mistakes *mistakes, const char *file, int line, const char *key,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
