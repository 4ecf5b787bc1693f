/* The inside of a drill: shared by its flow (drill.c) and its phases (phases.c) only. */
#ifndef ENGINE_DRILL_PARTS_H
#define ENGINE_DRILL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/faults/fault.h"
#include "src/engine/announcer.h"
#include "src/engine/drill.h"
#include "src/engine/lookout.h"
#include "src/engine/restorer.h"
#include "src/engine/search.h"

struct event;

struct drill {
	const struct drill_world *world; /* borrowed */
	const struct scenario *loaded;   /* borrowed; as it was written, for all environments */
	struct scenario *scenario;       /* owned; resolved for this drill */
	const struct fault_driver *driver;
	struct drill_options options;
	struct drill_record record; /* its phase is written only by enter() */

	char *recipe;                /* owned; as the ledger has it */
	struct fault_op *op;         /* owned; the driver's step in flight */
	struct restorer *restorer;   /* owned; revert and confirm */
	struct lookout **lookouts;   /* owned; one for each expectation */
	struct announcer *announcer; /* owned */
	bool announced;              /* announcer_start was called */
	struct search *search;       /* owned; in flight */
	struct texts other_homes;    /* owned; channels that the search passes over */
	size_t searched;             /* expectations that were looked for elsewhere */
	struct event *timer;         /* owned; the phase's limit */
	bool expired;                /* ... has passed */
	struct event *turn;          /* owned; the first step and `done` come from the loop */
	bool advancing;              /* guards against drivers that call back from inside start */
	drill_done_fn *done;
	void *done_arg; /* borrowed */
};

/* drill.c */
void drill_advance(struct drill *drill);
void drill_on_changed(void *drill);                 /* drill_advance as the callback of its parts */
void drill_arm(struct drill *drill, int64_t at_ms); /* the phase's limit, clock_ms() */
void drill_give_up(struct drill *drill, enum stop why, const char *text); /* the first one counts */
bool drill_is_stopped(const struct drill *drill);

/* phases.c: what each phase begins with ... */
void begin_baseline(struct drill *drill);
void begin_announce(struct drill *drill);
void begin_record(struct drill *drill);
void begin_inject(struct drill *drill);
void begin_witness(struct drill *drill);
void begin_watch(struct drill *drill);
void begin_revert(struct drill *drill);
void begin_report(struct drill *drill);

/* ... and how it knows that it is over. */
bool is_allowed(struct drill *drill);
bool has_baseline(struct drill *drill);
bool is_confounded(const struct drill *drill);
bool has_announced(struct drill *drill);
bool has_watched(struct drill *drill);
bool has_restored(struct drill *drill);
bool has_recovered(struct drill *drill);
bool has_explained(struct drill *drill);
bool has_reported(struct drill *drill);

void close_intent(struct drill *drill); /* nothing was touched: the ledger is told */

#endif
