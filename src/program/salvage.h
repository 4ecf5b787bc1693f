/* What is told when the ledger cannot be opened: the faults that can still be read in it. */
#ifndef PROGRAM_SALVAGE_H
#define PROGRAM_SALVAGE_H

#include "src/base/error.h"
#include "src/base/words.h"

/* Prints the error and, of a damaged ledger at `state`, each fault that it still tells of, to stderr.
 * EXIT_FAULT_LEFT when there is one, else EXIT_USAGE. */
enum exit_code salvage_tell(const char *state, const struct error *error);

#endif
