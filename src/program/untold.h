/* Reports of a run that did not reach their channel: told together by the second path, once, when the
 * drills are over. */
#ifndef PROGRAM_UNTOLD_H
#define PROGRAM_UNTOLD_H

#include <stdbool.h>

#include "src/engine/record.h"
#include "src/program/app.h"

struct untold;

struct untold *untold_new(struct app *app); /* open, borrowed */
void untold_free(struct untold *untold);    /* NULL is fine */

/* A drill is over. Of one whose report arrived nothing is kept. */
void untold_drill(struct untold *untold, const struct drill_record *record);
/* All drills are: sends what there is. EXIT_PASS when there is nothing, else EXIT_UNTOLD. */
enum exit_code untold_send(struct untold *untold);
bool untold_is_over(const struct untold *untold); /* it was sent, or given up */
/* "1 report did not reach the chat; told by mail instead"; NULL: all of them did. Borrowed. */
const char *untold_text(const struct untold *untold);

#endif
