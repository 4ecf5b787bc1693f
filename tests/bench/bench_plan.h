/* 10,000 scenarios by schedule, as teams have them: most once a day, many once a week, some every hour. */
#ifndef TESTS_BENCH_BENCH_PLAN_H
#define TESTS_BENCH_BENCH_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "src/engine/planner.h"

struct bench_plan {
	struct calendar *calendar;  /* owned */
	struct planner_item *items; /* owned, with their texts and schedules */
	size_t item_count;
	struct planner_place *places; /* owned */
	size_t place_count;
	char *names; /* owned */
};

/* In 100 environments. A schedule for all, or NULL for the usual mixture in that zone. */
struct bench_plan *bench_plan_new(size_t items, const char *when, const char *zone);
void bench_plan_free(struct bench_plan *plan);

#endif
