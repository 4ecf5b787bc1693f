/* One configuration after another: the new one takes over when its guardian watches, the old one ends
 * when its drills are over; with any mistake all stays as it was. */
#include <event2/event.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/secret.h"
#include "src/base/text.h"
#include "src/program/chronicle.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/door.h"
#include "src/program/serve/heartbeat.h"
#include "src/program/serve/notices.h"
#include "src/program/serve/service.h"
#include "src/program/serve/web.h"
#include "src/program/shift.h"

#define SETTLED_BY "firedrill serve" /* who puts right what earlier lives left */
#define SLICE_MS   5                 /* of reading or freeing, in one turn of the loop */

static const struct timeval at_once = {0};

bool daemon_try(struct daemon *daemon, struct generation *generation, struct error *error)
{
	const struct shift_ask ask = {.settled_by = SETTLED_BY, .stays = true};
	const struct shift_hears hears = daemon_shift_hears(generation);

	generation->daemon = daemon;
	daemon->coming = generation;
	if (!daemon_begin_telling(generation, error))
		return false;
	generation->shift = shift_new(generation->app, daemon->chronicle, &ask, &hears);
	shift_start(generation->shift);
	return true;
}

/* Taking over. */

/* A daemon that never runs a drill looks just like one that is well. */
static void warn_of_idleness(struct daemon *daemon)
{
	static const char *const pairs[] = {
	    "do", "write schedule = \"17 * * * *\"; into in.NAME of a scenario, and reload", NULL};

	if (daemon->now->item_count == 0)
		log_event(daemon->log, LEVEL_WARN,
			  "no scenario has a schedule: drills run by hand only", pairs);
}

/* It is needed only when all else fails: then it is too late to say so. */
static void warn_of_second(struct daemon *daemon, const char *key, const char *reference)
{
	struct error error = {""};
	const char *const pairs[] = {"key", key, "why", error.text, "do", "see `firedrill doctor`",
				     NULL};

	if (reference != NULL &&
	    secret_resolve(app_secrets(daemon->now->app), reference, &error) == NULL)
		log_event(daemon->log, LEVEL_WARN, "the second path cannot be used", pairs);
}

/* Without its token no drill that reads the chat can come to anything. */
static void warn_of_secrets(struct daemon *daemon)
{
	const struct config *config = app_config(daemon->now->app);

	for (size_t i = 0; i < config->chat_count; i++) {
		const struct chat_settings *chat = &config->chats[i];
		struct error error = {""};
		const char *const pairs[] = {
		    "chat", chat->name, "why", error.text, "do", "see `firedrill doctor`", NULL};

		if (secret_resolve(app_secrets(daemon->now->app), chat->token, &error) == NULL)
			log_event(daemon->log, LEVEL_WARN,
				  "a chat cannot be used: its drills will be inconclusive", pairs);
	}
	warn_of_second(daemon, "report.second.webhook", config->report.second.webhook);
	warn_of_second(daemon, "report.second.mail.password", config->report.second.mail.password);
}

void daemon_say_status(struct daemon *daemon)
{
	if (daemon->lost != NULL)
		service_status(daemon->service, "The ledger is lost: no drill begins; see the log");
	else if (daemon->reload_failed)
		service_status(daemon->service, "The last reload failed: see the log");
	else
		service_status(daemon->service,
			       daemon->now->item_count > 0
				   ? "Drills run by their schedules"
				   : "No scenario has a schedule: drills run by hand only");
}

static void log_loaded(struct daemon *daemon, const char *msg)
{
	const struct generation *now = daemon->now;
	const struct config *config = app_config(now->app);
	char scenarios[24], scheduled[24],
	    pages[128]; /* pages: so that a terminal makes it a link */
	const char *const pairs[] = {"version",   FIREDRILL_VERSION, "config",    config->file,
				     "state",     config->state,     "scenarios", scenarios,
				     "scheduled", scheduled,         "pages",     pages,
				     NULL};

	(void)snprintf(scenarios, sizeof scenarios, "%zu", app_scenarios(now->app)->count);
	(void)snprintf(scheduled, sizeof scheduled, "%zu", now->item_count);
	(void)snprintf(pages, sizeof pages, "http://%s/", web_address(daemon->web));
	log_event(daemon->log, LEVEL_INFO, msg, pairs);
	warn_of_idleness(daemon);
	warn_of_secrets(daemon);
	daemon_say_status(daemon);
}

