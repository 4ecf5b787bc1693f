/* The moments of schedules: which comes next, which is due, which were missed.  Calls nobody: what is to
 * be told goes into a list. */
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"
#include "src/engine/planner_parts.h"

#define WINDOW_MS 60000 /* where the newest of many moments is looked for first */

static const char was_absent[] = "firedrill was not running";
static const char was_asleep[] = "firedrill, or its machine, was asleep";
static const char was_set[] = "the clock of this machine was set forward";
static const char still_waits[] = "it still waited for its turn";

/* The next moment. */

int64_t item_planned_ms(const struct item *item)
{
	return item->moment_wall_ms < 0 ? -1 : item->moment_wall_ms + item->jitter_ms;
}

void item_go_on(struct item *item, int64_t after_wall_ms)
{
	item->handled_wall_ms = after_wall_ms;
	item->moment_wall_ms = schedule_next(item->schedule, after_wall_ms);
	item->jitter_ms = planner_jitter_ms(item->scenario, item->place->name, item->most_ms);
}

/* The heap: whose next moment comes first. */

static bool is_before(const struct item *a, const struct item *b)
{
	return item_planned_ms(a) < item_planned_ms(b);
}

static void sift_down(struct planner *planner, size_t at)
{
	struct item **heap = planner->heap, *item = heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= planner->heap_count)
			break;
		if (child + 1 < planner->heap_count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], item))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = item;
}

void heap_build(struct planner *planner)
{
	planner->heap_count = 0;
	for (size_t i = 0; i < planner->item_count; i++) {
		if (planner->items[i]->moment_wall_ms >= 0)
			planner->heap[planner->heap_count++] = planner->items[i];
	}
	for (size_t i = planner->heap_count / 2; i-- > 0;)
		sift_down(planner, i);
}

/* The first item has another moment now, or none any more. */
static void settle_first(struct planner *planner)
{
	if (planner->heap[0]->moment_wall_ms < 0)
		planner->heap[0] = planner->heap[--planner->heap_count];
	if (planner->heap_count > 0)
		sift_down(planner, 0);
}

/* What was missed. */

void planner_untold_add(struct planner *planner, const char *scenario, const char *environment,
			const struct tally *tally)
{
	struct untold *untold = mem_zalloc(sizeof *untold);

	*untold = (struct untold){
	    .scenario = mem_dup(scenario),
	    .environment = mem_dup(environment),
	    .why = mem_dup(tally->why),
	    .tally = *tally,
	};
	STAILQ_INSERT_TAIL(&planner->untold, untold, entry);
}

void planner_untold_free(struct untold *untold)
{
	if (untold == NULL)
		return;
	free(untold->scenario);
	free(untold->environment);
	free(untold->why);
	free(untold);
}

void item_hand_over(struct planner *planner, struct item *item)
{
	if (item->tally.count == 0)
		return;
	planner_untold_add(planner, item->scenario, item->place->name, &item->tally);
	item->tally = (struct tally){0};
	item->told_ms = clock_ms();
}

/* One that comes round every minute and waits for a day is not told of every minute. */
void item_miss(struct planner *planner, struct item *item, const struct tally *tally, bool now)
{
	if (item->tally.why != tally->why)
		item_hand_over(planner, item);
	if (item->tally.count == 0)
		item->tally = *tally;
	else
		item->tally.count += tally->count;
	item->tally.last_wall_ms = tally->last_wall_ms;
	if (item->tally.count > PLANNER_MISSED_MAX)
		item->tally.count = PLANNER_MISSED_MAX;
	if (now || item->told_ms < 0 || clock_ms() - item->told_ms >= PLANNER_TELL_MS)
		item_hand_over(planner, item);
}

static void miss_one(struct planner *planner, struct item *item, int64_t planned_ms,
		     const char *why, bool now)
{
	const struct tally tally = {planned_ms, planned_ms, 1, why};

	item_miss(planner, item, &tally, now);
}

/* What is due. */

/* The last moment up to `until`, given one: in few steps, however many there are. */
static int64_t newest(const struct schedule *schedule, int64_t moment, int64_t until)
{
	int64_t window = WINDOW_MS, next = schedule_next(schedule, moment);

	if (next < 0 || next > until)
		return moment;
	for (; until - window > moment; window *= 4) {
		next = schedule_next(schedule, until - window - 1);
		if (next >= 0 && next <= until) {
			moment = next;
			break;
		}
	}
	for (int64_t step = window / 2; step > 0; step /= 2) {
		next = schedule_next(schedule, moment + step - 1);
		if (next >= 0 && next <= until)
			moment = next;
	}
	return moment;
}

