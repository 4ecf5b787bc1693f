/* What a guest wants, read from its packet. */
#ifndef PROGRAM_DOOR_WANTS_H
#define PROGRAM_DOOR_WANTS_H

#include <stdbool.h>

#include "reports/terminal.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"

#define DOOR_NAMES_MAX  1000  /* of scenarios, and of environments; as a command line takes */
#define DOOR_NOTES_MAX  4     /* that a guest has shown to itself */
#define DOOR_WINDOW_MAX 10000 /* columns and rows */

/* All texts are borrowed from the packet. */
struct door_wants {
	struct door_wish names; /* but for the guest */
	const char *scenarios[DOOR_NAMES_MAX], *environments[DOOR_NAMES_MAX];
	const char *notes[DOOR_NOTES_MAX];
	size_t note_count;
	struct terminal_options looks;
	bool json, good;
};

/* Begin with {0}. False: no wish of this version. */
bool door_wants_read(struct door_said *said, struct door_wants *ret_wants);

#endif
