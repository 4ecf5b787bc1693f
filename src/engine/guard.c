/* May this drill run at all? */
#include "src/engine/guard.h"

#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/secret.h"
#include "src/engine/guard_parts.h"
#include "src/store/ledger.h"

#define TEXT_LIMIT 600 /* bytes of a rule */

/* What earlier drills left in place: in this environment, or, from another one, in this very target,
 * where it would be taken for the original. */

struct leftover {
	const struct guard_case *asked; /* borrowed */
	bool found;
	bool expired; /* nobody can be working on it any more */
	bool elsewhere;
	char drill[ID_LEN + 1];
	char environment[64];
	enum fault_state state;
};

static bool is_same_target(const struct guard_case *asked, const struct ledger_fault *fault)
{
	return asked->target != NULL && asked->target[0] != '\0' &&
	       strcmp(asked->target, fault->target) == 0;
}

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	struct leftover *leftover = arg;
	const struct guard_case *asked = leftover->asked;
	bool elsewhere = strcmp(asked->environment->name, fault->environment) != 0;

	if (fault->state == FAULT_STUCK && fault->ack_reason != NULL)
		return true; /* set aside by a person */
	if (elsewhere && !is_same_target(asked, fault))
		return true;
	leftover->found = true;
	leftover->expired =
	    fault->state == FAULT_STUCK || fault->lease_wall_ms < asked->now_wall_ms;
	leftover->elsewhere = elsewhere;
	leftover->state = fault->state;
	(void)snprintf(leftover->drill, sizeof leftover->drill, "%s", fault->drill);
	(void)snprintf(leftover->environment, sizeof leftover->environment, "%s",
		       fault->environment);
	return !leftover->expired; /* one that is certainly left behind says the most */
}

static bool look_for_leftover(const struct guard_case *asked, struct leftover *ret_leftover,
			      struct error *error)
{
	*ret_leftover = (struct leftover){.asked = asked};
	return asked->driver->confirm == NULL || /* leaves nothing, and trips over nothing */
	       ledger_visit_open(asked->ledger, NULL, on_open_fault, ret_leftover, error);
}

static bool guard_leftover(const struct guard_case *asked, struct error *error)
{
	struct leftover leftover;

	if (asked->ledger == NULL || !look_for_leftover(asked, &leftover, error))
		return false;
	if (!leftover.found)
		return true;
	return error_set(error,
			 "the fault of drill %s in %s %sis %s and not confirmed reverted; run "
			 "`firedrill status`, then `firedrill revert %s`%s",
			 leftover.drill, leftover.environment,
			 leftover.elsewhere ? "changes the same target, " : "",
			 fault_state_name(leftover.state), leftover.drill,
			 leftover.state == FAULT_STUCK ? ", or set it aside with `firedrill ack`"
						       : "");
}

static void rule_leftover(const struct guard_case *asked, struct buf *rule)
{
	buf_addf(rule, "no earlier fault may be left in %s, or in this target",
		 asked->environment->name);
}

static bool is_auto(const struct guard_case *asked)
{
	const struct scenario *scenario = asked->scenario;
	bool any = scenario->fault.hold_ms == SCENARIO_AUTO;

	for (size_t i = 0; i < scenario->expect_count; i++)
		any |= scenario->expect[i].within_ms == SCENARIO_AUTO;
	return any;
}

static void rule_timing(const struct guard_case *asked, struct buf *rule)
{
	char held[32];

	duration_format(asked->scenario->fault.hold_at_most_ms, held, sizeof held);
	buf_addf(rule, "what is \"auto\" must come to no more than hold_at_most, which is %s",
		 held);
}

static void rule_lock(const struct guard_case *asked, struct buf *rule)
{
	buf_addf(rule, "one drill at a time in %s, and on one target", asked->environment->name);
}

/* The guards, in the order in which they are asked. */
static const struct guard {
	const char *name;
	guard_allows_fn *allows; /* NULL: it is asked elsewhere */
	guard_rule_fn *rule;
	bool of_faults; /* not asked for a control drill, which breaks nothing */
} guards[] = {
    {"effect", guard_irreversible, guard_rule_irreversible, false},
    {"halt", guard_halt, guard_rule_halt, false},
    {"freeze", guard_freeze, guard_rule_freeze, false},
    {"protected", guard_protected, guard_rule_protected, false},
    {"effect_limit", guard_effect_limit, guard_rule_effect_limit, false},
    {"targets", guard_targets, guard_rule_targets, true},
    {"hours", guard_hours, guard_rule_hours, false},
    {"spacing", guard_spacing, guard_rule_spacing, true},
    {"drills_per_day", guard_drills_per_day, guard_rule_drills_per_day, true},
    {"leftover", guard_leftover, rule_leftover, true},
    {"lock", NULL, rule_lock, true},      /* drill_locks.c */
    {"timing", NULL, rule_timing, false}, /* drill_timing.c */
};

enum { GUARDS = sizeof guards / sizeof guards[0] };

static bool is_asked(const struct guard *guard, const struct guard_case *asked)
{
	if (guard->rule == rule_timing)
		return is_auto(asked);
	return !guard->of_faults || asked->driver->via != VIA_NONE;
}

bool guard_allows(const struct drill_world *world, const struct drill_record *record,
		  const struct fault_driver *driver, const char *target,
		  const struct drill_options *options, bool *ret_left_before, struct error *error)
{
	const struct guard_case asked = {
	    .config = world->config,
	    .scenario = record->scenario,
	    .environment = record->environment,
	    .driver = driver,
	    .target = target,
	    .options = *options,
	    .now_wall_ms = clock_wall_ms(),
	    .ledger = world->ledger,
	};
	struct error why = {""};
	struct leftover leftover;

	for (size_t i = 0; i < GUARDS; i++) {
		if (guards[i].allows == NULL || !is_asked(&guards[i], &asked) ||
		    guards[i].allows(&asked, &why))
			continue;
		if (guards[i].allows == guard_leftover &&
		    look_for_leftover(&asked, &leftover, NULL))
			*ret_left_before = leftover.expired;
		secret_mask(world->secrets, why.text);
		return error_set(error, "guard %s: %s", guards[i].name, why.text);
	}
	return true;
}

void guard_describe(const struct guard_case *asked, guard_tell_fn *tell, void *arg)
{
	for (size_t i = 0; i < GUARDS; i++) {
		const struct guard *guard = &guards[i];
		struct buf rule = {.limit = TEXT_LIMIT};
		struct guard_told told = {.name = guard->name, .answer = GUARD_LATER};
		struct error why = {""};

		if (!is_asked(guard, asked))
			continue;
		guard->rule(asked, &rule);
		if (guard->allows != NULL && guard->allows(asked, &why))
			told.answer = GUARD_PASSES;
		else if (why.text[0] != '\0')
			told.answer = GUARD_REFUSES;
		told.text = told.answer == GUARD_REFUSES ? why.text : buf_text(&rule);
		tell(arg, &told);
		buf_done(&rule);
	}
}
