/* One drill: guard, break, watch, put right, judge, tell.  step() is the story. */
#include "src/engine/drill.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "scenarios/load.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/store/ledger.h"

#define BUSY_PAUSE_MS    100   /* before a ledger that is busy is written once more ... */
#define BUSY_PATIENCE_MS 10000 /* ... and for how long in one phase */

/* The only writer of `phase`. */
static void enter(struct drill *drill, enum phase phase)
{
	assert(phase > drill->record.phase);
	drill->record.phase = phase;
	drill->record.phase_ms[phase] = clock_ms();
	drill->record.deadline_ms = TIME_NEVER;
	drill->unwritten_ms = 0;
	drill->expired = drill->unwritten = false;
	(void)event_del(drill->timer);
	if (drill->announced && phase < PHASE_REPORT)
		announcer_update(drill->announcer);
	drill->world->changed(drill->world->arg, &drill->record);
}

static void begin(struct drill *drill)
{
	switch (drill->record.phase) {
	case PHASE_GUARD:
	case PHASE_RECOVERY: /* its arm and that of `explain` ask for what they need */
	case PHASE_EXPLAIN:
	case PHASE_COUNT:
		break;
	case PHASE_BASELINE:
		phase_begin_baseline(drill);
		break;
	case PHASE_ANNOUNCE:
		phase_begin_announce(drill);
		break;
	case PHASE_RECORD:
		phase_begin_record(drill);
		break;
	case PHASE_INJECT:
		phase_begin_inject(drill);
		break;
	case PHASE_WITNESS:
		phase_begin_witness(drill);
		break;
	case PHASE_WATCH:
		phase_begin_watch(drill);
		break;
	case PHASE_REVERT:
		phase_begin_revert(drill);
		break;
	case PHASE_CONFIRM: /* the restorer goes on by itself */
		phase_begin_confirm(drill);
		break;
	case PHASE_REPORT:
		phase_begin_report(drill);
		break;
	case PHASE_DONE:
		drill_unlock_place(drill);
		event_active(drill->turn, 0, 0);
		break;
	}
}

/* On to the next phase; a drill that is stopped before it touched anything goes to its report. */
static void go(struct drill *drill, enum phase next)
{
	if (drill_is_stopped(drill) && !drill->record.evidence.inject_tried &&
	    next < PHASE_REPORT) {
		phase_close_intent(drill);
		next = PHASE_REPORT;
	}
	enter(drill, next);
	begin(drill);
}

/* What the phase begins with could be written now. */
static bool has_begun(struct drill *drill)
{
	if (!drill->unwritten || drill_is_stopped(drill))
		return true;
	if (!drill->expired)
		return false;
	drill->expired = drill->unwritten = false;
	drill->record.deadline_ms = TIME_NEVER;
	begin(drill);
	return !drill->unwritten;
}

/* The flow.  Each arm waits (break without go), or moves down. */
static void step(struct drill *drill)
{
	bool stopped = drill_is_stopped(drill);

	switch (drill->record.phase) {
	case PHASE_GUARD:
		if (stopped || phase_is_allowed(drill) || drill_is_stopped(drill))
			go(drill, PHASE_BASELINE);
		break;
	case PHASE_BASELINE:
		if (stopped || phase_has_baseline(drill))
			go(drill, phase_is_confounded(drill) ? PHASE_REPORT : PHASE_ANNOUNCE);
		break;
	case PHASE_ANNOUNCE:
		if (stopped || phase_has_announced(drill))
			go(drill, phase_is_confounded(drill) ? PHASE_REPORT : PHASE_RECORD);
		break;
	case PHASE_RECORD:
		if (stopped || drill->op == NULL)
			go(drill, PHASE_INJECT);
		break;
	case PHASE_INJECT: /* a stop cuts it off */
		if (phase_has_injected(drill))
			go(drill, PHASE_WITNESS);
		break;
	case PHASE_WITNESS:
		if (stopped || drill->op == NULL || drill->expired)
			go(drill, PHASE_WATCH);
		break;
	case PHASE_WATCH:
		if (stopped || phase_has_watched(drill))
			go(drill, PHASE_REVERT);
		break;
	case PHASE_REVERT:
		if (phase_has_reverted(drill))
			go(drill, PHASE_CONFIRM);
		break;
	case PHASE_CONFIRM:
		if (phase_has_restored(drill))
			go(drill, PHASE_RECOVERY);
		break;
	case PHASE_RECOVERY:
		if (stopped || phase_has_recovered(drill))
			go(drill, PHASE_EXPLAIN);
		break;
	case PHASE_EXPLAIN:
		if (phase_has_explained(drill))
			go(drill, PHASE_REPORT);
		break;
	case PHASE_REPORT:
		if (phase_has_reported(drill))
			go(drill, PHASE_DONE);
		break;
	case PHASE_DONE:
	case PHASE_COUNT:
		break;
	}
}

