/* Promises 2 and 3: a verdict against what really happened in the chat, and the end of a drill against
 * real alerts and stop conditions. */
#ifndef TESTS_SIMULATION_TRUTH_H
#define TESTS_SIMULATION_TRUTH_H

#include "src/engine/record.h"
#include "tests/simulation/sim.h"

void truth_check(struct sim *sim, const struct sim_drill *drill, const struct drill_record *record);

#endif
