/* The daemon's log: one line an event, "key=value" behind each other on stderr, for people, journald and
 * every collector alike (logfmt).  With JOURNAL_STREAM set each line begins with its level as journald
 * reads it, sd-daemon(3), and has no time; else with "time=2026-11-21T10:03:12.123Z". */
#ifndef PROGRAM_LOG_H
#define PROGRAM_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "src/base/error.h"
#include "src/engine/record.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG, LEVEL_COUNT };
bool log_level_parse(const char *word, enum log_level *ret_level, struct error *error);
const char *log_level_name(enum log_level level);

struct log;
typedef void log_mask_fn(void *arg, char *text); /* takes out secrets, in place */

struct log *log_new(FILE *out, enum log_level level); /* out is borrowed */
void log_free(struct log *log);                       /* NULL is fine */
/* Called with each line before it is written; NULL: nobody. */
void log_set_mask(struct log *log, log_mask_fn *mask, void *arg);

/* msg: a few words, the same for every event of a kind. pairs: key, value, key, value, ..., NULL; values
 * are made safe and quoted where needed, a NULL value leaves its pair out. Never waits for a reader. */
void log_event(struct log *log, enum log_level level, const char *msg, const char *const *pairs);
/* The same of a drill: drill=, scenario=, environment=, phase= are added. */
void log_drill(struct log *log, enum log_level level, const struct drill_record *record,
	       const char *msg, const char *const *pairs);

#endif
