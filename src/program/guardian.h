/* The guardian: a small process of its own that puts right what is in place should this one die in
 * any way, and ends it should it let a lease run out.  This is our end of it; its own is
 * verb_guardian.c. */
#ifndef PROGRAM_GUARDIAN_H
#define PROGRAM_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/error.h"

struct event_base;
struct guardian;
struct locks;

/* ready: it answered, or answers again after it had died and was started anew; else the error says
 * why there is none any more. From the loop. */
typedef void guardian_changed_fn(void *arg, bool ready, const char *error);

/* Starts it: this very program with the verb `guardian`, in a session of its own, with no terminal
 * and nothing open but the socket to us and the locks. All borrowed. NULL with an error. */
struct guardian *guardian_start(struct event_base *base, const char *config, struct locks *locks,
				guardian_changed_fn *changed, void *arg, struct error *error);

/* A fault will be in place until then at the latest. False: there is no guardian now. */
MUST_CHECK bool guardian_hold(struct guardian *guardian, const char *drill, int64_t lease_wall_ms,
			      struct error *error);
void guardian_release(struct guardian *guardian, const char *drill);
pid_t guardian_pid(const struct guardian *guardian); /* -1: none */

/* Says good-bye: it ends too, or, when the ledger still has a fault that is not clean and not set
 * aside, goes on trying in the background. NULL is fine. */
void guardian_free(struct guardian *guardian);

#endif
