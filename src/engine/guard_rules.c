/* The guards that ask by whom, what, and how far. */
#include <fnmatch.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/calendar/zone.h"
#include "src/engine/guard_parts.h"
#include "src/store/freeze.h"
#include "src/store/ledger.h"

/* Never, whatever anybody allows. */

bool guard_irreversible(const struct guard_case *asked, struct error *error)
{
	if (asked->driver->effect != EFFECT_IRREVERSIBLE)
		return true;
	return error_set(error, "an irreversible fault is never put in; use a driver that can take "
				"its fault out again");
}

void guard_rule_irreversible(const struct guard_case *asked, struct buf *rule)
{
	buf_addf(rule, "nothing irreversible; this is: %s", effect_name(asked->driver->effect));
}

/* The lever. */

bool guard_halt(const struct guard_case *asked, struct error *error)
{
	char since[ZONE_TIME_SIZE];
	struct ledger_halt halt = {.halted = false};
	bool passes;

	if (asked->ledger == NULL || !ledger_halt(asked->ledger, &halt, error))
		return false;
	passes = !halt.halted;
	zone_format(guard_zone(asked), halt.since_wall_ms, since);
	if (!passes)
		(void)error_set(
		    error,
		    "everything is halted by %.60s since %s: %.200s; when that is over, "
		    "run `firedrill resume`",
		    halt.by, since, halt.reason);
	ledger_halt_done(&halt);
	return passes;
}

void guard_rule_halt(const struct guard_case *asked, struct buf *rule)
{
	(void)asked;
	buf_adds(rule, "nothing runs between `firedrill halt` and `firedrill resume`");
}

/* The freeze files: of everything, and of this environment. */

static bool is_thawed(const char *path, struct error *error)
{
	char *reason = path != NULL ? freeze_reason(path) : NULL;
	bool passes = reason == NULL;

	if (!passes)
		(void)error_set(error,
				"%.200s is there (%.200s); when the freeze is over, remove it",
				path, reason);
	free(reason);
	return passes;
}

bool guard_freeze(const struct guard_case *asked, struct error *error)
{
	return is_thawed(asked->config->freeze, error) &&
	       is_thawed(asked->environment->freeze, error);
}

void guard_rule_freeze(const struct guard_case *asked, struct buf *rule)
{
	const char *everywhere = asked->config->freeze, *here = asked->environment->freeze;

	if (everywhere == NULL && here == NULL)
		buf_adds(rule, "no file is named that would stop it");
	else if (everywhere == NULL || here == NULL)
		buf_addf(rule, "not while %s is there", everywhere != NULL ? everywhere : here);
	else
		buf_addf(rule, "not while %s or %s is there", everywhere, here);
}

/* Production is opt-in. */

bool guard_protected(const struct guard_case *asked, struct error *error)
{
	const char *name = asked->environment->name;
	const struct placement *placement = scenario_placement(asked->scenario, name);

	if (!asked->environment->protected_ || asked->options.allow_protected)
		return true;
	if (asked->options.origin == ORIGIN_HAND)
		return error_set(error,
				 "%s is a protected environment; if you mean it, run again with "
				 "--allow-protected",
				 name);
	if (placement != NULL && placement->schedule != NULL)
		return true;
	return error_set(
	    error,
	    "%s is a protected environment; for it to run there by itself, write a "
	    "schedule into the scenario: in = { %s = { schedule = \"0 10 * * Tue\"; }; }",
	    name, name);
}

void guard_rule_protected(const struct guard_case *asked, struct buf *rule)
{
	buf_addf(rule, "%s is %s", asked->environment->name,
		 asked->environment->protected_
		     ? "protected: only with --allow-protected, or by a schedule"
		     : "not protected");
}

bool guard_effect_limit(const struct guard_case *asked, struct error *error)
{
	const struct environment *environment = asked->environment;
	enum effect effect = asked->driver->effect;

	if (effect <= environment->effect_limit)
		return true;
	return error_set(error,
			 "this fault is a %s, and %s allows at most %s; use a milder driver or set "
			 "effect_limit = \"%s\" for the environment",
			 effect_name(effect), environment->name,
			 effect_name(environment->effect_limit), effect_name(effect));
}

void guard_rule_effect_limit(const struct guard_case *asked, struct buf *rule)
{
	buf_addf(rule, "%s at most; this is: %s", effect_name(asked->environment->effect_limit),
		 effect_name(asked->driver->effect));
}

/* The allow-list. What changes nothing needs no permission; what is not known has none. */

static bool matches(const struct texts *patterns, const char *target)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (fnmatch(patterns->list[i], target, 0) == 0)
			return true;
	}
	return false;
}

static void add_texts(struct buf *out, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		buf_addf(out, "%s\"%s\"", i > 0 ? ", " : "", texts->list[i]);
}

bool guard_targets(const struct guard_case *asked, struct error *error)
{
	const struct environment *environment = asked->environment;
	const char *target = asked->target;
	struct buf list = {.limit = 120};

	if (environment->targets.count == 0)
		return true;
	if (target != NULL && (target[0] == '\0' || matches(&environment->targets, target)))
		return true;
	add_texts(&list, &environment->targets);
	(void)error_set(error,
			"\"%.200s\" is not among the targets of %s, which are %s; choose another "
			"target, or add it to `targets` of the environment",
			target != NULL ? target : "what is changed, which is not known,",
			environment->name, buf_text(&list));
	buf_done(&list);
	return false;
}

void guard_rule_targets(const struct guard_case *asked, struct buf *rule)
{
	if (asked->environment->targets.count == 0) {
		buf_adds(rule, "anything may be changed");
	} else {
		buf_adds(rule, "one of ");
		add_texts(rule, &asked->environment->targets);
	}
	if (asked->target != NULL && asked->target[0] != '\0')
		buf_addf(rule, "; this changes \"%s\"", asked->target);
}
