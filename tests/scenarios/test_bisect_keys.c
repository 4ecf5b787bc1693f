/* Tests of what firedrill.cfg says about probes after a gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

/* `bisect` stands in the eighth line. */
static const char with_bisect[] =
    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; };\n"
    "environments = {\n"
    "  staging = { pipeline = \"main\"; };\n"
    "  production = { protected = true; pipeline = \"main\"; };\n"
    "  other = { };\n"
    "};\n"
    "pipelines = { main = { hops = ( { type = \"alertmanager\"; url = \"http://am\"; } );\n"
    "  bisect = { webhooks = ( { channel = \"#ops\"; url = \"env:HOOK\"; } ); alertmanager = true; };\n"
    "}; };\n";
#define BISECT \
	"bisect = { webhooks = ( { channel = \"#ops\"; url = \"env:HOOK\"; } ); alertmanager = true; };"

static bool bisects(const struct config *config, const char *environment)
{
	return config_bisects(config, config_environment(config, environment)) != NULL;
}

static void it_is_on_where_nothing_is_protected(void **state)
{
	struct config *config = config_of(with_bisect);
	const struct pipeline *pipeline = config_pipeline(config, "main");

	(void)state;
	assert_true(bisects(config, "staging"));
	assert_false(bisects(config, "production"));
	assert_false(bisects(config, "other"));
	assert_int_equal(pipeline->bisect.within_ms, 60000);
	assert_string_equal(config_webhook(pipeline, "slack", "#ops")->url, "env:HOOK");
	assert_null(config_webhook(pipeline, "slack", "#ops-staging"));
	assert_null(config_webhook(pipeline, "other", "#ops"));
	config_free(config);
}

static void an_environment_may_say_otherwise(void **state)
{
	char *on = text_with(with_bisect, "protected = true;", "protected = true; bisect = true;");
	char *both = text_with(on, "staging = {", "staging = { bisect = false;");
	struct config *config = config_of(both);

	(void)state;
	assert_true(bisects(config, "production"));
	assert_false(bisects(config, "staging"));
	config_free(config);
	free(both);
	free(on);
}

static void without_it_nothing_is_sent(void **state)
{
	char *text = text_with(with_bisect, BISECT, "");
	struct config *config = config_of(text);

	(void)state;
	assert_false(bisects(config, "staging"));
	config_free(config);
	free(text);
}

static void every_mistake_says_what_would_be_right(void **state)
{
	static const struct spoilt rows[] = {
	    {"\"env:HOOK\"",
	     "\"https://hooks.slack.com/services/T0/B0/x\"",
	     {{8, "pipelines.main.bisect.webhooks[0].url", "env:"}}},
	    {BISECT, "bisect = { };", {{8, "pipelines.main.bisect", "sends nothing: write"}}},
	    {"\"alertmanager\"",
	     "\"prometheus\"",
	     {{8, "pipelines.main.bisect.alertmanager", "name the Alertmanager in `hops`"}}},
	    {"alertmanager = true;",
	     "within = \"10m\";",
	     {{8, "pipelines.main.bisect.within", "is out of range"}}},
	    {"other = { ",
	     "other = { bisect = true; ",
	     {{5, "environments.other.bisect", "name a `pipeline` here that has `bisect`"}}},
	    {"token = \"env:SLACK_TOKEN\"; };",
	     "token = \"env:SLACK_TOKEN\"; }; more = { type = \"slack\"; token = \"env:T\"; };",
	     {{8, "pipelines.main.bisect.webhooks[0].chat", "is missing: there is more than one"}}},
	};

	(void)state;
	assert_spoilt(with_bisect, rows, sizeof rows / sizeof rows[0], NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_on_where_nothing_is_protected),
	    cmocka_unit_test(an_environment_may_say_otherwise),
	    cmocka_unit_test(without_it_nothing_is_sent),
	    cmocka_unit_test(every_mistake_says_what_would_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
