/* What people are told of drills, in virtual time. */
#include "src/program/serve/notices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "src/program/serve/digest_clock.h"
#include "tests/program/told_world.h"
#include "tests/reports/make_record.h"

#define LINK "https://chat.example/ops/1"

struct heard {
	size_t chat, chat_failed, second, second_failed;
};

static struct notices *notices;
static struct heard heard;

static void on_told(void *arg, const char *path, const char *error)
{
	bool chat = strcmp(path, "chat") == 0;

	(void)arg;
	if (error == NULL)
		chat ? heard.chat++ : heard.second++;
	else
		chat ? heard.chat_failed++ : heard.second_failed++;
}

static void begin(void)
{
	const struct notices_hears hears = {.told = on_told};

	notices = notices_new(told_world.app, told_world_history(), &hears);
}

static int setup(void **state)
{
	(void)state;
	heard = (struct heard){0};
	told_world_begin();
	begin();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	notices_free(notices);
	assert_int_equal(told_world.in_flight, 0);
	told_world_end();
	return 0;
}

/* A drill is over, and people have had so long to hear of it. */
static void drill(struct made *made, const char *id, int64_t ms)
{
	(void)snprintf(made->record.id, sizeof made->record.id, "%s", id);
	make_text(&made->record.report_permalink, LINK);
	notices_drill(notices, &made->record);
	made_free(made);
	told_world_pass(ms);
}

static struct made *gap(void)
{
	struct made *made = make_running();

	make_over(made, VERDICT_GAP, "OrdersQueueMissing never came to #ops");
	(void)make_finding(made, 0, FINDING_MISSING, -1, "never came");
	make_gap(made, "rule", "alertmanager", "it fired in Prometheus");
	return made;
}

static struct made *pass(void)
{
	struct made *made = make_running();

	make_over(made, VERDICT_PASS, "OrdersQueueMissing came to #ops");
	(void)make_finding(made, 0, FINDING_DELIVERED, 2100, "came");
	return made;
}

static struct made *blind(void)
{
	struct made *made = make_running();

	make_over(made, VERDICT_INCONCLUSIVE, "#ops could not be read");
	make_finding(made, 0, FINDING_UNKNOWN, -1, "could not be read");
	made->record.judgement.reason = REASON_UNOBSERVABLE;
	made->record.evidence.expect[0].readable = false;
	make_text(&made->record.evidence.expect[0].trouble, "the token was revoked");
	return made;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void a_new_gap_is_one_loud_message_that_calls_its_owner(void **state)
{
	const struct told_message *message = &told_world.messages[0];

	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	assert_true(notices_is_idle(notices));
	assert_int_equal(told_world.message_count, 1);
	assert_true(message->loud);
	assert_string_equal(message->mention, "S0614TZR7");
	assert_has(message->headline, "OrdersQueueMissing never reached #ops");
	assert_has(message->headline, "production");
	assert_has(message->body, "*Since*: Sat 10:02 UTC");
	assert_has(message->body, "*Lost between*: rule and alertmanager");
	assert_has(message->body, "*Owner*: payments");
	assert_has(message->body, "*Drill*: " LINK);
	assert_has(message->body, "*Page*: https://firedrill.example/drill/fd-k3q9x2m7");
	assert_int_equal(told_world.letter_count, 0);
	assert_int_equal(heard.chat, 1);
	assert_string_equal(told_world.row, "orders-bad-queue production 1 C9 1000.5");
}

static void a_gap_that_is_to_be_repeated_says_nothing(void **state)
{
	struct made *made = gap();

	(void)state;
	made->record.repeatable = true;
	drill(made, "fd-k3q9x2m7", 1000);
	assert_int_equal(told_world.message_count, 0);
	assert_null(notices_open_gap(notices, "orders-bad-queue", "production"));
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.message_count, 1);
}

