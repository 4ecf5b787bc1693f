/* One life of firedrill under one configuration, with all that it needs: its guardian, its stations, its
 * teller, its alarm, its chronicle.  `firedrill run` has one; `firedrill serve` has a new one for each
 * configuration, the old one ending when its drills are over. */
#ifndef PROGRAM_SHIFT_H
#define PROGRAM_SHIFT_H

#include <stdbool.h>

#include "src/engine/record.h"
#include "src/engine/settler.h"
#include "src/program/app.h"
#include "src/program/drill_log.h"

struct chronicle;
struct drill_options;
struct history_drill;
struct shift;

/* All but `over` may be NULL. From the loop; records and texts are borrowed, valid during the call. */
struct shift_hears {
	void (*ready)(void *arg); /* its guardian watches: the life has begun */
	/* Another shift of this process has the environment or the target of the drill: it waits until
	 * shift_look. */
	bool (*is_taken)(void *arg, const struct drill_record *record);
	void (*changed)(void *arg, const struct drill_record *record);
	void (*finished)(void *arg, const struct drill_record *record);
	drill_log_fn *event; /* something happened in a drill: for a log */
	/* A fault of it is left: text is a paragraph that says what to do; the alarm was raised. */
	void (*left)(void *arg, const struct drill_record *record, const char *text);
	void (*settled)(void *arg, const struct settled *settled);
	/* A drill of a firedrill that ended before is in the history now: what is known of it. */
	void (*unfinished)(void *arg, const struct history_drill *drill);
	/* The lever was pulled, and lifted; without `halted` a note says so. */
	void (*halted)(void *arg, const char *reason, const char *by);
	void (*resumed)(void *arg);
	/* As of a life (life.h); the report channel is told, too. */
	void (*lost)(void *arg, const char *why);
	void (*note)(void *arg, const char *text); /* a line for people */
	/* Its last drill is over. exit_code: as of `run`. It may be freed once shift_is_told. */
	void (*over)(void *arg, enum exit_code exit_code);
	void *arg;
};

struct shift_ask {
	const char *settled_by; /* who puts right what earlier lives left: "the next run" */
	bool stays;             /* goes on when its drills are over, until shift_close */
};

/* The app is open, and borrowed, as is the chronicle; hears is copied. */
struct shift *shift_new(struct app *app, struct chronicle *chronicle, const struct shift_ask *ask,
			const struct shift_hears *hears);
void shift_free(struct shift *shift); /* NULL is fine */

/* As life_add. */
MUST_CHECK bool shift_add(struct shift *shift, const struct scenario *scenario,
			  const struct environment *environment,
			  const struct drill_options *options, struct error *error);
/* As session_has_place and session_look. */
bool shift_has_place(const struct shift *shift, const struct drill_record *record);
void shift_look(struct shift *shift);
/* Starts its guardian, and then its life. Nothing is broken without a guardian: then `over`. */
void shift_start(struct shift *shift);
/* Takes no more drills, ends when those that it has are over. */
void shift_close(struct shift *shift);
/* Reverts and reports what runs, drops what has not begun, and ends. */
void shift_stop(struct shift *shift, const char *why);
void shift_stop_ask(struct shift *shift, uint64_t ask, const char *why);
/* People were told that the fault of this drill is stuck: they are not told again within the hour. */
void shift_knows_left(struct shift *shift, const char *drill);
/* ... and neither of what the older one told of. */
void shift_inherit(struct shift *shift, const struct shift *older);
/* Everything that was to be told by the teller and the alarm was, or was given up. */
bool shift_is_told(const struct shift *shift);
/* Why it did not begin, or who could not be told of a fault, in words; NULL: nothing. Borrowed. */
const char *shift_trouble(const struct shift *shift);

#endif