/* All moments from the next one up to `last` are missed. */
static void miss_up_to(struct planner *planner, struct item *item, int64_t last, const char *why)
{
	struct tally tally = {item_planned_ms(item), last + item->jitter_ms, 1, why};

	if (last > item->moment_wall_ms)
		tally.count += schedule_count(item->schedule, item->moment_wall_ms, last,
					      PLANNER_MISSED_MAX - 1);
	item_miss(planner, item, &tally, true);
}

static void be_due(struct planner *planner, struct item *item, int64_t planned_ms)
{
	const struct wait wait = {
	    .item = item,
	    .scenario = item->scenario,
	    .since_wall_ms = planned_ms,
	    .planned_wall_ms = planned_ms,
	};

	if (planner->pause != NULL)
		miss_one(planner, item, planned_ms, planner->pause, false);
	else if (item->wait != NULL)
		item->wait->planned_wall_ms = planned_ms; /* and keeps its place in the queue */
	else
		item->wait = wait_add(planner, item->place, ORIGIN_SCHEDULE, &wait);
}

/* Several moments at once: the newest may begin, if it is not too late. */
static void catch_up(struct planner *planner, struct item *item, int64_t last, bool late)
{
	int64_t moment = item->moment_wall_ms;

	if (late)
		miss_up_to(planner, item, last, planner->late);
	else if (last > moment)
		miss_up_to(planner, item, newest(item->schedule, moment, last - 1), planner->late);
	if (late && item->wait != NULL)
		wait_free(wait_take(planner, item->place, ORIGIN_SCHEDULE, item->wait));
}

/* Its next moment is over. */
static void come_round(struct planner *planner, struct item *item, int64_t now_wall_ms)
{
	int64_t last = newest(item->schedule, item->moment_wall_ms, now_wall_ms - item->jitter_ms);
	int64_t planned_ms = last + item->jitter_ms;
	bool late = now_wall_ms - planned_ms > PLANNER_LATE_MS;

	if (item->wait != NULL)
		miss_one(planner, item, item->wait->planned_wall_ms, still_waits, false);
	catch_up(planner, item, last, late);
	if (!late)
		be_due(planner, item, planned_ms);
	item_go_on(item, last);
}

static void take(struct planner *planner, struct item *item, int64_t now_wall_ms)
{
	int64_t last;

	if (item_planned_ms(item) > item->absent_until_wall_ms) {
		come_round(planner, item, now_wall_ms);
		return;
	}
	last = newest(item->schedule, item->moment_wall_ms,
		      item->absent_until_wall_ms - item->jitter_ms);
	miss_up_to(planner, item, last, was_absent);
	item_go_on(item, last);
}

bool moments_collect(struct planner *planner, int64_t budget_ms)
{
	int64_t now_wall_ms = clock_wall_ms(), until_ms = clock_ms() + budget_ms;

	while (planner->heap_count > 0 && item_planned_ms(planner->heap[0]) <= now_wall_ms) {
		if (clock_ms() > until_ms)
			return false;
		take(planner, planner->heap[0], now_wall_ms);
		settle_first(planner);
	}
	return true;
}

/* After a jump back nothing runs twice, unless the clock was so wrong that nothing would run for days:
 * then all begins anew. */
void moments_look_at_clock(struct planner *planner)
{
	int64_t now_wall_ms = clock_wall_ms(), offset_ms = now_wall_ms - clock_ms();
	int64_t jump_ms = offset_ms - planner->offset_ms;

	planner->offset_ms = offset_ms;
	planner->late = jump_ms > PLANNER_LATE_MS / 2 ? was_set : was_asleep;
	if (jump_ms > -PLANNER_BACK_MS)
		return;
	for (size_t i = 0; i < planner->item_count; i++) {
		struct item *item = planner->items[i];

		item->absent_until_wall_ms = -1;
		item_go_on(item, now_wall_ms - planner_jitter_ms(item->scenario, item->place->name,
								 item->most_ms));
	}
	heap_build(planner);
}
