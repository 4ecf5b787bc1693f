/* What the author wrote that will spoil a drill: lengths of time and texts that do not go together. */
#include "src/engine/timing_written.h"

#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/duration.h"
#include "src/base/id.h"

#define LENGTH_SIZE  32
#define START_MS     5000             /* putting a fault in, and looking whether it bites */
#define LONG_HOLD_MS INT64_C(1800000) /* a lease below this is never too long */
#define LONG_HOLD    4                /* ... nor one of so many times the longest deadline */
#define MINUTE_MS    INT64_C(60000)

struct warning {
	const struct scenario *scenario;  /* borrowed */
	const struct expectation *expect; /* borrowed */
	size_t index;
	const struct timing *timing; /* borrowed; NULL: offline */
	timing_warn_fn *warn;
	void *arg; /* borrowed, for warn */
};

/* Words. */

static void tell(const struct warning *warning, const char *key, struct buf *text,
		 struct buf *advice)
{
	const struct timing_warning told = {warning->index, key, buf_text(text), buf_text(advice)};

	warning->warn(warning->arg, &told);
	buf_done(text);
	buf_done(advice);
}

static void add_span(struct buf *buf, int64_t ms)
{
	char text[LENGTH_SIZE];

	duration_format(ms, text, sizeof text);
	buf_adds(buf, text);
}

/* As it is written in a file. */
static void add_length(struct buf *buf, int64_t ms)
{
	char text[LENGTH_SIZE];

	timing_written(ms, text, sizeof text);
	buf_addf(buf, "\"%s\"", text);
}

/* "write hold_at_most = "6m" at least". */
static void advise_length(struct buf *advice, const char *key, int64_t ms)
{
	buf_addf(advice, "write %s = ", key);
	add_length(advice, ms);
	buf_adds(advice, " at least");
}

/* What is expected. */

static bool has_nonce(const struct expectation *expect)
{
	for (size_t i = 0; i < expect->match.count; i++) {
		const char *text = expect->match.list[i];

		if (id_find(text, strlen(text)) != NULL)
			return true;
	}
	return false;
}

/* The deadline; less than 0 when only the stations know it, and were not asked or do not tell. */
static int64_t deadline_of(const struct warning *warning, const struct expectation *expect)
{
	if (expect->within_ms != SCENARIO_AUTO)
		return expect->within_ms;
	if (warning->timing == NULL || warning->timing->unknown != NULL ||
	    expect != warning->expect)
		return -1;
	return timing_deadline(warning->timing, false);
}

static bool is_resolved_wanted(const struct expectation *expect)
{
	return expect->resolved_ms != 0;
}

/* By the files alone. */

/* Longer than anything is waited for. */
static void warn_of_long_hold(const struct warning *warning, int64_t deadline)
{
	int64_t hold = warning->scenario->fault.hold_ms;
	struct buf text = {0}, advice = {0};

	if (hold <= LONG_HOLD * deadline || hold <= deadline + MINUTE_MS)
		return;
	buf_adds(&text, "the fault stays in place for ");
	add_span(&text, hold);
	buf_adds(&text, ", and the last alert is due after ");
	add_span(&text, deadline);
	buf_adds(&advice, "write hold = ");
	add_length(&advice, deadline);
	buf_adds(&advice, ", or take it out, unless the rule needs the fault for so long");
	tell(warning, "fault.hold", &text, &advice);
}

/* Once for the scenario: with the alert that is waited for longest. */
static bool is_longest(const struct warning *warning)
{
	int64_t deadline = deadline_of(warning, warning->expect);

	for (size_t i = 0; i < warning->scenario->expect_count; i++) {
		int64_t other = deadline_of(warning, &warning->scenario->expect[i]);

		if (i == warning->index)
			continue;
		if (other < 0 || other > deadline || (other == deadline && i < warning->index))
			return false;
	}
	return true;
}

