/* Tests of what a scenario says about ending early, and of drills that could never fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define DRILL        "fd-k3q9x2m7"

static int load(void **state)
{
	*state = config_of(good_config);
	return 0;
}

static int unload(void **state)
{
	config_free(*state);
	return 0;
}

/* The good scenario with more keys at the end of its second line. */
static char *with_keys(const char *keys)
{
	char *keys_after = text_with("exist\";KEYS\nfault", "KEYS", keys);
	char *text = text_with(good_scenario, "exist\";\nfault", keys_after);

	free(keys_after);
	return text;
}

static struct scenario *scenario_with(const char *keys, const struct config *config)
{
	char *text = with_keys(keys);
	struct scenario *scenario = scenario_of(text, config);

	free(text);
	return scenario;
}

static void conditions_and_services_are_read_as_written(void **state)
{
	struct scenario *s = scenario_with(
	    "service = [ \"orders\", \"OrdersApi\" ];"
	    "stop_when = ( { check = \"https://a.example/health\"; status = 204; contains = \"ok\";"
	    "  headers = { Authorization = \"env:A\"; }; every = \"500ms\"; times = 3; },"
	    "  { prometheus = \"http://p:9090\"; query = \"up == 0\"; } );",
	    *state);
	const struct stop_condition *stop = s->stop_when;

	assert_int_equal(s->service.count, 2);
	assert_string_equal(s->service.list[1], "OrdersApi");
	assert_int_equal(s->stop_when_count, 2);
	assert_string_equal(stop[0].check, "https://a.example/health");
	assert_int_equal(stop[0].status, 204);
	assert_string_equal(stop[0].contains, "ok");
	assert_int_equal(stop[0].headers.count, 1);
	assert_string_equal(stop[0].headers.list[0].value, "env:A");
	assert_int_equal(stop[0].every_ms, 500);
	assert_int_equal(stop[0].times, 3);
	assert_null(stop[0].prometheus);
	assert_null(stop[0].query);
	assert_null(stop[1].check);
	assert_int_equal(stop[1].status, 0);
	assert_null(stop[1].contains);
	assert_string_equal(stop[1].prometheus, "http://p:9090");
	assert_string_equal(stop[1].query, "up == 0");
	assert_int_equal(stop[1].every_ms, 5000);
	assert_int_equal(stop[1].times, 2);
	scenario_free(s);
}

static void without_conditions_nothing_ends_a_drill_early(void **state)
{
	struct scenario *s = scenario_of(good_scenario, *state);

	assert_int_equal(s->service.count, 0);
	assert_int_equal(s->stop_when_count, 0);
	assert_null(s->stop_when);
	scenario_free(s);
}

static void variables_are_replaced_in_conditions_and_services(void **state)
{
	const struct config *config = *state;
	struct scenario *s = scenario_with(
	    "service = [ \"orders-${environment}\" ];"
	    "stop_when = ( { check = \"${api}/health\"; contains = \"${drill}\"; headers = { X-E = "
	    "\"${environment}\"; }; },"
	    "  { prometheus = \"${api}/prometheus\"; query = \"lost{id='${drill}'} > 1\"; } );",
	    config);
	struct error error = {""};
	struct scenario *r =
	    scenario_resolve(s, config_environment(config, "production"), DRILL, &error);

	assert_string_equal(error.text, "");
	scenario_free(s); /* the resolved one owns all of its texts */
	assert_string_equal(r->service.list[0], "orders-production");
	assert_string_equal(r->stop_when[0].check, "https://orders.example/health");
	assert_string_equal(r->stop_when[0].contains, DRILL);
	assert_string_equal(r->stop_when[0].headers.list[0].value, "production");
	assert_string_equal(r->stop_when[1].prometheus, "https://orders.example/prometheus");
	assert_string_equal(r->stop_when[1].query, "lost{id='" DRILL "'} > 1");
	assert_int_equal(r->stop_when[1].every_ms, 5000);
	scenario_free(r);
}

