/* Running drills for a person or a script: a shift, shown in a terminal, told as JSON lines, stopped
 * by signals. */
#include "src/program/runner.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "reports/outlet.h"
#include "reports/settled.h"
#include "reports/terminal.h"
#include "src/base/clock.h"
#include "src/engine/drill.h"
#include "src/program/chronicle.h"
#include "src/program/shift.h"
#include "src/program/untold.h"

#define SETTLED_BY    "the next run" /* who puts right what earlier lives left */
#define SIGNALS       3
#define TELL_LIMIT_MS 10000 /* for the last words to arrive, once all drills are over */

struct runner {
	const struct runner_ask *ask;   /* borrowed */
	struct app *app;                /* borrowed */
	struct shift *shift;            /* owned */
	struct terminal *terminal;      /* owned */
	bool ascii;                     /* ... has no UTF-8 */
	struct outlet *json;            /* owned; NULL: not asked for */
	struct chronicle *chronicle;    /* owned */
	struct untold *untold;          /* owned */
	struct event *signals[SIGNALS]; /* owned */
	int signal_count;               /* that came */
	sigset_t mask;          /* as it was: who has something to clean up blocks signals */
	struct event *patience; /* owned; so long nothing was seen to happen */
	bool started;           /* the life */
	bool seen;              /* ... and something of it was shown */
	bool over;
	enum exit_code exit_code;
};

/* What the shift tells. */

static void on_ready(void *arg)
{
	static const struct timeval patience = {.tv_sec = 1};
	struct runner *runner = arg;

	runner->started = true;
	(void)event_add(runner->patience, &patience);
}

static void on_changed(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	runner->seen = true;
	terminal_show(runner->terminal, record);
	if (runner->ask->changed != NULL)
		runner->ask->changed(runner->ask->arg, record);
	if (runner->json != NULL)
		(void)outlet_flush(runner->json);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	terminal_finish(runner->terminal, record);
	untold_drill(runner->untold, record);
	if (runner->json != NULL) {
		char *line = json_report(record);

		outlet_add(runner->json, line, strlen(line));
		outlet_add(runner->json, "\n", 1);
		free(line);
	}
	if (runner->ask->finished != NULL)
		runner->ask->finished(runner->ask->arg, record);
}

static void on_left(void *arg, const struct drill_record *record, const char *text)
{
	struct runner *runner = arg;

	(void)record;
	terminal_note(runner->terminal, text);
}

static void on_settled(void *arg, const struct settled *settled)
{
	struct runner *runner = arg;
	const struct settled_view view = {.settled = settled,
					  .by = SETTLED_BY,
					  .now_wall_ms = clock_wall_ms(),
					  .ascii = runner->ascii};
	char *paragraph = settled_paragraph(&view);

	runner->seen = true;
	terminal_note(runner->terminal, paragraph);
	free(paragraph);
}

static void on_note(void *arg, const char *text)
{
	struct runner *runner = arg;

	terminal_note(runner->terminal, text);
}

static void on_over(void *arg, enum exit_code exit_code)
{
	struct runner *runner = arg;

	if (!runner->started && shift_trouble(runner->shift) != NULL)
		(void)fprintf(stderr, "firedrill: %s\n", shift_trouble(runner->shift));
	runner->exit_code = exit_code_worst(runner->exit_code, exit_code);
	runner->over = true;
}

/* Patience, signals. */

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct runner *runner = arg;

	(void)fd;
	(void)what;
	if (!runner->seen)
		terminal_note(runner->terminal,
			      "waiting a moment for a fault that another firedrill has in place");
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct runner *runner = arg;

	(void)what;
	if (++runner->signal_count == 2) {
		terminal_note(runner->terminal, "still putting it right; the guardian finishes it "
						"if you kill this process");
	} else if (!runner->started) {
		(void)fputs("firedrill: stopped before it began; nothing was touched\n", stderr);
		runner->exit_code = EXIT_ABORTED;
		runner->over = true;
	} else if (runner->signal_count == 1) {
		shift_stop(runner->shift, number == SIGINT
					      ? "stopped from the terminal before it was over"
					      : "stopped by a signal before it was over");
	}
}

static void listen_to_signals(struct runner *runner)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;
	sigset_t ours;

	(void)sigemptyset(&ours);
	for (size_t i = 0; i < SIGNALS; i++) {
		if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
		    before.sa_handler == SIG_IGN)
			continue; /* started by nohup */
		runner->signals[i] =
		    evsignal_new(app_base(runner->app), numbers[i], on_signal, runner);
		(void)event_add(runner->signals[i], NULL);
		(void)sigaddset(&ours, numbers[i]);
	}
	(void)sigprocmask(SIG_UNBLOCK, &ours, &runner->mask);
}

