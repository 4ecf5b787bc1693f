/* What runs next: a plan of scenarios and their schedules, a queue for each environment, one timer.
 * One drill at a time in an environment, many environments at once; what waits longest goes first; the
 * spacing of an environment is kept.  What was due while nobody was there, or comes round again while it
 * still waits, is skipped and told, never made up for.  Knows names and times only. */
#ifndef ENGINE_PLANNER_H
#define ENGINE_PLANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/base/words.h"

#define PLANNER_LOOK_MS 60000 /* at the wall clock, which may be set: no timer is longer */
/* What could not be begun for so long, as the machine slept or its clock was set forward, is missed. */
#define PLANNER_LATE_MS 300000
/* Set back by less, nothing runs twice; by more, the clock was wrong before, and all begins anew. */
#define PLANNER_BACK_MS INT64_C(86400000)

struct event_base;
struct planner;
struct schedule;

/* A scenario in an environment, by schedule. Texts are copied, the schedule is borrowed. */
struct planner_item {
	const char *scenario, *environment;
	const struct schedule *schedule;
	int64_t jitter_ms; /* the most by which it begins later; see planner_jitter_ms */
	/* The planned time that was begun, or told as missed, last, as it was told then; -1: never.
	 * Asked for by the first plan only: an item that is new in a later one begins now. */
	int64_t last_wall_ms;
};
struct planner_place {
	const char *environment;
	int64_t spacing_ms;    /* from the end of one drill to the next; 0: none */
	int64_t ended_wall_ms; /* of the last drill there in an earlier life; 0: not known */
};

/* A drill that is to begin now. Borrowed, valid inside the callback only. */
struct planner_due {
	const char *scenario, *environment;
	enum origin origin;  /* ORIGIN_SCHEDULE or ORIGIN_REPEAT; ORIGIN_HAND with planner_ask */
	const char *repeats; /* with ORIGIN_REPEAT: the drill whose gap it confirms; else "" */
	int64_t planned_wall_ms; /* jitter included; of a wish: when it was asked for */
	uint64_t ask;            /* of planner_ask; else 0 */
	bool allow_protected;    /* of planner_ask */
};
struct planner_missed {
	const char *scenario, *environment;
	int64_t first_wall_ms, last_wall_ms; /* planned times, jitter included */
	size_t count;                        /* at most PLANNER_MISSED_MAX are counted */
	const char *why;                     /* "firedrill was not running", ...; that of a pause */
};
#define PLANNER_MISSED_MAX 10000

struct planner_hears {
	/* False: it could not begin; the environment is free at once. True: until planner_ended. */
	bool (*due)(void *arg, const struct planner_due *due);
	void (*missed)(void *arg, const struct planner_missed *missed);
	void *arg;
};

/* hears is copied. Both callbacks come from the loop; the planner may be used, but not freed, from
 * inside. Of a scenario in an environment the planned times that they tell only grow. */
struct planner *planner_new(struct event_base *base, const struct planner_hears *hears);
void planner_free(struct planner *planner); /* NULL is fine */

/* The whole plan; replaces the one before it. What runs is kept; what waits is kept when its environment
 * is still one of `places` and, if a schedule wants it, its item is still one of `items`; else it is told
 * as missed. A wish in an environment that is gone is handed to `due` at once, which refuses it. What was
 * missed since last_wall_ms is told from the loop. The schedules of the plan before may be freed after
 * it. */
void planner_set(struct planner *planner, const struct planner_item *items, size_t item_count,
		 const struct planner_place *places, size_t place_count);

/* A wish by hand: goes before what a schedule wants. False: the environment is not in the plan. */
MUST_CHECK bool planner_ask(struct planner *planner, const struct planner_due *wish);
void planner_drop_ask(struct planner *planner, uint64_t ask); /* what has not begun */
/* Once more, after the spacing: a gap is to be confirmed. */
void planner_repeat(struct planner *planner, const char *scenario, const char *environment,
		    const char *drill);

/* What `due` took there is over. */
void planner_ended(struct planner *planner, const char *environment);
/* Nothing is begun until planner_go_on. What a schedule wants and has not begun, or comes round meanwhile,
 * is missed; wishes and repeats wait. why is copied. */
void planner_pause(struct planner *planner, const char *why);
void planner_go_on(struct planner *planner);

size_t planner_waiting(const struct planner *planner); /* due, but not begun */
/* The next planned time, jitter included; -1: none. */
int64_t planner_next(const struct planner *planner, const char *scenario, const char *environment);

/* The same for a scenario in an environment each time, evenly spread over 0..most. */
int64_t planner_jitter_ms(const char *scenario, const char *environment, int64_t most_ms);

#endif
