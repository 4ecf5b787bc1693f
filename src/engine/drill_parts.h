/* The inside of a drill: shared by its flow (drill.c), its phases (phases*.c) and its other parts
 * (drill_*.c) only. */
#ifndef ENGINE_DRILL_PARTS_H
#define ENGINE_DRILL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/faults/fault.h"
#include "src/engine/announcer.h"
#include "src/engine/drill.h"
#include "src/engine/hops.h"
#include "src/engine/lookout.h"
#include "src/engine/restorer.h"
#include "src/engine/search.h"
#include "src/engine/stopper.h"
#include "src/engine/strangers.h"
#include "src/store/locks.h"

struct event;

/* The locks of a drill, in the order in which they are taken. */
enum drill_lock { DRILL_LOCK_ENVIRONMENT, DRILL_LOCK_TARGET, DRILL_LOCK_FAULT, DRILL_LOCK_COUNT };

struct drill {
	const struct drill_world *world; /* borrowed */
	const struct scenario *loaded;   /* borrowed; as it was written, for all environments */
	struct scenario *scenario;       /* owned; resolved for this drill */
	const struct fault_driver *driver;
	struct drill_options options;
	struct drill_record record; /* its phase is written only by enter() */

	char *locked[DRILL_LOCK_COUNT]; /* owned; the names that are held; NULL: not */
	char *target;                   /* owned; what is changed */
	char *recipe;                   /* owned; as the ledger has it */
	struct fault_op *op;            /* owned; the driver's step in flight */
	int64_t sure_after_ms;          /* until then an inject may land whose end was not seen */
	struct restorer *restorer;      /* owned; revert and confirm */
	struct lookout **lookouts;      /* owned; one for each expectation */
	struct stopper *stopper;        /* owned; NULL: no `stop_when`, or not looking */
	struct strangers *strangers;    /* owned; NULL: not looking */
	struct hops_look *hops;         /* owned; NULL: no pipeline, or not asking */
	struct bisect *bisect;          /* owned; NULL: no probes are sent */
	struct announcer *announcer;    /* owned */
	struct search *search;          /* owned; in flight */
	struct texts other_homes;       /* owned; channels that the search passes over */
	size_t searched;                /* expectations that were looked for elsewhere */
	struct event *timer;            /* owned; the phase's limit */
	int64_t armed_ms;               /* ... clock_ms() */
	int64_t unwritten_ms;           /* clock_ms() since which the ledger is busy */
	struct event *turn;             /* owned; the first step and `done` come from the loop */
	/* Side by side, as there are many drills. */
	bool unwritten; /* the ledger is busy: what the phase begins with is tried again */
	bool held;      /* world->hold said yes, world->release was not called */
	bool announced; /* announcer_start was called */
	bool expired;   /* the timer's time has passed */
	bool advancing; /* guards against drivers that call back from inside start */
	drill_done_fn *done;
	void *done_arg; /* borrowed */
};

/* drill.c */
void drill_advance(struct drill *drill);
void drill_on_changed(void *drill);                 /* drill_advance as the callback of its parts */
void drill_arm(struct drill *drill, int64_t at_ms); /* the phase's limit, clock_ms() */
void drill_give_up(struct drill *drill, enum stop why, const char *text); /* the first one counts */
bool drill_is_stopped(const struct drill *drill);
/* The ledger was not written. When another process is just writing, the phase begins once more in a
 * moment; else, or after ten seconds of that, the drill is given up. */
void drill_try_again(struct drill *drill, const char *error);

/* phases.c, and for what happens to the fault phases_fault.c: what each phase begins with ... */
void phase_begin_baseline(struct drill *drill);
void phase_begin_announce(struct drill *drill);
void phase_begin_record(struct drill *drill);
void phase_begin_inject(struct drill *drill);
void phase_begin_witness(struct drill *drill);
void phase_begin_watch(struct drill *drill);
void phase_begin_revert(struct drill *drill);
void phase_begin_confirm(struct drill *drill);
void phase_begin_report(struct drill *drill);

/* ... and how it knows that it is over. */
bool phase_is_allowed(struct drill *drill);
bool phase_has_baseline(struct drill *drill);
bool phase_is_confounded(const struct drill *drill);
bool phase_has_announced(struct drill *drill);
bool phase_has_injected(struct drill *drill);
bool phase_has_watched(struct drill *drill);
bool phase_has_reverted(struct drill *drill);
bool phase_has_restored(struct drill *drill);
bool phase_has_recovered(struct drill *drill);
bool phase_has_explained(struct drill *drill);
bool phase_has_reported(struct drill *drill);

void phase_close_intent(struct drill *drill); /* nothing was touched: the ledger is told */
bool phase_is_biting(
    const struct drill *drill); /* as far as is known: is there anything to watch? */

/* drill_stops.c: what ends a drill from outside, from the baseline until the revert. */
void stops_begin(struct drill *drill); /* after the lookouts were made */
bool stops_have_looked(struct drill *drill);
void stops_look(struct drill *drill); /* gives up when one says so */
void stops_end(struct drill *drill);

/* drill_hops.c: the stations of the environment's pipeline, if it has one. */
void drill_hops_begin(struct drill *drill);
bool drill_hops_have(const struct drill *drill, enum hop_time time); /* nothing is waited for */
void drill_hops_ask_peak(struct drill *drill, int64_t until_ms);     /* clock_ms() */
void drill_hops_ask_arrived(struct drill *drill);                    /* nobody waits for it */
void drill_hops_ask_after(struct drill *drill);
void drill_hops_explain(struct drill *drill); /* into the evidence */
/* What is explained of an expectation; borrows from the drill. */
struct hop_want drill_hops_want(const struct drill *drill, size_t expect);
void drill_hops_end(struct drill *drill);

/* drill_proofs.c: what the delivered alerts prove. */
void drill_proofs_ask(struct drill *drill);  /* all are there: the watch is over */
void drill_proofs_find(struct drill *drill); /* into the record, once it is judged */

/* drill_timing.c: deadlines that are "auto", and whether the others can be kept. */
void drill_timing_prepare(struct scenario *scenario); /* as far as is known at the start */
void drill_timing_settle(struct drill *drill);        /* the stations have told; may refuse */

/* drill_bisect.c: probes after a gap. */
bool drill_has_bisected(struct drill *drill);          /* begins it, where it is wanted */
void drill_bisect_stop(struct drill *drill);           /* before the stations are let go */
bool drill_bisect_is_clean(const struct drill *drill); /* no alert of it is left */
void drill_bisect_end(struct drill *drill);

/* drill_locks.c: between processes. Each may be called again when it holds already. */
/* A guard: the error is that of a refusal, with LOCK_BUSY too. */
MUST_CHECK enum lock_result drill_lock_place(struct drill *drill, struct error *error);
MUST_CHECK bool drill_lock_fault(struct drill *drill, struct error *error);
/* For the next drill. The fault's lock stays until all was told: others would take a drill that is not
 * in the history yet, and that nobody locks, for one that nobody finished. */
void drill_unlock_place(struct drill *drill);
void drill_unlock(struct drill *drill); /* all of them */

#endif
