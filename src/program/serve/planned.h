/* Writes into the history what was begun and what was missed by schedule, and when the next digest is due,
 * so that the next life knows.
 * Never waits: what cannot be written now is written later, of a scenario in an environment in the same
 * order.  What was begun is written at once; of what was missed there may be very much after a long time,
 * so that it is written in slices, between which the loop does other things. */
#ifndef PROGRAM_PLANNED_H
#define PROGRAM_PLANNED_H

#include <stdbool.h>

#include "src/base/error.h"
#include "src/engine/planner.h"

#define PLANNED_WAITING_MAX 20000 /* kept to be written later; then the oldest are forgotten */

struct chronicle;
struct event_base;
struct planned;

/* Both borrowed. */
struct planned *planned_new(struct event_base *base, struct chronicle *chronicle);
void planned_free(struct planned *planned); /* what waits is lost; NULL is fine */

void planned_begun(struct planned *planned, const struct planner_due *due);
void planned_missed(struct planned *planned, const struct planner_missed *missed);
/* The next digest is due then; -1: none. */
void planned_digest(struct planned *planned, int64_t due_wall_ms);
/* What an earlier life said of that last; -1: nothing, or not known. */
int64_t planned_digest_before(const struct planned *planned);
/* Writes some now, the rest soon; with wait_ms, which is at most so long for another process that writes,
 * all. False: it cannot be written now, and why. */
bool planned_write(struct planned *planned, int64_t wait_ms, struct error *error);
bool planned_is_written(const struct planned *planned);

#endif
