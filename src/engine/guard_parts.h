/* The single guards: shared by guard.c, which lists them, and the files that hold them. */
#ifndef ENGINE_GUARD_PARTS_H
#define ENGINE_GUARD_PARTS_H

#include "src/base/buf.h"
#include "src/engine/guard.h"

/* True when the drill may run; else the error says what is the matter and how to satisfy the guard,
 * without its name. False without an error when only the ledger knows and there is none. */
typedef bool guard_allows_fn(const struct guard_case *asked, struct error *error);
/* Adds what the guard wants in this environment. */
typedef void guard_rule_fn(const struct guard_case *asked, struct buf *rule);

/* guard_rules.c: by whom, what, and how far. */
guard_allows_fn guard_irreversible, guard_halt, guard_freeze, guard_protected, guard_effect_limit,
    guard_targets;
guard_rule_fn guard_rule_irreversible, guard_rule_halt, guard_rule_freeze, guard_rule_protected,
    guard_rule_effect_limit, guard_rule_targets;

/* guard_times.c: when, and how often. */
guard_allows_fn guard_hours, guard_spacing, guard_drills_per_day;
guard_rule_fn guard_rule_hours, guard_rule_spacing, guard_rule_drills_per_day;
const char *guard_zone(const struct guard_case *asked); /* borrowed; "UTC" by default */

#endif
