/* What comes after a life: its guardian, a power loss, a world that heals. */
#ifndef TESTS_SIMULATION_AFTERMATH_H
#define TESTS_SIMULATION_AFTERMATH_H

#include "tests/simulation/sim.h"

struct locks;
struct plan;

void case_begin(struct sim *sim, uint64_t seed, const struct plan *plan);

/* The main process died; by the dice: its guardian settles, dies too, or the power goes. *locks is
 * closed and set to NULL when nobody is left that holds it. */
void aftermath_of_crash(struct sim *sim, struct locks **locks);
void aftermath_guardian(struct sim *sim, struct locks **locks);
void aftermath_power_loss(struct sim *sim, struct locks **locks);

/* A life ended well, but for what it could not put right: its guardian goes on for so long. */
void aftermath_keep(struct sim *sim, int64_t keep_ms);

/* Everything works again, people put right what people broke, and a last life is lived: nothing may
 * be left. */
void aftermath_heal(struct sim *sim);

#endif
