/* One configuration of the daemon at work. */
#include "src/program/serve/generation.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/mistakes.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "src/program/serve/heartbeat.h"
#include "src/program/serve/notices.h"
#include "src/program/shift.h"
#include "src/store/history.h"

/* Loading. */

static void load_calendars(struct generation *generation, struct mistakes *mistakes)
{
	const struct config *config = app_config(generation->app);
	struct error error = {""};

	for (size_t i = 0; i < config->calendar_count; i++) {
		const struct calendar_settings *one = &config->calendars[i];

		char *key;

		if (calendar_add_holidays(generation->calendar, one->name, one->file, &error))
			continue;
		key = mem_printf("calendars.%s.file", one->name);
		mistakes_add(mistakes, config->file, 0, key, "%s", error.text);
		free(key);
	}
}

static struct schedule *schedule_of(struct generation *generation, const struct scenario *scenario,
				    const struct placement *place, struct mistakes *mistakes)
{
	const struct environment *environment =
	    config_environment(app_config(generation->app), place->environment);
	const struct schedule_ask ask = {
	    .when = place->schedule,
	    .zone = environment->zone,
	    .holidays = (const char *const *)environment->holidays.list,
	    .holiday_count = environment->holidays.count,
	    .blackouts = (const char *const *)environment->blackout.list,
	    .blackout_count = environment->blackout.count,
	};
	struct error error = {""};
	struct schedule *schedule = schedule_new(generation->calendar, &ask, &error);
	char *key;

	if (schedule != NULL)
		return schedule;
	key = mem_printf("in.%s.schedule", place->environment);
	mistakes_add(mistakes, scenario->file, 0, key, "%s", error.text);
	free(key);
	return NULL;
}

/* Never more than half of the time between two. */
static int64_t jitter_of(const struct scenario *scenario, const struct schedule *schedule)
{
	int64_t half_ms =
	    scenario->jitter_ms > 0 ? schedule_step_ms(schedule, clock_wall_ms()) / 2 : 0;

	return half_ms > 0 && half_ms < scenario->jitter_ms ? half_ms : scenario->jitter_ms;
}

static void load_schedules(struct generation *generation, struct mistakes *mistakes)
{
	const struct scenario_list *scenarios = app_scenarios(generation->app);
	size_t most = 0;

	for (size_t i = 0; i < scenarios->count; i++)
		most += scenarios->list[i]->in_count;
	generation->items = mem_zalloc((most + 1) * sizeof *generation->items);
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];

		for (size_t j = 0; j < scenario->in_count; j++) {
			const struct placement *place = &scenario->in[j];
			struct schedule *schedule;

			if (place->schedule == NULL)
				continue;
			schedule = schedule_of(generation, scenario, place, mistakes);
			if (schedule == NULL)
				continue;
			generation->items[generation->item_count++] = (struct planner_item){
			    .scenario = scenario->name,
			    .environment = place->environment,
			    .schedule = schedule,
			    .jitter_ms = jitter_of(scenario, schedule),
			    .last_wall_ms = -1,
			};
		}
	}
}

static void load_digest(struct generation *generation, struct mistakes *mistakes)
{
	const struct config *config = app_config(generation->app);
	const struct schedule_ask ask = {.when = config->report.digest,
					 .zone = config->report.zone};
	struct error error = {""};

	if (config->report.digest == NULL)
		return;
	generation->digest = schedule_new(generation->calendar, &ask, &error);
	if (generation->digest == NULL)
		mistakes_add(mistakes, config->file, 0, "report.digest", "%s", error.text);
}

struct generation *generation_load(const struct options *options, struct mistakes *mistakes)
{
	struct generation *generation = mem_zalloc(sizeof *generation);

	generation->loaded_wall_ms = clock_wall_ms();
	generation->app = app_load_quietly(options, mistakes);
	if (generation->app != NULL) {
		generation->calendar = calendar_new();
		load_calendars(generation, mistakes);
		load_schedules(generation, mistakes);
		load_digest(generation, mistakes);
	}
	if (generation->app != NULL && mistakes->count == 0)
		return generation;
	generation_free(generation);
	return NULL;
}

void generation_free(struct generation *generation)
{
	if (generation == NULL)
		return;
	heartbeat_free(generation->heartbeat);
	notices_free(generation->notices);
	shift_free(generation->shift);
	for (size_t i = 0; i < generation->item_count; i++)
		schedule_free((struct schedule *)(uintptr_t)generation->items[i].schedule);
	free(generation->items);
	schedule_free(generation->digest);
	calendar_free(generation->calendar);
	app_free(generation->app);
	free(generation);
}

/* The plan. */

static int compare(const void *left, const void *right)
{
	const struct planner_item *a = left, *b = right;
	int order = strcmp(a->environment, b->environment);

	return order != 0 ? order : strcmp(a->scenario, b->scenario);
}

/* What is known of earlier lives. */
struct past {
	struct planner_item *items; /* sorted; borrowed */
	size_t item_count;
	struct planner_place *places; /* borrowed */
	size_t place_count;
};

static bool on_planned(void *arg, const struct history_planned *planned)
{
	const struct past *past = arg;
	const struct planner_item wanted = {.scenario = planned->scenario,
					    .environment = planned->environment};
	struct planner_item *item =
	    bsearch(&wanted, past->items, past->item_count, sizeof wanted, compare);

	if (item != NULL)
		item->last_wall_ms = planned->wall_ms;
	return true;
}

static bool on_last(void *arg, const struct history_last *last)
{
	const struct past *past = arg;

	for (size_t i = 0; i < past->place_count; i++) {
		struct planner_place *place = &past->places[i];

		if (strcmp(place->environment, last->environment) == 0 &&
		    place->ended_wall_ms < last->ended_wall_ms)
			place->ended_wall_ms = last->ended_wall_ms;
	}
	return true;
}

void generation_plan(const struct generation *generation, struct planner *planner,
		     struct history *history)
{
	const struct config *config = app_config(generation->app);
	struct past past = {
	    .items = generation->items,
	    .item_count = generation->item_count,
	    .places = mem_zalloc((config->environment_count + 1) * sizeof *past.places),
	    .place_count = config->environment_count,
	};
	struct error error;

	for (size_t i = 0; i < past.place_count; i++)
		past.places[i] = (struct planner_place){
		    .environment = config->environments[i].name,
		    .spacing_ms = config->environments[i].spacing_ms,
		};
	qsort(past.items, past.item_count, sizeof *past.items, compare);
	if (history != NULL) { /* one that cannot be read is as one that knows nothing */
		(void)!history_visit_planned(history, on_planned, &past, &error);
		(void)!history_visit_last(history, on_last, &past, &error);
	}
	planner_set(planner, past.items, past.item_count, past.places, past.place_count);
	free(past.places);
}

bool generation_is_done(const struct generation *generation)
{
	return generation->over && shift_is_told(generation->shift) &&
	       (generation->notices == NULL || notices_is_idle(generation->notices));
}
