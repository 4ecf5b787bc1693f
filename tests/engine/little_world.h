/* A whole world for one drill, in memory and in virtual time: a chat, faults, and an alerting that
 * posts to the chat when a fault is put in.  The reader of channels, the ledger and the resolving of
 * scenarios are the real ones.  Everything works by default; each misbehaviour is a named field. */
#ifndef TESTS_ENGINE_LITTLE_WORLD_H
#define TESTS_ENGINE_LITTLE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/channel.h"
#include "probes/faults/fault.h"
#include "scenarios/config.h"
#include "src/base/buf.h"
#include "src/engine/drill.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "tests/engine/little_chat.h"

/* The defaults of little_expect. */
#define WITHIN_MS   10000
#define GRACE_MS    5000
#define SETTLE_MS   2000
#define HOLD_MS     30000
#define PATIENCE_MS 4000

/* The drivers: `http` has every step, `exec` neither capture nor witness, `none` leaves nothing. What
 * they change is the URL of the scenario's inject, one for each environment. */

/* How one step of the fault drivers goes. */
struct little_step {
	enum fault_outcome outcome;
	int times;        /* so many calls have it, then it is FAULT_YES; -1: all */
	int64_t takes_ms; /* 0: the next turn of the loop */
	bool hangs;       /* never done */
	int gone_at;      /* the call (1 the first) that finds the fault gone; 0: none */
	int64_t
	    lands_after_ms; /* inject takes effect so late, whether or not somebody waits for it */
	int calls, in_flight;
};

enum little_end { ENDS_NEVER, ENDS_WITH_MESSAGE, ENDS_WITH_EDIT, ENDS_WITH_REPLY };

/* What the alerting does for each fault. */
struct little_rule {
	const char *channel; /* NULL: no rule */
	const char *format;  /* of the alert; "%s" becomes the drill id */
	int64_t after_ms;    /* from the fault on */
	enum little_end end;
	int64_t end_ms; /* from the revert on */
};

enum { LITTLE_RULES = 4, LITTLE_EXPECTS = 3, LITTLE_DRILLS = 2 };

struct little_drill {
	struct little_world *world;
	struct drill *drill; /* owned */
	char id[ID_LEN + 1];
	int done; /* how often */
};

struct little_world {
	struct event_base *base;
	struct chat chat;
	struct channels *channels;
	struct ledger *ledger;
	struct locks *locks;
	char folder[32], file[64];
	bool no_chat; /* the configuration's chat cannot be opened */

	struct {
		struct little_step capture, inject, witness, revert, confirm;
		bool in_place;         /* inject took effect, and no revert has succeeded since */
		int64_t dead_until_ms; /* clock_ms() until which nothing reverts or confirms */
		struct fault_op *ops;
		struct little_landing *landings;
	} fault;
	struct {
		bool refuses; /* hold says no */
		int holds, releases;
	} guardian;
	struct little_rule rules[LITTLE_RULES];
	struct little_alert *alerts;

	struct fault_context faults;
	struct chat_settings settings;
	struct environment staging, production;
	struct config config;
	struct expectation expect[LITTLE_EXPECTS];
	struct scenario scenario;
	struct drill_world drill_world;
	struct drill_options options;

	struct little_drill drills[LITTLE_DRILLS];
	/* In the order it happened: "=phase", "capture/STATE" and the other steps with the ledger's
	 * state at that time, "post:#ops", "shown:#ops", "edit:#ops", "reply:#ops", "hold",
	 * "release". */
	struct buf story;
	/* Called at every change of a record; may be NULL. */
	void (*look)(struct little_world *world, struct drill *drill);
	enum phase stop_at; /* drill_stop as soon as this phase is reached; PHASE_COUNT: never */
};

int little_world_setup(void **state); /* for cmocka; *state is a struct little_world */
int little_world_teardown(void **state);

/* One more expectation: an alert of that name, with the nonce or without. */
struct expectation *little_expect(struct little_world *world, const char *channel,
				  const char *alert, bool nonce);
/* One more rule: the alerting posts that alert, with the nonce, after a second. */
struct little_rule *little_rule(struct little_world *world, const char *channel, const char *alert);

/* So many calls of the step have that outcome, then it is FAULT_YES; -1: all. */
void little_answers(struct little_step *step, enum fault_outcome outcome, int times);
/* The lever that stops everything, as a person pulls it: "the shop is down", by "ann@host". */
void little_halt(struct little_world *world);
void little_resume(struct little_world *world);

/* The usual: one alert with its nonce, that the alerting sends where it is expected. */
void little_simple(struct little_world *world);
#define LITTLE_QUEUE "QueueMissing %s"

/* Makes and starts a drill in staging; asserts that it can be made. */
const struct drill_record *little_start(struct little_world *world);
const struct drill_record *little_start_in(struct little_world *world, size_t which,
					   const struct environment *environment);
/* Starts if need be, and runs until it is done (all are). */
const struct drill_record *little_run(struct little_world *world);
void little_run_until_phase(struct little_world *world, enum phase phase);
void little_pass(struct little_world *world, int64_t ms);

/* The locks of another process with the same ledger. Owned by the caller. */
struct locks *little_other_process(struct little_world *world);

/* The ledger's state of the first drill's fault: FAULT_CLEAN when it is not open. */
enum fault_state little_ledger_state(struct little_world *world);

#endif
