/* How things stand: the halt lever, freeze files, and every fault that is not clean. */
#ifndef PROGRAM_STANDING_H
#define PROGRAM_STANDING_H

#include <stdbool.h>

#include "reports/status.h"
#include "src/program/app.h"

/* Reads it from the ledger and the locks of an open app; takes and changes nothing. False with an
 * error; call status_done in any case. */
MUST_CHECK bool standing_read(struct app *app, struct status *ret_status, struct error *error);

/* Does a firedrill run in one of the configuration's environments? */
bool standing_is_running(struct app *app);

#endif
