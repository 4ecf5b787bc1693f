/* The lines of a file of iCalendar: RFC 5545, section 3.1.  Private to this folder. */
#ifndef CALENDAR_CONTENT_H
#define CALENDAR_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/error.h"

#define CONTENT_FILE_BYTES 1048576

struct content {
	char *text;   /* owned; the file, unfolded */
	int *numbers; /* owned; of each line that is left, in the file; from 1 */
	size_t at, index;
};

/* One "NAME;PARAMETER=VALUE:VALUE". Borrowed from the content. */
struct content_line {
	const char *name, *parameters, *value;
	size_t name_len, parameters_len, value_len; /* parameters: without the first ";" */
	int number;
};

/* False with an error: it cannot be read, is no ordinary file, is too large, or not a text. */
MUST_CHECK bool content_read(const char *path, struct content *ret_content, struct error *error);
/* The same of a text in memory, which is copied; NULs in it are found. */
MUST_CHECK bool content_of(const char *text, size_t len, struct content *ret_content,
			   struct error *error);
void content_done(struct content *content);

/* The next line that is not empty; false at the end. One without a ":" has no value (NULL). */
bool content_next(struct content *content, struct content_line *ret_line);

bool content_is(const struct content_line *line, const char *name);
/* The value of a parameter, without its quotes; false when it has none. */
bool content_parameter(const struct content_line *line, const char *name, const char **ret_value,
		       size_t *ret_len);

#endif
