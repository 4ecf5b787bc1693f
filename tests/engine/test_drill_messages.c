/* No message says for ever that a drill runs: the ledger knows of each until it says how the drill
 * ended, and what a life left behind is told by the next one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/messages.h"
#include "tests/engine/leftovers.h"
#include "tests/engine/little_asserts.h"

static int notes_left; /* calls of messages_note that work; -1: all */

bool __real_messages_note(struct ledger *ledger, const struct ledger_message *message,
			  struct error *error);
bool __wrap_messages_note(struct ledger *ledger, const struct ledger_message *message,
			  struct error *error);
bool __wrap_messages_note(struct ledger *ledger, const struct ledger_message *message,
			  struct error *error)
{
	if (notes_left == 0)
		return error_set(error, "the disk is full");
	notes_left -= notes_left > 0 ? 1 : 0;
	return __real_messages_note(ledger, message, error);
}

/* An alert in #ops; the report goes to #drills. */
static int setup(void **state)
{
	struct little_world *world;

	notes_left = -1;
	(void)little_world_setup(state);
	world = *state;
	little_simple(world);
	world->config.report.chat = (char *)(uintptr_t) "slack";
	world->config.report.channel = (char *)(uintptr_t) "#drills";
	return 0;
}

/* "CHANNEL up " or "CHANNEL ? " each, of all drills. */
static void assert_noted(struct little_world *world, const char *expected)
{
	struct message_list messages;
	struct buf text = {0};
	struct error error = {""};

	assert_true(messages_read(world->ledger, NULL, &messages, &error));
	for (size_t i = 0; i < messages.count; i++)
		buf_addf(&text, "%s %s ", messages.list[i].channel,
			 messages.list[i].ts[0] != '\0' ? "up" : "?");
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
	message_list_done(&messages);
}

static struct little_trouble trouble(int times, enum chat_result result, const char *code)
{
	return (struct little_trouble){.times = times, .result = result, .code = code};
}

/* A drill that lives. */

static void messages_are_noted_before_they_are_posted_and_placed_when_the_chat_answers(void **state)
{
	struct little_world *world = *state;

	world->chat.latency_ms = 400;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_ANNOUNCE);
	assert_noted(world, "#drills ? #ops ? ");
	little_run_until_phase(world, PHASE_WATCH);
	assert_noted(world, "#drills up #ops up ");
	(void)little_run(world);
}

static void a_drill_that_told_its_end_leaves_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		if (i == 1)
			world->rules[0].channel = NULL; /* missing */
		if (i == 2)
			world->guardian.refuses = true;
		if (i == 3)
			world->stop_at = PHASE_ANNOUNCE;
		if (i == 4)
			world->scenario.fault.via = VIA_NONE;
		(void)little_run(world);
		assert_non_null(little_chat_ours(&world->chat, "ops", false, 0));
		assert_noted(world, "");
		(void)little_world_teardown(&made);
	}
}

static void a_drill_that_cannot_be_noted_is_neither_announced_nor_begun(void **state)
{
	(void)state;
	for (int left = 0; left < 2; left++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		notes_left = left;
		record = little_run(world);
		assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
		assert_non_null(strstr(record->judgement.text, "the disk is full"));
		assert_nothing_touched(world, record);
		assert_null(little_chat_ours(&world->chat, "ops", false, 0));
		assert_null(little_chat_ours(&world->chat, "drills", false, 0));
		assert_noted(world, "");
		(void)little_world_teardown(&made);
	}
}

static void what_could_not_be_posted_is_forgotten(void **state)
{
	struct little_world *world = *state;

	little_channel(&world->chat, "drills")->posting = trouble(-1, CHAT_PERMANENT, "restricted");
	(void)little_run(world);
	assert_noted(world, "");
}

static void what_may_have_been_posted_is_not_forgotten(void **state)
{
	struct little_world *world = *state;

	little_channel(&world->chat, "drills")->posting = trouble(-1, CHAT_RETRY, "ambiguous");
	(void)little_run(world);
	assert_noted(world, "#drills ? ");
}

static void a_report_whose_post_lost_its_answer_is_not_posted_twice(void **state)
{
	struct little_world *world = *state;
	struct little_channel *drills = little_channel(&world->chat, "drills");

	drills->posting = trouble(1, CHAT_RETRY, "ambiguous");
	drills->posting.done_all_the_same = true;
	(void)little_run(world);
	assert_null(little_chat_ours(&world->chat, "drills", false, 1));
	assert_non_null(strstr(little_chat_ours(&world->chat, "drills", false, 0)->text, "pass"));
	assert_noted(world, "");
}

/* The chat made it each time and never said so, and its reader sees nothing for a while. */
static void hides(struct little_world *world, struct drill *drill)
{
	little_channel(&world->chat, "drills")->hides_ours =
	    drill_record(drill)->phase < PHASE_REVERT;
}