void drill_advance(struct drill *drill)
{
	enum phase before;

	assert(!drill->advancing); /* a driver called back from inside its start */
	drill->advancing = true;
	do {
		before = drill->record.phase;
		stops_look(drill);
		if (has_begun(drill))
			step(drill);
	} while (drill->record.phase != before);
	drill->advancing = false;
}

void drill_on_changed(void *drill)
{
	drill_advance(drill);
}

static void wait_for_limit(struct drill *drill)
{
	int64_t delay_ms = drill->armed_ms - clock_ms();
	struct timeval delay = {0};

	if (delay_ms > 0)
		delay = (struct timeval){delay_ms / 1000, delay_ms % 1000 * 1000};
	(void)event_add(drill->timer, &delay);
}

void drill_arm(struct drill *drill, int64_t at_ms)
{
	drill->record.deadline_ms = drill->armed_ms = at_ms;
	wait_for_limit(drill);
}

void drill_give_up(struct drill *drill, enum stop why, const char *text)
{
	struct evidence *evidence = &drill->record.evidence;

	if (evidence->stop != STOP_NONE)
		return;
	evidence->stop = why;
	evidence->stop_text = mem_dup(text);
}

bool drill_is_stopped(const struct drill *drill)
{
	return drill->record.evidence.stop != STOP_NONE;
}

