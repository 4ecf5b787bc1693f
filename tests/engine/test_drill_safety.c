/* No fault is left behind, whatever goes wrong and whenever it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/clock.h"
#include "tests/engine/little_world.h"

/* The ledger that refuses: for one test, one kind of write. */

static struct {
	bool intend, complete;
	enum fault_state advance; /* FAULT_ABSENT: none */
} refuses;

bool __real_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error);
bool __wrap_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error);
bool __real_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error);
bool __wrap_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error);
bool __real_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);
bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error);

bool __wrap_ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			  struct error *error)
{
	if (refuses.intend)
		return error_set(error, "the disk is full");
	return __real_ledger_intend(ledger, fault, error);
}

bool __wrap_ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
			    struct error *error)
{
	if (refuses.complete)
		return error_set(error, "the disk is full");
	return __real_ledger_complete(ledger, drill, recipe, error);
}

bool __wrap_ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			   const char *note, struct error *error)
{
	if (state != FAULT_ABSENT && state == refuses.advance)
		return error_set(error, "the disk is full");
	return __real_ledger_advance(ledger, drill, state, note, error);
}

static int setup(void **state)
{
	struct little_world *world;

	refuses.intend = refuses.complete = false;
	refuses.advance = FAULT_ABSENT;
	(void)little_world_setup(state);
	world = *state;
	(void)little_expect(world, "#ops", "QueueMissing", true);
	(void)little_rule(world, "ops", "QueueMissing %s");
	return 0;
}

static void assert_nothing_touched(struct little_world *world, const struct drill_record *record)
{
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(world->fault.revert.calls, 0);
	assert_false(record->evidence.inject_tried);
	assert_true(record->evidence.fault_state == FAULT_ABSENT ||
		    record->evidence.fault_state == FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

static void assert_restored(struct little_world *world, const struct drill_record *record)
{
	assert_false(world->fault.in_place);
	assert_true(world->fault.revert.calls > 0);
	assert_true(world->fault.confirm.calls > 0);
	assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	assert_null(world->fault.ops);
}

static void assert_unobservable(const struct drill_record *record, const char *because)
{
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE);
	if (strstr(record->judgement.text, because) == NULL)
		fail_msg("%s", record->judgement.text);
}

/* What cannot be seen is not broken. */

static void a_chat_that_cannot_be_opened_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->no_chat = true;
	record = little_run(world);
	assert_unobservable(record, "has no token");
	assert_nothing_touched(world, record);
}

static void a_channel_that_does_not_exist_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->chat.channels[0].name = "else";
	record = little_run(world);
	assert_unobservable(record, "no such channel");
	assert_nothing_touched(world, record);
}

static void a_channel_that_cannot_be_read_stops_the_drill_after_its_patience(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "#ops could not be read");
	assert_nothing_touched(world, record);
	assert_true(record->phase_ms[PHASE_DONE] - record->started_ms >= PATIENCE_MS);
}

static void an_announcement_that_is_refused_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT, .code = "restricted"};
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_nothing_touched(world, record);
	assert_non_null(record->report_problem);
}

static void an_announcement_that_cannot_be_made_in_time_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "nothing was broken");
	assert_nothing_touched(world, record);
	assert_null(little_chat_ours(&world->chat, "ops", false, 0));
}

static void an_announcement_that_is_not_read_back_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->hides_ours = true;
	record = little_run(world);
	assert_unobservable(record, "read back");
	assert_nothing_touched(world, record);
	assert_true(record->evidence.expect[0].control_wanted);
	assert_false(record->evidence.expect[0].control_seen);
	/* it does not stand there as a running drill */
	assert_non_null(
	    strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "inconclusive"));
}

static void a_post_that_fails_once_is_tried_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting =
	    (struct little_trouble){.times = 2, .result = CHAT_RETRY};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
}

static void a_post_whose_answer_was_lost_is_found_and_not_made_twice(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->posting = (struct little_trouble){
	    .times = 1, .result = CHAT_RETRY, .code = "ambiguous", .done_all_the_same = true};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(little_chat_ours(&world->chat, "ops", false, 1));
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
	assert_non_null(record->report_permalink);
}

static void gone_before_the_fault(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_ANNOUNCE)
		little_channel(&world->chat, "general")->reading =
		    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
}

