/* The daemon: its start, its life, its end. */
#include "src/program/serve/daemon.h"

#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/chronicle.h"
#include "src/program/salvage.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/digest_clock.h"
#include "src/program/serve/door.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/notices.h"
#include "src/program/serve/pages.h"
#include "src/program/serve/planned.h"
#include "src/program/serve/service.h"
#include "src/program/serve/web.h"
#include "src/program/shift.h"
#include "src/store/locks.h"

#define LOCK          "daemon" /* of a state file: one at a time */
#define LOOK_MS       250
#define TELL_LIMIT_MS 10000  /* for the last words to arrive, once all drills are over */
#define LARGE_BYTES   131072 /* and more at once: pages, tables; goes back when it is freed */
#define WRITE_WAIT_MS 2000   /* for another process that writes the history, at the end */

/* Starting: whatever goes wrong here is said in words, and nothing has begun. */

static struct generation *load(struct daemon *daemon)
{
	struct mistakes mistakes = {0};
	struct generation *generation = generation_load(daemon->options, &mistakes);

	if (generation == NULL)
		app_print_mistakes(daemon->options, &mistakes);
	mistakes_done(&mistakes);
	return generation;
}

static void name_other(const char *state, struct error *error)
{
	struct door_look other;

	if (door_look(state, &other)) {
		(void)error_set(error,
				"another daemon works with the state file %s (process %d): let it "
				"do so, or stop it first; `firedrill run` hands its drills to it",
				state, other.pid);
		door_look_done(&other);
	} else {
		(void)error_set(error,
				"another daemon works with the state file %s: let it do so, or "
				"stop it first",
				state);
	}
}

/* By an open file of its own, which no guardian inherits: the lock ends with this very process. */
static bool be_alone(struct daemon *daemon, struct app *app, struct error *error)
{
	const char *state = app_config(app)->state;

	daemon->alone = locks_open(state, error);
	if (daemon->alone == NULL)
		return false;
	switch (locks_take(daemon->alone, LOCK, error)) {
	case LOCK_TAKEN:
		return true;
	case LOCK_BUSY:
		name_other(state, error);
		break;
	case LOCK_FAILED:
		break;
	}
	return false;
}

static void open_history(struct daemon *daemon, struct app *app)
{
	const char *const *pairs;

	daemon->chronicle = chronicle_open(app);
	daemon->history = chronicle_history(daemon->chronicle);
	daemon->planned = planned_new(app_base(app), daemon->chronicle);
	pairs = (const char *const[]){"why", chronicle_trouble(daemon->chronicle), NULL};
	if (daemon->history == NULL)
		log_event(daemon->log, LEVEL_ERROR, "no history", pairs);
}

static void on_look(evutil_socket_t fd, short what, void *arg);
static void on_signal(evutil_socket_t number, short what, void *arg);

/* Everything that there is once, however often the configuration is read. */
static bool open_common(struct daemon *daemon, struct app *app, struct error *error)
{
	const struct planner_hears hears = daemon_planner_hears(daemon);
	struct event_base *base = app_base(app);

	open_history(daemon, app);
	daemon->look = evtimer_new(base, on_look, daemon);
	daemon->planner = planner_new(base, &hears);
	daemon->service = service_new(base, error);
	return daemon->service != NULL && daemon_open_web(daemon, error) &&
	       daemon_open_door(daemon, error);
}

static void listen_to_signals(struct daemon *daemon, struct event_base *base)
{
	static const int numbers[DAEMON_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t ours;

	(void)sigemptyset(&ours);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		daemon->signals[i] = evsignal_new(base, numbers[i], on_signal, daemon);
		(void)event_add(daemon->signals[i], NULL);
		(void)sigaddset(&ours, numbers[i]);
	}
	(void)sigprocmask(SIG_UNBLOCK, &ours, &daemon->mask);
}

