/* Putting one fault right: revert, read back, again until it is clean or people are needed.  A fault
 * that may still come into place is read back once more when it cannot any longer. */
#include "src/engine/restorer.h"

#include <event2/event.h>
#include <stdlib.h>

#include "probes/faults/fault.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/store/ledger.h"

#define TRIES_MAX      6 /* with a quarter of a minute of pauses between them */
#define PAUSE_FIRST_MS 500
#define TELLS_MAX      40 /* of a ledger that is busy: how it ended ... */
#define TELL_PAUSE_MS  250

struct restorer {
	const struct fault_context *faults; /* borrowed */
	struct ledger *ledger;              /* borrowed */
	const struct fault_driver *driver;
	const char *drill, *recipe; /* borrowed */
	restorer_changed_fn *changed;
	void *arg; /* borrowed, for changed */

	struct fault_op *op; /* owned; in flight */
	struct event *timer; /* owned; the first step and the pauses */
	int64_t sure_after_ms, looked_ms;
	bool looks_again; /* next is a look, not a revert: it read clean too early to be sure */
	int tries;        /* that failed, in a row */
	bool has_reverted, is_done;
	bool is_telling; /* all is done but that the ledger has to be told */
	int tells;       /* that failed */
	bool found_it_gone;
	bool has_looked; /* a try of the revert knew what is there */
	int64_t reverted_ms;
	enum fault_state state;
	char *text;           /* owned */
	char *end_text;       /* owned; how it ended, without what became of the ledger */
	char *ledger_problem; /* owned */
};

static void pause_for(struct restorer *restorer, int64_t ms)
{
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	(void)event_add(restorer->timer, &delay);
}

static void keep_text(struct restorer *restorer, const char *text)
{
	char *kept = mem_dup(text);

	free(restorer->text);
	restorer->text = kept;
}

/* A ledger that cannot be written keeps the older state, which errs on the safe side: the fault
 * counts as still in place. The reader is told. */
static void write_state(struct restorer *restorer, enum fault_state state, const char *note)
{
	struct error error = {""};

	restorer->state = state;
	if (ledger_advance(restorer->ledger, restorer->drill, state, note, &error)) {
		free(restorer->ledger_problem);
		restorer->ledger_problem = NULL;
	} else {
		char *text = mem_printf("%s%sthe ledger was not told: %s", note,
					note[0] != '\0' ? "; " : "", error.text);

		keep_text(restorer, text);
		free(text);
		if (restorer->ledger_problem == NULL) /* those that follow say less */
			restorer->ledger_problem = mem_dup(error.text);
	}
}

/* A ledger that failed for a moment is told again what it missed, so that it takes what is next. False:
 * another process is just writing. */
static bool catch_up(struct restorer *restorer)
{
	static const enum fault_state missed[] = {FAULT_REVERTING, FAULT_UNCONFIRMED};
	bool told = restorer->ledger_problem != NULL;
	struct error error;

	for (size_t i = 0; told && i < sizeof missed / sizeof missed[0]; i++)
		told = ledger_advance(restorer->ledger, restorer->drill, missed[i], NULL, &error);
	return told || restorer->ledger_problem == NULL || !ledger_is_busy(restorer->ledger);
}

/* Whoever just writes to the ledger is waited for: a fault that is known to be gone, and counts as being
 * in place, would wake people for nothing. */
static void tell_end(struct restorer *restorer)
{
	bool last = ++restorer->tells == TELLS_MAX, caught_up = catch_up(restorer);

	/* Else it would refuse the end, should it be free again by now. */
	if (caught_up || last) {
		keep_text(restorer, restorer->end_text);
		write_state(restorer, restorer->state, restorer->end_text);
	}
	restorer->is_telling =
	    !last && restorer->ledger_problem != NULL && ledger_is_busy(restorer->ledger);
	if (restorer->is_telling)
		pause_for(restorer, TELL_PAUSE_MS);
	else
		restorer->is_done = true;
	restorer->changed(restorer->arg);
}

static void finish(struct restorer *restorer, enum fault_state state, const char *text)
{
	restorer->end_text = mem_dup(text);
	restorer->state = state;
	restorer->has_reverted = true;
	tell_end(restorer);
}

/* Once more after a pause, or stuck. */
static void fail(struct restorer *restorer, const struct fault_result *result)
{
	if (result->outcome == FAULT_CONFLICT || ++restorer->tries >= TRIES_MAX) {
		finish(restorer, FAULT_STUCK, result->text);
		return;
	}
	keep_text(restorer, result->text);
	pause_for(restorer, PAUSE_FIRST_MS << (restorer->tries - 1));
}

