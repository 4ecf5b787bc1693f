/* The fault drivers of a little world. */
#ifndef TESTS_ENGINE_LITTLE_FAULT_H
#define TESTS_ENGINE_LITTLE_FAULT_H

#include "tests/engine/little_world.h"

/* How often end_inject was called in this process. */
int little_ended_injects(void);

void little_faults_done(struct little_world *world);

#endif
