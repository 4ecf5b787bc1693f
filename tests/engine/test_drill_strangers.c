/* Alerts that may be real ones: they end a drill at once; its own, those of other drills, and what
 * stood there before do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/buf.h"
#include "src/base/secret.h"
#include "tests/engine/little_asserts.h"

#define LOOKALIKE "[FIRING:1] QueueMissing (orders critical)"
#define SERVICE   "[FIRING:1] LatencyHigh: shop-api is slow"

/* One alert with its nonce that comes late, so that there is time to watch; of the service shop-api. */
static int setup(void **state)
{
	static char *service[] = {(char *)(uintptr_t) "warehouse", (char *)(uintptr_t) "shop-api"};
	struct little_world *world;

	(void)little_world_setup(state);
	world = *state;
	little_simple(world);
	world->rules[0].after_ms = 8000;
	world->scenario.service = (struct texts){service, 2};
	return 0;
}

/* Somebody else says that, so long after the phase was entered. */
static void say_in(struct little_world *world, enum phase phase, int64_t later_ms,
		   const char *channel, const char *text)
{
	if (world->drills[0].drill == NULL)
		(void)little_start(world);
	little_run_until_phase(world, phase);
	if (later_ms > 0)
		little_pass(world, later_ms);
	(void)little_chat_say(&world->chat, channel, NULL, text);
}

static void assert_says(const struct drill_record *record, const char *part)
{
	if (strstr(record->judgement.text, part) == NULL)
		fail_msg("%s", record->judgement.text);
}

/* Put right within two polls of the message. */
static void assert_stopped_soon(struct little_world *world, int64_t said_ms)
{
	const struct drill_record *record = little_run(world);

	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_int_equal(record->evidence.stop, STOP_REAL_ALERT);
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] <= said_ms + 3000);
	assert_true(record->phase_ms[PHASE_RECOVERY] == record->phase_ms[PHASE_REPORT]);
}

static void assert_passes(struct little_world *world)
{
	assert_outcome(little_run(world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

/* What is one. */

static void an_alert_like_the_expected_one_without_the_id_ends_the_drill(void **state)
{
	struct little_world *world = *state;

	say_in(world, PHASE_WATCH, 2000, "ops", LOOKALIKE);
	assert_stopped_soon(world, clock_ms());
	assert_says(drill_record(world->drills[0].drill),
		    "an alert like the one expected, without this drill's id, came in #ops");
	assert_says(drill_record(world->drills[0].drill), "\"" LOOKALIKE "\"");
	assert_says(drill_record(world->drills[0].drill), "the template drops the label");
}

/* A report has room for 280 characters of it. */
static void what_to_do_comes_before_a_quote_that_may_be_cut(void **state)
{
	struct little_world *world = *state;
	const char *text, *advice, *cause, *quoted;
	char message[600] = LOOKALIKE "\n";

	memset(message + strlen(message), 'x', 400);
	say_in(world, PHASE_WATCH, 2000, "ops", message);
	assert_stopped_soon(world, clock_ms());
	text = drill_record(world->drills[0].drill)->evidence.stop_text;
	advice = strstr(text, "look at that alert first");
	cause = strstr(text, "the template drops the label that carries the id");
	quoted = strchr(text, '"');
	assert_non_null(advice);
	assert_non_null(cause);
	assert_non_null(quoted);
	assert_true(advice < cause && cause < quoted);
	assert_true(cause - text + 48 < 280);
	assert_null(strchr(text, '\n'));
	assert_string_equal(text + strlen(text) - 5, "x...\"");
}

static void an_alert_of_the_same_service_ends_the_drill(void **state)
{
	struct little_world *world = *state;

	say_in(world, PHASE_WATCH, 2000, "ops", SERVICE);
	assert_stopped_soon(world, clock_ms());
	assert_says(drill_record(world->drills[0].drill),
		    "a real alert of the same service came in #ops");
	assert_says(drill_record(world->drills[0].drill), "\"" SERVICE "\"");
	assert_says(drill_record(world->drills[0].drill), "look at that alert first");
}

static void the_service_is_a_word_in_any_case(void **state)
{
	static const char *const none[] = {"[FIRING:1] workshop-api",
					   "[FIRING:1] shop-apis",
					   "[FIRING:1] shop api",
					   "[FIRING:1] shop_api",
					   "[FIRING:1] warehouse2",
					   "lunch?",
					   ""};
	static const char *const some[] = {"[FIRING:1] SHOP-API is down", "shop-api", "(Warehouse)",
					   "job=shop-api,zone=b"};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		void *made = NULL;

		(void)setup(&made);
		say_in(made, PHASE_WATCH, 2000, "ops", none[i]);
		assert_passes(made);
		(void)little_world_teardown(&made);
	}
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		void *made = NULL;

		(void)setup(&made);
		say_in(made, PHASE_WATCH, 2000, "ops", some[i]);
		assert_stopped_soon(made, clock_ms());
		(void)little_world_teardown(&made);
	}
}

static void a_real_alert_counts_in_every_phase_while_the_fault_is_in_place(void **state)
{
	static const enum phase phases[] = {PHASE_INJECT, PHASE_WITNESS, PHASE_WATCH};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->fault.inject.takes_ms = phases[i] == PHASE_INJECT ? 6000 : 0;
		world->fault.witness.takes_ms = 6000;
		say_in(world, phases[i], 0, "ops", SERVICE);
		assert_stopped_soon(world, clock_ms());
		(void)little_world_teardown(&made);
	}
}

