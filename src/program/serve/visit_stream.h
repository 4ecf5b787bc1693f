/* What the daemon draws for us, carried from its pipe to where we stand: a reader who does not read keeps
 * the pipe full, and nobody waiting. */
#ifndef PROGRAM_VISIT_STREAM_H
#define PROGRAM_VISIT_STREAM_H

#include <stdbool.h>
#include <stdio.h>

struct event_base;
struct visit_stream;

/* Takes `from` over; to is borrowed. ended: from the loop, when the daemon has closed it. */
struct visit_stream *visit_stream_new(struct event_base *base, int from, FILE *to,
				      void (*ended)(void *arg), void *arg);
/* Waits until all that came is written, for ever if need be. False: it could not be. NULL is fine. */
bool visit_stream_finish(struct visit_stream *stream);
bool visit_stream_has_ended(const struct visit_stream *stream);
void visit_stream_free(struct visit_stream *stream); /* NULL is fine */

#endif
