/* Running drills for a person or a script. */
#include "src/program/runner.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "probes/alarm.h"
#include "probes/chats/webhook.h"
#include "probes/conditions/condition.h"
#include "probes/hops/hop.h"
#include "reports/message.h"
#include "reports/outlet.h"
#include "reports/terminal.h"
#include "src/base/buf.h"
#include "src/engine/hops.h"
#include "src/engine/life.h"
#include "src/program/chronicle.h"
#include "src/program/guardian.h"
#include "src/program/runner_parts.h"
#include "src/program/teller.h"

#define TELL_LIMIT_MS 10000 /* for the last words to arrive, once all drills are over */

/* Guardian, patience, signals. */

/* Without a guardian nothing is broken; what is in place is put right at once. */
static void on_guardian(void *arg, bool ready, const char *error)
{
	static const struct timeval patience = {.tv_sec = 1};
	struct runner *runner = arg;
	struct buf text = {0};

	if (ready && !runner->started) {
		runner->started = true;
		(void)event_add(runner->patience, &patience);
		life_start(runner->life);
	} else if (ready) {
		buf_adds(&text, "the guardian had died; a new one watches over the drills");
		runner_note(runner, &text);
	} else if (!runner->started) {
		(void)fprintf(stderr,
			      "firedrill: nothing was broken, because the guardian, which puts it "
			      "right should this process die, does not start: %s\n",
			      error);
		runner->exit_code = EXIT_REFUSED;
		runner->over = true;
	} else {
		buf_addf(&text, "the guardian died and does not start again: %s", error);
		life_stop(runner->life, buf_text(&text));
		runner_note(runner, &text);
	}
}

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
	struct buf text = {0};

	(void)what;
	if (++runner->signal_count == 2) {
		buf_adds(&text, "still putting it right; the guardian finishes it if you kill this "
				"process");
		runner_note(runner, &text);
	} else if (!runner->started) {
		(void)fputs("firedrill: stopped before it began; nothing was touched\n", stderr);
		runner->exit_code = EXIT_ABORTED;
		runner->over = true;
	} else if (runner->signal_count == 1) {
		life_stop(runner->life, number == SIGINT
					    ? "stopped from the terminal before it was over"
					    : "stopped by a signal before it was over");
	}
}

/* The flow. */

static bool add_drills(struct runner *runner)
{
	const struct runner_ask *ask = runner->ask;
	struct error error = {""};

	for (size_t i = 0; i < ask->drill_count; i++) {
		const struct runner_drill *drill = &ask->drills[i];

		if (life_add(runner->life, drill->scenario, drill->environment, &error))
			continue;
		(void)fprintf(stderr, "firedrill: %s in %s: %s\n", drill->scenario->name,
			      drill->environment->name, error.text);
		return false;
	}
	return true;
}

static void listen_to_signals(struct runner *runner)
{
	static const int numbers[RUNNER_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;
	sigset_t ours;

	(void)sigemptyset(&ours);
	for (size_t i = 0; i < RUNNER_SIGNALS; i++) {
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

static bool is_told(void *arg)
{
	const struct runner *runner = arg;

	return teller_is_idle(runner->teller) && alarm_is_idle(runner->alarm);
}

static void live(struct runner *runner)
{
	struct error error = {""};

	listen_to_signals(runner);
	runner->patience = evtimer_new(app_base(runner->app), on_patience, runner);
	runner->guardian = guardian_start(app_base(runner->app), app_config(runner->app)->file,
					  app_locks(runner->app), on_guardian, runner, &error);
	if (runner->guardian == NULL)
		on_guardian(runner, false, error.text);
	while (!runner->over && event_base_loop(app_base(runner->app), EVLOOP_ONCE) == 0)
		continue;
	if (!runner->over) { /* the loop itself failed: nobody knows what is in place */
		(void)fputs("firedrill: the event loop ended before the drills did; see `firedrill "
			    "status`\n",
			    stderr);
		runner->exit_code = EXIT_FAULT_LEFT;
	}
	if (life_trouble(runner->life) != NULL)
		terminal_note(runner->terminal, life_trouble(runner->life));
	if (!app_run_until(runner->app, is_told, runner, TELL_LIMIT_MS))
		terminal_note(runner->terminal, "not everybody could be told of what happened");
	if (alarm_trouble(runner->alarm) != NULL)
		terminal_note(runner->terminal, alarm_trouble(runner->alarm));
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
	for (size_t i = 0; i < RUNNER_SIGNALS; i++) {
		if (runner->signals[i] != NULL)
			event_free(runner->signals[i]);
	}
	if (runner->patience != NULL)
		event_free(runner->patience);
	life_free(runner->life);
	hops_free(runner->hops); /* after the drills */
	guardian_free(runner->guardian);
	teller_free(runner->teller);
	alarm_free(runner->alarm);
	finish_json(runner);
	terminal_free(runner->terminal);
	message_writer_free(runner->writer);
	chronicle_close(runner->chronicle); /* the last: nobody waits for it */
}

int runner_run(struct app *app, const struct runner_ask *ask)
{
	FILE *view = ask->view != NULL ? ask->view : ask->json ? stderr : stdout;
	const struct terminal_options looks = terminal_options_for(view);
	const struct condition_context conditions = {app_faults(app)->http, app_secrets(app)};
	const struct webhook_context webhooks = {app_faults(app)->http, app_secrets(app)};
	const struct hop_context stations = {app_base(app), app_faults(app)->http,
					     app_secrets(app)};
	struct runner runner = {.ask = ask,
				.app = app,
				.ascii = looks.ascii,
				.hops = hops_new(&stations, hop_driver_find),
				.exit_code = EXIT_PASS};
	struct drill_world drills = {
	    .base = app_base(app),
	    .config = app_config(app),
	    .faults = app_faults(app),
	    .ledger = app_ledger(app),
	    .locks = app_locks(app),
	    .conditions = &condition_http,
	    .condition_context = &conditions,
	    .hops = runner.hops,
	    .webhooks = &webhook_slack,
	    .webhook_context = &webhooks,
	    .secrets = app_secrets(app),
	};
	struct life_world world = {.drills = &drills};
	const struct drill_options options = {.allow_protected = ask->allow_protected};

	runner_hear_drills(&runner, &drills);
	runner_hear_life(&runner, &world);
	(void)sigprocmask(SIG_BLOCK, NULL, &runner.mask);
	runner.terminal = terminal_new(drills.base, view, looks);
	runner.json = ask->json ? outlet_new(stdout, 0) : NULL;
	runner.writer = message_writer_new();
	runner.chronicle = chronicle_open(app);
	runner.teller = teller_new(app, RUNNER_SETTLED_BY, NULL, NULL);
	runner.alarm =
	    alarm_new(drills.base, app_faults(app)->http, app_secrets(app), app_config(app));
	runner.life = life_new(&world, &options);
	if (add_drills(&runner))
		live(&runner);
	else
		runner.exit_code = EXIT_USAGE;
	finish(&runner);
	return (int)runner.exit_code;
}
