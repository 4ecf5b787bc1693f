/* Reading a configuration with all of its scenarios, piece by piece. */
#include <stdlib.h>

#include "scenarios/mistakes.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "src/program/serve/generation.h"

/* What is read, in this order. */
enum part { PART_CONFIG, PART_SCENARIOS, PART_CALENDARS, PART_SCHEDULES, PART_DIGEST, PART_NONE };

struct generation_loader {
	const struct options *options;     /* borrowed */
	struct mistakes *mistakes;         /* borrowed */
	struct generation *generation;     /* owned */
	struct scenario_loader *scenarios; /* owned; NULL: none are being read */
	enum part part;
	size_t next; /* of the calendars, or of the scenarios whose schedules are made */
};

static void load_config_part(struct generation_loader *loader)
{
	struct generation *generation = loader->generation;

	generation->app = app_load_quietly(loader->options, loader->mistakes);
	loader->part = generation->app != NULL ? PART_SCENARIOS : PART_NONE;
	if (generation->app == NULL)
		return;
	generation->calendar = calendar_new();
	loader->scenarios = scenario_loader_new(app_config(generation->app), loader->mistakes);
}

static void take_scenarios(struct generation_loader *loader)
{
	struct app *app = loader->generation->app;
	struct scenario_list scenarios;
	size_t most = 0;

	/* Schedules of good scenarios are looked at only when all are good. */
	loader->part =
	    scenario_loader_end(loader->scenarios, &scenarios) ? PART_CALENDARS : PART_NONE;
	loader->scenarios = NULL;
	app_set_scenarios(app, &scenarios);
	for (size_t i = 0; i < scenarios.count; i++)
		most += scenarios.list[i]->in_count;
	loader->generation->items = mem_zalloc((most + 1) * sizeof *loader->generation->items);
}

static void load_calendar(struct generation_loader *loader)
{
	const struct config *config = app_config(loader->generation->app);
	const struct calendar_settings *one;
	struct error error = {""};
	char *key;

	if (loader->next == config->calendar_count) {
		loader->part = PART_SCHEDULES;
		loader->next = 0;
		return;
	}
	one = &config->calendars[loader->next++];
	if (calendar_add_holidays(loader->generation->calendar, one->name, one->file, &error))
		return;
	key = mem_printf("calendars.%s.file", one->name);
	mistakes_add(loader->mistakes, config->file, 0, key, "%s", error.text);
	free(key);
}

static struct schedule *schedule_of(struct generation_loader *loader,
				    const struct scenario *scenario, const struct placement *place)
{
	struct generation *generation = loader->generation;
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
	mistakes_add(loader->mistakes, scenario->file, 0, key, "%s", error.text);
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

/* Those of one scenario. */
static void load_schedules(struct generation_loader *loader)
{
	struct generation *generation = loader->generation;
	const struct scenario_list *scenarios = app_scenarios(generation->app);
	const struct scenario *scenario;

	if (loader->next == scenarios->count) {
		loader->part = PART_DIGEST;
		return;
	}
	scenario = scenarios->list[loader->next++];
	for (size_t i = 0; i < scenario->in_count; i++) {
		const struct placement *place = &scenario->in[i];
		struct schedule *schedule =
		    place->schedule != NULL ? schedule_of(loader, scenario, place) : NULL;

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

static void load_digest(struct generation_loader *loader)
{
	struct generation *generation = loader->generation;
	const struct config *config = app_config(generation->app);
	const struct schedule_ask ask = {.when = config->report.digest,
					 .zone = config->report.zone};
	struct error error = {""};

	if (config->report.digest == NULL)
		return;
	generation->digest = schedule_new(generation->calendar, &ask, &error);
	if (generation->digest == NULL)
		mistakes_add(loader->mistakes, config->file, 0, "report.digest", "%s", error.text);
}

/* For all. */

struct generation_loader *generation_loader_new(const struct options *options,
						struct mistakes *mistakes)
{
	struct generation_loader *loader = mem_zalloc(sizeof *loader);

	*loader = (struct generation_loader){
	    .options = options,
	    .mistakes = mistakes,
	    .generation = mem_zalloc(sizeof *loader->generation),
	};
	loader->generation->loaded_wall_ms = clock_wall_ms();
	return loader;
}

bool generation_loader_step(struct generation_loader *loader)
{
	switch (loader->part) {
	case PART_CONFIG:
		load_config_part(loader);
		break;
	case PART_SCENARIOS:
		if (!scenario_loader_step(loader->scenarios))
			take_scenarios(loader);
		break;
	case PART_CALENDARS:
		load_calendar(loader);
		break;
	case PART_SCHEDULES:
		load_schedules(loader);
		break;
	case PART_DIGEST:
		load_digest(loader);
		loader->part = PART_NONE;
		break;
	case PART_NONE:
		break;
	}
	return loader->part != PART_NONE;
}

bool generation_loader_end(struct generation_loader *loader, struct generation **ret_generation)
{
	bool whole = loader->part == PART_NONE && loader->mistakes->count == 0;
	struct scenario_list some;

	if (loader->scenarios != NULL) {
		(void)scenario_loader_end(loader->scenarios, &some);
		app_set_scenarios(loader->generation->app, &some);
	}
	*ret_generation = loader->generation;
	free(loader);
	return whole;
}

struct generation *generation_load(const struct options *options, struct mistakes *mistakes)
{
	struct generation_loader *loader = generation_loader_new(options, mistakes);
	struct generation *generation;

	while (generation_loader_step(loader))
		continue;
	if (generation_loader_end(loader, &generation))
		return generation;
	generation_free(generation);
	return NULL;
}
