/* What became of the drills of a time: put together. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "reports/past.h"
#include "reports/period_parts.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/percentile.h"
#include "src/store/history.h"

static int compare_places(const void *a, const void *b)
{
	const struct period_place *left = a, *right = b;
	int order = strcmp(left->environment, right->environment);

	return order != 0 ? order : strcmp(left->scenario, right->scenario);
}

static struct period_place *find_place(struct period *period, const char *scenario,
				       const char *environment)
{
	struct period_place wanted = {.scenario = (char *)(uintptr_t)scenario,
				      .environment = (char *)(uintptr_t)environment};
	struct period_place **known = tfind(&wanted, &period->places, compare_places), *place;

	if (known != NULL)
		return *known;
	place = mem_zalloc(sizeof *place);
	*place = (struct period_place){
	    .scenario = mem_dup(scenario), .environment = mem_dup(environment), .within_ms = -1};
	if (tsearch(place, &period->places, compare_places) == NULL)
		abort();
	period->order =
	    mem_grow(period->order, period->place_count + 1, sizeof(struct period_place *));
	period->order[period->place_count++] = place;
	return place;
}

/* Drills. */

static void add_latencies(struct period_place *place, const struct history_drill *kept)
{
	for (size_t i = 0; i < kept->expectation_count; i++) {
		const struct history_expectation *expect = &kept->expectations[i];

		if (place->within_ms < 0)
			place->within_ms = expect->within_ms;
		if (expect->latency_ms < 0 || strcmp(expect->finding, "unexpected") == 0)
			continue;
		place->latencies_ms = mem_grow(place->latencies_ms, place->latency_count + 1,
					       sizeof *place->latencies_ms);
		place->latencies_ms[place->latency_count++] = expect->latency_ms;
	}
}

static void add_step(struct period_place *place, const struct past *past, enum verdict verdict)
{
	struct period_step step = {.drill = mem_dup(past->drill),
				   .repeats = mem_dup(past->repeats),
				   .wall_ms = past->ended_wall_ms,
				   .verdict = verdict};
	struct buf what = {0};

	if (verdict == VERDICT_GAP && past->report != NULL) {
		past_what(&what, past);
		step.what = buf_take(&what);
	}
	place->steps = mem_grow(place->steps, place->step_count + 1, sizeof step);
	place->steps[place->step_count++] = step;
}

void period_add(struct period *period, const struct past *past)
{
	struct period_place *place = find_place(period, past->scenario, past->environment);

	period->drills++;
	period->faults_left += past->exit_code == EXIT_FAULT_LEFT;
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (strcmp(past->verdict, verdict_name((enum verdict)i)) != 0)
			continue;
		period->counts[i]++;
		if (i == VERDICT_PASS || i == VERDICT_GAP || i == VERDICT_FLAKY)
			add_step(place, past, (enum verdict)i);
	}
	if (past->kept != NULL)
		add_latencies(place, past->kept);
}

/* What else is known. */

void period_add_missed(struct period *period, const struct period_missed *missed)
{
	struct period_missed copy = *missed;

	copy.scenario = mem_dup(missed->scenario);
	copy.environment = mem_dup(missed->environment);
	copy.why = mem_dup(missed->why);
	period->missed = mem_grow(period->missed, period->missed_count + 1, sizeof copy);
	period->missed[period->missed_count++] = copy;
}

void period_add_proof(struct period *period, const struct period_proof *proof)
{
	struct period_proof copy = *proof;

	if (copy.wall_ms < 0 || copy.wall_ms > period->until_wall_ms) /* a clock was wrong */
		copy.wall_ms = period->until_wall_ms;
	copy.scenario = mem_dup(proof->scenario);
	copy.environment = mem_dup(proof->environment);
	copy.drill = mem_dup(proof->drill);
	period->proofs = mem_grow(period->proofs, period->proof_count + 1, sizeof copy);
	period->proofs[period->proof_count++] = copy;
}

/* The sum of it. */

static void find_flaky(struct period *period, const struct period_place *place)
{
	struct period_flaky flaky = {.count = 0};

	for (size_t i = 0; i < place->step_count; i++) {
		if (place->steps[i].verdict == VERDICT_FLAKY && flaky.count++ == 0)
			flaky.drill = mem_dup(place->steps[i].drill);
	}
	if (flaky.count == 0)
		return;
	flaky.scenario = mem_dup(place->scenario);
	flaky.environment = mem_dup(place->environment);
	period->flaky = mem_grow(period->flaky, period->flaky_count + 1, sizeof flaky);
	period->flaky[period->flaky_count++] = flaky;
}

