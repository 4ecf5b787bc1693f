/* What happens to the fault in a drill's phases, from its record to the proof that it is gone. */
#include <stdlib.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/store/ledger.h"

static bool ledger_says(struct drill *drill, enum fault_state state, const char *note)
{
	struct error error = {""};

	drill->record.evidence.fault_state = state;
	if (ledger_advance(drill->world->ledger, drill->record.id, state, note, &error))
		return true;
	if (state == FAULT_INJECTING)
		drill_try_again(drill, error.text);
	return false;
}

/* There is nothing any more that anybody would have to put right, or nobody here can. The lock stays
 * until the drill has told its end. */
static void let_go(struct drill *drill)
{
	if (drill->held)
		drill->world->release(drill->world->arg, &drill->record);
	drill->held = false;
}

/* The ledger is told all that was captured, before anything is touched. */
static void complete(struct drill *drill)
{
	struct error error = {""};

	if (!ledger_complete(drill->world->ledger, drill->record.id, drill->recipe, &error))
		drill_try_again(drill, error.text);
}

static void keep_fault_text(struct drill *drill, const char *text)
{
	char **kept = &drill->record.evidence.fault_text;
	char *both = *kept != NULL ? mem_printf("%s; %s", *kept, text) : mem_dup(text);

	free(*kept);
	*kept = both;
}

/* Callbacks: write down one fact, then advance. */

static void on_captured(void *arg, const struct fault_result *result)
{
	struct drill *drill = arg;

	drill->op = NULL;
	if (result->outcome != FAULT_YES) {
		drill_give_up(drill, STOP_UNOBSERVABLE, result->text);
	} else if (result->recipe != NULL) {
		free(drill->recipe);
		drill->recipe = mem_dup(result->recipe);
		complete(drill);
	}
	drill_advance(drill);
}

/* Nobody saw the end of the inject: the ledger is not told that it ended, so that a later life looks
 * twice, too. */
static void note_unseen_end(struct drill *drill)
{
	drill->record.evidence.injected = true;
	drill->record.evidence.unseen_end = true;
	drill->record.evidence.witnessed = WITNESS_UNKNOWN;
	drill->sure_after_ms = clock_ms() + RESTORER_LANDING_MS;
}

static void on_injected(void *arg, const struct fault_result *result)
{
	struct drill *drill = arg;
	struct evidence *evidence = &drill->record.evidence;

	drill->op = NULL;
	evidence->injected_ms = clock_ms();
	keep_fault_text(drill, result->text);
	if (result->outcome == FAULT_UNKNOWN) {
		note_unseen_end(drill);
	} else {
		evidence->injected = result->outcome == FAULT_YES;
		(void)ledger_says(drill, FAULT_INJECTED, result->text);
	}
	drill_advance(drill);
}

static void on_witnessed(void *arg, const struct fault_result *result)
{
	static const enum witnessed meaning[] = {
	    [FAULT_YES] = WITNESS_BITES,
	    [FAULT_NO] = WITNESS_NO_EFFECT,
	    [FAULT_UNKNOWN] = WITNESS_UNKNOWN,
	    [FAULT_CONFLICT] = WITNESS_UNKNOWN,
	};
	struct drill *drill = arg;

	drill->op = NULL;
	drill->record.evidence.witnessed = meaning[result->outcome];
	/* What was accepted, but is not there yet, may still come. */
	if (result->outcome == FAULT_NO)
		drill->sure_after_ms = drill->record.evidence.injected_ms + RESTORER_LANDING_MS;
	keep_fault_text(drill, result->text);
	drill_advance(drill);
}

/* What the phases begin with, and how they know that they are over. */

/* Everything that puts the fault right without this process is ready before the intent is. */
static bool is_covered(struct drill *drill, int64_t lease_wall_ms)
{
	struct error error = {""};

	if (!phase_is_allowed(drill)) /* it was, but that may have changed */
		return false;
	drill->held = drill->world->hold(drill->world->arg, &drill->record, lease_wall_ms, &error);
	if (!drill->held)
		drill_give_up(drill, STOP_NO_RECORD, error.text);
	return drill->held;
}

