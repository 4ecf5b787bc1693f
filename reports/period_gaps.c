/* The gaps of a time: when each began, when it was closed, and what was no gap after all. */
#include <stdlib.h>
#include <string.h>

#include "reports/period_parts.h"
#include "src/base/mem.h"

static struct period_gap *new_gap(struct period *period, const char *scenario,
				  const char *environment, const char *first_drill)
{
	struct period_gap *gap;

	period->gaps = mem_grow(period->gaps, period->gap_count + 1, sizeof *period->gaps);
	gap = &period->gaps[period->gap_count++];
	*gap = (struct period_gap){.scenario = mem_dup(scenario),
				   .environment = mem_dup(environment),
				   .first_drill = mem_dup(first_drill)};
	return gap;
}

static void gap_done(struct period_gap *gap)
{
	free(gap->scenario);
	free(gap->environment);
	free(gap->first_drill);
	free(gap->last_drill);
	free(gap->what);
}

static void set(char **text, const char *value)
{
	free(*text);
	*text = mem_dup(value);
}

/* What the daemon has kept open goes back further than the time that is looked at. */
void period_add_open(struct period *period, const struct period_gap *gap)
{
	struct period_gap *copy =
	    new_gap(period, gap->scenario, gap->environment, gap->first_drill);

	copy->last_drill = mem_dup(gap->last_drill);
	copy->since_wall_ms = gap->since_wall_ms > 0 && gap->since_wall_ms < period->until_wall_ms
				  ? gap->since_wall_ms
				  : period->since_wall_ms;
	copy->drills = gap->drills;
	copy->what = mem_dup(gap->what);
}

/* A gap that its repeat did not find again is none: the drill was flaky. */
static bool is_taken_back(const struct period_place *place, size_t i)
{
	return i > 0 && place->steps[i - 1].verdict == VERDICT_FLAKY &&
	       strcmp(place->steps[i - 1].repeats, place->steps[i].drill) == 0;
}

/* From the oldest drill to the newest: a gap is open from the first that finds it to the next pass.
 * True: the last one still is. */
static bool find_gaps(struct period *period, struct period_place *place)
{
	struct period_gap *gap = NULL;

	for (size_t i = place->step_count; i > 0; i--) {
		const struct period_step *step = &place->steps[i - 1];

		if (step->verdict != VERDICT_GAP) {
			if (gap != NULL)
				gap->until_wall_ms = step->wall_ms;
			gap = NULL;
			continue;
		}
		if (is_taken_back(place, i - 1))
			continue;
		if (gap == NULL) {
			gap = new_gap(period, place->scenario, place->environment, step->drill);
			gap->since_wall_ms = step->wall_ms;
		}
		set(&gap->last_drill, step->drill);
		set(&gap->what, step->what);
		gap->drills++;
	}
	return gap != NULL;
}

/* The first of them that speaks of the place; they were added before any other. */
static size_t find_open(const struct period *period, size_t count, const struct period_place *place)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(period->gaps[i].scenario, place->scenario) == 0 &&
		    strcmp(period->gaps[i].environment, place->environment) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* What was known to be open, and what its drills of this time say. */
void period_merge_gaps(struct period *period, struct period_place *place, size_t open_count)
{
	size_t before = period->gap_count, known = find_open(period, open_count, place);
	bool is_open = find_gaps(period, place);
	struct period_gap *gap, *last;

	if (known == SIZE_MAX)
		return;
	gap = &period->gaps[known];
	last = &period->gaps[period->gap_count - 1];
	if (is_open) {
		set(&gap->last_drill, last->last_drill);
		if (last->what != NULL)
			set(&gap->what, last->what);
		gap->drills = gap->drills > last->drills ? gap->drills : last->drills;
		gap_done(last);
		period->gap_count--;
	} else if (period->gap_count > before) {
		last->since_wall_ms = gap->since_wall_ms; /* it passed since, by hand perhaps */
		set(&last->first_drill, gap->first_drill);
		gap->drills = 0;
	} else if (place->step_count > 0) {
		gap->until_wall_ms = place->steps[place->step_count - 1].wall_ms;
	}
}

/* The order: open ones first, then those that began first. */
static int compare_gaps(const void *a, const void *b)
{
	const struct period_gap *left = a, *right = b;

	if ((left->until_wall_ms == 0) != (right->until_wall_ms == 0))
		return left->until_wall_ms == 0 ? -1 : 1;
	return (left->since_wall_ms > right->since_wall_ms) -
	       (left->since_wall_ms < right->since_wall_ms);
}

void period_order_gaps(struct period *period)
{
	size_t kept = 0;

	for (size_t i = 0; i < period->gap_count; i++) {
		if (period->gaps[i].drills > 0)
			period->gaps[kept++] = period->gaps[i];
		else
			gap_done(&period->gaps[i]);
	}
	period->gap_count = kept;
	if (kept > 1)
		qsort(period->gaps, kept, sizeof *period->gaps, compare_gaps);
}

void period_free_gaps(struct period *period)
{
	for (size_t i = 0; i < period->gap_count; i++)
		gap_done(&period->gaps[i]);
	free(period->gaps);
}
