/* What a running firedrill holds, and the order in which it comes and goes. */
#include "src/program/app.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "probes/faults/canary_host.h"
#include "probes/faults/fault_process.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define LOOK_MS 50 /* between two looks while the loop runs until something is over */

/* One chat of the configuration, once it was needed. */
struct open_chat {
	const struct chat_settings *settings; /* borrowed from the configuration */
	const struct chat_driver *driver;
	struct chat *chat;         /* owned */
	struct channels *channels; /* owned; NULL until the first reader */
	struct chat_op *check;     /* owned; tells the chat its own address, for permalinks */
	struct open_chat *next;    /* owned */
};

struct app {
	struct config *config;          /* owned */
	struct scenario_list scenarios; /* owned */
	struct secrets *secrets;        /* owned */
	struct event_base *base;        /* owned */
	struct http *http;              /* owned */
	struct ledger *ledger;          /* owned */
	struct locks *locks;            /* owned */
	struct open_chat *chats;        /* owned */
	struct fault_context faults;    /* its canaries and children are owned */
};

static struct app *load(const struct options *options, bool with_scenarios)
{
	struct app *app = mem_zalloc(sizeof *app);
	struct mistakes mistakes = {0};
	bool good;

	app->config = load_config(options_config_path(options), &mistakes);
	good = app->config != NULL &&
	       (!with_scenarios || load_scenarios(app->config, &app->scenarios, &mistakes));
	if (!good) {
		mistakes_print(&mistakes, stderr);
		(void)fprintf(stderr, "firedrill: %zu mistake%s; nothing was done\n",
			      mistakes.count, mistakes.count == 1 ? "" : "s");
		app_free(app);
		app = NULL;
	}
	mistakes_done(&mistakes);
	return app;
}

struct app *app_load(const struct options *options)
{
	return load(options, true);
}

struct app *app_load_config(const struct options *options)
{
	return load(options, false);
}

void app_set_state(struct app *app, const char *state)
{
	char *kept = mem_dup(state);

	free(app->config->state);
	app->config->state = kept;
}

bool app_open_state(struct app *app, struct error *error)
{
	app->ledger = ledger_open(app->config->state, error);
	if (app->ledger != NULL && app->locks == NULL)
		app->locks = locks_open(app->config->state, error);
	return app->ledger != NULL && app->locks != NULL;
}

bool app_open_asking(struct app *app, struct error *error)
{
	app->secrets = secrets_new();
	app->base = event_base_new();
	if (app->base == NULL)
		return error_set(error, "the event loop could not be started");
	app->http = http_new(app->base);
	app->faults = (struct fault_context){
	    .base = app->base,
	    .http = app->http,
	    .secrets = app->secrets,
	    .children = fault_children_new(),
	};
	return true;
}

bool app_open_settling(struct app *app, struct locks *locks, struct error *error)
{
	app->locks = locks;
	return app_open_asking(app, error) && app_open_state(app, error);
}

bool app_open(struct app *app, struct error *error)
{
	if (!app_open_settling(app, NULL, error))
		return false;
	if (app->config->canary.listen == NULL)
		return true;
	app->faults.canaries = canary_host_new(app->base, app->config->canary.listen, error);
	return app->faults.canaries != NULL;
}

void app_free(struct app *app)
{
	if (app == NULL)
		return;
	while (app->chats != NULL) {
		struct open_chat *gone = app->chats;

		app->chats = gone->next;
		channels_free(gone->channels);
		gone->driver->cancel(gone->check);
		gone->driver->close(gone->chat);
		free(gone);
	}
	fault_children_free(app->faults.children);
	canary_host_free(app->faults.canaries);
	http_free(app->http);
	if (app->base != NULL)
		event_base_free(app->base);
	ledger_close(app->ledger);
	locks_close(app->locks); /* last: others may work on it from now on */
	secrets_free(app->secrets);
	scenario_list_done(&app->scenarios);
	config_free(app->config);
	free(app);
}

const struct config *app_config(const struct app *app)
{
	return app->config;
}

const struct scenario_list *app_scenarios(const struct app *app)
{
	return &app->scenarios;
}

const struct scenario *app_scenario(const struct app *app, const char *name)
{
	for (size_t i = 0; i < app->scenarios.count; i++) {
		if (strcmp(app->scenarios.list[i]->name, name) == 0)
			return app->scenarios.list[i];
	}
	return NULL;
}

struct event_base *app_base(struct app *app)
{
	return app->base;
}

struct ledger *app_ledger(struct app *app)
{
	return app->ledger;
}

struct locks *app_locks(struct app *app)
{
	return app->locks;
}

struct secrets *app_secrets(struct app *app)
{
	return app->secrets;
}

const struct fault_context *app_faults(struct app *app)
{
	return &app->faults;
}

static void on_checked(void *arg, const struct chat_reply *reply)
{
	struct open_chat *open = arg;

	(void)reply; /* a bad token is told by the first read, with what to do */
	open->check = NULL;
}

static struct open_chat *open_chat(struct app *app, const char *name, struct error *error)
{
	const struct chat_settings *settings = config_chat(app->config, name);
	const struct chat_driver *driver;
	struct open_chat *open;
	struct chat *chat;

	for (open = app->chats; open != NULL; open = open->next) {
		if (strcmp(open->settings->name, name) == 0)
			return open;
	}
	driver = settings != NULL ? chat_driver_find(settings->type) : NULL;
	if (driver == NULL) {
		(void)error_set(error, "there is no chat \"%s\" in %s", name, app->config->file);
		return NULL;
	}
	chat = driver->open(settings, app->http, app->secrets, error);
	if (chat == NULL)
		return NULL;
	open = mem_zalloc(sizeof *open);
	*open = (struct open_chat){settings, driver, chat, NULL, NULL, app->chats};
	app->chats = open;
	open->check = driver->check(chat, on_checked, open);
	return open;
}

struct channels *app_channels(void *arg, const char *chat, struct error *error)
{
	struct app *app = arg;
	struct open_chat *open = open_chat(app, chat, error);

	if (open == NULL)
		return NULL;
	if (open->channels == NULL) {
		open->channels =
		    channels_new(app->base, open->driver, open->chat, open->settings->poll_ms);
		if (open->settings->requests_per_minute > 0)
			channels_set_limit(open->channels, open->settings->requests_per_minute);
	}
	return open->channels;
}

struct chat *app_chat(struct app *app, const char *name, const struct chat_driver **ret_driver,
		      struct error *error)
{
	struct open_chat *open = open_chat(app, name, error);

	if (open == NULL)
		return NULL;
	*ret_driver = open->driver;
	return open->chat;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* to end a turn of the loop is all it is for */
}

bool app_run_until(struct app *app, bool (*is_over)(void *arg), void *arg, int64_t limit_ms)
{
	const struct timeval every = {.tv_usec = LOOK_MS * 1000};
	struct event *look = event_new(app->base, -1, EV_PERSIST, on_look, NULL);
	int64_t end_ms = clock_ms() + limit_ms;
	bool over;

	(void)event_add(look, &every);
	do
		over = is_over(arg);
	while (!over && clock_ms() < end_ms && event_base_loop(app->base, EVLOOP_ONCE) == 0);
	event_free(look);
	return over;
}
