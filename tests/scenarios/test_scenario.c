/* Tests of scenario files: what good ones hold, and what is said about bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

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

/* A scenario around the keys of a fault, with one expectation, in staging. */
static struct scenario *with_fault(const char *keys, const struct config *config)
{
	char *text = text_with("name = \"x\"; summary = \"x\"; fault = { FAULT };\n"
			       "expect = ( { channel = \"#ops\"; match = [ \"A\" ]; } );\n"
			       "in = { staging = { }; };\n",
			       "FAULT", keys);
	struct scenario *scenario = scenario_of(text, config);

	free(text);
	return scenario;
}

static void a_full_http_scenario_is_read_as_written(void **state)
{
	struct scenario *s = scenario_of(
	    "name = \"full-1\"; summary = \"All\"; owner = \"payments\"; runbook = \"https://w\";\n"
	    "fault = { kind = \"bad-queue-name\"; via = \"http\"; hold_at_most = \"5m\";\n"
	    "capture = { url = \"http://a/c\"; status = 200; contains = \"q\"; body = \"orders\"; "
	    "};\n"
	    "inject = { method = \"POST\"; url = \"http://a/i\"; body = \"b\"; status = 204;\n"
	    "  headers = { Authorization = \"env:AUTH\"; X-Team = \"payments\"; };\n"
	    "  expect = \"ok\"; contains = \"o\"; };\n"
	    "witness = { url = \"http://a/w\"; contains = \"bad\"; };\n"
	    "revert = { url = \"http://a/r\"; body = \"${original}\"; };\n"
	    "confirm = { url = \"http://a/f\"; };\n"
	    "};\n"
	    "expect = ( { alert = \"Name\"; chat = \"slack\"; channel = \"#a\"; match = [ \"m\", "
	    "\"n\" ];\n"
	    "  within = \"90s\"; grace = \"0s\"; resolved = \"3m\"; resolved_match = ( \"ok\", "
	    "\"fine\" );\n"
	    "  contains = [ \"runbook\" ]; at_most = 0; },\n"
	    "  { channel = \"C1\"; match = [ \"m\" ]; never = true; } );\n"
	    "in = { staging = { schedule = \"17 * * * *\"; a = \"1\"; b-2 = \"\"; }; };\n",
	    *state);
	const struct http_fault *http = &s->fault.http;
	const struct expectation *e = s->expect;

	assert_string_equal(s->file, "x.cfg");
	assert_string_equal(s->name, "full-1");
	assert_string_equal(s->summary, "All");
	assert_string_equal(s->owner, "payments");
	assert_string_equal(s->runbook, "https://w");
	assert_int_equal(s->fault.kind, KIND_BAD_QUEUE_NAME);
	assert_int_equal(s->fault.via, VIA_HTTP);
	assert_int_equal(s->fault.hold_at_most_ms, 300000);
	assert_string_equal(http->capture.url, "http://a/c");
	assert_int_equal(http->capture.status, 200);
	assert_string_equal(http->capture.contains, "q");
	assert_string_equal(http->capture.expect, "orders");
	assert_null(http->capture.body);
	assert_string_equal(http->inject.method, "POST");
	assert_string_equal(http->inject.url, "http://a/i");
	assert_string_equal(http->inject.body, "b");
	assert_int_equal(http->inject.status, 204);
	assert_string_equal(http->inject.expect, "ok");
	assert_string_equal(http->inject.contains, "o");
	assert_int_equal(http->inject.headers.count, 2);
	assert_string_equal(http->inject.headers.list[0].name, "Authorization");
	assert_string_equal(http->inject.headers.list[0].value, "env:AUTH");
	assert_string_equal(http->inject.headers.list[1].name, "X-Team");
	assert_string_equal(http->witness.contains, "bad");
	assert_string_equal(http->revert.body, "${original}");
	assert_string_equal(http->confirm.url, "http://a/f");
	assert_int_equal(s->expect_count, 2);
	assert_string_equal(e->alert, "Name");
	assert_string_equal(e->chat, "slack");
	assert_string_equal(e->channel, "#a");
	assert_int_equal(e->match.count, 2);
	assert_string_equal(e->match.list[1], "n");
	assert_int_equal(e->within_ms, 90000);
	assert_int_equal(e->grace_ms, 0);
	assert_int_equal(e->resolved_ms, 180000);
	assert_int_equal(e->resolved_match.count, 2);
	assert_string_equal(e->resolved_match.list[0], "ok");
	assert_string_equal(e->contains.list[0], "runbook");
	assert_int_equal(e->at_most, 0);
	assert_false(e->never);
	assert_true(e[1].never);
	assert_int_equal(s->in_count, 1);
	assert_string_equal(s->in[0].environment, "staging");
	assert_string_equal(s->in[0].schedule, "17 * * * *");
	assert_int_equal(s->in[0].variables.count, 2);
	assert_string_equal(s->in[0].variables.list[1].name, "b-2");
	assert_ptr_equal(scenario_placement(s, "staging"), &s->in[0]);
	assert_null(scenario_placement(s, "production"));
	scenario_free(s);
}

