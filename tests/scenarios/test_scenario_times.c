/* Tests of the times of a scenario: "auto", `hold`, and the lease that covers them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* Staging has stations that can be asked; production has none. */
static const char with_pipeline[] =
    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; };\n"
    "environments = { staging = { pipeline = \"main\"; }; production = { }; };\n"
    "pipelines = { main = { hops = (\n"
    "  { type = \"prometheus\"; url = \"http://prometheus.example:9090\"; } ); }; };\n";

static const char times[] =
    "name = \"x\"; summary = \"x\";\n"
    "fault = { FAULT kind = \"error-log\"; via = \"rabbitmq\"; url = \"http://r:1\";\n"
    "user = \"u\"; password = \"env:P\"; routing_key = \"gone\"; };\n"
    "expect = ( { channel = \"#ops\"; match = [ \"A\" ]; EXPECT } );\n"
    "in = { ENVIRONMENTS };\n";

static int load(void **state)
{
	*state = config_of(with_pipeline);
	return 0;
}

static int unload(void **state)
{
	config_free(*state);
	return 0;
}

/* Owned by the caller. */
static char *text_of(const char *fault, const char *expect, const char *environments)
{
	char *first = text_with(times, "FAULT", fault);
	char *second = text_with(first, "EXPECT", expect);
	char *text = text_with(second, "ENVIRONMENTS", environments);

	free(first);
	free(second);
	return text;
}

static struct scenario *with(const char *fault, const char *expect, const struct config *config)
{
	char *text = text_of(fault, expect, "staging = { };");
	struct scenario *scenario = scenario_of(text, config);

	free(text);
	return scenario;
}

static void deadlines_can_be_left_to_the_stations(void **state)
{
	struct scenario *s =
	    with("hold = \"auto\";", "within = \"auto\"; resolved = \"auto\";", *state);

	assert_int_equal(s->expect[0].within_ms, SCENARIO_AUTO);
	assert_int_equal(s->expect[0].resolved_ms, SCENARIO_AUTO);
	assert_int_equal(s->fault.hold_ms, SCENARIO_AUTO);
	scenario_free(s);
}

static void without_a_word_nothing_is_left_to_them_and_nothing_is_held(void **state)
{
	struct scenario *s = with("", "", *state);

	assert_int_equal(s->expect[0].within_ms, 120000);
	assert_int_equal(s->expect[0].resolved_ms, 0);
	assert_int_equal(s->fault.hold_ms, 0);
	scenario_free(s);
}

static void the_lease_covers_what_auto_becomes_when_nobody_tells(void **state)
{
	struct scenario *s = with("", "within = \"auto\";", *state);

	assert_int_equal(s->fault.hold_at_most_ms, SCENARIO_UNKNOWN_MS + 60000);
	scenario_free(s);
}

static void the_lease_covers_the_hold(void **state)
{
	struct scenario *s = with("hold = \"7m\";", "", *state);

	assert_int_equal(s->fault.hold_ms, 420000);
	assert_int_equal(s->fault.hold_at_most_ms, 480000);
	scenario_free(s);
}

static void a_lease_that_is_written_is_kept_beside_auto(void **state)
{
	struct scenario *s = with("hold_at_most = \"30s\";", "within = \"auto\";", *state);

	assert_int_equal(s->fault.hold_at_most_ms, 30000);
	scenario_free(s);
}

static void one_environment_with_stations_is_enough(void **state)
{
	char *text = text_of("", "within = \"auto\";", "staging = { }; production = { };");

	scenario_free(scenario_of(text, *state));
	free(text);
}

static void times_that_do_not_fit_are_told(void **state)
{
	static const struct {
		const char *fault, *expect, *environments;
		struct wanted wanted[4];
	} rows[] = {
	    {"hold = \"5m\"; hold_at_most = \"4m\";",
	     "",
	     "staging = { };",
	     {{2, "fault.hold", "longer than hold_at_most"}}},
	    {"",
	     "within = \"automatic\";",
	     "staging = { };",
	     {{4, "expect[0].within", "\"1d\", or \"auto\""}}},
	    {"hold_at_most = \"auto\";",
	     "",
	     "staging = { };",
	     {{2, "fault.hold_at_most", "is not a length"}}},
	    {"", "settle = \"auto\";", "staging = { };", {{4, "expect[0].settle", "is not"}}},
	    {"",
	     "within = \"auto\"; resolved = \"auto\";",
	     "production = { };",
	     {{4, "expect[0].within", "none of these environments has a `pipeline`"},
	      {4, "expect[0].resolved", "none of these environments has a `pipeline`"}}},
	    {"",
	     "never = true; resolved = \"auto\";",
	     "staging = { };",
	     {{4, "expect[0].resolved", "cannot be resolved"}}},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *text = text_of(rows[i].fault, rows[i].expect, rows[i].environments);
		struct spoilt spoilt = {.to = text};

		memcpy(spoilt.mistakes, rows[i].wanted, sizeof spoilt.mistakes);
		assert_spoilt(times, &spoilt, 1, *state);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(deadlines_can_be_left_to_the_stations),
	    cmocka_unit_test(without_a_word_nothing_is_left_to_them_and_nothing_is_held),
	    cmocka_unit_test(the_lease_covers_what_auto_becomes_when_nobody_tells),
	    cmocka_unit_test(the_lease_covers_the_hold),
	    cmocka_unit_test(a_lease_that_is_written_is_kept_beside_auto),
	    cmocka_unit_test(one_environment_with_stations_is_enough),
	    cmocka_unit_test(times_that_do_not_fit_are_told),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
