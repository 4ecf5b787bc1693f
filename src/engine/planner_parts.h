/* What the files of the planner share. */
#ifndef ENGINE_PLANNER_PARTS_H
#define ENGINE_PLANNER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "src/engine/planner.h"

#define PLANNER_TELL_MS 3600000 /* between two tellings of what an item missed again and again */

struct item;
struct place;

/* A drill that is due. */
struct wait {
	TAILQ_ENTRY(wait) entry;
	struct item *item;        /* borrowed; whose schedule wants it; NULL: nobody's */
	char *scenario, *repeats; /* owned; repeats NULL: none */
	int64_t since_wall_ms;    /* its place in the queue */
	int64_t planned_wall_ms;  /* never before that; later when it came round again */
	uint64_t ask;
	bool allow_protected;
};
TAILQ_HEAD(waits, wait);

enum place_list { LIST_NONE, LIST_READY, LIST_SPACED };

/* An environment. */
struct place {
	TAILQ_ENTRY(place) entry; /* of the list that it is in */
	enum place_list list;
	char *name; /* owned */
	int64_t spacing_ms;
	int64_t free_ms; /* clock_ms(); nothing begins before */
	bool is_planned; /* one of the plan; else it is kept for what runs, and for wishes */
	bool is_busy;
	struct waits waits[ORIGIN_COUNT]; /* owned */
};
TAILQ_HEAD(places, place);

/* What was missed, and is not told yet. */
struct tally {
	int64_t first_wall_ms, last_wall_ms;
	size_t count;
	const char *why; /* borrowed: static, or of the pause */
};

/* A scenario in an environment, by schedule. */
struct item {
	char *scenario;                  /* owned */
	struct place *place;             /* borrowed */
	const struct schedule *schedule; /* borrowed */
	int64_t most_ms;                 /* of its jitter */
	int64_t jitter_ms;               /* of the next moment */
	int64_t handled_wall_ms;         /* moments up to this one are over; without jitter */
	int64_t moment_wall_ms;          /* the next one, without jitter; -1: none */
	int64_t absent_until_wall_ms;    /* firedrill was not running; -1: it was */
	int64_t told_ms;                 /* clock_ms() of its last telling; -1: none */
	struct tally tally;
	struct wait *wait; /* borrowed; in the queue of its place */
};

struct untold {
	STAILQ_ENTRY(untold) entry;
	char *scenario, *environment, *why; /* owned */
	struct tally tally;
};
STAILQ_HEAD(untolds, untold);

struct planner {
	struct planner_hears hears;
	struct event *timer;   /* owned; the next moment, or the next look */
	struct item **items;   /* owned; by environment and scenario */
	struct item **heap;    /* the same items by their next moment; those that have one */
	struct place **places; /* owned; by name */
	size_t item_count, heap_count, place_count;
	struct places ready, spaced; /* what waits there may begin; ... after a while */
	struct untolds untold;       /* owned */
	size_t waiting;
	int64_t offset_ms; /* wall clock minus clock_ms(), as last seen */
	const char *late;  /* static; why what is late now was not seen in time */
	char *pause;       /* owned; why; NULL: there is none */
	bool has_plan;
};

/* planner_moments.c: what comes, and what was missed. */

int64_t item_planned_ms(const struct item *item); /* of its next moment; -1: none */
/* From after that moment on; its jitter is computed anew. */
void item_go_on(struct item *item, int64_t after_wall_ms);
void heap_build(struct planner *planner); /* from the items */
/* Puts what is due in its queue, or notes it as missed. False: there is more. Calls nobody. */
bool moments_collect(struct planner *planner, int64_t budget_ms);
/* Notices when the wall clock was set. */
void moments_look_at_clock(struct planner *planner);
void item_hand_over(struct planner *planner, struct item *item); /* its tally, to be told */
/* A planned time is missed. */
void item_miss(struct planner *planner, struct item *item, const struct tally *tally, bool now);
void planner_untold_add(struct planner *planner, const char *scenario, const char *environment,
			const struct tally *tally);
void planner_untold_free(struct untold *untold);

/* planner_queue.c: what waits, and where. */

struct place *place_find(const struct planner *planner, const char *environment); /* or NULL */
struct place *place_new(const char *environment);
void place_free(struct place *place); /* with what waits there; NULL is fine */
bool place_has_waits(const struct place *place);
/* Into the list in which it belongs now. */
void place_sort_in(struct planner *planner, struct place *place);
/* A wait more, owned by the place. */
struct wait *wait_add(struct planner *planner, struct place *place, enum origin origin,
		      const struct wait *like);
/* Out of its queue; owned by the caller. */
struct wait *wait_take(struct planner *planner, struct place *place, enum origin origin,
		       struct wait *wait);
void wait_free(struct wait *wait);

/* planner_set.c: one plan after another. */

/* Places that are not in the plan and that nothing needs any more. */
void planner_drop_places(struct planner *planner);
/* A repeat in an environment that is in the plan no more. */
void planner_miss_repeat(struct planner *planner, const char *scenario, const char *environment,
			 int64_t planned_wall_ms);

/* planner.c: the flow. */
void planner_arm(struct planner *planner, int64_t delay_ms);

#endif
