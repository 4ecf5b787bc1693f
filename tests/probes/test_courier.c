/* The second path: every way is told, none waits for another, and each says what came of it. */
#include "probes/courier.h"

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

#define OK        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define NOT_FOUND "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nno_service"
#define BUSY      "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define PATH      "/hook-4711-secret"

struct world {
	struct asking *asking;
	struct secrets *secrets;
	struct config config;
	struct courier *courier;
};

struct kept {
	bool done;
	size_t times;
	char by[128], trouble[512]; /* "": NULL */
};

static void keep(void *arg, const struct courier_end *end)
{
	struct kept *kept = arg;

	kept->done = true;
	kept->times++;
	(void)snprintf(kept->by, sizeof kept->by, "%s", end->by != NULL ? end->by : "");
	(void)snprintf(kept->trouble, sizeof kept->trouble, "%s",
		       end->trouble != NULL ? end->trouble : "");
}

static struct chat *no_chat(void *arg, const char *name, const struct chat_driver **ret_driver,
			    struct error *error)
{
	(void)arg;
	(void)ret_driver;
	(void)error_set(error, "there is no chat \"%s\"", name);
	return NULL;
}

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	void *asking = NULL;
	char url[128];

	assert_int_equal(asking_setup(&asking), 0);
	world->asking = asking;
	world->secrets = secrets_new();
	(void)snprintf(url, sizeof url, "%s" PATH, world->asking->server->url);
	(void)setenv("FIREDRILL_TEST_HOOK", url, 1);
	world->courier = courier_new(&(struct courier_world){.base = world->asking->base,
							     .http = world->asking->http,
							     .secrets = world->secrets,
							     .config = &world->config,
							     .chat = no_chat});
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	void *asking = world->asking;

	courier_free(world->courier);
	assert_int_equal(asking_teardown(&asking), 0);
	secrets_free(world->secrets);
	free(world);
	return 0;
}

static struct kept send_off(struct world *world)
{
	const struct courier_letter letter = {
	    .subject = "*Gap* in `x`", .text = "*Since*: now\nThe secret is " PATH, .mark = "m"};
	struct kept kept = {0};

	courier_send(world->courier, &letter, keep, &kept);
	assert_false(kept.done); /* never from inside send */
	assert_false(courier_is_idle(world->courier));
	loop_until(world->asking->base, &kept.done);
	assert_int_equal(kept.times, 1);
	assert_true(courier_is_idle(world->courier));
	return kept;
}

static void a_webhook_gets_the_text_without_markup(void **state)
{
	struct world *world = *state;
	struct kept kept;

	world->config.report.second.webhook = "env:FIREDRILL_TEST_HOOK";
	world->asking->server->answer = OK;
	kept = send_off(world);
	assert_string_equal(kept.by, "webhook");
	assert_string_equal(kept.trouble, "");
	assert_non_null(strstr(world->asking->server->request, "POST " PATH));
	assert_non_null(strstr(world->asking->server->request,
			       "{\"text\":\"Gap in x\\n\\nSince: now\\nThe secret is "));
}

static void a_webhook_that_says_no_is_not_asked_again(void **state)
{
	struct world *world = *state;
	struct kept kept;

	world->config.report.second.webhook = "env:FIREDRILL_TEST_HOOK";
	world->asking->server->answer = NOT_FOUND;
	kept = send_off(world);
	assert_string_equal(kept.by, "");
	assert_string_equal(kept.trouble, "webhook: it answered 404: no_service");
	assert_int_equal(world->asking->server->requests, 1);
}

static void a_webhook_that_is_busy_is_asked_again(void **state)
{
	struct world *world = *state;
	struct kept kept;

	world->config.report.second.webhook = "env:FIREDRILL_TEST_HOOK";
	world->asking->server->answer = BUSY;
	kept = send_off(world);
	assert_string_equal(kept.trouble, "webhook: it answered 503");
	assert_int_equal(world->asking->server->requests, 3);
}

