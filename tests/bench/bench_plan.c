/* Many scenarios by schedule. */
#include "tests/bench/bench_plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/calendar/schedule.h"

enum { PLACES = 100, NAME = 40 };

static void write_when(char *text, size_t size, size_t i)
{
	size_t minute = i % 60, hour = i / 60 % 24, day = i / 1440 % 7;

	if (i % 10 == 0)
		(void)snprintf(text, size, "%zu * * * *", minute);
	else if (i % 10 < 7)
		(void)snprintf(text, size, "%zu %zu * * *", minute, hour);
	else
		(void)snprintf(text, size, "%zu %zu * * %zu", minute, hour, day);
}

static struct schedule *schedule_of(struct bench_plan *plan, const char *when, const char *zone)
{
	const struct schedule_ask ask = {.when = when, .zone = zone};
	struct error error = {""};
	struct schedule *schedule = schedule_new(plan->calendar, &ask, &error);

	if (schedule == NULL) {
		(void)fprintf(stderr, "%s: %s\n", when, error.text);
		exit(1);
	}
	return schedule;
}

struct bench_plan *bench_plan_new(size_t items, const char *when, const char *zone)
{
	struct bench_plan *plan = mem_zalloc(sizeof *plan);
	char *name = mem_zalloc((items + PLACES) * NAME), text[80];

	plan->calendar = calendar_new();
	plan->names = name;
	plan->items = mem_zalloc(items * sizeof *plan->items);
	plan->places = mem_zalloc(PLACES * sizeof *plan->places);
	for (; plan->place_count < PLACES; name += NAME) {
		(void)snprintf(name, NAME, "environment-%zu", plan->place_count);
		plan->places[plan->place_count++].environment = name;
	}
	for (; plan->item_count < items; name += NAME) {
		size_t i = plan->item_count++;

		(void)snprintf(name, NAME, "scenario-%zu", i);
		write_when(text, sizeof text, i);
		plan->items[i] = (struct planner_item){
		    .scenario = name,
		    .environment = plan->places[i % PLACES].environment,
		    .schedule = schedule_of(plan, when != NULL ? when : text, zone),
		    .last_wall_ms = -1,
		};
	}
	return plan;
}

void bench_plan_free(struct bench_plan *plan)
{
	for (size_t i = 0; i < plan->item_count; i++)
		schedule_free((struct schedule *)(uintptr_t)plan->items[i].schedule);
	calendar_free(plan->calendar);
	free(plan->items);
	free(plan->places);
	free(plan->names);
	free(plan);
}
