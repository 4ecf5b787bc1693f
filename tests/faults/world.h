/* The world of one test: a loop, a service, canaries with a monitor, and a fault context. */
#ifndef TESTS_FAULTS_WORLD_H
#define TESTS_FAULTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/faults/canary_host.h"
#include "probes/faults/fault.h"
#include "src/base/id.h"
#include "tests/faults/service.h"

#define DRILL       "fd-k3q9x2m7"
#define SECRET      "pa55-w0rd-of-the-test"
#define SECRET_NAME "FIREDRILL_TEST_SECRET"
#define SECRET_REF  "env:" SECRET_NAME

struct world {
	char id[ID_LEN + 1];             /* of the drill */
	struct event_base *base;         /* owned */
	struct http *http;               /* owned */
	struct secrets *secrets;         /* owned */
	struct canary_host *canaries;    /* owned */
	struct fault_children *children; /* owned */
	struct fault_context context;
	struct service service;
	struct monitor *monitor; /* owned; NULL: nobody polls */
};

/* With the drill's id, or NULL for a new one: whoever starts processes needs one of his own, because
 * tests that run at the same time find each other's. */
void world_start(struct world *world, const char *id);
void world_stop(struct world *world);

/* As after a crash: what lived in the process is gone, what was changed outside is still there. */
void world_restart(struct world *world, bool hosts_canaries);

/* Polls /canary/NAME/health every 20 ms; polls that take longer than 200 ms are given up. */
void world_monitor(struct world *world, const char *name);
/* What the last poll that ended saw: a status, or 0 when there was no answer. */
int world_monitor_saw(const struct world *world);

/* What came of a step. */
struct ended {
	size_t calls; /* of done */
	enum fault_outcome outcome;
	char text[1024];
	char *recipe; /* owned; after capture */
	bool gone;
};
void ended_done(struct ended *ended);

fault_done_fn world_on_done; /* arg: struct ended */

/* Runs a step to its end. The result is overwritten. */
enum fault_outcome world_step(struct world *world, fault_start_fn *start, const char *recipe,
			      struct ended *ended);

/* The plan, and the same with a number more in it. Owned by the caller. */
char *world_plan(const struct world *world, const struct fault_driver *driver,
		 const struct fault *fault);
char *recipe_with_number(char *recipe, const char *key, double number); /* takes recipe */

/* loop_until_true for things that the loop is not told of: looks every 10 ms. */
void world_until(struct world *world, bool (*condition)(void *arg), void *arg);

void world_wait(struct world *world, int ms); /* lets the loop run: for sentinels */

#endif
