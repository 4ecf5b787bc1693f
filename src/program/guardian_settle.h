/* The guardian at work: puts right what firedrill left in place, tells people, and goes on trying
 * what is stuck. */
#ifndef PROGRAM_GUARDIAN_SETTLE_H
#define PROGRAM_GUARDIAN_SETTLE_H

#include <stdbool.h>

#include "src/program/app.h"

/* Is there an open fault that nobody set aside? True as well when the ledger cannot be read, false
 * when there is none at all: it is never created here. */
bool guardian_has_work(const char *state);

/* Returns the exit code once nothing is left to do. The app is loaded, not open; locks is taken
 * over. known: people know already what is stuck, from firedrill itself. SIGUSR1 means: try now. */
int guardian_settle(struct app *app, struct locks *locks, bool known);

#endif
