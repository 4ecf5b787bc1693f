/* The guardian at work: puts right what firedrill left in place, tells people, and goes on trying
 * what is stuck. */
#ifndef PROGRAM_GUARDIAN_SETTLE_H
#define PROGRAM_GUARDIAN_SETTLE_H

#include <stdbool.h>

#include <sys/types.h>

#include "src/program/app.h"
#include "src/program/guardian_watch.h"

/* Is there an open fault that nobody set aside or, when firedrill died, a message of its drills that
 * has to be corrected? True as well when the ledger cannot be read, false when there is none at all:
 * it is never created here. */
bool guardian_has_work(const char *state, bool died);

/* Which file the ledger is. */
struct guarded_file {
	dev_t device;
	ino_t inode;
};
struct guarded_file guardian_file(const char *state);
/* After firedrill died: a ledger that was there when the guardian began, and is gone or another by
 * now, took with it how to put right what was held. Tells it by the alarm, and waits for that. */
void guardian_tell_lost(const struct app *app, struct guarded_file before,
			const struct watch_held *held);

/* Returns the exit code once nothing is left to do. The app is loaded, not open; locks is taken
 * over. known: people know already what is stuck, from firedrill itself. SIGUSR1 means: try now. */
int guardian_settle(struct app *app, struct locks *locks, bool known);

#endif
