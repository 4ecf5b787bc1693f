/* What is told when the ledger cannot be opened. */
#include "src/program/salvage.h"

#include <stdio.h>

#include "reports/plain.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/calendar/zone.h"
#include "src/store/ledger.h"

#define WORD_COLUMNS 64 /* of each text, which may be damaged, too */

static void add(struct buf *line, const char *text)
{
	const struct plain how = {.limit = WORD_COLUMNS};

	(void)plain_add(line, text, &how);
}

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	char since[ZONE_TIME_SIZE];
	struct buf line = {0};

	(void)arg;
	zone_format("UTC", fault->intended_wall_ms, since);
	buf_adds(&line, "  ");
	add(&line, fault->drill);
	buf_adds(&line, ": ");
	add(&line, fault->scenario);
	buf_adds(&line, " in ");
	add(&line, fault->environment);
	buf_addf(&line, ", %s, since %s UTC\n",
		 fault->state < FAULT_STATE_COUNT ? fault_state_name(fault->state)
						  : "state unknown",
		 since);
	(void)fputs(buf_text(&line), stderr);
	buf_done(&line);
	return true;
}

enum exit_code salvage_tell(const char *state, const struct error *error)
{
	size_t count;

	(void)fprintf(stderr, "firedrill: %s\n", error->text);
	count = ledger_salvage(state, on_fault, NULL);
	if (count == 0)
		return EXIT_USAGE;
	(void)fprintf(
	    stderr,
	    "firedrill: of these %zu faults it can still be read that they are, or may be, "
	    "in place; there may be more\n",
	    count);
	return EXIT_FAULT_LEFT;
}
