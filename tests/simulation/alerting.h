/* The alerting: watches the targets and posts to the chat, or fails to.  Part of world.c. */
#ifndef TESTS_SIMULATION_ALERTING_H
#define TESTS_SIMULATION_ALERTING_H

#include "tests/simulation/sim.h"

/* The channel where an alert of a drill is expected. */
int alerting_channel(const struct sim *sim, const struct sim_drill *drill, int expect);

/* A fault came into place: its alerts are planned, and posted when their time has come. */
void alerting_raise(struct sim *sim, struct sim_drill *drill);
void alerting_post(struct sim *sim, const struct sim_event *event);

/* A fault is gone: so are its alerts, after a while. */
void alerting_end(struct sim *sim, int drill);
void alerting_resolve(struct sim *sim, const struct sim_event *event);

#endif
