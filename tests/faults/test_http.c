/* Faults behind requests: what counts as done, compare and swap, patience, foreign texts. */
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
#define PUT_IN       "orders-" DRILL

/* A world with the usual fault in it: a test changes what it is about, then plans. */
struct drill {
	struct world world;
	struct fault fault;
	char url[128];
	struct pair token;
	char *recipe; /* owned */
	struct ended ended;
};

static int set_up(void **state)
{
	struct drill *drill = mem_zalloc(sizeof *drill);
	struct http_fault *http = &drill->fault.http;

	world_start(&drill->world, DRILL);
	(void)snprintf(drill->url, sizeof drill->url, "%s/value", drill->world.service.url);
	drill->token = (struct pair){"X-Token", SECRET_REF};
	drill->fault.via = VIA_HTTP;
	http->capture.url = http->inject.url = http->revert.url = http->confirm.url = drill->url;
	http->inject.body = PUT_IN;
	http->revert.body = "${original}";
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

/* One look each. */
static void plan(struct drill *drill)
{
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_http, &drill->fault);
	drill->recipe = recipe_with_number(drill->recipe, "poll_ms", 0);
}

/* How long a request may take: little where it will hang, much where the machine may be slow. */
static void wait_for_each(struct drill *drill, int ms)
{
	drill->recipe = recipe_with_number(drill->recipe, "timeout_ms", ms);
}

static enum fault_outcome run(struct drill *drill, fault_start_fn *step)
{
	return world_step(&drill->world, step, drill->recipe, &drill->ended);
}

/* A step whose answer is lost although what it asks for is done: with ever more time, because on a busy machine the
 * first may be over before the service is reached. */
static void run_and_lose_the_answer(struct drill *drill, fault_start_fn *step, const char *value)
{
	drill->world.service.stores_then_hangs = true;
	for (int ms = 1000; ms == 1000 || strcmp(drill->world.service.value, value) != 0; ms *= 3) {
		assert_true(ms < 45000);
		wait_for_each(drill, ms);
		assert_int_equal(run(drill, step), FAULT_UNKNOWN);
	}
	drill->world.service.stores_then_hangs = false;
	wait_for_each(drill, 45000);
}

static void capture(struct drill *drill)
{
	assert_int_equal(run(drill, fault_http.capture), FAULT_YES);
	free(drill->recipe);
	drill->recipe = mem_dup(drill->ended.recipe);
}

