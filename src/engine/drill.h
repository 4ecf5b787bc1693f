/* One drill: guard, break, watch, put right, judge, tell.  Reads as one page in drill.c. */
#ifndef ENGINE_DRILL_H
#define ENGINE_DRILL_H

#include <stdbool.h>

#include "src/base/error.h"
#include "src/engine/record.h"

struct event_base;
struct channel;
struct channels;
struct fault_context;
struct ledger;

/* What a drill works with. All borrowed, all outlive it. */
struct drill_world {
	struct event_base *base;
	const struct config *config;
	const struct fault_context *faults;
	struct ledger *ledger;
	struct secrets *secrets;
	/* The readers of a chat by its name in the configuration; NULL with an error. */
	struct channels *(*chat)(void *arg, const char *name, struct error *error);
	/* Writes the drill's message as it is now; strings stay valid until the next call. */
	void (*write_post)(void *arg, const struct drill_record *record,
			   struct chat_post *ret_post);
	/* The details for the thread, when the drill is over; false when there is nothing to add. */
	bool (*write_details)(void *arg, const struct drill_record *record,
			      struct chat_post *ret_post);
	/* Told of every change of a record: for the live view. */
	void (*changed)(void *arg, const struct drill_record *record);
	void *arg;
};

struct drill_options {
	bool allow_protected;
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
void drill_free(struct drill *drill); /* any phase; cancels, does not revert; NULL is fine */

const struct drill_record *drill_record(const struct drill *drill);

#endif
