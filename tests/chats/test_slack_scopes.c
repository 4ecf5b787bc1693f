/* The scopes of a token: which ones are lacking for what drills do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "probes/chats/slack_scopes.h"

#define READS "channels:read,channels:history"
#define ALL   READS ",chat:write,groups:read,groups:history"

static void assert_lacking(const char *scopes, enum slack_scope_use use, const char *wanted)
{
	char *lacking = slack_scopes_lacking(scopes, use);

	if (wanted == NULL)
		assert_null(lacking);
	else
		assert_string_equal(lacking, wanted);
	free(lacking);
}

static void a_token_with_all_of_them_lacks_none(void **state)
{
	(void)state;
	assert_lacking(ALL, SLACK_SCOPE_NEEDED, NULL);
	assert_lacking(ALL, SLACK_SCOPE_SOME, NULL);
}

static void what_slack_does_not_tell_is_not_guessed(void **state)
{
	(void)state;
	assert_lacking("", SLACK_SCOPE_NEEDED, NULL);
	assert_lacking("identify,bot", SLACK_SCOPE_NEEDED, NULL);
}

static void one_that_cannot_post_or_read_is_told_with_the_purpose(void **state)
{
	(void)state;
	assert_lacking(READS, SLACK_SCOPE_NEEDED,
		       "chat:write (to post and edit the drill's own message)");
	assert_lacking("chat:write,channels:read", SLACK_SCOPE_NEEDED,
		       "channels:history (to read public channels)");
}

static void private_channels_are_not_everybodys_and_public_ones_neither(void **state)
{
	(void)state;
	assert_lacking(READS ", chat:write", SLACK_SCOPE_NEEDED, NULL);
	assert_lacking(READS ", chat:write", SLACK_SCOPE_SOME,
		       "groups:read (to find private channels), groups:history (to read private "
		       "channels)");
	assert_lacking("groups:read,groups:history,chat:write", SLACK_SCOPE_NEEDED, NULL);
	assert_lacking("groups:read,groups:history,chat:write", SLACK_SCOPE_SOME,
		       "channels:read (to find public channels), channels:history (to read public "
		       "channels)");
}

static void a_longer_name_is_another_scope(void **state)
{
	(void)state;
	assert_lacking(READS ",chat:write.public,xchat:write", SLACK_SCOPE_NEEDED,
		       "chat:write (to post and edit the drill's own message)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_with_all_of_them_lacks_none),
	    cmocka_unit_test(what_slack_does_not_tell_is_not_guessed),
	    cmocka_unit_test(one_that_cannot_post_or_read_is_told_with_the_purpose),
	    cmocka_unit_test(private_channels_are_not_everybodys_and_public_ones_neither),
	    cmocka_unit_test(a_longer_name_is_another_scope),
	};

	return cmocka_run_group_tests_name("slack_scopes", tests, NULL, NULL);
}
