/* The text of a file with its includes put in their places, and where every line came from. */
#ifndef SCENARIOS_SOURCE_H
#define SCENARIOS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/mistakes.h"
#include "src/base/error.h"

struct source {
	char *text; /* owned; valid UTF-8 without NUL, ends with a newline */
	size_t len;
	struct source_line {
		size_t file; /* index */
		int line;
	} * lines; /* owned */
	size_t line_count, line_capacity;
	char **files; /* owned, as are its members; the first is the file itself */
	size_t file_count;
};

/*
 * Reads a regular file of at most 1 MiB, or the text when it is not NULL (then `path` is only a
 * name), and every file that it includes by a line that begins with @include "PATH" (relative to
 * the folder of the file that includes it).  False when the text is not to be parsed; what is wrong
 * is in `found`.
 *
 * libconfig never opens a file itself: on an @include of a folder it would end the process, and an
 * unclosed comment would hide the rest of the file without a word.
 */
MUST_CHECK bool source_read(struct source *source, const char *path, const char *text,
			    struct found *found);
void source_done(struct source *source);

/* Where a line of the text came from; line 0 is the file itself. */
const char *source_file(const struct source *source, int line);
int source_line(const struct source *source, int line);

/* "FOLDER/name" for a path relative to the file's folder; absolute ones as they are. Owned by the
 * caller. */
char *source_beside(const char *file, const char *path);

/* Every comment and text that looks like a secret, in a text that is not parsed any further. */
void source_look_for_secrets(const struct source *source, struct found *found);

#endif
