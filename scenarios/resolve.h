/* Replacing ${variables}. */
#ifndef SCENARIOS_RESOLVE_H
#define SCENARIOS_RESOLVE_H

#include "scenarios/config.h"
#include "scenarios/keys.h"
#include "scenarios/scenario.h"
#include "src/base/error.h"

/* Where variables are looked for. All borrowed. */
struct scope {
	const struct scenario *scenario;
	const struct placement *placement;
	const struct environment *environment;
	const char *drill; /* the id */
};

/*
 * The text with every variable replaced: the placement's, else the environment's, else firedrill's
 * own.  "$${" stands for "${".  Values are not looked into.  `key` is the text's: it says whether
 * ${original} may be used, which is left as it is.  NULL with an error that says which variable is
 * not known, and which are; the error is empty when that variable's value is itself a mistake.
 * Owned by the caller.
 */
MUST_CHECK char *scope_expand(const struct scope *scope, const struct key *key, const char *text,
			      struct error *error);

#endif
