/* What the plan wants, and what the drills and the lives that run them say: begun, logged, remembered,
 * told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill.h"
#include "src/engine/judge.h"
#include "src/engine/settler.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/door.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/notices.h"
#include "src/program/serve/planned.h"
#include "src/program/shift.h"
#include "src/store/history.h"

/* What the plan says. */

static bool begin(struct daemon *daemon, const struct planner_due *due, struct error *error)
{
	struct app *app = daemon->now->app;
	const struct scenario *scenario = app_scenario(app, due->scenario);
	const struct environment *environment =
	    config_environment(app_config(app), due->environment);
	char *open_gap = notices_open_gap(daemon->now->notices, due->scenario, due->environment);
	const struct drill_options options = {
	    .allow_protected = due->allow_protected,
	    .origin = due->origin,
	    .repeats = due->repeats,
	    /* of a gap that is open, people know: nobody is called again */
	    .repeatable = due->origin == ORIGIN_SCHEDULE && scenario != NULL && scenario->repeat &&
			  open_gap == NULL,
	    .open_gap = open_gap,
	    .ask = due->ask,
	};
	bool begun = false;

	if (scenario == NULL || environment == NULL)
		(void)error_set(error, "it is not in the configuration any more");
	else
		begun = shift_add(daemon->now->shift, scenario, environment, &options, error);
	free(open_gap);
	return begun;
}

static bool on_due(void *arg, const struct planner_due *due)
{
	struct daemon *daemon = arg;
	struct error error = {""};
	bool begun = begin(daemon, due, &error);
	const char *const pairs[] = {"scenario",    due->scenario,
				     "environment", due->environment,
				     "origin",      origin_name(due->origin),
				     "why",         error.text,
				     NULL};

	if (due->origin == ORIGIN_SCHEDULE)
		planned_begun(daemon->planned, due);
	if (!begun)
		log_event(daemon->log, LEVEL_ERROR, "drill could not begin", pairs);
	if (!begun && due->ask != 0)
		door_drop(daemon->door, due->ask, error.text);
	if (!planned_is_written(daemon->planned))
		daemon_look_soon(daemon);
	return begun;
}

static void on_missed(void *arg, const struct planner_missed *missed)
{
	struct daemon *daemon = arg;
	char first[32], last[32], count[24];
	const char *const pairs[] = {"scenario",    missed->scenario,
				     "environment", missed->environment,
				     "count",       count,
				     "first",       first,
				     "last",        last,
				     "why",         missed->why,
				     NULL};

	clock_rfc3339(missed->first_wall_ms, first, sizeof first);
	clock_rfc3339(missed->last_wall_ms, last, sizeof last);
	(void)snprintf(count, sizeof count, "%zu", missed->count);
	log_event(daemon->log, LEVEL_WARN, "missed", pairs);
	meter_missed(daemon->meter, missed->scenario, missed->environment, missed->count);
	planned_missed(daemon->planned, missed);
	if (!planned_is_written(daemon->planned))
		daemon_look_soon(daemon);
}

struct planner_hears daemon_planner_hears(struct daemon *daemon)
{
	return (struct planner_hears){.due = on_due, .missed = on_missed, .arg = daemon};
}

/* What the drills say. */

static void on_event(void *arg, enum log_level level, const struct drill_record *record,
		     const char *msg, const char *const *pairs)
{
	const struct generation *generation = arg;
	const struct daemon *daemon = generation->daemon;

	log_drill(daemon->log, level, record, msg, pairs);
}

static size_t find_running(const struct daemon *daemon, const struct drill_record *record)
{
	size_t at = 0;

	while (at < daemon->running_count && daemon->running[at] != record)
		at++;
	return at;
}

static bool is_running(const struct daemon *daemon, const char *drill)
{
	for (size_t i = 0; i < daemon->running_count; i++) {
		if (strcmp(daemon->running[i]->id, drill) == 0)
			return true;
	}
	return false;
}

static void add_running(struct daemon *daemon, const struct drill_record *record)
{
	if (find_running(daemon, record) < daemon->running_count)
		return;
	daemon->running =
	    mem_grow(daemon->running, daemon->running_count + 1, sizeof *daemon->running);
	daemon->running[daemon->running_count++] = record;
}

static void drop_running(struct daemon *daemon, const struct drill_record *record)
{
	size_t at = find_running(daemon, record);

	if (at < daemon->running_count)
		daemon->running[at] = daemon->running[--daemon->running_count];
}

static void on_changed(void *arg, const struct drill_record *record)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;

	add_running(daemon, record);
	door_show(daemon->door, record);
}

/* A target may be of several environments: it is had by one drill at a time, of whatever generation. */
static bool on_is_taken(void *arg, const struct drill_record *record)
{
	const struct generation *generation = arg;
	const struct daemon *daemon = generation->daemon;

	for (const struct generation *at = daemon->now; at != NULL; at = at->older) {
		if (at != generation && shift_has_place(at->shift, record))
			return true;
	}
	return false;
}

static void let_others_look(const struct daemon *daemon, const struct generation *generation)
{
	for (const struct generation *at = daemon->now; at != NULL; at = at->older) {
		if (at != generation)
			shift_look(at->shift);
	}
}

