/* The conditions of `stop_when`: asked before anything is touched, and again and again while the
 * fault is in place. */
#ifndef ENGINE_STOPPER_H
#define ENGINE_STOPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/scenario.h"

struct condition_context;
struct condition_driver;
struct event_base;
struct stopper;
typedef void stopper_changed_fn(void *arg);

/* All borrowed, must outlive the stopper. changed: a look is over; from the loop. Looks at every
 * condition at once, then each `every_ms`. */
struct stopper *stopper_start(struct event_base *base, const struct condition_driver *driver,
			      const struct condition_context *context,
			      const struct scenario *scenario, stopper_changed_fn *changed,
			      void *arg);
void stopper_free(struct stopper *stopper); /* looks no more; NULL is fine */

/* Every condition has been looked at. */
bool stopper_has_looked(const struct stopper *stopper);
/* A sentence about the first condition whose last look was bad; NULL: all is calm. Before a fault is
 * put in one bad look is enough. Owned by the caller. */
char *stopper_trouble(const struct stopper *stopper);
/* A sentence about the first condition that was found bad `times` looks in a row; NULL: none. Owned
 * by the caller. */
char *stopper_reason(const struct stopper *stopper, int64_t inject_started_ms);

#endif
