/* The gap of an alert that arrived: where its time, its text or its end was lost, and where it became
 * more than one.  A pure function of what the stations say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/mem.h"
#include "tests/engine/given.h"

static const struct gap *assert_between(struct given *given, enum finding finding,
					const char *after, const char *before)
{
	const struct gap *gap;

	assert_gap(given, finding);
	gap = &given->judgement.gap;
	assert_true(gap->found);
	assert_string_equal(gap->after, after);
	assert_string_equal(gap->before, before);
	assert_int_equal(gap->finding, finding);
	return gap;
}

static void assert_says(const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text != NULL ? text : "(nothing)");
}

/* A station that had it, so long after the fault. */
static struct hop_told *had(struct given *given, enum hop hop, int64_t after_ms)
{
	struct hop_told *told = given_says(given, hop, HOP_HAD_IT, "had it");

	told->at_ms = after_ms != TIME_NEVER ? INJECTED + after_ms : TIME_NEVER;
	return told;
}

static struct hop_told *about(struct hop_told *told, enum hop_about about)
{
	told->about = about;
	return told;
}

/* Late. */

static void late(struct given *given)
{
	given->wanted[0].grace_ms = 60000;
	given_firing(given, 0, 41000);
}

static void the_longest_way_between_two_stations_is_where_the_time_was_lost(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	late(given);
	had(given, HOP_RULE, 5000);
	had(given, HOP_ALERTMANAGER, 6000);
	gap = assert_between(given, FINDING_LATE, "alertmanager", "chat");
	assert_string_equal(gap->evidence,
			    "rule had it after 5.0 s, alertmanager after 6.0 s, chat after 41.0 s: "
			    "35.0 s of 41.0 s were spent between alertmanager and chat");
	assert_says(gap->cause, "group_wait");
	assert_non_null(gap->advice);
	assert_int_equal(given->judgement.hop_count, 4);
	assert_int_equal(given->judgement.hops[0].at_ms, INJECTED);
	assert_int_equal(given->judgement.hops[3].at_ms, INJECTED + 41000);
}

static void time_lost_before_the_first_station_is_between_the_fault_and_it(void **state)
{
	struct given *given = *state;

	late(given);
	had(given, HOP_METRIC, 38000);
	had(given, HOP_RULE, 39000);
	assert_says(assert_between(given, FINDING_LATE, "emission", "metric")->cause, "scrape");
}

static void the_station_that_took_its_time_says_why_itself(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	late(given);
	had(given, HOP_METRIC, 1000);
	had(given, HOP_RULE, 31000)->cause = mem_dup("its `for` is 30 s");
	gap = assert_between(given, FINDING_LATE, "metric", "rule");
	assert_string_equal(gap->cause, "its `for` is 30 s");
	assert_says(gap->evidence, "30.0 s of 41.0 s");
}

static void the_receiver_speaks_for_the_way_to_the_chat(void **state)
{
	struct given *given = *state;

	late(given);
	had(given, HOP_ALERTMANAGER, 1000);
	had(given, HOP_RECEIVER, TIME_NEVER)->cause = mem_dup("its route waits 30s");
	assert_string_equal(assert_between(given, FINDING_LATE, "alertmanager", "chat")->cause,
			    "its route waits 30s");
}

static void a_station_that_lacked_it_at_the_deadline_says_more_than_any_time(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	late(given);
	had(given, HOP_METRIC, 30000);
	had(given, HOP_ALERTMANAGER, 31000);
	given_says(given, HOP_RECEIVER, HOP_LACKED_IT, "nothing was posted")->cause =
	    mem_dup("younger than group_wait");
	gap = assert_between(given, FINDING_LATE, "alertmanager", "receiver");
	assert_says(gap->evidence, "10.0 s of 41.0 s were spent between alertmanager and chat");
	assert_says(gap->evidence, "receiver did not have it when it was asked");
	assert_string_equal(gap->cause, "younger than group_wait");
}

