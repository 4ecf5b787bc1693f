/* Running drills for a person or a script. */
#include "src/program/runner.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/json.h"
#include "reports/message.h"
#include "reports/terminal.h"
#include "src/engine/session.h"

struct runner {
	const struct runner_ask *ask;  /* borrowed */
	struct app *app;               /* borrowed */
	struct session *session;       /* owned */
	struct terminal *terminal;     /* owned */
	struct message_writer *writer; /* owned */
	struct event *signals[3];      /* owned */
	enum exit_code exit_code;
	bool over;
};

/* What the drills call. */

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct runner *runner = arg;

	return app_channels(runner->app, name, error);
}

static void on_write_post(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	struct runner *runner = arg;

	message_write(runner->writer, record, ret_post);
}

static bool on_write_details(void *arg, const struct drill_record *record,
			     struct chat_post *ret_post)
{
	struct runner *runner = arg;

	return message_write_details(runner->writer, record, ret_post);
}

static void on_changed(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	terminal_show(runner->terminal, record);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	terminal_finish(runner->terminal, record);
	runner->exit_code = exit_code_worst(runner->exit_code, record->judgement.exit_code);
	if (runner->ask->json) {
		char *line = json_report(record);

		(void)puts(line);
		(void)fflush(stdout);
		free(line);
	}
	if (runner->ask->finished != NULL)
		runner->ask->finished(runner->ask->arg, record);
}

static void on_done(void *arg)
{
	struct runner *runner = arg;

	runner->over = true;
	(void)event_base_loopbreak(app_base(runner->app));
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct runner *runner = arg;

	(void)what;
	session_stop(runner->session, number == SIGINT
					  ? "stopped from the terminal before it was over"
					  : "stopped by a signal before it was over");
}

/* The flow. */

static bool add_drills(struct runner *runner)
{
	const struct runner_ask *ask = runner->ask;
	struct error error = {""};

	for (size_t i = 0; i < ask->drill_count; i++) {
		const struct runner_drill *drill = &ask->drills[i];

		if (session_add(runner->session, drill->scenario, drill->environment, &error))
			continue;
		(void)fprintf(stderr, "firedrill: %s in %s: %s\n", drill->scenario->name,
			      drill->environment->name, error.text);
		return false;
	}
	return true;
}

static void listen_to_signals(struct runner *runner)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
		    before.sa_handler == SIG_IGN)
			continue; /* started by nohup */
		runner->signals[i] =
		    evsignal_new(app_base(runner->app), numbers[i], on_signal, runner);
		(void)event_add(runner->signals[i], NULL);
	}
}

static void finish(struct runner *runner)
{
	terminal_summary(runner->terminal);
	if (session_dropped(runner->session) > 0)
		runner->exit_code = exit_code_worst(runner->exit_code, EXIT_ABORTED);
	for (size_t i = 0; i < sizeof runner->signals / sizeof runner->signals[0]; i++) {
		if (runner->signals[i] != NULL)
			event_free(runner->signals[i]);
	}
	session_free(runner->session);
	terminal_free(runner->terminal);
	message_writer_free(runner->writer);
}

int runner_run(struct app *app, const struct runner_ask *ask)
{
	FILE *view = ask->json ? stderr : stdout;
	struct runner runner = {.ask = ask, .app = app, .exit_code = EXIT_PASS};
	const struct drill_world world = {
	    .base = app_base(app),
	    .config = app_config(app),
	    .faults = app_faults(app),
	    .ledger = app_ledger(app),
	    .secrets = app_secrets(app),
	    .chat = on_chat,
	    .write_post = on_write_post,
	    .write_details = on_write_details,
	    .changed = on_changed,
	    .arg = &runner,
	};
	const struct drill_options options = {.allow_protected = ask->allow_protected};

	runner.terminal = terminal_new(world.base, view, terminal_options_for(view));
	runner.writer = message_writer_new();
	runner.session = session_new(&world, &options, on_finished, on_done, &runner);
	if (!add_drills(&runner)) {
		runner.exit_code = EXIT_USAGE;
	} else {
		listen_to_signals(&runner);
		session_start(runner.session);
		while (!runner.over && event_base_dispatch(world.base) == 0)
			continue;
	}
	finish(&runner);
	return (int)runner.exit_code;
}
