/* A life that stays: drills come one by one, what is stuck is tried again and again, halt and resume. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/clock.h"
#include "src/engine/life.h"
#include "src/engine/settler.h"
#include "tests/engine/leftovers.h"
#include "tests/engine/virtual_time.h"

/* How often the ledger is asked. */
static int halt_looks, open_looks;
static bool unreadable;

bool __real_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error);
bool __wrap_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error);
bool __real_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error);
bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error);

bool __wrap_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error)
{
	halt_looks++;
	if (unreadable)
		return error_set(error, "the disk is on fire");
	return __real_ledger_halt(ledger, ret_halt, error);
}

bool __wrap_ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
			     ledger_unreadable_fn *unvisited, void *arg, struct error *error)
{
	open_looks++;
	if (unreadable)
		return error_set(error, "the disk is on fire");
	return __real_ledger_visit_all(ledger, visit, unvisited, arg, error);
}

/* A life, and what it told. */
struct stay {
	struct little_world *world;
	struct life_world callbacks;
	struct life *life;
	struct settled_log settled;
	size_t finished;
	enum verdict last;
	char text[512];
	int halts, resumes, dones, losses, finds;
	enum exit_code worst;
};

static void on_finished(void *arg, const struct drill_record *record)
{
	struct stay *stay = arg;

	stay->finished++;
	stay->last = record->judgement.verdict;
	(void)strncpy(stay->text, record->judgement.text, sizeof stay->text - 1);
}

static void on_settled(void *arg, const struct settled *settled)
{
	log_told(&((struct stay *)arg)->settled, settled);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	(void)reason;
	(void)by;
	((struct stay *)arg)->halts++;
}

static void on_resumed(void *arg)
{
	((struct stay *)arg)->resumes++;
}

static void on_lost(void *arg, const char *why)
{
	struct stay *stay = arg;

	if (why != NULL)
		stay->losses++;
	else
		stay->finds++;
}

static void on_done(void *arg, enum exit_code worst)
{
	struct stay *stay = arg;

	stay->dones++;
	stay->worst = worst;
}

static bool is_done(void *arg)
{
	return ((struct stay *)arg)->dones > 0;
}

static bool has_finished(void *arg)
{
	return ((struct stay *)arg)->finished > 0;
}

static void begin(struct little_world *world, struct stay *stay)
{
	*stay = (struct stay){.world = world, .worst = EXIT_USAGE};
	stay->callbacks = (struct life_world){
	    .drills = &world->drill_world,
	    .finished = on_finished,
	    .settled = on_settled,
	    .halted = on_halted,
	    .resumed = on_resumed,
	    .lost = on_lost,
	    .done = on_done,
	    .arg = stay,
	};
	stay->life = life_new(&stay->callbacks);
	life_stay(stay->life);
	life_start(stay->life);
}

static void add_in(struct stay *stay, const struct environment *environment, uint64_t ask)
{
	struct error error = {""};

	stay->world->options.ask = ask;
	assert_true(life_add(stay->life, &stay->world->scenario, environment, &stay->world->options,
			     &error));
}

static void drill(struct stay *stay)
{
	stay->finished = 0;
	add_in(stay, &stay->world->staging, 0);
	assert_true(virtual_time_run(stay->world->base, has_finished, stay));
}

static void close_and_free(struct stay *stay)
{
	life_close(stay->life);
	assert_true(virtual_time_run(stay->world->base, is_done, stay));
	little_pass(stay->world, 120000); /* whatever else would be said, is said now */
	assert_int_equal(stay->dones, 1);
	life_free(stay->life);
	buf_done(&stay->settled.story);
	buf_done(&stay->settled.messages);
}

static void forget_story(struct stay *stay)
{
	buf_done(&stay->settled.story);
}

static int setup(void **state)
{
	struct little_world *world;

	unreadable = false;
	(void)little_world_setup(state);
	world = *state;
	little_simple(world);
	world->options.allow_protected = true;
	return 0;
}

/* Drills come one by one. */

