/* One drill: guard, break, watch, put right, judge, tell.  Reads as one page in drill.c. */
#ifndef ENGINE_DRILL_H
#define ENGINE_DRILL_H

#include <stdbool.h>

#include "src/base/error.h"
#include "src/engine/record.h"

struct event_base;
struct channel;
struct channels;
struct condition_context;
struct condition_driver;
struct webhook_context;
struct webhook_driver;
struct fault_context;
struct hops;
struct ledger;
struct locks;

/* What a drill works with. All borrowed, all outlive it; none is NULL unless it says so. */
struct drill_world {
	struct event_base *base;
	const struct config *config;
	const struct fault_context *faults;
	const struct condition_driver *conditions; /* NULL when no scenario has stop_when */
	const struct condition_context *condition_context;
	struct hops *hops; /* the stations of the configured pipelines; NULL: none is asked */
	const struct webhook_driver *webhooks; /* for probes after a gap; NULL: none is posted */
	const struct webhook_context *webhook_context;
	struct ledger *ledger;
	struct locks *locks; /* between processes */
	struct secrets *secrets;
	/* The readers of a chat by its name in the configuration; NULL with an error. */
	struct channels *(*chat)(void *arg, const char *name, struct error *error);
	/* Writes the drill's message as it is now; strings stay valid until the next call. */
	void (*write_post)(void *arg, const struct drill_record *record,
			   struct chat_post *ret_post);
	/* The details for the thread, when the drill is over; false when there is nothing to add. */
	bool (*write_details)(void *arg, const struct drill_record *record,
			      struct chat_post *ret_post);
	/* It is about to say or break something; other processes see that it lives. May be told more than
	 * once; may be NULL. */
	void (*begun)(void *arg, const struct drill_record *record);
	/* Before a fault is put in: is there somebody who puts it right should this process die?
	 * False with an error: nothing is touched. `release`: it is clean, or stuck and nobody here
	 * works on it any more; after each hold that said yes, except when the drill is freed before. */
	bool (*hold)(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		     struct error *error);
	void (*release)(void *arg, const struct drill_record *record);
	/* Does another session of this process have the drill's environment or its target? Then the
	 * drill waits, until session_look. NULL: there is none. */
	bool (*is_taken)(void *arg, const struct drill_record *record);
	/* Told of every change of a record: for the live view. */
	void (*changed)(void *arg, const struct drill_record *record);
	void *arg;
};

struct drill_options {
	bool allow_protected; /* by hand, with --allow-protected */
	enum origin origin;   /* not by hand: the scenario's `schedule` is permission enough */
	const char *repeats;  /* the drill whose gap this one confirms; copied; NULL: none */
	bool repeatable;      /* should it find a gap, it is repeated before anybody is called */
	const char *open_gap; /* as in the record; borrowed during drill_new only; NULL */
	uint64_t ask;         /* whose wish it is, by their own number; 0: nobody's */
};

struct drill;
typedef void drill_done_fn(void *arg, struct drill *drill);

/* The scenario as loaded, borrowed until drill_free; it is resolved here. NULL with an error when it
 * cannot run there. */
MUST_CHECK struct drill *drill_new(const struct drill_world *world, const struct scenario *scenario,
				   const struct environment *environment,
				   const struct drill_options *options, struct error *error);
void drill_start(struct drill *drill, drill_done_fn *done, void *arg); /* done: from the loop */
/* Gives up watching; reverts, confirms and reports all the same. Repeated calls do nothing more. */
void drill_stop(struct drill *drill, const char *why);
/* Any phase; cancels, does not revert, lets go of the locks. NULL is fine. */
void drill_free(struct drill *drill);

const struct drill_record *drill_record(const struct drill *drill);

#endif
