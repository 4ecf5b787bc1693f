/* Tests of what says when something runs by itself, who is told, and who may look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "scenarios/times.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "tests/scenarios/texts.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* Each key in a line of its own. */
static const char told[] =
    "chats = { slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; };\n"
    "environments = { staging = {\n"
    "  holidays = [ \"german\" ];\n"
    "  blackout = [ \"2026-12-19 to 2027-01-06\", \"Fri 14:00-24:00\" ];\n"
    "  zone = \"Europe/Berlin\"; }; };\n"
    "calendars = { german = { file = \"holidays.ics\"; }; };\n"
    "report = { channel = \"#drills\";\n"
    "  digest = \"0 9 * * Mon\"; zone = \"Europe/Berlin\";\n"
    "  second = { channel = \"#second\";\n"
    "    webhook = \"env:OTHER\";\n"
    "    mail = {\n"
    "      server = \"smtp://mail.example:587\";\n"
    "      user = \"firedrill\";\n"
    "      password = \"env:MAIL_PASSWORD\";\n"
    "      from = \"firedrill@mail.example\";\n"
    "      to = [ \"ops@mail.example\", \"a.b+c@x.mail.example\" ];\n"
    "    }; }; };\n"
    "serve = { listen = \"127.0.0.1:9820\"; };\n"
    "heartbeat = { url = \"env:HEARTBEAT_URL\"; };\n";

static void what_people_write_is_taken(void **state)
{
	static const char *const listens[] = {"127.8.9.10:1", "localhost:80", "[::1]:9820",
					      "LOCALHOST:80"};
	static const char *const servers[] = {"smtp://mail.example", "smtps://mail.example:465",
					      "smtp://127.0.0.1:25", "smtp://[::1]:25",
					      "smtps://mail.example/"};
	struct config *config = config_of(told);

	(void)state;
	assert_string_equal(config->report.second.chat, "slack");
	config_free(config);
	for (size_t i = 0; i < LENGTH(listens); i++) {
		char *text = text_with(told, "127.0.0.1:9820", listens[i]);

		config_free(config_of(text));
		free(text);
	}
	for (size_t i = 0; i < LENGTH(servers); i++) {
		char *text = text_with(told, "smtp://mail.example:587", servers[i]);

		config_free(config_of(text));
		free(text);
	}
}

static void a_token_lets_other_machines_look(void **state)
{
	char *text = text_with(told, "listen = \"127.0.0.1:9820\"",
			       "listen = \"0.0.0.0:9820\"; token = \"env:TOKEN\"");

	(void)state;
	config_free(config_of(text));
	free(text);
}

static void every_mistake_says_what_would_be_right(void **state)
{
#define MAIL "report.second.mail."
	static const struct spoilt rows[] = {
	    {"\"german\" ]",
	     "\"germna\" ]",
	     {{3, "environments.staging.holidays[0]", "did you mean \"german\"?"}}},
	    {"\"german\" ]",
	     "\"german\", \"us\" ]",
	     {{3, "environments.staging.holidays[1]", "`calendars` has: \"german\""}}},
	    {"Fri 14:00-24:00",
	     "Friday",
	     {{4, "environments.staging.blackout[1]", "is no blackout"}}},
	    {"2026-12-19 to",
	     "2027-12-19 to",
	     {{4, "environments.staging.blackout[0]", "ends before it begins"}}},
	    {"0 9 * * Mon", "Mondays", {{8, "report.digest", "is no cron line"}}},
	    {"0 9 * * Mon", "0 9 30 2 *", {{8, "report.digest", "never comes"}}},
	    {"channel = \"#drills\";\n", "\n", {{8, "report.digest", "there is none"}}},
	    {"channel = \"#second\";\n",
	     "chat = \"slack\";\n",
	     {{9, "report.second.channel", "is missing"}}},
	    {"#second", "#drills", {{9, "report.second.channel", "the report channel itself"}}},
	    {"smtp://", "http://", {{12, MAIL "server", "is no mail server"}}},
	    {"smtp://mail.example:587", "mail.example:587", {{12, MAIL "server", "smtps://"}}},
	    {"smtp://mail.example:587", "smtp://", {{12, MAIL "server", "is no mail server"}}},
	    {"smtp://mail", "smtp://u@mail", {{12, MAIL "server", "without a user"}}},
	    {":587", ":0", {{12, MAIL "server", "is no mail server"}}},
	    {":587", ":65536", {{12, MAIL "server", "is no mail server"}}},
	    {":587", ":587/path", {{12, MAIL "server", "without a user and a path"}}},
	    {":587", " :587", {{12, MAIL "server", "is no mail server"}}},
	    {"      password = \"env:MAIL_PASSWORD\";\n",
	     "\n",
	     {{11, MAIL "password", "the user needs one"}}},
	    {"user = \"firedrill\";", "", {{11, MAIL "user", "whose password"}}},
	    {"\"firedrill@mail.example\"",
	     "\"firedrill\"",
	     {{15, MAIL "from", "ops@mail.example"}}},
	    {"\"firedrill@mail.example\"",
	     "\"Firedrill <f@mail.example>\"",
	     {{15, MAIL "from", "without a name"}}},
	    {"a.b+c@x", "a b@x", {{16, MAIL "to[1]", "is not an address of e-mail"}}},
	    {"a.b+c@x.mail.example", "a@b@c", {{16, MAIL "to[1]", "is not an address of e-mail"}}},
	    {"a.b+c@x.mail.example", "@c", {{16, MAIL "to[1]", "is not an address of e-mail"}}},
	    {"127.0.0.1:9820", "0.0.0.0:9820", {{18, "serve.listen", "env:FIREDRILL_TOKEN"}}},
	    {"127.0.0.1:9820", "[::]:9820", {{18, "serve.listen", "listen on 127.0.0.1"}}},
	    {"127.0.0.1:9820", "127.evil.example:1", {{18, "serve.listen", "other machines"}}},
	    {"127.0.0.1:9820", "10.0.0.1", {{18, "serve.listen", "not an address and a port"}}},
	};

	(void)state;
	assert_spoilt(told, rows, LENGTH(rows), NULL);
}

