/* A planner in virtual time, drills that take a while, and a second opinion: each planned moment of each
 * item is begun or told as missed, exactly once, and in order. */
#ifndef TESTS_ENGINE_PLANNED_WORLD_H
#define TESTS_ENGINE_PLANNED_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/engine/planner.h"

enum { PLANNED_ITEMS = 64, PLANNED_PLACES = 8 };

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   INT64_C(3600000)
#define DAY_MS    INT64_C(86400000)

struct event;
struct event_base;
struct planned_world;

struct planned_item {
	char scenario[16];
	const char *environment;
	struct schedule *schedule; /* owned */
	int64_t jitter_ms;         /* the most of it */
	int64_t last_wall_ms;      /* begun, or told as missed; -1: none */
	size_t begun, missed;
	bool is_out; /* not in the plan */
};
struct planned_place {
	struct planned_world *world; /* borrowed */
	const char *name;
	int64_t spacing_ms, ended_ms; /* clock_ms(); -1: nothing has */
	struct event *end;            /* owned; of the drill that runs */
	bool is_busy, is_out;
	size_t begun;
};

struct planned_world {
	struct event_base *base;
	struct calendar *calendar;
	struct planner *planner;
	struct planned_item items[PLANNED_ITEMS];
	size_t item_count;
	struct planned_place places[PLANNED_PLACES];
	size_t place_count;
	int64_t takes_ms; /* a drill; 0: it cannot begin; -1: until it is ended by hand */
	void (*from_inside)(struct planned_world *world); /* called in both callbacks; or NULL */
	bool jumps;       /* the wall clock may be set back while something waits */
	bool checks;      /* that every moment comes, once */
	struct buf story; /* "begun a/staging hand:7 ", "missed a/staging 3 WHY ", ... */
	size_t begun, missed, told;
	int64_t late_ms; /* the most between planned and begun */
};

int planned_setup(void **state); /* 2023-11-14, in UTC */
int planned_teardown(void **state);

struct planned_place *planned_place(struct planned_world *world, const char *name,
				    int64_t spacing_ms);
struct planned_item *planned_item(struct planned_world *world, const char *scenario,
				  const char *environment, const char *when, const char *zone);
void planned_change(struct planned_world *world, struct planned_item *item, const char *when);
void planned_set(struct planned_world *world); /* what is not out */
void planned_pass(struct planned_world *world, int64_t ms);
/* A firedrill that ended, and begins again; what it knows is last_wall_ms. */
void planned_restart(struct planned_world *world, int64_t down_ms);
void planned_end(struct planned_world *world, struct planned_place *place);
/* Nothing planned up to now is unaccounted for, but for what waits. */
void planned_check(struct planned_world *world);

#endif
