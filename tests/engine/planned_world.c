/* A planner in virtual time, and a second opinion on what it does. */
#include "tests/engine/planned_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "tests/engine/virtual_time.h"

#define STORY_LIMIT 65536

static struct planned_place *find_place(struct planned_world *world, const char *name)
{
	for (size_t i = 0; i < world->place_count; i++) {
		if (strcmp(world->places[i].name, name) == 0)
			return &world->places[i];
	}
	return NULL;
}

static struct planned_item *find_item(struct planned_world *world, const char *scenario,
				      const char *environment)
{
	for (size_t i = 0; i < world->item_count; i++) {
		struct planned_item *item = &world->items[i];

		if (strcmp(item->scenario, scenario) == 0 &&
		    strcmp(item->environment, environment) == 0)
			return item;
	}
	fail_msg("nobody planned %s in %s", scenario, environment);
	return NULL;
}

/* The second opinion. */

static int64_t jitter_of(const struct planned_item *item)
{
	return planner_jitter_ms(item->scenario, item->environment, item->jitter_ms);
}

/* The planned times from `first` to `last` are the next ones, and so many. */
static void account(struct planned_world *world, struct planned_item *item, int64_t first,
		    int64_t last, size_t count)
{
	int64_t jitter = jitter_of(item), before = item->last_wall_ms;

	assert_true(first <= last);
	if (before >= 0)
		assert_true(first > before);
	if (world->checks) {
		if (before >= 0)
			assert_int_equal(first,
					 schedule_next(item->schedule, before - jitter) + jitter);
		assert_int_equal(last, schedule_next(item->schedule, last - jitter - 1) + jitter);
		assert_int_equal(count, 1 + schedule_count(item->schedule, first - jitter,
							   last - jitter, PLANNER_MISSED_MAX));
	}
	item->last_wall_ms = last;
}

void planned_check(struct planned_world *world)
{
	size_t open = 0;

	for (size_t i = 0; i < world->item_count; i++) {
		const struct planned_item *item = &world->items[i];
		int64_t jitter = jitter_of(item);

		if (item->last_wall_ms >= 0 && !item->is_out)
			open += schedule_count(item->schedule, item->last_wall_ms - jitter,
					       clock_wall_ms() - jitter, PLANNER_MISSED_MAX);
	}
	assert_int_equal(open, planner_waiting(world->planner));
}

/* What the planner says. */

void planned_end(struct planned_world *world, struct planned_place *place)
{
	place->is_busy = false;
	place->ended_ms = clock_ms();
	planner_ended(world->planner, place->name);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct planned_place *place = arg;

	(void)fd;
	(void)what;
	planned_end(place->world, place);
}

static void check_turn(const struct planned_world *world, const struct planned_place *place,
		       const struct planner_due *due)
{
	assert_false(place->is_busy);
	if (place->ended_ms >= 0)
		assert_true(clock_ms() >= place->ended_ms + place->spacing_ms);
	assert_true(world->jumps || clock_wall_ms() >= due->planned_wall_ms);
}

static bool on_due(void *arg, const struct planner_due *due)
{
	struct planned_world *world = arg;
	struct planned_place *place = find_place(world, due->environment);
	const struct timeval takes = {world->takes_ms / 1000, world->takes_ms % 1000 * 1000};
	int64_t late_ms = clock_wall_ms() - due->planned_wall_ms;

	check_turn(world, place, due);
	world->begun++;
	place->begun++;
	if (late_ms > world->late_ms)
		world->late_ms = late_ms;
	buf_addf(&world->story, "begun %s/%s %s:%" PRIu64 "%s ", due->scenario, due->environment,
		 origin_name(due->origin), due->ask, due->repeats);
	if (due->origin == ORIGIN_SCHEDULE) {
		struct planned_item *item = find_item(world, due->scenario, due->environment);

		assert_false(item->is_out);
		item->begun++;
		account(world, item, due->planned_wall_ms, due->planned_wall_ms, 1);
	}
	if (world->from_inside != NULL)
		world->from_inside(world);
	if (world->takes_ms == 0)
		return false;
	place->is_busy = true;
	if (world->takes_ms > 0)
		(void)event_add(place->end, &takes);
	return true;
}

