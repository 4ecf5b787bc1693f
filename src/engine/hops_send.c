/* Sending an alert to a station of the pipeline: to the first one that takes any. */
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

/* The station to which alerts are sent; hop_count: none. */
static size_t target_of(const struct hops_look *look)
{
	size_t i = 0;

	while (i < hops_look_pipeline(look)->hop_count &&
	       (hops_look_driver(look, i) == NULL || hops_look_driver(look, i)->send == NULL))
		i++;
	return i;
}

bool hops_look_takes_alerts(const struct hops_look *look, struct hop_probe *probe)
{
	size_t target = target_of(look);
	struct hops_seen seen;

	if (target == hops_look_pipeline(look)->hop_count)
		return false;
	hops_look_see(look, target, &seen);
	if (seen.times[HOP_AFTER] != NULL)
		probe->ahead_ms = seen.times[HOP_AFTER]->ahead_ms;
	return true;
}

bool hops_look_may_send(const struct hops_look *look, const struct hop_probe *probe,
			int64_t *ret_held_ms, struct error *error)
{
	size_t target = target_of(look);
	struct hops_seen seen;

	hops_look_see(look, target, &seen);
	return hops_look_driver(look, target)
	    ->may_send(&hops_look_pipeline(look)->hops[target], probe, seen.times, ret_held_ms,
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
