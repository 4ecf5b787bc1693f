/* Running drills for a person or a script. */
#include "src/program/runner.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/alarm.h"
#include "probes/chats/webhook.h"
#include "probes/conditions/condition.h"
#include "probes/hops/hop.h"
#include "reports/json.h"
#include "reports/message.h"
#include "reports/outlet.h"
#include "reports/phrases.h"
#include "reports/settled.h"
#include "reports/terminal.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"
#include "src/engine/life.h"
#include "src/program/chronicle.h"
#include "src/program/guardian.h"
#include "src/program/teller.h"

#define TELL_LIMIT_MS 10000 /* for the last words to arrive, once all drills are over */
#define SIGNAL_COUNT  3
#define SETTLED_BY    "the next run"

struct runner {
	const struct runner_ask *ask;        /* borrowed */
	struct app *app;                     /* borrowed */
	struct hops *hops;                   /* owned */
	struct life *life;                   /* owned */
	struct guardian *guardian;           /* owned */
	struct teller *teller;               /* owned */
	struct alarm *alarm;                 /* owned */
	struct terminal *terminal;           /* owned */
	struct outlet *json;                 /* owned; NULL: not asked for */
	struct chronicle *chronicle;         /* owned */
	bool ascii;                          /* ... has no UTF-8 */
	struct message_writer *writer;       /* owned */
	struct event *signals[SIGNAL_COUNT]; /* owned */
	int signal_count;
	sigset_t mask;          /* as it was: who has something to clean up blocks signals */
	struct event *patience; /* owned; so long nothing was seen to happen */
	bool started;           /* the life */
	bool seen;              /* ... and something of it was shown */
	bool over;
	enum exit_code exit_code;
};

/* Notes above the running drills. */

static void note(struct runner *runner, struct buf *text)
{
	terminal_note(runner->terminal, buf_text(text));
	buf_done(text);
}

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

static bool on_hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		    struct error *error)
{
	struct runner *runner = arg;

	return guardian_hold(runner->guardian, record->id, lease_wall_ms, error);
}

static void on_release(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	guardian_release(runner->guardian, record->id);
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

/* What the life calls. */

static bool is_left(const struct drill_record *record)
{
	return record->judgement.exit_code == EXIT_FAULT_LEFT && !record->evidence.left_before;
}

/* The drill's own message may not arrive where the chat is what is broken. */
static void tell_left(struct runner *runner, const struct drill_record *record)
{
	const char *left = record->evidence.revert_text;
	struct buf text = {0};

	buf_addf(&text, "firedrill: FAULT NOT REVERTED: drill %s (%s in %s): ", record->id,
		 record->scenario->name, record->environment->name);
	/* Whoever is woken must learn what is wrong with the fault, not with the alert. */
	phrase_text(&text, left != NULL ? left : record->judgement.text, PHRASE_EVIDENCE);
	buf_addf(&text,
		 ". Look at the target yourself, then run: firedrill revert %s. Until it is clean, "
		 "or set aside with: firedrill ack %s --reason \"...\", no other drill runs there.",
		 record->id, record->id);
	alarm_raise(runner->alarm, buf_text(&text));
	buf_done(&text);
	if (guardian_pid(runner->guardian) > 0)
		buf_addf(&text, "the guardian (process %d) stays and goes on trying %s; ",
			 (int)guardian_pid(runner->guardian), record->id);
	buf_addf(&text, "once you put it right yourself: firedrill ack %s --reason \"...\"",
		 record->id);
	note(runner, &text);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	terminal_finish(runner->terminal, record);
	if (is_left(record))
		tell_left(runner, record);
	if (runner->json != NULL) {
		char *line = json_report(record);

		outlet_add(runner->json, line, strlen(line));
		outlet_add(runner->json, "\n", 1);
		free(line);
	}
	chronicle_add(runner->chronicle, record);
	if (runner->ask->finished != NULL)
		runner->ask->finished(runner->ask->arg, record);
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
	teller_tell(runner->teller, settled);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	struct runner *runner = arg;
	struct buf text = {0};

	buf_addf(&text, "halted by %s: %s; what runs is put right, and nothing more is broken", by,
		 reason);
	note(runner, &text);
}

static void on_done(void *arg, enum exit_code worst)
{
	struct runner *runner = arg;

	runner->exit_code = exit_code_worst(runner->exit_code, worst);
	runner->over = true;
}

/* What else happens. */

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
		note(runner, &text);
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
		note(runner, &text);
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
		note(runner, &text);
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
	static const int numbers[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;
	sigset_t ours;

	(void)sigemptyset(&ours);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
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
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
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
	const struct drill_world drills = {
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
	    .chat = on_chat,
	    .write_post = on_write_post,
	    .write_details = on_write_details,
	    .hold = on_hold,
	    .release = on_release,
	    .changed = on_changed,
	    .arg = &runner,
	};
	const struct life_world world = {.drills = &drills,
					 .finished = on_finished,
					 .settled = on_settled,
					 .halted = on_halted,
					 .done = on_done,
					 .arg = &runner};
	const struct drill_options options = {.allow_protected = ask->allow_protected};

	(void)sigprocmask(SIG_BLOCK, NULL, &runner.mask);
	runner.terminal = terminal_new(drills.base, view, looks);
	runner.json = ask->json ? outlet_new(stdout, 0) : NULL;
	runner.writer = message_writer_new();
	runner.chronicle = chronicle_open(app);
	runner.teller = teller_new(app, SETTLED_BY, NULL, NULL);
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
