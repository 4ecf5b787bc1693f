/* Stations of a pipeline in virtual time. */
#include "tests/engine/little_hop.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"

struct hop_op {
	struct little_hop *hop; /* borrowed */
	struct event *timer;    /* owned */
	hop_done_fn *done;
	hop_sent_fn *sent; /* instead, of an alert that is sent */
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
	*op = (struct hop_op){.hop = hop, .done = done, .arg = arg};
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

static void foresee(const struct hop_settings *settings, const struct hop_want *want,
		    const struct hop_observation *observation, const struct hop_forecast *forecast)
{
	struct little_hop *hop = hop_of(settings);

	(void)observation;
	hop->want = *want;
	(void)snprintf(hop->knew_labels, sizeof hop->knew_labels, "%s",
		       want->labels != NULL ? want->labels : "-");
	for (size_t i = 0; i < 4 && hop->delays[i].what != NULL; i++) {
		const struct hop_delay delay = {
		    .hop = hop->hop,
		    .name = settings->name,
		    .what = hop->delays[i].what,
		    .resolving = hop->delays[i].resolving,
		    .least_ms = hop->delays[i].least_ms,
		    .most_ms = hop->delays[i].most_ms,
		};

		forecast->delay(forecast->arg, &delay);
	}
	if (hop->worry_text != NULL) {
		const struct hop_caution caution = {.hop = hop->hop,
						    .name = settings->name,
						    .worry = hop->worry,
						    .text = hop->worry_text,
						    .advice = "do something"};

		forecast->caution(forecast->arg, &caution);
	}
	if (hop->labels != NULL)
		forecast->labels(forecast->arg, hop->labels);
}

/* One that takes alerts. */

struct arrival {
	struct event *timer; /* owned */
	struct little_hop *hop;
	char id[32];
};

static void on_arrival(evutil_socket_t fd, short what, void *arg)
{
	struct arrival *arrival = arg;
	char *text = mem_printf("%s %s", arrival->hop->alert.text, arrival->id);

	(void)fd;
	(void)what;
	(void)little_chat_say(&arrival->hop->alert.world->chat, "ops", NULL, text);
	free(text);
	event_free(arrival->timer);
	free(arrival);
}

static void bring(struct event_base *base, struct little_hop *hop, const char *id)
{
	struct arrival *arrival = mem_zalloc(sizeof *arrival);
	const struct timeval delay = {hop->alert.after_ms / 1000,
				      hop->alert.after_ms % 1000 * 1000};

	arrival->hop = hop;
	if (!hop->alert.drops_id)
		(void)snprintf(arrival->id, sizeof arrival->id, "%s", id);
	arrival->timer = evtimer_new(base, on_arrival, arrival);
	(void)event_add(arrival->timer, &delay);
}

static void on_sent_op(evutil_socket_t fd, short what, void *arg)
{
	struct hop_op *op = arg;
	hop_sent_fn *sent = op->sent;
	void *sent_arg = op->arg;
	const char *refusal = op->hop->alert.refusal;

	(void)fd;
	(void)what;
	free_op(op);
	sent(sent_arg, refusal);
}

static struct hop_op *send_alert(const struct hop_context *context,
				 const struct hop_settings *settings, const struct hop_probe *probe,
				 hop_sent_fn *done, void *arg)
{
	struct little_hop *hop = hop_of(settings);
	struct hop_op *op = mem_zalloc(sizeof *op);
	const struct timeval now = {0};

	*op = (struct hop_op){.hop = hop, .sent = done, .arg = arg};
	hop->in_flight++;
	op->timer = evtimer_new(context->base, on_sent_op, op);
	if (!hop->alert.hangs)
		(void)event_add(op->timer, &now);
	if (probe->ends_after_ms == 0) {
		hop->alert.ended++;
		return op;
	}
	hop->alert.sent++;
	hop->alert.ends_after_ms = probe->ends_after_ms;
	(void)snprintf(hop->alert.given, sizeof hop->alert.given, "%s",
		       probe->labels != NULL ? probe->labels : "");
	(void)snprintf(hop->alert.id, sizeof hop->alert.id, "%s", probe->id);
	(void)snprintf(hop->alert.summary, sizeof hop->alert.summary, "%s", probe->summary);
	if (hop->alert.world != NULL)
		bring(context->base, hop, probe->id);
	return op;
}

static char *labels_of(const struct hop_settings *settings, const struct hop_want *want,
		       const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	(void)want;
	(void)observations;
	return mem_dup(hop_of(settings)->alert.labels);
}

static bool may_send(const struct hop_settings *settings, const struct hop_probe *probe,
		     const struct hop_observation *const observations[HOP_TIME_COUNT],
		     int64_t *ret_held_ms, struct error *error)
{
	const struct little_hop *hop = hop_of(settings);

	(void)probe;
	(void)observations;
	*ret_held_ms = hop->alert.held_ms;
	return hop->alert.harm == NULL || error_set(error, "%s", hop->alert.harm);
}

/* Every alert proves the rule of its name. */
static void proofs(const struct hop_settings *settings, const struct hop_want *want,
		   const char *channel,
		   const struct hop_observation *const observations[HOP_TIME_COUNT],
		   hop_item_fn *tell, void *arg)
{
	const struct hop_observation *peak = observations[HOP_PEAK];

	if (peak == NULL || peak->json == NULL)
		return;
	hop_of(settings)->proved++;
	tell(arg, &(struct hop_item){.kind = HOP_ITEM_RULE,
				     .station = settings->name,
				     .name = want->alert,
				     .detail = channel});
}

static const struct hop_driver *find(const char *type)
{
	static const struct hop_driver driver = {.type = "little",
						 .observe = observe,
						 .cancel = cancel,
						 .explain = explain,
						 .foresee = foresee};
	static const struct hop_driver taker = {.type = "little-am",
						.observe = observe,
						.cancel = cancel,
						.explain = explain,
						.labels = labels_of,
						.may_send = may_send,
						.send = send_alert};

	static const struct hop_driver proving = {.type = "proving",
						  .observe = observe,
						  .cancel = cancel,
						  .explain = explain,
						  .proofs = proofs};

	if (strcmp(type, proving.type) == 0)
		return &proving;
	if (strcmp(type, taker.type) == 0)
		return &taker;
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