void drill_try_again(struct drill *drill, const char *error)
{
	int64_t now_ms = clock_ms();

	if (drill->unwritten_ms == 0)
		drill->unwritten_ms = now_ms;
	if (!ledger_is_busy(drill->world->ledger) ||
	    now_ms >= drill->unwritten_ms + BUSY_PATIENCE_MS) {
		drill_give_up(drill, STOP_NO_RECORD, error);
		return;
	}
	drill->unwritten = true;
	drill_arm(drill, now_ms + BUSY_PAUSE_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct drill *drill = arg;

	(void)fd;
	(void)what;
	if (clock_ms() <
	    drill->armed_ms) { /* the loop counts from the begin of its turn, a slow one */
		wait_for_limit(drill);
		return;
	}
	drill->expired = true;
	drill_advance(drill);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct drill *drill = arg;

	(void)fd;
	(void)what;
	if (drill->record.phase == PHASE_DONE)
		drill->done(drill->done_arg, drill);
	else
		drill_advance(drill);
}

/* Public. */

struct drill *drill_new(const struct drill_world *world, const struct scenario *scenario,
			const struct environment *environment, const struct drill_options *options,
			struct error *error)
{
	struct drill *drill = mem_zalloc(sizeof *drill);
	struct drill_record *record = &drill->record;

	drill->world = world;
	drill->options = *options;
	drill->loaded = scenario;
	drill->timer = evtimer_new(world->base, on_timer, drill);
	drill->turn = evtimer_new(world->base, on_turn, drill);
	id_new(record->id);
	drill->scenario = scenario_resolve(scenario, environment, record->id, error);
	if (drill->scenario == NULL) {
		drill_free(drill);
		return NULL;
	}
	drill_timing_prepare(drill->scenario);
	drill->driver = fault_driver_find(drill->scenario->fault.via);
	drill->recipe = drill->driver->plan(&drill->scenario->fault, record->id, error);
	if (drill->recipe == NULL) {
		drill_free(drill);
		return NULL;
	}
	drill->target = drill->driver->target(drill->recipe);
	drill->sure_after_ms = TIME_NEVER;
	record->target = drill->target;
	record->origin = options->origin;
	record->repeatable = options->repeatable;
	record->ask = options->ask;
	record->open_gap = mem_dup(options->open_gap);
	if (options->repeats != NULL)
		(void)snprintf(record->repeats, sizeof record->repeats, "%s", options->repeats);
	drill->options.repeats = record->repeats[0] != '\0' ? record->repeats : NULL;
	record->scenario = drill->scenario;
	record->environment = environment;
	record->effect = drill->driver->effect;
	record->ends_by_itself = drill->driver->ends_by_itself;
	record->started_wall_ms = clock_wall_ms();
	record->started_ms = clock_ms();
	record->deadline_ms = TIME_NEVER;
	for (size_t i = 0; i < PHASE_COUNT; i++)
		record->phase_ms[i] = TIME_NEVER;
	evidence_init(&record->evidence, drill->scenario, record->id);
	record->evidence.is_repeat = record->repeats[0] != '\0';
	drill->lookouts = mem_zalloc(drill->scenario->expect_count * sizeof(struct lookout *));
	drill->announcer = announcer_new(world, record, drill_on_changed, drill);
	return drill;
}

void drill_start(struct drill *drill, drill_done_fn *done, void *arg)
{
	drill->done = done;
	drill->done_arg = arg;
	drill->record.started_wall_ms = clock_wall_ms();
	drill->record.started_ms = clock_ms();
	drill->record.phase_ms[PHASE_GUARD] = drill->record.started_ms;
	drill->world->changed(drill->world->arg, &drill->record);
	event_active(drill->turn, 0, 0);
}

void drill_stop(struct drill *drill, const char *why)
{
	if (drill->record.phase >= PHASE_REPORT)
		return;
	drill_give_up(drill, STOP_OPERATOR, why);
	if (drill->done != NULL) /* else drill_start will see it */
		event_active(drill->turn, 0, 0);
}

void drill_free(struct drill *drill)
{
	if (drill == NULL)
		return;
	if (drill->driver != NULL)
		drill->driver->cancel(drill->op);
	stops_end(drill);
	restorer_free(drill->restorer);
	search_cancel(drill->search);
	drill_bisect_end(drill);
	drill_hops_end(drill);
	texts_done(&drill->other_homes);
	for (size_t i = 0; drill->lookouts != NULL && i < drill->record.evidence.expect_count; i++)
		lookout_free(drill->lookouts[i]);
	announcer_free(drill->announcer);
	drill_unlock(drill);
	event_free(drill->timer);
	event_free(drill->turn);
	for (size_t i = 0; i < drill->record.proof_count; i++)
		proof_done(&drill->record.proofs[i]);
	free(drill->record.proofs);
	judgement_done(&drill->record.judgement);
	evidence_done(&drill->record.evidence);
	for (size_t i = 0; i < drill->record.timing_count; i++)
		timing_done(&drill->record.timings[i]);
	free(drill->record.timings);
	free(drill->record.report_problem);
	free(drill->record.open_gap);
	free(drill->record.report_permalink);
	free(drill->lookouts);
	free(drill->recipe);
	free(drill->target);
	scenario_free(drill->scenario);
	free(drill);
}

const struct drill_record *drill_record(const struct drill *drill)
{
	return &drill->record;
}
