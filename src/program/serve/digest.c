/* What came of the last days, out of the history.  No station is asked. */
#include "src/program/serve/digest.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/program/serve/digest_clock.h"
#include "src/store/history.h"

#define DAY_MS      (INT64_C(24) * 3600 * 1000)
#define REFUSED_MAX 500  /* of which it is looked up why */
#define LISTED_MAX  2000 /* entries of any list */
#define WHY_UNKNOWN "see its report"

/* The deliveries of a scenario in an environment, while they are gathered. */
struct deliveries {
	int64_t *now_ms, *before_ms; /* owned */
};

struct filling {
	struct digest *digest;
	const struct digest_ask *ask;
	struct deliveries *deliveries; /* owned; beside digest->speeds */
};

static void note_problem(struct filling *filling, const struct error *error)
{
	if (filling->digest->problem == NULL)
		filling->digest->problem = mem_dup(error->text);
}

static bool is_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Drills: verdicts, flaky ones, deliveries. */

static void note_flaky(struct digest *digest, const struct history_drill *drill)
{
	size_t i = 0;

	while (i < digest->flaky_count &&
	       !(is_same(digest->flaky[i].scenario, drill->scenario) &&
		 is_same(digest->flaky[i].environment, drill->environment)))
		i++;
	if (i == LISTED_MAX)
		return;
	if (i == digest->flaky_count) {
		digest->flaky = mem_grow(digest->flaky, i + 1, sizeof *digest->flaky);
		digest->flaky[i] =
		    (struct digest_flaky){mem_dup(drill->scenario), mem_dup(drill->environment), 0};
		digest->flaky_count++;
	}
	digest->flaky[i].count++;
}

/* LISTED_MAX when there is no more room. */
static size_t speed_of(struct filling *filling, const struct history_drill *drill)
{
	struct digest *digest = filling->digest;
	size_t i = 0;

	while (i < digest->speed_count &&
	       !(is_same(digest->speeds[i].scenario, drill->scenario) &&
		 is_same(digest->speeds[i].environment, drill->environment)))
		i++;
	if (i < digest->speed_count || i == LISTED_MAX)
		return i;
	digest->speeds = mem_grow(digest->speeds, i + 1, sizeof *digest->speeds);
	digest->speeds[i] = (struct digest_speed){.scenario = mem_dup(drill->scenario),
						  .environment = mem_dup(drill->environment),
						  .p50_ms = -1,
						  .p50_before_ms = -1};
	filling->deliveries = mem_grow(filling->deliveries, i + 1, sizeof *filling->deliveries);
	filling->deliveries[i] = (struct deliveries){0};
	digest->speed_count++;
	return i;
}

static void note_delivery(struct filling *filling, const struct history_drill *drill,
			  int64_t latency_ms)
{
	size_t i = speed_of(filling, drill);
	bool before = drill->ended_wall_ms < filling->ask->due->since_wall_ms;
	struct digest_speed *speed;
	int64_t **list;
	size_t *count;

	if (i == LISTED_MAX)
		return;
	speed = &filling->digest->speeds[i];
	list = before ? &filling->deliveries[i].before_ms : &filling->deliveries[i].now_ms;
	count = before ? &speed->count_before : &speed->count;
	*list = mem_grow(*list, *count + 1, sizeof **list);
	(*list)[(*count)++] = latency_ms;
}

static void note_verdict(struct digest *digest, const char *verdict)
{
	digest->drills++;
	for (enum verdict each = 0; each < VERDICT_COUNT; each++)
		digest->verdicts[each] += is_same(verdict, verdict_name(each));
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct filling *filling = arg;

	if (drill->ended_wall_ms >= filling->ask->due->since_wall_ms) {
		note_verdict(filling->digest, drill->verdict);
		if (is_same(drill->verdict, verdict_name(VERDICT_FLAKY)))
			note_flaky(filling->digest, drill);
	}
	for (size_t i = 0; i < drill->expectation_count; i++) {
		const struct history_expectation *expect = &drill->expectations[i];

		/* what came though it must not is no delivery */
		if (expect->latency_ms >= 0 && !is_same(expect->finding, "unexpected"))
			note_delivery(filling, drill, expect->latency_ms);
	}
	return true;
}