static void break_it(struct drill *drill)
{
	plan(drill);
	capture(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_string_equal(drill->world.service.value, PUT_IN);
}

static bool says(const struct drill *drill, const char *text)
{
	return strstr(drill->ended.text, text) != NULL;
}

static void what_was_captured_is_put_back(void **state)
{
	struct drill *drill = *state;

	(void)snprintf(drill->world.service.value, sizeof drill->world.service.value,
		       "  orders-\"v2\" \n");
	break_it(drill);
	assert_true(says(drill, "reads back as it was sent"));
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(drill->world.service.value, "orders-\"v2\"");
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
}

static void a_value_that_somebody_else_changed_is_left_alone(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	break_it(drill);
	(void)snprintf(service->value, sizeof service->value, "orders-v3");
	service->log_count = 0;
	assert_int_equal(run(drill, fault_http.revert), FAULT_CONFLICT);
	assert_true(says(drill, "orders-v3"));
	assert_true(says(drill, PUT_IN));
	assert_true(says(drill, "\"orders\""));
	assert_int_equal(service_count(service, "PUT"), 0);
	assert_string_equal(service->value, "orders-v3");
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
}

static void a_fault_that_is_gone_already_is_told_from_one_that_had_to_be_reverted(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	break_it(drill);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_false(drill->ended.gone);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_true(drill->ended.gone);
	(void)snprintf(service->value, sizeof service->value, "orders-v3");
	assert_int_equal(run(drill, fault_http.revert), FAULT_CONFLICT);
	assert_true(drill->ended.gone);
}

static void a_conflict_shows_no_secret(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	drill->fault.http.capture.headers = (struct pairs){&drill->token, 1};
	break_it(drill);
	(void)snprintf(service->value, sizeof service->value, "key=%s", SECRET);
	assert_int_equal(run(drill, fault_http.revert), FAULT_CONFLICT);
	assert_false(says(drill, SECRET));
	assert_true(says(drill, "key=****"));
}

/* The secret of another call of the recipe, which was not used before the conflict was told. */
static void a_conflict_shows_no_secret_in_either_value(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	drill->fault.http.revert.headers = (struct pairs){&drill->token, 1};
	drill->fault.http.inject.body = "put=" SECRET;
	plan(drill);
	capture(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_false(says(drill, SECRET));
	world_restart(&drill->world, false);
	(void)snprintf(service->value, sizeof service->value, "now=%s", SECRET);
	assert_int_equal(run(drill, fault_http.revert), FAULT_CONFLICT);
	assert_false(says(drill, SECRET));
	assert_true(says(drill, "\"now=****"));
	assert_true(says(drill, "\"put=****"));
	assert_int_equal(service_count(service, "PUT /value orders"), 0);
}

static void a_revert_whose_answer_is_lost_is_repeated_without_harm(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	break_it(drill);
	run_and_lose_the_answer(drill, fault_http.revert, "orders");
	service->log_count = 0;
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(service_count(service, "PUT"), 0);
	assert_string_equal(service->value, "orders");
}

/* Nobody saw the end of the inject: it takes effect after all was read back and found right. */
static void an_injection_that_lands_late_is_seen_by_the_next_confirm(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	plan(drill);
	capture(drill);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
	(void)snprintf(service->value, sizeof service->value, PUT_IN);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_false(drill->ended.gone);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
	assert_string_equal(service->value, "orders");
}

/* "orders" is in "orders-fd-k3q9x2m7", and the health page knows nothing of queues. */
static void a_confirm_that_cannot_tell_is_not_believed(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;
	char url[160];

	(void)snprintf(url, sizeof url, "%s?elsewhere", drill->url);
	drill->fault.http.confirm.contains = "orders";
	break_it(drill);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_true(says(drill, "still there"));
	drill->fault.http.confirm.url = url;
	(void)snprintf(service->value, sizeof service->value, "orders");
	break_it(drill);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_true(says(drill, "still there"));
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
	assert_true(says(drill, "and confirm holds"));
}

static void a_value_that_is_back_already_is_not_sent_again(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	break_it(drill);
	(void)snprintf(service->value, sizeof service->value, "orders\n");
	service->log_count = 0;
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_true(says(drill, "already"));
	assert_int_equal(service_count(service, "PUT"), 0);
}

static void nothing_is_sent_while_the_value_cannot_be_read(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	break_it(drill);
	service->log_count = 0;
	service->get_status = 500;
	assert_int_equal(run(drill, fault_http.revert), FAULT_UNKNOWN);
	service->get_status = 0;
	service->hangs_on_get = true;
	wait_for_each(drill, 1000);
	assert_int_equal(run(drill, fault_http.revert), FAULT_UNKNOWN);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_UNKNOWN);
	assert_int_equal(service_count(service, "PUT"), 0);
	service_stop(service);
	assert_int_equal(run(drill, fault_http.revert), FAULT_UNKNOWN);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_UNKNOWN);
}

static void json_in_another_layout_is_the_same_value(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	drill->fault.http.inject.body = "{\"queue\":\"" PUT_IN "\",\"size\":5}";
	(void)snprintf(service->value, sizeof service->value, "{\"queue\":\"orders\"}");
	plan(drill);
	capture(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	(void)snprintf(service->value, sizeof service->value,
		       "{ \"size\": 5,\n \"queue\": \"" PUT_IN "\" }");
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(service->value, "{\"queue\":\"orders\"}");
	(void)snprintf(service->value, sizeof service->value, "{ \"queue\" : \"orders\" }");
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
}

static void without_a_capture_revert_just_sends(void **state)
{
	struct drill *drill = *state;
	struct service *service = &drill->world.service;

	drill->fault.http.capture.url = NULL;
	drill->fault.http.revert.body = "orders";
	drill->fault.http.confirm.expect = "orders";
	plan(drill);
	assert_int_equal(run(drill, fault_http.capture), FAULT_YES);
	assert_int_equal(service->log_count, 0);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(service_count(service, "PUT /value orders"), 3);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
}

static void inject_without_what_was_captured_sends_nothing(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_NO);
	assert_int_equal(drill->world.service.log_count, 0);
}