static void find_speed(struct period *period, struct period_place *place)
{
	size_t count = place->latency_count;
	struct period_speed speed = {.count = count, .within_ms = place->within_ms};

	if (count == 0)
		return;
	percentile_sort(place->latencies_ms, count);
	speed.p50_ms = percentile_of(place->latencies_ms, count, 50);
	speed.p99_ms = percentile_of(place->latencies_ms, count, 99);
	speed.most_ms = place->latencies_ms[count - 1];
	speed.scenario = mem_dup(place->scenario);
	speed.environment = mem_dup(place->environment);
	period->speeds = mem_grow(period->speeds, period->speed_count + 1, sizeof speed);
	period->speeds[period->speed_count++] = speed;
}

static int compare_speeds(const void *a, const void *b)
{
	const struct period_speed *left = a, *right = b;

	return (left->p99_ms < right->p99_ms) - (left->p99_ms > right->p99_ms);
}

static int compare_proofs(const void *a, const void *b)
{
	const struct period_proof *left = a, *right = b;

	return (left->wall_ms > right->wall_ms) - (left->wall_ms < right->wall_ms);
}

static int compare_order(const void *a, const void *b)
{
	return compare_places(*(struct period_place *const *)a, *(struct period_place *const *)b);
}

static void sort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count > 1)
		qsort(list, count, size, compare);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Their names: places are in the order of their environments. */
static void count_names(struct period *period)
{
	void *scenarios = NULL;

	for (size_t i = 0; i < period->place_count; i++) {
		const char *name = period->order[i]->scenario;

		period->environment_count +=
		    i == 0 ||
		    strcmp(period->order[i]->environment, period->order[i - 1]->environment) != 0;
		if (tfind(name, &scenarios, compare_names) != NULL)
			continue;
		period->scenario_count++;
		(void)tsearch(name, &scenarios, compare_names);
	}
	while (scenarios != NULL)
		(void)tdelete(*(char **)scenarios, &scenarios, compare_names);
}

void period_finish(struct period *period)
{
	size_t open_count = period->gap_count;

	sort(period->order, period->place_count, sizeof *period->order, compare_order);
	count_names(period);
	for (size_t i = 0; i < period->place_count; i++) {
		period_merge_gaps(period, period->order[i], open_count);
		find_flaky(period, period->order[i]);
		find_speed(period, period->order[i]);
	}
	period_order_gaps(period);
	sort(period->speeds, period->speed_count, sizeof *period->speeds, compare_speeds);
	sort(period->proofs, period->proof_count, sizeof *period->proofs, compare_proofs);
}

static void place_done(struct period *period, struct period_place *place)
{
	(void)tdelete(place, &period->places, compare_places);
	for (size_t i = 0; i < place->step_count; i++) {
		free(place->steps[i].drill);
		free(place->steps[i].repeats);
		free(place->steps[i].what);
	}
	free(place->steps);
	free(place->latencies_ms);
	free(place->scenario);
	free(place->environment);
	free(place);
}

void period_done(struct period *period)
{
	for (size_t i = 0; i < period->place_count; i++)
		place_done(period, period->order[i]);
	free(period->order);
	period_free_gaps(period);
	for (size_t i = 0; i < period->flaky_count; i++) {
		free(period->flaky[i].scenario);
		free(period->flaky[i].environment);
		free(period->flaky[i].drill);
	}
	free(period->flaky);
	for (size_t i = 0; i < period->speed_count; i++) {
		free(period->speeds[i].scenario);
		free(period->speeds[i].environment);
	}
	free(period->speeds);
	for (size_t i = 0; i < period->missed_count; i++) {
		free(period->missed[i].scenario);
		free(period->missed[i].environment);
		free(period->missed[i].why);
	}
	free(period->missed);
	for (size_t i = 0; i < period->proof_count; i++) {
		free(period->proofs[i].scenario);
		free(period->proofs[i].environment);
		free(period->proofs[i].drill);
	}
	free(period->proofs);
	*period = (struct period){0};
}
