/* May this drill run at all? */
#include "src/engine/guard.h"

#include <stdio.h>

#include "src/base/clock.h"
#include "src/store/ledger.h"

struct leftover {
	bool found;
	bool expired; /* nobody can be working on it any more */
	char drill[ID_LEN + 1];
	enum fault_state state;
};

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	struct leftover *leftover = arg;

	leftover->found = true;
	leftover->expired = fault->state == FAULT_STUCK || fault->lease_wall_ms < clock_wall_ms();
	leftover->state = fault->state;
	(void)snprintf(leftover->drill, sizeof leftover->drill, "%s", fault->drill);
	return !leftover->expired; /* one that is certainly left behind says the most */
}

static bool allows_effect(const struct drill_record *record, struct error *error)
{
	const struct environment *environment = record->environment;

	if (record->effect == EFFECT_IRREVERSIBLE)
		return error_set(error, "guard effect: an irreversible fault is never put in");
	if (record->effect > environment->effect_limit)
		return error_set(
		    error,
		    "guard effect_limit: this fault is a %s, and %s allows at most %s; "
		    "use a milder driver or set effect_limit = \"%s\" for the environment",
		    effect_name(record->effect), environment->name,
		    effect_name(environment->effect_limit), effect_name(record->effect));
	return true;
}

bool guard_allows(const struct drill_world *world, const struct drill_record *record,
		  const struct fault_driver *driver, const struct drill_options *options,
		  bool *ret_left_before, struct error *error)
{
	const char *environment = record->environment->name;
	struct leftover leftover = {0};

	if (record->environment->protected_ && !options->allow_protected)
		return error_set(error,
				 "guard protected: %s is a protected environment; if you mean it, "
				 "run again with --allow-protected",
				 environment);
	if (!allows_effect(record, error))
		return false;
	if (driver->confirm == NULL)
		return true; /* leaves nothing behind, and trips over nothing that was left */
	if (!ledger_visit_open(world->ledger, environment, on_open_fault, &leftover, error))
		return false;
	if (leftover.found) {
		*ret_left_before = leftover.expired;
		return error_set(
		    error,
		    "guard leftover: the fault of drill %s in %s is %s and not confirmed "
		    "reverted; run `firedrill status`, then `firedrill revert %s`",
		    leftover.drill, environment, fault_state_name(leftover.state), leftover.drill);
	}
	return true;
}