static void a_second_path_that_is_none_is_a_mistake(void **state)
{
	static const char one[] = "chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
				  "environments = { staging = { }; };\n"
				  "report = { second = { channel = \"#b\"; }; };\n";
	static const struct spoilt rows[] = {
	    {"channel = \"#b\";", "", {{3, "report.second", "tells nobody"}}},
	    {"chats = {",
	     "chats = { other = { type = \"slack\"; token = \"env:U\"; };",
	     {{3, "report.second.chat", "more than one chat"}}},
	};

	(void)state;
	assert_spoilt(one, rows, LENGTH(rows), NULL);
}

static void a_wrong_schedule_is_a_mistake_at_its_key(void **state)
{
	static const struct {
		const char *schedule, *says;
	} rows[] = {
	    {"17 * * *", "five fields"},
	    {"99 * * * *", "number from 0 to 59"},
	    {"@dayly", "@daily"},
	    {"0 0 30 2 *", "never comes"},
	    {"RRULE:FREQ=SECONDLY", "by hours or longer"},
	    {"@every 1ms", "at least"},
	};
	struct config *config = config_of(good_config);

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *in = mem_printf("staging = { schedule = \"%s\";", rows[i].schedule);
		char *text = text_with(good_scenario, "staging = {", in);
		struct mistakes mistakes = {0};

		assert_null(load_scenario_text("good.cfg", text, config, &mistakes));
		assert_int_equal(mistakes.count, 1);
		assert_string_equal(mistakes.list[0].key, "in.staging.schedule");
		if (strstr(mistakes.list[0].text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].schedule, mistakes.list[0].text);
		mistakes_done(&mistakes);
		free(text);
		free(in);
	}
	config_free(config);
}

static void files_of_holidays_are_read_by_check_only(void **state)
{
	char *text = text_with(told, "holidays.ics", "/nonexistent/holidays.ics");
	struct config *config = config_of(text);
	struct mistakes mistakes = {0};

	(void)state;
	assert_null(times_calendar(config, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_string_equal(mistakes.list[0].key, "calendars.german.file");
	assert_non_null(strstr(mistakes.list[0].text, "/nonexistent/holidays.ics"));
	mistakes_done(&mistakes);
	config_free(config);
	free(text);
}

/* What times_warn says of a schedule in an environment. */

static void note(void *arg, const char *text, const char *advice)
{
	buf_addf(arg, "%s; %s\n", text, advice);
}

static struct buf warnings_of(const char *schedule, const char *environment)
{
	char *config_text =
	    mem_printf("chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
		       "canary = { listen = \"127.0.0.1:9810\"; };\n"
		       "environments = { staging = { %s variables = { alerts = \"#o\"; }; };"
		       "  production = { variables = { alerts = \"#p\"; }; }; };\n",
		       environment);
	struct config *config = config_of(config_text);
	char *in = mem_printf("staging = { schedule = \"%s\";", schedule);
	char *text = text_with(good_scenario, "staging = {", in);
	struct scenario *scenario = scenario_of(text, config);
	struct calendar *calendar = calendar_new();
	struct buf found = {0};

	times_warn(calendar, config_environment(config, "staging"), scenario,
		   scenario_placement(scenario, "staging"), note, &found);
	calendar_free(calendar);
	scenario_free(scenario);
	free(text);
	free(in);
	config_free(config);
	free(config_text);
	return found;
}

static void schedules_that_spoil_drills_are_warned_of(void **state)
{
	static const struct {
		const char *schedule, *environment, *says; /* NULL: nothing */
	} rows[] = {
	    {"0 10 * * *", "hours = [ \"Mon-Fri 09:00-17:00\" ];", NULL},
	    {"0 10 * * *", "", NULL},
	    {"0 3 * * *", "hours = [ \"Mon-Fri 09:00-17:00\" ];", "never falls inside"},
	    {"0 10 * * Sat", "hours = [ \"Mon-Fri 09:00-17:00\" ];", "never falls inside"},
	    {"59 16 * * *", "hours = [ \"Mon-Fri 09:00-17:00\" ];", "hold_at_most"},
	    {"0 * * * *", "hours = [ \"Wed 12:00-13:00\" ];", NULL},
	    {"0 8 * * *", "hours = [ \"daily 07:30-09:00\" ]; zone = \"Europe/Berlin\";", NULL},
	    {"@every 10s", "", "comes round after 10.0 s"},
	    {"* * * * *", "", "comes round after 1 min"},
	    {"0,1 10 * * *", "", "comes round after 1 min"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct buf found = warnings_of(rows[i].schedule, rows[i].environment);

		if (rows[i].says == NULL)
			assert_string_equal(buf_text(&found), "");
		else if (strstr(buf_text(&found), rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].schedule, buf_text(&found));
		buf_done(&found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_people_write_is_taken),
	    cmocka_unit_test(a_token_lets_other_machines_look),
	    cmocka_unit_test(every_mistake_says_what_would_be_right),
	    cmocka_unit_test(a_second_path_that_is_none_is_a_mistake),
	    cmocka_unit_test(a_wrong_schedule_is_a_mistake_at_its_key),
	    cmocka_unit_test(files_of_holidays_are_read_by_check_only),
	    cmocka_unit_test(schedules_that_spoil_drills_are_warned_of),
	};

	return cmocka_run_group_tests_name("keys of times and of who is told", tests, NULL, NULL);
}
