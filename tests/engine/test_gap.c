/* The gap: a pure function of what the stations say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/engine/given.h"

static int unmake(void **state)
{
	struct given *given = *state;

	for (size_t i = 0; i < EXPECT_MAX; i++) {
		free(given->expect[i].near.lacks);
		free(given->expect[i].near.text);
	}
	return given_unmake(state);
}

static const struct gap *assert_between(struct given *given, const char *after, const char *before,
					const char *evidence)
{
	const struct gap *gap = &given_judge(given)->gap;

	assert_true(gap->found);
	assert_string_equal(gap->after, after);
	assert_string_equal(gap->before, before);
	assert_string_equal(gap->evidence, evidence);
	return gap;
}

static void make_near(struct given *given, bool has_nonce, int64_t at_ms, const char *text)
{
	given->expect[0].near = (struct near_miss){.at_ms = at_ms,
						   .has_nonce = has_nonce,
						   .lacks = mem_dup("QueueMissing"),
						   .text = mem_dup(text)};
}

/* Between which two. */

static void without_stations_the_fault_and_the_chat_are_all_there_is(void **state)
{
	const struct gap *gap =
	    assert_between(*state, "emission", "chat", "QueueMissing never arrived in #ops");

	assert_null(gap->cause);
	assert_null(gap->advice);
}

static void it_is_before_the_first_station_that_lacked_it(void **state)
{
	(void)given_says(*state, HOP_RECEIVER, HOP_LACKED_IT, "nothing was sent");
	(void)given_says(*state, HOP_METRIC, HOP_HAD_IT, "the counter rose");
	(void)given_says(*state, HOP_RULE, HOP_LACKED_IT, "the rule stayed inactive");
	(void)assert_between(*state, "metric", "rule",
			     "the counter rose; the rule stayed inactive");
}

static void a_fault_that_no_station_noticed_is_lost_before_the_first_of_them(void **state)
{
	(void)given_says(*state, HOP_LOG, HOP_LACKED_IT, "no line");
	(void)given_says(*state, HOP_RULE, HOP_LACKED_IT, "no rule");
	(void)assert_between(*state, "emission", "log", "no line");
}

static void a_station_that_lacked_it_does_not_count_when_a_later_one_had_it(void **state)
{
	(void)given_says(*state, HOP_RULE, HOP_LACKED_IT, "inactive by now");
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_HAD_IT, "received");
	(void)given_says(*state, HOP_RECEIVER, HOP_LACKED_IT, "nothing was sent");
	(void)assert_between(*state, "alertmanager", "receiver", "received; nothing was sent");
}

static void of_two_stations_of_a_kind_one_is_enough(void **state)
{
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_LACKED_IT, "am-1 has nothing");
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_HAD_IT, "am-2 has it");
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_LACKED_IT, "am-3 has nothing");
	(void)given_says(*state, HOP_RECEIVER, HOP_LACKED_IT, "nothing was sent");
	(void)assert_between(*state, "alertmanager", "receiver", "am-2 has it; nothing was sent");
}

static void stations_in_between_that_were_not_asked_are_named_with_the_reason(void **state)
{
	(void)given_says(*state, HOP_METRIC, HOP_NOT_ASKED, "401");
	(void)given_says(*state, HOP_RULE, HOP_HAD_IT, "fired");
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_NOT_ASKED, "nobody listens");
	(void)given_says(*state, HOP_RECEIVER, HOP_LACKED_IT, "nothing was sent");
	(void)given_says(*state, HOP_RECEIVER, HOP_NOT_ASKED, "behind it");
	(void)assert_between(
	    *state, "rule", "receiver",
	    "fired; alertmanager could not tell: nobody listens; nothing was sent");
}

static void all_that_claim_success_are_named_and_nothing_is_guessed(void **state)
{
	const struct gap *gap;

	(void)given_says(*state, HOP_RULE, HOP_HAD_IT, "fired");
	(void)given_says(*state, HOP_ALERTMANAGER, HOP_HAD_IT, "received");
	gap = assert_between(*state, "alertmanager", "chat",
			     "every station that was asked had it (rule, alertmanager); received; "
			     "QueueMissing never arrived in #ops");
	assert_null(gap->cause);
	assert_null(gap->advice);
}

static void stations_that_were_all_not_asked_change_nothing_but_are_told(void **state)
{
	struct given *given = *state;

	(void)given_says(given, HOP_RULE, HOP_NOT_ASKED, "503");
	(void)assert_between(given, "emission", "chat",
			     "rule could not tell: 503; QueueMissing never arrived in #ops");
	assert_int_equal(given->judgement.hop_count, 3);
	assert_int_equal(given->judgement.hops[1].state, HOP_NOT_ASKED);
}

static void a_wrong_channel_is_behind_the_receiver_whatever_the_stations_say(void **state)
{
	struct given *given = *state;
	static char general[] = "#general";

	given_firing(given, 0, 2000)->channel = general;
	given_says(given, HOP_RULE, HOP_HAD_IT, "fired")->cause = mem_dup("not this one");
	(void)assert_between(given, "receiver", "chat",
			     "QueueMissing arrived in #general instead of #ops");
	assert_null(given->judgement.gap.cause);
	given_says(given, HOP_RECEIVER, HOP_HAD_IT, "it went to team-a")->cause =
	    mem_dup("the route of team-a comes first");
	(void)assert_between(given, "receiver", "chat",
			     "it went to team-a; QueueMissing arrived in #general instead of #ops");
	assert_string_equal(given->judgement.gap.cause, "the route of team-a comes first");
}

/* Why. */

