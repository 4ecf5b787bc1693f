/* The work on one open fault. */
#include "src/engine/settler_work.h"

#include <stdlib.h>
#include <string.h>

#include "probes/faults/fault.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/engine/restorer.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "src/store/messages.h"

/* What the ledger has of it. */
struct row {
	char *scenario, *environment, *target, *recipe; /* owned; NULL: it is not open */
	char *unreadable; /* owned; why it cannot be read; NULL: it can */
	enum fault_via via;
	enum fault_state state;
	bool inject_ended, acked;
	int64_t intended_wall_ms;
};

struct settler_work {
	struct work_ask ask;       /* its drill is owned here */
	struct row row;            /* owned */
	char *lock;                /* owned; the name that is held; NULL: none */
	char *target_lock;         /* the same */
	struct restorer *restorer; /* owned */
	int64_t started_ms;
	work_done_fn *done;
	void *arg; /* borrowed, for done */
};

struct search {
	const char *drill; /* borrowed */
	struct row *row;   /* borrowed */
};

static void keep(struct row *row, const struct ledger_fault *fault)
{
	*row = (struct row){
	    .scenario = mem_dup(fault->scenario),
	    .environment = mem_dup(fault->environment),
	    .target = mem_dup(fault->target),
	    .recipe = mem_dup(fault->recipe),
	    .via = fault->via,
	    .state = fault->state,
	    .inject_ended = fault->inject_ended,
	    .acked = fault->ack_reason != NULL,
	    .intended_wall_ms = fault->intended_wall_ms,
	};
}

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	const struct search *search = arg;

	if (strcmp(fault->drill, search->drill) != 0)
		return true;
	keep(search->row, fault);
	return false;
}

static bool on_unreadable(void *arg, const struct ledger_unreadable *unreadable)
{
	const struct search *search = arg;

	if (strcmp(unreadable->fault->drill, search->drill) != 0)
		return true;
	keep(search->row, unreadable->fault);
	search->row->state = FAULT_STUCK;
	search->row->unreadable = mem_dup(unreadable->why);
	return false;
}

static bool read_row(struct settler_work *work, struct error *error)
{
	struct search search = {work->ask.drill, &work->row};

	return ledger_visit_all(work->ask.world->ledger, on_open_fault, on_unreadable, &search,
				error);
}

static void tell(struct settler_work *work, enum settled_how how, const char *text)
{
	struct message_list messages;
	struct settled settled = {
	    .drill = work->ask.drill,
	    .scenario = work->row.scenario,
	    .environment = work->row.environment,
	    .target = work->row.target,
	    .via = work->row.via,
	    .how = how,
	    .found = work->row.state,
	    .text = text,
	    .tries = work->ask.tries + 1,
	    .took_ms = clock_ms() - work->started_ms,
	    .intended_wall_ms = work->row.intended_wall_ms,
	};

	(void)messages_read(work->ask.world->ledger, work->ask.drill, &messages, NULL);
	settled.messages = messages.list;
	settled.message_count = messages.count;
	work->ask.told(work->ask.told_arg, &settled);
	message_list_done(&messages);
}

static void release(struct settler_work *work, char **name)
{
	if (*name != NULL)
		locks_release(work->ask.world->locks, *name);
	free(*name);
	*name = NULL;
}

static void unlock(struct settler_work *work)
{
	release(work, &work->target_lock);
	release(work, &work->lock);
}

/* What reads clean is not settled as long as the ledger has it open. */
static void on_restoring(void *arg)
{
	struct settler_work *work = arg;
	const struct restorer *restorer = work->restorer;
	bool clean;

	if (!restorer_is_done(restorer))
		return;
	clean =
	    restorer_state(restorer) == FAULT_CLEAN && restorer_ledger_problem(restorer) == NULL;
	unlock(work);
	tell(work, clean ? SETTLED_CLEAN : SETTLED_STUCK, restorer_text(restorer));
	work->done(work->arg, clean ? WORK_CLEAN : WORK_STUCK);
}

/* An intent: nothing was touched. When somebody just writes to the ledger it stays for the next try, and
 * is no news. */
static enum work_end close_intent(struct settler_work *work)
{
	static const char text[] = "nothing was touched";
	struct error error = {""};
	bool ok =
	    ledger_advance(work->ask.world->ledger, work->ask.drill, FAULT_CLEAN, text, &error);

	unlock(work);
	if (ok || !ledger_is_busy(work->ask.world->ledger))
		tell(work, ok ? SETTLED_CLEAN : SETTLED_STUCK, ok ? text : error.text);
	return ok ? WORK_CLEAN : WORK_STUCK;
}