/* It may still come: one more look when it cannot any longer. */
static void look_again_later(struct restorer *restorer, const char *text)
{
	int64_t left_ms = restorer->sure_after_ms - clock_ms();
	char length[32], *both;

	if (left_ms < 0)
		left_ms = 0;
	duration_format(left_ms, length, sizeof length);
	both = mem_printf("%s; looked at once more in %s, because nobody saw the end of the inject",
			  text, length);
	keep_text(restorer, both);
	free(both);
	restorer->tries = 0;
	restorer->looks_again = true;
	pause_for(restorer, left_ms);
}

static void on_confirmed(void *arg, const struct fault_result *result)
{
	struct restorer *restorer = arg;
	bool looked_again = restorer->looks_again;

	restorer->op = NULL;
	restorer->looks_again = false;
	if (result->outcome == FAULT_YES && restorer->looked_ms < restorer->sure_after_ms) {
		look_again_later(restorer, result->text);
	} else if (result->outcome == FAULT_YES) {
		finish(restorer, FAULT_CLEAN, result->text);
	} else if (looked_again && result->outcome != FAULT_CONFLICT) { /* it came after all */
		keep_text(restorer, result->text);
		pause_for(restorer, 0);
	} else {
		fail(restorer, result);
	}
}

static void confirm(struct restorer *restorer)
{
	restorer->looked_ms = clock_ms();
	restorer->op =
	    restorer->driver->confirm(restorer->faults, restorer->recipe, on_confirmed, restorer);
}

static void on_reverted(void *arg, const struct fault_result *result)
{
	struct restorer *restorer = arg;
	bool tell = !restorer->has_reverted;

	restorer->op = NULL;
	if (result->gone && restorer->reverted_ms == TIME_NEVER) /* later it was us */
		restorer->found_it_gone = true;
	if (result->seen || result->gone || result->outcome != FAULT_UNKNOWN)
		restorer->has_looked = true;
	if (result->outcome != FAULT_YES) {
		fail(restorer, result);
		return;
	}
	restorer->reverted_ms = clock_ms();
	write_state(restorer, FAULT_UNCONFIRMED, result->text);
	if (restorer->driver->confirm == NULL) {
		finish(restorer, FAULT_CLEAN, "nothing was left behind");
		return;
	}
	restorer->has_reverted = true;
	confirm(restorer);
	if (tell)
		restorer->changed(restorer->arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	static const struct fault_result nothing = {.outcome = FAULT_YES,
						    .text = "nothing to revert"};
	struct restorer *restorer = arg;

	(void)fd;
	(void)what;
	if (restorer->is_telling) {
		tell_end(restorer);
		return;
	}
	if (restorer->looks_again) {
		confirm(restorer);
		return;
	}
	write_state(restorer, FAULT_REVERTING, "");
	if (restorer->driver->revert == NULL)
		on_reverted(restorer, &nothing);
	else
		restorer->op = restorer->driver->revert(restorer->faults, restorer->recipe,
							on_reverted, restorer);
}

struct restorer *restorer_start(struct event_base *base, const struct fault_context *faults,
				struct ledger *ledger, const struct fault_driver *driver,
				const char *drill, const char *recipe, int64_t sure_after_ms,
				restorer_changed_fn *changed, void *arg)
{
	struct restorer *restorer = mem_zalloc(sizeof *restorer);

	*restorer = (struct restorer){
	    .faults = faults,
	    .ledger = ledger,
	    .driver = driver,
	    .drill = drill,
	    .recipe = recipe,
	    .sure_after_ms = sure_after_ms,
	    .changed = changed,
	    .arg = arg,
	    .reverted_ms = TIME_NEVER,
	    .state = FAULT_INJECTED,
	    .timer = evtimer_new(base, on_timer, restorer),
	};
	pause_for(restorer, 0);
	return restorer;
}

void restorer_free(struct restorer *restorer)
{
	if (restorer == NULL)
		return;
	restorer->driver->cancel(restorer->op);
	event_free(restorer->timer);
	free(restorer->text);
	free(restorer->end_text);
	free(restorer->ledger_problem);
	free(restorer);
}

bool restorer_has_reverted(const struct restorer *restorer)
{
	return restorer->has_reverted;
}

bool restorer_is_done(const struct restorer *restorer)
{
	return restorer->is_done;
}

enum fault_state restorer_state(const struct restorer *restorer)
{
	return restorer->state;
}

const char *restorer_text(const struct restorer *restorer)
{
	return restorer->text != NULL ? restorer->text : "";
}

bool restorer_found_it_gone(const struct restorer *restorer)
{
	return restorer->found_it_gone;
}

bool restorer_lost_sight(const struct restorer *restorer)
{
	return restorer->state == FAULT_STUCK && !restorer->has_looked;
}

const char *restorer_ledger_problem(const struct restorer *restorer)
{
	return restorer->ledger_problem;
}

int64_t restorer_reverted_ms(const struct restorer *restorer)
{
	return restorer->reverted_ms;
}
