/* Is a text what libconfig can read? */
#ifndef SCENARIOS_SYNTAX_H
#define SCENARIOS_SYNTAX_H

#include <stdbool.h>

#include "scenarios/mistakes.h"
#include "scenarios/source.h"

/*
 * Reads a text by the grammar of libconfig 1.5 (a little stricter) before libconfig does, because
 * libconfig only says "syntax error", leaks a text for each of them, overflows the stack on deep
 * nesting, cuts numbers that are too large, and compares every key of a group with every other.
 * False when something is wrong: the first mistake of grammar, and every key given twice.
 * https://hyperrealm.github.io/libconfig/libconfig_manual.html#Configuration-Files
 */
MUST_CHECK bool syntax_check(const struct source *source, struct found *found);

#endif
