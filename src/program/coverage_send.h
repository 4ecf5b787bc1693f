/* Coverage as a message (reports/coverage.h), on its way to people. */
#ifndef PROGRAM_COVERAGE_SEND_H
#define PROGRAM_COVERAGE_SEND_H

#include <stdbool.h>

#include "src/base/error.h"

struct app;
struct coverage;

/* Posts it to the report channel, or else to the first one that a scenario watches, and runs the loop until
 * the chat has answered, 75 s at most. False, with the reason: nobody may have got it. */
bool coverage_send(struct app *app, const struct coverage *coverage, struct error *error);

#endif
