/* When scenarios run by themselves, in the environments of a configuration: what reads files, and so belongs
 * to `check` and `serve` only.  A run by hand needs no holidays. */
#ifndef SCENARIOS_TIMES_H
#define SCENARIOS_TIMES_H

#include "scenarios/load.h"
#include "src/calendar/schedule.h"

/* With all calendars of the configuration; NULL with mistakes. Owned by the caller, calendar_free. */
MUST_CHECK struct calendar *times_calendar(const struct config *config, struct mistakes *mistakes);

/* The schedule of a placement that has one, in its environment; NULL with an error. Owned by the caller. */
MUST_CHECK struct schedule *times_schedule(struct calendar *calendar,
					   const struct environment *environment, const char *when,
					   struct error *error);

/* Does every schedule come, for all that its environment leaves out? False with mistakes. */
MUST_CHECK bool times_check(struct calendar *calendar, const struct config *config,
			    const struct scenario_list *scenarios, struct mistakes *mistakes);

/* What is no mistake, and will yet spoil drills by schedule. */
typedef void times_warn_fn(void *arg, const char *text, const char *advice);
void times_warn(struct calendar *calendar, const struct environment *environment,
		const struct scenario *scenario, const struct placement *placement,
		times_warn_fn *warn, void *arg);

#endif
