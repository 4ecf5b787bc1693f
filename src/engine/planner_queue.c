/* What waits in each environment, and which environments may begin something. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/planner_parts.h"

static int by_name(const void *key, const void *element)
{
	const struct place *const *place = element;

	return strcmp(key, (*place)->name);
}

struct place *place_find(const struct planner *planner, const char *environment)
{
	struct place **found = NULL;

	if (planner->place_count > 0)
		found = bsearch(environment, planner->places, planner->place_count,
				sizeof(struct place *), by_name);
	return found != NULL ? *found : NULL;
}

struct place *place_new(const char *environment)
{
	struct place *place = mem_zalloc(sizeof *place);

	place->name = mem_dup(environment);
	for (int i = 0; i < ORIGIN_COUNT; i++)
		TAILQ_INIT(&place->waits[i]);
	return place;
}

void place_free(struct place *place)
{
	if (place == NULL)
		return;
	for (int i = 0; i < ORIGIN_COUNT; i++) {
		struct wait *wait;

		while ((wait = TAILQ_FIRST(&place->waits[i])) != NULL) {
			TAILQ_REMOVE(&place->waits[i], wait, entry);
			wait_free(wait);
		}
	}
	free(place->name);
	free(place);
}

bool place_has_waits(const struct place *place)
{
	for (int i = 0; i < ORIGIN_COUNT; i++) {
		if (!TAILQ_EMPTY(&place->waits[i]))
			return true;
	}
	return false;
}

static enum place_list list_of(const struct place *place)
{
	if (place->is_busy || !place_has_waits(place))
		return LIST_NONE;
	return place->free_ms <= clock_ms() ? LIST_READY : LIST_SPACED;
}

void place_sort_in(struct planner *planner, struct place *place)
{
	enum place_list list = list_of(place);

	if (list == place->list)
		return;
	if (place->list == LIST_READY)
		TAILQ_REMOVE(&planner->ready, place, entry);
	else if (place->list == LIST_SPACED)
		TAILQ_REMOVE(&planner->spaced, place, entry);
	if (list == LIST_READY)
		TAILQ_INSERT_TAIL(&planner->ready, place, entry);
	else if (list == LIST_SPACED)
		TAILQ_INSERT_TAIL(&planner->spaced, place, entry);
	place->list = list;
}

/* Behind all that wait as long: nearly always at the end. */
struct wait *wait_add(struct planner *planner, struct place *place, enum origin origin,
		      const struct wait *like)
{
	struct waits *waits = &place->waits[origin];
	struct wait *wait = mem_zalloc(sizeof *wait), *before = TAILQ_LAST(waits, waits);

	*wait = *like;
	wait->scenario = mem_dup(like->scenario);
	wait->repeats = mem_dup(like->repeats);
	while (before != NULL && before->since_wall_ms > wait->since_wall_ms)
		before = TAILQ_PREV(before, waits, entry);
	if (before != NULL)
		TAILQ_INSERT_AFTER(waits, before, wait, entry);
	else
		TAILQ_INSERT_HEAD(waits, wait, entry);
	planner->waiting++;
	place_sort_in(planner, place);
	return wait;
}

struct wait *wait_take(struct planner *planner, struct place *place, enum origin origin,
		       struct wait *wait)
{
	TAILQ_REMOVE(&place->waits[origin], wait, entry);
	if (wait->item != NULL)
		wait->item->wait = NULL;
	wait->item = NULL;
	planner->waiting--;
	place_sort_in(planner, place);
	return wait;
}

void wait_free(struct wait *wait)
{
	if (wait == NULL)
		return;
	free(wait->scenario);
	free(wait->repeats);
	free(wait);
}
