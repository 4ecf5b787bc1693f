/* What schedules cost in real time.
 * usage: bench_planner idle SCENARIOS SECONDS    CPU time while nothing is due, memory
 *        bench_planner start SCENARIOS SECONDS   the error between planned and actual start */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "src/base/mem.h"
#include "tests/bench/bench_plan.h"

struct bench {
	double *late_ms; /* owned */
	size_t count, most, missed;
};

static double now_of(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool on_due(void *arg, const struct planner_due *due)
{
	struct bench *bench = arg;

	if (bench->count < bench->most)
		bench->late_ms[bench->count++] =
		    now_of(CLOCK_REALTIME) - (double)due->planned_wall_ms;
	return false; /* free at once: what is measured is the planner */
}

static void on_missed(void *arg, const struct planner_missed *missed)
{
	((struct bench *)arg)->missed += missed->count;
}

static int by_size(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

int main(int argc, char **argv)
{
	struct bench bench = {.most = 1000000};
	const struct planner_hears hears = {on_due, on_missed, &bench};
	struct event_base *base = event_base_new();
	bool idle = argc == 4 && strcmp(argv[1], "idle") == 0;
	struct timeval wait = {argc == 4 ? strtol(argv[3], NULL, 10) : 0, 0};
	struct bench_plan *plan;
	struct planner *planner;
	struct rusage usage;
	double set_ms, wall_ms, cpu_ms;

	if (argc != 4 || wait.tv_sec < 1)
		return 2;
	bench.late_ms = mem_zalloc(bench.most * sizeof(double));
	plan = bench_plan_new(strtoul(argv[2], NULL, 10), idle ? "0 3 1 1 *" : "@every 2s",
			      idle ? "Europe/Berlin" : "UTC");
	for (size_t i = 0; i < plan->item_count; i++)
		plan->items[i].jitter_ms = 1999;
	planner = planner_new(base, &hears);
	set_ms = now_of(CLOCK_PROCESS_CPUTIME_ID);
	planner_set(planner, plan->items, plan->item_count, plan->places, plan->place_count);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	cpu_ms = now_of(CLOCK_PROCESS_CPUTIME_ID);
	set_ms = cpu_ms - set_ms;
	wall_ms = now_of(CLOCK_MONOTONIC);
	(void)event_base_loopexit(base, &wait);
	(void)event_base_dispatch(base);
	cpu_ms = now_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms;
	wall_ms = now_of(CLOCK_MONOTONIC) - wall_ms;
	(void)getrusage(RUSAGE_SELF, &usage);
	qsort(bench.late_ms, bench.count, sizeof(double), by_size);
	(void)printf("{\"scenarios\":%zu,\"set_ms\":%.1f,\"cpu_ms\":%.3f,\"wall_ms\":%.1f,"
		     "\"peak_kib\":%ld,\"starts\":%zu,\"missed\":%zu,\"late_median_ms\":%.3f,"
		     "\"late_p99_ms\":%.3f}\n",
		     plan->item_count, set_ms, cpu_ms, wall_ms, usage.ru_maxrss, bench.count,
		     bench.missed, bench.count > 0 ? bench.late_ms[bench.count / 2] : -1,
		     bench.count > 0 ? bench.late_ms[bench.count * 99 / 100] : -1);
	planner_free(planner);
	bench_plan_free(plan);
	event_base_free(base);
	free(bench.late_ms);
	return 0;
}