static void it_stays_when_its_drills_are_over_and_ends_when_it_is_closed(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	for (int i = 0; i < 3; i++) {
		little_pass(world, 3600000);
		drill(&stay);
		assert_int_equal(stay.last, VERDICT_PASS);
	}
	assert_int_equal(stay.dones, 0);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void when_it_is_closed_what_runs_goes_on_to_its_end_and_nothing_is_taken(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};
	struct stay stay;

	world->rules[0].after_ms = 9000;
	begin(world, &stay);
	add_in(&stay, &world->staging, 0);
	little_pass(world, 3000);
	life_close(stay.life);
	assert_false(
	    life_add(stay.life, &world->scenario, &world->staging, &world->options, &error));
	close_and_free(&stay);
	assert_int_equal(stay.last, VERDICT_PASS);
}

static void a_gap_long_ago_is_no_exit_code_of_its_end(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	world->rules[0].channel = NULL;
	begin(world, &stay);
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_GAP);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void a_stop_finishes_every_drill_those_that_wait_as_aborted(void **state)
{
	struct little_world *world = *state;
	static char url[] = "http://orders.example/";
	struct stay stay;

	world->scenario.fault.http.inject.url = url; /* one target, so that they wait */
	world->rules[0].after_ms = 9000;
	begin(world, &stay);
	add_in(&stay, &world->staging, 0);
	add_in(&stay, &world->production, 0);
	little_pass(world, 3000);
	assert_true(world->fault.in_place);
	life_stop(stay.life, "stopped by the test");
	close_and_free(&stay);
	assert_int_equal(stay.finished, 2);
	assert_int_equal(stay.last, VERDICT_ABORTED);
	assert_false(world->fault.in_place);
	assert_int_equal(world->fault.inject.calls, 1);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void the_drills_of_one_wish_are_stopped_and_no_others(void **state)
{
	struct little_world *world = *state;
	static char url[] = "http://orders.example/";
	struct stay stay;

	world->scenario.fault.http.inject.url = url;
	world->rules[0].after_ms = 5000;
	begin(world, &stay);
	add_in(&stay, &world->staging, 1);
	add_in(&stay, &world->production, 2);
	little_pass(world, 3000);
	life_stop_ask(stay.life, 2, "nobody waits for it any more");
	little_pass(world, 3000);
	assert_int_equal(stay.finished, 1);
	assert_int_equal(stay.last, VERDICT_ABORTED);
	assert_string_equal(stay.text, "nobody waits for it any more");
	little_pass(world, 60000);
	assert_int_equal(stay.finished, 2);
	assert_int_equal(stay.last, VERDICT_PASS);
	close_and_free(&stay);
}

static void a_drill_that_never_began_says_nothing_in_the_chat(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 1000);
	add_in(&stay, &world->staging, 3);
	life_stop_ask(stay.life, 3, "nobody waits for it any more");
	assert_true(virtual_time_run(world->base, has_finished, &stay));
	assert_int_equal(stay.last, VERDICT_ABORTED);
	assert_int_equal(world->chat.calls, 0);
	close_and_free(&stay);
}

/* What is left. */

static void what_its_own_drill_left_stuck_is_tried_until_it_is_clean(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	begin(world, &stay);
	drill(&stay);
	assert_true(world->fault.in_place);
	little_pass(world, 3600000);
	assert_true(stay.settled.tries > 3);
	assert_true(stay.settled.tries < 20); /* with a back-off */
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_REFUSED);
	assert_non_null(strstr(stay.text, "guard leftover"));
	little_answers(&world->fault.revert, FAULT_NO, 0);
	little_pass(world, SETTLER_PAUSE_MAX_MS + 60000);
	assert_false(world->fault.in_place);
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_PASS);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void what_is_still_stuck_at_its_end_makes_the_exit_code_3(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	little_answers(&world->fault.revert, FAULT_NO, -1);
	begin(world, &stay);
	drill(&stay);
	little_pass(world, 600000);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_FAULT_LEFT);
}

static void what_another_process_leaves_later_is_settled(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 3600000);
	LEAVE(world, .drill = LEFT_A, .environment = "production");
	little_pass(world, 2 * LIFE_SETTLE_MS);
	assert_string_equal(buf_text(&stay.settled.story), "begun:" LEFT_A " clean:" LEFT_A " ");
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	close_and_free(&stay);
}

