/* What the stations of a pipeline tell of an alert: the pure functions of their drivers, applied to what
 * was observed. */
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/engine/hops_parts.h"

/* Explaining. */

static void tell_unknown(const struct hop_settings *settings, hop_tell_fn *tell, void *arg)
{
	char *evidence =
	    mem_printf("this firedrill cannot ask a station of type \"%s\"", settings->type);
	const struct hop_finding finding = {
	    .hop = HOP_LOG, .name = settings->name, .state = HOP_NOT_ASKED, .evidence = evidence};

	tell(arg, &finding);
	free(evidence);
}

void hops_look_explain(const struct hops_look *look, const struct hop_want *want, hop_tell_fn *tell,
		       void *arg)
{
	for (size_t i = 0; i < hops_look_pipeline(look)->hop_count; i++) {
		const struct hop_settings *settings = &hops_look_pipeline(look)->hops[i];
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct hops_seen seen;

		hops_look_see(look, i, &seen);
		if (driver != NULL)
			driver->explain(settings, want, seen.times, tell, arg);
		else
			tell_unknown(settings, tell, arg);
	}
}

/* Foreseeing. */

/* Handing on what a station tells, and keeping the labels for those behind it. */
struct foreseeing {
	const struct hop_forecast *forecast; /* borrowed */
	char *labels;                        /* owned; the newest; NULL: none told yet */
};

static void on_delay(void *arg, const struct hop_delay *delay)
{
	const struct foreseeing *foreseeing = arg;

	foreseeing->forecast->delay(foreseeing->forecast->arg, delay);
}

static void on_caution(void *arg, const struct hop_caution *caution)
{
	const struct foreseeing *foreseeing = arg;

	foreseeing->forecast->caution(foreseeing->forecast->arg, caution);
}

static void on_labels(void *arg, const char *json)
{
	struct foreseeing *foreseeing = arg;

	free(foreseeing->labels);
	foreseeing->labels = mem_dup(json);
	foreseeing->forecast->labels(foreseeing->forecast->arg, json);
}

static void on_unknown(void *arg, const char *name, const char *why)
{
	const struct foreseeing *foreseeing = arg;

	foreseeing->forecast->unknown(foreseeing->forecast->arg, name, why);
}

void hops_look_foresee(const struct hops_look *look, enum hop_time time,
		       const struct hop_want *want, const struct hop_forecast *forecast)
{
	struct foreseeing foreseeing = {.forecast = forecast, .labels = mem_dup(want->labels)};
	const struct hop_forecast handed = {on_delay, on_caution, on_labels, on_unknown,
					    &foreseeing};

	for (size_t i = 0; i < hops_look_pipeline(look)->hop_count; i++) {
		const struct hop_settings *settings = &hops_look_pipeline(look)->hops[i];
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct hop_want here = *want;
		struct hop_observation given_up;
		const struct hop_observation *observation =
		    hops_look_observation(look, time, i, &given_up);

		if (driver == NULL || driver->foresee == NULL)
			continue;
		here.labels = foreseeing.labels;
		if (observation != NULL && observation->json != NULL)
			driver->foresee(settings, &here, observation, &handed);
		else
			on_unknown(&foreseeing, settings->name,
				   observation != NULL && observation->error != NULL
				       ? observation->error
				       : "it was not asked");
	}
	free(foreseeing.labels);
}

/* Inventory and proofs. */

bool hops_look_inventory(const struct hops_look *look, enum hop_time time, size_t hop,
			 hop_item_fn *tell, void *arg, struct error *error)
{
	const struct hop_settings *settings = &hops_look_pipeline(look)->hops[hop];
	const struct hop_driver *driver = hops_look_driver(look, hop);
	struct hop_observation given_up;
	const struct hop_observation *seen = hops_look_observation(look, time, hop, &given_up);

	if (driver == NULL)
		return error_set(error, "this firedrill cannot ask a station of type \"%s\"",
				 settings->type);
	if (driver->inventory == NULL)
		return true;
	if (seen == NULL || seen->json == NULL)
		return error_set(error, "%s",
				 seen != NULL && seen->error != NULL ? seen->error
								     : "it was not asked");
	return driver->inventory(settings, seen, tell, arg, error);
}

void hops_look_proofs(const struct hops_look *look, const struct hop_want *want,
		      const char *channel, hop_item_fn *tell, void *arg)
{
	const struct pipeline *pipeline = hops_look_pipeline(look);

	for (size_t i = 0; i < pipeline->hop_count; i++) {
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct hops_seen seen;

		if (driver == NULL || driver->proofs == NULL)
			continue;
		hops_look_see(look, i, &seen);
		driver->proofs(&pipeline->hops[i], want, channel, seen.times, tell, arg);
	}
}

/* Labels. */

/* Alertmanager's are those of the alert as it is routed: it is asked before its senders. */
static char *observed_labels(const struct hops_look *look, const struct hop_want *want, bool takes)
{
	char *labels = NULL;

	for (size_t i = 0; i < hops_look_pipeline(look)->hop_count && labels == NULL; i++) {
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct hops_seen seen;

		if (driver == NULL || driver->labels == NULL || (driver->send != NULL) != takes)
			continue;
		hops_look_see(look, i, &seen);
		labels = driver->labels(&hops_look_pipeline(look)->hops[i], want, seen.times);
	}
	return labels;
}

static void ignore_delay(void *arg, const struct hop_delay *delay)
{
	(void)arg;
	(void)delay;
}

static void ignore_caution(void *arg, const struct hop_caution *caution)
{
	(void)arg;
	(void)caution;
}

static void ignore_unknown(void *arg, const char *name, const char *why)
{
	(void)arg;
	(void)name;
	(void)why;
}

static void keep_labels(void *arg, const char *json)
{
	char **labels = arg;

	free(*labels);
	*labels = mem_dup(json);
}

/* What a sender of alerts is set up to give it, in the order of the pipeline. */
static char *foreseen_labels(const struct hops_look *look, const struct hop_want *want)
{
	char *labels = NULL;
	const struct hop_forecast forecast = {ignore_delay, ignore_caution, keep_labels,
					      ignore_unknown, &labels};

	for (size_t i = 0; i < hops_look_pipeline(look)->hop_count; i++) {
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct hops_seen seen;

		if (driver == NULL || driver->foresee == NULL || driver->send != NULL)
			continue;
		hops_look_see(look, i, &seen);
		if (seen.times[HOP_BEFORE] != NULL && seen.times[HOP_BEFORE]->json != NULL)
			driver->foresee(&hops_look_pipeline(look)->hops[i], want,
					seen.times[HOP_BEFORE], &forecast);
	}
	return labels;
}

char *hops_look_labels(const struct hops_look *look, const struct hop_want *want,
		       bool *ret_observed)
{
	char *labels = observed_labels(look, want, true);

	if (labels == NULL)
		labels = observed_labels(look, want, false);
	*ret_observed = labels != NULL;
	return labels != NULL ? labels : foreseen_labels(look, want);
}