static void a_gap_is_as_old_as_the_drill_that_its_repeat_confirmed(void **state)
{
	struct made *made = gap();

	(void)state;
	(void)snprintf(made->record.repeats, sizeof made->record.repeats, "fd-k3q9x2m6");
	drill(made, "fd-k3q9x2m7", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_true(told_world.messages[0].loud);
	assert_string_equal(told_world.messages[0].mention, "S0614TZR7");
	assert_null(strstr(told_world.messages[0].headline, "still open"));
	assert_has(told_world.messages[0].body, "*Since*: 2023-11-14 21:30 UTC, found by 2 drills");
	assert_string_equal(told_world.row, "orders-bad-queue production 2 C9 1000.5");
}

static void of_a_first_drill_that_the_history_does_not_tell_nothing_is_guessed(void **state)
{
	struct made *made = gap();

	(void)state;
	(void)snprintf(made->record.repeats, sizeof made->record.repeats, "fd-k3q9x2m6");
	told_world.history_busy = true;
	drill(made, "fd-k3q9x2m7", 1000);
	assert_has(told_world.messages[0].body, "*Since*: Sat 10:02 UTC");
	assert_null(strstr(told_world.messages[0].body, "found by"));
}

static void a_gap_that_goes_on_changes_its_message_and_answers_in_its_thread(void **state)
{
	char *open;

	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	drill(gap(), "fd-k3q9x2m8", 1000);
	drill(gap(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.message_count, 3);
	assert_int_equal(told_world.messages[0].edits, 2);
	assert_has(told_world.messages[0].headline, "still open");
	assert_has(told_world.messages[0].body, "found by 3 drills");
	for (size_t i = 1; i < 3; i++) {
		assert_string_equal(told_world.messages[i].thread, "1000.5");
		assert_false(told_world.messages[i].loud);
		assert_false(told_world.messages[i].broadcast);
	}
	open = notices_open_gap(notices, "orders-bad-queue", "production");
	assert_string_equal(open, "https://chat.example/C9/1000.5");
	free(open);
}

static void recovery_is_told_once_where_the_gap_was(void **state)
{
	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	drill(pass(), "fd-k3q9x2m8", 1000);
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.message_count, 2);
	assert_has(told_world.messages[0].headline, "RECOVERED in production");
	assert_string_equal(told_world.messages[1].thread, "1000.5");
	assert_true(told_world.messages[1].broadcast);
	assert_int_equal(told_world.gap_rows, 0);
	assert_int_equal(told_world.letter_count, 0);
	drill(gap(), "fd-k3q9x2m6", 1000);
	assert_int_equal(told_world.message_count, 3);
	assert_int_equal(told_world.messages[2].edits, 0);
}

static void a_pass_and_what_proves_nothing_are_quiet(void **state)
{
	struct made *refused = make_running(), *aborted = make_running();

	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	make_refused(refused, "outside the hours");
	drill(refused, "fd-k3q9x2m8", 1000);
	make_over(aborted, VERDICT_ABORTED, "stopped");
	drill(aborted, "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_int_equal(told_world.messages[0].edits, 0);
	assert_int_equal(told_world.gap_rows, 1);
}

static void another_life_goes_on_with_the_same_message(void **state)
{
	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	notices_free(notices);
	begin();
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.message_count, 2);
	assert_int_equal(told_world.messages[0].edits, 1);
	assert_has(told_world.messages[0].headline, "still open");
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_has(told_world.messages[0].headline, "RECOVERED");
	assert_int_equal(told_world.gap_rows, 0);
}

static void take_over(void)
{
	struct notices *older = notices;

	begin();
	notices_take_over(notices, older);
	notices_free(older);
}

static void another_configuration_goes_on_with_what_is_on_its_way(void **state)
{
	(void)state;
	drill(gap(), "fd-k3q9x2m7", 50);
	assert_int_equal(told_world.in_flight, 1);
	assert_true(notices_uses(notices, told_world.app));
	take_over();
	assert_true(notices_uses(notices, told_world.app));
	drill(gap(), "fd-k3q9x2m8", 2000);
	assert_false(notices_uses(notices, told_world.app));
	assert_int_equal(told_world.message_count, 2);
	assert_int_equal(told_world.messages[0].edits, 1);
	assert_string_equal(told_world.messages[1].thread, "1000.5");
	assert_string_equal(told_world.row, "orders-bad-queue production 2 C9 1000.5");
	drill(pass(), "fd-k3q9x2m9", 2000);
	assert_int_equal(told_world.gap_rows, 0);
}

static void a_gap_of_which_the_history_does_not_know_yet_is_not_forgotten_by_a_reload(void **state)
{
	(void)state;
	told_world.history_busy = true;
	drill(gap(), "fd-k3q9x2m7", 1000);
	take_over();
	told_world.history_busy = false;
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.messages[0].edits, 1);
	assert_string_equal(told_world.row, "orders-bad-queue production 2 C9 1000.5");
}

static void a_chat_in_trouble_is_not_told_again_after_a_reload(void **state)
{
	(void)state;
	drill(blind(), "fd-k3q9x2m7", 1000);
	take_over();
	drill(blind(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.letter_count, 1);
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.letter_count, 2);
}

static void a_gap_whose_chat_is_not_configured_any_more_is_told_in_the_new_place(void **state)
{
	(void)state;
	told_world_put_gap("orders-bad-queue", "production", 3, "C1", "7.5");
	told_world.config->chats[0].name = told_world.config->report.chat = "mattermost";
	notices_free(notices);
	begin();
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_string_equal(told_world.messages[0].channel, "C9");
	assert_true(told_world.messages[0].loud);
	assert_string_equal(told_world.row, "orders-bad-queue production 4 C9 1000.5");
}

