/* Cases: a world, a configuration, and lives until everything is settled. */
#ifndef TESTS_SIMULATION_CASES_H
#define TESTS_SIMULATION_CASES_H

#include <stdint.h>

#include "tests/simulation/sim.h"

/* Many lives in a world that fails, all by one seed. sim->broken tells how it went. */
void case_random(struct sim *sim, uint64_t seed);

/* A fixed story that ends at the n-th call of its life (0: it does not), and what comes after. */
enum aftermath { AFTER_GUARDIAN, AFTER_NEXT_LIFE, AFTER_POWER_LOSS, AFTER_COUNT };
extern const char *const aftermath_names[AFTER_COUNT];

int story_count(void);
const char *story_name(int story);
/* Returns the number of calls of its life. */
int64_t case_story(struct sim *sim, int story, enum aftermath after, int64_t crash_at);

#endif
