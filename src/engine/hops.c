/* Asking the stations of a pipeline, shared between drills: rounds, looks, and what was observed. */
#include "src/engine/hops.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/hops_parts.h"

#define SHARED_MS 1000 /* so long after its begin an observation serves others too */

struct station;

/* One observation of a station, kept while somebody needs it. */
struct round {
	struct station *station; /* borrowed */
	int64_t begun_ms;
	struct hop_op *op; /* owned; in flight */
	bool answered;
	struct hop_observation seen; /* its texts are owned */
	struct ask *asks;            /* borrowed list: who wants it */
};

/* One station for one drill at one time. */
struct ask {
	struct hops_look *look; /* borrowed */
	struct round *round;    /* shared; NULL: not asked, or given up */
	struct ask *next;       /* of the round */
	bool waiting;
	char *error; /* owned; why it was given up; NULL */
};

struct station {
	struct station *next;                /* owned */
	struct hops *hops;                   /* borrowed */
	const struct hop_settings *settings; /* borrowed */
	const struct hop_driver *driver;
	struct round *newest; /* borrowed; NULL: nobody needs it any more */
};

struct hops {
	const struct hop_context *context; /* borrowed */
	hops_find_fn *find;
	struct station *first; /* owned */
};

/* One time of a drill. */
struct moment {
	struct hops_look *look; /* borrowed */
	bool asked;
	int64_t patience_ms;
	struct event *limit; /* owned; NULL: not asked */
	struct ask *asks;    /* owned array; one for each hop of the pipeline */
};

struct hops_look {
	struct hops *hops;               /* borrowed */
	const struct pipeline *pipeline; /* borrowed */
	hops_changed_fn *changed;
	void *arg; /* borrowed, for changed */
	struct moment moments[HOP_TIME_COUNT];
};

/* Rounds. */

static void leave(struct ask *ask);

static void on_observed(void *arg, const struct hop_observation *observation)
{
	struct round *round = arg;
	struct ask guard = {.round = round, .next = round->asks}, *waiting;

	round->asks = &guard; /* the round stays while it is told of */
	round->op = NULL;
	round->answered = true;
	round->seen = *observation;
	round->seen.json = mem_dup(observation->json);
	round->seen.error = mem_dup(observation->error);
	do {
		waiting = round->asks;
		while (waiting != NULL && !waiting->waiting)
			waiting = waiting->next;
		if (waiting != NULL) {
			waiting->waiting = false;
			waiting->look->changed(waiting->look->arg);
		}
	} while (waiting != NULL);
	leave(&guard);
}

static void free_round(struct round *round)
{
	struct station *station = round->station;

	if (station->newest == round)
		station->newest = NULL;
	station->driver->cancel(round->op);
	free((char *)(uintptr_t)round->seen.json);
	free((char *)(uintptr_t)round->seen.error);
	free(round);
}

/* The last one ends the observation. */
static void leave(struct ask *ask)
{
	struct round *round = ask->round;
	struct ask **link;

	ask->waiting = false;
	if (round == NULL)
		return;
	for (link = &round->asks; *link != ask; link = &(*link)->next)
		continue;
	*link = ask->next;
	ask->round = NULL;
	if (round->asks == NULL)
		free_round(round);
}

static struct round *begin_round(struct station *station)
{
	struct round *round = mem_zalloc(sizeof *round);

	round->station = station;
	round->begun_ms = clock_ms();
	station->newest = round;
	round->op =
	    station->driver->observe(station->hops->context, station->settings, on_observed, round);
	return round;
}

static void join(struct ask *ask, struct station *station, int64_t not_before_ms)
{
	struct round *round = station->newest;

	if (round == NULL || round->begun_ms < not_before_ms ||
	    round->begun_ms < clock_ms() - SHARED_MS)
		round = begin_round(station);
	ask->round = round;
	ask->waiting = !round->answered;
	ask->next = round->asks;
	round->asks = ask;
}

/* Each group of the configuration is a station of its own; NULL: nothing is known of its type. */
static struct station *station_of(struct hops *hops, const struct hop_settings *settings)
{
	struct station *station = hops->first;

	while (station != NULL && station->settings != settings)
		station = station->next;
	if (station != NULL || hops->find(settings->type) == NULL)
		return station;
	station = mem_zalloc(sizeof *station);
	*station = (struct station){hops->first, hops, settings, hops->find(settings->type), NULL};
	hops->first = station;
	return station;
}

/* Looks. */

static void give_up(struct ask *ask, int64_t patience_ms)
{
	char length[32];

	duration_format(patience_ms, length, sizeof length);
	ask->error =
	    mem_printf("it did not answer within %s; see whether it is overloaded", length);
	leave(ask);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct moment *moment = arg;
	struct hops_look *look = moment->look;
	bool any = false;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < look->pipeline->hop_count; i++) {
		if (!moment->asks[i].waiting)
			continue;
		give_up(&moment->asks[i], moment->patience_ms);
		any = true;
	}
	if (any)
		look->changed(look->arg);
}

/* Public. */

struct hops *hops_new(const struct hop_context *context, hops_find_fn *find)
{
	struct hops *hops = mem_zalloc(sizeof *hops);