static void warn_of_hold(const struct warning *warning)
{
	int64_t hold = warning->scenario->fault.hold_at_most_ms;
	int64_t deadline = deadline_of(warning, warning->expect);
	struct buf text = {0}, advice = {0};

	if (warning->scenario->fault.kind == KIND_NONE || deadline < 0 || !is_longest(warning))
		return;
	warn_of_long_hold(warning, deadline);
	if (hold < deadline && warning->expect->within_ms == SCENARIO_AUTO)
		return; /* refused: src/engine/timing_warn.c says so */
	if (hold < deadline + START_MS) {
		buf_adds(&text,
			 "the fault may be taken out before the alert is due: it is held for ");
		add_span(&text, hold);
		buf_adds(&text, " at most, counted from when it is begun, and the deadline is ");
		add_span(&text, deadline);
		buf_adds(&text, " after it is in place");
		advise_length(&advice, "hold_at_most", deadline + START_MS);
		tell(warning, "fault.hold_at_most", &text, &advice);
	} else if (hold > LONG_HOLD_MS && hold > LONG_HOLD * deadline &&
		   warning->scenario->fault.hold_ms <= deadline) {
		buf_adds(&text, "should firedrill and its machine vanish, the fault may stay for ");
		add_span(&text, hold);
		buf_adds(&text, ", and the last alert is due after ");
		add_span(&text, deadline);
		buf_adds(&advice, "hold_at_most = ");
		add_length(&advice, deadline + MINUTE_MS);
		buf_adds(&advice, " is enough");
		tell(warning, "fault.hold_at_most", &text, &advice);
	}
}

/* In any case, not as a part of a longer word. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)) != NULL; at++) {
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[len]))
			return true;
	}
	return false;
}

/* A text that the sender takes away when the alert is over. */
static void warn_of_resolved_match(const struct warning *warning)
{
	const struct texts *match = &warning->expect->match;

	for (size_t i = 0; is_resolved_wanted(warning->expect) && i < match->count; i++) {
		struct buf text = {0}, advice = {0};

		if (!has_word(match->list[i], "firing"))
			continue;
		buf_addf(&text,
			 "\"%.60s\" in match may not be in the resolved message, which says "
			 "resolved instead, so that one would not be recognised",
			 match->list[i]);
		buf_adds(&advice, "take it out of match, or resolved out of this expectation");
		tell(warning, "match", &text, &advice);
		return;
	}
}

/* What an earlier drill posted may be taken for this one's. */
static void warn_of_attribution(const struct warning *warning, int64_t spacing_ms)
{
	const struct expectation *expect = warning->expect;
	int64_t deadline = deadline_of(warning, expect), needed;
	struct buf text = {0}, advice = {0};

	if (deadline < 0 || has_nonce(expect))
		return;
	needed = deadline + (expect->resolved_ms > 0 ? expect->resolved_ms : 0);
	if (spacing_ms >= needed)
		return;
	buf_adds(&text, "the alert is recognised without the drill's id, and ");
	if (spacing_ms > 0) {
		buf_adds(&text, "only ");
		add_span(&text, spacing_ms);
		buf_adds(&text, " must lie between two drills");
	} else {
		buf_adds(&text, "the environment has no spacing");
	}
	buf_adds(&text, ": what an earlier drill posted may make this one inconclusive");
	buf_adds(&advice, "add \"${drill}\" to match if the alert can carry it, else write "
			  "spacing = ");
	add_length(&advice, needed);
	buf_adds(&advice, " in the environment");
	tell(warning, "match", &text, &advice);
}

/* The fault must be there until the alert is out, whatever the deadline says. */
static bool warn_of_short_hold(const struct warning *warning)
{
	int64_t hold = warning->scenario->fault.hold_at_most_ms;
	int64_t most = warning->timing != NULL ? warning->timing->most_ms : -1;
	struct buf text = {0}, advice = {0};
	int64_t needed;

	if (warning->scenario->fault.kind == KIND_NONE || most < 0 || hold >= most ||
	    warning->expect->within_ms == SCENARIO_AUTO)
		return false;
	buf_addf(&text, "the fault %s be held too short: for ",
		 hold < warning->timing->least_ms ? "will" : "may");
	add_span(&text, hold);
	buf_adds(&text, " at most, and the alert takes up to ");
	add_span(&text, most);
	buf_adds(&text, ", as the stations are set up");
	needed = timing_deadline(warning->timing, false);
	if (needed < most)
		needed = most;
	advise_length(&advice, "hold_at_most", needed + START_MS);
	tell(warning, "fault.hold_at_most", &text, &advice);
	return true;
}

void timing_warn_written(const struct scenario *resolved, size_t expect, int64_t spacing_ms,
			 const struct timing *timing, timing_warn_fn *warn, void *arg)
{
	const struct warning warning = {resolved, &resolved->expect[expect], expect, timing, warn,
					arg};

	if (warning.expect->never)
		return; /* nothing is waited for */
	if (!warn_of_short_hold(&warning))
		warn_of_hold(&warning);
	warn_of_resolved_match(&warning);
	warn_of_attribution(&warning, spacing_ms);
}