static void what_is_left_out_of_a_scenario_has_its_documented_default(void **state)
{
	struct scenario *s = scenario_of(good_scenario, *state);
	const struct http_fault *http = &s->fault.http;
	const struct expectation *e = s->expect;

	assert_null(s->owner);
	assert_null(s->runbook);
	assert_int_equal(s->fault.hold_at_most_ms, 120000 + 60000);
	assert_null(http->capture.url);
	assert_null(http->capture.method);
	assert_null(http->witness.url);
	assert_string_equal(http->inject.method, "PUT");
	assert_string_equal(http->revert.method, "PUT");
	assert_string_equal(http->confirm.method, "GET");
	assert_int_equal(http->inject.status, 0);
	assert_null(http->inject.expect);
	assert_null(http->inject.contains);
	assert_int_equal(http->inject.headers.count, 0);
	assert_string_equal(http->confirm.expect, "orders");
	assert_null(http->confirm.body);
	assert_string_equal(e->alert, "OrdersQueueMissing");
	assert_string_equal(e->chat, "slack");
	assert_int_equal(e->within_ms, 120000);
	assert_int_equal(e->grace_ms, 30000);
	assert_int_equal(e->resolved_ms, 0);
	assert_int_equal(e->resolved_match.count, 1);
	assert_string_equal(e->resolved_match.list[0], "resolved");
	assert_int_equal(e->contains.count, 0);
	assert_int_equal(e->at_most, 1);
	assert_false(e->never);
	assert_null(s->in[0].schedule);
	scenario_free(s);
}

static void the_lease_covers_the_longest_deadline_by_a_minute(void **state)
{
	char *text = text_with(good_scenario, "; }\n);",
			       "; within = \"90s\"; },\n"
			       "{ channel = \"#x\"; match = [ \"m\" ]; within = \"10m\"; });");
	struct scenario *s = scenario_of(text, *state);

	assert_int_equal(s->fault.hold_at_most_ms, 660000);
	scenario_free(s);
	free(text);
}

static void a_process_fault_is_read_with_its_defaults(void **state)
{
	struct scenario *s = with_fault(
	    "kind = \"missing-env\"; via = \"process\"; command = [ \"worker\", \"-v\" ];"
	    "unset = [ \"DATABASE_URL\" ]; set = { QUEUE = \"orders-${drill}\"; };",
	    *state);
	const struct process_fault *process = &s->fault.process;

	assert_int_equal(process->command.count, 2);
	assert_string_equal(process->command.list[0], "worker");
	assert_string_equal(process->unset.list[0], "DATABASE_URL");
	assert_string_equal(process->set.list[0].name, "QUEUE");
	assert_null(process->directory);
	assert_null(process->ready);
	assert_int_equal(process->dies_within_ms, 10000);
	scenario_free(s);
	s = with_fault(
	    "kind = \"missing-env\"; via = \"process\"; command = [ \"w\" ];"
	    "unset = [ \"A\" ]; directory = \"/opt\"; ready = \"up\"; dies_within = \"2s\";",
	    *state);
	assert_string_equal(s->fault.process.directory, "/opt");
	assert_string_equal(s->fault.process.ready, "up");
	assert_int_equal(s->fault.process.dies_within_ms, 2000);
	scenario_free(s);
}

