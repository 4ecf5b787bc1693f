/* Stations of a pipeline in virtual time. */
#include "tests/engine/little_hop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"

struct hop_op {
	struct little_hop *hop; /* borrowed */
	struct event *timer;    /* owned */
	hop_done_fn *done;
	void *arg;
};

/* The settings' url is the station itself. */
static struct little_hop *hop_of(const struct hop_settings *settings)
{
	return (struct little_hop *)(void *)settings->url;
}

static void free_op(struct hop_op *op)
{
	op->hop->in_flight--;
	event_free(op->timer);
	free(op);
}

static void on_op(evutil_socket_t fd, short what, void *arg)
{
	struct hop_op *op = arg;
	bool refuses = op->hop->refuses;
	const struct hop_observation observation = {
	    .json = refuses ? NULL : "{}",
	    .error = refuses ? "nobody listens; see whether it runs" : NULL,
	    .at_wall_ms = clock_wall_ms(),
	    .requests = 1,
	};
	hop_done_fn *done = op->done;
	void *done_arg = op->arg;

	(void)fd;
	(void)what;
	free_op(op);
	done(done_arg, &observation);
}

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	struct little_hop *hop = hop_of(settings);
	struct hop_op *op = mem_zalloc(sizeof *op);
	const struct timeval delay = {hop->takes_ms / 1000, hop->takes_ms % 1000 * 1000};

	if ((size_t)hop->asked < sizeof hop->asked_ms / sizeof hop->asked_ms[0])
		hop->asked_ms[hop->asked] = clock_ms();
	hop->asked++;
	hop->in_flight++;
	*op = (struct hop_op){hop, NULL, done, arg};
	op->timer = evtimer_new(context->base, on_op, op);
	if (!hop->hangs)
		(void)event_add(op->timer, &delay);
	return op;
}

static void cancel(struct hop_op *op)
{
	if (op != NULL)
		free_op(op);
}

static void explain(const struct hop_settings *settings, const struct hop_want *want,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_tell_fn *tell, void *arg)
{
	struct little_hop *hop = hop_of(settings);
	const struct hop_observation *after = observations[HOP_AFTER];
	struct hop_finding finding = {
	    .hop = hop->hop,
	    .name = settings->name,
	    .state = hop->state,
	    .at_wall_ms = hop->at_wall_ms,
	    .evidence = hop->state == HOP_HAD_IT ? "it had it" : "it had nothing",
	    .cause = hop->cause,
	    .advice = hop->advice,
	};

	hop->explained++;
	hop->want = *want;
	for (size_t i = 0; i < HOP_TIME_COUNT; i++) {
		hop->given[i] = observations[i] != NULL;
		hop->given_json[i] = observations[i] != NULL && observations[i]->json != NULL;
	}
	if (after == NULL || after->json == NULL) {
		finding.state = HOP_NOT_ASKED;
		finding.evidence = after != NULL ? after->error : "it was not asked";
		finding.cause = finding.advice = NULL;
	}
	tell(arg, &finding);
}

static const struct hop_driver *find(const char *type)
{
	static const struct hop_driver driver = {
	    .type = "little", .observe = observe, .cancel = cancel, .explain = explain};

	return strcmp(type, driver.type) == 0 ? &driver : NULL;
}

void little_hops_use(struct little_hops *hops, struct little_world *world)
{
	static char name[] = "main";

	hops->context.base = world->base;
	hops->pipeline = (struct pipeline){.name = name, .hops = hops->settings};
	for (size_t i = 0; i < LITTLE_HOPS && hops->list[i].name != NULL; i++) {
		struct little_hop *hop = &hops->list[i];

		hops->settings[hops->pipeline.hop_count++] = (struct hop_settings){
		    .type = (char *)(uintptr_t)(hop->type != NULL ? hop->type : "little"),
		    .name = (char *)(uintptr_t)hop->name,
		    .url = (char *)(void *)hop,
		};
	}
	hops->hops = hops_new(&hops->context, find);
	world->config.pipelines = &hops->pipeline;
	world->config.pipeline_count = 1;
	world->staging.pipeline = name;
	world->drill_world.hops = hops->hops;
}

void little_hops_done(struct little_hops *hops)
{
	hops_free(hops->hops);
}
