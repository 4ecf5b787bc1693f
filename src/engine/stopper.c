/* The conditions of `stop_when`. */
#include "src/engine/stopper.h"

#include <event2/event.h>
#include <stdlib.h>

#include "probes/conditions/condition.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define EVERY_MIN_MS 100 /* between two looks, whatever the scenario says */

/* One condition. */
struct guarded {
	struct stopper *stopper; /* borrowed */
	const struct stop_condition *condition;
	struct condition_op *op; /* owned; the look in flight */
	struct event *timer;     /* owned; the next look */
	int64_t begun_ms;        /* of the last look */
	int64_t looked_ms;       /* when the last look was over */
	bool looked;
	int bad;    /* looks in a row that found it met, or found nobody */
	char *text; /* owned; what the last look found; NULL: none yet */
};

struct stopper {
	const struct condition_driver *driver;   /* borrowed */
	const struct condition_context *context; /* borrowed */
	stopper_changed_fn *changed;
	void *arg;            /* borrowed, for changed */
	struct guarded *list; /* owned array */
	size_t count;
};

/* Looking. */

static void arm(struct guarded *guarded)
{
	int64_t every_ms = guarded->condition->every_ms > EVERY_MIN_MS
			       ? guarded->condition->every_ms
			       : EVERY_MIN_MS;
	int64_t wait_ms = guarded->begun_ms + every_ms - clock_ms();
	struct timeval delay = {0};

	if (wait_ms > 0)
		delay = (struct timeval){wait_ms / 1000, wait_ms % 1000 * 1000};
	(void)event_add(guarded->timer, &delay);
}

static void on_looked(void *arg, const struct condition_result *result)
{
	struct guarded *guarded = arg;
	struct stopper *stopper = guarded->stopper;

	guarded->op = NULL;
	guarded->looked = true;
	guarded->looked_ms = clock_ms();
	guarded->bad = result->answer == CONDITION_CALM ? 0 : guarded->bad + 1;
	free(guarded->text);
	guarded->text = mem_dup(result->text);
	arm(guarded);
	stopper->changed(stopper->arg);
}

static void look(struct guarded *guarded)
{
	const struct stopper *stopper = guarded->stopper;

	guarded->begun_ms = clock_ms();
	guarded->op =
	    stopper->driver->ask(stopper->context, guarded->condition, on_looked, guarded);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	look(arg);
}

/* Public. */

struct stopper *stopper_start(struct event_base *base, const struct condition_driver *driver,
			      const struct condition_context *context,
			      const struct scenario *scenario, stopper_changed_fn *changed,
			      void *arg)
{
	struct stopper *stopper = mem_zalloc(sizeof *stopper);

	*stopper = (struct stopper){driver, context, changed, arg, NULL, scenario->stop_when_count};
	stopper->list = mem_grow(NULL, stopper->count + 1, sizeof *stopper->list);
	for (size_t i = 0; i < stopper->count; i++) {
		struct guarded *guarded = &stopper->list[i];

		*guarded =
		    (struct guarded){.stopper = stopper, .condition = &scenario->stop_when[i]};
		guarded->timer = evtimer_new(base, on_timer, guarded);
		look(guarded);
	}
	return stopper;
}

void stopper_free(struct stopper *stopper)
{
	if (stopper == NULL)
		return;
	for (size_t i = 0; i < stopper->count; i++) {
		stopper->driver->cancel(stopper->list[i].op);
		event_free(stopper->list[i].timer);
		free(stopper->list[i].text);
	}
	free(stopper->list);
	free(stopper);
}

bool stopper_has_looked(const struct stopper *stopper)
{
	for (size_t i = 0; i < stopper->count; i++) {
		if (!stopper->list[i].looked)
			return false;
	}
	return true;
}

char *stopper_trouble(const struct stopper *stopper)
{
	for (size_t i = 0; i < stopper->count; i++) {
		if (stopper->list[i].bad > 0)
			return mem_printf("guard stop_when: %s, before anything was broken; wait "
					  "until that is over, then run the drill again",
					  stopper->list[i].text);
	}
	return NULL;
}

static char *in_a_row(int looks)
{
	if (looks < 2)
		return mem_dup("");
	return looks == 2 ? mem_dup(" twice in a row") : mem_printf(" %d times in a row", looks);
}

char *stopper_reason(const struct stopper *stopper, int64_t inject_started_ms)
{
	for (size_t i = 0; i < stopper->count; i++) {
		const struct guarded *guarded = &stopper->list[i];
		int64_t after_ms = guarded->looked_ms - inject_started_ms;
		char after[32], *row, *text;

		if (guarded->bad == 0 || guarded->bad < guarded->condition->times)
			continue;
		row = in_a_row(guarded->bad);
		duration_format(after_ms > 0 ? after_ms : 0, after, sizeof after);
		text =
		    mem_printf("stop_when: %s%s, %s after the fault was put in, so the drill was "
			       "ended; see that the service is well before the next one",
			       guarded->text, row, after);
		free(row);
		return text;
	}
	return NULL;
}