static void a_real_alert_while_the_drill_is_announced_ends_it_untouched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.capture.takes_ms = 5000;
	say_in(world, PHASE_RECORD, 500, "ops", SERVICE);
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_int_equal(record->evidence.stop, STOP_REAL_ALERT);
	assert_nothing_touched(world, record);
}

static void each_watched_channel_is_looked_at(void **state)
{
	struct little_world *world = *state;
	struct expectation *never = little_expect(world, "#general", "QueueMissing", false);

	never->never = true;
	say_in(world, PHASE_WATCH, 2000, "general", SERVICE);
	assert_stopped_soon(world, clock_ms());
	assert_says(drill_record(world->drills[0].drill), "came in #general");
}

static void a_channel_that_nobody_watches_is_not_looked_at(void **state)
{
	struct little_world *world = *state;

	say_in(world, PHASE_WATCH, 2000, "general", SERVICE);
	assert_passes(world);
}

/* An old message that is read no more unless somebody follows it. */
static void say_long_before(struct little_world *world, const char *text, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%s",
		       little_chat_say(&world->chat, "ops", NULL, text));
	little_pass(world, 9000);
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
}

static void an_edit_into_firing_counts(void **state)
{
	static const char *const before[] = {"[RESOLVED] QueueMissing (orders)",
					     "[RESOLVED] LatencyHigh: shop-api"};
	static const char *const after[] = {LOOKALIKE, SERVICE};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct little_world *world;
		char ts[CHAT_TS_SIZE];
		void *made = NULL;

		(void)setup(&made);
		world = made;
		say_long_before(world, before[i], ts);
		little_chat_change(&world->chat, "ops", ts, after[i]);
		assert_stopped_soon(world, clock_ms());
		(void)little_world_teardown(&made);
	}
}

static void an_edit_that_brings_the_id_of_a_drill_passes_by(void **state)
{
	struct little_world *world = *state;
	char ts[CHAT_TS_SIZE];

	say_long_before(world, "[RESOLVED] QueueMissing (orders)", ts);
	little_chat_change(&world->chat, "ops", ts, LOOKALIKE " fd-zzzzzzzz");
	assert_int_equal(little_run(world)->evidence.stop, STOP_NONE);
}

/* What is none. */

static void without_a_service_other_alerts_pass_by(void **state)
{
	struct little_world *world = *state;

	world->scenario.service.count = 0;
	say_in(world, PHASE_WATCH, 2000, "ops", SERVICE);
	assert_passes(world);
}

static void alerts_of_other_drills_pass_by(void **state)
{
	struct little_world *world = *state;

	say_in(world, PHASE_WATCH, 1000, "ops",
	       "[FIRING:1] QueueMissing (orders-fd-zzzzzzzz) shop-api");
	(void)little_chat_say(&world->chat, "ops", NULL, SERVICE " fd-zzzzzzzz");
	assert_passes(world);
}

