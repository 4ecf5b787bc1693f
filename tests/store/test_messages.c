/* Messages that say that a drill is running: noted, placed, forgotten, and never in the way. */
#include "src/store/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "tests/store/shelf.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static struct ledger_message message_in(const char *drill, const char *channel)
{
	return (struct ledger_message){
	    .drill = drill,
	    .scenario = "bad-queue",
	    .environment = "staging",
	    .chat = "slack",
	    .channel = channel,
	    .channel_id = "",
	    .ts = "",
	    .posted_wall_ms = clock_wall_ms(),
	};
}

static void note(struct ledger *ledger, const char *drill, const char *channel)
{
	const struct ledger_message message = message_in(drill, channel);
	struct error error = {""};

	if (!messages_note(ledger, &message, &error))
		fail_msg("%s", error.text);
}

/* "DRILL CHANNEL ID TS;" each. */
static void assert_messages(struct ledger *ledger, const char *drill, const char *expected)
{
	struct message_list messages;
	struct buf text = {0};
	struct error error = {""};

	assert_true(messages_read(ledger, drill, &messages, &error));
	for (size_t i = 0; i < messages.count; i++) {
		const struct ledger_message *message = &messages.list[i];

		assert_string_equal(message->scenario, "bad-queue");
		assert_string_equal(message->environment, "staging");
		assert_string_equal(message->chat, "slack");
		buf_addf(&text, "%s %s %s %s;", message->drill, message->channel,
			 message->channel_id, message->ts);
	}
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
	message_list_done(&messages);
}

static void a_message_is_known_from_before_it_is_posted_until_it_is_forgotten(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct ledger_message message = message_in("fd-aaaaaaaa", "#ops");
	struct error error = {""};

	assert_messages(ledger, NULL, "");
	note(ledger, "fd-aaaaaaaa", "#ops");
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_messages(ledger, NULL, "fd-aaaaaaaa #ops  ;");
	message.channel_id = "C024BE91L";
	message.ts = "1700000000.000100";
	assert_true(messages_place(ledger, &message, &error));
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_messages(ledger, NULL, "fd-aaaaaaaa #ops C024BE91L 1700000000.000100;");
	assert_true(messages_forget(ledger, &message, &error));
	assert_messages(ledger, NULL, "");
	assert_true(messages_forget(ledger, &message, &error));
	ledger_close(ledger);
}

static void each_channel_of_each_drill_has_its_own(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	const struct ledger_message message = message_in("fd-aaaaaaaa", "#ops");

	note(ledger, "fd-bbbbbbbb", "#ops");
	note(ledger, "fd-aaaaaaaa", "#ops");
	note(ledger, "fd-bbbbbbbb", "#drills");
	note(ledger, "fd-aaaaaaaa", "#drills");
	assert_messages(ledger, NULL,
			"fd-aaaaaaaa #drills  ;fd-aaaaaaaa #ops  ;"
			"fd-bbbbbbbb #drills  ;fd-bbbbbbbb #ops  ;");
	assert_true(messages_forget(ledger, &message, NULL));
	assert_messages(ledger, "fd-aaaaaaaa", "fd-aaaaaaaa #drills  ;");
	assert_messages(ledger, "fd-bbbbbbbb", "fd-bbbbbbbb #drills  ;fd-bbbbbbbb #ops  ;");
	ledger_close(ledger);
}

static void noting_it_once_more_changes_the_time_only(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct ledger_message message = message_in("fd-aaaaaaaa", "#ops");
	struct message_list messages;

	note(ledger, "fd-aaaaaaaa", "#ops");
	message.channel_id = "C1";
	message.ts = "1.2";
	assert_true(messages_place(ledger, &message, NULL));
	message = message_in("fd-aaaaaaaa", "#ops");
	message.posted_wall_ms += 5000;
	assert_true(messages_note(ledger, &message, NULL));
	assert_messages(ledger, NULL, "fd-aaaaaaaa #ops C1 1.2;");
	assert_true(messages_read(ledger, NULL, &messages, NULL));
	assert_int_equal(messages.list[0].posted_wall_ms, message.posted_wall_ms);
	message_list_done(&messages);
	ledger_close(ledger);
}

