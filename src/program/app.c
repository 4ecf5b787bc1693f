/* What a running firedrill holds, and the order in which it comes and goes. */
#include "src/program/app.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* What there is once, however many configurations are at work in a process. All owned. */
struct common {
	size_t users; /* apps */
	struct event_base *base;
	struct http *http;
	struct ledger *ledger;
	struct canary_host *canaries;
	struct fault_children *children;
};

struct app {
	struct config *config;          /* owned */
	struct scenario_list scenarios; /* owned */
	struct secrets *secrets;        /* owned; read anew for each configuration */
	struct open_chat *chats;        /* owned */
	struct fault_context faults;    /* all of it is borrowed */
	struct common *common;          /* owned together with the others */
	struct locks *locks;            /* owned; shared with the guardian of this one only */
};

static struct common *common_new(void)
{
	struct common *common = mem_zalloc(sizeof *common);

	common->users = 1;
	return common;
}

static void common_free(struct common *common)
{
	if (--common->users > 0)
		return;
	fault_children_free(common->children);
	canary_host_free(common->canaries);
	http_free(common->http);
	if (common->base != NULL)
		event_base_free(common->base);
	ledger_close(common->ledger);
	free(common);
}

static struct app *load(const struct options *options, bool with_scenarios,
			struct mistakes *mistakes)
{
	struct app *app = mem_zalloc(sizeof *app);

	app->common = common_new();
	app->config = load_config(options_config_path(options), mistakes);
	if (app->config != NULL &&
	    (!with_scenarios || load_scenarios(app->config, &app->scenarios, mistakes)))
		return app;
	app_free(app);
	return NULL;
}

void app_print_mistakes(const struct options *options, const struct mistakes *mistakes)
{
	mistakes_print(mistakes, stderr);
	(void)fprintf(stderr, "firedrill: %zu mistake%s; nothing was done\n", mistakes->count,
		      mistakes->count == 1 ? "" : "s");
	if (access(options_config_path(options), F_OK) != 0)
		(void)fputs("firedrill: there is no configuration: write a first one with "
			    "`firedrill init`, or say where it is with --config FILE\n",
			    stderr);
}

static struct app *load_or_print(const struct options *options, bool with_scenarios)
{
	struct mistakes mistakes = {0};
	struct app *app = load(options, with_scenarios, &mistakes);

	if (app == NULL) {
		app_print_mistakes(options, &mistakes);
	}
	mistakes_done(&mistakes);
	return app;
}

struct app *app_load(const struct options *options)
{
	return load_or_print(options, true);
}

struct app *app_load_config(const struct options *options)
{
	return load_or_print(options, false);
}

struct app *app_load_quietly(const struct options *options, struct mistakes *mistakes)
{
	return load(options, false, mistakes);
}

void app_set_scenarios(struct app *app, const struct scenario_list *scenarios)
{
	app->scenarios = *scenarios;
}

void app_set_state(struct app *app, const char *state)
{
	char *kept = mem_dup(state);

	free(app->config->state);
	app->config->state = kept;
}

bool app_open_state(struct app *app, struct error *error)
{
	struct common *common = app->common;

	common->ledger = ledger_open(app->config->state, error);
	if (common->ledger != NULL && app->locks == NULL)
		app->locks = locks_open(app->config->state, error);
	return common->ledger != NULL && app->locks != NULL;
}

static void begin_asking(struct app *app)
{
	const struct common *common = app->common;

	app->secrets = secrets_new();
	app->faults = (struct fault_context){
	    .base = common->base,
	    .http = common->http,
	    .secrets = app->secrets,
	    .canaries = common->canaries,
	    .children = common->children,
	};
}

bool app_open_asking(struct app *app, struct error *error)
{
	struct common *common = app->common;

	common->base = event_base_new();
	if (common->base == NULL)
		return error_set(error, "the event loop could not be started");
	common->http = http_new(common->base);
	common->children = fault_children_new();
	begin_asking(app);
	return true;
}

bool app_open_settling(struct app *app, struct locks *locks, struct error *error)
{
	app->locks = locks;
	return app_open_asking(app, error) && app_open_state(app, error);
}

static bool open_canaries(struct app *app, struct error *error)
{
	struct common *common = app->common;
	const char *listen = app->config->canary.listen;

	if (listen != NULL && common->canaries == NULL)
		common->canaries = canary_host_new(common->base, listen, error);
	app->faults.canaries = common->canaries;
	return listen == NULL || common->canaries != NULL;
}

bool app_open(struct app *app, struct error *error)
{
	return app_open_settling(app, NULL, error) && open_canaries(app, error);
}

/* What both have in common cannot be another for the new one. */
static bool is_as_before(const char *key, const char *before, const char *now, struct error *error)
{
	if (before == NULL || (now != NULL && strcmp(before, now) == 0))
		return true;
	return error_set(error,
			 "%s is another one (\"%.100s\", it was \"%.100s\"): restart firedrill for "
			 "that to count",
			 key, now != NULL ? now : "", before);
}

bool app_open_beside(struct app *app, struct app *older, struct error *error)
{
	const struct config *before = older->config, *now = app->config;

	if (!is_as_before("state", before->state, now->state, error) ||
	    !is_as_before("canary.listen", before->canary.listen, now->canary.listen, error))
		return false;
	common_free(app->common);
	app->common = older->common;
	app->common->users++;
	begin_asking(app);
	app->locks = locks_open(locks_ledger(older->locks), error);
	return app->locks != NULL && open_canaries(app, error);
}

bool app_free_scenario(struct app *app)
{
	struct scenario_list *scenarios = &app->scenarios;

	if (scenarios->count == 0)
		return false;
	scenario_free(scenarios->list[--scenarios->count]);
	return true;
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
	common_free(app->common);
	locks_close(app->locks); /* after the ledger: others may work on it from now on */
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
	return app->common->base;
}

struct ledger *app_ledger(struct app *app)
{
	return app->common->ledger;
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
	chat = driver->open(settings, app->common->http, app->secrets, error);
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
		open->channels = channels_new(app->common->base, open->driver, open->chat,
					      open->settings->poll_ms);
		if (open->settings->requests_per_minute > 0)
			channels_set_limit(open->channels, open->settings->requests_per_minute);
	}
	return open->channels;
}

void app_visit_readers(const struct app *app,
		       void (*visit)(void *arg, const char *chat, const struct channels *channels),
		       void *arg)
{
	for (const struct open_chat *open = app->chats; open != NULL; open = open->next) {
		if (open->channels != NULL)
			visit(arg, open->settings->name, open->channels);
	}
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
	struct event *look = event_new(app->common->base, -1, EV_PERSIST, on_look, NULL);
	int64_t end_ms = clock_ms() + limit_ms;
	bool over;

	(void)event_add(look, &every);
	do
		over = is_over(arg);
	while (!over && clock_ms() < end_ms &&
	       event_base_loop(app->common->base, EVLOOP_ONCE) == 0);
	event_free(look);
	return over;
}
