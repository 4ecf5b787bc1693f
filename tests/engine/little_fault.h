/* The fault drivers of a little world. */
#ifndef TESTS_ENGINE_LITTLE_FAULT_H
#define TESTS_ENGINE_LITTLE_FAULT_H

#include "tests/engine/little_world.h"

void little_faults_done(struct little_world *world);

/* Adds a word to the story. */
void little_tell(struct little_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
