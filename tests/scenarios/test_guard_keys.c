/* Tests of what firedrill.cfg says about guards, and about the alarm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static void guards_are_read_as_written(void **state)
{
	struct config *config =
	    config_of("chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
		      "freeze = \"/etc/firedrill/freeze\";\n"
		      "environments = { production = { protected = true;\n"
		      "  hours = [ \"Mon-Fri 09:00-17:00\", \"Sat 22:00-02:00\" ]; zone = "
		      "\"Europe/Berlin\";\n"
		      "  targets = [ \"http PUT *orders.example*\", \"?\" ]; spacing = \"1h30m\";\n"
		      "  drills_per_day = 3; freeze = \"/run/freeze\"; }; };\n"
		      "alarm = { url = \"https://alarm.example/x\"; headers = { Authorization = "
		      "\"env:A\"; X-Team = \"ops\"; };\n"
		      "  command = [ \"/usr/bin/page\", \"\", \"ops\" ]; };\n");
	const struct environment *production = config_environment(config, "production");

	(void)state;
	assert_string_equal(config->freeze, "/etc/firedrill/freeze");
	assert_int_equal(production->hours.count, 2);
	assert_string_equal(production->hours.list[1], "Sat 22:00-02:00");
	assert_string_equal(production->zone, "Europe/Berlin");
	assert_int_equal(production->targets.count, 2);
	assert_string_equal(production->targets.list[0], "http PUT *orders.example*");
	assert_int_equal(production->spacing_ms, 5400000);
	assert_int_equal(production->drills_per_day, 3);
	assert_string_equal(production->freeze, "/run/freeze");
	assert_string_equal(config->alarm.url, "https://alarm.example/x");
	assert_int_equal(config->alarm.headers.count, 2);
	assert_string_equal(config->alarm.headers.list[0].value, "env:A");
	assert_int_equal(config->alarm.command.count, 3);
	assert_string_equal(config->alarm.command.list[0], "/usr/bin/page");
	config_free(config);
}

static void without_guards_everything_is_allowed_at_any_time(void **state)
{
	struct config *config = config_of(good_config);
	const struct environment *staging = config_environment(config, "staging");

	(void)state;
	assert_null(config->freeze);
	assert_int_equal(staging->hours.count, 0);
	assert_string_equal(staging->zone, "UTC");
	assert_int_equal(staging->targets.count, 0);
	assert_int_equal(staging->spacing_ms, 0);
	assert_int_equal(staging->drills_per_day, 0);
	assert_null(staging->freeze);
	assert_null(config->alarm.url);
	assert_int_equal(config->alarm.headers.count, 0);
	assert_int_equal(config->alarm.command.count, 0);
	config_free(config);
}

#define PRODUCTION(key) "protected = true; " key

static const struct spoilt spoilt[] = {
    /* hours and zone */
    {"protected = true",
     PRODUCTION("hours = [ \"Mon-Fri 09:00-17:00\", \"weekdays\" ]"),
     {{4, "environments.production.hours[1]",
       "\"weekdays\" is not understood: write days and times such as \"Mon-Fri 09:00-17:00\""}}},
    {"protected = true",
     "hours = [\n\"Mon-Fri 09:00-17:00\",\n\"Mon 9-5\" ]",
     {{6, "environments.production.hours[1]", "\"Mon 9-5\" is not understood"}}},
    {"protected = true",
     PRODUCTION("hours = [ \"\" ]"),
     {{4, "environments.production.hours[0]", "is not understood"}}},
    {"protected = true",
     PRODUCTION("hours = [ \"daily 09:00-09:00\" ]"),
     {{4, "environments.production.hours[0]", "begins when it ends"}}},
    {"protected = true",
     PRODUCTION("hours = \"Mon-Fri 09:00-17:00\""),
     {{4, "environments.production.hours",
       "must be a list of hours, but this is a text: write [ \"Mon-Fri 09:00-17:00\" ]"}}},
    {"protected = true",
     PRODUCTION("hours = [ ]"),
     {{4, "environments.production.hours", "is empty: write"}}},
    {"protected = true",
     PRODUCTION("hours = [ \"${hours}\" ]"),
     {{4, "environments.production.hours[0]", "is not understood"}}},
    {"protected = true",
     PRODUCTION("zone = \"Berlin\""),
     {{4, "environments.production.zone",
       "\"Berlin\" is no time zone that this machine knows: write an IANA name such as"}}},
    {"protected = true",
     PRODUCTION("zone = \"../../../etc/passwd\""),
     {{4, "environments.production.zone", "is no time zone"}}},
    {"protected = true",
     PRODUCTION("zone = \"\""),
     {{4, "environments.production.zone", "is empty: write \"Europe/Berlin\""}}},
    /* targets */
    {"protected = true",
     PRODUCTION("targets = [ \"\" ]"),
     {{4, "environments.production.targets[0]", "is empty, and matches nothing: write a pattern"}}},
    {"protected = true",
     PRODUCTION("targets = \"*\""),
     {{4, "environments.production.targets", "must be a list of patterns"}}},
    {"protected = true",
     PRODUCTION("targets = [ ]"),
     {{4, "environments.production.targets", "is empty: write"}}},
    /* how often */
    {"protected = true",
     PRODUCTION("spacing = 60"),
     {{4, "environments.production.spacing", "60 has no unit: write \"60s\""}}},
    {"protected = true",
     PRODUCTION("spacing = \"60d\""),
     {{4, "environments.production.spacing", "out of range: from 1s to 30d"}}},
    {"protected = true",
     PRODUCTION("drills_per_day = 0"),
     {{4, "environments.production.drills_per_day", "0 is out of range: from 1"}}},
    {"protected = true",
     PRODUCTION("drills_per_day = \"3\""),
     {{4, "environments.production.drills_per_day", "this is a text: write 3"}}},
    {"protected = true",
     PRODUCTION("freeze = \"\""),
     {{4, "environments.production.freeze", "is empty: write"}}},
    {"canary =", "freeze = true; canary =", {{7, "freeze", "this is true or false"}}},
    {"protected = true",
     PRODUCTION("hour = [ \"daily 00:00-24:00\" ]"),
     {{4, "environments.production.hour", "did you mean \"hours\"?"}}},
    /* alarm */
    {"canary =",
     "alarm = { };\ncanary =",
     {{7, "alarm", "tells nobody: write url = \"https://...\"; or command ="}}},
    {"canary =",
     "alarm = { headers = { X = \"1\"; }; command = [ \"page\" ]; };\ncanary =",
     {{7, "alarm.headers", "belong to the request that `url` gets"}}},
    {"canary =",
     "alarm = { url = \"ops@example.com\"; };\ncanary =",
     {{7, "alarm.url", "begin it with http:// or https://"}}},
    {"canary =",
     "alarm = { url = \"https://a.example\"; headers = { Authorization = \"Bearer x\"; }; "
     "};\ncanary =",
     {{7, "alarm.headers.Authorization", "looks like a secret, so its value must not stand"}}},
    {"canary =",
     "alarm = { url = \"https://hooks.slack.com/services/T0/B0/abc\"; };\ncanary =",
     {{7, "alarm.url", "address of a Slack webhook"}}},
    {"canary =",
     "alarm = { command = \"page ops\"; };\ncanary =",
     {{7, "alarm.command", "must be a command, but this is a text"}}},
    {"canary =",
     "alarm = { command = [ \"\", \"ops\" ]; };\ncanary =",
     {{7, "alarm.command[0]", "is empty: write the program"}}},
};