static void a_message_that_was_deleted_is_posted_anew(void **state)
{
	(void)state;
	drill(gap(), "fd-k3q9x2m7", 1000);
	told_world.messages[0].deleted = true;
	drill(gap(), "fd-k3q9x2m8", 2000);
	assert_int_equal(told_world.message_count, 2);
	assert_true(told_world.messages[1].loud);
	assert_string_equal(told_world.messages[1].thread, "");
	assert_string_equal(told_world.row, "orders-bad-queue production 2 C9 1001.5");
	drill(gap(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.messages[1].edits, 1);
}

static void a_post_whose_answer_was_lost_is_not_made_twice(void **state)
{
	(void)state;
	told_world.lose_answer = true;
	drill(gap(), "fd-k3q9x2m7", 20000);
	assert_int_equal(told_world.message_count, 1);
	assert_true(told_world.reads > 0);
	assert_string_equal(told_world.row, "orders-bad-queue production 1 C9 1000.5");
}

static void a_post_that_was_lost_is_made_again(void **state)
{
	(void)state;
	told_world.lose_post = true;
	drill(gap(), "fd-k3q9x2m7", 60000);
	assert_int_equal(told_world.message_count, 1);
	assert_int_equal(told_world.letter_count, 0);
}

static void a_chat_that_says_no_leads_to_the_second_path_at_once(void **state)
{
	(void)state;
	told_world.result = CHAT_PERMANENT;
	drill(gap(), "fd-k3q9x2m7", 1000);
	assert_int_equal(told_world.letter_count, 1);
	assert_has(told_world.letters[0].subject, "OrdersQueueMissing never reached #ops");
	assert_has(told_world.letters[0].text,
		   "Why it comes this way: the chat could not be reached: slack, channel #drills");
	assert_int_equal(heard.chat_failed, 1);
	assert_int_equal(heard.second, 1);
	assert_null(notices_trouble(notices));
}

static void a_chat_that_is_ill_is_tried_for_two_minutes_first(void **state)
{
	(void)state;
	told_world.result = CHAT_RETRY;
	drill(gap(), "fd-k3q9x2m7", 90000);
	assert_int_equal(told_world.letter_count, 0);
	assert_false(notices_is_idle(notices));
	told_world_pass(60000);
	assert_int_equal(told_world.letter_count, 1);
	assert_true(notices_is_idle(notices));
}

static void what_the_second_path_has_told_is_not_told_there_with_every_drill(void **state)
{
	(void)state;
	told_world.result = CHAT_PERMANENT;
	drill(gap(), "fd-k3q9x2m7", 1000);
	drill(gap(), "fd-k3q9x2m8", 1000);
	drill(gap(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.letter_count, 1);
	told_world.result = CHAT_OK; /* the chat has not heard of it yet */
	drill(gap(), "fd-k3q9x2m6", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_true(told_world.messages[0].loud);
	assert_int_equal(told_world.letter_count, 1);
	drill(pass(), "fd-k3q9x2m5", 1000);
	assert_int_equal(told_world.letter_count, 2);
	assert_has(told_world.letters[1].subject, "RECOVERED");
}

static void what_nobody_could_be_told_is_trouble_and_tried_again(void **state)
{
	(void)state;
	told_world.result = CHAT_PERMANENT;
	told_world.second_fails = true;
	drill(gap(), "fd-k3q9x2m7", 1000);
	assert_has(notices_trouble(notices), "second path: mail: nobody is there");
	assert_int_equal(heard.second_failed, 1);
	told_world.second_fails = false;
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.letter_count, 2);
	assert_null(notices_trouble(notices));
}

static void an_alert_lost_on_its_last_step_is_told_by_both_paths(void **state)
{
	struct made *made = gap();

	(void)state;
	told_world.config->report.channel = NULL;
	made->record.judgement.gap.before = "chat";
	drill(made, "fd-k3q9x2m7", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_int_equal(told_world.letter_count, 1);
	assert_has(told_world.letters[0].text, "lost on its last step");
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.letter_count, 1);
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.letter_count, 2);
}

static void a_chat_that_cannot_be_watched_is_told_once_by_the_second_path(void **state)
{
	(void)state;
	drill(blind(), "fd-k3q9x2m7", 1000);
	drill(blind(), "fd-k3q9x2m8", 1000);
	assert_int_equal(told_world.message_count, 0);
	assert_int_equal(told_world.letter_count, 1);
	assert_has(told_world.letters[0].subject, "cannot watch #ops (slack)");
	assert_has(told_world.letters[0].text, "the token was revoked");
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.letter_count, 2);
	assert_has(told_world.letters[1].subject, "well again");
	drill(blind(), "fd-k3q9x2m6", 1000);
	assert_int_equal(told_world.letter_count, 3);
}

