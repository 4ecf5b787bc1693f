/* Sending an alert to a station of the pipeline. */
#include <assert.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/engine/hops_parts.h"

struct hops_send {
	const struct hop_driver *driver;
	struct hop_op *op; /* owned */
	hop_sent_fn *done;
	void *arg; /* borrowed, for done */
};

/* What was observed of a station, for the pure functions of its driver. */
struct seen {
	const struct hop_observation *list[HOP_TIME_COUNT];
	struct hop_observation given_up[HOP_TIME_COUNT];
};

static void see(const struct hops_look *look, size_t hop, struct seen *ret_seen)
{
	for (size_t t = 0; t < HOP_TIME_COUNT; t++)
		ret_seen->list[t] =
		    hops_look_observation(look, (enum hop_time)t, hop, &ret_seen->given_up[t]);
}

/* The station to which alerts are sent; hop_count: none. */
static size_t target_of(const struct hops_look *look)
{
	size_t i = 0;

	while (i < hops_look_pipeline(look)->hop_count &&
	       (hops_look_driver(look, i) == NULL || hops_look_driver(look, i)->send == NULL))
		i++;
	return i;
}

/* Labels. */

/* Alertmanager's are those of the alert as it is routed: it is asked before its senders. */
static char *observed_labels(const struct hops_look *look, const struct hop_want *want, bool takes)
{
	char *labels = NULL;

	for (size_t i = 0; i < hops_look_pipeline(look)->hop_count && labels == NULL; i++) {
		const struct hop_driver *driver = hops_look_driver(look, i);
		struct seen seen;

		if (driver == NULL || driver->labels == NULL || (driver->send != NULL) != takes)
			continue;
		see(look, i, &seen);
		labels = driver->labels(&hops_look_pipeline(look)->hops[i], want, seen.list);
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
		struct seen seen;

		if (driver == NULL || driver->foresee == NULL || driver->send != NULL)
			continue;
		see(look, i, &seen);
		if (seen.list[HOP_BEFORE] != NULL && seen.list[HOP_BEFORE]->json != NULL)
			driver->foresee(&hops_look_pipeline(look)->hops[i], want,
					seen.list[HOP_BEFORE], &forecast);
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

/* Sending. */

bool hops_look_takes_alerts(const struct hops_look *look, struct hop_probe *probe)
{
	size_t target = target_of(look);
	struct seen seen;

	if (target == hops_look_pipeline(look)->hop_count)
		return false;
	see(look, target, &seen);
	if (seen.list[HOP_AFTER] != NULL)
		probe->ahead_ms = seen.list[HOP_AFTER]->ahead_ms;
	return true;
}

bool hops_look_may_send(const struct hops_look *look, const struct hop_probe *probe,
			int64_t *ret_held_ms, struct error *error)
{
	size_t target = target_of(look);
	struct seen seen;

	see(look, target, &seen);
	return hops_look_driver(look, target)
	    ->may_send(&hops_look_pipeline(look)->hops[target], probe, seen.list, ret_held_ms,
		       error);
}

static void on_sent(void *arg, const char *error)
{
	struct hops_send *sending = arg;
	hop_sent_fn *done = sending->done;
	void *done_arg = sending->arg;

	free(sending);
	done(done_arg, error);
}

struct hops_send *hops_look_send(const struct hops_look *look, const struct hop_probe *probe,
				 hop_sent_fn *done, void *arg)
{
	struct hops_send *sending = mem_zalloc(sizeof *sending);
	size_t target = target_of(look);

	assert(target < hops_look_pipeline(look)->hop_count);
	*sending =
	    (struct hops_send){.driver = hops_look_driver(look, target), .done = done, .arg = arg};
	sending->op =
	    sending->driver->send(hops_look_context(look), &hops_look_pipeline(look)->hops[target],
				  probe, on_sent, sending);
	return sending;
}

void hops_send_cancel(struct hops_send *sending)
{
	if (sending == NULL)
		return;
	sending->driver->cancel(sending->op);
	free(sending);
}
