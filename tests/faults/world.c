/* The world of one test. */
#include "tests/faults/world.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probes/faults/fault_process.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/support/loop.h"

#define POLL_MS       20
#define POLL_LIMIT_MS 200

struct monitor {
	struct http *http; /* owned */
	struct http_request *request;
	struct event *timer;
	char *url;
	int saw;
};

static void fill_context(struct world *world)
{
	world->http = http_new(world->base);
	world->secrets = secrets_new();
	world->children = fault_children_new();
	world->context = (struct fault_context){
	    .base = world->base,
	    .http = world->http,
	    .secrets = world->secrets,
	    .canaries = world->canaries,
	    .children = world->children,
	};
}

static void empty_context(struct world *world)
{
	fault_children_free(world->children);
	http_free(world->http);
	secrets_free(world->secrets);
	canary_host_free(world->canaries);
	world->canaries = NULL;
}

void world_start(struct world *world, const char *id)
{
	struct error error;

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	*world = (struct world){.base = event_base_new()};
	assert_non_null(world->base);
	if (id != NULL)
		(void)snprintf(world->id, sizeof world->id, "%s", id);
	else
		id_new(world->id);
	assert_int_equal(setenv(SECRET_NAME, SECRET, 1), 0);
	service_start(&world->service, world->base);
	world->canaries = canary_host_new(world->base, "127.0.0.1:0", &error);
	assert_non_null(world->canaries);
	fill_context(world);
}

static void monitor_free(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	http_cancel(monitor->request);
	event_free(monitor->timer);
	http_free(monitor->http);
	free(monitor->url);
	free(monitor);
}

void world_stop(struct world *world)
{
	monitor_free(world->monitor);
	empty_context(world);
	service_stop(&world->service);
	event_base_free(world->base);
}

void world_restart(struct world *world, bool hosts_canaries)
{
	struct error error;

	empty_context(world);
	if (hosts_canaries) {
		world->canaries = canary_host_new(world->base, "127.0.0.1:0", &error);
		assert_non_null(world->canaries);
	}
	fill_context(world);
}

static void poll_soon(struct monitor *monitor)
{
	const struct timeval delay = {.tv_usec = POLL_MS * 1000};

	(void)event_add(monitor->timer, &delay);
}

static void on_polled(void *arg, const struct http_reply *answer)
{
	struct monitor *monitor = arg;

	monitor->request = NULL;
	monitor->saw = answer->status;
	poll_soon(monitor);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct monitor *monitor = arg;

	(void)fd;
	(void)what;
	monitor->request = http_start(
	    monitor->http, &(struct http_ask){.url = monitor->url, .timeout_ms = POLL_LIMIT_MS},
	    on_polled, monitor);
}

void world_monitor(struct world *world, const char *name)
{
	struct monitor *monitor = mem_zalloc(sizeof *monitor);

	monitor->http = http_new(world->base);
	monitor->url = mem_printf("%s/canary/%s/health", canary_host_url(world->canaries), name);
	monitor->timer = evtimer_new(world->base, on_poll, monitor);
	poll_soon(monitor);
	world->monitor = monitor;
}

int world_monitor_saw(const struct world *world)
{
	return world->monitor->saw;
}

void ended_done(struct ended *ended)
{
	free(ended->recipe);
	*ended = (struct ended){0};
}

void world_on_done(void *arg, const struct fault_result *result)
{
	struct ended *ended = arg;

	ended->calls++;
	ended->outcome = result->outcome;
	ended->gone = result->gone;
	(void)snprintf(ended->text, sizeof ended->text, "%s", result->text);
	free(ended->recipe);
	ended->recipe = mem_dup(result->recipe);
}

static bool has_ended(void *arg)
{
	return ((const struct ended *)arg)->calls > 0;
}

enum fault_outcome world_step(struct world *world, fault_start_fn *start, const char *recipe,
			      struct ended *ended)
{
	ended_done(ended);
	assert_non_null(start(&world->context, recipe, world_on_done, ended));
	assert_int_equal(ended->calls, 0);
	loop_until_true(world->base, has_ended, ended);
	assert_true(ended->text[0] != '\0');
	assert_true(strlen(ended->text) <= 500);
	return ended->outcome;
}

char *world_plan(const struct world *world, const struct fault_driver *driver,
		 const struct fault *fault)
{
	struct error error = {.text = ""};
	char *recipe = driver->plan(fault, world->id, &error);

	if (recipe == NULL)
		fail_msg("no plan: %s", error.text);
	return recipe;
}

char *recipe_with_number(char *recipe, const char *key, double number)
{
	cJSON *object = cJSON_Parse(recipe);
	char *text;

	assert_non_null(object);
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	assert_non_null(cJSON_AddNumberToObject(object, key, number));
	text = cJSON_PrintUnformatted(object);
	cJSON_Delete(object);
	free(recipe);
	return text;
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

void world_wait(struct world *world, int ms)
{
	const struct timeval delay = {.tv_usec = ms * 1000};
	bool over = false;
	struct event *timer = evtimer_new(world->base, on_time, &over);

	(void)event_add(timer, &delay);
	loop_until(world->base, &over);
	event_free(timer);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

void world_until(struct world *world, bool (*condition)(void *arg), void *arg)
{
	const struct timeval often = {.tv_usec = 10000};
	struct event *tick = event_new(world->base, -1, EV_PERSIST, on_tick, NULL);

	(void)event_add(tick, &often);
	loop_until_true(world->base, condition, arg);
	event_free(tick);
}