	hops->context = context;
	hops->find = find;
	return hops;
}

void hops_free(struct hops *hops)
{
	if (hops == NULL)
		return;
	while (hops->first != NULL) {
		struct station *station = hops->first;

		assert(station->newest == NULL);
		hops->first = station->next;
		free(station);
	}
	free(hops);
}

struct hops_look *hops_look_new(struct hops *hops, const struct pipeline *pipeline,
				hops_changed_fn *changed, void *arg)
{
	struct hops_look *look = mem_zalloc(sizeof *look);

	*look =
	    (struct hops_look){.hops = hops, .pipeline = pipeline, .changed = changed, .arg = arg};
	for (size_t i = 0; i < HOP_TIME_COUNT; i++)
		look->moments[i].look = look;
	return look;
}

void hops_look_free(struct hops_look *look)
{
	if (look == NULL)
		return;
	for (size_t i = 0; i < HOP_TIME_COUNT; i++) {
		struct moment *moment = &look->moments[i];

		if (!moment->asked)
			continue;
		event_free(moment->limit);
		for (size_t j = 0; j < look->pipeline->hop_count; j++) {
			leave(&moment->asks[j]);
			free(moment->asks[j].error);
		}
		free(moment->asks);
	}
	free(look);
}

static bool can_prove(const struct station *station)
{
	return station != NULL && station->driver->proofs != NULL;
}

static void ask(struct hops_look *look, enum hop_time time, int64_t not_before_ms,
		int64_t patience_ms, bool for_proofs)
{
	const struct timeval limit = {patience_ms / 1000, patience_ms % 1000 * 1000};
	struct moment *moment = &look->moments[time];

	assert(!moment->asked);
	moment->asked = true;
	moment->patience_ms = patience_ms;
	moment->limit = evtimer_new(look->hops->context->base, on_limit, moment);
	(void)event_add(moment->limit, &limit);
	moment->asks = mem_zalloc((look->pipeline->hop_count + 1) * sizeof *moment->asks);
	for (size_t i = 0; i < look->pipeline->hop_count; i++) {
		struct station *station = station_of(look->hops, &look->pipeline->hops[i]);

		moment->asks[i].look = look;
		if (station != NULL && (!for_proofs || can_prove(station)))
			join(&moment->asks[i], station, not_before_ms);
	}
}

void hops_look_ask(struct hops_look *look, enum hop_time time, int64_t not_before_ms,
		   int64_t patience_ms)
{
	ask(look, time, not_before_ms, patience_ms, false);
}

void hops_look_ask_for_proofs(struct hops_look *look, enum hop_time time, int64_t not_before_ms,
			      int64_t patience_ms)
{
	bool any = false;

	for (size_t i = 0; i < look->pipeline->hop_count; i++)
		any |= can_prove(station_of(look->hops, &look->pipeline->hops[i]));
	if (any)
		ask(look, time, not_before_ms, patience_ms, true);
}

bool hops_look_was_asked(const struct hops_look *look, enum hop_time time)
{
	return look->moments[time].asked;
}

bool hops_look_has(const struct hops_look *look, enum hop_time time)
{
	const struct moment *moment = &look->moments[time];

	for (size_t i = 0; moment->asked && i < look->pipeline->hop_count; i++) {
		if (moment->asks[i].waiting)
			return false;
	}
	return true;
}

/* For the other files of this module. */

const struct pipeline *hops_look_pipeline(const struct hops_look *look)
{
	return look->pipeline;
}

const struct hop_context *hops_look_context(const struct hops_look *look)
{
	return look->hops->context;
}

const struct hop_driver *hops_look_driver(const struct hops_look *look, size_t hop)
{
	return look->hops->find(look->pipeline->hops[hop].type);
}

const struct hop_observation *hops_look_observation(const struct hops_look *look,
						    enum hop_time time, size_t hop,
						    struct hop_observation *ret_given_up)
{
	const struct moment *moment = &look->moments[time];
	const struct ask *ask = moment->asked ? &moment->asks[hop] : NULL;

	if (ask == NULL)
		return NULL;
	if (ask->round != NULL && ask->round->answered)
		return &ask->round->seen;
	if (ask->error == NULL)
		return NULL;
	*ret_given_up = (struct hop_observation){.error = ask->error};
	return ret_given_up;
}

void hops_look_see(const struct hops_look *look, size_t hop, struct hops_seen *ret_seen)
{
	for (size_t t = 0; t < HOP_TIME_COUNT; t++)
		ret_seen->times[t] =
		    hops_look_observation(look, (enum hop_time)t, hop, &ret_seen->given_up[t]);
}

const char *hops_look_error(const struct hops_look *look, enum hop_time time, size_t hop)
{
	struct hop_observation given_up;
	const struct hop_observation *made = hops_look_observation(look, time, hop, &given_up);

	return made != NULL ? made->error : NULL;
}

const struct hop_observation *hops_look_seen(const struct hops_look *look, enum hop_time time,
					     size_t hop)
{
	struct hop_observation given_up;
	const struct hop_observation *made = hops_look_observation(look, time, hop, &given_up);

	return made != NULL && made != &given_up && made->json != NULL ? made : NULL;
}
