/* Conditions of `stop_when` in virtual time. */
#include "tests/engine/little_condition.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct condition_op {
	struct little_condition *condition; /* borrowed */
	struct event *timer;                /* owned */
	enum condition_answer answer;
	condition_done_fn *done;
	void *arg;
};

static void free_op(struct condition_op *op)
{
	op->condition->in_flight--;
	event_free(op->timer);
	free(op);
}

static void on_op(evutil_socket_t fd, short what, void *arg)
{
	static const char *const texts[] = {
	    [CONDITION_CALM] = "it answered 200",
	    [CONDITION_MET] = "it answered 503",
	    [CONDITION_UNASKED] = "it could not be asked: nobody listens",
	};
	struct condition_op *op = arg;
	const struct condition_result result = {op->answer, texts[op->answer]};
	condition_done_fn *done = op->done;
	void *done_arg = op->arg;

	(void)fd;
	(void)what;
	free_op(op);
	done(done_arg, &result);
}

static bool is_bad(const struct little_condition *condition)
{
	int nth = condition->looks - condition->from;

	if (condition->from == 0 || nth < 0 || (condition->count > 0 && nth >= condition->count))
		return false;
	return condition->every == 0 || nth % condition->every == 0;
}

static struct condition_op *ask(const struct condition_context *context,
				const struct stop_condition *stop, condition_done_fn *done,
				void *arg)
{
	struct little_conditions *conditions =
	    (struct little_conditions *)((uintptr_t)context -
					 offsetof(struct little_conditions, context));
	struct little_condition *condition = conditions->list;
	struct condition_op *op = mem_zalloc(sizeof *op);
	struct timeval delay;

	while (strcmp(condition->check, stop->check) != 0)
		condition++;
	condition->looks++;
	condition->in_flight++;
	*op = (struct condition_op){condition, NULL, CONDITION_CALM, done, arg};
	if (is_bad(condition))
		op->answer = condition->found;
	op->timer = evtimer_new(conditions->base, on_op, op);
	delay = (struct timeval){condition->takes_ms / 1000, condition->takes_ms % 1000 * 1000};
	if (!condition->hangs)
		(void)event_add(op->timer, &delay);
	return op;
}

static void cancel(struct condition_op *op)
{
	if (op != NULL)
		free_op(op);
}

const struct condition_driver little_condition_driver = {.ask = ask, .cancel = cancel};
