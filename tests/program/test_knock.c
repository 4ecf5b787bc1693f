/* Looking for a daemon: what answers may be none, or none of ours. */
#include "src/program/serve/knock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"

#define LIMIT_MS  60000 /* whoever answers needs no hundredth of it */
#define SILENT_MS 300

struct world {
	char folder[64];
	char *state, *path; /* owned */
	pid_t child;
	struct knock_host host;
	int64_t limit_ms;
	struct error error;
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);

	(void)strcpy(world->folder, "/tmp/firedrill-knock-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->state = mem_printf("%s/firedrill.db", world->folder);
	world->path = door_path(world->state);
	world->host.fd = -1;
	world->limit_ms = LIMIT_MS;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	if (world->child > 1) {
		(void)kill(world->child, SIGKILL);
		(void)waitpid(world->child, NULL, 0);
	}
	knock_done(&world->host);
	(void)unlink(world->path);
	assert_int_equal(rmdir(world->folder), 0);
	free(world->state);
	free(world->path);
	free(world);
	return 0;
}

static int listen_there(const struct world *world, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	(void)strcpy(address.sun_path, world->path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 0), 0);
	return fd;
}

/* Somebody who answers with these bytes and waits until we are gone. */
static void answer(struct world *world, const char *data, size_t len)
{
	int listener = listen_there(world, SOCK_SEQPACKET);

	world->child = fork();
	assert_true(world->child >= 0);
	if (world->child == 0) {
		int fd = accept(listener, NULL, NULL);
		char byte;

		if (len > 0)
			(void)!send(fd, data, len, MSG_NOSIGNAL);
		else
			_exit(0);
		(void)!recv(fd, &byte, 1, 0);
		_exit(0);
	}
	(void)close(listener);
}

static enum knock_result try(struct world *world)
{
	return knock(world->state, world->limit_ms, &world->host, &world->error);
}

static void assert_fails(struct world *world, const char *words)
{
	assert_int_equal(try(world), KNOCK_FAILED);
	assert_non_null(strstr(world->error.text, words));
	assert_non_null(strstr(world->error.text, "--alone"));
}

static void test_nobody_is_there(void **state)
{
	struct world *world = *state;

	assert_int_equal(try(world), KNOCK_NOBODY);
	free(world->state);
	world->state = mem_printf("%s/nowhere/firedrill.db", world->folder);
	assert_int_equal(try(world), KNOCK_NOBODY);
}

static void test_the_socket_of_a_dead_daemon_is_nobody(void **state)
{
	struct world *world = *state;

	(void)close(listen_there(world, SOCK_SEQPACKET));
	assert_int_equal(access(world->path, F_OK), 0);
	assert_int_equal(try(world), KNOCK_NOBODY);
}

static void test_a_socket_of_another_kind_is_nobody(void **state)
{
	struct world *world = *state;
	int fd = listen_there(world, SOCK_STREAM);

	assert_int_equal(try(world), KNOCK_NOBODY);
	(void)close(fd);
}

static void test_a_daemon_that_says_nothing_is_not_waited_for(void **state)
{
	struct world *world = *state;
	int fd = listen_there(world, SOCK_SEQPACKET);

	world->limit_ms = SILENT_MS;
	assert_fails(world, "does not answer");
	(void)close(fd);
}

/* The first fills the queue, so that the next does not even come in. */
static void test_a_daemon_that_lets_nobody_in_is_not_waited_for(void **state)
{
	struct world *world = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = listen_there(world, SOCK_SEQPACKET);
	int first = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	(void)strcpy(address.sun_path, world->path);
	assert_int_equal(connect(first, (const struct sockaddr *)&address, sizeof address), 0);
	world->limit_ms = SILENT_MS;
	assert_fails(world, "does not answer");
	(void)close(first);
	(void)close(fd);
}

static void test_a_daemon_that_ends_in_this_moment_is_nobody(void **state)
{
	struct world *world = *state;

	answer(world, "", 0);
	assert_int_equal(try(world), KNOCK_NOBODY);
}

static void test_another_version_is_told(void **state)
{
	static const char hello[] = "firedrill-door 7\0bonjour\0";
	struct world *world = *state;

	answer(world, hello, sizeof hello - 1);
	assert_fails(world, "another version (it speaks 7");
}

static void test_something_else_that_answers_is_told(void **state)
{
	static const char hello[] = "220 mail.example ESMTP\r\n";
	struct world *world = *state;

	answer(world, hello, sizeof hello - 1);
	assert_fails(world, "is no firedrill");
}

static void test_a_daemon_that_has_no_room_is_quoted_without_its_control_characters(void **state)
{
	static const char no[] = "firedrill-door 1\0no\0text=come later\033[2J, or --alone\0";
	struct world *world = *state;

	answer(world, no, sizeof no - 1);
	assert_fails(world, "come later");
	assert_null(strchr(world->error.text, '\033'));
}

static void test_looking_at_a_daemon_that_has_no_room(void **state)
{
	static const char no[] = "firedrill-door 1\0no\0text=come later\0";
	struct world *world = *state;
	struct door_look look;

	answer(world, no, sizeof no - 1);
	assert_false(door_look(world->state, &look));
}

static void test_a_greeting_is_read(void **state)
{
	static const char hello[] = "firedrill-door 1\0hello\0pid=1\0since=12\0loaded=-3\0"
				    "guests=9999999999\0later=x\0config=/etc/x.cfg\0config=/y\0";
	struct world *world = *state;
	struct door_look look;

	answer(world, hello, sizeof hello - 1);
	assert_int_equal(try(world), KNOCK_OPEN);
	assert_int_equal(world->host.pid, getpid()); /* whoever called listen, by the kernel */
	assert_true(world->host.since_wall_ms == 12);
	assert_true(world->host.loaded_wall_ms == 0);
	assert_true(world->host.guests == 0);
	assert_string_equal(world->host.config, "/y");
	assert_false(door_look("/nowhere/firedrill.db", &look));
}

/* One that somebody else put there. */
static void test_a_door_of_another_user_gets_nothing(void **state)
{
	struct world *world = *state;
	int ready[2];
	char byte;

	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(chmod(world->folder, 0777), 0);
	world->child = fork();
	assert_true(world->child >= 0);
	if (world->child == 0) {
		int fd =
		    setresuid(65534, 65534, 65534) == 0 ? listen_there(world, SOCK_SEQPACKET) : -1;

		(void)!write(ready[1], "x", 1);
		_exit(fd >= 0 ? pause() : 2);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	assert_fails(world, "of another user (nobody) answers for this state file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nobody_is_there),
	    TEST(test_the_socket_of_a_dead_daemon_is_nobody),
	    TEST(test_a_socket_of_another_kind_is_nobody),
	    TEST(test_a_daemon_that_says_nothing_is_not_waited_for),
	    TEST(test_a_daemon_that_lets_nobody_in_is_not_waited_for),
	    TEST(test_a_daemon_that_ends_in_this_moment_is_nobody),
	    TEST(test_another_version_is_told),
	    TEST(test_something_else_that_answers_is_told),
	    TEST(test_a_daemon_that_has_no_room_is_quoted_without_its_control_characters),
	    TEST(test_looking_at_a_daemon_that_has_no_room),
	    TEST(test_a_greeting_is_read),
	    TEST(test_a_door_of_another_user_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