static bool intend(struct drill *drill, int64_t lease_wall_ms)
{
	const struct ledger_fault fault = {
	    .drill = drill->record.id,
	    .scenario = drill->scenario->name,
	    .environment = drill->record.environment->name,
	    .target = drill->target,
	    .via = drill->driver->via,
	    .recipe = drill->recipe,
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = lease_wall_ms,
	};
	struct error error = {""};
	bool ok = ledger_intend(drill->world->ledger, &fault, &error);

	if (ok) {
		drill->record.evidence.fault_state = FAULT_INTENT;
	} else {
		let_go(drill);
		drill_try_again(drill, error.text);
	}
	return ok;
}

void phase_begin_record(struct drill *drill)
{
	int64_t lease_wall_ms = clock_wall_ms() + drill->scenario->fault.hold_at_most_ms;

	if (drill->record.evidence.fault_state == FAULT_INTENT) { /* all but this is written */
		complete(drill);
		return;
	}
	if (!is_covered(drill, lease_wall_ms) || !intend(drill, lease_wall_ms))
		return;
	if (drill->driver->capture != NULL)
		drill->op =
		    drill->driver->capture(drill->world->faults, drill->recipe, on_captured, drill);
}

/* Nothing was touched: the intent is closed again. */
void phase_close_intent(struct drill *drill)
{
	drill->driver->cancel(drill->op);
	drill->op = NULL;
	if (drill->record.evidence.fault_state == FAULT_INTENT)
		(void)ledger_says(drill, FAULT_CLEAN, "nothing was touched");
	let_go(drill);
}

void phase_begin_inject(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill_is_stopped(drill))
		return;
	if (!ledger_says(drill, FAULT_INJECTING, "")) {
		evidence->fault_state = FAULT_INTENT;
		return;
	}
	evidence->inject_tried = true;
	evidence->inject_started_ms = clock_ms();
	drill->op = drill->driver->inject(drill->world->faults, drill->recipe, on_injected, drill);
}

/* A stop does not wait for an inject that hangs: what it may have done is taken out at once. */
static void cut_off_inject(struct drill *drill)
{
	drill->driver->cancel(drill->op);
	drill->op = NULL;
	drill->record.evidence.injected_ms = clock_ms();
	keep_fault_text(drill, "the inject was cut off before its end, so it may have happened");
	note_unseen_end(drill);
}

bool phase_has_injected(struct drill *drill)
{
	if (drill->op != NULL && drill_is_stopped(drill))
		cut_off_inject(drill);
	return drill->op == NULL;
}

static int64_t lease_end_ms(const struct drill *drill)
{
	return drill->record.evidence.inject_started_ms + drill->scenario->fault.hold_at_most_ms;
}

void phase_begin_witness(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill_is_stopped(drill) || !evidence->injected || drill->driver->witness == NULL)
		return;
	evidence->witnessed = WITNESS_UNKNOWN; /* until it has spoken */
	drill_arm(drill, lease_end_ms(drill));
	drill->op =
	    drill->driver->witness(drill->world->faults, drill->recipe, on_witnessed, drill);
}

bool phase_is_biting(const struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;

	return evidence->injected && evidence->witnessed != WITNESS_NO_EFFECT;
}

/* Until then the fault stays in place even when every alert has come. */
static int64_t hold_end_ms(const struct drill *drill)
{
	int64_t end_ms = drill->record.evidence.injected_ms + drill->scenario->fault.hold_ms;

	return end_ms < lease_end_ms(drill) ? end_ms : lease_end_ms(drill);
}