static void a_report_that_stands_there_twice_is_finished_twice(void **state)
{
	struct little_world *world = *state;
	struct little_channel *drills = little_channel(&world->chat, "drills");

	world->rules[0].after_ms = 9000;
	world->look = hides;
	drills->posting = trouble(1, CHAT_RETRY, "ambiguous");
	drills->posting.done_all_the_same = true;
	(void)little_run(world);
	assert_non_null(strstr(little_chat_ours(&world->chat, "drills", false, 0)->text, "pass"));
	assert_non_null(strstr(little_chat_ours(&world->chat, "drills", false, 1)->text, "pass"));
	assert_null(little_chat_ours(&world->chat, "drills", false, 2));
	assert_null(little_chat_ours(&world->chat, "drills", true, 1)); /* the details: once */
	assert_noted(world, "");
}

static void a_report_channel_that_cannot_be_read_stops_no_drill(void **state)
{
	struct little_world *world = *state;
	struct little_channel *drills = little_channel(&world->chat, "drills");

	drills->posting = trouble(1, CHAT_RETRY, "ambiguous");
	drills->reading = trouble(-1, CHAT_PERMANENT, "missing_scope");
	assert_outcome(little_run(world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_noted(world, "");
}

static void a_last_edit_that_does_not_arrive_is_left_to_the_next_life(void **state)
{
	struct little_world *world = *state;

	little_channel(&world->chat, "drills")->editing = trouble(-1, CHAT_RETRY, NULL);
	(void)little_run(world);
	assert_noted(world, "#drills up ");
}

static void what_says_that_a_fault_stays_is_noted_until_it_is_gone(void **state)
{
	struct little_world *world = *state;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	assert_int_equal(little_run(world)->judgement.exit_code, EXIT_FAULT_LEFT);
	assert_noted(world, "#drills up #ops up ");
}

/* The next life. */

static void settle_as(struct little_world *world, struct locks *locks,
		      const struct settler_ask *ask, struct settled_log *log)
{
	const struct settler_world settler = {world->base, &world->faults, world->ledger, locks};

	log->settler = settler_start(&settler, ask, log_told, log_rest, log_done, log);
	little_pass(world, 120000);
	assert_int_equal(log->dones, 1);
	settler_free(log->settler);
}

static void log_end(struct settled_log *log)
{
	buf_done(&log->story);
	buf_done(&log->messages);
	*log = (struct settled_log){0};
}

/* Dies in a phase, and what the next life tells of it. */
static void assert_told(enum phase phase, const char *how, const char *channels)
{
	struct settled_log log = {0};
	struct little_world *world;
	void *made = NULL;
	char *expected;

	(void)setup(&made);
	world = made;
	world->chat.latency_ms = 400;
	world->expect[0].resolved_ms = 60000; /* so that the recovery takes its time */
	(void)little_start(world);
	little_run_until_phase(world, phase);
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
	settle_as(world, world->locks, &(const struct settler_ask){0}, &log);
	expected = mem_printf("%s:%s", how, world->drills[0].id);
	if (strstr(buf_text(&log.story), expected) == NULL ||
	    (strcmp(how, "untold") == 0) != (strstr(buf_text(&log.story), "untold") != NULL))
		fail_msg("%s: %s", phase_name(phase), buf_text(&log.story));
	if (strstr(buf_text(&log.messages), channels) == NULL)
		fail_msg("%s: %s", phase_name(phase), buf_text(&log.messages));
	free(expected);
	log_end(&log);
	(void)little_world_teardown(&made);
}

static void whenever_a_life_ends_the_next_one_knows_its_messages(void **state)
{
	(void)state;
	assert_told(PHASE_ANNOUNCE, "untold", "#drills  #ops  ");
	assert_told(PHASE_RECORD, "clean", "#ops 1");
	assert_told(PHASE_INJECT, "clean", "#ops 1");
	assert_told(PHASE_WATCH, "clean", "#ops 1");
	assert_told(PHASE_CONFIRM, "clean", "#ops 1");
	assert_told(PHASE_RECOVERY, "untold", "#ops 1");
	assert_told(PHASE_REPORT, "untold", "#ops 1");
}

static void before_the_announcement_there_is_nothing_to_tell(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};

	(void)little_start(world);
	little_run_until_phase(world, PHASE_BASELINE);
	drill_free(world->drills[0].drill);
	world->drills[0].drill = NULL;
	settle_as(world, world->locks, &(const struct settler_ask){0}, &log);
	assert_string_equal(buf_text(&log.story), "done ");
	log_end(&log);
}

static void a_drill_that_lives_is_not_told_to_be_dead(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct settled_log log = {0};
	const struct settler_world settler = {world->base, &world->faults, world->ledger, others};

	world->chat.latency_ms = 400;
	(void)little_start(world);
	for (enum phase phase = PHASE_ANNOUNCE; phase < PHASE_DONE; phase++) {
		if (phase >= PHASE_RECORD && phase <= PHASE_CONFIRM)
			continue; /* its fault is open: it is told to be busy */
		little_run_until_phase(world, phase);
		log.settler = settler_start(&settler, &(const struct settler_ask){0}, log_told,
					    log_rest, log_done, &log);
		little_pass(world, 0);
		assert_string_equal(buf_text(&log.story), "done ");
		settler_free(log.settler);
		log_end(&log);
	}
	(void)little_run(world);
	assert_noted(world, "");
	locks_close(others);
}

static void leave_message(struct little_world *world, const char *drill, const char *environment)
{
	const struct ledger_message message = {
	    .drill = drill,
	    .scenario = "orders",
	    .environment = environment,
	    .chat = "slack",
	    .channel = "#ops",
	    .channel_id = "C1",
	    .ts = "1.2",
	    .posted_wall_ms = clock_wall_ms(),
	};
	struct error error = {""};

	assert_true(messages_note(world->ledger, &message, &error));
}

static void only_those_that_are_asked_for_are_told(void **state)
{
	static const char *const staging[] = {"staging"}, *const b[] = {LEFT_B};
	static const struct {
		struct settler_ask ask;
		const char *story;
	} asks[] = {
	    {{0}, "untold:" LEFT_A " untold:" LEFT_B " done "},
	    {{.environments = staging, .environment_count = 1}, "untold:" LEFT_A " done "},
	    {{.environments = staging, .environment_count = 1, .elsewhere = true},
	     "untold:" LEFT_B " done "},
	    {{.drills = b, .drill_count = 1}, "untold:" LEFT_B " done "},
	};
	struct little_world *world = *state;
	struct settled_log log = {0};

	leave_message(world, LEFT_A, "staging");
	leave_message(world, LEFT_B, "production");
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		settle_as(world, world->locks, &asks[i].ask, &log);
		assert_string_equal(buf_text(&log.story), asks[i].story);
		log_end(&log);
	}
}

