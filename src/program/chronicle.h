/* Writes drills that are over into the history.  What goes wrong with it is told at the end, or to those
 * who ask, and changes nothing else. */
#ifndef PROGRAM_CHRONICLE_H
#define PROGRAM_CHRONICLE_H

#include "src/engine/record.h"
#include "src/program/app.h"

struct chronicle;
struct history;
struct secrets;

/* Opens the history beside the ledger; before anything is broken, since that may take a moment. */
struct chronicle *chronicle_open(struct app *app); /* borrowed, during the call */
/* The drill is about to say or break something: should this process die, later ones know of it. Never
 * waits for another process. */
void chronicle_begin(struct chronicle *chronicle, const struct drill_record *record);
/* One of this process that began and is not in the history yet. */
bool chronicle_knows(const struct chronicle *chronicle, const char *drill);
/* The drill is over; log: its lines (drill_log.h), NULL: none. Never waits for another process: what
 * cannot be written now is written with the next one, or when it is closed. */
void chronicle_add(struct chronicle *chronicle, const struct drill_record *record,
		   const struct secrets *secrets, const char *log);
/* Tries again what could not be opened or written, for those that live long. */
void chronicle_write(struct chronicle *chronicle);
/* What it writes to, borrowed; NULL: it could not be opened. */
struct history *chronicle_history(struct chronicle *chronicle);
/* Why something is not in the history yet, or never will be; NULL: everything is. Borrowed. */
const char *chronicle_trouble(const struct chronicle *chronicle);
/* Nothing is in place any more: writes what is left, and tells on stderr what could not be. */
void chronicle_close(struct chronicle *chronicle);

#endif
