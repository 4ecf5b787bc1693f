/* One plan after another: what runs, what waits, and what is the same in both is kept. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "src/engine/planner_parts.h"

static const char has_changed[] = "the plan was changed while it waited";

/* Sorting. */

static int compare(const char *environment, const char *scenario, const char *other_environment,
		   const char *other_scenario)
{
	int order = strcmp(environment, other_environment);

	return order != 0 ? order : strcmp(scenario, other_scenario);
}

static int by_item(const void *a, const void *b)
{
	const struct planner_item *const *one = a, *const *other = b;

	return compare((*one)->environment, (*one)->scenario, (*other)->environment,
		       (*other)->scenario);
}

static int by_place(const void *a, const void *b)
{
	const struct planner_place *const *one = a, *const *other = b;

	return strcmp((*one)->environment, (*other)->environment);
}

static const struct planner_item **sorted_items(const struct planner_item *items, size_t count)
{
	const struct planner_item **sorted = mem_zalloc((count + 1) * sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = &items[i];
	if (count > 0)
		qsort(sorted, count, sizeof(const struct planner_item *), by_item);
	return sorted;
}

static const struct planner_place **sorted_places(const struct planner_place *places, size_t count)
{
	const struct planner_place **sorted = mem_zalloc((count + 1) * sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = &places[i];
	if (count > 0)
		qsort(sorted, count, sizeof(const struct planner_place *), by_place);
	return sorted;
}

/* Environments. */

static struct place *make_place(const struct planner_place *wanted)
{
	struct place *place = place_new(wanted->environment);
	int64_t ended_ms = wanted->ended_wall_ms, past_ms = clock_wall_ms() - ended_ms;

	if (ended_ms > 0 && past_ms >= 0 && past_ms < wanted->spacing_ms)
		place->free_ms = clock_ms() + wanted->spacing_ms - past_ms;
	return place;
}

void planner_miss_repeat(struct planner *planner, const char *scenario, const char *environment,
			 int64_t planned_wall_ms)
{
	const struct tally tally = {planned_wall_ms, planned_wall_ms, 1, has_changed};

	planner_untold_add(planner, scenario, environment, &tally);
}

/* Repeats of an environment that is gone; wishes stay, to be refused by those who know why. */
static void unplan_place(struct planner *planner, struct place *place)
{
	struct wait *wait;

	place->spacing_ms = place->free_ms = 0;
	while ((wait = TAILQ_FIRST(&place->waits[ORIGIN_REPEAT])) != NULL) {
		planner_miss_repeat(planner, wait->scenario, place->name, wait->planned_wall_ms);
		wait_free(wait_take(planner, place, ORIGIN_REPEAT, wait));
	}
	place_sort_in(planner, place);
}

static void set_places(struct planner *planner, const struct planner_place *wanted, size_t count)
{
	const struct planner_place **sorted = sorted_places(wanted, count);
	size_t old = 0, most = count + planner->place_count;
	struct place **places = mem_zalloc((most + 1) * sizeof(struct place *));
	size_t made = 0;

	for (size_t i = 0; i < planner->place_count; i++)
		planner->places[i]->is_planned = false;
	for (size_t i = 0; i < count; i++) {
		const char *name = sorted[i]->environment;

		if (i > 0 && strcmp(name, sorted[i - 1]->environment) == 0)
			continue;
		while (old < planner->place_count && strcmp(planner->places[old]->name, name) < 0)
			places[made++] = planner->places[old++];
		if (old < planner->place_count && strcmp(planner->places[old]->name, name) == 0)
			places[made] = planner->places[old++];
		else
			places[made] = make_place(sorted[i]);
		places[made]->is_planned = true;
		places[made++]->spacing_ms = sorted[i]->spacing_ms;
	}
	while (old < planner->place_count)
		places[made++] = planner->places[old++];
	free(planner->places);
	free(sorted);
	planner->places = places;
	planner->place_count = made;
}

void planner_drop_places(struct planner *planner)
{
	size_t kept = 0;

	for (size_t i = 0; i < planner->place_count; i++) {
		struct place *place = planner->places[i];

		if (place->is_planned || place->is_busy || place_has_waits(place))
			planner->places[kept++] = place;
		else
			place_free(place);
	}
	planner->place_count = kept;
}

/* Items. */

static void make_item(struct planner *planner, struct item *item, const struct planner_item *wanted)
{
	int64_t now_wall_ms = clock_wall_ms(), last_ms = wanted->last_wall_ms;
	int64_t jitter_ms =
	    planner_jitter_ms(wanted->scenario, wanted->environment, wanted->jitter_ms);
	bool known = !planner->has_plan && last_ms >= 0 && last_ms - now_wall_ms <= PLANNER_BACK_MS;

	item->scenario = mem_dup(wanted->scenario);
	item->told_ms = -1;
	item->absent_until_wall_ms = known ? now_wall_ms : -1;
	item_go_on(item, (known ? last_ms : now_wall_ms) - jitter_ms);
}

/* One that was known before goes on where it was; with another schedule it begins now. */
static void keep_item(struct item *item, int64_t moment_wall_ms)
{
	int64_t now_wall_ms = clock_wall_ms(), after_ms;

	item_go_on(item, item->handled_wall_ms);
	if (item->moment_wall_ms != moment_wall_ms) {
		after_ms = now_wall_ms - item->jitter_ms;
		item_go_on(item,
			   after_ms > item->handled_wall_ms ? after_ms : item->handled_wall_ms);
	} else if (moment_wall_ms >= 0 && item_planned_ms(item) < now_wall_ms) {
		item->jitter_ms = now_wall_ms - moment_wall_ms; /* has become less */
	}
}

static void put_item(struct planner *planner, struct item **at, const struct planner_item *wanted)
{
	bool known = *at != NULL;
	struct item *item = known ? *at : mem_zalloc(sizeof *item);

	*at = item;
	item->place = place_find(planner, wanted->environment);
	item->schedule = wanted->schedule;
	item->most_ms = wanted->jitter_ms;
	if (known)
		keep_item(item, item->moment_wall_ms);
	else
		make_item(planner, item, wanted);
}

/* What of it was missed, or waits, is told. */
static void drop_item(struct planner *planner, struct item *item)
{
	if (item->wait != NULL) {
		const struct tally tally = {item->wait->planned_wall_ms,
					    item->wait->planned_wall_ms, 1, has_changed};

		item_miss(planner, item, &tally, true);
		wait_free(wait_take(planner, item->place, ORIGIN_SCHEDULE, item->wait));
	}
	item_hand_over(planner, item);
	free(item->scenario);
	free(item);
}

static int compare_item(const struct item *item, const struct planner_item *wanted)
{
	return compare(item->place->name, item->scenario, wanted->environment, wanted->scenario);
}

/* Of an environment that is not in the plan nothing can be planned. */
static bool is_possible(const struct planner *planner, const struct planner_item *wanted)
{
	const struct place *place = place_find(planner, wanted->environment);

	return place != NULL && place->is_planned;
}

static void set_items(struct planner *planner, const struct planner_item *wanted, size_t count)
{
	const struct planner_item **sorted = sorted_items(wanted, count);
	struct item **old = planner->items,
		    **items = mem_zalloc((count + 1) * sizeof(struct item *));
	size_t at = 0, made = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_possible(planner, sorted[i]))
			continue;
		while (at < planner->item_count && compare_item(old[at], sorted[i]) < 0)
			drop_item(planner, old[at++]);
		if (at < planner->item_count && compare_item(old[at], sorted[i]) == 0)
			items[made] = old[at++];
		put_item(planner, &items[made++], sorted[i]);
	}
	while (at < planner->item_count)
		drop_item(planner, old[at++]);
	free(old);
	free(sorted);
	free(planner->heap);
	planner->items = items;
	planner->item_count = made;
	planner->heap = mem_zalloc((made + 1) * sizeof(struct item *));
	heap_build(planner);
}

/* What came until now belongs to the plan before. */
void planner_set(struct planner *planner, const struct planner_item *items, size_t item_count,
		 const struct planner_place *places, size_t place_count)
{
	moments_look_at_clock(planner);
	(void)moments_collect(planner, INT64_MAX / 2);
	set_places(planner, places, place_count);
	set_items(planner, items, item_count);
	for (size_t i = 0; i < planner->place_count; i++) {
		if (!planner->places[i]->is_planned)
			unplan_place(planner, planner->places[i]);
	}
	planner_drop_places(planner);
	planner->has_plan = true;
	planner_arm(planner, 0);
}
