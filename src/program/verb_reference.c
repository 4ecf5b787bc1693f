/* `firedrill reference`: every key of the files. */
#include <stdio.h>

#include "scenarios/load.h"
#include "src/base/words.h"
#include "src/program/verbs.h"

static int run_reference(const struct options *options)
{
	(void)options;
	keys_print_help(stdout);
	return EXIT_PASS;
}

const struct verb verb_reference = {
    .name = "reference",
    .words = "",
    .summary = "every key of firedrill.cfg and of a scenario, with its default",
    .help = "Prints every key that the configuration and a scenario may have. The same table\n"
	    "drives the parser and docs/reference.md.",
    .run = run_reference,
};
