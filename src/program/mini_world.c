/* A miniature world. */
#include "src/program/mini_world.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/child.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define START_LIMIT 60 /* seconds until the world must be ready; longer only if it hangs */
#define LINE_LIMIT  16384
#define WORDS_MAX   8

struct mini_world {
	const struct mini_world_kind *kind; /* borrowed */
	const char *program;                /* borrowed; fake-services */
	struct event_base *base;            /* owned; only to start and end the child */
	struct child *child;                /* owned */
	struct buf line;                    /* what the world said so far */
	char *end;                          /* owned; how it ended, if it did */
	char *folder;                       /* owned */
	char *config;                       /* owned; path */
	char *chat;                         /* owned; address */
};

static void on_output(void *arg, const char *data, size_t len)
{
	struct mini_world *world = arg;

	buf_add(&world->line, data, len);
	if (strchr(buf_text(&world->line), '\n') != NULL)
		(void)event_base_loopbreak(world->base);
}

static void on_end(void *arg, const struct child_end *end)
{
	struct mini_world *world = arg;

	world->child = NULL;
	world->end = mem_printf("%s: %s", world->program, end->started ? end->output : end->error);
	(void)event_base_loopbreak(world->base);
}

/* Starts the program and waits for its one line. */
static bool start(struct mini_world *world, struct error *error)
{
	const char *argv[WORDS_MAX] = {world->program};
	const char *environment[] = {"FAKE_CHAT_TOKEN=" MINI_WORLD_TOKEN, NULL};
	const struct child_ask ask = {
	    .argv = argv, .environment = environment, .mark = world->kind->name};
	const struct timeval limit = {.tv_sec = START_LIMIT};

	for (size_t i = 0; i + 2 < WORDS_MAX && world->kind->words[i] != NULL; i++)
		argv[i + 1] = world->kind->words[i];
	world->line.limit = LINE_LIMIT;
	world->child = child_start(world->base, &ask, on_output, on_end, world);
	(void)event_base_loopexit(world->base, &limit);
	(void)event_base_dispatch(world->base);
	if (world->end != NULL)
		return error_set(error, "the miniature world did not start: %s", world->end);
	if (strchr(buf_text(&world->line), '\n') == NULL)
		return error_set(error, "the miniature world was not ready in %d seconds",
				 START_LIMIT);
	return true;
}

static bool write_config(struct mini_world *world, const cJSON *ready, struct error *error)
{
	FILE *file = fopen(world->config, "we");

	if (file == NULL)
		return error_set(error, "%s: %s", world->config, strerror(errno));
	(void)fprintf(file,
		      "# Written by firedrill: a miniature world on this machine.\n"
		      "scenarios = \"%s\";\n"
		      "state = \"%s/firedrill.db\";\n\n"
		      "chats = {\n"
		      "  slack = { type = \"slack\"; url = \"%s/api\"; token = \"env:%s\";\n"
		      "            poll = \"%s\"; patience = \"5s\";\n"
		      "            requests_per_minute = 6000; };   # a chat of our own\n"
		      "};\n\n",
		      world->kind->scenarios, world->folder, world->chat, MINI_WORLD_TOKEN_ENV,
		      world->kind->poll);
	world->kind->write(file, ready);
	if (fclose(file) != 0)
		return error_set(error, "%s: %s", world->config, strerror(errno));
	return true;
}

static bool make_folder(struct mini_world *world, struct error *error)
{
	const char *temporary = getenv("TMPDIR");

	world->folder = mem_printf("%s/firedrill-%s-XXXXXX",
				   temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp",
				   world->kind->name);
	if (mkdtemp(world->folder) == NULL)
		return error_set(error, "%s: %s", world->folder, strerror(errno));
	world->config = mem_printf("%s/firedrill.cfg", world->folder);
	return true;
}

struct mini_world *mini_world_new(const struct mini_world_kind *kind, struct error *error)
{
	struct mini_world *world = mem_zalloc(sizeof *world);
	cJSON *ready = NULL;
	const char *other = getenv("FIREDRILL_FAKE_SERVICES");
	bool good;

	mini_world_let_signals_in(false);
	world->kind = kind;
	world->program = other != NULL && other[0] != '\0' ? other : FIREDRILL_FAKE_SERVICES;
	world->base = event_base_new();
	good = world->base != NULL && start(world, error) && make_folder(world, error);
	if (good) {
		ready = cJSON_Parse(buf_text(&world->line));
		world->chat = mem_dup(mini_world_text(ready, "chat"));
		good = write_config(world, ready, error);
	}
	cJSON_Delete(ready);
	if (!good) {
		mini_world_free(world);
		return NULL;
	}
	(void)setenv(MINI_WORLD_TOKEN_ENV, MINI_WORLD_TOKEN, 1);
	/* The worker needs it, so that taking it away is what breaks it. */
	(void)setenv("ORDERS_DATABASE_URL", "postgres://orders.example/orders", 1);
	return world;
}

static void remove_folder(const struct mini_world *world)
{
	static const char *const names[] = {"firedrill.cfg",
					    "firedrill.db",
					    "firedrill.db-wal",
					    "firedrill.db-shm",
					    "firedrill.db-locks",
					    "firedrill.db-history",
					    "firedrill.db-history-wal",
					    "firedrill.db-history-shm"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = mem_printf("%s/%s", world->folder, names[i]);

		(void)unlink(path);
		free(path);
	}
	(void)rmdir(world->folder);
}

void mini_world_free(struct mini_world *world)
{
	if (world == NULL)
		return;
	child_cancel(world->child);
	if (world->base != NULL)
		event_base_free(world->base);
	if (world->folder != NULL)
		remove_folder(world);
	buf_done(&world->line);
	free(world->end);
	free(world->folder);
	free(world->config);
	free(world->chat);
	free(world);
	mini_world_let_signals_in(true);
}

void mini_world_let_signals_in(bool in)
{
	sigset_t ending;

	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGHUP);
	(void)sigprocmask(in ? SIG_UNBLOCK : SIG_BLOCK, &ending, NULL);
}

void mini_world_signal(struct mini_world *world, int number)
{
	if (world->child != NULL)
		child_signal(world->child, number);
}

const char *mini_world_config(const struct mini_world *world)
{
	return world->config;
}

const char *mini_world_chat(const struct mini_world *world)
{
	return world->chat;
}

const char *mini_world_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));

	return text != NULL ? text : "";
}

void mini_world_write_pipeline(FILE *file, const char *name, const char *alerting)
{
	(void)fprintf(file,
		      "  %s = { hops = (\n"
		      "    { type = \"loki\"; url = \"%s\"; query = \"{level=\\\"error\\\"}\"; },\n"
		      "    { type = \"prometheus\"; url = \"%s\"; },\n"
		      "    { type = \"alertmanager\"; url = \"%s\"; }\n"
		      "  ); };\n",
		      name, alerting, alerting, alerting);
}
