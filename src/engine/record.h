/* Everything that is known of one drill, for those who show it: terminal, chat, JSON. */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/config.h"
#include "scenarios/scenario.h"
#include "src/base/id.h"
#include "src/base/words.h"
#include "src/engine/evidence.h"
#include "src/engine/judge.h"
#include "src/engine/proof.h"
#include "src/engine/timing.h"

struct drill_record {
	char id[ID_LEN + 1];
	const struct scenario *scenario;       /* borrowed; resolved for this drill */
	const struct environment *environment; /* borrowed */
	enum origin origin;
	char repeats[ID_LEN + 1]; /* the drill whose gap this one confirms; "": none */
	bool repeatable;          /* a gap of it is repeated before anybody is called */
	char *
	    open_gap; /* owned; people were told of this scenario's gap here: where, as a link or in
			 * words; NULL: none is open */
	uint64_t ask; /* as in drill_options */
	const char *target; /* borrowed; what is changed, in one line; "" when nothing is */
	enum effect effect;
	const char *ends_by_itself; /* static; NULL: nothing does */
	enum phase phase;
	int64_t started_wall_ms;       /* wall clock at start */
	int64_t started_ms;            /* clock_ms() at start */
	int64_t phase_ms[PHASE_COUNT]; /* clock_ms() when entered; TIME_NEVER */
	int64_t deadline_ms;    /* clock_ms() of the next thing that must happen; TIME_NEVER */
	struct timing *timings; /* owned; one for each expectation, from the end of the baseline on;
				 * NULL: not computed, as nothing is "auto" and no station tells */
	size_t timing_count;
	struct evidence evidence;
	struct judgement judgement; /* final in PHASE_REPORT and PHASE_DONE; empty before */
	struct proof *proofs; /* owned; what the delivered alerts have proven, in PHASE_REPORT */
	size_t proof_count;
	char *report_problem;   /* owned; why the report did not reach the chat; NULL: it did */
	char *report_permalink; /* owned; of the drill's own message; NULL when not known */
};

/* The wall clock time of a clock_ms() time of this drill. */
int64_t record_wall_ms(const struct drill_record *record, int64_t at_ms);

#endif