static void a_second_channel_that_is_lost_while_announcing_stops_the_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_expect(world, "#general", "QueueMissing", true)->never = true;
	little_channel(&world->chat, "ops")->posting = /* so that the control takes its time */
	    (struct little_trouble){.times = 2, .result = CHAT_RETRY};
	world->look = gone_before_the_fault;
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_nothing_touched(world, record);
}

static void gone_in_the_watch(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_WATCH)
		little_channel(&world->chat, "ops")->reading =
		    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
}

static void a_channel_that_is_lost_in_the_watch_ends_it_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	world->look = gone_in_the_watch;
	record = little_run(world);
	assert_unobservable(record, "told to fail");
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 3000);
}

static void blind_in_the_watch(struct little_world *world, struct drill *drill)
{
	if (drill_record(drill)->phase == PHASE_WATCH)
		little_channel(&world->chat, "ops")->reading =
		    (struct little_trouble){.times = 3, .result = CHAT_RETRY};
}

static void a_blind_time_makes_a_miss_inconclusive_and_not_a_gap(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->look = blind_in_the_watch;
	record = little_run(world);
	assert_unobservable(record, "QueueMissing #ops could not be read for");
	assert_restored(world, record);
	assert_true(record->evidence.expect[0].blind_ms > 2000);
}

static void a_chat_that_never_answers_again_ends_after_its_patience(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	(void)little_start(world);
	little_run_until_phase(world, PHASE_WATCH);
	little_channel(&world->chat, "ops")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_unobservable(record, "#ops");
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_EXPLAIN] - record->evidence.injected_ms <=
		    WITHIN_MS + GRACE_MS + PATIENCE_MS + 1000);
}

/* The guards. */

static void a_protected_environment_needs_permission(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record = little_start_in(world, 0, &world->production);

	(void)little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "--allow-protected"));
	assert_nothing_touched(world, record);
	assert_int_equal(world->chat.calls, 0);
}

static void with_permission_a_protected_environment_is_drilled(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->options.allow_protected = true;
	record = little_start_in(world, 0, &world->production);
	(void)little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void a_fault_over_the_effect_limit_is_refused(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->staging.effect_limit = EFFECT_COPY;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "effect_limit = \"mutation\""));
	assert_nothing_touched(world, record);
}

static void an_irreversible_fault_is_always_refused(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->staging.effect_limit = EFFECT_IRREVERSIBLE;
	world->scenario.fault.via = VIA_PROCESS;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void leave(struct little_world *world, const char *environment, enum fault_state state,
		  int64_t lease_ms)
{
	const struct ledger_fault fault = {
	    .drill = "fd-aaaaaaaa",
	    .scenario = "orders",
	    .environment = environment,
	    .via = VIA_HTTP,
	    .recipe = "{}",
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = clock_wall_ms() + lease_ms,
	};
	struct error error = {""};

	assert_true(ledger_intend(world->ledger, &fault, &error));
	if (state != FAULT_INTENT)
		assert_true(ledger_advance(world->ledger, fault.drill, state, "", &error));
}

static void
a_fault_left_by_an_earlier_drill_refuses_the_next_and_says_so_in_the_exit_code(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "staging", FAULT_INJECTING, -1);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
	assert_non_null(strstr(record->judgement.text, "firedrill revert fd-aaaaaaaa"));
	assert_true(record->evidence.left_before);
	assert_nothing_touched(world, record);
}

static void a_stuck_fault_refuses_the_next_drill(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "staging", FAULT_STUCK, 60000);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_FAULT_LEFT);
	assert_nothing_touched(world, record);
}

