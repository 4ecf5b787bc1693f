/* One configuration of the daemon at work. */
#include "src/program/serve/generation.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "src/program/serve/heartbeat.h"
#include "src/program/serve/notices.h"
#include "src/program/shift.h"
#include "src/store/history.h"

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

bool generation_free_step(struct generation *generation)
{
	size_t *left = &generation->item_count;

	if (*left > 0) {
		schedule_free((struct schedule *)(uintptr_t)generation->items[--*left].schedule);
		return true;
	}
	return generation->app != NULL && app_free_scenario(generation->app);
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
