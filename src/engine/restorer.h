/* Putting one fault right: revert, read back, again until it is clean or people are needed.  Works
 * from the recipe alone, for a drill and for what an earlier life left behind. */
#ifndef ENGINE_RESTORER_H
#define ENGINE_RESTORER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/words.h"

struct event_base;
struct fault_context;
struct fault_driver;
struct ledger;
struct restorer;
typedef void restorer_changed_fn(void *arg);

/* How long after its caller gave up an inject may still take effect: a request on its way, a service
 * that is slow to act. */
#define RESTORER_LANDING_MS 15000

/* All borrowed, must outlive the restorer. sure_after_ms: clock_ms() until which the fault may still
 * come into place (an inject whose end nobody saw): a target that reads clean before is looked at
 * once more then, and reverted again if need be; TIME_NEVER: inject's end was seen. changed:
 * has_reverted or is_done became true; from the loop, never from inside start. */
struct restorer *restorer_start(struct event_base *base, const struct fault_context *faults,
				struct ledger *ledger, const struct fault_driver *driver,
				const char *drill, const char *recipe, int64_t sure_after_ms,
				restorer_changed_fn *changed, void *arg);
void restorer_free(struct restorer *restorer); /* NULL is fine */

/* A revert was carried out (or given up); what follows is reading back. */
bool restorer_has_reverted(const struct restorer *restorer);
bool restorer_is_done(const struct restorer *restorer);

/* Once done: FAULT_CLEAN or FAULT_STUCK. */
enum fault_state restorer_state(const struct restorer *restorer);
/* The driver's evidence, one sentence. Borrowed. */
const char *restorer_text(const struct restorer *restorer);
/* The fault was found gone before a revert of ours was known to have worked: something else may have
 * taken it out, or changed the target. */
bool restorer_found_it_gone(const struct restorer *restorer);
/* Stuck, and no try could even look whether the fault was still there: the target may have died, and
 * lost it, long before. */
bool restorer_lost_sight(const struct restorer *restorer);
/* Why the ledger does not know the state; NULL: it does. Borrowed. */
const char *restorer_ledger_problem(const struct restorer *restorer);
/* clock_ms() of the revert that was carried out; TIME_NEVER (-1) when none was. */
int64_t restorer_reverted_ms(const struct restorer *restorer);

#endif