static void a_drill_that_runs_there_already_refuses_the_next(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "staging", FAULT_INJECTING, 60000);
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void a_fault_elsewhere_or_a_drill_that_leaves_nothing_is_no_obstacle(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	leave(world, "production", FAULT_STUCK, -1);
	record = little_start_in(world, 0, &world->staging);
	world->scenario.fault.via = VIA_NONE;
	world->options.allow_protected = true;
	(void)little_start_in(world, 1, &world->production);
	(void)little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(drill_record(world->drills[1].drill), VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

static void of_two_drills_in_one_environment_only_one_breaks_something(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *first = little_start_in(world, 0, &world->staging);
	const struct drill_record *second = little_start_in(world, 1, &world->staging);

	(void)little_run(world);
	assert_outcome(first, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_outcome(second, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_int_equal(world->fault.inject.calls, 1);
	assert_restored(world, first);
}

/* The ledger. */

static void without_a_durable_intent_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.intend = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_non_null(strstr(record->judgement.text, "disk is full"));
	assert_nothing_touched(world, record);
}

static void without_the_complete_recipe_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.complete = true;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void without_a_durable_injecting_nothing_is_touched(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	refuses.advance = FAULT_INJECTING;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_nothing_touched(world, record);
}

static void a_ledger_that_fails_later_never_keeps_a_fault_from_being_reverted(void **state)
{
	static const enum fault_state states[] = {FAULT_INJECTED, FAULT_REVERTING,
						  FAULT_UNCONFIRMED, FAULT_CLEAN};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		refuses.advance = states[i];
		record = little_run(world);
		assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
		assert_false(world->fault.in_place);
		assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
		if (states[i] == FAULT_CLEAN) {
			/* it counts as left until somebody looks, and the report says why */
			assert_int_equal(little_ledger_state(world), FAULT_UNCONFIRMED);
			assert_non_null(strstr(record->evidence.revert_text, "disk is full"));
		}
		(void)little_world_teardown(&made);
	}
}

/* The fault. */

static void a_capture_that_fails_stops_the_drill(void **state)
{
	static const enum fault_outcome outcomes[] = {FAULT_NO, FAULT_UNKNOWN, FAULT_CONFLICT};

	(void)state;
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->fault.capture.outcome = outcomes[i];
		world->fault.capture.times = -1;
		record = little_run(world);
		assert_int_equal(record->judgement.verdict, VERDICT_INCONCLUSIVE);
		assert_nothing_touched(world, record);
		(void)little_world_teardown(&made);
	}
}

static void an_inject_that_is_refused_has_no_effect_and_is_reverted_all_the_same(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.inject.outcome = FAULT_NO;
	world->fault.inject.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_int_equal(world->fault.witness.calls, 0);
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_REVERT] - record->evidence.injected_ms < 100);
}

static void an_inject_that_may_have_happened_is_watched_and_reverted(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.inject.outcome = FAULT_UNKNOWN;
	world->fault.inject.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_restored(world, record);
}

static void an_inject_that_may_have_happened_proves_no_gap_without_a_witness(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->scenario.fault.via = VIA_EXEC;
	world->fault.inject.outcome = FAULT_UNKNOWN;
	world->fault.inject.times = -1;
	record = little_run(world);
	assert_unobservable(record, "had an effect");
	assert_restored(world, record);
}

static void an_inject_that_may_have_happened_proves_a_gap_when_the_witness_saw_it(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.inject.outcome = FAULT_UNKNOWN;
	world->fault.inject.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
}

static void a_witness_that_says_no_ends_the_drill_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.witness.outcome = FAULT_NO;
	world->fault.witness.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_FAULT_HAD_NO_EFFECT, EXIT_INCONCLUSIVE);
	assert_restored(world, record);
	assert_true(record->phase_ms[PHASE_DONE] - record->evidence.injected_ms < 1000);
}

static void a_witness_that_cannot_tell_makes_a_miss_inconclusive(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.witness.outcome = FAULT_UNKNOWN;
	world->fault.witness.times = -1;
	record = little_run(world);
	assert_unobservable(record, "had an effect");
	assert_restored(world, record);
}

static void the_lease_ends_the_watch(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	world->scenario.fault.hold_at_most_ms = 3000;
	record = little_run(world);
	assert_restored(world, record);
	assert_in_range(record->phase_ms[PHASE_REVERT] - record->evidence.inject_started_ms, 3000,
			3100);
	assert_finding(record, 0, FINDING_DELIVERED);
}

static void the_lease_ends_a_witness_that_never_speaks(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->fault.witness.hangs = true;
	world->scenario.fault.hold_at_most_ms = 3000;
	record = little_run(world);
	assert_restored(world, record);
	assert_in_range(record->phase_ms[PHASE_REVERT] - record->evidence.inject_started_ms, 3000,
			3100);
	assert_unobservable(record, "had an effect");
}

