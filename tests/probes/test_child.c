/* Child processes: how they start, how they end, and that none is left. */
#include "probes/child.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/id.h"
#include "tests/probes/running.h"
#include "tests/support/loop.h"

static int set_up(void **state)
{
	*state = event_base_new();
	return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)child_signal_marked(running_mark(),
				  SIGKILL); /* a failed test must not fail the next one */
	event_base_free(*state);
	return 0;
}

static struct ended run(struct event_base *base, const struct child_ask *ask)
{
	struct ended ended = {0};

	assert_non_null(child_start(base, ask, NULL, ended_keep, &ended));
	assert_false(ended.done); /* never from inside start */
	loop_until(base, &ended.done);
	assert_int_equal(ended.times, 1);
	assert_int_equal(ended.error[0] == '\0', ended.started);
	return ended;
}

static struct ended run_script(struct event_base *base, const char *script)
{
	const char *argv[4];
	struct child_ask ask = running_script(script, argv);

	return run(base, &ask);
}

/* The clean start. */

static void a_child_gets_exactly_the_environment_given_and_its_mark(void **state)
{
	static const char *const argv[] = {"/usr/bin/env", NULL};
	static const char *const environment[] = {"A=1", "FIREDRILL_DRILL=forged", "B=two words",
						  NULL};
	struct child_ask ask = {.argv = argv, .environment = environment, .mark = running_mark()};
	char wanted[80];

	(void)snprintf(wanted, sizeof wanted, "A=1\nB=two words\nFIREDRILL_DRILL=%s\n",
		       running_mark());
	assert_string_equal(run(*state, &ask).output, wanted);
	ask.environment = NULL;
	assert_string_equal(run(*state, &ask).output, strstr(wanted, "FIREDRILL_DRILL="));
}

static void a_child_holds_no_descriptor_of_ours(void **state)
{
	static const char *const argv[] = {"/bin/ls", "/proc/self/fd", NULL};
	const struct child_ask ask = {.argv = argv, .mark = running_mark()};
	int leaky = open("/dev/null", O_RDONLY);
	int high = fcntl(leaky, F_DUPFD, 200);

	assert_true(high >= 200);
	assert_string_equal(run(*state, &ask).output, "0\n1\n2\n3\n"); /* 3 is the folder itself */
	(void)close(leaky);
	(void)close(high);
}

