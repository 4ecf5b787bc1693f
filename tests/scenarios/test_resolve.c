/* Tests of ${variables}: what a scenario becomes for one drill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define DRILL "fd-k3q9x2m7"

struct world {
	struct config *config;
	struct scenario *scenario; /* the good one */
};

static int make(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->config = config_of(good_config);
	w->scenario = scenario_of(good_scenario, w->config);
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;

	scenario_free(w->scenario);
	config_free(w->config);
	free(w);
	return 0;
}

static struct scenario *resolved(const struct world *w, const struct scenario *scenario,
				 const char *environment)
{
	struct error error = {""};
	struct scenario *result =
	    scenario_resolve(scenario, config_environment(w->config, environment), DRILL, &error);

	assert_string_equal(error.text, "");
	assert_non_null(result);
	return result;
}

/* The good scenario with another body to send. */
static struct scenario *with_body(const struct world *w, const char *body)
{
	char *text = text_with(good_scenario, "orders-${drill}", body);
	struct scenario *scenario = scenario_of(text, w->config);

	free(text);
	return scenario;
}

static void variables_come_from_the_placement_the_environment_and_the_drill(void **state)
{
	const struct world *w = *state;
	struct scenario *s = resolved(w, w->scenario, "production");

	assert_string_equal(s->fault.http.inject.url, "https://orders.example/queue");
	assert_string_equal(s->fault.http.inject.body, "orders-" DRILL);
	assert_string_equal(s->fault.http.confirm.expect, "orders");
	assert_string_equal(s->expect[0].channel, "#ops");
	assert_string_equal(s->expect[0].match.list[1], DRILL);
	assert_string_equal(s->expect[0].alert, "OrdersQueueMissing");
	assert_int_equal(s->expect[0].within_ms, 120000);
	assert_string_equal(s->in[1].variables.list[0].value, "https://orders.example");
	scenario_free(s);
	s = resolved(w, w->scenario, "staging");
	assert_string_equal(s->fault.http.inject.url, "https://orders.staging.example/queue");
	assert_string_equal(s->expect[0].channel, "#ops-staging");
	scenario_free(s);
}

static void a_placement_overrides_its_environment(void **state)
{
	const struct world *w = *state;
	char *text = text_with(good_scenario, "staging = {", "staging = { alerts = \"#mine\";");
	struct scenario *scenario = scenario_of(text, w->config);
	struct scenario *s = resolved(w, scenario, "staging");

	assert_string_equal(s->expect[0].channel, "#mine");
	scenario_free(s);
	scenario_free(scenario);
	free(text);
}

static void a_resolved_scenario_shares_nothing_with_the_one_it_came_from(void **state)
{
	const struct world *w = *state;
	struct scenario *scenario = scenario_of(good_scenario, w->config);
	struct scenario *s = resolved(w, scenario, "staging");

	scenario_free(scenario);
	assert_string_equal(s->file, "x.cfg");
	assert_string_equal(s->name, "orders-bad-queue");
	assert_string_equal(s->fault.http.revert.method, "PUT");
	assert_string_equal(s->expect[0].resolved_match.list[0], "resolved");
	assert_string_equal(scenario_placement(s, "production")->environment, "production");
	scenario_free(s);
}