/* Putting it right. */

static void a_revert_that_fails_for_a_while_is_tried_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.revert.outcome = FAULT_UNKNOWN;
	world->fault.revert.times = 4;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(world->fault.revert.calls, 5);
	assert_restored(world, record);
}

static void a_revert_that_always_fails_is_stuck_and_exits_with_3(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.revert.outcome = FAULT_NO;
	world->fault.revert.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_FAULT_LEFT);
	assert_int_equal(record->evidence.fault_state, FAULT_STUCK);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
	assert_int_equal(world->fault.confirm.calls, 0);
	assert_in_range(world->fault.revert.calls, 3, 20);
	assert_int_equal(record->evidence.reverted_ms, TIME_NEVER);
	assert_non_null(strstr(record->evidence.revert_text, "revert"));
}

static void a_revert_that_meets_a_conflict_is_stuck_at_once(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.revert.outcome = FAULT_CONFLICT;
	world->fault.revert.times = -1;
	record = little_run(world);
	assert_int_equal(record->judgement.exit_code, EXIT_FAULT_LEFT);
	assert_int_equal(world->fault.revert.calls, 1);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
}

static void a_confirm_that_fails_for_a_while_reverts_again(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.confirm.outcome = FAULT_NO;
	world->fault.confirm.times = 2;
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(world->fault.revert.calls, 3);
	assert_int_equal(world->fault.confirm.calls, 3);
	assert_restored(world, record);
}

static void a_confirm_that_always_fails_is_stuck(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.confirm.outcome = FAULT_UNKNOWN;
	world->fault.confirm.times = -1;
	record = little_run(world);
	assert_int_equal(record->judgement.exit_code, EXIT_FAULT_LEFT);
	assert_int_equal(record->evidence.fault_state, FAULT_STUCK);
	assert_int_equal(little_ledger_state(world), FAULT_STUCK);
}

static void a_stuck_fault_after_a_gap_is_still_exit_3_and_the_gap_is_told(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].channel = NULL;
	world->expect[0].resolved_ms = 5000;
	world->fault.revert.outcome = FAULT_NO;
	world->fault.revert.times = -1;
	record = little_run(world);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_FAULT_LEFT);
}

/* Stopping, in every phase. */

static void a_drill_can_be_stopped_in_every_phase(void **state)
{
	(void)state;
	for (enum phase phase = PHASE_GUARD; phase < PHASE_COUNT; phase++) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->rules[0].channel = phase == PHASE_EXPLAIN ? NULL : "ops";
		world->expect[0].resolved_ms = 10000;
		world->stop_at = phase;
		record = little_run(world);
		if (phase < PHASE_REPORT)
			assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
		if (phase < PHASE_REPORT && phase != PHASE_EXPLAIN)
			assert_true(record->phase_ms[PHASE_DONE] - record->started_ms < 8000);
		assert_false(world->fault.in_place);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(world->fault.ops);
		if (phase < PHASE_INJECT)
			assert_nothing_touched(world, record);
		else
			assert_restored(world, record);
		(void)little_world_teardown(&made);
	}
}

/* In every phase, with whatever is in flight there: after each turn of the loop. */
static void a_drill_can_be_stopped_after_any_turn_of_the_loop(void **state)
{
	bool over = false;

	(void)state;
	for (int64_t ms = 0; !over; ms += ms < 300 ? 7 : 41) {
		const struct drill_record *record;
		struct little_world *world;
		void *made = NULL;

		(void)setup(&made);
		world = made;
		world->rules[0].channel = "general";
		world->expect[0].within_ms = 1500;
		world->expect[0].grace_ms = 500;
		world->fault.inject.takes_ms = 30;
		world->fault.witness.takes_ms = 30;
		world->fault.capture.takes_ms = 30;
		world->fault.revert.takes_ms = 30;
		world->fault.confirm.takes_ms = 30;
		record = little_start(world);
		little_pass(world, ms);
		over = world->drills[0].done > 0;
		drill_stop(world->drills[0].drill, "stopped by the test");
		drill_stop(world->drills[0].drill, "stopped again");
		(void)little_run(world);
		assert_true(over || record->judgement.verdict == VERDICT_ABORTED ||
			    record->phase_ms[PHASE_REPORT] <= record->started_ms + ms);
		assert_false(world->fault.in_place);
		assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
		assert_null(world->fault.ops);
		(void)little_world_teardown(&made);
	}
}