/* The flow. */

static bool add_drills(struct runner *runner)
{
	const struct runner_ask *ask = runner->ask;
	const struct drill_options options = {.allow_protected = ask->allow_protected};
	struct error error = {""};

	for (size_t i = 0; i < ask->drill_count; i++) {
		const struct runner_drill *drill = &ask->drills[i];

		if (shift_add(runner->shift, drill->scenario, drill->environment, &options, &error))
			continue;
		(void)fprintf(stderr, "firedrill: %s in %s: %s\n", drill->scenario->name,
			      drill->environment->name, error.text);
		return false;
	}
	return true;
}

static bool is_told(void *arg)
{
	const struct runner *runner = arg;

	return shift_is_told(runner->shift) && untold_is_over(runner->untold);
}

/* A report that nobody read is as good as none. */
static void tell_untold(struct runner *runner)
{
	runner->exit_code = exit_code_worst(runner->exit_code, untold_send(runner->untold));
}

static void live(struct runner *runner)
{
	listen_to_signals(runner);
	runner->patience = evtimer_new(app_base(runner->app), on_patience, runner);
	shift_start(runner->shift);
	while (!runner->over && event_base_loop(app_base(runner->app), EVLOOP_ONCE) == 0)
		continue;
	if (!runner->over) { /* the loop itself failed: nobody knows what is in place */
		(void)fputs("firedrill: the event loop ended before the drills did; see `firedrill "
			    "status`\n",
			    stderr);
		runner->exit_code = EXIT_FAULT_LEFT;
	}
	tell_untold(runner);
	if (!app_run_until(runner->app, is_told, runner, TELL_LIMIT_MS))
		terminal_note(runner->terminal, "not everybody could be told of what happened");
	if (runner->started && shift_trouble(runner->shift) != NULL)
		terminal_note(runner->terminal, shift_trouble(runner->shift));
	if (untold_text(runner->untold) != NULL)
		terminal_note(runner->terminal, untold_text(runner->untold));
}

/* Nothing is in place any more, so that a slow reader may take its time. */
static void finish_json(struct runner *runner)
{
	if (runner->json == NULL)
		return;
	outlet_finish(runner->json);
	if (outlet_failed(runner->json)) {
		(void)fputs("firedrill: the output could not be written completely: look at what "
			    "reads stdout, and at its disk\n",
			    stderr);
		runner->exit_code = exit_code_worst(runner->exit_code, EXIT_USAGE);
	}
	outlet_free(runner->json);
}

static void finish(struct runner *runner)
{
	terminal_summary(runner->terminal);
	(void)sigprocmask(SIG_SETMASK, &runner->mask, NULL);
	for (size_t i = 0; i < SIGNALS; i++) {
		if (runner->signals[i] != NULL)
			event_free(runner->signals[i]);
	}
	if (runner->patience != NULL)
		event_free(runner->patience);
	shift_free(runner->shift);
	untold_free(runner->untold);
	finish_json(runner);
	terminal_free(runner->terminal);
	chronicle_close(runner->chronicle); /* the last: nobody waits for it */
}

int runner_run(struct app *app, const struct runner_ask *ask)
{
	FILE *view = ask->view != NULL ? ask->view : ask->json ? stderr : stdout;
	const struct terminal_options looks = terminal_options_for(view);
	const struct shift_ask shift = {.settled_by = SETTLED_BY};
	struct runner runner = {
	    .ask = ask, .app = app, .ascii = looks.ascii, .exit_code = EXIT_PASS};
	const struct shift_hears hears = {.ready = on_ready,
					  .changed = on_changed,
					  .finished = on_finished,
					  .left = on_left,
					  .settled = on_settled,
					  .note = on_note,
					  .over = on_over,
					  .arg = &runner};

	(void)sigprocmask(SIG_BLOCK, NULL, &runner.mask);
	runner.terminal = terminal_new(app_base(app), view, looks);
	runner.json = ask->json ? outlet_new(stdout, 0) : NULL;
	runner.chronicle = chronicle_open(app);
	runner.untold = untold_new(app);
	runner.shift = shift_new(app, runner.chronicle, &shift, &hears);
	if (add_drills(&runner))
		live(&runner);
	else
		runner.exit_code = EXIT_USAGE;
	finish(&runner);
	return (int)runner.exit_code;
}