static const struct {
	const char *keys;
	struct wanted wanted[3];
} spoilt[] = {
    {"stop_when = ( );", {{2, "stop_when", "is empty: write ( { check = "}}},
    {"stop_when = { check = \"http://a\"; };", {{2, "stop_when", "must be a list of groups"}}},
    {"stop_when = ( { } );", {{2, "stop_when[0]", "looks at nothing: write check = "}}},
    {"stop_when = ( { check = \"http://a\"; },\n { times = 3; } );",
     {{3, "stop_when[1]", "looks at nothing"}}},
    {"stop_when = ( { check = \"http://a\"; prometheus = \"http://p\"; query = \"up\"; } );",
     {{2, "stop_when[0].prometheus", "one condition looks at one thing"}}},
    {"stop_when = ( { check = \"http://a\"; query = \"up\"; } );",
     {{2, "stop_when[0].query", "one condition looks at one thing"}}},
    {"stop_when = ( { prometheus = \"http://p\"; } );",
     {{2, "stop_when[0].query", "is missing: write what Prometheus is asked"}}},
    {"stop_when = ( { query = \"up\"; } );",
     {{2, "stop_when[0].prometheus", "is missing: write who is asked"}}},
    {"stop_when = ( { prometheus = \"http://p\"; query = \"up\"; status = 200; contains = \"x\"; "
     "} );",
     {{2, "stop_when[0].status", "counts with `check` only"},
      {2, "stop_when[0].contains", "counts with `check` only"}}},
    {"stop_when = ( { prometheus = \"p:9090\"; query = \"up\"; } );",
     {{2, "stop_when[0].prometheus", "begin it with http:// or https://"}}},
    {"stop_when = ( { prometheus = \"http://p\"; query = \"\"; } );",
     {{2, "stop_when[0].query", "is empty: write"}}},
    {"stop_when = ( { check = \"${apo}/health\"; } );",
     {{2, "stop_when[0].check", "unknown variable ${apo} in staging: did you mean ${api}?"},
      {2, "stop_when[0].check", "unknown variable ${apo} in production"}}},
    {"stop_when = ( { check = \"http://a\"; status = 20; } );",
     {{2, "stop_when[0].status", "from 100 to 599"}}},
    {"stop_when = ( { check = \"http://a\"; headers = { X-Api-Key = \"abc\"; }; } );",
     {{2, "stop_when[0].headers.X-Api-Key", "looks like a secret"}}},
    {"stop_when = ( { check = \"http://a/${original}\"; } );",
     {{2, "stop_when[0].check", "${original} may stand in fault.revert"}}},
    {"stop_when = ( { check = \"http://a\"; every = \"1ms\"; } );",
     {{2, "stop_when[0].every", "out of range: from 100ms"}}},
    {"stop_when = ( { check = \"http://a\"; times = 0; } );",
     {{2, "stop_when[0].times", "from 1 to 100"}}},
    {"stop_when = ( { check = \"http://a\"; every = \"1m\"; times = 5; } );",
     {{2, "stop_when[0].times", "when the fault is over, after 3 min"}}},
    {"stop_when = ( { check = \"http://a\"; every = \"10m\"; } );",
     {{2, "stop_when[0].every", "look more often"}}},
    {"stop_when = ( { chek = \"http://a\"; } );",
     {{2, "stop_when[0].chek", "did you mean \"check\"?"},
      {2, "stop_when[0]", "looks at nothing"}}},
    {"service = \"orders\";", {{2, "service", "must be a list of texts"}}},
    {"service = [ \"\" ];", {{2, "service[0]", "is empty, and so in every message"}}},
    {"service = [ ];", {{2, "service", "is empty: write [ \"orders\" ]"}}},
};

static void every_mistake_in_a_condition_is_told_with_its_line_key_and_remedy(void **state)
{
	for (size_t i = 0; i < LENGTH(spoilt); i++) {
		char *text = with_keys(spoilt[i].keys);
		struct spoilt row = {.to = text};

		memcpy(row.mistakes, spoilt[i].wanted, sizeof spoilt[i].wanted);
		assert_spoilt(good_scenario, &row, 1, *state);
		free(text);
	}
}

static void conditions_that_just_fit_into_the_fault_s_time_are_fine(void **state)
{
	struct scenario *s = scenario_with(
	    "stop_when = ( { check = \"http://a\"; every = \"1m\"; times = 3; } );", *state);

	assert_int_equal(s->fault.hold_at_most_ms, 180000);
	scenario_free(s);
}

/* Control drills. */

static const char control[] = "name = \"quiet\"; summary = \"Nothing is broken\";\n"
			      "fault = { kind = \"none\"; via = \"none\"; };\n"
			      "expect = ( { channel = \"#ops\"; match = [ \"FIRING\" ]; },\n"
			      "  { channel = \"#ops\"; match = [ \"Down\" ]; } );\n"
			      "in = { staging = { }; };\n";

static void a_control_drill_that_looks_for_its_own_id_only_is_refused(void **state)
{
	static const struct spoilt rows[] = {
	    {"{ channel = \"#ops\"; match = [ \"FIRING\" ]; },\n  { channel = \"#ops\"; match = [ "
	     "\"Down\" ]; }",
	     "{ channel = \"#ops\";\n match = [ \"FIRING\", \"${drill}\" ]; }",
	     {{4, "expect[0].match", "can never fail: nothing is broken"}}},
	    {"{ channel = \"#ops\"; match = [ \"FIRING\" ]; },\n  { channel = \"#ops\"; match = [ "
	     "\"Down\" ]; }",
	     "{ channel = \"#ops\"; match = [ \"id ${drill}\" ]; },\n"
	     "{ channel = \"#ops\"; match = [ \"Down\", \"$${drill} ${drill}\" ]; }",
	     {{3, "expect[0].match", "take ${drill} out"}}},
	};

	assert_spoilt(control, rows, LENGTH(rows), *state);
}

static void a_control_drill_that_looks_for_an_alert_is_fine(void **state)
{
	static const char *const good[] = {
	    "match = [ \"FIRING\" ]",                /* as it is */
	    "match = [ \"FIRING\", \"${drill}\" ]",  /* the other one looks for an alert */
	    "match = [ \"FIRING\", \"$${drill}\" ]", /* the characters themselves */
	    "match = [ \"${environment}\" ]",
	};

	for (size_t i = 0; i < LENGTH(good); i++) {
		char *text = text_with(control, "match = [ \"FIRING\" ]", good[i]);

		scenario_free(scenario_of(text, *state));
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conditions_and_services_are_read_as_written),
	    cmocka_unit_test(without_conditions_nothing_ends_a_drill_early),
	    cmocka_unit_test(variables_are_replaced_in_conditions_and_services),
	    cmocka_unit_test(every_mistake_in_a_condition_is_told_with_its_line_key_and_remedy),
	    cmocka_unit_test(conditions_that_just_fit_into_the_fault_s_time_are_fine),
	    cmocka_unit_test(a_control_drill_that_looks_for_its_own_id_only_is_refused),
	    cmocka_unit_test(a_control_drill_that_looks_for_an_alert_is_fine),
	};

	return cmocka_run_group_tests_name("stop_when", tests, load, unload);
}