static void a_way_that_fails_is_in_no_other_ones_way(void **state)
{
	static char *to[] = {"ops@mail.example"};
	struct world *world = *state;
	struct kept kept;

	world->config.report.second = (struct second_settings){
	    .chat = "other",
	    .channel = "#two",
	    .webhook = "env:FIREDRILL_TEST_HOOK",
	    .mail = {.server = "nonsense", .from = "f@mail.example", .to = {to, 1}},
	};
	world->asking->server->answer = OK;
	kept = send_off(world);
	assert_string_equal(kept.by, "webhook");
	assert_non_null(strstr(kept.trouble, "chat: there is no chat \"other\"; mail: "));
}

static void without_any_way_it_ends_by_none(void **state)
{
	struct world *world = *state;
	struct kept kept;

	assert_false(courier_has_ways(world->courier));
	kept = send_off(world);
	assert_string_equal(kept.by, "");
	assert_non_null(strstr(kept.trouble, "no second path is configured"));
}

static void a_reference_that_is_not_set_is_named(void **state)
{
	struct world *world = *state;
	struct kept kept;

	world->config.report.second.webhook = "env:FIREDRILL_TEST_NOT_SET";
	assert_true(courier_has_ways(world->courier));
	kept = send_off(world);
	assert_non_null(strstr(kept.trouble, "FIREDRILL_TEST_NOT_SET"));
}

static bool all_are_done(void *arg)
{
	const struct kept *kept = arg;

	for (size_t i = 0; i < 40; i++) {
		if (!kept[i].done)
			return false;
	}
	return true;
}

static void a_flood_is_told_to_be_one(void **state)
{
	struct world *world = *state;
	struct kept kept[40] = {{0}};
	size_t arrived = 0, crowded = 0;

	world->config.report.second.webhook = "env:FIREDRILL_TEST_HOOK";
	world->asking->server->answer = OK;
	for (size_t i = 0; i < 40; i++)
		courier_send(world->courier,
			     &(struct courier_letter){.subject = "s", .text = "t", .mark = "m"},
			     keep, &kept[i]);
	loop_until_true(world->asking->base, all_are_done, kept);
	for (size_t i = 0; i < 40; i++) {
		arrived += kept[i].by[0] != '\0';
		crowded += strstr(kept[i].trouble, "too many") != NULL;
	}
	assert_int_equal(arrived, 32);
	assert_int_equal(crowded, 8);
}

static void what_is_on_its_way_at_the_end_is_dropped(void **state)
{
	static char *to[] = {"ops@mail.example"};
	struct world *world = *state;
	struct kept kept = {0};

	world->config.report.second = (struct second_settings){
	    .webhook = "env:FIREDRILL_TEST_HOOK",
	    .mail = {.server = "smtp://127.0.0.1:1", .from = "f@mail.example", .to = {to, 1}},
	};
	world->asking->server->deaf = true;
	courier_send(world->courier,
		     &(struct courier_letter){.subject = "s", .text = "t", .mark = "m"}, keep,
		     &kept);
	(void)event_base_loop(world->asking->base, EVLOOP_ONCE);
	courier_free(world->courier);
	world->courier = NULL;
	assert_false(kept.done);
}

#define WITH_COURIER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_COURIER(a_webhook_gets_the_text_without_markup),
	    WITH_COURIER(a_webhook_that_says_no_is_not_asked_again),
	    WITH_COURIER(a_webhook_that_is_busy_is_asked_again),
	    WITH_COURIER(a_way_that_fails_is_in_no_other_ones_way),
	    WITH_COURIER(without_any_way_it_ends_by_none),
	    WITH_COURIER(a_reference_that_is_not_set_is_named),
	    WITH_COURIER(a_flood_is_told_to_be_one),
	    WITH_COURIER(what_is_on_its_way_at_the_end_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