/* Of a ledger that is damaged, what can still be read is told at once. */
static bool open_app(struct daemon *daemon, struct app *app, struct error *error)
{
	if (app_open(app, error))
		return true;
	if (app_ledger(app) == NULL) {
		daemon->exit_code = salvage_tell(app_config(app)->state, error);
		*error = (struct error){""};
	}
	return false;
}

static bool begin(struct daemon *daemon)
{
	struct error error = {""};
	struct app *app;

	daemon->coming = load(daemon);
	if (daemon->coming == NULL)
		return false;
	app = daemon->coming->app;
	/* First of all: whatever else another daemon has, as the port of canaries, is in the way, too. */
	if (be_alone(daemon, app, &error) && open_app(daemon, app, &error) &&
	    open_common(daemon, app, &error)) {
		listen_to_signals(daemon, app_base(app));
		if (daemon_try(daemon, daemon->coming, &error))
			return true;
	}
	if (error.text[0] != '\0')
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return false;
}

/* Living. */

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	if (number == SIGHUP)
		daemon_reload(daemon);
	else if (++daemon->stop_count == 1)
		daemon_stop(daemon, number == SIGINT ? "stopped from the terminal (SIGINT)"
						     : "stopped by SIGTERM");
	else
		log_event(daemon->log, LEVEL_WARN,
			  "still putting it right; the guardian finishes it if you kill this "
			  "process",
			  NULL);
}

static void mask_secrets(void *arg, char *text)
{
	const struct daemon *daemon = arg;

	for (const struct generation *at = daemon->now; at != NULL; at = at->older)
		secret_mask(app_secrets(at->app), text);
	if (daemon->coming != NULL)
		secret_mask(app_secrets(daemon->coming->app), text);
}

/* One that could not be opened at the start is there now: for all who look into it, too. */
static void take_history(struct daemon *daemon)
{
	struct history *history = chronicle_history(daemon->chronicle);

	if (history == daemon->history)
		return;
	daemon->history = history;
	if (daemon->now != NULL) {
		notices_set_history(daemon->now->notices, history);
		daemon_web_reloaded(daemon);
	}
	if (daemon->coming != NULL && daemon->coming->notices != NULL)
		notices_set_history(daemon->coming->notices, history);
	daemon_web_remember(daemon);
}

/* What could not be written before: said once, and once when it can be written again. */
static bool write_history(struct daemon *daemon, int64_t wait_ms)
{
	struct error error = {""};
	bool written;

	chronicle_write(daemon->chronicle);
	take_history(daemon);
	written = planned_write(daemon->planned, wait_ms, &error) &&
		  chronicle_trouble(daemon->chronicle) == NULL;
	if (!written && !daemon->unwritten_told) {
		const char *why =
		    error.text[0] != '\0' ? error.text : chronicle_trouble(daemon->chronicle);
		const char *const pairs[] = {"why", why, NULL};

		log_event(daemon->log, LEVEL_WARN, "the history cannot be written just now", pairs);
	} else if (written && daemon->unwritten_told) {
		log_event(daemon->log, LEVEL_INFO, "the history is written again", NULL);
	}
	daemon->unwritten_told = !written;
	return written;
}

static bool are_over(const struct daemon *daemon, bool told)
{
	bool over = daemon->coming == NULL;

	for (const struct generation *at = daemon->now; at != NULL; at = at->older)
		over = over && at->over && (!told || generation_is_done(at));
	return over;
}

static void look_at_end(struct daemon *daemon)
{
	if (!daemon->stopping || !are_over(daemon, false))
		return;
	if (daemon->give_up_ms == 0)
		daemon->give_up_ms = clock_ms() + TELL_LIMIT_MS;
	daemon->over = are_over(daemon, true) || clock_ms() > daemon->give_up_ms;
}

void daemon_look_soon(struct daemon *daemon)
{
	static const struct timeval soon = {.tv_usec = LOOK_MS * 1000};

	if (!evtimer_pending(daemon->look, NULL))
		(void)event_add(daemon->look, &soon);
}

