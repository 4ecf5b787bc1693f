/* Drills as JUnit XML, for CI: a suite for each environment, a case for each scenario in it.
 *
 * A case is the scenario's last drill; earlier ones are in its system-out.  A gap is a failure.  An
 * inconclusive drill is an error, and so is any that left a fault behind: something must be done.  One
 * that was refused, or stopped before it was over, is skipped: nothing was found out about the pipeline,
 * and whoever kept it from running knows; the exit code of `run` tells the two from a pass. */
#ifndef REPORTS_JUNIT_H
#define REPORTS_JUNIT_H

#include <stddef.h>

struct past;
struct junit;

struct junit *junit_new(void);
void junit_free(struct junit *junit); /* NULL is fine */

/* A drill more, in any order; copied. */
void junit_add(struct junit *junit, const struct past *past);

/* The whole: valid XML 1.0 whatever the texts hold. Owned by the caller. */
char *junit_text(struct junit *junit);

#endif
