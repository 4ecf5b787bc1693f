/* Telling people what became of a drill that died, or of its fault: the drill's own messages are
 * edited where they stand, of a fault the report channel gets a message, and one that stays also goes
 * by the alarm. */
#ifndef PROGRAM_TELLER_H
#define PROGRAM_TELLER_H

#include <stdbool.h>

#include "src/engine/settler.h"
#include "src/program/app.h"

struct teller;
typedef void teller_idle_fn(void *arg);

#define TELLER_GUARDIAN "the guardian" /* as `by`: it goes on trying what is stuck */

/* The app is borrowed and open. by: who put it right, for the message: TELLER_GUARDIAN, "this run",
 * "ann@host by hand". idle: everything that was to be told was, or was given up after a minute; from
 * the loop; may be NULL. */
struct teller *teller_new(struct app *app, const char *by, teller_idle_fn *idle, void *arg);
void teller_free(struct teller *teller); /* what is in flight is dropped; NULL is fine */

/* settled->how CLEAN, STUCK and UNTOLD are told, the others not; the ledger forgets the messages that
 * were edited, except with STUCK. Repeats of STUCK for a drill go out at the
 * first round, and then at most once an hour. A drill's newer news takes the place of what was not
 * delivered yet. */
void teller_tell(struct teller *teller, const struct settled *settled);
/* People know already that the fault of this drill is stuck: the next hour starts now. */
void teller_is_known(struct teller *teller, const char *drill);
/* They know what another one told of. */
void teller_inherit(struct teller *teller, const struct teller *older);
/* A line for the report channel alone, such as "halted by ..."; foreign text in it must be clean
 * (reports/plain.h). body may be NULL. */
void teller_say(struct teller *teller, const char *headline, const char *body);
/* By the alarm alone: for what cannot even be looked at. */
void teller_alarm(struct teller *teller, const char *text);
bool teller_is_idle(const struct teller *teller);
/* What could not be told in the end, in words; NULL: nothing. Borrowed. */
const char *teller_trouble(const struct teller *teller);

#endif