static void retire(struct generation *older)
{
	if (older == NULL)
		return;
	heartbeat_free(older->heartbeat); /* one heart */
	older->heartbeat = NULL;
	shift_close(older->shift);
}

void daemon_take_over(struct generation *generation)
{
	struct daemon *daemon = generation->daemon;
	bool first = daemon->now == NULL;

	generation->older = daemon->now;
	daemon->now = generation;
	daemon->coming = NULL;
	if (generation->older != NULL)
		shift_inherit(generation->shift, generation->older->shift);
	retire(generation->older);
	if (generation->older != NULL)
		notices_take_over(generation->notices, generation->older->notices);
	daemon->reload_failed = false;
	generation_plan(generation, daemon->planner, daemon->history);
	if (first)
		daemon_repeat_lost(daemon);
	daemon_plan_digest(daemon);
	daemon_web_reloaded(daemon);
	door_loaded(daemon->door, app_config(generation->app)->file, generation->loaded_wall_ms);
	log_loaded(daemon, first ? "started" : "reloaded");
	service_ready(daemon->service);
	daemon_look_soon(daemon);
	if (daemon->reload_again)
		daemon_reload(daemon);
}

static void fail(struct daemon *daemon, const char *why)
{
	const char *const pairs[] = {"why", why, NULL};

	daemon->reload_failed = true;
	log_event(daemon->log, LEVEL_ERROR,
		  "reload failed: the configuration before it stays at work", pairs);
	daemon_say_status(daemon);
	service_ready(daemon->service);
	if (daemon->reload_again)
		daemon_look_soon(daemon);
}

void daemon_not_come(struct generation *generation)
{
	struct daemon *daemon = generation->daemon;
	const char *why = shift_trouble(generation->shift);

	if (daemon->now != NULL && !daemon->stopping) {
		fail(daemon, why != NULL ? why : "its life ended");
	} else if (daemon->now == NULL) {
		const char *const pairs[] = {"why", why, NULL};

		log_event(daemon->log, why != NULL ? LEVEL_ERROR : LEVEL_INFO, "did not begin",
			  pairs);
		daemon->exit_code = why != NULL ? EXIT_REFUSED : EXIT_PASS;
		daemon->over = true;
	}
}

/* Letting go. */

static void free_on(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;
	struct generation *gone = daemon->gone;
	int64_t until_ms = clock_ms() + SLICE_MS;
	bool more = true;

	(void)fd;
	(void)what;
	while (more && clock_ms() < until_ms)
		more = generation_free_step(gone);
	if (!more) {
		daemon->gone = gone->older;
		generation_free(gone);
		(void)malloc_trim(0); /* what is left of it lies between what is new */
	}
	if (daemon->gone != NULL)
		(void)event_add(daemon->free_on, &at_once);
}

static void let_go(struct daemon *daemon, struct generation *generation)
{
	generation->older = daemon->gone;
	daemon->gone = generation;
	if (daemon->free_on == NULL)
		daemon->free_on = evtimer_new(app_base(daemon->now->app), free_on, daemon);
	(void)event_add(daemon->free_on, &at_once);
}

/* Reading anew. */

static void log_mistakes(struct daemon *daemon, const struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->count; i++) {
		const struct mistake *mistake = &mistakes->list[i];
		char line[24];
		const char *const pairs[] = {"file", mistake->file,
					     "line", mistake->line > 0 ? line : NULL,
					     "key",  mistake->key[0] != '\0' ? mistake->key : NULL,
					     "text", mistake->text,
					     NULL};

		(void)snprintf(line, sizeof line, "%d", mistake->line);
		log_event(daemon->log, LEVEL_ERROR, "mistake", pairs);
	}
}

