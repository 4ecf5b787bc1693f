/* The heartbeat: what a dead-man service gets to hear, and when. */
#include "src/program/serve/heartbeat.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "scenarios/config.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/probes/asking.h"
#include "tests/support/loop.h"

#define OK        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
#define NOT_FOUND "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

struct world {
	struct asking *asking;
	struct secrets *secrets;
	struct config config;
	struct heartbeat *heartbeat;
	const char *ill; /* the reason; NULL: all is well */
	size_t asked;
	const char *wanted; /* in the last request */
	size_t calls;       /* that there must be */
};

static bool is_well(void *arg, struct error *ret_why)
{
	struct world *world = arg;

	world->asked++;
	return world->ill == NULL || error_set(ret_why, "%s", world->ill);
}

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	void *asking = NULL;
	char url[128];

	assert_int_equal(asking_setup(&asking), 0);
	world->asking = asking;
	world->asking->server->answer = OK;
	world->secrets = secrets_new();
	(void)snprintf(url, sizeof url, "%s/ping-4711-secret/", world->asking->server->url);
	(void)setenv("FIREDRILL_TEST_BEAT", url, 1);
	world->config.heartbeat.url = "env:FIREDRILL_TEST_BEAT";
	world->config.heartbeat.every_ms = 100;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	void *asking = world->asking;

	heartbeat_free(world->heartbeat);
	assert_int_equal(asking_teardown(&asking), 0);
	secrets_free(world->secrets);
	free(world);
	return 0;
}

static void begin(struct world *world)
{
	struct error error = {""};

	world->heartbeat = heartbeat_new(world->asking->base, world->secrets, &world->config,
					 is_well, world, &error);
	assert_non_null(world->heartbeat);
}

static bool has_come(void *arg)
{
	const struct world *world = arg;

	return strstr(world->asking->server->request, world->wanted) != NULL;
}

static void until(struct world *world, const char *wanted)
{
	world->wanted = wanted;
	loop_until_true(world->asking->base, has_come, world);
}

static void it_starts_and_then_beats(void **state)
{
	struct world *world = *state;

	begin(world);
	assert_int_equal(world->asking->server->requests, 0); /* never from inside new */
	until(world, "POST /ping-4711-secret/start ");
	assert_int_equal(world->asked, 0);
	until(world, "POST /ping-4711-secret ");
	assert_true(world->asked > 0);
	assert_null(heartbeat_trouble(world->heartbeat));
}

static void what_is_wrong_is_told_with_its_reason(void **state)
{
	struct world *world = *state;

	world->ill = "a fault is left in place: fd-k3q9x2m7";
	begin(world);
	until(world, "POST /ping-4711-secret/fail ");
	assert_non_null(
	    strstr(world->asking->server->request, "a fault is left in place: fd-k3q9x2m7"));
	assert_non_null(strstr(world->asking->server->request, "Content-Type: text/plain"));
	world->ill = NULL;
	until(world, "POST /ping-4711-secret ");
}

static bool is_in_trouble(void *arg)
{
	const struct world *world = arg;

	return heartbeat_trouble(world->heartbeat) != NULL;
}

static bool is_out_of_trouble(void *arg)
{
	return !is_in_trouble(arg);
}

static void a_service_that_says_no_is_tried_three_times_and_told(void **state)
{
	struct world *world = *state;

	world->asking->server->answer = NOT_FOUND;
	begin(world);
	loop_until_true(world->asking->base, is_in_trouble, world);
	assert_true(world->asking->server->requests >= 3);
	assert_non_null(strstr(heartbeat_trouble(world->heartbeat), "status 404"));
	assert_null(strstr(heartbeat_trouble(world->heartbeat), "4711"));
	world->asking->server->answer = OK;
	loop_until_true(world->asking->base, is_out_of_trouble, world);
}

static bool was_asked_often(void *arg)
{
	const struct world *world = arg;

	return world->asking->server->requests >= world->calls;
}

static void calls_never_overlap(void **state)
{
	struct world *world = *state;

	world->config.heartbeat.every_ms = 60;
	world->asking->server->deaf = true;
	begin(world);
	world->calls = 0;
	loop_until_true(world->asking->base, is_in_trouble, world);
	assert_true(world->asking->server->connections <= 3); /* three tries, one after another */
	world->asking->server->deaf = false;
	world->calls = 2;
	loop_until_true(world->asking->base, was_asked_often, world);
}

static void without_an_address_there_is_none(void **state)
{
	struct world *world = *state;
	struct error error = {""};

	world->config.heartbeat.url = NULL;
	assert_null(heartbeat_new(world->asking->base, world->secrets, &world->config, is_well,
				  world, &error));
	assert_string_equal(error.text, "");
	world->config.heartbeat.url = "env:FIREDRILL_TEST_NOT_SET";
	assert_null(heartbeat_new(world->asking->base, world->secrets, &world->config, is_well,
				  world, &error));
	assert_non_null(strstr(error.text, "FIREDRILL_TEST_NOT_SET"));
}

static void assert_url(const char *url, const char *end, const char *expected)
{
	char *made = heartbeat_url(url, end);

	assert_string_equal(made, expected);
	free(made);
}

static void the_end_of_an_address_goes_in_front_of_its_query(void **state)
{
	(void)state;
	assert_url("https://hc.example/a", "", "https://hc.example/a");
	assert_url("https://hc.example/a", "/fail", "https://hc.example/a/fail");
	assert_url("https://hc.example/a/", "/fail", "https://hc.example/a/fail");
	assert_url("https://hc.example/a//?rid=1", "/fail", "https://hc.example/a/fail?rid=1");
	assert_url("https://hc.example/a?x=/y", "/start", "https://hc.example/a/start?x=/y");
	assert_url("https://hc.example/a#frag?no", "/start", "https://hc.example/a/start");
	assert_url("https://hc.example/a?x=1#frag", "/start", "https://hc.example/a/start?x=1");
	assert_url("https://hc.example", "/start", "https://hc.example/start");
}

#define WITH_HEART(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HEART(it_starts_and_then_beats),
	    WITH_HEART(what_is_wrong_is_told_with_its_reason),
	    WITH_HEART(a_service_that_says_no_is_tried_three_times_and_told),
	    WITH_HEART(calls_never_overlap),
	    WITH_HEART(without_an_address_there_is_none),
	    cmocka_unit_test(the_end_of_an_address_goes_in_front_of_its_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
