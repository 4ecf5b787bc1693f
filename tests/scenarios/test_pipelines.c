/* Tests of what firedrill.cfg says about pipelines: who can be asked where an alert was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "scenarios/json_path.h"
#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* A configuration whose staging names a pipeline; HOPS stands in a line of its own, the seventh. */
static const char with_pipeline[] =
    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; };\n"
    "environments = {\n"
    "  staging = { pipeline = \"main\"; };\n"
    "  production = { protected = true; };\n"
    "};\n"
    "pipelines = { main = { hops = (\n"
    "  { type = \"prometheus\"; url = \"http://prometheus.example:9090/prefix\"; }\n"
    "); }; };\n";
#define HOP "{ type = \"prometheus\"; url = \"http://prometheus.example:9090/prefix\"; }"

static struct config *with_hops(const char *hops)
{
	char *text = text_with(with_pipeline, HOP, hops);
	struct config *config = config_of(text);

	free(text);
	return config;
}

static void hops_are_read_as_written(void **state)
{
	struct config *config = with_hops(
	    "{ type = \"loki\"; name = \"logs\"; url = \"https://loki.example\";"
	    "  headers = { Authorization = \"env:LOKI\"; X-Scope-OrgID = \"team-a\"; };"
	    "  timeout = \"3s\"; query = \"{app=\\\"orders\\\"}\"; station = \"emission\"; },"
	    "{ type = \"http-json\"; url = \"https://home.example/alerts\";"
	    "  query = \"?open=1\"; path = \"data[*]\"; station = \"receiver\"; }");
	const struct pipeline *pipeline = config_pipeline(config, "main");
	const struct hop_settings *hop;

	(void)state;
	assert_non_null(pipeline);
	assert_null(config_pipeline(config, "other"));
	assert_string_equal(config_environment(config, "staging")->pipeline, "main");
	assert_null(config_environment(config, "production")->pipeline);
	assert_int_equal(pipeline->hop_count, 2);
	hop = &pipeline->hops[0];
	assert_string_equal(hop->type, "loki");
	assert_string_equal(hop->name, "logs");
	assert_string_equal(hop->url, "https://loki.example");
	assert_int_equal(hop->headers.count, 2);
	assert_string_equal(hop->headers.list[0].value, "env:LOKI");
	assert_int_equal(hop->timeout_ms, 3000);
	assert_string_equal(hop->query, "{app=\"orders\"}");
	assert_string_equal(hop->station, "emission");
	hop = &pipeline->hops[1];
	assert_string_equal(hop->query, "?open=1");
	assert_string_equal(hop->path, "data[*]");
	assert_string_equal(hop->station, "receiver");
	config_free(config);
}

static void a_hop_is_called_like_its_type_and_loki_is_the_log(void **state)
{
	struct config *config =
	    with_hops(HOP ", { type = \"loki\"; url = \"http://l\"; query = \"{a=\\\"b\\\"}\"; }");
	const struct pipeline *pipeline = config_pipeline(config, "main");

	(void)state;
	assert_string_equal(pipeline->hops[0].name, "prometheus");
	assert_int_equal(pipeline->hops[0].timeout_ms, 5000);
	assert_null(pipeline->hops[0].station);
	assert_null(pipeline->hops[0].query);
	assert_string_equal(pipeline->hops[1].name, "loki");
	assert_string_equal(pipeline->hops[1].station, "log");
	config_free(config);
}

static void without_pipelines_nobody_is_asked(void **state)
{
	struct config *config = config_of(good_config);

	(void)state;
	assert_int_equal(config->pipeline_count, 0);
	assert_null(config_environment(config, "staging")->pipeline);
	config_free(config);
}

