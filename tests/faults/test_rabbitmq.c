/* Messages to queues and exchanges that do not exist, and never to one that does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "tests/faults/world.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

struct drill {
	struct world world;
	struct fault fault;
	char *recipe; /* owned */
	struct ended ended;
	int timeout_ms;
};

static int set_up(void **state)
{
	struct drill *drill = mem_zalloc(sizeof *drill);

	world_start(&drill->world, DRILL);
	drill->timeout_ms = 45000;
	drill->fault.via = VIA_RABBITMQ;
	drill->fault.rabbitmq = (struct rabbitmq_fault){.url = drill->world.service.url,
							.user = "guest",
							.password = SECRET_REF,
							.vhost = "/",
							.exchange = "amq.default",
							.routing_key = "orders-" DRILL,
							.payload = "[DRILL]"};
	*state = drill;
	return 0;
}

static int tear_down(void **state)
{
	struct drill *drill = *state;

	ended_done(&drill->ended);
	free(drill->recipe);
	world_stop(&drill->world);
	free(drill);
	return 0;
}

static enum fault_outcome run(struct drill *drill, fault_start_fn *step)
{
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_rabbitmq, &drill->fault);
	drill->recipe = recipe_with_number(drill->recipe, "timeout_ms", drill->timeout_ms);
	return world_step(&drill->world, step, drill->recipe, &drill->ended);
}

static bool says(const struct drill *drill, const char *text)
{
	return strstr(drill->ended.text, text) != NULL;
}

static void a_message_to_a_missing_queue_is_published(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_YES);
	assert_true(says(drill, "{\"routed\":false}"));
	assert_int_equal(service->log_count, 2);
	assert_string_equal(service->log[0], "GET /api/queues/%2F/orders-" DRILL " ");
	assert_string_equal(service->log[1],
			    "POST /api/exchanges/%2F/amq.default/publish "
			    "{\"properties\":{\"headers\":{\"firedrill-drill\":\"" DRILL "\"}},"
			    "\"routing_key\":\"orders-" DRILL "\",\"payload\":\"[DRILL]\","
			    "\"payload_encoding\":\"string\"}");
	assert_string_equal(service->authorization, /* guest:pa55-w0rd-of-the-test */
			    "Basic Z3Vlc3Q6cGE1NS13MHJkLW9mLXRoZS10ZXN0");
	assert_string_equal(service->content_type, "application/json");
	assert_int_equal(run(drill, fault_rabbitmq.witness), FAULT_YES);
}

static void nothing_is_published_to_a_queue_that_exists(void **state)
{
	struct drill *drill = *state;

	drill->world.service.has_queue = true;
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_NO);
	assert_true(says(drill, "nothing was published"));
	assert_int_equal(service_count(&drill->world.service, "POST"), 0);
	assert_int_equal(run(drill, fault_rabbitmq.witness), FAULT_NO);
}

static void a_queue_that_appears_meanwhile_is_told_of(void **state)
{
	struct drill *drill = *state;

	drill->world.service.queue_appears = true;
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_NO);
	assert_true(says(drill, "a queue took the message"));
	assert_int_equal(run(drill, fault_rabbitmq.witness), FAULT_NO);
}

static void a_message_to_a_missing_exchange_is_published(void **state)
{
	struct drill *drill = *state;

	drill->fault.rabbitmq.exchange = "orders exchange";
	drill->fault.rabbitmq.vhost = "shop/eu";
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_YES);
	assert_true(says(drill, "no exchange"));
	assert_int_equal(
	    service_count(&drill->world.service, "GET /api/exchanges/shop%2Feu/orders%20exchange "),
	    1);
	assert_int_equal(service_count(&drill->world.service,
				       "POST /api/exchanges/shop%2Feu/orders%20exchange/publish "),
			 1);
	assert_int_equal(run(drill, fault_rabbitmq.witness), FAULT_YES);
}

