/* Several drills: one after another in each environment, all environments at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/engine/session.h"
#include "tests/engine/little_world.h"
#include "tests/engine/virtual_time.h"

struct log {
	struct session *session;
	size_t finished, passed, aborted;
	int done;
	int64_t started_ms[4], ended_ms[4];
	const struct environment *where[4];
	bool stop_at_first;
};

static void on_finished(void *arg, const struct drill_record *record)
{
	struct log *log = arg;

	log->where[log->finished] = record->environment;
	log->started_ms[log->finished] = record->started_ms;
	log->ended_ms[log->finished] = record->phase_ms[PHASE_DONE];
	log->finished++;
	log->passed += record->judgement.verdict == VERDICT_PASS ? 1 : 0;
	log->aborted += record->judgement.verdict == VERDICT_ABORTED ? 1 : 0;
	if (log->stop_at_first)
		session_stop(log->session, "that is enough");
}

static void on_done(void *arg)
{
	((struct log *)arg)->done++;
}

static bool is_done(void *arg)
{
	return ((struct log *)arg)->done > 0;
}

static void add(struct little_world *world, struct log *log, const struct environment *environment)
{
	struct error error = {""};

	assert_true(
	    session_add(log->session, &world->scenario, environment, &world->options, &error));
}

static struct session *make(struct little_world *world, struct log *log)
{
	(void)little_expect(world, "#ops", "QueueMissing", true);
	(void)little_rule(world, "ops", "QueueMissing %s");
	world->options.allow_protected = true;
	log->session = session_new(&world->drill_world, on_finished, on_done, log);
	return log->session;
}

static void run(struct little_world *world, struct log *log)
{
	session_start(log->session);
	assert_int_equal(log->done, 0);
	assert_true(virtual_time_run(world->base, is_done, log));
	little_pass(world, 60000);
	assert_int_equal(log->done, 1);
	session_free(log->session);
}

static void drills_of_one_environment_come_one_after_another(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};

	(void)make(world, &log);
	for (int i = 0; i < 3; i++)
		add(world, &log, &world->staging);
	assert_int_equal(session_count(log.session), 3);
	run(world, &log);
	assert_int_equal(log.finished, 3);
	assert_int_equal(log.passed, 3);
	for (size_t i = 1; i < 3; i++)
		assert_true(log.started_ms[i] >= log.ended_ms[i - 1]);
	assert_false(world->fault.in_place);
}

static void environments_are_drilled_at_once(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};

	(void)make(world, &log);
	add(world, &log, &world->staging);
	add(world, &log, &world->production);
	run(world, &log);
	assert_int_equal(log.passed, 2);
	assert_int_equal(log.started_ms[0], log.started_ms[1]);
}

static void drills_that_change_the_same_target_come_one_after_another(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};
	static char url[] = "http://orders.example/";

	world->scenario.fault.http.inject.url = url;
	(void)make(world, &log);
	add(world, &log, &world->staging);
	add(world, &log, &world->production);
	run(world, &log);
	assert_int_equal(log.passed, 2);
	assert_true(log.started_ms[1] >= log.ended_ms[0]);
}

static void a_stop_ends_what_runs_and_drops_the_rest(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};

	(void)make(world, &log);
	for (int i = 0; i < 3; i++)
		add(world, &log, &world->staging);
	session_start(log.session);
	little_pass(world, 1500);
	session_stop(log.session, "that is enough");
	assert_true(virtual_time_run(world->base, is_done, &log));
	little_pass(world, 60000);
	assert_int_equal(log.done, 1);
	assert_int_equal(log.finished, 1);
	assert_int_equal(log.aborted, 1);
	assert_int_equal(session_dropped(log.session), 2);
	assert_false(world->fault.in_place);
	session_free(log.session);
}

static void a_stop_lets_every_drill_that_runs_revert_and_report(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};

	(void)make(world, &log);
	add(world, &log, &world->staging);
	add(world, &log, &world->production);
	session_start(log.session);
	little_pass(world, 700);
	assert_true(world->fault.in_place);
	session_stop(log.session, "that is enough");
	assert_true(virtual_time_run(world->base, is_done, &log));
	assert_int_equal(log.finished, 2);
	assert_int_equal(log.aborted, 2);
	assert_int_equal(session_dropped(log.session), 0);
	assert_int_equal(world->fault.revert.calls, 2);
	assert_false(world->fault.in_place);
	session_free(log.session);
}

static void a_stop_from_inside_the_report_of_the_first_drops_the_rest(void **state)
{
	struct little_world *world = *state;
	struct log log = {.stop_at_first = true};

	(void)make(world, &log);
	for (int i = 0; i < 3; i++)
		add(world, &log, &world->staging);
	run(world, &log);
	assert_int_equal(log.finished, 1);
	assert_int_equal(log.passed, 1);
}

static void a_session_without_drills_is_done(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};

	(void)make(world, &log);
	run(world, &log);
	assert_int_equal(log.finished, 0);
}

static void a_session_may_be_freed_while_drills_run(void **state)
{
	struct little_world *world = *state;
	struct log log = {0};
	size_t calls;

	(void)make(world, &log);
	add(world, &log, &world->staging);
	add(world, &log, &world->staging);
	session_start(log.session);
	little_pass(world, 1500);
	session_free(log.session);
	calls = world->chat.calls;
	little_pass(world, 60000); /* the sentinel: time goes on */
	assert_int_equal(world->chat.calls, calls);
	assert_int_equal(log.done, 0);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, little_world_setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(drills_of_one_environment_come_one_after_another),
	    IN_WORLD(environments_are_drilled_at_once),
	    IN_WORLD(drills_that_change_the_same_target_come_one_after_another),
	    IN_WORLD(a_stop_ends_what_runs_and_drops_the_rest),
	    IN_WORLD(a_stop_lets_every_drill_that_runs_revert_and_report),
	    IN_WORLD(a_stop_from_inside_the_report_of_the_first_drops_the_rest),
	    IN_WORLD(a_session_without_drills_is_done),
	    IN_WORLD(a_session_may_be_freed_while_drills_run),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