static void every_mistake_says_what_would_be_right(void **state)
{
	static const struct spoilt rows[] = {
	    {"\"main\"; };",
	     "\"mian\"; };",
	     {{3, "environments.staging.pipeline", "did you mean \"main\"?"}}},
	    {"\"main\"; };",
	     "\"completely-else\"; };",
	     {{3, "environments.staging.pipeline", "`pipelines` has: \"main\""}}},
	    {"\"main\"; };",
	     "\"Main!\"; };",
	     {{3, "environments.staging.pipeline", "is not a name"}}},
	    {HOP, "", {{6, "pipelines.main.hops", "is empty"}}},
	    {"hops = (\n  " HOP "\n);", "", {{6, "pipelines.main.hops", "is missing"}}},
	    {"\"prometheus\"",
	     "\"promtheus\"",
	     {{7, "pipelines.main.hops[0].type",
	       "is not one of \"prometheus\", \"alertmanager\""}}},
	    {"url = \"http://prometheus.example:9090/prefix\"; ",
	     "",
	     {{7, "pipelines.main.hops[0].url", "is missing"}}},
	    {"/prefix\"",
	     "/prefix?a=b\"",
	     {{7, "pipelines.main.hops[0].url", "must end before any ? or #"}}},
	    {"http://prometheus",
	     "http://me@prometheus",
	     {{7, "pipelines.main.hops[0].url", "a user in a URL is refused"}}},
	    {"/prefix\";",
	     "/prefix\"; timeout = \"5ms\";",
	     {{7, "pipelines.main.hops[0].timeout", "is out of range"}}},
	    {"/prefix\";",
	     "/prefix\"; headers = { Authorization = \"Bearer x\"; };",
	     {{7, "pipelines.main.hops[0].headers.Authorization", "looks like a secret"}}},
	    {"/prefix\";",
	     "/prefix\"; query = \"up\"; path = \"a\"; station = \"log\";",
	     {{7, "pipelines.main.hops[0].query", "take it out"},
	      {7, "pipelines.main.hops[0].path", "take it out"},
	      {7, "pipelines.main.hops[0].station", "take it out"}}},
	    {HOP, HOP ",\n" HOP, {{8, "pipelines.main.hops[1]", "write a name of its own"}}},
	    {HOP,
	     HOP ",\n{ type = \"grafana\"; name = \"prometheus\"; url = \"http://g\"; }",
	     {{8, "pipelines.main.hops[1].name", "write a name of its own"}}},
	    {"\"prometheus\"",
	     "\"loki\"",
	     {{7, "pipelines.main.hops[0].query", "is missing: write the LogQL query"}}},
	    {"\"prometheus\";",
	     "\"loki\"; path = \"a\"; query = \"app\";",
	     {{7, "pipelines.main.hops[0].query", "selects no lines"},
	      {7, "pipelines.main.hops[0].path", "counts with type \"http-json\" only"}}},
	    {"\"prometheus\";",
	     "\"loki\"; query = \"rate({a=\\\"b\\\"}[1m])\";",
	     {{7, "pipelines.main.hops[0].query", "must ask for lines, not for a number"}}},
	    {"\"prometheus\"",
	     "\"http-json\"",
	     {{7, "pipelines.main.hops[0].path", "is missing"},
	      {7, "pipelines.main.hops[0].station", "is missing"}}},
	    {"\"prometheus\";",
	     "\"http-json\"; path = \"a..b\"; station = \"rule\"; query = \"a b\";",
	     {{7, "pipelines.main.hops[0].path", "at \"..b\""},
	      {7, "pipelines.main.hops[0].query", "begin it with ?"}}},
	    {"\"prometheus\";",
	     "\"http-json\"; path = \"a\"; station = \"chat\";",
	     {{7, "pipelines.main.hops[0].station", "is not one of \"emission\""}}},
	    {HOP,
	     "{ type = \"http-json\"; path = \"a\"; station = \"rule\"; url = \"http://h/a?b=c\"; }",
	     {{7, "pipelines.main.hops[0].url", "what follows belongs into query"}}},
	};

	(void)state;
	assert_spoilt(with_pipeline, rows, LENGTH(rows), NULL);
}

static void a_path_is_names_places_and_every_member(void **state)
{
	struct json_step steps[JSON_PATH_STEPS];
	struct error error;

	(void)state;
	assert_int_equal(json_path_read("data.items[*]['a.b'][12].x", steps, &error), 6);
	assert_int_equal(steps[0].kind, JSON_STEP_NAME);
	assert_int_equal(steps[0].len, 4);
	assert_int_equal(steps[1].len, 5);
	assert_int_equal(steps[2].kind, JSON_STEP_EVERY);
	assert_int_equal(steps[3].kind, JSON_STEP_NAME);
	assert_memory_equal(steps[3].name, "a.b", 3);
	assert_int_equal(steps[3].len, 3);
	assert_int_equal(steps[4].kind, JSON_STEP_INDEX);
	assert_int_equal(steps[4].index, 12);
	assert_memory_equal(steps[5].name, "x", 1);
	assert_int_equal(json_path_read("[*]", steps, &error), 1);
}

static void a_path_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"",    ".",     "a.",   "a..b", "a[",     "a[]",
					  "a[*", "a[-1]", "a[x]", "a]b",  "a['x]",  "a['x'",
					  "a[1", "a[*]b", "[1]2", ".a",   "a[0x1]", "a[1234567]"};
	struct json_step steps[JSON_PATH_STEPS];
	char deep[200] = "a";
	struct error error;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		error.text[0] = '\0';
		assert_int_equal(json_path_read(bad[i], steps, &error), 0);
		assert_true(error.text[0] != '\0');
	}
	for (int i = 1; i < JSON_PATH_STEPS; i++)
		strcat(deep, ".a");
	assert_int_equal(json_path_read(deep, steps, &error), JSON_PATH_STEPS);
	strcat(deep, ".a");
	assert_int_equal(json_path_read(deep, steps, &error), 0);
	assert_non_null(strstr(error.text, "more than 32 steps"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hops_are_read_as_written),
	    cmocka_unit_test(a_hop_is_called_like_its_type_and_loki_is_the_log),
	    cmocka_unit_test(without_pipelines_nobody_is_asked),
	    cmocka_unit_test(every_mistake_says_what_would_be_right),
	    cmocka_unit_test(a_path_is_names_places_and_every_member),
	    cmocka_unit_test(a_path_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