/* What the pages are served by is opened once. */
static bool check_serve(const struct daemon *daemon, const struct generation *generation,
			struct error *error)
{
	const struct config *before = app_config(daemon->now->app);
	const struct config *now = app_config(generation->app);

	return (text_is_same(before->serve.listen, now->serve.listen) &&
		text_is_same(before->serve.token, now->serve.token)) ||
	       error_set(error, "`serve.listen` or `serve.token` is another one: restart "
				"firedrill for that to count");
}

static bool open_beside(struct daemon *daemon, struct generation *generation, struct error *error)
{
	if (!app_open_beside(generation->app, daemon->now->app, error) ||
	    !check_serve(daemon, generation, error)) {
		let_go(daemon, generation);
		return false;
	}
	if (daemon_try(daemon, generation, error))
		return true;
	daemon->coming = NULL;
	let_go(daemon, generation);
	return false;
}

/* All was read. */
static void end_reading(struct daemon *daemon)
{
	struct generation *generation;
	bool whole = generation_loader_end(daemon->loader, &generation);
	struct error error = {""};

	daemon->loader = NULL;
	log_mistakes(daemon, &daemon->mistakes);
	mistakes_done(&daemon->mistakes);
	if (!whole) {
		let_go(daemon, generation);
		fail(daemon, "there are mistakes in it: see the lines above and `firedrill check`");
	} else if (!open_beside(daemon, generation, &error)) {
		fail(daemon, error.text);
	}
}

/* Drills go on meanwhile: a turn of the loop reads no longer than that, and one file. */
static void read_on(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;
	int64_t until_ms = clock_ms() + SLICE_MS;
	bool more = true;

	(void)fd;
	(void)what;
	while (more && clock_ms() < until_ms)
		more = generation_loader_step(daemon->loader);
	if (more)
		(void)event_add(daemon->read_on, &at_once);
	else
		end_reading(daemon);
}

void daemon_reload(struct daemon *daemon)
{
	if (daemon->stopping)
		return;
	daemon->reload_again = daemon->coming != NULL || daemon->loader != NULL;
	if (daemon->reload_again)
		return;
	log_event(daemon->log, LEVEL_INFO, "reloading", NULL);
	service_reloading(daemon->service);
	if (daemon->read_on == NULL)
		daemon->read_on = evtimer_new(app_base(daemon->now->app), read_on, daemon);
	daemon->loader = generation_loader_new(daemon->options, &daemon->mistakes);
	(void)event_add(daemon->read_on, &at_once);
}

void daemon_drop_reload(struct daemon *daemon)
{
	struct generation *generation;

	if (daemon->loader == NULL)
		return;
	(void)event_del(daemon->read_on);
	(void)!generation_loader_end(daemon->loader, &generation);
	let_go(daemon, generation);
	daemon->loader = NULL;
	mistakes_done(&daemon->mistakes);
}

void daemon_reload_again(struct daemon *daemon)
{
	if (daemon->reload_again && daemon->coming == NULL && daemon->loader == NULL)
		daemon_reload(daemon);
}

/* Ending. */

/* From the loop, and from inside no call of theirs. */
void daemon_free_ended(struct daemon *daemon)
{
	struct generation **at = daemon->now != NULL ? &daemon->now->older : NULL;

	if (daemon->now != NULL && daemon->coming != NULL && daemon->coming->over) {
		let_go(daemon, daemon->coming);
		daemon->coming = NULL;
	}
	while (at != NULL && *at != NULL) {
		struct generation *generation = *at;

		if (generation_is_done(generation) &&
		    !notices_uses(daemon->now->notices, generation->app)) {
			*at = generation->older;
			let_go(daemon, generation);
		} else {
			at = &generation->older;
		}
	}
}