static void the_first_stop_counts(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record = little_start(world);

	drill_stop(world->drills[0].drill, "the first");
	drill_stop(world->drills[0].drill, "the second");
	(void)little_run(world);
	assert_string_equal(record->judgement.text, "the first");
}

static void a_stop_does_not_cut_off_a_revert_that_goes_on(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->fault.revert.outcome = FAULT_UNKNOWN;
	world->fault.revert.times = 3;
	world->fault.confirm.outcome = FAULT_UNKNOWN;
	world->fault.confirm.times = 1;
	world->stop_at = PHASE_REVERT;
	record = little_run(world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	assert_restored(world, record);
}

static void a_drill_stopped_before_its_start_touches_nothing(void **state)
{
	struct little_world *world = *state;
	struct little_drill *entry = &world->drills[0];
	struct error error = {""};
	struct drill *drill = drill_new(&world->drill_world, &world->scenario, &world->staging,
					&world->options, &error);

	assert_non_null(drill);
	drill_stop(drill, "never mind");
	little_pass(world, 1000);
	drill_free(drill);
	assert_null(entry->drill);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(world->chat.calls, 0);
}

/* Freeing, in every phase. */

static void a_drill_can_be_freed_in_every_phase_and_calls_nobody_after_it(void **state)
{
	(void)state;
	for (enum phase phase = PHASE_GUARD; phase <= PHASE_DONE; phase++) {
		for (int64_t later_ms = 0; later_ms <= 10; later_ms += 10) {
			struct little_world *world;
			void *made = NULL;
			size_t calls, told;

			(void)setup(&made);
			world = made;
			world->rules[0].channel = "general";
			world->fault.inject.takes_ms = 30;
			world->fault.witness.takes_ms = 30;
			world->fault.capture.takes_ms = 30;
			world->fault.revert.takes_ms = 30;
			world->fault.confirm.takes_ms = 30;
			(void)little_start(world);
			little_run_until_phase(world, phase);
			if (later_ms > 0 && phase < PHASE_DONE)
				little_pass(world, later_ms);
			drill_free(world->drills[0].drill);
			world->drills[0].drill = NULL;
			assert_null(world->fault.ops);
			calls = world->chat.calls;
			told = world->story.len;
			little_pass(world, 60000); /* the sentinel: time goes on */
			assert_int_equal(world->chat.calls, calls);
			assert_int_equal(world->story.len, told);
			(void)little_world_teardown(&made);
		}
	}
}

/* The report. */

static void a_report_that_fails_leaves_the_verdict_and_says_so(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_non_null(strstr(record->report_problem, "#ops"));
	assert_restored(world, record);
}

static void details_that_fail_leave_the_verdict_and_say_so(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->replying =
	    (struct little_trouble){.times = -1, .result = CHAT_PERMANENT};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
}

static void a_chat_that_asks_to_wait_is_waited_for(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	world->rules[0].after_ms = 9000;
	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = 2, .result = CHAT_SLOW, .retry_after_ms = 6000};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_null(record->report_problem);
	assert_int_equal(world->chat.slow_calls, 0);
	assert_non_null(strstr(little_chat_ours(&world->chat, "ops", false, 0)->text, "pass"));
}

