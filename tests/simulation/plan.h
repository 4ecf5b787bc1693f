/* What one case is about: a configuration and its scenarios, and how much goes wrong. Made from a
 * seed, or by hand for a story; constant while lives are lived. */
#ifndef TESTS_SIMULATION_PLAN_H
#define TESTS_SIMULATION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/config.h"
#include "scenarios/scenario.h"
#include "tests/simulation/sim.h"

enum { PLAN_ENVIRONMENTS = 3, PLAN_SCENARIOS = 4 };

/* In percent of the steps or messages that could go so. */
struct plan_odds {
	int refuse, hang, half, late, no_effect; /* inject and revert; the last: inject */
	int confirm_fails, capture_fails;
	int meddle; /* while a fault is in place */
	int alert_lost, alert_late, alert_elsewhere, alert_twice, alert_lacking, resolved_lost;
	int real_alert; /* while a fault is in place */
	int post_lost, post_half;
	int no_guardian; /* a hold is refused */
	int disk_fails;  /* of a thousand writes and syncs of the ledger */
};

struct plan {
	struct plan_odds odds;
	struct chat_settings chat;
	struct environment environments[PLAN_ENVIRONMENTS];
	struct config config;
	struct expectation expect[PLAN_SCENARIOS][SIM_EXPECTS];
	struct stop_condition stop[PLAN_SCENARIOS];
	struct placement in[PLAN_SCENARIOS][PLAN_ENVIRONMENTS];
	struct pair variables[PLAN_SCENARIOS][PLAN_ENVIRONMENTS][2];
	struct scenario scenarios[PLAN_SCENARIOS];
	int scenario_count;
	int target_of[PLAN_SCENARIOS][PLAN_ENVIRONMENTS];
	int chat_per_minute;
	bool irreversible; /* the exec driver is, in this case */
	int hour_from[PLAN_ENVIRONMENTS], hour_to[PLAN_ENVIRONMENTS]; /* UTC; -1: always */
	char *texts[512];                                             /* owned */
	int text_count;
	char freeze[4][96]; /* the freeze files: everything's, and each environment's */
};

struct plan *plan_random(struct dice *dice, const char *folder);
/* One environment, one scenario with that driver, everything goes well. */
struct plan *plan_simple(enum fault_via via, const char *folder);
void plan_free(struct plan *plan); /* NULL is fine */

int plan_environment(const struct plan *plan, const char *name); /* index; -1 */
int plan_channel(const char *name);                              /* with or without '#'; -1 */
extern const char *const plan_channels[SIM_CHANNELS];

#endif
