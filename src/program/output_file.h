/* A file that a person named for what we write: whole, or as it was before. */
#ifndef PROGRAM_OUTPUT_FILE_H
#define PROGRAM_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/error.h"

/* Before the work begins: can it be written? "-" always can. */
MUST_CHECK bool output_file_check(const char *path, struct error *error);
/* Replaces the file, or writes to stdout when it is "-"; the file is never half written. What is no
 * plain file (/dev/stdout, a pipe) is written to as it is. */
MUST_CHECK bool output_file_write(const char *path, const char *text, size_t len,
				  struct error *error);

#endif
