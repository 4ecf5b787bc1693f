/* What a drill did, event by event, out of its changing record: for the log of a daemon, and, as text,
 * for the history. */
#ifndef PROGRAM_DRILL_LOG_H
#define PROGRAM_DRILL_LOG_H

#include "src/engine/record.h"
#include "src/program/serve/log.h"

#define DRILL_LOG_BYTES \
	16000 /* kept of a drill; what comes after that is counted, but for its end */

struct drill_log;
struct secrets;

/* Something happened: a few words, the same for every event of a kind, and pairs as in log_event.
 * Borrowed, valid during the call. */
typedef void drill_log_fn(void *arg, enum log_level level, const struct drill_record *record,
			  const char *msg, const char *const *pairs);

/* secrets are borrowed; told may be NULL. */
struct drill_log *drill_log_new(const struct secrets *secrets, drill_log_fn *told, void *arg);
void drill_log_free(struct drill_log *log); /* NULL is fine */

/* The record changed: what is new in it is told and kept. */
void drill_log_changed(struct drill_log *log, const struct drill_record *record);
/* It is over: the same, with its end. All of its lines, "time=... level=... phase=... msg=...", each
 * with a line end; without secrets. Owned by the caller; the log forgets the drill. */
char *drill_log_take(struct drill_log *log, const struct drill_record *record);

#endif