/* Only while there is something to look at: a daemon that waits sleeps. */
static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;
	bool written = write_history(daemon, 0);

	(void)fd;
	(void)what;
	daemon_free_ended(daemon);
	daemon_reload_again(daemon);
	look_at_end(daemon);
	if (!written || daemon->stopping || daemon->now == NULL || daemon->now->older != NULL)
		daemon_look_soon(daemon);
}

static void live(struct daemon *daemon)
{
	struct generation *any = daemon->coming;

	while (!daemon->over && event_base_loop(app_base(any->app), EVLOOP_ONCE) == 0)
		any = daemon->now != NULL ? daemon->now : daemon->coming;
}

/* Ending. */

void daemon_stop(struct daemon *daemon, const char *why)
{
	const char *const pairs[] = {"why", why, NULL};

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	log_event(daemon->log, LEVEL_INFO, "stopping", pairs);
	service_stopping(daemon->service);
	daemon_drop_reload(daemon);
	planner_pause(daemon->planner, "firedrill was about to end");
	for (struct generation *at = daemon->now; at != NULL; at = at->older)
		shift_stop(at->shift, why);
	if (daemon->coming != NULL)
		shift_stop(daemon->coming->shift, why);
	daemon_look_soon(daemon);
}

static void say_bye(struct daemon *daemon)
{
	char code[16];
	const char *const pairs[] = {"exit_code", code, NULL};

	(void)write_history(daemon, WRITE_WAIT_MS);
	if (!are_over(daemon, true))
		log_event(daemon->log, LEVEL_WARN, "not everybody could be told of what happened",
			  NULL);
	(void)snprintf(code, sizeof code, "%d", (int)daemon->exit_code);
	log_event(daemon->log, daemon->exit_code == EXIT_FAULT_LEFT ? LEVEL_ERROR : LEVEL_INFO,
		  "stopped", pairs);
}

static void free_events(struct daemon *daemon)
{
	(void)sigprocmask(SIG_SETMASK, &daemon->mask, NULL);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		if (daemon->signals[i] != NULL)
			event_free(daemon->signals[i]);
	}
	if (daemon->look != NULL)
		event_free(daemon->look);
	if (daemon->read_on != NULL)
		event_free(daemon->read_on);
	if (daemon->free_on != NULL)
		event_free(daemon->free_on);
}

static void free_all(struct generation *first)
{
	while (first != NULL) {
		struct generation *gone = first;

		first = gone->older;
		generation_free(gone);
	}
}

/* The last to go are the configurations, with the loop and the ledger that they have in common. */
static void end(struct daemon *daemon)
{
	if (daemon->now != NULL)
		say_bye(daemon);
	daemon_drop_reload(daemon);
	log_set_mask(daemon->log, NULL, NULL);
	door_free(daemon->door);
	web_free(daemon->web);
	pages_free(daemon->pages);
	meter_free(daemon->meter);
	planner_free(daemon->planner);
	service_free(daemon->service);
	digest_clock_free(daemon->digest);
	free_events(daemon);
	planned_free(daemon->planned);
	free_all(daemon->gone);
	free_all(daemon->now);
	daemon->gone = daemon->now = NULL;
	generation_free(daemon->coming);
	if (daemon->chronicle != NULL)
		chronicle_close(daemon->chronicle);
	locks_close(daemon->alone);
	free(daemon->running);
	free(daemon->lost);
	log_free(daemon->log);
}

/* glibc raises its threshold to the largest block that was freed, and keeps such blocks from then on;
 * one that is set stays. mallopt(3) */
static void give_memory_back(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
}

int daemon_run(const struct options *options, enum log_level level)
{
	struct daemon daemon = {.options = options, .exit_code = EXIT_PASS};

	(void)sigprocmask(SIG_BLOCK, NULL, &daemon.mask);
	give_memory_back();
	daemon.log = log_new(stderr, level);
	log_set_mask(daemon.log, mask_secrets, &daemon);
	if (begin(&daemon))
		live(&daemon);
	else if (daemon.exit_code == EXIT_PASS)
		daemon.exit_code = EXIT_USAGE;
	end(&daemon);
	return (int)daemon.exit_code;
}