static void the_answer_decides_what_became_of_the_injection(void **state)
{
	static const struct {
		int status, wanted;
		enum fault_outcome outcome;
	} cases[] = {
	    {200, 0, FAULT_YES},       {204, 0, FAULT_YES},     {202, 202, FAULT_YES},
	    {200, 202, FAULT_UNKNOWN}, {303, 303, FAULT_YES},   {303, 0, FAULT_UNKNOWN},
	    {400, 0, FAULT_NO},        {404, 0, FAULT_NO},      {409, 0, FAULT_NO},
	    {500, 0, FAULT_UNKNOWN},   {503, 0, FAULT_UNKNOWN}, {500, 500, FAULT_YES},
	};
	struct drill *drill = *state;

	drill->fault.http.capture.url = NULL;
	drill->fault.http.revert.body = "orders";
	for (size_t i = 0; i < LENGTH(cases); i++) {
		drill->world.service.put_status = cases[i].status;
		drill->fault.http.inject.status = cases[i].wanted;
		plan(drill);
		assert_int_equal(run(drill, fault_http.inject), cases[i].outcome);
	}
}

static void an_injection_that_may_have_arrived_is_unknown_and_can_be_reverted(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	capture(drill);
	run_and_lose_the_answer(drill, fault_http.inject, PUT_IN);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(drill->world.service.value, "orders");
}

static void a_refused_connection_is_a_certain_no(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	capture(drill);
	service_stop(&drill->world.service);
	world_restart(&drill->world,
		      false); /* on a connection that is still open it would be lost on the way */
	assert_int_equal(run(drill, fault_http.inject), FAULT_NO);
	assert_int_equal(run(drill, fault_http.capture), FAULT_NO);
}

static void the_witness_waits_until_the_fault_bites(void **state)
{
	struct drill *drill = *state;

	drill->world.service.put_takes_effect_after = 3;
	drill->fault.http.witness = (struct http_call){.url = drill->url, .expect = PUT_IN};
	plan(drill);
	drill->recipe = recipe_with_number(drill->recipe, "poll_ms", 5000);
	capture(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_string_equal(drill->world.service.value, "orders");
	assert_int_equal(run(drill, fault_http.witness), FAULT_YES);
}

static void a_fault_that_does_not_bite_is_seen(void **state)
{
	struct drill *drill = *state;

	drill->world.service.ignores_put = true;
	drill->fault.http.witness = (struct http_call){.url = drill->url, .contains = DRILL};
	plan(drill);
	capture(drill);
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_true(says(drill, "not as it was sent"));
	assert_int_equal(run(drill, fault_http.witness), FAULT_NO);
	drill->world.service.hangs_on_get = true;
	wait_for_each(drill, 1000);
	assert_int_equal(run(drill, fault_http.witness), FAULT_UNKNOWN);
}

static void without_a_witness_the_confirm_must_not_hold(void **state)
{
	struct drill *drill = *state;

	break_it(drill);
	assert_int_equal(run(drill, fault_http.witness), FAULT_YES);
	(void)snprintf(drill->world.service.value, sizeof drill->world.service.value, "orders");
	assert_int_equal(run(drill, fault_http.witness), FAULT_NO);
	assert_true(says(drill, "name a witness"));
	service_stop(&drill->world.service);
	assert_int_equal(run(drill, fault_http.witness), FAULT_UNKNOWN);
}

static void confirm_waits_until_the_service_has_recovered(void **state)
{
	struct drill *drill = *state;

	break_it(drill);
	drill->recipe = recipe_with_number(drill->recipe, "poll_ms", 5000);
	drill->world.service.put_takes_effect_after = 4;
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(drill->world.service.value, PUT_IN);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
	assert_string_equal(drill->world.service.value, "orders");
}

static void confirm_believes_the_target_and_not_the_revert(void **state)
{
	struct drill *drill = *state;

	break_it(drill);
	drill->world.service.ignores_put = true;
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_true(says(drill, PUT_IN));
}

static void status_body_and_text_must_all_hold(void **state)
{
	static const struct {
		const char *expect, *contains;
		int status;
		enum fault_outcome outcome;
	} cases[] = {
	    {"orders", NULL, 0, FAULT_YES},      {" orders\n", NULL, 200, FAULT_YES},
	    {"order", NULL, 0, FAULT_NO},        {NULL, "rder", 0, FAULT_YES},
	    {NULL, "RDER", 0, FAULT_NO},         {"orders", "missing", 0, FAULT_NO},
	    {"orders", "orders", 201, FAULT_NO}, {NULL, "", 0, FAULT_YES},
	    {"${original}", NULL, 0, FAULT_YES},
	};
	struct drill *drill = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		drill->fault.http.confirm =
		    (struct http_call){.url = drill->url,
				       .expect = (char *)cases[i].expect,
				       .contains = (char *)cases[i].contains,
				       .status = cases[i].status};
		plan(drill);
		capture(drill);
		assert_int_equal(run(drill, fault_http.confirm), cases[i].outcome);
	}
}

