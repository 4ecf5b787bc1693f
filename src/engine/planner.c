/* What runs next.  A look: what is due goes into the queues, what was missed is told, what may begin is
 * begun; then one timer until something can happen. */
#include "src/engine/planner.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/planner_parts.h"

#define LOOK_BUDGET_MS 20 /* of one look, when very much is due at once */

/* Telling. */

static void tell(struct planner *planner)
{
	struct untold *untold;

	while ((untold = STAILQ_FIRST(&planner->untold)) != NULL) {
		const struct planner_missed missed = {
		    .scenario = untold->scenario,
		    .environment = untold->environment,
		    .first_wall_ms = untold->tally.first_wall_ms,
		    .last_wall_ms = untold->tally.last_wall_ms,
		    .count = untold->tally.count,
		    .why = untold->why,
		};

		STAILQ_REMOVE_HEAD(&planner->untold, entry);
		planner->hears.missed(planner->hears.arg, &missed);
		planner_untold_free(untold);
	}
}

static void hand_over_all(struct planner *planner)
{
	for (size_t i = 0; i < planner->item_count; i++)
		item_hand_over(planner, planner->items[i]);
}

/* Beginning. */

/* Wishes by hand, then repeats, then what waits longest. */
static enum origin first_origin(const struct place *place)
{
	if (!TAILQ_EMPTY(&place->waits[ORIGIN_HAND]))
		return ORIGIN_HAND;
	return !TAILQ_EMPTY(&place->waits[ORIGIN_REPEAT]) ? ORIGIN_REPEAT : ORIGIN_SCHEDULE;
}

static void be_free(struct planner *planner, struct place *place)
{
	place->is_busy = false;
	place_sort_in(planner, place);
	if (!place->is_planned)
		planner_drop_places(planner);
}

/* The place outlives the call, as it is busy until then. */
static void begin(struct planner *planner, struct place *place)
{
	enum origin origin = first_origin(place);
	struct wait *wait = TAILQ_FIRST(&place->waits[origin]);
	struct planner_due due;

	if (wait->item != NULL)
		item_hand_over(planner, wait->item);
	place->is_busy = true;
	wait = wait_take(planner, place, origin, wait);
	due = (struct planner_due){
	    .scenario = wait->scenario,
	    .environment = place->name,
	    .origin = origin,
	    .repeats = wait->repeats != NULL ? wait->repeats : "",
	    .planned_wall_ms = wait->planned_wall_ms,
	    .ask = wait->ask,
	    .allow_protected = wait->allow_protected,
	};
	tell(planner);
	if (!planner->hears.due(planner->hears.arg, &due))
		be_free(planner, place);
	wait_free(wait);
}

/* False: there is more. */
static bool begin_all(struct planner *planner)
{
	int64_t until_ms = clock_ms() + LOOK_BUDGET_MS;
	struct place *place;

	while (planner->pause == NULL && (place = TAILQ_FIRST(&planner->ready)) != NULL) {
		if (clock_ms() > until_ms)
			return false;
		begin(planner, place);
	}
	return true;
}

/* Those whose spacing is over. When the next one is; INT64_MAX: none waits for that. */
static int64_t sort_spaced(struct planner *planner)
{
	struct place *place = TAILQ_FIRST(&planner->spaced);
	int64_t next_ms = INT64_MAX;

	while (place != NULL) {
		struct place *next = TAILQ_NEXT(place, entry);

		place_sort_in(planner, place);
		if (place->list == LIST_SPACED && place->free_ms < next_ms)
			next_ms = place->free_ms;
		place = next;
	}
	return next_ms;
}

/* The flow. */

void planner_arm(struct planner *planner, int64_t delay_ms)
{
	const struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};

	(void)event_add(planner->timer, &delay);
}

static int64_t nearer(int64_t delay_ms, int64_t other_ms)
{
	if (other_ms < 0)
		return 0;
	return other_ms < delay_ms ? other_ms : delay_ms;
}

/* Nothing planned, nothing waiting: no timer at all. */
static void sleep_until_next(struct planner *planner)
{
	int64_t spaced_ms = sort_spaced(planner), delay_ms = PLANNER_LOOK_MS;

	if (planner->heap_count == 0 && spaced_ms == INT64_MAX) {
		(void)event_del(planner->timer);
		return;
	}
	if (planner->heap_count > 0)
		delay_ms = nearer(delay_ms, item_planned_ms(planner->heap[0]) - clock_wall_ms());
	if (spaced_ms != INT64_MAX && planner->pause == NULL)
		delay_ms = nearer(delay_ms, spaced_ms - clock_ms());
	planner_arm(planner, delay_ms);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct planner *planner = arg;
	bool all;

	(void)fd;
	(void)what;
	moments_look_at_clock(planner);
	all = moments_collect(planner, LOOK_BUDGET_MS);
	(void)sort_spaced(planner);
	tell(planner);
	if (begin_all(planner) && all)
		sleep_until_next(planner);
	else
		planner_arm(planner, 0);
}

/* Public. */

struct planner *planner_new(struct event_base *base, const struct planner_hears *hears)
{
	struct planner *planner = mem_zalloc(sizeof *planner);