static void a_canary_fault_is_read_with_its_defaults(void **state)
{
	struct scenario *s =
	    with_fault("kind = \"dead-health\"; via = \"canary\"; name = \"orders\";", *state);

	assert_string_equal(s->fault.canary.name, "orders");
	assert_int_equal(s->fault.canary.mode, CANARY_STATUS);
	assert_int_equal(s->fault.canary.status, 503);
	assert_int_equal(s->fault.canary.polled_within_ms, 120000);
	scenario_free(s);
	s = with_fault("kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"slow\";"
		       "delay = \"30s\"; polled_within = \"1m\";",
		       *state);
	assert_int_equal(s->fault.canary.mode, CANARY_SLOW);
	assert_int_equal(s->fault.canary.delay_ms, 30000);
	assert_int_equal(s->fault.canary.polled_within_ms, 60000);
	scenario_free(s);
	s = with_fault("kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"body\";"
		       "body = \"\";",
		       *state);
	assert_int_equal(s->fault.canary.mode, CANARY_BODY);
	assert_string_equal(s->fault.canary.body, "");
	scenario_free(s);
}

static void a_rabbitmq_fault_is_read_with_its_defaults(void **state)
{
	struct scenario *s =
	    with_fault("kind = \"bad-queue-name\"; via = \"rabbitmq\"; url = \"http://r:15672\";"
		       "user = \"u\"; password = \"file:/run/p\"; routing_key = \"q-${drill}\";",
		       *state);
	const struct rabbitmq_fault *rabbitmq = &s->fault.rabbitmq;

	assert_string_equal(rabbitmq->url, "http://r:15672");
	assert_string_equal(rabbitmq->user, "u");
	assert_string_equal(rabbitmq->password, "file:/run/p");
	assert_string_equal(rabbitmq->vhost, "/");
	assert_string_equal(rabbitmq->exchange, "amq.default");
	assert_string_equal(rabbitmq->routing_key, "q-${drill}");
	assert_string_equal(rabbitmq->payload,
			    "[DRILL] firedrill ${drill}: this message goes nowhere on purpose");
	scenario_free(s);
}

static void an_exec_fault_is_read_with_its_defaults(void **state)
{
	struct scenario *s = with_fault(
	    "kind = \"error-log\"; via = \"exec\"; inject = [ \"a\", \"\", \"x y\" ]; "
	    "revert = [ \"b\" ];"
	    "confirm = [ \"c\" ]; environment = { API_TOKEN = \"env:T\"; KEYBOARD = \"de\"; };",
	    *state);
	const struct exec_fault *exec = &s->fault.exec;

	assert_int_equal(exec->inject.count, 3);
	assert_string_equal(exec->inject.list[1], "");
	assert_string_equal(exec->revert.list[0], "b");
	assert_string_equal(exec->confirm.list[0], "c");
	assert_int_equal(exec->witness.count, 0);
	assert_int_equal(exec->timeout_ms, 30000);
	assert_int_equal(exec->environment.count, 2);
	assert_string_equal(exec->environment.list[0].value, "env:T");
	scenario_free(s);
}

static void in_a_control_drill_every_alert_is_one_too_many(void **state)
{
	struct scenario *s = with_fault("kind = \"none\"; via = \"none\";", *state);

	assert_true(s->expect[0].never);
	scenario_free(s);
}

static void every_kind_of_fault_is_known(void **state)
{
	for (int i = KIND_NONE + 1; i < KIND_COUNT; i++) {
		char *keys = text_with("kind = \"KIND\"; via = \"canary\"; name = \"o\";", "KIND",
				       kind_name((enum fault_kind)i));
		struct scenario *s = with_fault(keys, *state);

		assert_int_equal(s->fault.kind, i);
		scenario_free(s);
		free(keys);
	}
}

