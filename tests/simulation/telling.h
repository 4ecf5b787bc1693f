/* What a life of firedrill asks of its world, and what it tells: each is checked against the truth. */
#ifndef TESTS_SIMULATION_TELLING_H
#define TESTS_SIMULATION_TELLING_H

#include "src/engine/life.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/rows.h"

/* Both borrow the actor, and the second the first. */
void telling_init(struct actor *actor, struct drill_world *ret_drills, struct life_world *ret_life);

settler_told_fn telling_settled; /* arg: the actor */

/* The exit code of a life that is over. */
void telling_check_exit(struct actor *actor, const struct rows *rows);

#endif
