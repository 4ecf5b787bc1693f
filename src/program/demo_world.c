/* The miniature world of the demo. */
#include "src/program/demo_world.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/child.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define TOKEN       "xoxb-firedrill-demo"
#define START_LIMIT 15 /* seconds until the world must be ready */
#define LINE_LIMIT  16384

struct demo_world {
	struct event_base *base; /* owned; only to start and end the child */
	struct child *child;     /* owned */
	struct buf line;         /* what the world said so far */
	char *end;               /* owned; how it ended, if it did */
	char *folder;            /* owned */
	char *config;            /* owned; path */
	char *chat;              /* owned; address */
};

static void on_output(void *arg, const char *data, size_t len)
{
	struct demo_world *world = arg;

	buf_add(&world->line, data, len);
	if (strchr(buf_text(&world->line), '\n') != NULL)
		(void)event_base_loopbreak(world->base);
}

static void on_end(void *arg, const struct child_end *end)
{
	struct demo_world *world = arg;

	world->child = NULL;
	world->end =
	    mem_printf("%s: %s", FIREDRILL_FAKE_SERVICES, end->started ? end->output : end->error);
	(void)event_base_loopbreak(world->base);
}

/* Starts the program and waits for its one line. */
static bool start(struct demo_world *world, struct error *error)
{
	const char *argv[] = {FIREDRILL_FAKE_SERVICES, "world", "--stay", NULL};
	const char *environment[] = {"FAKE_CHAT_TOKEN=" TOKEN, NULL};
	const struct child_ask ask = {.argv = argv, .environment = environment, .mark = "demo"};
	const struct timeval limit = {.tv_sec = START_LIMIT};

	world->line.limit = LINE_LIMIT;
	world->child = child_start(world->base, &ask, on_output, on_end, world);
	(void)event_base_loopexit(world->base, &limit);
	(void)event_base_dispatch(world->base);
	if (world->end != NULL)
		return error_set(error, "the demo's world did not start: %s", world->end);
	if (strchr(buf_text(&world->line), '\n') == NULL)
		return error_set(error, "the demo's world was not ready in %d seconds",
				 START_LIMIT);
	return true;
}

static const char *text_of(const cJSON *object, const char *group, const char *key)
{
	const cJSON *in = group != NULL ? cJSON_GetObjectItem(object, group) : object;
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(in, key));

	return text != NULL ? text : "";
}

static void print_environment(FILE *file, const cJSON *ready, const char *name, const char *alerts,
			      const char *rest)
{
	(void)fprintf(file,
		      "  %s = {%s\n"
		      "    variables = { api = \"%s\"; alerting = \"%s\"; services = \"%s\"; "
		      "alerts = \"%s\"; };\n"
		      "  };\n",
		      name, rest, text_of(ready, name, "orders"), text_of(ready, name, "alerting"),
		      FIREDRILL_FAKE_SERVICES, alerts);
}

static bool write_config(struct demo_world *world, const cJSON *ready, struct error *error)
{
	FILE *file = fopen(world->config, "we");

	if (file == NULL)
		return error_set(error, "%s: %s", world->config, strerror(errno));
	(void)fprintf(
	    file,
	    "# Written by `firedrill demo`: a miniature staging and production.\n"
	    "scenarios = \"%s\";\n"
	    "state = \"%s/firedrill.db\";\n\n"
	    "chats = {\n"
	    "  slack = { type = \"slack\"; url = \"%s/api\"; token = \"env:FIREDRILL_DEMO_TOKEN\";\n"
	    "            poll = \"250ms\"; patience = \"5s\";\n"
	    "            requests_per_minute = 3000; };   # a chat of our own\n"
	    "};\n\n"
	    "environments = {\n",
	    FIREDRILL_DEMO_SCENARIOS, world->folder, world->chat);
	print_environment(file, ready, "staging", "#ops-staging", "");
	print_environment(file, ready, "production", "#ops",
			  " protected = true; effect_limit = \"mutation\";");
	(void)fputs("};\n", file);
	if (fclose(file) != 0)
		return error_set(error, "%s: %s", world->config, strerror(errno));
	return true;
}

static bool make_folder(struct demo_world *world, struct error *error)
{
	const char *temporary = getenv("TMPDIR");

	world->folder = mem_printf("%s/firedrill-demo-XXXXXX",
				   temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
	if (mkdtemp(world->folder) == NULL)
		return error_set(error, "%s: %s", world->folder, strerror(errno));
	world->config = mem_printf("%s/firedrill.cfg", world->folder);
	return true;
}

struct demo_world *demo_world_new(struct error *error)
{
	struct demo_world *world = mem_zalloc(sizeof *world);
	cJSON *ready = NULL;
	bool good;

	world->base = event_base_new();
	good = world->base != NULL && start(world, error) && make_folder(world, error);
	if (good) {
		ready = cJSON_Parse(buf_text(&world->line));
		world->chat = mem_dup(text_of(ready, NULL, "chat"));
		good = write_config(world, ready, error);
	}
	cJSON_Delete(ready);
	if (!good) {
		demo_world_free(world);
		return NULL;
	}
	(void)setenv("FIREDRILL_DEMO_TOKEN", TOKEN, 1);
	/* The worker needs it, so that taking it away is what breaks it. */
	(void)setenv("ORDERS_DATABASE_URL", "postgres://orders.example/orders", 1);
	return world;
}

static void remove_folder(const struct demo_world *world)
{
	static const char *const names[] = {"firedrill.cfg", "firedrill.db", "firedrill.db-wal",
					    "firedrill.db-shm", "firedrill.db-locks"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = mem_printf("%s/%s", world->folder, names[i]);

		(void)unlink(path);
		free(path);
	}
	(void)rmdir(world->folder);
}

void demo_world_free(struct demo_world *world)
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
}

const char *demo_world_config(const struct demo_world *world)
{
	return world->config;
}

const char *demo_world_chat(const struct demo_world *world)
{
	return world->chat;
}