static void clocks_that_differ_make_no_time_negative(void **state)
{
	struct given *given = *state;

	late(given);
	had(given, HOP_RULE, 6000);
	had(given, HOP_ALERTMANAGER, 5000);
	assert_string_equal(assert_between(given, FINDING_LATE, "alertmanager", "chat")->evidence,
			    "rule had it after 6.0 s, alertmanager after 6.0 s, chat after 41.0 s: "
			    "35.0 s of 41.0 s were spent between alertmanager and chat");
}

static void of_two_stations_of_a_kind_the_first_to_have_it_counts(void **state)
{
	struct given *given = *state;

	late(given);
	had(given, HOP_ALERTMANAGER, 30000);
	had(given, HOP_ALERTMANAGER, 2000);
	assert_says(assert_between(given, FINDING_LATE, "alertmanager", "chat")->evidence,
		    "39.0 s of 41.0 s");
}

static void stations_without_a_time_are_passed_over_and_those_not_asked_are_named(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	late(given);
	had(given, HOP_RULE, TIME_NEVER);
	given_says(given, HOP_ALERTMANAGER, HOP_NOT_ASKED, "401");
	gap = assert_between(given, FINDING_LATE, "emission", "chat");
	assert_says(gap->evidence, "41.0 s of 41.0 s were spent between emission and chat");
	assert_says(gap->evidence, "alertmanager could not tell: 401");
}

static void without_any_station_there_is_nothing_to_say_of_what_arrived(void **state)
{
	struct given *given = *state;

	late(given);
	assert_gap(given, FINDING_LATE);
	assert_false(given->judgement.gap.found);
	assert_int_equal(given->judgement.hop_count, 0);
}

/* More than one. */

static void twice(struct given *given)
{
	given_firing(given, 0, 2000);
	given_firing(given, 0, 2500);
}

static struct hop_told *counted(struct given *given, enum hop hop, int count)
{
	struct hop_told *told = had(given, hop, 1000);

	told->count = count;
	return told;
}

static void a_rule_with_two_alerts_is_where_one_became_two(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	twice(given);
	had(given, HOP_METRIC, 500);
	counted(given, HOP_RULE, 2);
	counted(given, HOP_ALERTMANAGER, 2);
	gap = assert_between(given, FINDING_DUPLICATE, "metric", "rule");
	assert_says(gap->cause, "labels differ");
	assert_says(gap->evidence, "rule has it more than once");
}

static void two_receivers_are(void **state)
{
	struct given *given = *state;

	twice(given);
	counted(given, HOP_RULE, 1);
	counted(given, HOP_ALERTMANAGER, 1);
	counted(given, HOP_RECEIVER, 2);
	assert_says(assert_between(given, FINDING_DUPLICATE, "alertmanager", "receiver")->cause,
		    "several receivers");
}

static void two_peers_that_both_posted_are_and_are_named(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	twice(given);
	counted(given, HOP_ALERTMANAGER, 1);
	counted(given, HOP_ALERTMANAGER, 1);
	counted(given, HOP_RECEIVER, 1)->name = mem_dup("am-1");
	counted(given, HOP_RECEIVER, 1)->name = mem_dup("am-2");
	gap = assert_between(given, FINDING_DUPLICATE, "alertmanager", "receiver");
	assert_says(gap->cause, "am-1 and am-2 both posted it");
}

static void peers_that_both_have_it_but_of_which_one_posted_are_not(void **state)
{
	struct given *given = *state;

	twice(given);
	counted(given, HOP_ALERTMANAGER, 1);
	counted(given, HOP_ALERTMANAGER, 1);
	counted(given, HOP_RECEIVER, 1);
	given_says(given, HOP_RECEIVER, HOP_LACKED_IT, "the other peer posted");
	assert_null(assert_between(given, FINDING_DUPLICATE, "receiver", "chat")->cause);
}

static void when_all_have_it_once_it_is_said_so_and_nothing_is_guessed(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	twice(given);
	counted(given, HOP_RULE, 1);
	counted(given, HOP_ALERTMANAGER, 1);
	gap = assert_between(given, FINDING_DUPLICATE, "alertmanager", "chat");
	assert_says(gap->evidence, "rule has it once; alertmanager has it once; no station tells "
				   "where the others came from");
	assert_null(gap->cause);
	assert_non_null(gap->advice);
}