static void every_text_of_every_driver_is_replaced(void **state)
{
	static const char *const faults[] = {
	    "kind = \"missing-env\"; via = \"process\"; command = [ \"a\", \"V\" ]; "
	    "set = { A = \"V\"; };"
	    "directory = \"V\"; ready = \"V\";",
	    "kind = \"missing-env\"; via = \"process\"; command = [ \"a\" ]; unset = [ \"V\" ];",
	    "kind = \"dead-health\"; via = \"canary\"; name = \"V\"; mode = \"body\"; "
	    "body = \"V\";",
	    "kind = \"bad-queue-name\"; via = \"rabbitmq\"; url = \"http://V\"; user = \"V\";"
	    "password = \"env:V\"; vhost = \"V\"; exchange = \"V\"; routing_key = \"V\"; "
	    "payload = \"V\";",
	    "kind = \"silence\"; via = \"exec\"; inject = [ \"V\" ]; witness = [ \"V\" ];"
	    "revert = [ \"V\" ]; confirm = [ \"a\", \"V\" ]; environment = { A = \"V\"; };",
	    "kind = \"silence\"; via = \"http\"; capture = { url = \"http://V\"; body = \"V\";"
	    "contains = \"V\"; headers = { A = \"V\"; }; }; inject = { url = \"http://V\"; "
	    "body = \"V\";"
	    "expect = \"V\"; }; revert = { url = \"http://V\"; }; confirm = { url = \"http://V\"; "
	    "};",
	};
	const struct world *w = *state;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		char *text =
		    text_with("name = \"x\"; summary = \"V\"; owner = \"V\"; runbook = \"V\";"
			      "fault = { FAULT }; expect = ( { alert = \"V\"; chat = \"slack\";"
			      "channel = \"V\"; match = [ \"V\" ]; contains = [ \"V\" ];"
			      "resolved_match = [ \"V\" ]; } );"
			      "in = { staging = { v = \"abc\"; }; };",
			      "FAULT", faults[i]);
		struct scenario *scenario, *s;

		while (strstr(text, "V") != NULL) {
			char *longer = text_with(text, "V", "${v}");

			free(text);
			text = longer;
		}
		scenario = scenario_of(text, w->config);
		s = resolved(w, scenario, "staging");
		assert_string_equal(s->summary, "abc");
		assert_string_equal(s->owner, "abc");
		assert_string_equal(s->runbook, "abc");
		assert_string_equal(s->expect[0].alert, "abc");
		assert_string_equal(s->expect[0].contains.list[0], "abc");
		assert_string_equal(s->expect[0].resolved_match.list[0], "abc");
		switch (i) {
		case 0:
			assert_string_equal(s->fault.process.command.list[1], "abc");
			assert_string_equal(s->fault.process.set.list[0].value, "abc");
			assert_string_equal(s->fault.process.directory, "abc");
			assert_string_equal(s->fault.process.ready, "abc");
			break;
		case 1:
			assert_string_equal(s->fault.process.unset.list[0], "abc");
			break;
		case 2:
			assert_string_equal(s->fault.canary.name, "abc");
			assert_string_equal(s->fault.canary.body, "abc");
			break;
		case 3:
			assert_string_equal(s->fault.rabbitmq.url, "http://abc");
			assert_string_equal(s->fault.rabbitmq.password, "env:abc");
			assert_string_equal(s->fault.rabbitmq.payload, "abc");
			break;
		case 4:
			assert_string_equal(s->fault.exec.inject.list[0], "abc");
			assert_string_equal(s->fault.exec.confirm.list[1], "abc");
			assert_string_equal(s->fault.exec.environment.list[0].value, "abc");
			break;
		default:
			assert_string_equal(s->fault.http.capture.expect, "abc");
			assert_string_equal(s->fault.http.capture.headers.list[0].value, "abc");
			assert_string_equal(s->fault.http.inject.expect, "abc");
			break;
		}
		scenario_free(s);
		scenario_free(scenario);
		free(text);
	}
}

static void dollars_that_begin_no_variable_stay(void **state)
{
	static const char *const bodies[][2] = {
	    {"$${drill}", "${drill}"},
	    {"$", "$"},
	    {"$5 {x} $", "$5 {x} $"},
	    {"$$${drill}", "$${drill}"},
	    {"${drill}$${drill}", DRILL "${drill}"},
	    {"${drill}${drill}", DRILL DRILL},
	    {"${scenario} in ${environment}", "orders-bad-queue in staging"},
	    {"", ""},
	};
	const struct world *w = *state;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct scenario *scenario = with_body(w, bodies[i][0]);
		struct scenario *s = resolved(w, scenario, "staging");

		assert_string_equal(s->fault.http.inject.body, bodies[i][1]);
		scenario_free(s);
		scenario_free(scenario);
	}
}

static void the_original_stays_for_the_http_driver(void **state)
{
	const struct world *w = *state;
	char *text = text_with(good_scenario, "body = \"orders\"", "body = \"[${original}]\"");
	char *two = text_with(text, "inject =", "capture = { url = \"${api}/queue\"; }; inject =");
	struct scenario *scenario = scenario_of(two, w->config);
	struct scenario *s = resolved(w, scenario, "staging");

	assert_string_equal(s->fault.http.revert.body, "[${original}]");
	scenario_free(s);
	scenario_free(scenario);
	free(two);
	free(text);
}