static void with_an_open_fault_the_messages_are_told_with_it_also_when_it_is_set_aside(void **state)
{
	struct little_world *world = *state;
	struct settled_log log = {0};
	struct error error = {""};

	LEAVE(world, .drill = LEFT_A, .state = FAULT_STUCK);
	leave_message(world, LEFT_A, "staging");
	assert_true(ledger_ack(world->ledger, LEFT_A, "we know", "anna", &error));
	settle_as(world, world->locks, &(const struct settler_ask){0}, &log);
	assert_string_equal(buf_text(&log.story), "done ");
	log_end(&log);
	settle_as(
	    world, world->locks,
	    &(const struct settler_ask){.drills = (const char *const[]){LEFT_A}, .drill_count = 1},
	    &log);
	assert_string_equal(buf_text(&log.story), "begun:" LEFT_A " clean:" LEFT_A " done ");
	assert_string_equal(buf_text(&log.messages), "#ops 1.2 #ops 1.2 ");
	log_end(&log);
}

static void whoever_goes_on_for_ever_tells_a_drill_once(void **state)
{
	struct little_world *world = *state;
	const struct settler_world settler = {world->base, &world->faults, world->ledger,
					      world->locks};
	struct settled_log log = {0};
	const char *first;

	LEAVE(world, .drill = LEFT_B, .state = FAULT_STUCK);
	world->fault.revert = (struct little_step){.outcome = FAULT_NO, .times = -1};
	leave_message(world, LEFT_A, "staging");
	log.settler = settler_start(&settler, &(const struct settler_ask){.for_ever = true},
				    log_told, log_rest, log_done, &log);
	little_pass(world, 600000);
	first = strstr(buf_text(&log.story), "untold:" LEFT_A);
	assert_non_null(first);
	assert_null(strstr(first + 1, "untold:" LEFT_A));
	assert_in_range(log.rests, 3, 10);
	settler_free(log.settler);
	log_end(&log);
}

#define message_test(f) cmocka_unit_test_setup_teardown(f, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    message_test(
		messages_are_noted_before_they_are_posted_and_placed_when_the_chat_answers),
	    message_test(a_drill_that_told_its_end_leaves_nothing),
	    message_test(a_drill_that_cannot_be_noted_is_neither_announced_nor_begun),
	    message_test(what_could_not_be_posted_is_forgotten),
	    message_test(what_may_have_been_posted_is_not_forgotten),
	    message_test(a_report_whose_post_lost_its_answer_is_not_posted_twice),
	    message_test(a_report_that_stands_there_twice_is_finished_twice),
	    message_test(a_report_channel_that_cannot_be_read_stops_no_drill),
	    message_test(a_last_edit_that_does_not_arrive_is_left_to_the_next_life),
	    message_test(what_says_that_a_fault_stays_is_noted_until_it_is_gone),
	    message_test(whenever_a_life_ends_the_next_one_knows_its_messages),
	    message_test(before_the_announcement_there_is_nothing_to_tell),
	    message_test(a_drill_that_lives_is_not_told_to_be_dead),
	    message_test(only_those_that_are_asked_for_are_told),
	    message_test(
		with_an_open_fault_the_messages_are_told_with_it_also_when_it_is_set_aside),
	    message_test(whoever_goes_on_for_ever_tells_a_drill_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