static void every_mistake_in_a_guard_is_told_with_its_line_key_and_remedy(void **state)
{
	(void)state;
	assert_spoilt(good_config, spoilt, LENGTH(spoilt), NULL);
}

static void paths_of_guards_count_from_the_folder_of_the_configuration(void **state)
{
	static const char text[] =
	    "chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
	    "freeze = \"stop/all\";\n"
	    "environments = { a = { freeze = \"stop/a\"; }; b = { freeze = \"/stop/b\"; }; };\n"
	    "alarm = { url = \"https://alarm.example\"; headers = { X-Key = \"file:keys/a\"; };\n"
	    "  command = [ \"./page\", \"./ops\" ]; };\n";
	struct mistakes mistakes = {0};
	struct config *config = load_config_text("etc/fire/f.cfg", text, &mistakes);

	(void)state;
	mistakes_print(&mistakes, stderr);
	assert_non_null(config);
	assert_string_equal(config->freeze, "etc/fire/stop/all");
	assert_string_equal(config_environment(config, "a")->freeze, "etc/fire/stop/a");
	assert_string_equal(config_environment(config, "b")->freeze, "/stop/b");
	assert_string_equal(config->alarm.headers.list[0].value, "file:etc/fire/keys/a");
	assert_string_equal(config->alarm.command.list[0], "etc/fire/./page");
	assert_string_equal(config->alarm.command.list[1], "./ops");
	config_free(config);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(guards_are_read_as_written),
	    cmocka_unit_test(without_guards_everything_is_allowed_at_any_time),
	    cmocka_unit_test(every_mistake_in_a_guard_is_told_with_its_line_key_and_remedy),
	    cmocka_unit_test(paths_of_guards_count_from_the_folder_of_the_configuration),
	};

	return cmocka_run_group_tests_name("guard keys", tests, NULL, NULL);
}
