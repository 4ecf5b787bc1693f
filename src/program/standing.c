/* How things stand. */
#include "src/program/standing.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/freeze.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define KEEPER_LOCK "keeper" /* held by the guardian that stays */

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	struct status *status = arg;

	status->faults = mem_grow(status->faults, status->fault_count + 1, sizeof *status->faults);
	status->faults[status->fault_count++] = (struct status_fault){
	    .drill = mem_dup(fault->drill),
	    .scenario = mem_dup(fault->scenario),
	    .environment = mem_dup(fault->environment),
	    .target = mem_dup(fault->target),
	    .note = mem_dup(fault->note),
	    .via = fault->via,
	    .state = fault->state,
	    .intended_wall_ms = fault->intended_wall_ms,
	    .lease_wall_ms = fault->lease_wall_ms,
	    .ack_reason = mem_dup(fault->ack_reason),
	    .ack_by = mem_dup(fault->ack_by),
	    .ack_wall_ms = fault->ack_wall_ms,
	};
	return true;
}

static bool on_unreadable(void *arg, const struct ledger_unreadable *unreadable)
{
	struct status *status = arg;
	struct ledger_fault fault = *unreadable->fault;

	fault.note = unreadable->why;
	(void)on_fault(status, &fault);
	status->faults[status->fault_count - 1].unreadable = true;
	return true;
}

/* Takes the name over. */
static bool is_busy(struct app *app, char *lock)
{
	bool busy = locks_is_busy(app_locks(app), lock);

	free(lock);
	return busy;
}

static bool read_faults(struct app *app, struct status *status, struct error *error)
{
	if (!ledger_visit_all(app_ledger(app), on_fault, on_unreadable, status, error))
		return false;
	for (size_t i = 0; i < status->fault_count; i++) {
		struct status_fault *fault = &status->faults[i];

		fault->busy = is_busy(app, lock_name_fault(fault->drill));
		fault->drilling = is_busy(app, lock_name_drill(fault->drill));
	}
	return true;
}

static bool is_idle_in(const struct status *status, const char *drill)
{
	for (size_t i = 0; i < status->fault_count; i++) {
		if (strcmp(status->faults[i].drill, drill) == 0)
			return !status->faults[i].busy;
	}
	return false;
}

/* Between the row and the lock its drill may have ended: a fault is left to itself only when two
 * looks in a row say so. */
static bool look_twice(struct app *app, struct status *status, struct error *error)
{
	struct status before = {0};
	bool good = read_faults(app, &before, error) && read_faults(app, status, error);

	for (size_t i = 0; i < status->fault_count; i++) {
		struct status_fault *fault = &status->faults[i];

		fault->busy = fault->busy || !is_idle_in(&before, fault->drill);
	}
	status_done(&before);
	return good;
}

static bool read_halt(struct app *app, struct status *status, struct error *error)
{
	struct ledger_halt halt = {0};
	bool good = ledger_halt(app_ledger(app), &halt, error);

	if (good && halt.halted) {
		status->halt_reason = mem_dup(halt.reason);
		status->halt_by = mem_dup(halt.by);
		status->halt_since_wall_ms = halt.since_wall_ms;
	}
	ledger_halt_done(&halt);
	return good;
}

static void read_freeze(struct status *status, const char *environment, const char *file)
{
	char *reason = file != NULL ? freeze_reason(file) : NULL;

	if (reason == NULL)
		return;
	status->freezes =
	    mem_grow(status->freezes, status->freeze_count + 1, sizeof *status->freezes);
	status->freezes[status->freeze_count++] =
	    (struct status_freeze){mem_dup(environment), mem_dup(file), reason};
}

bool standing_read(struct app *app, struct status *ret_status, struct error *error)
{
	const struct config *config = app_config(app);

	*ret_status = (struct status){
	    .now_wall_ms = clock_wall_ms(),
	    .keeper = locks_is_busy(app_locks(app), KEEPER_LOCK),
	};
	read_freeze(ret_status, NULL, config->freeze);
	for (size_t i = 0; i < config->environment_count; i++)
		read_freeze(ret_status, config->environments[i].name,
			    config->environments[i].freeze);
	return read_halt(app, ret_status, error) && look_twice(app, ret_status, error);
}

bool standing_is_running(struct app *app)
{
	const struct config *config = app_config(app);
	bool running = false;

	for (size_t i = 0; i < config->environment_count && !running; i++)
		running = is_busy(app, lock_name_environment(config->environments[i].name));
	return running;
}