static void a_chat_that_asks_to_wait_too_long_ends_with_a_report_problem(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	little_channel(&world->chat, "ops")->editing =
	    (struct little_trouble){.times = -1, .result = CHAT_SLOW, .retry_after_ms = 600000};
	record = little_run(world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_non_null(record->report_problem);
	assert_true(record->phase_ms[PHASE_DONE] - record->phase_ms[PHASE_REPORT] < 60000);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(a_chat_that_cannot_be_opened_stops_the_drill),
	    IN_WORLD(a_channel_that_does_not_exist_stops_the_drill),
	    IN_WORLD(a_channel_that_cannot_be_read_stops_the_drill_after_its_patience),
	    IN_WORLD(an_announcement_that_is_refused_stops_the_drill),
	    IN_WORLD(an_announcement_that_cannot_be_made_in_time_stops_the_drill),
	    IN_WORLD(an_announcement_that_is_not_read_back_stops_the_drill),
	    IN_WORLD(a_post_that_fails_once_is_tried_again),
	    IN_WORLD(a_post_whose_answer_was_lost_is_found_and_not_made_twice),
	    IN_WORLD(a_second_channel_that_is_lost_while_announcing_stops_the_drill),
	    IN_WORLD(a_channel_that_is_lost_in_the_watch_ends_it_at_once),
	    IN_WORLD(a_blind_time_makes_a_miss_inconclusive_and_not_a_gap),
	    IN_WORLD(a_chat_that_never_answers_again_ends_after_its_patience),
	    IN_WORLD(a_protected_environment_needs_permission),
	    IN_WORLD(with_permission_a_protected_environment_is_drilled),
	    IN_WORLD(a_fault_over_the_effect_limit_is_refused),
	    IN_WORLD(an_irreversible_fault_is_always_refused),
	    IN_WORLD(
		a_fault_left_by_an_earlier_drill_refuses_the_next_and_says_so_in_the_exit_code),
	    IN_WORLD(a_stuck_fault_refuses_the_next_drill),
	    IN_WORLD(a_drill_that_runs_there_already_refuses_the_next),
	    IN_WORLD(a_fault_elsewhere_or_a_drill_that_leaves_nothing_is_no_obstacle),
	    IN_WORLD(of_two_drills_in_one_environment_only_one_breaks_something),
	    IN_WORLD(without_a_durable_intent_nothing_is_touched),
	    IN_WORLD(without_the_complete_recipe_nothing_is_touched),
	    IN_WORLD(without_a_durable_injecting_nothing_is_touched),
	    cmocka_unit_test(a_ledger_that_fails_later_never_keeps_a_fault_from_being_reverted),
	    cmocka_unit_test(a_capture_that_fails_stops_the_drill),
	    IN_WORLD(an_inject_that_is_refused_has_no_effect_and_is_reverted_all_the_same),
	    IN_WORLD(an_inject_that_may_have_happened_is_watched_and_reverted),
	    IN_WORLD(an_inject_that_may_have_happened_proves_no_gap_without_a_witness),
	    IN_WORLD(an_inject_that_may_have_happened_proves_a_gap_when_the_witness_saw_it),
	    IN_WORLD(a_witness_that_says_no_ends_the_drill_at_once),
	    IN_WORLD(a_witness_that_cannot_tell_makes_a_miss_inconclusive),
	    IN_WORLD(the_lease_ends_the_watch),
	    IN_WORLD(the_lease_ends_a_witness_that_never_speaks),
	    IN_WORLD(a_revert_that_fails_for_a_while_is_tried_again),
	    IN_WORLD(a_revert_that_always_fails_is_stuck_and_exits_with_3),
	    IN_WORLD(a_revert_that_meets_a_conflict_is_stuck_at_once),
	    IN_WORLD(a_confirm_that_fails_for_a_while_reverts_again),
	    IN_WORLD(a_confirm_that_always_fails_is_stuck),
	    IN_WORLD(a_stuck_fault_after_a_gap_is_still_exit_3_and_the_gap_is_told),
	    cmocka_unit_test(a_drill_can_be_stopped_in_every_phase),
	    cmocka_unit_test(a_drill_can_be_stopped_after_any_turn_of_the_loop),
	    IN_WORLD(the_first_stop_counts),
	    IN_WORLD(a_stop_does_not_cut_off_a_revert_that_goes_on),
	    IN_WORLD(a_drill_stopped_before_its_start_touches_nothing),
	    cmocka_unit_test(a_drill_can_be_freed_in_every_phase_and_calls_nobody_after_it),
	    IN_WORLD(a_report_that_fails_leaves_the_verdict_and_says_so),
	    IN_WORLD(details_that_fail_leave_the_verdict_and_say_so),
	    IN_WORLD(a_chat_that_asks_to_wait_is_waited_for),
	    IN_WORLD(a_chat_that_asks_to_wait_too_long_ends_with_a_report_problem),
	};

	return cmocka_run_group_tests_name("drill safety", tests, NULL, NULL);
}
