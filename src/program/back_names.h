/* The names that were typed to look back at: does anybody know them? */
#ifndef PROGRAM_BACK_NAMES_H
#define PROGRAM_BACK_NAMES_H

#include "src/program/back.h"

/* False when --env or a scenario's name is known neither to the configuration nor to the history: that was
 * printed to stderr, with what was meant. While scenarios have mistakes, their names are not judged. */
MUST_CHECK bool back_names_known(const struct back *back);

#endif
