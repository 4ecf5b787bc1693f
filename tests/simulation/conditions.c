/* The conditions of stop_when, as the world has them. */
#include <event2/event.h>
#include <stddef.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/world.h"

struct condition_op {
	struct actor *actor;       /* borrowed */
	struct condition_op *next; /* owned */
	struct event *timer;       /* owned */
	condition_done_fn *done;
	void *arg;
};

static void free_op(struct condition_op *op)
{
	struct condition_op **at = &op->actor->condition_ops;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	event_free(op->timer);
	free(op);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	static const char *const texts[] = {"the shop is well", "the shop answered 503",
					    "the shop does not answer"};
	struct condition_op *op = arg;
	struct sim *sim = op->actor->sim;
	condition_done_fn *done = op->done;
	void *done_arg = op->arg;
	struct condition_result result = {CONDITION_CALM, NULL};

	(void)fd;
	(void)what;
	calls_point("condition");
	if (world_has_trouble(sim, TROUBLE_UNASKED, 0))
		result.answer = CONDITION_UNASKED;
	else if (world_has_trouble(sim, TROUBLE_CONDITION, 0))
		result.answer = CONDITION_MET;
	if (result.answer != CONDITION_CALM)
		sim_count(sim, COUNT_CONDITIONS_MET);
	result.text = texts[result.answer];
	free_op(op);
	done(done_arg, &result);
}

static struct condition_op *ask(const struct condition_context *context,
				const struct stop_condition *condition, condition_done_fn *done,
				void *arg)
{
	const struct timeval delay = {0, 15000};
	struct condition_op *op = mem_zalloc(sizeof *op);

	(void)condition;
	op->actor = (struct actor *)((uintptr_t)context - offsetof(struct actor, conditions));
	op->next = op->actor->condition_ops;
	op->timer = evtimer_new(op->actor->base, on_timer, op);
	op->done = done;
	op->arg = arg;
	op->actor->condition_ops = op;
	(void)event_add(op->timer, &delay);
	return op;
}

static void cancel(struct condition_op *op)
{
	if (op != NULL)
		free_op(op);
}

void actor_conditions_done(struct actor *actor)
{
	while (actor->condition_ops != NULL)
		free_op(actor->condition_ops);
}

const struct condition_driver sim_conditions = {.ask = ask, .cancel = cancel};