static void a_child_starts_with_every_signal_as_usual(void **state)
{
	sigset_t blocked, before;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_string_equal(run_script(*state, "grep -c -E '^Sig(Blk|Ign):.0*$' "
					       "/proc/self/status")
				.output,
			    "2\n");
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void a_child_reads_nothing_from_us(void **state)
{
	assert_int_equal(run_script(*state, "cat; echo $?").status, 0);
	assert_string_equal(run_script(*state, "cat; echo $?").output, "0\n");
}

static void a_child_leads_a_group_of_its_own(void **state)
{
	struct ended ended = run_script(*state, "cut -d' ' -f5 /proc/$$/stat; echo $$");
	char *end;
	long group = strtol(ended.output, &end, 10);

	assert_int_equal(group, strtol(end, NULL, 10));
	assert_int_not_equal(group, getpgrp());
}

static void a_child_runs_in_the_folder_asked_for(void **state)
{
	static const char *const argv[] = {"/bin/pwd", NULL};
	const struct child_ask ask = {
	    .argv = argv, .mark = running_mark(), .directory = "/usr/bin"};

	assert_string_equal(run(*state, &ask).output, "/usr/bin\n");
}

static void a_program_is_looked_for_in_the_path_that_the_child_gets(void **state)
{
	static const char *const argv[] = {"env", NULL};
	static const char *const elsewhere[] = {"PATH=/usr/share:/etc", NULL};
	static const char *const second[] = {"PATH=/etc:/usr/bin", NULL};
	struct child_ask ask = {.argv = argv, .mark = running_mark(), .environment = elsewhere};
	struct ended ended = run(*state, &ask);

	assert_false(ended.started);
	assert_non_null(strstr(ended.error, "\"env\""));
	assert_non_null(strstr(ended.error, "/usr/share:/etc"));
	ask.environment = second;
	assert_true(run(*state, &ask).started);
	ask.environment = NULL;
	assert_true(run(*state, &ask).started);
}

/* Not starting. */

static void assert_not_started(struct event_base *base, const char *program, const char *folder,
			       const char *expected)
{
	const char *const argv[] = {program, NULL};
	const struct child_ask ask = {.argv = argv, .mark = running_mark(), .directory = folder};
	struct ended ended = run(base, &ask);

	assert_false(ended.started);
	assert_non_null(strstr(ended.error, expected));
	assert_string_equal(ended.output, "");
}

static void what_cannot_be_run_says_why(void **state)
{
	char path[] = "/tmp/firedrill-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "echo no shell runs this\n", 24), 24);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
	assert_not_started(*state, path, NULL, "#! line");
	assert_int_equal(chmod(path, 0600), 0);
	assert_not_started(*state, path, NULL, "make it executable");
	assert_int_equal(unlink(path), 0);
	assert_not_started(*state, path, NULL, "No such file");
	assert_not_started(*state, "", NULL, "no command");
	assert_not_started(*state, "/bin/true", "/nowhere", "/nowhere");
}

/* A child that is asked to tell when it runs, and is then ended or cancelled. */
struct begun {
	struct ended ended;
	struct child *child; /* borrowed */
	bool cancels, told;
	size_t times;
};

static void begun_keep(void *arg)
{
	struct begun *begun = arg;

	begun->times++;
	begun->told = true;
	if (begun->cancels)
		child_cancel(begun->child);
	else
		child_signal(begun->child, SIGTERM);
}

static void begun_end(void *arg, const struct child_end *end)
{
	ended_keep(&((struct begun *)arg)->ended, end);
}

static void begin(struct event_base *base, const char *program, struct begun *begun)
{
	const char *const argv[] = {program, "60", NULL};
	const struct child_ask ask = {.argv = argv, .mark = running_mark()};

	begun->child = child_start(base, &ask, NULL, begun_end, begun);
	child_tell_running(begun->child, begun_keep);
	assert_int_equal(begun->times, 0); /* only from the loop */
}

static void that_a_program_runs_is_told_once(void **state)
{
	struct begun begun = {0};

	begin(*state, "/bin/sleep", &begun);
	loop_until(*state, &begun.ended.done);
	assert_int_equal(begun.times, 1);
	assert_int_equal(begun.ended.status, 128 + SIGTERM);
}

static void a_program_that_cannot_be_run_is_not_told_to_run(void **state)
{
	struct begun begun = {0}, unknown = {0};

	begin(*state, "/nowhere/worker", &begun);
	begin(*state, "no-such-program", &unknown);
	loop_until(*state, &begun.ended.done);
	loop_until(*state, &unknown.ended.done);
	assert_int_equal(begun.times + unknown.times, 0);
	assert_non_null(strstr(begun.ended.error, "/nowhere/worker"));
}

static void a_child_can_be_cancelled_when_it_begins(void **state)
{
	struct begun begun = {.cancels = true};

	begin(*state, "/bin/sleep", &begun);
	loop_until(*state, &begun.told);
	running_until_none(*state, running_mark());
	assert_int_equal(run_script(*state, "exit 0").status, 0); /* the sentinel */
	assert_int_equal(begun.ended.times, 0);
}

/* Runs part in a forked process, and fails the test unless it returned true. */
static void apart(bool (*part)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(part() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct ended run_apart(const char *script)
{
	struct event_base *base = event_base_new();
	const char *argv[4];
	struct child_ask ask = running_script(script, argv);
	struct ended ended = {0};

	(void)child_start(base, &ask, NULL, ended_keep, &ended);
	while (!ended.done)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_base_free(base);
	return ended;
}

static bool run_without_descriptors(void)
{
	struct ended ended;

	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	(void)close(STDERR_FILENO);
	ended = run_apart("cat; echo out; echo err >&2");
	return ended.status == 0 && strcmp(ended.output, "out\nerr\n") == 0;
}

static void a_child_starts_well_where_our_own_standard_streams_are_closed(void **state)
{
	(void)state;
	apart(run_without_descriptors);
}

static bool run_out_of_descriptors(void)
{
	struct rlimit limit = {0};
	struct event_base *base = event_base_new();
	const char *argv[4];
	struct child_ask ask = running_script("exit 0", argv);
	struct ended ended = {0};
	int next = dup(STDERR_FILENO), after;

	(void)close(next);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)next + 3; /* one pipe, but not two */
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	(void)child_start(base, &ask, NULL, ended_keep, &ended);
	while (!ended.done)
		(void)event_base_loop(base, EVLOOP_ONCE);
	after = dup(STDERR_FILENO);
	event_base_free(base);
	return !ended.started && strstr(ended.error, "ulimit -n") != NULL && after == next;
}

static void without_descriptors_nothing_starts_and_none_is_lost(void **state)
{
	(void)state;
	apart(run_out_of_descriptors);
}

/* Output. */

static void both_streams_arrive_in_order_and_as_they_come(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("echo one; echo two >&2; echo three", argv);
	struct ended ended = {0};

	(void)child_start(*state, &ask, ended_output, ended_keep, &ended);
	loop_until(*state, &ended.done);
	assert_string_equal(ended.output, "one\ntwo\nthree\n");
	assert_string_equal(ended.live, ended.output);
}

/* The last bytes of what `seq 1 100000` prints. */
static void assert_end_of_seq(struct event_base *base, size_t limit)
{
	static char all[700000];
	const char *argv[4];
	struct child_ask ask = running_script("seq 1 100000", argv);
	struct ended ended;
	size_t len = 0;

	for (int i = 1; i <= 100000; i++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%d\n", i);
	ask.output_limit = limit;
	ended = run(base, &ask);
	assert_int_equal(ended.status, 0);
	assert_string_equal(ended.output, all + len - limit);
}

static void only_the_newest_output_is_kept(void **state)
{
	static const size_t limits[] = {1, 7, 100, 8192, 16384, 20000, 30000};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		assert_end_of_seq(*state, limits[i]);
}

static void kept_output_is_a_text_that_starts_with_a_whole_character(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("printf 'a\\0\\303\\244\\303\\244'", argv);

	assert_string_equal(run(*state, &ask).output, "a?\303\244\303\244");
	ask.output_limit = 3;
	assert_string_equal(run(*state, &ask).output, "\303\244");
}

/* Ends. */

static void an_exit_status_and_a_signal_are_told_apart(void **state)
{
	assert_int_equal(run_script(*state, "exit 0").status, 0);
	assert_int_equal(run_script(*state, "exit 3").status, 3);
	assert_int_equal(run_script(*state, "kill -TERM $$").status, 128 + SIGTERM);
	assert_int_equal(run_script(*state, "kill -KILL $$").status, 128 + SIGKILL);
	assert_false(run_script(*state, "kill -KILL $$").timed_out);
}

static void the_end_waits_for_nobody_who_holds_the_output_open(void **state)
{
	struct ended ended = run_script(*state, "sleep 1000 & echo left one behind");

	assert_int_equal(ended.status, 0);
	assert_string_equal(ended.output, "left one behind\n");
	running_until_sleeping(*state, 1);
	assert_int_equal(child_signal_marked(running_mark(), SIGKILL), 1);
	running_until_none(*state, running_mark());
}

/* With more time, too: on a busy machine the first may be over before the script has said anything. */
static struct ended run_out_of_time(struct event_base *base, struct child_ask *ask,
				    const char *said)
{
	struct ended ended;

	ask->timeout_ms = 1000;
	ended = run(base, ask);
	while (strstr(ended.output, said) == NULL && ask->timeout_ms < 20000) {
		ask->timeout_ms *= 3;
		ended = run(base, ask);
	}
	return ended;
}

static void a_timeout_ends_the_whole_group(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script(
	    "trap '' TERM INT HUP; (trap '' TERM; exec sleep 1000) & echo ready; wait", argv);
	struct ended ended = run_out_of_time(*state, &ask, "ready\n");

	assert_true(ended.started);
	assert_true(ended.timed_out);
	assert_int_equal(ended.status, 128 + SIGKILL);
	assert_string_equal(ended.output, "ready\n");
	running_until_none(*state, running_mark());
}

static void a_flood_of_output_does_not_hold_up_the_time_limit(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("yes", argv);
	struct ended ended;

	ask.output_limit = 10;
	ended = run_out_of_time(*state, &ask, "y");
	assert_true(ended.timed_out);
	assert_int_equal(strlen(ended.output), 10);
}

static void a_signal_reaches_the_whole_group(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("sleep 1000 & echo ready; wait", argv);
	struct ended ended = {0};
	struct child *child = child_start(*state, &ask, ended_output, ended_keep, &ended);

	running_until_output(*state, &ended, "ready");
	child_signal(child, SIGTERM);
	loop_until(*state, &ended.done);
	assert_int_equal(ended.status, 128 + SIGTERM);
	running_until_none(*state, running_mark());
}

/* Cancelling. */

static void a_cancelled_child_never_reports_and_nothing_of_it_is_left(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("trap '' TERM; sleep 1000 & echo ready; wait", argv);
	struct ended early = {0}, late = {0};
	struct child *child;

	child_cancel(child_start(*state, &ask, NULL, ended_keep, &early));
	child = child_start(*state, &ask, ended_output, ended_keep, &late);
	running_until_output(*state, &late, "ready");
	child_cancel(child);
	child_cancel(NULL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
	running_until_none(*state, running_mark());
	assert_int_equal(run_script(*state, "exit 0").status, 0); /* the sentinel */
	assert_int_equal(early.times, 0);
	assert_int_equal(late.times, 0);
}

static void a_child_that_never_started_can_be_cancelled(void **state)
{
	static const char *const argv[] = {"/nowhere/at/all", NULL};
	static const char *const nameless[] = {"no-such-program", NULL};
	struct ended ended = {0};
	struct child_ask ask = {.argv = argv, .mark = running_mark()};

	child_cancel(child_start(*state, &ask, NULL, ended_keep, &ended));
	ask.argv = nameless;
	child_cancel(child_start(*state, &ask, NULL, ended_keep, &ended));
	assert_int_equal(run_script(*state, "exit 0").status, 0); /* the sentinel */
	assert_int_equal(ended.times, 0);
}

struct impatient {
	struct child *child; /* borrowed */
	size_t outputs, ends;
};

static void cancel_at_output(void *arg, const char *data, size_t len)
{
	struct impatient *impatient = arg;

	(void)data;
	(void)len;
	impatient->outputs++;
	child_cancel(impatient->child);
}

static void cancel_at_end(void *arg, const struct child_end *end)
{
	struct impatient *impatient = arg;

	(void)end;
	impatient->ends++;
	child_cancel(impatient->child);
}

static bool has_told(void *arg)
{
	const struct impatient *impatient = arg;

	return impatient->outputs + impatient->ends > 0;
}

/* Its output and its end are there together when the loop first looks. */
static void a_child_may_be_cancelled_from_its_last_output(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("echo ready", argv);

	for (int i = 0; i < 20; i++) {
		struct impatient impatient = {0};
		siginfo_t gone;

		impatient.child =
		    child_start(*state, &ask, cancel_at_output, cancel_at_end, &impatient);
		assert_int_equal(waitid(P_ALL, 0, &gone, WEXITED | WNOWAIT), 0);
		loop_until_true(*state, has_told, &impatient);
		assert_int_equal(impatient.outputs, 1);
		assert_int_equal(impatient.ends, 0);
	}
}

static void a_child_may_be_cancelled_from_its_own_callbacks(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("echo ready; sleep 1000", argv);
	struct impatient impatient = {0}, at_end = {0};

	impatient.child = child_start(*state, &ask, cancel_at_output, cancel_at_end, &impatient);
	loop_until_true(*state, has_told, &impatient);
	running_until_none(*state, running_mark());
	ask = running_script("exit 0", argv);
	at_end.child = child_start(*state, &ask, NULL, cancel_at_end, &at_end);
	loop_until_true(*state, has_told, &at_end);
	assert_int_equal(impatient.outputs, 1);
	assert_int_equal(impatient.ends, 0);
	assert_int_equal(at_end.ends, 1);
}

/* Finding processes again. */

static void only_the_exact_mark_is_found(void **state)
{
	const char *argv[4];
	struct child_ask ask = running_script("exec sleep 1000", argv);
	struct ended ended = {0};
	struct child *child = child_start(*state, &ask, ended_output, ended_keep, &ended);
	char shorter[ID_LEN + 1], longer[ID_LEN + 2];

	(void)snprintf(shorter, sizeof shorter, "%.*s", ID_LEN - 1, running_mark());
	(void)snprintf(longer, sizeof longer, "%s2", running_mark());
	running_until_sleeping(*state, 1);
	assert_int_equal(child_signal_marked(shorter, SIGKILL), 0);
	assert_int_equal(child_signal_marked(longer, SIGKILL), 0);
	assert_int_equal(child_signal_marked("", SIGKILL), 0);
	assert_int_equal(child_signal_marked(running_mark(), 0), 1);
	assert_false(ended.done);
	assert_int_equal(child_signal_marked(running_mark(), SIGKILL), 1);
	loop_until(*state, &ended.done);
	assert_int_equal(ended.status, 128 + SIGKILL);
	(void)child;
}

static void we_do_not_find_ourselves(void **state)
{
	const char *const argv[] = {program_invocation_name, running_mark(), NULL};
	const struct child_ask ask = {.argv = argv, .mark = running_mark()};

	assert_int_equal(run(*state, &ask).status, 0);
}

/* Starts a child, waits until it runs, and dies without a word. */
static void live_and_die(void)
{
	struct event_base *base = event_base_new();
	const char *argv[4];
	struct child_ask ask = running_script("echo ready; exec sleep 1000", argv);
	struct ended ended = {0};

	(void)child_start(base, &ask, ended_output, ended_keep, &ended);
	while (strstr(ended.live, "ready") == NULL)
		(void)event_base_loop(base, EVLOOP_ONCE);
	(void)raise(SIGKILL);
}

static void a_child_dies_with_us(void **state)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		live_and_die();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	running_until_none(*state, running_mark());
}

static void what_an_earlier_life_left_behind_is_found_and_ended(void **state)
{
	const char *argv[4];
	struct child_ask ask =
	    running_script("(setsid sleep 1000 &) ; (sleep 1000 &) ; echo ready", argv);

	assert_int_equal(run(*state, &ask).status, 0);
	running_until_sleeping(*state, 2);
	assert_int_equal(child_signal_marked(running_mark(), 0), 2);
	assert_int_equal(child_signal_marked(running_mark(), SIGKILL), 2);
	running_until_none(*state, running_mark());
}

int main(int argc, char **argv)
{
#define child_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    child_test(a_child_gets_exactly_the_environment_given_and_its_mark),
	    child_test(a_child_holds_no_descriptor_of_ours),
	    child_test(a_child_starts_with_every_signal_as_usual),
	    child_test(a_child_reads_nothing_from_us),
	    child_test(a_child_leads_a_group_of_its_own),
	    child_test(a_child_runs_in_the_folder_asked_for),
	    child_test(a_program_is_looked_for_in_the_path_that_the_child_gets),
	    child_test(what_cannot_be_run_says_why),
	    child_test(that_a_program_runs_is_told_once),
	    child_test(a_program_that_cannot_be_run_is_not_told_to_run),
	    child_test(a_child_can_be_cancelled_when_it_begins),
	    child_test(a_child_starts_well_where_our_own_standard_streams_are_closed),
	    child_test(without_descriptors_nothing_starts_and_none_is_lost),
	    child_test(both_streams_arrive_in_order_and_as_they_come),
	    child_test(only_the_newest_output_is_kept),
	    child_test(kept_output_is_a_text_that_starts_with_a_whole_character),
	    child_test(an_exit_status_and_a_signal_are_told_apart),
	    child_test(the_end_waits_for_nobody_who_holds_the_output_open),
	    child_test(a_timeout_ends_the_whole_group),
	    child_test(a_flood_of_output_does_not_hold_up_the_time_limit),
	    child_test(a_signal_reaches_the_whole_group),
	    child_test(a_cancelled_child_never_reports_and_nothing_of_it_is_left),
	    child_test(a_child_that_never_started_can_be_cancelled),
	    child_test(a_child_may_be_cancelled_from_its_own_callbacks),
	    child_test(a_child_may_be_cancelled_from_its_last_output),
	    child_test(only_the_exact_mark_is_found),
	    child_test(we_do_not_find_ourselves),
	    child_test(a_child_dies_with_us),
	    child_test(what_an_earlier_life_left_behind_is_found_and_ended),
	};

	if (argc > 1) /* started by we_do_not_find_ourselves */
		return (int)child_signal_marked(argv[1], SIGKILL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