static void a_message_is_no_fault(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	note(ledger, "fd-aaaaaaaa", "#ops");
	assert_int_equal(shelf_count(ledger), 0);
	ledger_close(ledger);
}

static void what_a_chat_would_not_give_is_refused_with_words(void **state)
{
	static const struct {
		const char *channel, *channel_id, *ts;
	} wrong[] = {
	    {"", "", ""},
	    {"#ops", "../C1", "1.2"},
	    {"#ops", "C1", "1,2"},
	    {"#ops", "", "1.2"},
	    {"#ops", "C1", "1700000000.0001000000000000000000"},
	    {"#ops", "C1234567890123456789012345678901234567890123456789012345678901234", "1.2"}};
	struct ledger *ledger = shelf_open(*state);

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct ledger_message message = message_in("fd-aaaaaaaa", wrong[i].channel);
		struct error error = {""};

		message.channel_id = wrong[i].channel_id;
		message.ts = wrong[i].ts;
		assert_false(messages_note(ledger, &message, &error));
		assert_non_null(strstr(error.text, "cannot be noted"));
	}
	assert_messages(ledger, NULL, "");
	ledger_close(ledger);
}

static void a_damaged_one_is_passed_over(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	note(ledger, "fd-aaaaaaaa", "#ops");
	note(ledger, "fd-bbbbbbbb", "#ops");
	note(ledger, "fd-cccccccc", "#ops");
	note(ledger, "fd-dddddddd", "#ops");
	shelf_sql(*state, "UPDATE message SET channel_id = 'C1/../C2' WHERE drill = 'fd-aaaaaaaa';"
			  "UPDATE message SET ts = 'x' WHERE drill = 'fd-bbbbbbbb';"
			  "UPDATE message SET drill = '' WHERE drill = 'fd-cccccccc'");
	assert_messages(ledger, NULL, "fd-dddddddd #ops  ;");
	ledger_close(ledger);
}

static void after_a_month_it_is_dropped_told_or_not(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct ledger_message message = message_in("fd-aaaaaaaa", "#ops");

	message.posted_wall_ms -= 32 * DAY_MS;
	assert_true(messages_note(ledger, &message, NULL));
	message = message_in("fd-bbbbbbbb", "#ops");
	message.posted_wall_ms -= 30 * DAY_MS;
	assert_true(messages_note(ledger, &message, NULL));
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_messages(ledger, NULL, "fd-bbbbbbbb #ops  ;");
	ledger_close(ledger);
}

static void a_ledger_of_version_1_takes_messages_too(void **state)
{
	struct ledger *ledger;

	shelf_make_version_1(*state);
	ledger = shelf_open(*state);
	note(ledger, "fd-aaaaaaaa", "#ops");
	assert_messages(ledger, NULL, "fd-aaaaaaaa #ops  ;");
	ledger_close(ledger);
}

static void what_cannot_be_read_gives_none(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct message_list messages;
	struct error error = {""};

	shelf_sql(*state, "DROP TABLE message");
	assert_false(messages_read(ledger, NULL, &messages, &error));
	assert_int_equal(messages.count, 0);
	assert_string_not_equal(error.text, "");
	message_list_done(&messages);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_message_is_known_from_before_it_is_posted_until_it_is_forgotten),
	    shelf_test(each_channel_of_each_drill_has_its_own),
	    shelf_test(noting_it_once_more_changes_the_time_only),
	    shelf_test(a_message_is_no_fault),
	    shelf_test(what_a_chat_would_not_give_is_refused_with_words),
	    shelf_test(a_damaged_one_is_passed_over),
	    shelf_test(after_a_month_it_is_dropped_told_or_not),
	    shelf_test(a_ledger_of_version_1_takes_messages_too),
	    shelf_test(what_cannot_be_read_gives_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