static void what_others_work_on_is_left_alone_and_told_at_most_once(void **state)
{
	struct little_world *world = *state;
	struct locks *others = little_other_process(world);
	struct error error = {""};
	struct stay stay;

	LEAVE(world, .drill = LEFT_A, .environment = "production");
	assert_int_equal(locks_take(others, "fault:" LEFT_A, &error), LOCK_TAKEN);
	begin(world, &stay);
	little_pass(world, 3600000);
	assert_string_equal(buf_text(&stay.settled.story), "busy:" LEFT_A " ");
	assert_int_equal(state_of(world, LEFT_A), FAULT_INJECTING);
	locks_close(others); /* it died */
	little_pass(world, 3 * LIFE_SETTLE_MS);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	close_and_free(&stay);
}

static void its_own_drills_are_left_alone(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	world->expect[0].within_ms = 600000;
	world->scenario.fault.hold_at_most_ms = 900000;
	world->rules[0].after_ms = 500000;
	LEAVE(world, .drill = LEFT_A, .recipe = "{}", .environment = "production");
	begin(world, &stay); /* it has a stuck fault to try again all the while */
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_PASS);
	assert_null(strstr(buf_text(&stay.settled.story), "busy"));
	for (const char *at = buf_text(&stay.settled.story); *at != '\0';) {
		at = strchr(at, ':') + 1;
		assert_memory_equal(at, LEFT_A " ", sizeof LEFT_A);
		at += sizeof LEFT_A;
	}
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_FAULT_LEFT);
}

static void drills_wait_until_the_first_round_is_over(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	LEAVE(world, .drill = LEFT_A); /* settled for fifteen seconds */
	begin(world, &stay);
	add_in(&stay, &world->staging, 0);
	little_pass(world, 10000);
	assert_int_equal(world->fault.inject.calls, 0);
	assert_true(virtual_time_run(world->base, has_finished, &stay));
	assert_int_equal(stay.last, VERDICT_PASS);
	close_and_free(&stay);
}

static void when_it_is_closed_while_it_puts_a_fault_right_it_finishes_that(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 1000);
	LEAVE(world, .drill = LEFT_A);
	while (strstr(buf_text(&stay.settled.story), "begun:" LEFT_A) == NULL)
		little_pass(world, 1000);
	close_and_free(&stay);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	assert_int_equal(stay.worst, EXIT_PASS);
}

/* The lever. */

static void a_halt_stops_what_runs_and_after_a_resume_drills_run_again(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	for (int i = 1; i <= 2; i++) {
		world->rules[0].after_ms = 9000;
		stay.finished = 0;
		add_in(&stay, &world->staging, 0);
		little_pass(world, 3000);
		assert_true(world->fault.in_place);
		little_halt(world);
		little_pass(world, 1000);
		assert_false(world->fault.in_place);
		assert_true(virtual_time_run(world->base, has_finished, &stay));
		assert_int_equal(stay.last, VERDICT_ABORTED);
		little_pass(world, 3600000);
		drill(&stay);
		assert_int_equal(stay.last, VERDICT_REFUSED);
		assert_int_equal(stay.halts, i);
		little_resume(world);
		little_pass(world, LIFE_IDLE_POLL_MS + 1000);
		/* once as its first look found the lever lifted */
		assert_int_equal(stay.resumes, 1 + i);
		world->rules[0].after_ms = 1000;
		drill(&stay);
		assert_int_equal(stay.last, VERDICT_PASS);
	}
	assert_int_equal(stay.dones, 0);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void a_fault_is_settled_while_halted(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 1000);
	little_halt(world);
	LEAVE(world, .drill = LEFT_A);
	little_pass(world, 2 * LIFE_SETTLE_MS);
	assert_int_equal(state_of(world, LEFT_A), FAULT_CLEAN);
	close_and_free(&stay);
}

static void an_idle_life_hardly_looks(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 60000);
	halt_looks = open_looks = 0;
	little_pass(world, 3600000);
	assert_in_range(halt_looks, 700, 721);
	assert_in_range(open_looks, 55, 60);
	close_and_free(&stay);
}