	planner->hears = *hears;
	planner->timer = evtimer_new(base, on_look, planner);
	planner->offset_ms = clock_wall_ms() - clock_ms();
	TAILQ_INIT(&planner->ready);
	TAILQ_INIT(&planner->spaced);
	STAILQ_INIT(&planner->untold);
	return planner;
}

void planner_free(struct planner *planner)
{
	struct untold *untold;

	if (planner == NULL)
		return;
	for (size_t i = 0; i < planner->item_count; i++) {
		free(planner->items[i]->scenario);
		free(planner->items[i]);
	}
	for (size_t i = 0; i < planner->place_count; i++)
		place_free(planner->places[i]);
	while ((untold = STAILQ_FIRST(&planner->untold)) != NULL) {
		STAILQ_REMOVE_HEAD(&planner->untold, entry);
		planner_untold_free(untold);
	}
	free(planner->items);
	free(planner->heap);
	free(planner->places);
	free(planner->pause);
	event_free(planner->timer);
	free(planner);
}

static void add_wait(struct planner *planner, struct place *place, enum origin origin,
		     struct wait *like)
{
	like->since_wall_ms = like->planned_wall_ms = clock_wall_ms();
	(void)wait_add(planner, place, origin, like);
	planner_arm(planner, 0);
}

bool planner_ask(struct planner *planner, const struct planner_due *wish)
{
	struct place *place = place_find(planner, wish->environment);
	char *scenario;

	if (place == NULL || !place->is_planned)
		return false;
	scenario = mem_dup(wish->scenario);
	add_wait(planner, place, ORIGIN_HAND,
		 &(struct wait){.scenario = scenario,
				.ask = wish->ask,
				.allow_protected = wish->allow_protected});
	free(scenario);
	return true;
}

void planner_drop_ask(struct planner *planner, uint64_t ask)
{
	for (size_t i = 0; i < planner->place_count; i++) {
		struct place *place = planner->places[i];
		struct wait *wait = TAILQ_FIRST(&place->waits[ORIGIN_HAND]), *next;

		for (; wait != NULL; wait = next) {
			next = TAILQ_NEXT(wait, entry);
			if (wait->ask == ask)
				wait_free(wait_take(planner, place, ORIGIN_HAND, wait));
		}
	}
	planner_drop_places(planner);
}

void planner_repeat(struct planner *planner, const char *scenario, const char *environment,
		    const char *drill)
{
	struct place *place = place_find(planner, environment);
	char *what, *repeats;

	if (place == NULL || !place->is_planned) {
		planner_miss_repeat(planner, scenario, environment, clock_wall_ms());
		planner_arm(planner, 0);
		return;
	}
	what = mem_dup(scenario);
	repeats = mem_dup(drill);
	add_wait(planner, place, ORIGIN_REPEAT,
		 &(struct wait){.scenario = what, .repeats = repeats});
	free(what);
	free(repeats);
}

void planner_ended(struct planner *planner, const char *environment)
{
	struct place *place = place_find(planner, environment);

	if (place == NULL || !place->is_busy)
		return;
	place->free_ms = clock_ms() + place->spacing_ms;
	be_free(planner, place);
	planner_arm(planner, 0);
}

/* Tallies borrow the reason. */
static void set_pause(struct planner *planner, char *why)
{
	hand_over_all(planner);
	free(planner->pause);
	planner->pause = why;
	planner_arm(planner, 0);
}

void planner_pause(struct planner *planner, const char *why)
{
	set_pause(planner, mem_dup(why));
	for (size_t i = 0; i < planner->item_count; i++) {
		struct item *item = planner->items[i];

		if (item->wait == NULL)
			continue;
		item_miss(planner, item,
			  &(struct tally){item->wait->planned_wall_ms, item->wait->planned_wall_ms,
					  1, planner->pause},
			  true);
		wait_free(wait_take(planner, item->place, ORIGIN_SCHEDULE, item->wait));
	}
}

void planner_go_on(struct planner *planner)
{
	set_pause(planner, NULL);
}

size_t planner_waiting(const struct planner *planner)
{
	return planner->waiting;
}

static int by_item(const void *key, const void *element)
{
	const struct planner_item *wanted = key;
	const struct item *const *item = element;
	int order = strcmp(wanted->environment, (*item)->place->name);

	return order != 0 ? order : strcmp(wanted->scenario, (*item)->scenario);
}

int64_t planner_next(const struct planner *planner, const char *scenario, const char *environment)
{
	const struct planner_item wanted = {.scenario = scenario, .environment = environment};
	struct item **found = NULL;

	if (planner->item_count > 0)
		found = bsearch(&wanted, planner->items, planner->item_count, sizeof(struct item *),
				by_item);
	return found != NULL ? item_planned_ms(*found) : -1;
}

/* Texts to a number that looks like chance, the same on every machine: FNV-1a
 * (http://www.isthe.com/chongo/tech/comp/fnv/), then the end of splitmix64
 * (https://prng.di.unimi.it/splitmix64.c), as the former alone is uneven in its high bits. */
static uint64_t mix(uint64_t hash, const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

int64_t planner_jitter_ms(const char *scenario, const char *environment, int64_t most_ms)
{
	uint64_t hash = mix(mix(UINT64_C(0xcbf29ce484222325), scenario), environment);

	if (most_ms <= 0)
		return 0;
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	hash ^= hash >> 31;
	return (int64_t)(hash % ((uint64_t)most_ms + 1));
}
