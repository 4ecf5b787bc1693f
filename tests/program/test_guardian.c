/* Our end of the guardian: it is told what is in place, its death is noticed, a new one follows.
 * This program started with the word "guardian" plays the other end (fake_guardian.c). */
#include "src/program/guardian.h"

#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/locks.h"
#include "tests/program/fake_guardian.h"
#include "tests/support/loop.h"

#define DRILL "fd-k3q9x2m7"

struct world {
	struct event_base *base;   /* owned */
	struct locks *locks;       /* owned */
	struct guardian *guardian; /* owned */
	char folder[64];
	char *log;        /* owned; what the fake wrote down */
	bool told, ready; /* by changed */
	int ready_count;
	char error[512];
	const char *wanted; /* borrowed; a text that is to be in the log */
};

static void on_changed(void *arg, bool ready, const char *error)
{
	struct world *world = arg;

	world->told = true;
	world->ready = ready;
	world->ready_count += ready;
	(void)snprintf(world->error, sizeof world->error, "%s", error != NULL ? error : "");
}

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	struct error error;
	char *ledger;

	(void)strcpy(world->folder, "/tmp/firedrill-guardian-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->log = mem_printf("%s/log", world->folder);
	ledger = mem_printf("%s/firedrill.db", world->folder);
	world->locks = locks_open(ledger, &error);
	free(ledger);
	assert_non_null(world->locks);
	world->base = event_base_new();
	(void)setenv(FAKE_GUARDIAN_LOG, world->log, 1);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	char *locks = mem_printf("%s/firedrill.db-locks", world->folder);

	guardian_free(world->guardian);
	locks_close(world->locks);
	event_base_free(world->base);
	(void)unlink(world->log);
	(void)unlink(locks);
	(void)rmdir(world->folder);
	free(locks);
	free(world->log);
	free(world);
	return 0;
}

static void begin(struct world *world, const char *behaviour)
{
	struct error error;

	(void)setenv(FAKE_GUARDIAN, behaviour, 1);
	world->guardian =
	    guardian_start(world->base, "some.cfg", world->locks, on_changed, world, &error);
	assert_non_null(world->guardian);
	assert_false(world->told); /* never from inside start */
}

static void await_change(struct world *world)
{
	world->told = false;
	loop_until(world->base, &world->told);
}

static char *read_log(const struct world *world)
{
	char *text = mem_zalloc(8192);
	FILE *file = fopen(world->log, "re");

	if (file == NULL)
		return text;
	(void)!fread(text, 1, 8191, file);
	(void)fclose(file);
	return text;
}

static bool is_logged(void *arg)
{
	struct world *world = arg;
	char *text = read_log(world);
	bool found = strstr(text, world->wanted) != NULL;

	free(text);
	return found;
}

static void nudge(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* ends a turn of the loop, so that the log is looked at again */
}

static void await_log(struct world *world, const char *text)
{
	const struct timeval often = {.tv_usec = 10000};
	struct event *event = event_new(world->base, -1, EV_PERSIST, nudge, NULL);

	(void)event_add(event, &often);
	world->wanted = text;
	loop_until_true(world->base, is_logged, world);
	event_free(event);
}

static bool hold(struct world *world, const char *drill)
{
	struct error error;

	return guardian_hold(world->guardian, drill, clock_wall_ms() + 60000, &error);
}

/* Someone may set the clock while a drill runs. */
static int64_t wall_off_ms;
int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);

int64_t __wrap_clock_wall_ms(void)
{
	return __real_clock_wall_ms() + wall_off_ms;
}

/* Never -1, which to kill(2) means everybody. */
static pid_t signal_it(const struct world *world, int number)
{
	pid_t pid = guardian_pid(world->guardian);

	assert_true(pid > 1);
	assert_int_equal(kill(pid, number), 0);
	return pid;
}

static bool is_there(pid_t pid)
{
	assert_true(pid > 1);
	return kill(pid, 0) == 0;
}

/* The lease of the drill as the log has it, in seconds. */
static long logged_lease(struct world *world)
{
	char *text;
	long lease;

	await_log(world, "hold " DRILL);
	await_log(world, " s\n");
	text = read_log(world);
	lease = strtol(strstr(text, "hold " DRILL) + strlen("hold " DRILL), NULL, 10);
	free(text);
	return lease;
}

static void it_starts_apart_with_nothing_but_the_socket_and_the_locks(void **state)
{
	struct world *world = *state;
	char *text, *folder = getcwd(NULL, 0), *config;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	assert_true(world->ready);
	assert_int_equal(getsid(guardian_pid(world->guardian)), guardian_pid(world->guardian));
	text = read_log(world);
	config = mem_printf("arguments: firedrill guardian --config %s/some.cfg\n", folder);
	assert_non_null(strstr(text, config));
	assert_non_null(strstr(text, "files: 0 1 2 3 4\n"));
	assert_non_null(strstr(text, "standard files: /dev/null /dev/null /dev/null\n"));
	assert_non_null(strstr(text, "locks: firedrill.db-locks\n"));
	assert_non_null(strstr(text, "blocked: INT TERM HUP QUIT\n"));
	free(config);
	free(folder);
	free(text);
}

