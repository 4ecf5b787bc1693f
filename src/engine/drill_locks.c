/* What a drill locks between processes: its environment and its target from the guard to its end, its
 * fault from before the announcement until it is freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define TARGET_SHOWN 200 /* bytes of a target in an error */

/* An open fault that tells who is in the way. */
struct holder {
	const char *environment, *target; /* borrowed; one of them is looked for, the other NULL */
	char drill[ID_LEN + 1];           /* "": none */
	char scenario[64];
};

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	struct holder *holder = arg;

	if (fault->ack_reason != NULL ||
	    (holder->environment != NULL && strcmp(fault->environment, holder->environment) != 0) ||
	    (holder->target != NULL && strcmp(fault->target, holder->target) != 0))
		return true;
	(void)snprintf(holder->drill, sizeof holder->drill, "%s", fault->drill);
	(void)snprintf(holder->scenario, sizeof holder->scenario, "%s", fault->scenario);
	return true; /* the youngest is the one that runs */
}

/* Takes the name over. */
static enum lock_result take(struct drill *drill, enum drill_lock which, char *name,
			     struct error *error)
{
	enum lock_result result = drill->locked[which] != NULL
				      ? LOCK_TAKEN
				      : locks_take(drill->world->locks, name, error);

	if (drill->locked[which] == NULL && result == LOCK_TAKEN)
		drill->locked[which] = name;
	else
		free(name);
	return result;
}

static void release(struct drill *drill, enum drill_lock which)
{
	if (drill->locked[which] != NULL)
		locks_release(drill->world->locks, drill->locked[which]);
	free(drill->locked[which]);
	drill->locked[which] = NULL;
}

static enum lock_result say_failed(struct error *error)
{
	const struct error why = *error;

	(void)error_set(error, "guard lock: %s", why.text);
	return LOCK_FAILED;
}

static enum lock_result say_busy(struct drill *drill, struct holder holder, struct error *error)
{
	bool known = ledger_visit_open(drill->world->ledger, NULL, on_open_fault, &holder, NULL) &&
		     holder.drill[0] != '\0';

	(void)error_set(
	    error,
	    "guard lock: another drill %s %.*s%s%s%s%s%s; wait until it is over, or look with "
	    "`firedrill status`",
	    holder.environment != NULL ? "runs in" : "changes", TARGET_SHOWN,
	    holder.environment != NULL ? holder.environment : holder.target, known ? " (" : "",
	    holder.drill, known ? ", " : "", holder.scenario, known ? ")" : "");
	return LOCK_BUSY;
}

static enum lock_result lock_environment(struct drill *drill, struct error *error)
{
	const char *environment = drill->record.environment->name;

	switch (take(drill, DRILL_LOCK_ENVIRONMENT, lock_name_environment(environment), error)) {
	case LOCK_TAKEN:
		return LOCK_TAKEN;
	case LOCK_BUSY:
		return say_busy(drill, (struct holder){.environment = environment}, error);
	case LOCK_FAILED:
		break;
	}
	return say_failed(error);
}

static enum lock_result lock_target(struct drill *drill, struct error *error)
{
	if (drill->target[0] == '\0' || drill->locked[DRILL_LOCK_TARGET] != NULL)
		return LOCK_TAKEN;
	switch (take(drill, DRILL_LOCK_TARGET, lock_name_target(drill->target), error)) {
	case LOCK_TAKEN:
		return LOCK_TAKEN;
	case LOCK_BUSY:
		return say_busy(drill, (struct holder){.target = drill->target}, error);
	case LOCK_FAILED:
		break;
	}
	return say_failed(error);
}

enum lock_result drill_lock_place(struct drill *drill, struct error *error)
{
	enum lock_result result = lock_environment(drill, error);

	return result == LOCK_TAKEN ? lock_target(drill, error) : result;
}

/* With the fault's lock alone its guardian, which inherits that, could not be told from us. */
static void show_life(struct drill *drill, bool lives)
{
	char *name = lock_name_drill(drill->record.id);

	if (lives)
		locks_show(drill->world->locks, name);
	else
		locks_hide(drill->world->locks, name);
	free(name);
}

bool drill_lock_fault(struct drill *drill, struct error *error)
{
	switch (take(drill, DRILL_LOCK_FAULT, lock_name_fault(drill->record.id), error)) {
	case LOCK_TAKEN:
		show_life(drill, true);
		return true;
	case LOCK_BUSY:
		return error_set(error,
				 "another firedrill works on a fault of the name %s; run it again",
				 drill->record.id);
	case LOCK_FAILED:
		break;
	}
	return false;
}

void drill_unlock_place(struct drill *drill)
{
	release(drill, DRILL_LOCK_TARGET);
	release(drill, DRILL_LOCK_ENVIRONMENT);
}

void drill_unlock(struct drill *drill)
{
	if (drill->locked[DRILL_LOCK_FAULT] != NULL)
		show_life(drill, false);
	for (enum drill_lock which = DRILL_LOCK_COUNT; which-- > 0;)
		release(drill, which);
}
