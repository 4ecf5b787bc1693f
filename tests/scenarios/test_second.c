/* `report.second` and who is called: what is right, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"

#define CHATS "chats = { slack = { type = \"slack\"; token = \"env:T\"; }; };\n"
#define TWO                                                            \
	"chats = { slack = { type = \"slack\"; token = \"env:T\"; }; " \
	"other = { type = \"slack\"; token = \"env:U\"; }; };\n"
#define PLACES "environments = { staging = { }; };\n"
#define MAIL   "server = \"smtp://m.example\"; from = \"f@m.example\"; to = [ \"o@m.example\" ]; "

static void the_channel_is_one_of_the_only_chat(void **state)
{
	struct config *config =
	    config_of(CHATS PLACES "report = { second = { channel = \"#two\"; }; };");

	(void)state;
	assert_string_equal(config->report.second.chat, "slack");
	assert_string_equal(config->report.second.channel, "#two");
	assert_null(config->report.chat);
	config_free(config);
}

static void mail_is_read_as_written(void **state)
{
	struct config *config = config_of(
	    CHATS PLACES "report = { second = { mail = { " MAIL
			 "user = \"u\"; password = \"env:P\"; }; webhook = \"env:HOOK\"; }; };");
	const struct second_settings *second = &config->report.second;

	(void)state;
	assert_string_equal(second->mail.server, "smtp://m.example");
	assert_string_equal(second->mail.to.list[0], "o@m.example");
	assert_string_equal(second->webhook, "env:HOOK");
	assert_null(second->channel);
	config_free(config);
}

static void mistakes_are_told_where_they_are(void **state)
{
	static const struct spoilt rows[] = {
	    {NULL,
	     CHATS PLACES "report = { second = { }; };",
	     {{3, "report.second", "tells nobody"}}},
	    {NULL,
	     CHATS PLACES "report = { second = { chat = \"slack\"; }; };",
	     {{3, "report.second.channel", "is missing"}}},
	    {NULL,
	     TWO PLACES "report = { second = { channel = \"#two\"; }; };",
	     {{3, "report.second.chat", "more than one chat"}}},
	    {NULL,
	     CHATS PLACES "report = { second = { mail = { server = \"mail.example:25\"; "
			  "from = \"f@m.example\"; to = [ \"o@m.example\" ]; }; }; };",
	     {{3, "report.second.mail.server", "is no mail server"}}},
	    {NULL,
	     CHATS PLACES "report = { second = { mail = { " MAIL "user = \"u\"; }; }; };",
	     {{3, "report.second.mail.password", "is missing"}}},
	    {NULL,
	     CHATS PLACES "report = { second = { mail = { server = \"smtps://m.example\"; "
			  "from = \"F <f@m.example>\"; to = [ \"o@m.example\", \"all\" ]; }; }; };",
	     {{3, "report.second.mail.from", "is not an address of e-mail"},
	      {3, "report.second.mail.to[1]", "is not an address of e-mail"}}},
	};

	(void)state;
	assert_spoilt(good_config, rows, sizeof rows / sizeof rows[0], NULL);
}

static void only_bare_addresses_are_addresses(void **state)
{
	static const char *const bad[] = {"",           "a",        "@b",    "a@",      "a@b@c",
					  "a b@c",      "a@b\r\nc", "<a@b>", "a@b,c@d", "\"a\"@b",
					  "\xc3\xa4@b", "a@b;c",    "(x)a@b"};
	char *endless = malloc(302);

	(void)state;
	assert_true(config_is_mail_address("ops+fire.drill@mail-1.example"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(config_is_mail_address(bad[i]));
	assert_non_null(endless);
	memset(endless, 'a', 301);
	endless[3] = '@';
	endless[301] = '\0';
	assert_false(config_is_mail_address(endless));
	free(endless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_channel_is_one_of_the_only_chat),
	    cmocka_unit_test(mail_is_read_as_written),
	    cmocka_unit_test(mistakes_are_told_where_they_are),
	    cmocka_unit_test(only_bare_addresses_are_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