/* An inject whose end nobody saw may land however long ago it began: only this machine's clock, which
 * may have jumped, tells that it is old. */
static enum work_end put_right(struct settler_work *work)
{
	const struct settler_world *world = work->ask.world;
	const struct fault_driver *driver = fault_driver_find(work->row.via);
	int64_t sure_after_ms = TIME_NEVER;

	tell(work, SETTLED_BEGUN, "about to be reverted");
	if (!work->row.inject_ended) {
		sure_after_ms = clock_ms() + RESTORER_LANDING_MS;
		/* Once: from the first revert on it might hit what that one started. */
		if (driver->end_inject != NULL && work->row.state == FAULT_INJECTING)
			driver->end_inject(work->row.recipe);
	}
	work->restorer =
	    restorer_start(world->base, world->faults, world->ledger, driver, work->ask.drill,
			   work->row.recipe, sure_after_ms, on_restoring, work);
	return WORK_GOES_ON;
}

static enum work_end be_busy(struct settler_work *work, const char *why)
{
	unlock(work);
	if (work->ask.tells_busy)
		tell(work, SETTLED_BUSY, why);
	return WORK_BUSY;
}

/* Without the lock a live drill might be disturbed. */
static enum work_end be_unlocked(struct settler_work *work, const struct error *why)
{
	char *text = mem_printf("not touched, because it cannot be locked: %s", why->text);

	unlock(work);
	tell(work, SETTLED_STUCK, text);
	free(text);
	return WORK_STUCK;
}

/* Nobody here knows how to put it right. */
static enum work_end be_unreadable(struct settler_work *work)
{
	unlock(work);
	tell(work, SETTLED_STUCK, work->row.unreadable);
	return WORK_STUCK;
}

/* What is set aside blocks no drill, so one may have a fault of its own in that target by now. */
static enum work_end put_right_aside(struct settler_work *work)
{
	struct locks *locks = work->ask.world->locks;
	char *name = lock_name_target(work->row.target);
	struct error why = {""};
	enum work_end end = WORK_BEHIND;

	if (locks_holds(locks, name)) {
		unlock(work);
		free(name);
		return end;
	}
	switch (locks_take(locks, name, &why)) {
	case LOCK_TAKEN:
		work->target_lock = name;
		return put_right(work);
	case LOCK_BUSY:
		end = be_busy(work, "a drill of another firedrill changes the same target");
		break;
	case LOCK_FAILED:
		end = be_unlocked(work, &why);
		break;
	}
	free(name);
	return end;
}

/* The row is read under the lock: whoever had it before may have changed it. */
static enum work_end begin(struct settler_work *work, struct error *error)
{
	char *name = lock_name_fault(work->ask.drill);
	struct error why = {""};
	enum lock_result result = locks_take(work->ask.world->locks, name, &why);

	if (result == LOCK_TAKEN)
		work->lock = name;
	else
		free(name);
	if (!read_row(work, error))
		return WORK_UNREAD;
	if (work->row.recipe == NULL || (work->row.acked && !work->ask.acked_too))
		return WORK_GONE;
	switch (result) {
	case LOCK_BUSY:
		return be_busy(work, "another firedrill works on it");
	case LOCK_FAILED:
		return be_unlocked(work, &why);
	case LOCK_TAKEN:
		break;
	}
	if (work->row.unreadable != NULL)
		return be_unreadable(work);
	if (work->row.state == FAULT_INTENT)
		return close_intent(work);
	return work->row.acked && work->row.target[0] != '\0' ? put_right_aside(work)
							      : put_right(work);
}

enum work_end settler_work_start(const struct work_ask *ask, work_done_fn *done, void *arg,
				 struct settler_work **ret_work, struct error *error)
{
	struct settler_work *work = mem_zalloc(sizeof *work);
	enum work_end end;

	*work =
	    (struct settler_work){.ask = *ask, .started_ms = clock_ms(), .done = done, .arg = arg};
	work->ask.drill = mem_dup(ask->drill);
	end = begin(work, error);
	*ret_work = work;
	if (end == WORK_GOES_ON)
		return end;
	*ret_work = NULL;
	settler_work_free(work);
	return end;
}

void settler_work_free(struct settler_work *work)
{
	if (work == NULL)
		return;
	restorer_free(work->restorer);
	unlock(work);
	free(work->row.scenario);
	free(work->row.environment);
	free(work->row.target);
	free(work->row.recipe);
	free(work->row.unreadable);
	free((char *)(uintptr_t)work->ask.drill);
	free(work);
}