static const struct spoilt spoilt[] = {
    {"name =", "nane =", {{0, "name", "is missing"}, {1, "nane", "did you mean \"name\"?"}}},
    {"orders-bad-queue", "Orders queue", {{1, "name", "is not a name: use a-z, 0-9"}}},
    {"orders-bad-queue", "-x", {{1, "name", "is not a name"}}},
    {"orders-bad-queue", "x-${drill}", {{1, "name", "variables are not replaced here"}}},
    {"orders-bad-queue", "", {{1, "name", "is empty: write"}}},
    {"summary =", "summary = 5; owner =", {{2, "summary", "must be a text, but this is a number"}}},
    {"fault = {",
     "fault = 5; flt = {",
     {{3, "fault", "must be a group"}, {3, "flt", "did you mean \"fault\"?"}}},
    {"in = {", "it = {", {{0, "in", "is missing"}, {12, "it", "did you mean \"in\"?"}}},
    {"kind = \"bad-queue-name\";", "", {{3, "fault.kind", "is missing. What is wrong: write"}}},
    {"bad-queue-name",
     "bad-queue",
     {{4, "fault.kind", "is not one of \"none\", \"bad-queue-name\""}}},
    {"\"http\"", "\"htpp\"", {{4, "fault.via", "is not one of \"none\", \"http\", \"process\""}}},
    {"via = \"http\";", "", {{3, "fault.via", "is missing"}}},
    {"kind =",
     "hold_at_most = \"90s\"; kind =",
     {{4, "fault.hold_at_most", "shorter than the longest `within`"}}},
    {"kind =",
     "hold_at_most = 90; kind =",
     {{4, "fault.hold_at_most", "write \"90s\" or \"90m\""}}},
    {"kind =",
     "hold_at_most = \"1y\"; kind =",
     {{4, "fault.hold_at_most", "is not a length of time"}}},
    {"kind =", "hold_at_most = \"300d\"; kind =", {{4, "fault.hold_at_most", "is out of range"}}},
    /* http */
    {"inject = {",
     "injekt = {",
     {{3, "fault.inject", "is missing. The request that breaks it: write inject = {"},
      {5, "fault.injekt", "did you mean \"inject\"?"}}},
    {"revert = { url = \"${api}/queue\"; body = \"orders\"; };",
     "",
     {{3, "fault.revert", "is missing. The request that puts it right"}}},
    {"confirm = { url = \"${api}/queue\"; body = \"orders\"; };",
     "",
     {{3, "fault.confirm", "is missing. Reads the target back"}}},
    {"confirm = {",
     "command = [ \"x\" ]; confirm = {",
     {{7, "fault.command", "belongs to via = \"process\", but here via is \"http\""}}},
    {"confirm = {",
     "confirm = [ \"x\" ]; x = {",
     {{7, "fault.confirm", "must be a group, but this is an array"},
      {7, "fault.x", "unknown key"}}},
    {"confirm = { url = \"${api}/queue\"; body",
     "confirm = { url = \"${api}/queue\"; expect",
     {{7, "fault.confirm.expect",
       "unknown key; the keys here are: url, method, headers, status, contains, body"}}},
    {"inject = { url = \"${api}/queue\";",
     "inject = { status = 99;",
     {{5, "fault.inject.status", "from 100 to 599"}, {5, "fault.inject.url", "is missing"}}},
    {"inject = {",
     "inject = { status = \"200\";",
     {{5, "fault.inject.status", "must be a whole number"}}},
    {"inject = {",
     "inject = { status = 4294967496;",
     {{5, "fault.inject.status", "this number is too large"}}},
    {"inject = {",
     "inject = { status = 4294967496L;",
     {{5, "fault.inject.status", "from 100 to 599"}}},
    {"inject = {",
     "inject = { method = \"put\";",
     {{5, "fault.inject.method", "\"PUT\", \"PATCH\", \"DELETE\""}}},
    {"inject = {", "inject = { contains = \"\";", {{5, "fault.inject.contains", "is empty"}}},
    {"\"${api}/queue\"",
     "\"ftp://x/\"",
     {{5, "fault.inject.url", "begin it with http:// or https://"}}},
    {"\"${api}/queue\"", "\"http:///x\"", {{5, "fault.inject.url", "names no host"}}},
    {"\"${api}/queue\"", "\"http://a/x y\"", {{5, "fault.inject.url", "no blanks"}}},
    {"\"${api}/queue\"",
     "\"${api}/x\\r\\nHost: y\"",
     {{5, "fault.inject.url", "no blanks and no control"},
      {5, "fault.inject.url", "(in production)"}}},
    {"inject = {",
     "inject = { headers = { A = \"b\\nc\"; };",
     {{5, "fault.inject.headers.A", "one line without control characters"}}},
    {"inject = {",
     "inject = { headers = { A = 5; };",
     {{5, "fault.inject.headers.A", "must be a text, but this is a number"}}},
    {"inject = {",
     "inject = { headers = [ \"A: b\" ];",
     {{5, "fault.inject.headers", "must be a group of headers, but this is an array"}}},
    {"inject = { url = \"${api}/queue\"; body = \"orders-${drill}\"",
     "capture = { url = \"${api}/queue\"; }; inject = { url = \"${api}/queue\"",
     {{5, "fault.inject.body", "is missing: with a capture"}}},
    {"revert = { url = \"${api}/queue\"",
     "capture = { url = \"${api}/queue\"; }; revert = { headers = { A = \"${original}\"; }; url "
     "= \"${api}/queue\"",
     {{6, "fault.revert.headers.A", "not in headers"}}},
    {"orders-${drill}", "$${original}", {{5, "fault.inject.body", "cannot be sent here"}}},
    /* secrets */
    {"inject = {",
     "inject = { headers = { authorization = \"Bearer env:X\"; };",
     {{5, "fault.inject.headers.authorization", "a word such as Bearer too"}}},
    {"inject = {",
     "inject = { headers = { X-Api-Key = \"s3cret\"; };",
     {{5, "fault.inject.headers.X-Api-Key", "looks like a secret"}}},
    {"inject = {",
     "inject = { headers = { Cookie = \"${api}\"; };",
     {{5, "fault.inject.headers.Cookie", "looks like a secret"},
      {5, "fault.inject.headers.Cookie", "(in production)"}}},
    {"inject = {",
     "inject = { headers = { X-Team = \"env:\"; };",
     {{5, "fault.inject.headers.X-Team", "names nothing"}}},
    {"\"${api}/queue\"",
     "\"http://me:s3cret@a/\"",
     {{5, "fault.inject.url", "a password in a URL"}}},
    {"orders-${drill}",
     "https://hooks.slack.com/services/T0/B0/x",
     {{5, "fault.inject.body", "the address of a Slack webhook"}}},
    {"api = \"https://orders.example\"",
     "api = \"https://me:s3cret@orders.example\"",
     {{14, "in.production.api", "a password in a URL"}}},
    /* variables */
    {"${api}",
     "${apy}",
     {{5, "fault.inject.url", "unknown variable ${apy} in staging: did you mean ${api}?"},
      {5, "fault.inject.url", "in production"}}},
    {"${alerts}",
     "${room}",
     {{10, "expect[0].channel",
       "unknown variable ${room} in staging; known there: alerts, api, scenario, environment, "
       "drill"},
      {10, "expect[0].channel", "in production"}}},
    {"production = { api",
     "production = { api2",
     {{5, "fault.inject.url", "unknown variable ${api} in production"},
      {6, "fault.revert.url", "unknown variable ${api} in production"},
      {7, "fault.confirm.url", "unknown variable ${api} in production"}}},
    {"body = \"orders-${drill}\"",
     "body = \"orders-${drill\"",
     {{5, "fault.inject.body", "write ${name}, or $${"}}},
    {"body = \"orders-${drill}\"", "body = \"${}\"", {{5, "fault.inject.body", "write ${name}"}}},
    {"body = \"orders-${drill}\"",
     "body = \"${original}\"",
     {{5, "fault.inject.body", "in fault.revert and fault.confirm"}}},
    {"body = \"orders\"",
     "body = \"${original}\"",
     {{6, "fault.revert.body", "${original} needs a capture"}}},
    {"body = \"orders\"",
     "body = \"$${original}\"",
     {{6, "fault.revert.body", "cannot be sent here"}}},
    {"staging = { api",
     "staging = { environment = \"x\"; api",
     {{13, "in.staging.environment", "firedrill fills in itself"}}},
    {"staging = { api",
     "staging = { b = \"${api}\"; api",
     {{13, "in.staging.b", "write the value out"}}},
    {"staging = { api",
     "staging = { b = 5; api",
     {{13, "in.staging.b", "must be a text, but this is a number"}}},
    {"staging = { api",
     "staging = { shedule = \"x\"; api",
     {{13, "in.staging.shedule", "did you mean \"schedule\"?"}}},
    {"staging = { api",
     "staging = { schedule = \"\"; api",
     {{13, "in.staging.schedule", "is empty"}}},
    /* placements */
    {"production = {",
     "prod = {",
     {{14, "in.prod", "firedrill.cfg has no such environment; it has: staging, production"}}},
    {"production = {", "produktion = {", {{14, "in.produktion", "did you mean \"production\"?"}}},
    {"production = {",
     "Production = {",
     {{14, "in.Production", "is not a name"},
      {14, "in.Production", "did you mean \"production\"?"}}},
    /* expectations */
    {"expect = (\n  {", "expect = {", {{10, "", "must come here, but here is )"}}},
    {"channel = \"${alerts}\";", "", {{10, "expect[0].channel", "is missing"}}},
    {"\"${alerts}\"", "\"\"", {{10, "expect[0].channel", "is empty: write \"#ops\""}}},
    {"\"${alerts}\"", "\"#a b\"", {{10, "expect[0].channel", "is not a channel"}}},
    {"channel =",
     "chat = \"slak\"; channel =",
     {{10, "expect[0].chat", "did you mean \"slack\"?"}}},
    {"channel =",
     "chat = \"discord\"; channel =",
     {{10, "expect[0].chat", "there is no chat \"discord\"; firedrill.cfg has: \"slack\""}}},
    {"match = [ \"OrdersQueueMissing\", \"${drill}\" ];",
     "",
     {{10, "expect[0].match", "is missing. Every one of these must occur"}}},
    {"[ \"OrdersQueueMissing\", \"${drill}\" ]",
     "[ ]",
     {{10, "expect[0].match", "is empty: write ["}}},
    {"[ \"OrdersQueueMissing\", \"${drill}\" ]",
     "\"OrdersQueueMissing\"",
     {{10, "expect[0].match", "must be a list of texts, but this is a text: write ["}}},
    {"[ \"OrdersQueueMissing\", \"${drill}\" ]",
     "[ 1, 2 ]",
     {{10, "expect[0].match[0]", "must be a text, but this is a number"},
      {10, "expect[0].match[1]", "must be a text"}}},
    {"\"OrdersQueueMissing\"",
     "\"\"",
     {{10, "expect[0].match[0]", "is empty, and so in every message"}}},
    {"channel =", "within = \"90\"; channel =", {{10, "expect[0].within", "number with a unit"}}},
    {"channel =",
     "within = 90; channel =",
     {{10, "expect[0].within", "90 has no unit: write \"90s\""}}},
    {"channel =",
     "within = \"2d\"; channel =",
     {{10, "expect[0].within", "out of range: from 100ms to 1d"}}},
    {"channel =", "at_most = -1; channel =", {{10, "expect[0].at_most", "from 0 to 1000"}}},
    {"channel =",
     "never = true; resolved = \"1m\"; at_most = 1; contains = [ \"x\" ]; channel =",
     {{10, "expect[0].resolved", "cannot be resolved: take this out"},
      {10, "expect[0].at_most", "take this out"},
      {10, "expect[0].contains", "or put it into match"}}},
    {"\"${drill}\"",
     "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
     "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
     "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
     "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"",
     {{10, "expect[0].match", "has 65 members; 64 is the most"}}},
    {"  { channel", "  5, { channel", {{10, "expect[0]", "must be a group, but this is a number"}}},
    {"channel =",
     "whithin = \"1m\"; channel =",
     {{10, "expect[0].whithin", "did you mean \"within\"?"}}},
};