static void two_drills_at_once_do_not_end_each_other(void **state)
{
	struct little_world *world = *state;

	world->options.allow_protected = true;
	(void)little_start_in(world, 0, &world->staging);
	(void)little_start_in(world, 1, &world->production);
	(void)little_run(world);
	assert_outcome(drill_record(world->drills[0].drill), VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(drill_record(world->drills[1].drill), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void resolved_messages_pass_by_unless_something_else_fires_in_them(void **state)
{
	struct little_world *world = *state;

	say_in(world, PHASE_WATCH, 1000, "ops", "[RESOLVED] QueueMissing (orders)");
	(void)little_chat_say(&world->chat, "ops", NULL, "LatencyHigh of shop-api is resolved");
	little_pass(world, 3000);
	assert_int_equal(drill_record(world->drills[0].drill)->phase, PHASE_WATCH);
	(void)little_chat_say(&world->chat, "ops", NULL, "[FIRING:1, RESOLVED:2] shop-api");
	assert_stopped_soon(world, clock_ms());
}

static void what_stood_there_before_passes_by(void **state)
{
	struct little_world *world = *state;

	(void)little_chat_say(&world->chat, "ops", NULL, LOOKALIKE);
	(void)little_chat_say(&world->chat, "ops", NULL, SERVICE);
	little_pass(world, 500);
	assert_int_equal(little_run(world)->evidence.stop, STOP_NONE);
}

static void an_edit_of_what_stood_there_firing_passes_by(void **state)
{
	struct little_world *world = *state;
	char ts[CHAT_TS_SIZE];

	say_long_before(world, SERVICE, ts);
	little_chat_change(&world->chat, "ops", ts, SERVICE ", acknowledged by Ana");
	assert_passes(world);
}

static void talk_in_threads_passes_by(void **state)
{
	struct little_world *world = *state;
	char ts[CHAT_TS_SIZE];

	(void)snprintf(ts, sizeof ts, "%s", little_chat_say(&world->chat, "ops", NULL, SERVICE));
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	(void)little_chat_say(&world->chat, "ops", ts, "shop-api? QueueMissing too?");
	assert_passes(world);
}

static void a_message_after_the_revert_ends_nothing(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->expect[0].resolved_ms = 10000;
	world->rules[0].end = ENDS_WITH_MESSAGE;
	world->rules[0].end_ms = 2000;
	say_in(world, PHASE_RECOVERY, 500, "ops", SERVICE);
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

/* Expectations without the drill id, and those that must never come. */

static void the_alert_itself_is_no_stranger_when_it_carries_no_id(void **state)
{
	struct little_world *world = *state;

	world->expect[0].match.count = 1;
	world->rules[0].format = "QueueMissing in shop-api";
	assert_passes(world);
}

/* Expected twice in one channel, with the id and without. */
static void what_one_expectation_takes_for_its_alert_is_no_stranger_to_another(void **state)
{
	struct little_world *world = *state;

	little_expect(world, "#ops", "QueueMissing", false)->at_most = 0;
	little_rule(world, "ops", "QueueMissing in shop-api")->after_ms = 3000;
	assert_passes(world);
}

static void beside_an_alert_without_an_id_others_of_the_service_still_count(void **state)
{
	struct little_world *world = *state;

	world->expect[0].match.count = 1;
	world->rules[0].format = "QueueMissing in shop-api";
	say_in(world, PHASE_WATCH, 1000, "ops", SERVICE);
	assert_stopped_soon(world, clock_ms());
}

static void what_must_never_come_is_left_to_the_judge_unless_it_is_of_the_service(void **state)
{
	(void)state;
	for (int of_service = 0; of_service < 2; of_service++) {
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		little_expect(world, "#general", "QueueMissing", false)->never = true;
		say_in(world, PHASE_WATCH, 1000, "general",
		       of_service == 1 ? "QueueMissing of shop-api" : "QueueMissing");
		if (of_service == 1) {
			assert_stopped_soon(world, clock_ms());
		} else {
			(void)little_run(world);
			assert_int_equal(drill_record(world->drills[0].drill)->evidence.stop,
					 STOP_NONE);
			assert_finding(drill_record(world->drills[0].drill), 1, FINDING_UNEXPECTED);
		}
		(void)little_world_teardown(&made);
	}
}

/* The sentence. */

static void the_quote_is_short_on_one_line_and_without_secrets(void **state)
{
	struct little_world *world = *state;
	struct secrets *secrets = secrets_new();
	struct error error = {""};
	struct buf text = {0};
	const char *said;

	assert_int_equal(setenv("TEST_STRANGER_TOKEN", "hush-hush-token", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:TEST_STRANGER_TOKEN", &error));
	world->drill_world.secrets = secrets;
	buf_adds(&text, "shop-api\n\twith hush-hush-token ");
	while (text.len < 5000)
		buf_adds(&text, "\xc3\xa9");
	say_in(world, PHASE_WATCH, 1000, "ops", buf_text(&text));
	assert_stopped_soon(world, clock_ms());
	said = drill_record(world->drills[0].drill)->judgement.text;
	assert_null(strstr(said, "hush-hush-token"));
	assert_non_null(strstr(said, "\"shop-api  with *************** \xc3\xa9\xc3\xa9"));
	assert_non_null(strstr(said, "\xc3\xa9...\""));
	assert_null(strchr(said, '\n'));
	assert_true(strlen(said) < 400);
	buf_done(&text);
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
	secrets_free(secrets);
}

static void a_flood_of_strangers_ends_one_drill_once(void **state)
{
	struct little_world *world = *state;

	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	for (size_t i = 0; i < 300; i++)
		(void)little_chat_say(&world->chat, "ops", NULL, "[RESOLVED] shop-api");
	for (size_t i = 0; i < 300; i++)
		(void)little_chat_say(&world->chat, "ops", NULL, SERVICE);
	assert_stopped_soon(world, clock_ms());
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(an_alert_like_the_expected_one_without_the_id_ends_the_drill),
	    IN_WORLD(what_to_do_comes_before_a_quote_that_may_be_cut),
	    IN_WORLD(an_alert_of_the_same_service_ends_the_drill),
	    cmocka_unit_test(the_service_is_a_word_in_any_case),
	    cmocka_unit_test(a_real_alert_counts_in_every_phase_while_the_fault_is_in_place),
	    IN_WORLD(a_real_alert_while_the_drill_is_announced_ends_it_untouched),
	    IN_WORLD(each_watched_channel_is_looked_at),
	    IN_WORLD(a_channel_that_nobody_watches_is_not_looked_at),
	    cmocka_unit_test(an_edit_into_firing_counts),
	    IN_WORLD(an_edit_that_brings_the_id_of_a_drill_passes_by),
	    IN_WORLD(without_a_service_other_alerts_pass_by),
	    IN_WORLD(alerts_of_other_drills_pass_by),
	    IN_WORLD(two_drills_at_once_do_not_end_each_other),
	    IN_WORLD(resolved_messages_pass_by_unless_something_else_fires_in_them),
	    IN_WORLD(what_stood_there_before_passes_by),
	    IN_WORLD(an_edit_of_what_stood_there_firing_passes_by),
	    IN_WORLD(talk_in_threads_passes_by),
	    IN_WORLD(a_message_after_the_revert_ends_nothing),
	    IN_WORLD(the_alert_itself_is_no_stranger_when_it_carries_no_id),
	    IN_WORLD(what_one_expectation_takes_for_its_alert_is_no_stranger_to_another),
	    IN_WORLD(beside_an_alert_without_an_id_others_of_the_service_still_count),
	    cmocka_unit_test(what_must_never_come_is_left_to_the_judge_unless_it_is_of_the_service),
	    IN_WORLD(the_quote_is_short_on_one_line_and_without_secrets),
	    IN_WORLD(a_flood_of_strangers_ends_one_drill_once),
	};

	return cmocka_run_group_tests_name("strangers", tests, NULL, NULL);
}