static void one_that_fired_again_after_its_end_came_twice_from_the_beginning(void **state)
{
	struct given *given = *state;

	given_firing(given, 0, 2000);
	given_resolved(given, 0, 0)->at_ms = INJECTED + 3000;
	given_firing(given, 0, 5000);
	counted(given, HOP_RULE, 1);
	assert_says(assert_between(given, FINDING_DUPLICATE, "emission", "rule")->cause,
		    "fired again 2.0 s after it was resolved");
}

/* Its text. */

static void without_a_runbook(struct given *given)
{
	static char runbook[] = "runbook", *contains[] = {runbook};

	given->wanted[0].contains = (struct texts){contains, 1};
	given_firing(given, 0, 2000)->lacks = runbook;
	had(given, HOP_RULE, 1000);
}

static void a_text_that_the_rule_lacks_is_lost_there(void **state)
{
	struct given *given = *state;
	struct hop_told *told;
	const struct gap *gap;

	without_a_runbook(given);
	told = about(given_says(given, HOP_RULE, HOP_LACKED_IT, "no annotation"), ABOUT_TEXT);
	told->cause = mem_dup("the rule has no such annotation");
	gap = assert_between(given, FINDING_UNREADABLE, "emission", "rule");
	assert_int_equal(gap->about, ABOUT_TEXT);
	assert_string_equal(gap->evidence, "no annotation");
	assert_string_equal(gap->cause, "the rule has no such annotation");
}

static void a_text_that_every_station_has_is_lost_in_the_template(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	without_a_runbook(given);
	about(given_says(given, HOP_RULE, HOP_HAD_IT, "annotated"), ABOUT_TEXT);
	about(given_says(given, HOP_ALERTMANAGER, HOP_HAD_IT, "there, too"), ABOUT_TEXT);
	gap = assert_between(given, FINDING_UNREADABLE, "alertmanager", "chat");
	assert_says(gap->evidence,
		    "every station that was asked had the text (rule, alertmanager)");
	assert_says(gap->cause, "template");
	assert_says(gap->cause, "\"runbook\"");
}

static void a_text_that_nobody_was_asked_for_is_not_guessed(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	without_a_runbook(given);
	about(given_says(given, HOP_ALERTMANAGER, HOP_NOT_ASKED, "401"), ABOUT_TEXT);
	gap = assert_between(given, FINDING_UNREADABLE, "emission", "chat");
	assert_says(gap->evidence, "alertmanager could not tell: 401");
	assert_null(gap->cause);
}

/* Its end. */

static void never_resolved(struct given *given)
{
	given_want_resolved(given);
	had(given, HOP_RULE, 1000);
	had(given, HOP_ALERTMANAGER, 1000);
}

static void a_rule_that_goes_on_firing_is_where_the_end_was_lost(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	never_resolved(given);
	about(given_says(given, HOP_RULE, HOP_LACKED_IT, "still firing"), ABOUT_END);
	about(given_says(given, HOP_ALERTMANAGER, HOP_LACKED_IT, "still there"), ABOUT_END);
	gap = assert_between(given, FINDING_UNRESOLVED, "emission", "rule");
	assert_int_equal(gap->about, ABOUT_END);
	assert_string_equal(gap->evidence, "still firing");
}

static void a_receiver_that_does_not_send_it_is(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	never_resolved(given);
	about(given_says(given, HOP_RULE, HOP_HAD_IT, "over"), ABOUT_END);
	about(given_says(given, HOP_ALERTMANAGER, HOP_HAD_IT, "gone"), ABOUT_END);
	about(given_says(given, HOP_RECEIVER, HOP_LACKED_IT, "send_resolved is false"), ABOUT_END)
	    ->cause = mem_dup("it sends no resolved messages");
	gap = assert_between(given, FINDING_UNRESOLVED, "alertmanager", "receiver");
	assert_string_equal(gap->evidence, "gone; send_resolved is false");
	assert_string_equal(gap->cause, "it sends no resolved messages");
}