static void on_missed(void *arg, const struct planner_missed *missed)
{
	struct planned_world *world = arg;
	struct planned_item *item;

	buf_addf(&world->story, "missed %s/%s %zu %s; ", missed->scenario, missed->environment,
		 missed->count, missed->why);
	world->told++;
	world->missed += missed->count;
	item = find_item(world, missed->scenario, missed->environment);
	item->missed += missed->count;
	account(world, item, missed->first_wall_ms, missed->last_wall_ms, missed->count);
	if (world->from_inside != NULL)
		world->from_inside(world);
}

/* The flow. */

static void begin(struct planned_world *world)
{
	const struct planner_hears hears = {on_due, on_missed, world};

	world->planner = planner_new(world->base, &hears);
}

int planned_setup(void **state)
{
	struct planned_world *world = mem_zalloc(sizeof *world);

	*world = (struct planned_world){
	    .base = event_base_new(),
	    .calendar = calendar_new(),
	    .takes_ms = MINUTE_MS,
	    .checks = true,
	    .story = {.limit = STORY_LIMIT},
	};
	begin(world);
	*state = world;
	return 0;
}

int planned_teardown(void **state)
{
	struct planned_world *world = *state;

	planner_free(world->planner);
	for (size_t i = 0; i < world->item_count; i++)
		schedule_free(world->items[i].schedule);
	for (size_t i = 0; i < world->place_count; i++)
		event_free(world->places[i].end);
	calendar_free(world->calendar);
	event_base_free(world->base);
	buf_done(&world->story);
	free(world);
	return 0;
}

struct planned_place *planned_place(struct planned_world *world, const char *name,
				    int64_t spacing_ms)
{
	struct planned_place *place = &world->places[world->place_count++];

	assert_true(world->place_count <= PLANNED_PLACES);
	*place = (struct planned_place){
	    .world = world, .name = name, .spacing_ms = spacing_ms, .ended_ms = -1};
	place->end = evtimer_new(world->base, on_end, place);
	return place;
}

static struct schedule *schedule_of(struct planned_world *world, const char *when, const char *zone)
{
	const struct schedule_ask ask = {.when = when, .zone = zone};
	struct error error = {""};
	struct schedule *schedule = schedule_new(world->calendar, &ask, &error);

	assert_string_equal(error.text, "");
	return schedule;
}

struct planned_item *planned_item(struct planned_world *world, const char *scenario,
				  const char *environment, const char *when, const char *zone)
{
	struct planned_item *item = &world->items[world->item_count++];

	assert_true(world->item_count <= PLANNED_ITEMS);
	*item = (struct planned_item){.environment = environment, .last_wall_ms = -1};
	(void)snprintf(item->scenario, sizeof item->scenario, "%s", scenario);
	item->schedule = schedule_of(world, when, zone);
	return item;
}

/* The old one is used until the new plan is set. */
void planned_change(struct planned_world *world, struct planned_item *item, const char *when)
{
	struct schedule *old = item->schedule;

	item->schedule = schedule_of(world, when, "UTC");
	planned_set(world);
	schedule_free(old);
}

void planned_set(struct planned_world *world)
{
	struct planner_item items[PLANNED_ITEMS];
	struct planner_place places[PLANNED_PLACES];
	size_t item_count = 0, place_count = 0;

	for (size_t i = 0; i < world->place_count; i++) {
		if (!world->places[i].is_out)
			places[place_count++] =
			    (struct planner_place){.environment = world->places[i].name,
						   .spacing_ms = world->places[i].spacing_ms};
	}
	for (size_t i = world->item_count; i-- > 0;) {
		const struct planned_item *item = &world->items[i];

		if (!item->is_out)
			items[item_count++] =
			    (struct planner_item){item->scenario, item->environment, item->schedule,
						  item->jitter_ms, item->last_wall_ms};
	}
	planner_set(world->planner, items, item_count, places, place_count);
}

void planned_pass(struct planned_world *world, int64_t ms)
{
	for (; ms > 0; ms -= DAY_MS / 2)
		virtual_time_pass(world->base, ms < DAY_MS / 2 ? ms : DAY_MS / 2);
}

void planned_restart(struct planned_world *world, int64_t down_ms)
{
	planner_free(world->planner);
	for (size_t i = 0; i < world->place_count; i++) {
		(void)event_del(world->places[i].end);
		world->places[i].is_busy = false;
		world->places[i].ended_ms = -1;
	}
	if (down_ms > 0)
		planned_pass(world, down_ms);
	begin(world);
	planned_set(world);
}
