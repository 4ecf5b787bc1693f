/* The guardian's sleep: what ends it, and what does not.  A child plays the guardian, and says by
 * its exit status how it ended; this process, or another child, plays firedrill. */
#include "src/program/guardian_watch.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/program/wire.h"

#define DRILL   "fd-k3q9x2m7"
#define NO_MAIN 77 /* exit status: nobody to watch over was found */

struct guarded {
	pid_t guardian;
	int socket; /* owned; firedrill's end */
};

_Noreturn static void be_guardian(int socket)
{
	struct watched firedrill;
	struct watch_held held;
	enum watch_end end;

	if (!watched_find(socket, &firedrill))
		_exit(NO_MAIN);
	end = watch_run(socket, &firedrill, &held);
	if (end == WATCH_HUNG)
		watched_kill(&firedrill);
	_exit((int)end);
}

static struct guarded start(void)
{
	struct guarded guarded;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	guarded.guardian = fork();
	if (guarded.guardian == 0) {
		(void)close(ends[0]);
		be_guardian(ends[1]);
	}
	assert_true(guarded.guardian > 0);
	(void)close(ends[1]);
	guarded.socket = ends[0];
	return guarded;
}

static void say(const struct guarded *guarded, enum wire_word word, int64_t lease_ms)
{
	struct wire_message message = {.word = (uint32_t)word, .lease_ms = lease_ms};

	if (word == WIRE_HOLD || word == WIRE_RELEASE)
		(void)strcpy(message.drill, DRILL);
	assert_true(wire_send(guarded->socket, &message));
}

/* How it ended. */
static int finish(const struct guarded *guarded)
{
	int status = 0;

	assert_int_equal(waitpid(guarded->guardian, &status, 0), guarded->guardian);
	(void)close(guarded->socket);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Lets time pass; true when the guardian spoke meanwhile. */
static bool pass(const struct guarded *guarded, int ms)
{
	struct pollfd news = {.fd = guarded->socket, .events = POLLIN};

	return poll(&news, 1, ms) > 0;
}

static void a_good_bye_ends_it(void **state)
{
	struct guarded guarded = start();

	(void)state;
	say(&guarded, WIRE_HOLD, 60000);
	say(&guarded, WIRE_BYE, 0);
	assert_int_equal(finish(&guarded), WATCH_BYE);
}

static void a_good_bye_counts_when_firedrill_is_gone_already(void **state)
{
	struct guarded guarded = start();

	(void)state;
	assert_int_equal(kill(guarded.guardian, SIGSTOP), 0);
	say(&guarded, WIRE_TICK, 0);
	say(&guarded, WIRE_BYE, 0);
	(void)close(guarded.socket);
	guarded.socket = -1;
	assert_int_equal(kill(guarded.guardian, SIGCONT), 0);
	assert_int_equal(finish(&guarded), WATCH_BYE);
}

static void a_socket_that_closes_without_a_word_is_a_death(void **state)
{
	struct guarded guarded = start();

	(void)state;
	say(&guarded, WIRE_HOLD, 60000);
	(void)close(guarded.socket);
	guarded.socket = -1;
	assert_int_equal(finish(&guarded), WATCH_DIED);
}

static void a_tick_is_answered(void **state)
{
	struct guarded guarded = start();
	struct wire_message message;

	(void)state;
	say(&guarded, WIRE_TICK, 0);
	assert_true(pass(&guarded, 50000));
	assert_int_equal(wire_receive(guarded.socket, &message), WIRE_MESSAGE);
	assert_int_equal(message.word, WIRE_TOCK);
	say(&guarded, WIRE_BYE, 0);
	assert_int_equal(finish(&guarded), WATCH_BYE);
}

static void nonsense_is_passed_over(void **state)
{
	static const char drills[][ID_LEN + 1] = {"", "fd-K3Q9X2M7", "k3q9x2m7", "fd-k3q9x2m"};
	struct guarded guarded = start();
	char huge[4096] = {1};

	(void)state;
	assert_int_equal(send(guarded.socket, "x", 1, 0), 1);
	assert_int_equal(send(guarded.socket, huge, sizeof huge, 0), sizeof huge);
	say(&guarded, (enum wire_word)99, 0);
	say(&guarded, WIRE_HOLD, -1);
	for (size_t i = 0; i < sizeof drills / sizeof drills[0]; i++) {
		struct wire_message message = {.word = WIRE_HOLD};

		memcpy(message.drill, drills[i], sizeof message.drill);
		assert_true(wire_send(guarded.socket, &message));
	}
	say(&guarded, WIRE_BYE, 0);
	assert_int_equal(finish(&guarded), WATCH_BYE);
}

/* These take some seconds each, so they run at once. */
static void a_lease_that_is_over_counts_only_without_a_sign_of_life(void **state)
{
	struct guarded ticking = start(), released = start(), leased = start(), asleep = start();

	(void)state;
	say(&ticking, WIRE_HOLD, 0);
	say(&released, WIRE_HOLD, 0);
	say(&released, WIRE_RELEASE, 0);
	say(&leased, WIRE_HOLD, 60000);
	say(&asleep, WIRE_HOLD, 0);
	assert_int_equal(kill(asleep.guardian, SIGSTOP), 0);
	for (int i = 0; i < 7; i++) {
		(void)poll(NULL, 0, 1000); /* WATCH_PATIENCE_MS and two seconds in all */
		say(&ticking, WIRE_TICK, 0);
	}
	/* The machine slept: firedrill gets its time anew, and uses it. */
	assert_int_equal(kill(asleep.guardian, SIGCONT), 0);
	assert_false(pass(&asleep, 500));
	say(&asleep, WIRE_BYE, 0);
	say(&ticking, WIRE_BYE, 0);
	say(&released, WIRE_BYE, 0);
	say(&leased, WIRE_BYE, 0);
	assert_int_equal(finish(&asleep), WATCH_BYE);
	assert_int_equal(finish(&ticking), WATCH_BYE);
	assert_int_equal(finish(&released), WATCH_BYE);
	assert_int_equal(finish(&leased), WATCH_BYE);
}

static void one_that_hangs_is_killed(void **state)
{
	pid_t firedrill = fork();
	int status = 0;

	(void)state;
	if (firedrill == 0) {
		struct guarded guarded = start();

		say(&guarded, WIRE_HOLD, 0);
		for (;;)
			(void)pause();
	}
	assert_int_equal(waitpid(firedrill, &status, 0), firedrill);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void only_a_parent_that_lives_is_watched_over(void **state)
{
	int ends[2], status = 0;
	pid_t middle;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	middle = fork();
	if (middle == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			be_guardian(ends[1]); /* its parent did not make the socket */
		(void)waitpid(grandchild, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(WEXITSTATUS(status), NO_MAIN);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_bye_ends_it),
	    cmocka_unit_test(a_good_bye_counts_when_firedrill_is_gone_already),
	    cmocka_unit_test(a_socket_that_closes_without_a_word_is_a_death),
	    cmocka_unit_test(a_tick_is_answered),
	    cmocka_unit_test(nonsense_is_passed_over),
	    cmocka_unit_test(a_lease_that_is_over_counts_only_without_a_sign_of_life),
	    cmocka_unit_test(one_that_hangs_is_killed),
	    cmocka_unit_test(only_a_parent_that_lives_is_watched_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