static void a_ledger_that_cannot_be_read_for_a_while_ends_drills_but_not_the_life(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	world->rules[0].after_ms = 9000;
	begin(world, &stay);
	add_in(&stay, &world->staging, 0);
	little_pass(world, 3000);
	unreadable = true;
	assert_true(virtual_time_run(world->base, has_finished, &stay));
	assert_int_equal(stay.last, VERDICT_ABORTED);
	assert_string_equal(life_trouble(stay.life), "the disk is on fire");
	little_pass(world, 600000);
	unreadable = false;
	little_pass(world, 600000);
	assert_null(life_trouble(stay.life));
	world->rules[0].after_ms = 1000;
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_PASS);
	close_and_free(&stay);
	assert_int_equal(stay.worst, EXIT_PASS);
}

static void a_ledger_that_is_lost_while_nothing_runs_is_told_within_a_minute_and_once(void **state)
{
	struct little_world *world = *state;
	struct stay stay;

	begin(world, &stay);
	little_pass(world, 60000);
	assert_int_equal(stay.finds, 1);
	unreadable = true;
	little_pass(world, 4000); /* it may be there again in a moment */
	unreadable = false;
	little_pass(world, 60000);
	assert_int_equal(stay.losses, 0);
	unreadable = true;
	little_pass(world, 60000);
	assert_int_equal(stay.losses, 1);
	little_pass(world, 600000);
	assert_int_equal(stay.losses, 1);
	assert_int_equal(stay.finds, 1);
	unreadable = false;
	little_pass(world, 60000);
	assert_int_equal(stay.finds, 2);
	drill(&stay);
	assert_int_equal(stay.last, VERDICT_PASS);
	close_and_free(&stay);
}

static void it_may_be_freed_at_any_time_and_calls_nobody_after_it(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms <= 100000; ms += ms < 900 ? 97 : 7777) {
		struct little_world *world;
		struct stay stay;
		void *made = NULL;
		size_t told;

		(void)setup(&made);
		world = made;
		little_answers(&world->fault.revert, FAULT_NO, -1);
		LEAVE(world, .drill = LEFT_A, .state = FAULT_INJECTED);
		LEAVE(world, .drill = LEFT_B, .environment = "production", .recipe = "{}");
		begin(world, &stay);
		add_in(&stay, &world->staging, 0);
		little_pass(world, ms);
		life_free(stay.life);
		told = stay.settled.story.len;
		little_pass(world, 600000); /* the sentinel: time goes on */
		assert_int_equal(stay.settled.story.len, told);
		assert_int_equal(stay.dones, 0);
		forget_story(&stay);
		buf_done(&stay.settled.messages);
		(void)little_world_teardown(&made);
	}
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(it_stays_when_its_drills_are_over_and_ends_when_it_is_closed),
	    IN_WORLD(when_it_is_closed_what_runs_goes_on_to_its_end_and_nothing_is_taken),
	    IN_WORLD(a_gap_long_ago_is_no_exit_code_of_its_end),
	    IN_WORLD(a_stop_finishes_every_drill_those_that_wait_as_aborted),
	    IN_WORLD(the_drills_of_one_wish_are_stopped_and_no_others),
	    IN_WORLD(a_drill_that_never_began_says_nothing_in_the_chat),
	    IN_WORLD(what_its_own_drill_left_stuck_is_tried_until_it_is_clean),
	    IN_WORLD(what_is_still_stuck_at_its_end_makes_the_exit_code_3),
	    IN_WORLD(what_another_process_leaves_later_is_settled),
	    IN_WORLD(what_others_work_on_is_left_alone_and_told_at_most_once),
	    IN_WORLD(its_own_drills_are_left_alone),
	    IN_WORLD(drills_wait_until_the_first_round_is_over),
	    IN_WORLD(when_it_is_closed_while_it_puts_a_fault_right_it_finishes_that),
	    IN_WORLD(a_halt_stops_what_runs_and_after_a_resume_drills_run_again),
	    IN_WORLD(a_fault_is_settled_while_halted),
	    IN_WORLD(an_idle_life_hardly_looks),
	    IN_WORLD(a_ledger_that_is_lost_while_nothing_runs_is_told_within_a_minute_and_once),
	    IN_WORLD(a_ledger_that_cannot_be_read_for_a_while_ends_drills_but_not_the_life),
	    cmocka_unit_test(it_may_be_freed_at_any_time_and_calls_nobody_after_it),
	};

	return cmocka_run_group_tests_name("life_stays", tests, NULL, NULL);
}