static void an_environment_that_the_scenario_does_not_name_is_an_error(void **state)
{
	const struct world *w = *state;
	char *text = text_with(good_scenario,
			       "staging = { api = \"https://orders.staging.example\"; };", "");
	struct scenario *scenario = scenario_of(text, w->config);
	struct error error;

	assert_null(
	    scenario_resolve(scenario, config_environment(w->config, "staging"), DRILL, &error));
	assert_string_equal(error.text, "x.cfg: the scenario \"orders-bad-queue\" is not meant for "
					"staging: name it in `in`, or choose another environment");
	scenario_free(scenario);
	free(text);
}

static void a_variable_that_is_gone_from_the_configuration_is_an_error(void **state)
{
	const struct world *w = *state;
	char *text = text_with(good_config, "alerts = \"#ops\"", "alarms = \"#ops\"");
	struct config *other = config_of(text);
	struct error error;

	assert_null(
	    scenario_resolve(w->scenario, config_environment(other, "production"), DRILL, &error));
	assert_non_null(strstr(error.text, "expect[0].channel: unknown variable ${alerts} in "
					   "production: did you mean ${alarms}?"));
	config_free(other);
	free(text);
}

static void a_text_that_grows_without_measure_is_an_error(void **state)
{
	const struct world *w = *state;
	char big[1001], many[4 * 100 + 1] = "", *text, *two;
	struct mistakes mistakes = {0};

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	for (int i = 0; i < 100; i++)
		strcat(many, "${b}");
	text = text_with(good_scenario, "orders-${drill}", many);
	two = text_with(text, "https://orders.example\"", "https://orders.example\"; b = \"BIG\"");
	free(text);
	text = text_with(two, "BIG", big);
	free(two);
	two = text_with(text, "staging = {", "staging = { b = \"\";");
	assert_null(load_scenario_text("x.cfg", two, w->config, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_string_equal(mistakes.list[0].key, "fault.inject.body");
	assert_non_null(strstr(mistakes.list[0].text, "longer than 65536 bytes"));
	mistakes_done(&mistakes);
	free(two);
	free(text);
	many[4 * 9] = '\0'; /* 9000 bytes: too many for a text in a list */
	text = text_with(good_scenario, "OrdersQueueMissing", many);
	two = text_with(text, "https://orders.example\"", "https://orders.example\"; b = \"BIG\"");
	free(text);
	text = text_with(two, "BIG", big);
	free(two);
	two = text_with(text, "staging = {", "staging = { b = \"x\";");
	assert_null(load_scenario_text("x.cfg", two, w->config, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_string_equal(mistakes.list[0].key, "expect[0].match[0]");
	assert_string_equal(mistakes.list[0].text, "is longer than 8192 bytes (in production)");
	mistakes_done(&mistakes);
	free(two);
	free(text);
}

static void a_secret_put_together_from_variables_is_found(void **state)
{
	const struct world *w = *state;
	char *text = text_with(good_scenario, "orders-${drill}", "xoxb-${s}");
	char *two = text_with(text, "staging = {", "staging = { s = \"s3cret-12345\";");
	char *three = text_with(two, "production = {", "production = { s = \"\";");
	struct mistakes mistakes = {0};

	assert_null(load_scenario_text("x.cfg", three, w->config, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_non_null(strstr(mistakes.list[0].text, "looks like a Slack token"));
	assert_null(strstr(mistakes.list[0].text, "s3cret"));
	mistakes_done(&mistakes);
	free(three);
	free(two);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(variables_come_from_the_placement_the_environment_and_the_drill),
	    cmocka_unit_test(a_placement_overrides_its_environment),
	    cmocka_unit_test(a_resolved_scenario_shares_nothing_with_the_one_it_came_from),
	    cmocka_unit_test(every_text_of_every_driver_is_replaced),
	    cmocka_unit_test(dollars_that_begin_no_variable_stay),
	    cmocka_unit_test(the_original_stays_for_the_http_driver),
	    cmocka_unit_test(an_environment_that_the_scenario_does_not_name_is_an_error),
	    cmocka_unit_test(a_variable_that_is_gone_from_the_configuration_is_an_error),
	    cmocka_unit_test(a_text_that_grows_without_measure_is_an_error),
	    cmocka_unit_test(a_secret_put_together_from_variables_is_found),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