static int compare_ms(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static int64_t median_of(int64_t *list, size_t count)
{
	if (count == 0)
		return -1;
	qsort(list, count, sizeof *list, compare_ms);
	return list[(count - 1) / 2];
}

static void fill_drills(struct filling *filling)
{
	const struct digest_ask *ask = filling->ask;
	const struct history_filter both = {.since_wall_ms =
						2 * ask->due->since_wall_ms - ask->now_wall_ms};
	struct digest *digest = filling->digest;
	struct error error;

	if (!history_visit_drills(ask->history, &both, false, on_drill, filling, &error))
		note_problem(filling, &error);
	for (size_t i = 0; i < digest->speed_count; i++) {
		struct digest_speed *speed = &digest->speeds[i];

		speed->p50_ms = median_of(filling->deliveries[i].now_ms, speed->count);
		speed->p50_before_ms =
		    median_of(filling->deliveries[i].before_ms, speed->count_before);
		free(filling->deliveries[i].now_ms);
		free(filling->deliveries[i].before_ms);
	}
	free(filling->deliveries);
}

/* Those that were to be, and were not. */

static void note_skip(struct digest *digest, const struct digest_skip *skip)
{
	size_t i = 0;

	while (i < digest->skip_count &&
	       !(digest->skips[i].missed == skip->missed &&
		 is_same(digest->skips[i].scenario, skip->scenario) &&
		 is_same(digest->skips[i].environment, skip->environment) &&
		 is_same(digest->skips[i].why, skip->why)))
		i++;
	if (i == LISTED_MAX)
		return;
	if (i == digest->skip_count) {
		digest->skips = mem_grow(digest->skips, i + 1, sizeof *digest->skips);
		digest->skips[i] = (struct digest_skip){.scenario = mem_dup(skip->scenario),
							.environment = mem_dup(skip->environment),
							.why = mem_dup(skip->why),
							.missed = skip->missed};
		digest->skip_count++;
	}
	digest->skips[i].count += skip->count;
}

/* The guard's own words are in the report only. */
static bool on_refused(void *arg, const struct history_drill *drill)
{
	cJSON *report = drill->report != NULL ? cJSON_Parse(drill->report) : NULL;
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(report, "text");
	const struct digest_skip skip = {
	    .scenario = (char *)(uintptr_t)drill->scenario,
	    .environment = (char *)(uintptr_t)drill->environment,
	    .why = cJSON_IsString(text) ? text->valuestring : (char *)(uintptr_t)WHY_UNKNOWN,
	    .count = 1,
	};

	note_skip(arg, &skip);
	cJSON_Delete(report);
	return true;
}

static bool on_missed(void *arg, const struct history_missed *missed)
{
	const struct digest_skip skip = {
	    .scenario = (char *)(uintptr_t)missed->scenario,
	    .environment = (char *)(uintptr_t)missed->environment,
	    .why = (char *)(uintptr_t)missed->why,
	    .missed = true,
	    .count = missed->count > 0 ? (size_t)missed->count : 1,
	};

	note_skip(arg, &skip);
	return true;
}

static void fill_skips(struct filling *filling)
{
	const struct digest_ask *ask = filling->ask;
	const struct history_filter refused = {.verdict = verdict_name(VERDICT_REFUSED),
					       .since_wall_ms = ask->due->since_wall_ms,
					       .most = REFUSED_MAX};
	struct error error;

	if (!history_visit_drills(ask->history, &refused, true, on_refused, filling->digest,
				  &error))
		note_problem(filling, &error);
	if (!history_visit_missed(ask->history, ask->due->since_wall_ms, on_missed, filling->digest,
				  &error))
		note_problem(filling, &error);
}

/* Gaps that are open, proofs, coverage. */

static const struct scenario *find_scenario(const struct filling *filling, const char *name)
{
	const struct scenario_list *scenarios = filling->ask->scenarios;

	for (size_t i = 0; i < scenarios->count; i++) {
		if (is_same(scenarios->list[i]->name, name))
			return scenarios->list[i];
	}
	return NULL;
}

static bool on_gap(void *arg, const struct history_gap *gap)
{
	struct filling *filling = arg;
	struct digest *digest = filling->digest;
	const struct scenario *scenario = find_scenario(filling, gap->scenario);

	if (digest->gap_count == LISTED_MAX)
		return false;
	digest->gaps = mem_grow(digest->gaps, digest->gap_count + 1, sizeof *digest->gaps);
	digest->gaps[digest->gap_count++] = (struct digest_gap){
	    .scenario = mem_dup(gap->scenario),
	    .environment = mem_dup(gap->environment),
	    .owner = scenario != NULL ? mem_dup(scenario->owner) : NULL,
	    .text = mem_dup(gap->text),
	    .first_wall_ms = gap->first_wall_ms,
	    .drills = gap->drills,
	    .gone = scenario == NULL || scenario_placement(scenario, gap->environment) == NULL,
	};
	return true;
}

/* What is not in the configuration any more needs no proof. */
static bool on_last(void *arg, const struct history_last *last)
{
	struct filling *filling = arg;
	struct digest *digest = filling->digest;
	const struct scenario *scenario = find_scenario(filling, last->scenario);

	if (scenario == NULL || scenario_placement(scenario, last->environment) == NULL)
		return true;
	if (digest->proof_count == LISTED_MAX)
		return false;
	digest->proofs = mem_grow(digest->proofs, digest->proof_count + 1, sizeof *digest->proofs);
	digest->proofs[digest->proof_count++] = (struct digest_proof){
	    mem_dup(last->scenario), mem_dup(last->environment), last->passed_wall_ms};
	return true;
}

static void on_item(void *arg, const struct history_item *item)
{
	struct filling *filling = arg;

	if (item->last_wall_ms < filling->ask->now_wall_ms - DIGEST_PROOF_DAYS * DAY_MS)
		return;
	if (is_same(item->kind, "rule"))
		filling->digest->rules++;
	else
		filling->digest->receivers++;
}

static void fill_standing(struct filling *filling)
{
	const struct digest_ask *ask = filling->ask;
	struct error error;

	if (!history_visit_gaps(ask->history, on_gap, filling, &error))
		note_problem(filling, &error);
	if (!history_visit_last(ask->history, on_last, filling, &error))
		note_problem(filling, &error);
	for (size_t i = 0; i < ask->config->environment_count; i++) {
		if (!history_visit_items(ask->history, ask->config->environments[i].name,
					 ask->now_wall_ms - DIGEST_PROOF_DAYS * DAY_MS, on_item,
					 filling, &error))
			note_problem(filling, &error);
	}
}

void digest_fill(struct digest *ret_digest, const struct digest_ask *ask)
{
	struct filling filling = {.digest = ret_digest, .ask = ask};

	ret_digest->since_wall_ms = ask->due->since_wall_ms;
	ret_digest->now_wall_ms = ask->now_wall_ms;
	if (ask->due->late != NULL) {
		ret_digest->due_wall_ms = ask->due->due_wall_ms;
		ret_digest->late = mem_dup(ask->due->late);
	}
	ret_digest->page = mem_dup(ask->config->serve.url);
	if (ask->history == NULL) {
		ret_digest->problem = mem_dup("there is no history");
		return;
	}
	fill_drills(&filling);
	fill_skips(&filling);
	fill_standing(&filling);
}
