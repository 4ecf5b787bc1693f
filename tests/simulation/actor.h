/* One process of firedrill in the simulation: what its drivers share. */
#ifndef TESTS_SIMULATION_ACTOR_H
#define TESTS_SIMULATION_ACTOR_H

#include <stdbool.h>

#include "probes/chats/chat.h"
#include "probes/conditions/condition.h"
#include "probes/faults/fault.h"
#include "src/engine/record.h"
#include "tests/simulation/sim.h"

struct ledger;
struct locks;
struct settler;
struct life;

/* What a driver gets as its context is a member of this. */
struct actor {
	struct sim *sim;         /* borrowed */
	struct event_base *base; /* owned */
	struct ledger *ledger;   /* owned */
	struct locks *locks;     /* owned, though the open file may be another's, too */
	struct secrets *secrets; /* owned */
	struct fault_context faults;
	struct condition_context conditions;
	struct fault_op *fault_ops;         /* owned list, in flight */
	struct condition_op *condition_ops; /* owned list, in flight */
	struct chat *chat;                  /* owned */
	struct channels *channels;          /* owned */
	struct settler *settler;            /* owned */
	struct life *life;                  /* owned */
};

/* locks: as somebody else has them open; NULL: its own. Without a ledger when it cannot be opened. */
struct actor *actor_new(struct sim *sim, struct locks *locks);
void actor_free(struct actor *actor);
void actor_pass_until_over(struct actor *actor); /* runs the loop until sim->life.over */
void actor_leave(struct actor *actor);           /* ends this process */

/* faults.c */
void actor_faults_done(struct actor *actor); /* what is in flight is dropped */

/* conditions.c */
extern const struct condition_driver sim_conditions;
void actor_conditions_done(struct actor *actor);

/* chat.c */
extern const struct chat_driver sim_chat_driver;
struct chat *actor_chat_new(struct actor *actor);
void actor_chat_free(struct chat *chat); /* NULL is fine */

/* promises.c: each breaks the case when what it checks does not hold. */
void promise_inject(struct actor *actor, struct sim_drill *drill);
void promise_revert(struct actor *actor, struct sim_drill *drill);
void promise_text(struct sim *sim, const char *what, const char *text);
void promise_record(struct actor *actor, const struct drill_record *record);

#endif
