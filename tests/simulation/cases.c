/* Many lives in a world that fails, all by one seed. */
#include "tests/simulation/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/store/locks.h"
#include "tests/simulation/aftermath.h"
#include "tests/simulation/lives.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/world.h"

#define SECOND_US    INT64_C(1000000)
#define MINUTE_US    (60 * SECOND_US)
#define HOUR_US      (60 * MINUTE_US)
#define LIVES_MAX    14
#define MESSAGES_MAX 800 /* then it is enough */

/* The troubles of the next minutes. */
static void plan_troubles(struct sim *sim, int badness)
{
	struct dice *dice = &sim->dice;

	for (int i = 0; i < TROUBLE_COUNT; i++) {
		int64_t from_us = sim->now_us + dice_between(dice, 0, 90 * SECOND_US);
		int64_t length_us = dice_between(dice, SECOND_US / 2, 20 * SECOND_US);

		if (!dice_chance(dice, badness))
			continue;
		if (i == TROUBLE_DEAD && dice_chance(dice, 30))
			length_us = dice_between(dice, MINUTE_US, HOUR_US);
		world_add_trouble(sim, (enum sim_trouble)i,
				  i == TROUBLE_DEAD ? dice_below(dice, SIM_TARGETS) : 0, from_us,
				  from_us + length_us);
	}
}

static void plan_acts(struct sim *sim, struct life_spec *spec)
{
	struct dice *dice = &sim->dice;
	static const enum act acts[] = {ACT_STOP, ACT_STOP, ACT_HALT,
					ACT_JUMP, ACT_JUMP, ACT_FREEZE};

	while (spec->act_count < 2 && dice_chance(dice, 25)) {
		int i = spec->act_count++;

		/* Without a message of its own firedrill's clock must be right, see world_init(). */
		spec->acts[i].act = sim->plan->config.report.announce
					? acts[dice_below(dice, sizeof acts / sizeof acts[0])]
					: ACT_STOP;
		spec->acts[i].after_ms = dice_between(dice, 0, 60000);
		spec->acts[i].jump_ms = dice_between(dice, -172800000, 172800000);
		spec->acts[i].freeze = dice_below(dice, 4);
	}
}

/* One that stays: drills come one by one, it is halted and resumed in between. */
static void plan_stay(struct sim *sim, struct life_spec *spec)
{
	struct dice *dice = &sim->dice;
	int64_t close_ms = dice_between(dice, 60000, 3600000), at_ms;

	spec->stays = true;
	for (int i = 0; i < spec->drill_count; i++)
		spec->drills[i].after_ms = dice_between(dice, 0, close_ms);
	if (sim->halted_us >= 0 || dice_chance(dice, 40)) {
		at_ms = dice_between(dice, 0, close_ms);
		if (sim->halted_us < 0) {
			spec->acts[spec->act_count].act = ACT_HALT;
			spec->acts[spec->act_count++].after_ms = at_ms;
		}
		spec->acts[spec->act_count].act = ACT_RESUME;
		spec->acts[spec->act_count++].after_ms = at_ms + dice_between(dice, 0, 600000);
	}
	spec->acts[spec->act_count].act = ACT_CLOSE;
	spec->acts[spec->act_count++].after_ms = close_ms;
}

static struct life_spec plan_life(struct sim *sim)
{
	struct dice *dice = &sim->dice;
	struct life_spec spec = {.drill_count = (int)dice_between(dice, 1, LIFE_DRILLS)};

	for (int i = 0; i < spec.drill_count; i++) {
		spec.drills[i].scenario = dice_below(dice, PLAN_SCENARIOS);
		spec.drills[i].environment = dice_below(dice, PLAN_ENVIRONMENTS);
	}
	sim->life.permitted = dice_chance(dice, 80);
	sim->life.scheduled = dice_chance(dice, 20);
	plan_acts(sim, &spec);
	if (dice_chance(dice, 25))
		plan_stay(sim, &spec);
	return spec;
}

/* Somewhere in the next life, early ends as likely as late ones. */
static int64_t plan_crash(struct dice *dice)
{
	return 1 + (int64_t)(dice_bits(dice) % (UINT64_C(1) << dice_between(dice, 5, 13)));
}

static void unlock_by_other(struct sim *sim, struct locks *locks)
{
	locks_close(locks);
	sim->life.locked_environment = sim->life.locked_target = sim->life.locked_drill = -1;
}

