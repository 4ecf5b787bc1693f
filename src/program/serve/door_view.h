/* What a guest is shown: our ends of the pipes that it reads from, and what draws into them. */
#ifndef PROGRAM_DOOR_VIEW_H
#define PROGRAM_DOOR_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/terminal.h"
#include "src/program/serve/door_wire.h"

struct outlet;

struct door_view {
	FILE *drawn;               /* owned; NULL: not open */
	struct terminal *terminal; /* owned; draws there */
	FILE *lines;               /* owned; NULL: no JSON wanted */
	struct outlet *json;       /* owned */
};

/* Begin with {0}. The other ends are the caller's; on failure, too, as many as *ret_count says. */
bool door_view_open(struct door_view *view, struct event_base *base, struct terminal_options looks,
		    bool json, int ret_pipes[DOOR_PIPES], size_t *ret_count);
void door_view_finish(struct door_view *view, const struct drill_record *record);
/* Writes what can be written at once; true when nothing waits any more. */
bool door_view_drain(struct door_view *view);
bool door_view_has_lost(const struct door_view *view); /* JSON lines */
/* Never waits for the reader: what it has not taken until now is given up. */
void door_view_close(struct door_view *view);

#endif