void phase_begin_watch(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	int64_t end_ms = hold_end_ms(drill);

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation *expect = evidence->expect[i].expect;

		if (evidence_is_held_for(evidence, expect) &&
		    evidence->injected_ms + expect->within_ms > end_ms)
			end_ms = evidence->injected_ms + expect->within_ms;
		channel_kick(lookout_channel(drill->lookouts[i]));
	}
	drill_arm(drill, end_ms < lease_end_ms(drill) ? end_ms : lease_end_ms(drill));
}

/* Is an alert lacking that the stations could be asked for while the fault is in place? */
static bool is_missing_any(const struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		if (!evidence->expect[i].expect->never &&
		    !judge_has_arrived(evidence, &evidence->expect[i]))
			return true;
	}
	return false;
}

/* At the end of the wait the stations are asked; the revert waits for them for a moment only. */
static bool has_asked_at_peak(struct drill *drill)
{
	if (is_missing_any(drill))
		drill_hops_ask_peak(drill, lease_end_ms(drill));
	return drill_hops_have(drill, HOP_PEAK);
}

/* Every alert has come. */
static bool has_held(struct drill *drill)
{
	int64_t end_ms = hold_end_ms(drill);

	if (drill->expired || clock_ms() >= end_ms)
		return true;
	if (drill->record.deadline_ms != end_ms)
		drill_arm(drill, end_ms);
	return false;
}

/* A channel that was lost ends the watch: what cannot be seen is not worth a fault. */
bool phase_has_watched(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	bool all_arrived = true;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation_evidence *expect = &evidence->expect[i];

		if (lookout_lost(drill->lookouts[i]) != NULL)
			drill_give_up(drill, STOP_UNOBSERVABLE, lookout_lost(drill->lookouts[i]));
		if (evidence_is_held_for(evidence, expect->expect) &&
		    !judge_has_arrived(evidence, expect))
			all_arrived = false;
	}
	if (drill_is_stopped(drill) || !phase_is_biting(drill))
		return true;
	if (!all_arrived)
		return drill->expired && has_asked_at_peak(drill);
	drill_hops_ask_arrived(drill);
	drill_proofs_ask(drill);
	return has_held(drill);
}

void phase_begin_revert(struct drill *drill)
{
	const struct drill_world *world = drill->world;

	drill->driver->cancel(drill->op);
	drill->op = NULL;
	stops_end(drill);
	for (size_t i = 0; i < drill->record.evidence.expect_count; i++) {
		if (!judge_has_arrived(&drill->record.evidence, &drill->record.evidence.expect[i]))
			lookout_widen(drill->lookouts[i]);
	}
	if (drill->sure_after_ms != TIME_NEVER && drill->driver->end_inject != NULL)
		drill->driver->end_inject(drill->recipe);
	drill->restorer = restorer_start(world->base, world->faults, world->ledger, drill->driver,
					 drill->record.id, drill->recipe, drill->sure_after_ms,
					 drill_on_changed, drill);
}

/* The watch ends with the first message; the second of the same read may be one too many. */
bool phase_has_reverted(struct drill *drill)
{
	if (!drill_is_stopped(drill))
		drill_hops_ask_arrived(drill);
	return restorer_has_reverted(drill->restorer);
}

void phase_begin_confirm(struct drill *drill)
{
	if (drill->sure_after_ms > clock_ms())
		drill->record.deadline_ms = drill->sure_after_ms;
}

bool phase_has_restored(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (!restorer_is_done(drill->restorer))
		return false;
	evidence->reverted_ms = restorer_reverted_ms(drill->restorer);
	evidence->fault_state = restorer_state(drill->restorer);
	evidence->gone_before_revert = restorer_found_it_gone(drill->restorer);
	evidence->lost_sight = restorer_lost_sight(drill->restorer);
	free(evidence->ledger_problem);
	evidence->ledger_problem = mem_dup(restorer_ledger_problem(drill->restorer));
	free(evidence->revert_text);
	evidence->revert_text = mem_dup(restorer_text(drill->restorer));
	let_go(drill);
	return true;
}