/* Another process of the same ledger holds an environment or a target, or works on a fault. */
static struct locks *lock_by_other(struct sim *sim)
{
	int *const whats[] = {&sim->life.locked_environment, &sim->life.locked_target,
			      &sim->life.locked_drill};
	int what = dice_below(&sim->dice, sim->drill_count > 0 ? 3 : 2);
	struct locks *locks;
	struct error error;
	char path[96], target[16], *name;

	if (!dice_chance(&sim->dice, 10))
		return NULL;
	(void)snprintf(path, sizeof path, "%s/ledger", sim->folder);
	locks = locks_open(path, &error);
	*whats[what] = dice_below(&sim->dice, what == 0   ? PLAN_ENVIRONMENTS
					      : what == 1 ? SIM_TARGETS
							  : sim->drill_count);
	(void)snprintf(target, sizeof target, "sim-%d", sim->life.locked_target);
	name =
	    what == 0
		? lock_name_environment(sim->plan->environments[sim->life.locked_environment].name)
	    : what == 1 ? lock_name_target(target)
			: lock_name_fault(sim->drills[sim->life.locked_drill].id);
	sim_trace(sim, "another process holds %s", name);
	if (locks == NULL || locks_take(locks, name, &error) != LOCK_TAKEN)
		*whats[what] = -1;
	else
		sim_count(sim, COUNT_LOCKED_BY_OTHERS);
	free(name);
	return locks;
}

static void live_once(struct sim *sim)
{
	struct life_spec spec = plan_life(sim);
	struct locks *other = lock_by_other(sim), *locks;
	struct error error = {""};
	char path[96];
	int rc;

	(void)snprintf(path, sizeof path, "%s/ledger", sim->folder);
	locks = locks_open(path, &error);
	if (locks == NULL) {
		sim_break(sim, 6, "no locks: %s", error.text);
		return;
	}
	sim->life.number++;
	sim->life.crash_at = dice_chance(&sim->dice, 50) ? plan_crash(&sim->dice) : 0;
	sim_trace(sim, "life %d begins: %d drills", sim->life.number, spec.drill_count);
	rc = lives_run(sim, locks, &spec);
	unlock_by_other(sim, other);
	if (rc == SIM_CRASHED)
		aftermath_of_crash(sim, &locks);
	locks_close(locks);
	if (rc == 0 && !sim->life.no_ledger && dice_chance(&sim->dice, 15))
		aftermath_keep(sim, dice_between(&sim->dice, 0, 3600000));
}

/* Time goes by, people do something. */
static void rest(struct sim *sim)
{
	struct dice *dice = &sim->dice;
	int how = dice_below(dice, 10);

	world_pass(sim, how < 6   ? dice_between(dice, 0, 20 * SECOND_US)
			: how < 9 ? dice_between(dice, MINUTE_US, 2 * HOUR_US)
				  : dice_between(dice, 2 * HOUR_US, 48 * HOUR_US));
	sim->life.crash_at = 0;
	if ((sim->halted_us >= 0 || dice_chance(dice, 15)) && dice_chance(dice, 60))
		(void)lives_person(sim, PERSON_RESUMES);
	if (sim->broken == 0 && dice_chance(dice, 10))
		(void)lives_person(sim, PERSON_ACKS);
	if (sim->broken == 0 && dice_chance(dice, 8)) {
		const struct settle_spec by_hand = {.for_ever = false};

		(void)lives_settle(sim, NULL, &by_hand);
	}
}

void case_begin(struct sim *sim, uint64_t seed, const struct plan *plan)
{
	world_init(sim, seed, plan);
	for (int i = 0; i < 4; i++)
		(void)unlink(plan->freeze[i]);
	sim->life.locked_environment = sim->life.locked_target = sim->life.locked_drill = -1;
	sim_count(sim, COUNT_CASES);
}

void case_random(struct sim *sim, uint64_t seed)
{
	struct dice dice = {seed};
	struct plan *plan = plan_random(&dice, sim->folder);
	int drills = (int)dice_between(&dice, 5, 20), badness = dice_below(&dice, 20);

	case_begin(sim, seed, plan);
	while (sim->broken == 0 && sim->drill_count < drills && sim->life.number < LIVES_MAX &&
	       sim->message_count < MESSAGES_MAX) {
		rest(sim);
		plan_troubles(sim, badness);
		if (sim->broken == 0)
			live_once(sim);
	}
	if (sim->broken == 0)
		aftermath_heal(sim);
	plan_free(plan);
	sim->plan = NULL;
}
