/* What firedrill itself says of the channel: whether it could be read, what that is worth, and what to
 * do when it could not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/engine/given.h"

static const struct hop_told *chat_of(struct given *given)
{
	const struct judgement *judgement = given_judge(given);
	const struct hop_told *told;

	assert_true(judgement->hop_count > 0);
	told = &judgement->hops[judgement->hop_count - 1];
	assert_int_equal(told->hop, HOP_CHAT);
	assert_null(told->name);
	return told;
}

static void assert_says(const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text != NULL ? text : "(nothing)");
}

static void a_missing_alert_says_what_its_silence_is_worth(void **state)
{
	struct given *given = *state;
	const struct hop_told *told;

	given->expect[0].searched_elsewhere = true;
	given->expect[0].searched_count = 12;
	told = chat_of(given);
	assert_int_equal(told->state, HOP_LACKED_IT);
	assert_says(told->evidence, "QueueMissing never arrived in #ops");
	assert_says(told->evidence, "could read it the whole time");
	assert_says(told->evidence, "the drill's own message was read back");
	assert_says(told->evidence, "12 other channels were searched");
	assert_null(strstr(told->evidence, "not everything"));
	given->expect[0].searched_elsewhere = false;
	given->expect[0].searched_count = 1;
	assert_says(chat_of(given)->evidence,
		    "1 other channel was searched, not everything in them");
}

static void without_an_announcement_that_is_said(void **state)
{
	struct given *given = *state;

	given->expect[0].control_wanted = given->expect[0].control_seen = false;
	assert_says(chat_of(given)->evidence, "no message of the drill's own was posted there");
}

static void a_channel_that_was_lost_was_not_asked_and_has_advice(void **state)
{
	struct given *given = *state;
	static char trouble[] = "the bot is not in #ops; type /invite @firedrill there "
				"(not_in_channel)";
	const struct hop_told *told;

	given->evidence.stop = STOP_UNOBSERVABLE;
	given->evidence.stop_text = trouble;
	given->expect[0].trouble = trouble;
	given->expect[0].readable = false;
	told = chat_of(given);
	assert_int_equal(given->judgement.hop_count, 1);
	assert_int_equal(told->state, HOP_NOT_ASKED);
	assert_string_equal(told->evidence, trouble);
	assert_string_equal(told->advice,
			    "type /invite @firedrill there; then run the drill again");
}

static void what_says_nothing_of_a_way_out_sends_people_to_doctor(void **state)
{
	struct given *given = *state;
	static char trouble[] = "no answer in time";

	given->evidence.stop = STOP_UNOBSERVABLE;
	given->evidence.stop_text = trouble;
	given->expect[0].readable = false;
	assert_says(chat_of(given)->advice, "firedrill doctor");
}

static void of_two_channels_the_one_that_is_troubled_is_told(void **state)
{
	struct given *given = *state;
	static char trouble[] = "#general is archived; un-archive it (is_archived)";
	const struct hop_told *told;

	given->evidence.stop = STOP_UNOBSERVABLE;
	given->evidence.stop_text = trouble;
	given->evidence.injected = false;
	given->evidence.injected_ms = TIME_NEVER;
	given->expect[1].trouble = trouble;
	told = chat_of(given);
	assert_int_equal(given->judgement.hop_count, 1);
	assert_int_equal(told->expect, 1);
}

static void blind_time_makes_it_undecided_and_says_so(void **state)
{
	struct given *given = *state;
	const struct hop_told *told;

	given->expect[0].blind_ms = 4000;
	told = chat_of(given);
	assert_int_equal(given->judgement.reason, REASON_UNOBSERVABLE);
	assert_int_equal(told->state, HOP_NOT_ASKED);
	assert_says(told->evidence, "could not be read for 4.0 s");
	assert_null(strstr(told->evidence, "whole time"));
}

static void a_stop_by_people_is_not_the_chats_fault(void **state)
{
	struct given *given = *state;
	static char text[] = "SIGINT";

	given->evidence.stop = STOP_OPERATOR;
	given->evidence.stop_text = text;
	assert_int_equal(given_judge(given)->hop_count, 0);
	given->evidence.stop = STOP_CLOCK;
	assert_int_equal(given_judge(given)->hop_count, 0);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)
#define TWO(test) cmocka_unit_test_setup_teardown(test, given_two, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(a_missing_alert_says_what_its_silence_is_worth),
	    ONE(without_an_announcement_that_is_said),
	    ONE(a_channel_that_was_lost_was_not_asked_and_has_advice),
	    ONE(what_says_nothing_of_a_way_out_sends_people_to_doctor),
	    TWO(of_two_channels_the_one_that_is_troubled_is_told),
	    ONE(blind_time_makes_it_undecided_and_says_so),
	    ONE(a_stop_by_people_is_not_the_chats_fault),
	};

	return cmocka_run_group_tests_name("gap_chat", tests, NULL, NULL);
}
