/* What a person does by hand: who it is, why, and that others hear of it. */
#ifndef PROGRAM_BY_HAND_H
#define PROGRAM_BY_HAND_H

#include "src/base/error.h"
#include "src/program/app.h"
#include "src/program/teller.h"

#define BY_HAND_REASON_MAX 500 /* bytes */

/* "anna@host". Owned by the caller. */
char *by_hand_who(void);

/* What was given with --reason, as one clean line; NULL with an error when it is missing, empty,
 * too long or not text. Owned by the caller. */
char *by_hand_reason(const char *verb, const char *reason, struct error *error);

/* Is it written as a drill's id? Else the error shows one. */
MUST_CHECK bool by_hand_check_drill(const char *drill, struct error *error);

/* What became of a fault, as a paragraph on stdout. who: it was put right by them. */
void by_hand_print(const struct settled *settled, const char *who);

/* Runs the loop until all is told, ten seconds at most. */
void by_hand_wait(struct app *app, struct teller *teller);

#endif
