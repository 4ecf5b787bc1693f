/* The deadlines of a drill, from what the stations told before anything is announced or touched. */
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/drill_parts.h"
#include "src/engine/hops.h"
#include "src/engine/timing.h"

/* Until the stations have told: no deadline can be longer than the fault is held, so the baseline
 * looks as far back as it may have to. */
void drill_timing_prepare(struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->expect_count; i++) {
		struct expectation *expect = &scenario->expect[i];

		if (expect->within_ms == SCENARIO_AUTO)
			expect->within_ms = scenario->fault.hold_at_most_ms;
		if (expect->resolved_ms == SCENARIO_AUTO)
			expect->resolved_ms = TIMING_UNKNOWN_MS;
	}
	if (scenario->fault.hold_ms == SCENARIO_AUTO)
		scenario->fault.hold_ms = 0;
}

static bool has_auto(const struct scenario *scenario)
{
	bool any = scenario->fault.hold_ms == SCENARIO_AUTO;

	for (size_t i = 0; i < scenario->expect_count; i++) {
		any |= scenario->expect[i].within_ms == SCENARIO_AUTO;
		any |= scenario->expect[i].resolved_ms == SCENARIO_AUTO;
	}
	return any;
}

static void mask(const struct drill *drill, struct timing *timing)
{
	const struct secrets *secrets = drill->world->secrets;

	for (size_t i = 0; i < timing->worry_count; i++) {
		if (timing->worries[i].text != NULL)
			secret_mask(secrets, timing->worries[i].text);
		if (timing->worries[i].advice != NULL)
			secret_mask(secrets, timing->worries[i].advice);
	}
	if (timing->unknown != NULL)
		secret_mask(secrets, timing->unknown);
}

static void foresee(struct drill *drill, size_t i, struct timing *timing)
{
	const struct expectation *expect = &drill->scenario->expect[i];
	const struct hop_want want = {
	    .drill = drill->record.id,
	    .alert = expect->alert,
	    .needles = (const char *const *)expect->match.list,
	    .needle_count = expect->match.count,
	    .has_nonce = drill->record.evidence.expect[i].has_nonce,
	};
	const struct hop_forecast forecast = timing_listen(timing);

	if (drill->hops != NULL)
		hops_look_foresee(drill->hops, HOP_BEFORE, &want, &forecast);
	else
		timing_miss(timing, "the environment has no `pipeline` whose stations could tell");
	timing_sum(timing);
	mask(drill, timing);
}

/* Nobody holds a fault for longer than the author said because a station did not answer; but what the
 * others tell may be too long already. */
static int64_t deadline_of(const struct drill *drill, const struct timing *timing)
{
	int64_t deadline_ms = timing_deadline(timing, false), known_ms;
	int64_t most_ms = drill->scenario->fault.hold_at_most_ms;

	if (timing->unknown == NULL || deadline_ms <= most_ms)
		return deadline_ms;
	known_ms = timing_known(timing, false);
	return known_ms > most_ms ? known_ms : most_ms;
}

/* Of a rule that is not there nobody has to know how long it takes. */
static bool is_absent(const struct timing *timing)
{
	bool absent = false;

	for (size_t i = 0; i < timing->worry_count; i++)
		absent |= timing->worries[i].hop == HOP_RULE &&
			  timing->worries[i].worry == HOP_WORRY_ABSENT;
	return absent;
}

static char *why_unsure(const struct timing *timing, bool is_auto)
{
	return is_auto && !is_absent(timing) ? mem_dup(timing->unknown) : NULL;
}

static void set_deadlines(struct drill *drill, size_t i, struct timing *timing)
{
	struct expectation *expect = &drill->scenario->expect[i];
	const struct expectation *written = &drill->loaded->expect[i];
	struct expectation_evidence *evidence = &drill->record.evidence.expect[i];

	timing->within_auto = written->within_ms == SCENARIO_AUTO;
	timing->resolved_auto = written->resolved_ms == SCENARIO_AUTO;
	if (timing->within_auto) {
		expect->within_ms = deadline_of(drill, timing);
		lookout_narrow(drill->lookouts[i]);
	}
	if (timing->resolved_auto)
		expect->resolved_ms = timing_deadline(timing, true);
	evidence->unsure = why_unsure(timing, timing->within_auto);
	evidence->resolved_unsure = why_unsure(timing, timing->resolved_auto);
	evidence->impossible = timing_impossible(timing, expect, false);
	evidence->resolved_impossible = timing_impossible(timing, expect, true);
}

/* Until every alert could have come. */
static int64_t longest_wait(const struct drill *drill)
{
	int64_t longest_ms = 0;

	for (size_t i = 0; i < drill->scenario->expect_count; i++) {
		const struct timing *timing = &drill->record.timings[i];
		int64_t wait_ms = timing->unknown != NULL ? drill->scenario->expect[i].within_ms
							  : timing_deadline(timing, false);

		if (wait_ms > longest_ms)
			longest_ms = wait_ms;
	}
	return longest_ms;
}

void drill_timing_settle(struct drill *drill)
{
	struct drill_record *record = &drill->record;
	struct error error = {""};

	if (drill->hops == NULL && !has_auto(drill->loaded))
		return;
	record->timing_count = drill->scenario->expect_count;
	record->timings = mem_zalloc(record->timing_count * sizeof *record->timings);
	for (size_t i = 0; i < record->timing_count; i++) {
		foresee(drill, i, &record->timings[i]);
		set_deadlines(drill, i, &record->timings[i]);
	}
	if (drill->loaded->fault.hold_ms == SCENARIO_AUTO)
		drill->scenario->fault.hold_ms = longest_wait(drill);
	if (!timing_allows(drill->scenario, record->timings, &error))
		drill_give_up(drill, STOP_REFUSED, error.text);
}