static void every_mistake_in_a_scenario_is_told_with_its_line_key_and_remedy(void **state)
{
	assert_spoilt(good_scenario, spoilt, LENGTH(spoilt), *state);
}

static const char any_fault[] = "name = \"x\"; summary = \"x\";\n"
				"fault = { FAULT };\n"
				"expect = ( { channel = \"#ops\"; match = [ \"A\" ]; } );\n"
				"in = { staging = { }; };\n";

static const struct spoilt spoilt_faults[] = {
    /* none */
    {"FAULT",
     "kind = \"none\"; via = \"canary\"; name = \"o\";",
     {{2, "fault.via", "kind \"none\" breaks nothing: write via = \"none\""}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"none\";",
     {{2, "fault.via", "can put in no fault but kind \"none\""}}},
    {"FAULT",
     "kind = \"none\"; via = \"none\"; url = \"x\";",
     {{2, "fault.url", "belongs to via = \"rabbitmq\", but here via is \"none\""}}},
    {"FAULT };\nexpect = ( {",
     "kind = \"none\"; via = \"none\"; };\nexpect = ( { never = false;",
     {{3, "expect[0].never", "must be true when the fault's kind is \"none\""}}},
    /* process */
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; command = [ \"a\" ];",
     {{2, "fault.unset", "nothing is wrong with this copy"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"A\" ];",
     {{2, "fault.command", "is missing"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"A=1\" ]; command = [ \"a\" ];",
     {{2, "fault.unset[0]", "is not the name of an environment variable"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"\" ]; command = [ \"a\" ];",
     {{2, "fault.unset[0]", "is not the name of an environment variable"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; set = { A-B = \"1\"; }; command = [ \"a\" ];",
     {{2, "fault.set.A-B", "is not the name of an environment variable"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"A\" ]; command = [ \"\" ];",
     {{2, "fault.command[0]", "is empty: write the program"}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"A\" ]; command = \"a b\";",
     {{2, "fault.command", "must be a command, but this is a text: write [ \""}}},
    {"FAULT",
     "kind = \"missing-env\"; via = \"process\"; unset = [ \"A\" ]; command = [ \"a\" ]; "
     "dies_within = \"0s\";",
     {{2, "fault.dies_within", "out of range"}}},
    /* canary */
    {"FAULT", "kind = \"dead-health\"; via = \"canary\";", {{2, "fault.name", "is missing"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"a/b\";",
     {{2, "fault.name", "is not a name"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"down\";",
     {{2, "fault.mode", "is not one of \"status\", \"refused\", \"hang\", \"slow\", \"body\""}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"slow\";",
     {{2, "fault.delay", "is missing: mode \"slow\" needs it"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"body\";",
     {{2, "fault.body", "is missing: mode \"body\" needs it"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; mode = \"hang\"; status = 500;",
     {{2, "fault.status", "counts with mode \"status\" only"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; delay = \"1s\"; body = \"\";",
     {{2, "fault.delay", "counts with mode \"slow\" only"},
      {2, "fault.body", "counts with mode \"body\" only"}}},
    {"FAULT",
     "kind = \"dead-health\"; via = \"canary\"; name = \"o\"; status = 200;",
     {{2, "fault.status", "from 300 to 599"}}},
    /* rabbitmq */
    {"FAULT",
     "kind = \"bad-queue-name\"; via = \"rabbitmq\";",
     {{2, "fault.url", "is missing"},
      {2, "fault.user", "is missing"},
      {2, "fault.password", "is missing"},
      {2, "fault.routing_key", "is missing"}}},
    {"FAULT",
     "kind = \"bad-queue-name\"; via = \"rabbitmq\"; url = \"http://r\"; user = \"u\"; "
     "routing_key = \"q\"; password = \"guest\";",
     {{2, "fault.password", "must not stand in a file: write \"env:NAME\""}}},
    {"FAULT",
     "kind = \"bad-queue-name\"; via = \"rabbitmq\"; url = \"amqp://r\"; user = \"u\"; "
     "routing_key = \"q\"; password = \"env:P\";",
     {{2, "fault.url", "begin it with http://"}}},
    /* exec */
    {"FAULT",
     "kind = \"silence\"; via = \"exec\"; inject = [ \"a\" ];",
     {{2, "fault.revert", "is missing"}, {2, "fault.confirm", "is missing"}}},
    {"FAULT",
     "kind = \"silence\"; via = \"exec\"; inject = { url = \"x\"; }; revert = [ \"a\" ]; "
     "confirm = [ \"a\" ];",
     {{2, "fault.inject", "must be a command, but this is a group"}}},
    {"FAULT",
     "kind = \"silence\"; via = \"exec\"; inject = [ \"a\" ]; revert = [ \"a\" ]; "
     "confirm = [ \"a\" ]; environment = { API_TOKEN = \"abc\"; };",
     {{2, "fault.environment.API_TOKEN", "looks like a secret"}}},
};

static void every_mistake_in_a_fault_is_told(void **state)
{
	assert_spoilt(any_fault, spoilt_faults, LENGTH(spoilt_faults), *state);
}

static void a_canary_needs_a_place_to_listen_in_the_configuration(void **state)
{
	static const struct spoilt row = {
	    "FAULT",
	    "kind = \"dead-health\"; via = \"canary\"; name = \"o\";",
	    {{2, "fault.via", "firedrill.cfg does not say where canaries listen"}}};
	char *text = text_with(good_config, "canary = { listen = \"127.0.0.1:9810\"; };", "");
	struct config *config = config_of(text);

	(void)state;
	assert_spoilt(any_fault, &row, 1, config);
	config_free(config);
	free(text);
}

static void with_two_chats_an_expectation_must_say_which(void **state)
{
	static const struct spoilt row = {"FAULT",
					  "kind = \"none\"; via = \"none\";",
					  {{3, "expect[0].chat", "more than one chat"}}};
	char *text = text_with(good_config, "chats = {",
			       "chats = { b = { type = \"slack\"; token = \"env:B\"; };");
	char *two = text_with(text, "report = { channel = \"#drills\"; };", "");
	struct config *config = config_of(two);

	(void)state;
	assert_spoilt(any_fault, &row, 1, config);
	config_free(config);
	free(two);
	free(text);
}

static void the_chat_may_differ_by_environment(void **state)
{
	char *text = text_with(good_scenario, "channel =", "chat = \"${chat}\"; channel =");
	char *two = text_with(text, "staging = {", "staging = { chat = \"slack\";");
	char *three = text_with(two, "production = {", "production = { chat = \"slck\";");
	struct mistakes mistakes = {0};

	assert_null(load_scenario_text("x.cfg", three, *state, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_string_equal(mistakes.list[0].text,
			    "there is no chat \"slck\": did you mean \"slack\"? (in production)");
	mistakes_done(&mistakes);
	free(three);
	free(two);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_http_scenario_is_read_as_written),
	    cmocka_unit_test(what_is_left_out_of_a_scenario_has_its_documented_default),
	    cmocka_unit_test(the_lease_covers_the_longest_deadline_by_a_minute),
	    cmocka_unit_test(a_process_fault_is_read_with_its_defaults),
	    cmocka_unit_test(a_canary_fault_is_read_with_its_defaults),
	    cmocka_unit_test(a_rabbitmq_fault_is_read_with_its_defaults),
	    cmocka_unit_test(an_exec_fault_is_read_with_its_defaults),
	    cmocka_unit_test(in_a_control_drill_every_alert_is_one_too_many),
	    cmocka_unit_test(every_kind_of_fault_is_known),
	    cmocka_unit_test(every_mistake_in_a_scenario_is_told_with_its_line_key_and_remedy),
	    cmocka_unit_test(every_mistake_in_a_fault_is_told),
	    cmocka_unit_test(a_canary_needs_a_place_to_listen_in_the_configuration),
	    cmocka_unit_test(with_two_chats_an_expectation_must_say_which),
	    cmocka_unit_test(the_chat_may_differ_by_environment),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
