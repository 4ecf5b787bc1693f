/* A drill that is over, as the history has it or as its line of JSON tells it.  What is read here may be
 * damaged: everything that is not as it should be is taken for not known. */
#ifndef REPORTS_PAST_H
#define REPORTS_PAST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"

struct history_drill;

/* Texts are borrowed and never NULL: "" when not known. */
struct past {
	const char *drill, *scenario, *environment, *verdict, *reason, *origin, *repeats;
	int exit_code;
	int64_t started_wall_ms, ended_wall_ms; /* before the year 10000; 0: not known */
	const struct history_drill *kept;       /* borrowed; NULL: known by its report alone */
	cJSON *report;                          /* owned; NULL: none is kept, or it is damaged */
};

void past_of_drill(struct past *ret_past, const struct history_drill *kept);
/* By its line of JSON (reports/json.h) alone, which is borrowed during the call only. False: it is not
 * one; there is nothing to free then. */
bool past_of_report(struct past *ret_past, const char *json);
void past_done(struct past *past);

/* Values of a report. NULL or -1: it is not there, or not of that kind. */
const char *past_text(const cJSON *object, const char *key);
int64_t past_ms(const cJSON *object, const char *key);
const cJSON *past_object(const cJSON *object, const char *key);
/* For a loop over cJSON entries (`next`): the first of a list; NULL: it is empty, or none. */
const cJSON *past_list(const cJSON *object, const char *key);

/* What became of it in one sentence, as it is in the report; else in words of its own. */
void past_what(struct buf *buf, const struct past *past);
/* "by hand", "by schedule", "to confirm the gap of fd-k3q9x2m7". */
void past_origin(struct buf *buf, const struct past *past);

/* The report of a drill that nobody finished: what is known without one; its own is not read.
 * state: of its fault, NULL: it had none; revert_text NULL: none. Owned by the caller. */
char *past_unfinished(const struct history_drill *drill, const char *state, const char *revert_text,
		      const char *text);

/* Its line of JSON, with `origin`, `repeats` and `ended`, and on demand with its `evidence`; always valid,
 * without a newline. Owned by the caller. */
char *past_json(const struct past *past, bool evidence);

#endif