static void the_cause_is_that_of_the_station_that_lacked_it(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	given_says(given, HOP_ALERTMANAGER, HOP_HAD_IT, "fired")->cause = mem_dup("behind");
	given_says(given, HOP_RECEIVER, HOP_LACKED_IT, "nothing")->cause = mem_dup("here");
	gap = assert_between(given, "alertmanager", "receiver", "fired; nothing");
	assert_string_equal(gap->cause, "here");
}

static void but_why_nothing_came_to_alertmanager_its_sender_knows_better(void **state)
{
	struct given *given = *state;
	struct hop_told *told = given_says(given, HOP_RULE, HOP_HAD_IT, "fired");

	told->cause = mem_dup("Prometheus has no Alertmanager");
	told->advice = mem_dup("name one");
	given_says(given, HOP_ALERTMANAGER, HOP_LACKED_IT, "nothing")->cause = mem_dup("here");
	assert_string_equal(given_judge(given)->gap.cause, "Prometheus has no Alertmanager");
	assert_string_equal(given->judgement.gap.advice, "name one");
}

static void else_it_is_that_of_the_last_one_that_had_it(void **state)
{
	struct given *given = *state;
	const struct gap *gap;
	struct hop_told *told = given_says(given, HOP_RULE, HOP_HAD_IT, "fired");

	told->cause = mem_dup("Prometheus dropped it");
	told->advice = mem_dup("look at its queue");
	(void)given_says(given, HOP_ALERTMANAGER, HOP_LACKED_IT, "nothing");
	gap = assert_between(given, "rule", "alertmanager", "fired; nothing");
	assert_string_equal(gap->cause, "Prometheus dropped it");
	assert_string_equal(gap->advice, "look at its queue");
}

static void a_near_miss_in_the_channel_is_the_cause_when_it_was_lost_there(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	(void)given_says(given, HOP_RECEIVER, HOP_HAD_IT, "sent");
	make_near(given, false, INJECTED + 1, "[FIRING:1]\nQueueMissing\x7f");
	gap = &given_judge(given)->gap;
	assert_string_equal(gap->before, "chat");
	assert_non_null(strstr(gap->cause, "#ops has \"[FIRING:1] QueueMissing \""));
	assert_non_null(strstr(gap->cause, "drops the label"));
}

static void a_near_miss_from_before_the_fault_is_none(void **state)
{
	struct given *given = *state;

	make_near(given, false, INJECT_STARTED - 1, "[FIRING:1] QueueMissing");
	assert_null(given_judge(given)->gap.cause);
}

static void a_near_miss_with_the_id_says_what_it_lacks(void **state)
{
	struct given *given = *state;

	make_near(given, true, INJECTED + 1, "Warning fd-k3q9x2m7");
	assert_non_null(strstr(given_judge(given)->gap.cause, "lacks \"QueueMissing\""));
}

static void a_long_near_miss_is_cut_between_characters(void **state)
{
	struct given *given = *state;
	char text[400];

	memset(text, 'a', 119);
	strcpy(text + 119, "\xe2\x82\xac and more");
	make_near(given, false, INJECTED + 1, text);
	assert_non_null(strstr(given_judge(given)->gap.cause, "aaa...\""));
}

/* When there is one. */

static void a_pass_and_a_doubt_have_no_gap(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 2000);
	assert_pass(given);
	assert_false(given->judgement.gap.found);
	assert_int_equal(given->judgement.hop_count, 0);
	given->expect[0].sighting_count = 0;
	given->expect[0].readable = false;
	(void)given_says(given, HOP_RULE, HOP_LACKED_IT, "inactive");
	assert_unknown(given, "could not be read");
	assert_false(given->judgement.gap.found);
	assert_int_equal(given->judgement.hop_count, 3); /* what they say is told all the same */
	assert_int_equal(given->judgement.hops[2].state, HOP_NOT_ASKED);
}

static void of_two_lost_alerts_the_first_has_the_gap_and_both_are_told(void **state)
{
	struct given *given = *state;

	(void)given_says(given, HOP_RULE, HOP_LACKED_IT, "inactive");
	given_says(given, HOP_RULE, HOP_HAD_IT, "fired")->expect = 1;
	(void)assert_between(given, "emission", "rule", "inactive");
	assert_int_equal(given->judgement.hop_count, 6);
	assert_int_equal(given->judgement.hops[3].expect, 1);
	assert_int_equal(given->judgement.hops[4].state, HOP_HAD_IT);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, unmake)
#define TWO(test) cmocka_unit_test_setup_teardown(test, given_two, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(without_stations_the_fault_and_the_chat_are_all_there_is),
	    ONE(it_is_before_the_first_station_that_lacked_it),
	    ONE(a_fault_that_no_station_noticed_is_lost_before_the_first_of_them),
	    ONE(a_station_that_lacked_it_does_not_count_when_a_later_one_had_it),
	    ONE(of_two_stations_of_a_kind_one_is_enough),
	    ONE(stations_in_between_that_were_not_asked_are_named_with_the_reason),
	    ONE(all_that_claim_success_are_named_and_nothing_is_guessed),
	    ONE(stations_that_were_all_not_asked_change_nothing_but_are_told),
	    ONE(a_wrong_channel_is_behind_the_receiver_whatever_the_stations_say),
	    ONE(the_cause_is_that_of_the_station_that_lacked_it),
	    ONE(but_why_nothing_came_to_alertmanager_its_sender_knows_better),
	    ONE(else_it_is_that_of_the_last_one_that_had_it),
	    ONE(a_near_miss_in_the_channel_is_the_cause_when_it_was_lost_there),
	    ONE(a_near_miss_from_before_the_fault_is_none),
	    ONE(a_near_miss_with_the_id_says_what_it_lacks),
	    ONE(a_long_near_miss_is_cut_between_characters),
	    ONE(a_pass_and_a_doubt_have_no_gap),
	    TWO(of_two_lost_alerts_the_first_has_the_gap_and_both_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