static void a_body_of_a_look_is_what_is_expected(void **state)
{
	struct drill *drill = *state;

	drill->fault.http.confirm.body = "orders-v9";
	plan(drill);
	capture(drill);
	drill->world.service.log_count = 0;
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_string_equal(drill->world.service.log[0], "GET /value ");
}

static void what_cannot_be_an_original_is_refused(void **state)
{
	static char large[65 * 1024 + 1];
	static const struct {
		const char *body;
		size_t len;
		int status;
		const char *says;
	} cases[] = {
	    {"or\0ders", 7, 200, "only text"},
	    {"\xff\xfe", 2, 200, "only text"},
	    {"orders", 6, 500, "put the target right"},
	    {" " PUT_IN "\n", sizeof PUT_IN + 1, 200, "already holds"},
	    {"key=" SECRET, sizeof SECRET + 3, 200, "secret"},
	    {large, sizeof large - 1, 200, "64 KiB"},
	};
	struct drill *drill = *state;

	memset(large, 'x', sizeof large - 1);
	drill->fault.http.capture.headers = (struct pairs){&drill->token, 1};
	plan(drill);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		drill->world.service.get_body = cases[i].body;
		drill->world.service.get_body_len = cases[i].len;
		drill->world.service.get_status = cases[i].status;
		assert_int_equal(run(drill, fault_http.capture), FAULT_NO);
		assert_null(drill->ended.recipe);
		assert_true(says(drill, cases[i].says));
		assert_false(says(drill, SECRET));
	}
}

static void an_empty_value_is_an_original_too(void **state)
{
	struct drill *drill = *state;

	drill->world.service.value[0] = '\0';
	break_it(drill);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(drill->world.service.value, "");
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
}

static void the_original_is_escaped_in_a_url_and_exact_in_a_body(void **state)
{
	struct drill *drill = *state;
	char url[160];

	(void)snprintf(drill->world.service.value, sizeof drill->world.service.value, "a b/c?d&%%");
	(void)snprintf(url, sizeof url, "%s?queue=${original}", drill->url);
	drill->fault.http.revert.url = url;
	drill->fault.http.revert.body = "to ${original}, ${original}";
	break_it(drill);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(service_count(&drill->world.service,
				       "PUT /value?queue=a%20b%2Fc%3Fd%26%25 to a b/c?d&%, a b/c"),
			 1);
}

static void the_original_can_be_part_of_what_is_put_in(void **state)
{
	struct drill *drill = *state;

	drill->fault.http.inject.body = "${original}-" DRILL;
	break_it(drill);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_string_equal(drill->world.service.value, "orders");
}

static void headers_carry_secrets_that_no_text_shows(void **state)
{
	struct drill *drill = *state;
	struct http_fault *http = &drill->fault.http;

	http->inject.headers = http->capture.headers = (struct pairs){&drill->token, 1};
	break_it(drill);
	assert_string_equal(drill->world.service.token, SECRET);
	drill->world.service.get_body = "your token is " SECRET " is it not";
	drill->world.service.get_body_len = strlen(drill->world.service.get_body);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_true(says(drill, "your token is ****"));
	assert_false(says(drill, SECRET));
	assert_int_equal(run(drill, fault_http.inject), FAULT_YES);
	assert_true(says(drill, "your token is ****"));
	assert_false(says(drill, SECRET));
}

/* The secret begins before the cut of the quotation and ends after it. */
static void a_secret_across_the_cut_is_masked_first(void **state)
{
	struct drill *drill = *state;
	char body[400];

	drill->fault.http.confirm.headers = (struct pairs){&drill->token, 1};
	drill->fault.http.confirm.expect = "orders";
	plan(drill);
	capture(drill);
	for (int before = 180; before <= 200; before++) {
		(void)snprintf(body, sizeof body, "%*s%s%*s", before, "", SECRET, 100, "");
		drill->world.service.get_body = body;
		drill->world.service.get_body_len = strlen(body);
		assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
		assert_false(says(drill, "pa55"));
	}
}

static void a_hostile_answer_makes_a_short_printable_text(void **state)
{
	static char body[100 * 1024];
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (char)(i * 7);
	plan(drill);
	capture(drill);
	drill->world.service.get_body = body;
	drill->world.service.get_body_len = sizeof body;
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	for (const char *at = drill->ended.text; *at != '\0'; at++)
		assert_true((unsigned char)*at >= ' ');
}