static void a_report_that_did_not_arrive_is_told_once_by_the_second_path(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct made *made = pass();

		make_text(&made->record.report_problem, "#drills: is archived");
		drill(made, "fd-k3q9x2m7", 1000);
	}
	assert_int_equal(told_world.letter_count, 1);
	assert_has(told_world.letters[0].text, "is archived");
}

static void a_history_that_cannot_be_written_is_written_later(void **state)
{
	(void)state;
	told_world.history_busy = true;
	drill(gap(), "fd-k3q9x2m7", 1000);
	assert_int_equal(told_world.message_count, 1);
	assert_int_equal(told_world.gap_rows, 0);
	told_world.history_busy = false;
	drill(gap(), "fd-k3q9x2m8", 1000);
	assert_string_equal(told_world.row, "orders-bad-queue production 2 C9 1000.5");
	told_world.history_busy = true;
	drill(pass(), "fd-k3q9x2m9", 1000);
	assert_int_equal(told_world.gap_rows, 1);
	told_world.history_busy = false;
	notices_free(notices);
	assert_int_equal(told_world.gap_rows, 0);
	begin();
}

static void the_digest_is_one_message_and_its_details(void **state)
{
	const struct digest_due due = {0};
	const struct digest_due late = {.due_wall_ms = 1700000000000, .late = "it slept"};

	(void)state;
	notices_digest(notices, &due);
	told_world_pass(1000);
	assert_int_equal(told_world.message_count, 1);
	assert_has(told_world.messages[0].headline, "0 drills");
	assert_has(told_world.messages[0].body, "the history cannot be read");
	told_world.config->report.channel = NULL;
	notices_digest(notices, &late);
	told_world_pass(1000);
	assert_int_equal(told_world.letter_count, 1);
	assert_has(told_world.letters[0].text, "due at 2023-11-14 22:13 UTC, when it slept");
	assert_true(notices_is_idle(notices));
}

static void ending_while_something_is_on_its_way_leaves_nothing(void **state)
{
	(void)state;
	drill(gap(), "fd-k3q9x2m7", 50);
	assert_int_equal(told_world.in_flight, 1);
	notices_free(notices);
	assert_int_equal(told_world.in_flight, 0);
	begin();
}

#define WITH_NOTICES(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_NOTICES(a_new_gap_is_one_loud_message_that_calls_its_owner),
	    WITH_NOTICES(a_gap_that_is_to_be_repeated_says_nothing),
	    WITH_NOTICES(a_gap_is_as_old_as_the_drill_that_its_repeat_confirmed),
	    WITH_NOTICES(of_a_first_drill_that_the_history_does_not_tell_nothing_is_guessed),
	    WITH_NOTICES(a_gap_that_goes_on_changes_its_message_and_answers_in_its_thread),
	    WITH_NOTICES(recovery_is_told_once_where_the_gap_was),
	    WITH_NOTICES(a_pass_and_what_proves_nothing_are_quiet),
	    WITH_NOTICES(another_life_goes_on_with_the_same_message),
	    WITH_NOTICES(another_configuration_goes_on_with_what_is_on_its_way),
	    WITH_NOTICES(a_gap_of_which_the_history_does_not_know_yet_is_not_forgotten_by_a_reload),
	    WITH_NOTICES(a_chat_in_trouble_is_not_told_again_after_a_reload),
	    WITH_NOTICES(a_gap_whose_chat_is_not_configured_any_more_is_told_in_the_new_place),
	    WITH_NOTICES(a_message_that_was_deleted_is_posted_anew),
	    WITH_NOTICES(a_post_whose_answer_was_lost_is_not_made_twice),
	    WITH_NOTICES(a_post_that_was_lost_is_made_again),
	    WITH_NOTICES(a_chat_that_says_no_leads_to_the_second_path_at_once),
	    WITH_NOTICES(a_chat_that_is_ill_is_tried_for_two_minutes_first),
	    WITH_NOTICES(what_the_second_path_has_told_is_not_told_there_with_every_drill),
	    WITH_NOTICES(what_nobody_could_be_told_is_trouble_and_tried_again),
	    WITH_NOTICES(an_alert_lost_on_its_last_step_is_told_by_both_paths),
	    WITH_NOTICES(a_chat_that_cannot_be_watched_is_told_once_by_the_second_path),
	    WITH_NOTICES(a_report_that_did_not_arrive_is_told_once_by_the_second_path),
	    WITH_NOTICES(a_history_that_cannot_be_written_is_written_later),
	    WITH_NOTICES(the_digest_is_one_message_and_its_details),
	    WITH_NOTICES(ending_while_something_is_on_its_way_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
