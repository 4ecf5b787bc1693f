/* What comes after a life. */
#include "tests/simulation/aftermath.h"

#include <stdio.h>
#include <string.h>

#include "src/store/locks.h"
#include "tests/simulation/lives.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/world.h"

#define SECOND_US INT64_C(1000000)

static void drop_locks(struct locks **locks)
{
	locks_close(*locks);
	*locks = NULL;
}

/* What the next life will find. */
static void look(struct sim *sim)
{
	struct rows rows;

	rows_read_copy(sim, &rows);
	rows_check(sim, &rows);
	rows_check_files(sim);
}

void aftermath_guardian(struct sim *sim, struct locks **locks)
{
	const struct settle_spec spec = {
	    .for_ever = true,
	    .keep_ms = dice_chance(&sim->dice, 10) ? dice_between(&sim->dice, 0, 3600000) : 0,
	};
	int rc;

	/* It died; or it was stopped or hung, until its lease was over. */
	world_pass(sim, dice_chance(&sim->dice, 80)
			    ? dice_between(&sim->dice, 0, 2 * SECOND_US)
			    : dice_between(&sim->dice, 10 * SECOND_US, 50 * SECOND_US));
	sim_trace(sim, "the guardian wakes");
	rc = lives_settle(sim, *locks, &spec);
	if (rc != SIM_CRASHED)
		return;
	sim_count(sim, COUNT_GUARDIAN_CRASHES);
	world_give_up_all(sim);
	drop_locks(locks);
	look(sim);
}

void aftermath_power_loss(struct sim *sim, struct locks **locks)
{
	int lost = 0, torn = 0;

	sim_count(sim, COUNT_POWER_LOSSES);
	drop_locks(locks);
	disk_lose_power(&sim->disk, &sim->dice, &lost, &torn);
	sim->counts[COUNT_WRITES_LOST] += (uint64_t)lost;
	sim->counts[COUNT_WRITES_TORN] += (uint64_t)torn;
	sim_trace(sim, "the power goes: %d writes are lost, %d torn", lost, torn);
	world_pass(sim, dice_between(&sim->dice, 10 * SECOND_US, 200 * SECOND_US));
	sim->boot_us = sim->now_us - dice_between(&sim->dice, SECOND_US, 9 * SECOND_US);
	look(sim);
}

void aftermath_of_crash(struct sim *sim, struct locks **locks)
{
	sim_count(sim, COUNT_CRASHES);
	world_give_up_all(sim);
	look(sim);
	sim->life.crash_at = 0;
	if (sim->broken != 0)
		return;
	if (dice_chance(&sim->dice, 20)) {
		aftermath_power_loss(sim, locks);
	} else if (dice_chance(&sim->dice, 75)) {
		if (dice_chance(&sim->dice, 20))
			sim->life.crash_at = dice_between(&sim->dice, 1, 400);
		aftermath_guardian(sim, locks);
	} else {
		sim_trace(sim, "its guardian is dead, too");
		sim_count(sim, COUNT_GUARDIAN_MISSING);
	}
	sim->life.crash_at = 0;
}

void aftermath_keep(struct sim *sim, int64_t keep_ms)
{
	const struct settle_spec spec = {.for_ever = true, .keep_ms = keep_ms};

	sim->life.crash_at = 0;
	(void)lives_settle(sim, NULL, &spec);
}

/* After the last life. */
static void check_rest(struct sim *sim)
{
	struct rows rows;

	rows_read_copy(sim, &rows);
	rows_check(sim, &rows);
	for (int i = 0; i < rows.count; i++) {
		if (!rows.list[i].acked)
			sim_break(sim, 1, "all is well again, and the fault of %s is still %s",
				  rows.list[i].drill, fault_state_name(rows.list[i].state));
	}
	for (int i = 0; i < sim->drill_count; i++) {
		if (!sim->drills[i].acked && world_may_be_in_place(sim, &sim->drills[i]))
			sim_break(sim, 1, "all is well again, and the fault of %s is in place",
				  sim->drills[i].id);
	}
}

/* What firedrill must not touch, because others changed it, is for people. */
static void repair(struct sim *sim)
{
	struct rows rows;

	rows_read_copy(sim, &rows);
	for (int i = 0; i < rows.count; i++) {
		struct sim_drill *drill = world_drill(sim, rows.list[i].drill);

		if (drill != NULL && !rows.list[i].acked)
			world_repair(sim, drill);
	}
}

void aftermath_heal(struct sim *sim)
{
	const struct life_spec nothing = {.drill_count = 0};

	sim->healed = true;
	sim->window_count = 0;
	sim->life.crash_at = 0;
	sim_trace(sim, "everything works again");
	world_pass(sim, 40 * SECOND_US); /* what was on its way has arrived */
	repair(sim);
	if (sim->broken == 0 && sim->halted_us >= 0)
		(void)lives_person(sim, PERSON_RESUMES);
	if (sim->broken == 0)
		(void)lives_run(sim, NULL, &nothing);
	if (sim->broken == 0)
		check_rest(sim);
}