static void on_finished(void *arg, const struct drill_record *record)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;

	const char *const pairs[] = {"why", record->evidence.ledger_problem, NULL};

	drop_running(daemon, record);
	if (record->evidence.ledger_problem != NULL)
		log_drill(daemon->log, LEVEL_ERROR, record,
			  "the ledger was not told: the fault counts as left", pairs);
	notices_drill(daemon->now->notices, record);
	meter_finished(daemon->meter, record);
	door_finish(daemon->door, record);
	if (record->judgement.verdict == VERDICT_GAP && record->repeatable)
		planner_repeat(daemon->planner, record->scenario->name, record->environment->name,
			       record->id);
	planner_ended(daemon->planner, record->environment->name);
	let_others_look(daemon, generation);
	daemon_look_soon(daemon); /* what is not written, or only waited for this drill */
}

static void on_left(void *arg, const struct drill_record *record, const char *text)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"text", text, NULL};

	for (const struct generation *at = daemon->now; at != NULL; at = at->older)
		shift_knows_left(at->shift, record->id); /* whichever tries it next */
	log_drill(daemon->log, LEVEL_ERROR, record, "FAULT LEFT", pairs);
	door_note(daemon->door, record->ask, text);
}

/* What the life says. */

static void on_settled(void *arg, const struct settled *settled)
{
	static const struct {
		const char *name;
		enum log_level level;
	} how[] = {
	    [SETTLED_BEGUN] = {"begun", LEVEL_INFO},   [SETTLED_CLEAN] = {"clean", LEVEL_INFO},
	    [SETTLED_STUCK] = {"stuck", LEVEL_ERROR},  [SETTLED_BUSY] = {"busy", LEVEL_INFO},
	    [SETTLED_UNTOLD] = {"untold", LEVEL_INFO},
	};
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	char tries[24];
	const char *const pairs[] = {
	    "drill",
	    settled->drill,
	    "scenario",
	    settled->scenario,
	    "environment",
	    settled->environment,
	    "result",
	    how[settled->how].name,
	    "found",
	    settled->found < FAULT_STATE_COUNT ? fault_state_name(settled->found) : NULL,
	    "tries",
	    tries,
	    "text",
	    settled->text,
	    NULL};

	/* A drill of an older configuration is nobody's leftover. */
	if (settled->how == SETTLED_BUSY && is_running(daemon, settled->drill))
		return;
	(void)snprintf(tries, sizeof tries, "%d", settled->tries);
	log_event(daemon->log, how[settled->how].level, "left by an earlier life", pairs);
}

static void on_note(void *arg, const char *text)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"text", text, NULL};

	log_event(daemon->log, LEVEL_WARN, "note", pairs);
	door_note(daemon->door, 0, text);
}

static void on_unfinished(void *arg, const struct history_drill *drill)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"drill",         drill->drill,   "scenario",
				     drill->scenario, "environment",  drill->environment,
				     "verdict",       drill->verdict, NULL};

	log_event(daemon->log, LEVEL_WARN, "a drill that nobody finished is in the history", pairs);
	meter_unfinished(daemon->meter, drill);
}

static void pause_or_go_on(struct daemon *daemon)
{
	if (daemon->halted || daemon->lost != NULL)
		planner_pause(daemon->planner,
			      daemon->halted ? "firedrill was halted" : "the ledger was lost");
	else if (!daemon->stopping)
		planner_go_on(daemon->planner);
}

/* Each life obeys the lever itself. The plan goes by what the newest saw: an older one may end between
 * the two. */
static void on_halted(void *arg, const char *reason, const char *by)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"by", by, "reason", reason, NULL};

	if (daemon->halted || generation != daemon->now)
		return;
	daemon->halted = true;
	log_event(daemon->log, LEVEL_WARN, "halted", pairs);
	pause_or_go_on(daemon);
}

static void on_resumed(void *arg)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;

	if (!daemon->halted || generation != daemon->now)
		return;
	daemon->halted = false;
	log_event(daemon->log, LEVEL_INFO, "resumed", NULL);
	pause_or_go_on(daemon);
}

/* Without it nobody could put right what a drill leaves, and nobody could halt it. */
static void on_lost(void *arg, const char *why)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"why", why, NULL};

	if (generation != daemon->now || (why == NULL) == (daemon->lost == NULL))
		return;
	free(daemon->lost);
	daemon->lost = mem_dup(why);
	log_event(daemon->log, why != NULL ? LEVEL_ERROR : LEVEL_INFO,
		  why != NULL ? "the ledger is lost: no drill begins"
			      : "the ledger is there again: drills go on",
		  pairs);
	daemon_say_status(daemon);
	pause_or_go_on(daemon);
}

static void on_ready(void *arg)
{
	daemon_take_over(arg);
}

/* The life of a daemon ends when it is told to; by itself only when no guardian can be had any more. */
static void on_over(void *arg, enum exit_code exit_code)
{
	struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;

	generation->over = true;
	if (generation == daemon->coming) {
		daemon_not_come(generation);
	} else if (generation == daemon->now && !daemon->stopping) {
		daemon->exit_code = EXIT_REFUSED;
		daemon_stop(daemon, "its life ended: see the lines above");
	}
	/* Before the end newer lives look after what is left; one that never began left nothing. */
	if (daemon->stopping && generation != daemon->coming)
		daemon->exit_code = exit_code_worst(daemon->exit_code, exit_code);
	daemon_look_soon(daemon);
}

struct shift_hears daemon_shift_hears(struct generation *generation)
{
	return (struct shift_hears){.ready = on_ready,
				    .is_taken = on_is_taken,
				    .changed = on_changed,
				    .finished = on_finished,
				    .event = on_event,
				    .left = on_left,
				    .settled = on_settled,
				    .unfinished = on_unfinished,
				    .halted = on_halted,
				    .resumed = on_resumed,
				    .lost = on_lost,
				    .note = on_note,
				    .over = on_over,
				    .arg = generation};
}
