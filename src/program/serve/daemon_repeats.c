/* Repeats that an earlier life did not come to: its gaps would never be confirmed, and nobody called. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/notices.h"
#include "src/store/history.h"

#define OLD_MS   INT64_C(86400000) /* by then the schedule says more */
#define LOST_MAX 10000

struct lost {
	struct daemon *daemon; /* borrowed */
	char **drills;         /* owned list of owned ids */
	size_t count;
};

static bool is_repeated(const struct daemon *daemon, const char *scenario_name,
			const char *environment)
{
	const struct scenario *scenario = app_scenario(daemon->now->app, scenario_name);
	const struct placement *place =
	    scenario != NULL ? scenario_placement(scenario, environment) : NULL;
	char *open_gap;

	if (place == NULL || place->schedule == NULL || !scenario->repeat)
		return false;
	open_gap = notices_open_gap(daemon->now->notices, scenario_name, environment);
	free(open_gap);
	return open_gap == NULL;
}

static bool on_last(void *arg, const struct history_last *last)
{
	struct lost *lost = arg;

	if ((strcmp(last->verdict, verdict_name(VERDICT_GAP)) != 0 &&
	     strcmp(last->verdict, verdict_name(VERDICT_ABORTED)) != 0) ||
	    last->ended_wall_ms < clock_wall_ms() - OLD_MS ||
	    !is_repeated(lost->daemon, last->scenario, last->environment))
		return true;
	lost->drills = mem_grow(lost->drills, lost->count + 1, sizeof *lost->drills);
	lost->drills[lost->count++] = mem_dup(last->drill);
	return lost->count < LOST_MAX;
}

/* The gap that is to be confirmed: found by schedule, or that of a repeat that was stopped. */
static const char *to_repeat(const struct history_drill *drill)
{
	bool found = strcmp(drill->verdict, verdict_name(VERDICT_GAP)) == 0;

	if (found && strcmp(drill->origin, origin_name(ORIGIN_SCHEDULE)) == 0)
		return drill->drill;
	return !found && strcmp(drill->origin, origin_name(ORIGIN_REPEAT)) == 0 ? drill->repeats
										: NULL;
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	const struct daemon *daemon = arg;
	const char *repeats = to_repeat(drill);
	const char *const pairs[] = {"scenario", drill->scenario, "environment", drill->environment,
				     "repeats",  repeats,         NULL};

	if (repeats == NULL)
		return true;
	log_event(daemon->log, LEVEL_INFO, "a repeat of an earlier life is made up for", pairs);
	planner_repeat(daemon->planner, drill->scenario, drill->environment, repeats);
	return true;
}

void daemon_repeat_lost(struct daemon *daemon)
{
	struct lost lost = {.daemon = daemon};
	struct error error;
	bool found;

	if (daemon->history == NULL)
		return;
	(void)!history_visit_last(daemon->history, on_last, &lost, &error);
	for (size_t i = 0; i < lost.count; i++) {
		(void)!history_find_drill(daemon->history, lost.drills[i], on_drill, daemon, &found,
					  &error);
		free(lost.drills[i]);
	}
	free(lost.drills);
}
