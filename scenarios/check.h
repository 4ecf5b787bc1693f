/* What the table of keys cannot say: what must fit together. */
#ifndef SCENARIOS_CHECK_H
#define SCENARIOS_CHECK_H

#include "scenarios/config.h"
#include "scenarios/pass.h"
#include "scenarios/scenario.h"

/*
 * Both take a struct that was just parsed, mistakes and all, fill in the defaults that depend on
 * other keys, and add every mistake that they find to the pass.
 */
void check_config(struct pass *pass, struct config *config);
void check_scenario(struct pass *pass, struct scenario *scenario, const struct config *config);

/* The part of check_scenario that is about `stop_when`. */
void check_stop_when(struct pass *pass, const struct scenario *scenario);

/* The part that is about deadlines, and how long the fault is held. */
void check_scenario_times(struct pass *pass, struct scenario *scenario,
			  const struct config *config);

/* The parts that are about when something runs by itself, and about who is told. */
void check_schedules(struct pass *pass, const struct scenario *scenario);
void check_calendars(struct pass *pass, const struct config *config);
void check_told(struct pass *pass, struct config *config);

/* The part of check_config that is about `pipelines` and who names one. */
void check_bisect(struct pass *pass, struct config *config);
void check_pipelines(struct pass *pass, struct config *config);

#endif
