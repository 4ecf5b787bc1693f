/* The daemon is gone in the middle of our drills: what is true now? */
#ifndef PROGRAM_VISIT_LOST_H
#define PROGRAM_VISIT_LOST_H

#include "src/base/words.h"
#include "src/program/app.h"

/* Looks into the ledger until nothing is left in place, for some seconds, and says on stderr what it
 * found. The app is loaded, and not open. EXIT_ABORTED, or EXIT_FAULT_LEFT. */
enum exit_code visit_lost(struct app *app, struct event_base *base, int pid);

#endif
