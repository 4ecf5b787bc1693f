/* Fixed stories, each ended at every one of its calls. */
#include <stddef.h>

#include "src/store/locks.h"
#include "tests/simulation/aftermath.h"
#include "tests/simulation/cases.h"
#include "tests/simulation/lives.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

#include <stdio.h>

const char *const aftermath_names[AFTER_COUNT] = {"guardian", "next-life", "power-loss"};

static const struct story {
	const char *name;
	enum fault_via via;
	int half, late, hang;
} stories[] = {
    {"http", VIA_HTTP, 0, 0, 0},         {"http-half", VIA_HTTP, 100, 0, 0},
    {"http-late", VIA_HTTP, 0, 100, 0},  {"exec", VIA_EXEC, 0, 0, 0},
    {"exec-half", VIA_EXEC, 100, 0, 0},  {"exec-late", VIA_EXEC, 0, 100, 0},
    {"exec-hangs", VIA_EXEC, 0, 0, 100}, {"process", VIA_PROCESS, 0, 0, 0},
    {"canary", VIA_CANARY, 0, 0, 0},     {"rabbitmq", VIA_RABBITMQ, 0, 0, 0},
    {"none", VIA_NONE, 0, 0, 0},
};

int story_count(void)
{
	return (int)(sizeof stories / sizeof stories[0]);
}

const char *story_name(int story)
{
	return stories[story].name;
}

/* From the crash on the world works. */
static void go_on(struct sim *sim, enum aftermath after, struct locks **locks)
{
	sim_count(sim, COUNT_CRASHES);
	world_give_up_all(sim);
	sim->healed = true;
	sim->life.crash_at = 0;
	switch (after) {
	case AFTER_GUARDIAN:
		aftermath_guardian(sim, locks);
		break;
	case AFTER_POWER_LOSS:
		aftermath_power_loss(sim, locks);
		break;
	case AFTER_NEXT_LIFE:
	case AFTER_COUNT:
		break;
	}
}

int64_t case_story(struct sim *sim, int story, enum aftermath after, int64_t crash_at)
{
	const struct life_spec spec = {.drill_count = 1};
	struct plan *plan = plan_simple(stories[story].via, sim->folder);
	struct error error = {""};
	struct locks *locks;
	int64_t calls;
	char path[96];
	int rc;

	plan->odds.half = stories[story].half;
	plan->odds.late = stories[story].late;
	plan->odds.hang = stories[story].hang;
	case_begin(sim, (uint64_t)story + 1, plan);
	(void)snprintf(path, sizeof path, "%s/ledger", sim->folder);
	locks = locks_open(path, &error);
	if (locks == NULL)
		sim_break(sim, 6, "no locks: %s", error.text);
	sim->life.crash_at = crash_at;
	rc = sim->broken == 0 ? lives_run(sim, locks, &spec) : SIM_BROKEN;
	calls = sim->life.calls;
	if (rc == SIM_CRASHED)
		go_on(sim, after, &locks);
	locks_close(locks);
	if (sim->broken == 0)
		aftermath_heal(sim);
	plan_free(plan);
	sim->plan = NULL;
	return calls;
}
