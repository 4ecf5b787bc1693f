/* `firedrill run --self-test`: firedrill proves itself on a miniature world that loses alerts. */
#ifndef PROGRAM_SELF_TEST_H
#define PROGRAM_SELF_TEST_H

#include "src/program/options.h"

/* Runs one drill for each way to lose an alert, all at once, and prints what was expected of it and
 * what it found. EXIT_PASS only if all of them are right; EXIT_GAP when one is not, EXIT_ABORTED when
 * it was stopped, EXIT_USAGE when the world does not start or the options make no sense with it. */
int self_test_run(const struct options *options);

#endif
