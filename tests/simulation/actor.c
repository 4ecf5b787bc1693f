/* One process of firedrill in the simulation: making it, and its end. */
#include "tests/simulation/actor.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "probes/chats/channel.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/life.h"
#include "src/engine/settler.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/world.h"

#define LIFE_US INT64_C(7200000000) /* no life takes longer */

struct actor *actor_new(struct sim *sim, struct locks *locks)
{
	struct actor *actor = mem_zalloc(sizeof *actor);
	struct error error = {""};
	char path[96];

	(void)snprintf(path, sizeof path, "%s/ledger", sim->folder);
	actor->sim = sim;
	actor->base = event_base_new();
	actor->secrets = secrets_new();
	actor->faults = (struct fault_context){.base = actor->base, .secrets = actor->secrets};
	actor->locks = locks != NULL ? locks : locks_open(path, &error);
	actor->ledger = actor->locks != NULL ? ledger_open(path, &error) : NULL;
	if (actor->ledger == NULL) {
		sim_trace(sim, "no ledger: %s", error.text);
		sim_count(sim, COUNT_LEDGER_UNOPENED);
		sim->life.no_ledger = true;
	}
	return actor;
}

void actor_free(struct actor *actor)
{
	life_free(actor->life);
	settler_free(actor->settler);
	channels_free(actor->channels);
	actor_chat_free(actor->chat);
	actor_conditions_done(actor);
	actor_faults_done(actor);
	ledger_close(actor->ledger);
	locks_close(actor->locks);
	secrets_free(actor->secrets);
	event_base_free(actor->base);
	free(actor);
}

void actor_pass_until_over(struct actor *actor)
{
	struct sim *sim = actor->sim;
	int64_t end_us = sim->now_us + LIFE_US;

	while (!sim->life.over && sim->broken == 0) {
		if (event_base_loop(actor->base, EVLOOP_ONCE) != 0) {
			sim_break(sim, 6, "nothing is left to wait for, and it is not over");
			return;
		}
		if (sim->now_us > end_us) {
			sim_break(sim, 6, "it does not end");
			return;
		}
	}
}

/* In the child: it never returns. */
void actor_leave(struct actor *actor)
{
	int status = actor->sim->broken != 0 ? SIM_BROKEN : 0;

	if (status == 0) {
		actor_free(actor); /* the last writes can be the last, too */
		calls_end();
	}
	_exit(status);
}