static void nothing_is_published_to_an_exchange_that_exists(void **state)
{
	struct drill *drill = *state;

	drill->fault.rabbitmq.exchange = "orders";
	drill->world.service.has_exchange = true;
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_NO);
	assert_int_equal(service_count(&drill->world.service, "POST"), 0);
}

static void the_empty_name_is_the_default_exchange(void **state)
{
	struct drill *drill = *state;

	drill->fault.rabbitmq.exchange = "";
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_YES);
	assert_int_equal(
	    service_count(&drill->world.service, "POST /api/exchanges/%2F/amq.default/publish"), 1);
}

static void a_missing_vhost_is_no_missing_queue(void **state)
{
	struct drill *drill = *state;

	drill->world.service.has_no_vhost = true;
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_NO);
	assert_true(says(drill, "vhost"));
}

static void other_answers_are_told_apart(void **state)
{
	static const struct {
		int api, publish;
		enum fault_outcome inject, witness;
		size_t published;
	} cases[] = {
	    {401, 0, FAULT_NO, FAULT_UNKNOWN, 0}, {503, 0, FAULT_NO, FAULT_UNKNOWN, 0},
	    {0, 401, FAULT_NO, FAULT_YES, 1},     {0, 500, FAULT_UNKNOWN, FAULT_YES, 1},
	    {0, 200, FAULT_NO, FAULT_YES, 1},
	};
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		service->api_status = cases[i].api;
		service->publish_status = cases[i].publish;
		service->log_count = 0;
		assert_int_equal(run(drill, fault_rabbitmq.inject), cases[i].inject);
		assert_int_equal(service_count(service, "POST"), cases[i].published);
		assert_int_equal(run(drill, fault_rabbitmq.witness), cases[i].witness);
	}
}

static void a_broker_that_does_not_answer_leaves_it_unknown(void **state)
{
	struct drill *drill = *state;

	drill->world.service.hangs_on_publish = true;
	/* enough for the request before it, in the end */
	for (drill->timeout_ms = 1500; run(drill, fault_rabbitmq.inject) == FAULT_NO;)
		assert_true((drill->timeout_ms *= 3) < 45000);
	assert_int_equal(drill->ended.outcome, FAULT_UNKNOWN);
	service_stop(&drill->world.service);
	assert_int_equal(run(drill, fault_rabbitmq.inject), FAULT_NO);
	assert_int_equal(run(drill, fault_rabbitmq.witness), FAULT_UNKNOWN);
}

static void what_can_never_work_is_refused_by_the_plan(void **state)
{
	struct drill *drill = *state;
	struct rabbitmq_fault good = drill->fault.rabbitmq;
	struct error error;
	struct {
		struct rabbitmq_fault rabbitmq;
		const char *says;
	} cases[] = {
	    {{.routing_key = "q"}, "fault.url"},
	    {{.url = "amqp://host", .routing_key = "q"}, "fault.url"},
	    {{.url = "http://guest:hush@host", .routing_key = "q"}, "password"},
	    {{.url = good.url}, "fault.routing_key"},
	    {{.url = good.url, .routing_key = "q", .user = "u", .password = "hush"}, "reference"},
	    {{.url = good.url, .routing_key = "q", .password = SECRET_REF}, "fault.user"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		drill->fault.rabbitmq = cases[i].rabbitmq;
		assert_null(fault_rabbitmq.plan(&drill->fault, DRILL, &error));
		assert_non_null(strstr(error.text, cases[i].says));
		assert_null(strstr(error.text, "hush"));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_message_to_a_missing_queue_is_published),
	    TEST(nothing_is_published_to_a_queue_that_exists),
	    TEST(a_queue_that_appears_meanwhile_is_told_of),
	    TEST(a_message_to_a_missing_exchange_is_published),
	    TEST(nothing_is_published_to_an_exchange_that_exists),
	    TEST(the_empty_name_is_the_default_exchange),
	    TEST(a_missing_vhost_is_no_missing_queue),
	    TEST(other_answers_are_told_apart),
	    TEST(a_broker_that_does_not_answer_leaves_it_unknown),
	    TEST(what_can_never_work_is_refused_by_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
