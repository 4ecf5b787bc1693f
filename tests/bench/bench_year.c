/* A year of schedules in virtual time.  usage: bench_year SCENARIOS */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "src/base/clock.h"
#include "tests/bench/bench_plan.h"
#include "tests/engine/virtual_time.h"

#define YEAR_HOURS 8760
#define HOUR_MS    INT64_C(3600000)

struct bench {
	size_t begun, missed;
	int64_t late_ms; /* the most */
};

static bool on_due(void *arg, const struct planner_due *due)
{
	struct bench *bench = arg;
	int64_t late_ms = clock_wall_ms() - due->planned_wall_ms;

	bench->begun++;
	if (late_ms > bench->late_ms)
		bench->late_ms = late_ms;
	return false;
}

static void on_missed(void *arg, const struct planner_missed *missed)
{
	((struct bench *)arg)->missed += missed->count;
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	const struct planner_hears hears = {on_due, on_missed, &bench};
	struct event_base *base = event_base_new();
	struct bench_plan *plan;
	struct planner *planner;
	struct rusage usage;

	if (argc != 2 || strtoul(argv[1], NULL, 10) == 0)
		return 2;
	plan = bench_plan_new(strtoul(argv[1], NULL, 10), NULL, "Europe/Berlin");
	planner = planner_new(base, &hears);
	planner_set(planner, plan->items, plan->item_count, plan->places, plan->place_count);
	for (int i = 0; i < YEAR_HOURS; i++)
		virtual_time_pass(base, HOUR_MS);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("{\"scenarios\":%zu,\"begun\":%zu,\"missed\":%zu,\"late_ms\":%" PRId64
		     ",\"cpu_s\":%.2f,\"peak_kib\":%ld}\n",
		     plan->item_count, bench.begun, bench.missed, bench.late_ms,
		     (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
			 (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
		     usage.ru_maxrss);
	planner_free(planner);
	bench_plan_free(plan);
	event_base_free(base);
	return 0;
}
