/* key=value behind each other, as people, journald and every collector of logs read it (logfmt). */
#ifndef PROGRAM_LOGFMT_H
#define PROGRAM_LOGFMT_H

#include "src/base/buf.h"

#define LOGFMT_LINE_BYTES  3900 /* of all pairs of a line: a pipe takes it in one piece (PIPE_BUF) */
#define LOGFMT_VALUE_CHARS 600  /* what is longer ends with an ellipsis */

/* Adds " key=value", the first one without the space: on one line, without control characters, valid
 * UTF-8; in quotes, with '"' and '\' behind a '\', where it is more than one word. A value NULL adds
 * nothing; nor does a pair that has no room left in the line. */
void logfmt_add(struct buf *line, const char *key, const char *value);
/* key, value, key, value, ..., NULL. */
void logfmt_add_all(struct buf *line, const char *const *pairs);

#endif
