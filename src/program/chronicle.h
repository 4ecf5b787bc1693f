/* Writes drills that are over into the history.  What goes wrong with it is told on stderr at the end,
 * and changes nothing else. */
#ifndef PROGRAM_CHRONICLE_H
#define PROGRAM_CHRONICLE_H

#include "src/engine/record.h"
#include "src/program/app.h"

struct chronicle;

/* Opens the history beside the ledger; before anything is broken, since that may take a moment. */
struct chronicle *chronicle_open(struct app *app); /* borrowed, outlives it */
/* The drill is over. Never waits for another process: what cannot be written now is written when it
 * is closed. */
void chronicle_add(struct chronicle *chronicle, const struct drill_record *record);
/* Nothing is in place any more: writes what is left, and tells on stderr what could not be. */
void chronicle_close(struct chronicle *chronicle);

#endif
