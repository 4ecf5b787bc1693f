/* The processes of the simulation: each is a forked child, and may end at any call. */
#ifndef TESTS_SIMULATION_LIVES_H
#define TESTS_SIMULATION_LIVES_H

#include "tests/simulation/sim.h"

struct locks;

enum { LIFE_DRILLS = 5, LIFE_ACTS = 6 };

/* What somebody does from outside while a life is lived. */
enum act { ACT_STOP, ACT_HALT, ACT_JUMP, ACT_FREEZE, ACT_RESUME, ACT_CLOSE, ACT_ADD };

/* A run of firedrill; or one that stays, to which drills come one by one. */
struct life_spec {
	bool stays; /* until ACT_CLOSE */
	struct {
		int scenario, environment;
		int64_t after_ms; /* of one that stays */
	} drills[LIFE_DRILLS];
	int drill_count;
	struct {
		enum act act;
		int64_t after_ms;
		int64_t jump_ms; /* ACT_JUMP */
		int freeze;      /* ACT_FREEZE: which file */
	} acts[LIFE_ACTS];
	int act_count;
};

/* Settling without a run. */
struct settle_spec {
	bool for_ever;   /* a guardian; else `firedrill revert` */
	int64_t keep_ms; /* a guardian goes on as a keeper for so long */
};

/* What people do between lives; one each. */
enum person_act { PERSON_RESUMES, PERSON_ACKS };

/* Each runs in a child of its own and returns how that ended: 0, SIM_CRASHED, SIM_BROKEN, or -1 when
 * it was killed. locks: as the program has them open; NULL: it opens its own. */
int lives_run(struct sim *sim, struct locks *locks, const struct life_spec *spec);
int lives_settle(struct sim *sim, struct locks *locks, const struct settle_spec *spec);
int lives_person(struct sim *sim, enum person_act act);

#endif
