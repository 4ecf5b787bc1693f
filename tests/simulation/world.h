/* The world: what happens in it by itself, and what can be asked of it. */
#ifndef TESTS_SIMULATION_WORLD_H
#define TESTS_SIMULATION_WORLD_H

#include "tests/simulation/sim.h"

/* How a child that lives a life ends; 0: as it should. */
enum { SIM_CRASHED = 77, SIM_BROKEN = 78 };

/* As it was before anything was broken; the dice are thrown by the seed. */
void world_init(struct sim *sim, uint64_t seed, const struct plan *plan);

/* Time goes by, and what was to happen until then happens. */
void world_pass(struct sim *sim, int64_t us);

bool world_has_trouble(const struct sim *sim, enum sim_trouble trouble, int which);
/* Did it hold for all of that time, or for any of it? */
bool world_had_trouble(const struct sim *sim, enum sim_trouble trouble, int which, int64_t from_us,
		       int64_t to_us);
void world_add_trouble(struct sim *sim, enum sim_trouble trouble, int which, int64_t from_us,
		       int64_t to_us);

/* Drills are known by their id; NULL: no such. */
struct sim_drill *world_drill(struct sim *sim, const char *id);
struct sim_drill *world_new_drill(struct sim *sim, const char *id, int scenario, int environment,
				  int target);
bool world_is_in_place(const struct sim *sim, const struct sim_drill *drill);
/* A fault is, or may still come, into place. */
bool world_may_be_in_place(const struct sim *sim, const struct sim_drill *drill);

/* Something that takes effect at a time. The serial is that of a call that waits for it. */
struct sim_event *world_plan(struct sim *sim, int64_t at_us, enum sim_event_kind kind);
uint64_t world_new_call(struct sim *sim);
const struct sim_call *world_call(const struct sim *sim, uint64_t serial);
/* Its caller does not wait any more: what it set off takes effect soon, or never. */
void world_give_up_call(struct sim *sim, uint64_t serial);
/* Everything that a process had in flight when it died. */
void world_give_up_all(struct sim *sim);

/* An inject on its way is ended. False: there was none. */
bool world_drop_inject(struct sim *sim, const struct sim_drill *drill);

/* A target gets a value; by: whose step it is, NULL: somebody else's. */
void world_set(struct sim *sim, int target, const char *value, const struct sim_drill *by);
/* A person puts a target right that somebody else changed while this fault was in it, or whose fault
 * was set aside; what is not set aside is left to firedrill. */
void world_repair(struct sim *sim, const struct sim_drill *drill);

/* A message comes up now; its ts is given. */
struct sim_message *world_say(struct sim *sim, enum sim_message_kind kind, int channel,
			      const char *thread_ts, const char *text);
struct sim_message *world_find(struct sim *sim, int channel, const char *ts);
void world_write_ts(int64_t chat_us, char ret_ts[CHAT_TS_SIZE]);

#endif