static void nothing_is_held_before_it_is_ready(void **state)
{
	struct world *world = *state;
	struct error error = {""};

	begin(world, FAKE_GUARDIAN_GOOD);
	assert_false(guardian_hold(world->guardian, DRILL, clock_wall_ms() + 60000, &error));
	assert_non_null(strstr(error.text, "there is no guardian just now"));
	await_change(world);
	assert_true(hold(world, DRILL));
}

static void it_hears_what_is_held_and_released_and_that_we_live(void **state)
{
	struct world *world = *state;
	char *text;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	assert_true(hold(world, DRILL));
	assert_in_range(logged_lease(world), 1, 60);
	await_log(world, "tick\n");
	guardian_release(world->guardian, "fd-00000000"); /* unknown: nothing is said */
	guardian_release(world->guardian, DRILL);
	await_log(world, "release " DRILL "\n");
	text = read_log(world);
	assert_null(strstr(text, "fd-00000000"));
	free(text);
}

static void a_good_bye_is_said_and_its_end_awaited(void **state)
{
	struct world *world = *state;
	pid_t pid;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	pid = guardian_pid(world->guardian);
	guardian_free(world->guardian);
	world->guardian = NULL;
	world->wanted = "bye\n";
	assert_true(is_logged(world));
	assert_false(is_there(pid));
}

static void one_that_dies_is_followed_by_another_that_is_told_everything(void **state)
{
	struct world *world = *state;
	pid_t first;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	first = guardian_pid(world->guardian);
	assert_true(hold(world, DRILL));
	assert_true(hold(world, "fd-00000002"));
	await_log(world, "hold fd-00000002");
	assert_int_equal(unlink(world->log), 0);
	assert_int_equal(signal_it(world, SIGKILL), first);
	await_change(world);
	assert_true(world->ready);
	assert_int_not_equal(guardian_pid(world->guardian), first);
	await_log(world, "hold " DRILL);
	await_log(world, "hold fd-00000002");
	await_log(world, "tick\n");
}

static void a_lease_that_is_told_again_is_no_longer_when_the_clock_was_put_back(void **state)
{
	struct world *world = *state;
	long left;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	assert_true(hold(world, DRILL));
	await_log(world, "hold " DRILL);
	assert_int_equal(unlink(world->log), 0);
	wall_off_ms = -24 * INT64_C(3600000);
	(void)signal_it(world, SIGKILL);
	await_change(world);
	left = logged_lease(world);
	wall_off_ms = 0;
	assert_true(left > 0 && left <= 60);
}

static void while_there_is_none_nothing_is_held(void **state)
{
	struct world *world = *state;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	(void)signal_it(world, SIGKILL);
	while (hold(world, DRILL)) /* until the kernel has ended it */
		guardian_release(world->guardian, DRILL);
	assert_int_equal(guardian_pid(world->guardian), -1);
	await_change(world);
	assert_true(hold(world, DRILL));
}

static void one_that_does_not_answer_is_replaced(void **state)
{
	struct world *world = *state;
	pid_t first;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	assert_true(hold(world, DRILL));
	first = signal_it(world, SIGSTOP);
	await_change(world);
	assert_true(world->ready);
	assert_false(is_there(first));
}

static void one_that_refuses_says_why_and_is_not_started_again(void **state)
{
	struct world *world = *state;

	begin(world, FAKE_GUARDIAN_REFUSES);
	await_change(world);
	assert_false(world->ready);
	assert_string_equal(world->error, FAKE_GUARDIAN_WHY);
	assert_int_equal(guardian_pid(world->guardian), -1);
}

static void five_deaths_in_a_row_are_enough(void **state)
{
	struct world *world = *state;
	char *text;

	begin(world, FAKE_GUARDIAN_DIES);
	await_change(world);
	assert_false(world->ready);
	assert_string_equal(world->error, "it died");
	text = read_log(world);
	assert_string_equal(text, "died\ndied\ndied\ndied\ndied\n");
	free(text);
	assert_false(hold(world, DRILL));
}

static void there_is_a_limit_to_what_is_held(void **state)
{
	struct world *world = *state;
	char drill[16];
	int held = 0;

	begin(world, FAKE_GUARDIAN_GOOD);
	await_change(world);
	for (int i = 0; i < 500; i++) {
		(void)snprintf(drill, sizeof drill, "fd-%08d", i);
		held += hold(world, drill);
	}
	assert_int_equal(held, 128);
	guardian_release(world->guardian, "fd-00000000");
	assert_true(hold(world, DRILL));
	await_log(world, "hold " DRILL);
}

#define guardian_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    guardian_test(it_starts_apart_with_nothing_but_the_socket_and_the_locks),
	    guardian_test(nothing_is_held_before_it_is_ready),
	    guardian_test(it_hears_what_is_held_and_released_and_that_we_live),
	    guardian_test(a_good_bye_is_said_and_its_end_awaited),
	    guardian_test(one_that_dies_is_followed_by_another_that_is_told_everything),
	    guardian_test(a_lease_that_is_told_again_is_no_longer_when_the_clock_was_put_back),
	    guardian_test(while_there_is_none_nothing_is_held),
	    guardian_test(one_that_does_not_answer_is_replaced),
	    guardian_test(one_that_refuses_says_why_and_is_not_started_again),
	    guardian_test(five_deaths_in_a_row_are_enough),
	    guardian_test(there_is_a_limit_to_what_is_held),
	};

	if (argc > 1 && strcmp(argv[1], "guardian") == 0)
		return fake_guardian(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