static void an_answer_without_end_is_cut_off(void **state)
{
	struct drill *drill = *state;
	size_t len = 512 * 1024;
	char *body = mem_zalloc(len);

	memset(body, 'x', len);
	plan(drill);
	capture(drill);
	drill->world.service.get_body = body;
	drill->world.service.get_body_len = len;
	assert_int_equal(run(drill, fault_http.confirm), FAULT_UNKNOWN);
	assert_int_equal(run(drill, fault_http.revert), FAULT_UNKNOWN);
	assert_int_equal(run(drill, fault_http.capture), FAULT_NO);
	free(body);
}

static void confirm_reads_what_capture_read_when_it_is_not_named(void **state)
{
	struct drill *drill = *state;

	drill->fault.http.confirm.url = NULL;
	break_it(drill);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_NO);
	assert_int_equal(run(drill, fault_http.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_http.confirm), FAULT_YES);
}

static void what_can_never_work_is_refused_by_the_plan(void **state)
{
	struct drill *drill = *state;
	struct http_call empty = {0}, ftp = {.url = "ftp://host/"}, no_host = {.url = "http:///x"},
			 blank = {.url = "http://host/a b"},
			 password = {.url = "http://user:hush@host/"};
	struct fault good = drill->fault;
	struct error error;
	struct {
		struct http_call *place, call;
		const char *says;
	} cases[] = {
	    {&drill->fault.http.inject, empty, "fault.inject.url is missing"},
	    {&drill->fault.http.revert, empty, "fault.revert.url is missing"},
	    {&drill->fault.http.inject, ftp, "http://"},
	    {&drill->fault.http.inject, no_host, "http://"},
	    {&drill->fault.http.witness, blank, "%20"},
	    {&drill->fault.http.confirm, password, "password"},
	    {&drill->fault.http.inject, {.url = drill->url}, "fault.inject.body is missing"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		*cases[i].place = cases[i].call;
		assert_null(fault_http.plan(&drill->fault, DRILL, &error));
		assert_non_null(strstr(error.text, cases[i].says));
		assert_null(strstr(error.text, "hush"));
		drill->fault = good;
	}
	drill->fault.http.capture = drill->fault.http.confirm = empty;
	assert_null(fault_http.plan(&drill->fault, DRILL, &error));
	assert_non_null(strstr(error.text, "fault.confirm.url is missing"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(what_was_captured_is_put_back),
	    TEST(a_value_that_somebody_else_changed_is_left_alone),
	    TEST(a_fault_that_is_gone_already_is_told_from_one_that_had_to_be_reverted),
	    TEST(a_conflict_shows_no_secret),
	    TEST(a_conflict_shows_no_secret_in_either_value),
	    TEST(a_revert_whose_answer_is_lost_is_repeated_without_harm),
	    TEST(an_injection_that_lands_late_is_seen_by_the_next_confirm),
	    TEST(a_confirm_that_cannot_tell_is_not_believed),
	    TEST(a_value_that_is_back_already_is_not_sent_again),
	    TEST(nothing_is_sent_while_the_value_cannot_be_read),
	    TEST(json_in_another_layout_is_the_same_value),
	    TEST(without_a_capture_revert_just_sends),
	    TEST(inject_without_what_was_captured_sends_nothing),
	    TEST(the_answer_decides_what_became_of_the_injection),
	    TEST(an_injection_that_may_have_arrived_is_unknown_and_can_be_reverted),
	    TEST(a_refused_connection_is_a_certain_no),
	    TEST(the_witness_waits_until_the_fault_bites),
	    TEST(a_fault_that_does_not_bite_is_seen),
	    TEST(without_a_witness_the_confirm_must_not_hold),
	    TEST(confirm_waits_until_the_service_has_recovered),
	    TEST(confirm_believes_the_target_and_not_the_revert),
	    TEST(status_body_and_text_must_all_hold),
	    TEST(a_body_of_a_look_is_what_is_expected),
	    TEST(what_cannot_be_an_original_is_refused),
	    TEST(an_empty_value_is_an_original_too),
	    TEST(the_original_is_escaped_in_a_url_and_exact_in_a_body),
	    TEST(the_original_can_be_part_of_what_is_put_in),
	    TEST(headers_carry_secrets_that_no_text_shows),
	    TEST(a_secret_across_the_cut_is_masked_first),
	    TEST(a_hostile_answer_makes_a_short_printable_text),
	    TEST(an_answer_without_end_is_cut_off),
	    TEST(confirm_reads_what_capture_read_when_it_is_not_named),
	    TEST(what_can_never_work_is_refused_by_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