static void when_all_say_that_it_is_over_and_the_chat_was_not_told_just_that_is_said(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	never_resolved(given);
	about(given_says(given, HOP_RULE, HOP_HAD_IT, "over"), ABOUT_END);
	about(given_says(given, HOP_RECEIVER, HOP_HAD_IT, "posted"), ABOUT_END);
	gap = assert_between(given, FINDING_UNRESOLVED, "receiver", "chat");
	assert_says(gap->evidence,
		    "every station that was asked says that it is over (rule, receiver)");
	assert_null(gap->cause);
	assert_non_null(gap->advice);
}

static void an_end_that_came_too_late_lost_its_time_between_two_stations(void **state)
{
	struct given *given = *state;
	const struct gap *gap;

	never_resolved(given);
	given_resolved(given, 0, RESOLVED + 4000);
	given->expect[0].covered_ms = ALL_READ + 60000;
	about(given_says(given, HOP_RULE, HOP_HAD_IT, "over"), ABOUT_END);
	gap = assert_between(given, FINDING_UNRESOLVED, "emission", "chat");
	assert_says(gap->evidence, "24.0 s of 24.0 s were spent between emission and chat");
	assert_says(gap->cause, "group_interval");
}

static void an_end_that_is_only_known_of_the_alert_itself_has_no_gap(void **state)
{
	struct given *given = *state;

	never_resolved(given);
	assert_gap(given, FINDING_UNRESOLVED);
	assert_false(given->judgement.gap.found);
	assert_int_equal(given->judgement.hop_count, 4);
}

/* Which one. */

static void a_lost_alert_comes_before_a_late_one(void **state)
{
	struct given *given = *state;

	late(given);
	had(given, HOP_RULE, 5000);
	(void)given_judge(given);
	assert_true(given->judgement.gap.found);
	assert_int_equal(given->judgement.gap.expect, 1);
	assert_int_equal(given->judgement.gap.finding, FINDING_MISSING);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, given_one, given_unmake)
#define TWO(test) cmocka_unit_test_setup_teardown(test, given_two, given_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ONE(the_longest_way_between_two_stations_is_where_the_time_was_lost),
	    ONE(time_lost_before_the_first_station_is_between_the_fault_and_it),
	    ONE(the_station_that_took_its_time_says_why_itself),
	    ONE(the_receiver_speaks_for_the_way_to_the_chat),
	    ONE(a_station_that_lacked_it_at_the_deadline_says_more_than_any_time),
	    ONE(clocks_that_differ_make_no_time_negative),
	    ONE(of_two_stations_of_a_kind_the_first_to_have_it_counts),
	    ONE(stations_without_a_time_are_passed_over_and_those_not_asked_are_named),
	    ONE(without_any_station_there_is_nothing_to_say_of_what_arrived),
	    ONE(a_rule_with_two_alerts_is_where_one_became_two),
	    ONE(two_receivers_are),
	    ONE(two_peers_that_both_posted_are_and_are_named),
	    ONE(peers_that_both_have_it_but_of_which_one_posted_are_not),
	    ONE(when_all_have_it_once_it_is_said_so_and_nothing_is_guessed),
	    ONE(one_that_fired_again_after_its_end_came_twice_from_the_beginning),
	    ONE(a_text_that_the_rule_lacks_is_lost_there),
	    ONE(a_text_that_every_station_has_is_lost_in_the_template),
	    ONE(a_text_that_nobody_was_asked_for_is_not_guessed),
	    ONE(a_rule_that_goes_on_firing_is_where_the_end_was_lost),
	    ONE(a_receiver_that_does_not_send_it_is),
	    ONE(when_all_say_that_it_is_over_and_the_chat_was_not_told_just_that_is_said),
	    ONE(an_end_that_came_too_late_lost_its_time_between_two_stations),
	    ONE(an_end_that_is_only_known_of_the_alert_itself_has_no_gap),
	    TWO(a_lost_alert_comes_before_a_late_one),
	};

	return cmocka_run_group_tests_name("gap_arrived", tests, NULL, NULL);
}
