/* What a service manager is told, and one that does not listen. */
#include "src/program/serve/service.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "tests/support/loop.h"

#define HEARD_MAX 64

/* A manager with a name of its own, and what it heard. */
struct manager {
	int fd;
	struct event_base *base;
	struct event *reads;
	char heard[HEARD_MAX][256];
	size_t count;
	const char *wanted; /* as the last one */
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct manager *manager = arg;
	char *text = manager->heard[manager->count];
	ssize_t len = recv(fd, text, sizeof manager->heard[0] - 1, MSG_DONTWAIT);

	(void)what;
	if (len > 0 && strcmp(text, "filler") != 0 && manager->count + 1 < HEARD_MAX)
		manager->count++;
	else
		memset(text, 0, sizeof manager->heard[0]);
}

static int setup(void **state)
{
	struct manager *manager = mem_zalloc(sizeof *manager);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 1;
	char text[64];

	(void)snprintf(text, sizeof text, "@firedrill-test-service-%d", (int)getpid());
	memcpy(name.sun_path + 1, text + 1, strlen(text + 1));
	len += (socklen_t)strlen(text + 1);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager->fd, (struct sockaddr *)&name, len), 0);
	manager->base = event_base_new();
	manager->reads =
	    event_new(manager->base, manager->fd, EV_READ | EV_PERSIST, on_readable, manager);
	(void)setenv("NOTIFY_SOCKET", text, 1);
	(void)unsetenv("WATCHDOG_USEC");
	*state = manager;
	return 0;
}

static int teardown(void **state)
{
	struct manager *manager = *state;

	event_free(manager->reads);
	event_base_free(manager->base);
	(void)close(manager->fd);
	free(manager);
	return 0;
}

/* No more goes in until somebody reads. */
static void fill(const struct manager *manager)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t len = sizeof name;

	assert_int_equal(getsockname(manager->fd, (struct sockaddr *)&name, &len), 0);
	while (sendto(fd, "filler", 6, MSG_DONTWAIT, (struct sockaddr *)&name, len) == 6)
		continue;
	(void)close(fd);
}

static bool has_heard(void *arg)
{
	const struct manager *manager = arg;

	return manager->count > 0 &&
	       strcmp(manager->heard[manager->count - 1], manager->wanted) == 0;
}

static void hear(struct manager *manager, const char *last)
{
	manager->wanted = last;
	(void)event_add(manager->reads, NULL);
	loop_until_true(manager->base, has_heard, manager);
}

static void a_manager_is_told_in_order(void **state)
{
	struct manager *manager = *state;
	struct error error = {""};
	struct service *service = service_new(manager->base, &error);

	assert_non_null(service);
	service_status(service, "two\nlines");
	service_ready(service);
	service_stopping(service);
	hear(manager, "STOPPING=1");
	assert_int_equal(manager->count, 3);
	assert_string_equal(manager->heard[0], "STATUS=two lines");
	assert_string_equal(manager->heard[1], "READY=1");
	service_free(service);
}

static void one_that_does_not_read_is_told_later_and_waited_for_by_nobody(void **state)
{
	struct manager *manager = *state;
	struct error error = {""};
	struct service *service;

	(void)setenv("WATCHDOG_USEC", "60000000", 1);
	service = service_new(manager->base, &error);
	assert_non_null(service);
	fill(manager);
	(void)alarm(60); /* a call that waits for it would wait for ever */
	service_status(service, "well");
	service_ready(service);
	service_reloading(service);
	for (int i = 0; i < 1000; i++)
		service_status(service, "again");
	(void)alarm(0);
	assert_int_equal(manager->count, 0);
	hear(manager, "STATUS=again");
	assert_string_equal(manager->heard[0], "STATUS=well");
	assert_string_equal(manager->heard[1], "READY=1");
	assert_memory_equal(manager->heard[2], "RELOADING=1\nMONOTONIC_USEC=", 27);
	service_free(service);
}

/* By its own turn it would come in an hour. */
static void a_sign_of_life_without_room_comes_as_soon_as_there_is(void **state)
{
	struct manager *manager = *state;
	struct error error = {""};
	struct service *service;

	(void)setenv("WATCHDOG_USEC", "7200000000", 1);
	service = service_new(manager->base, &error);
	assert_non_null(service);
	fill(manager);
	service_ready(service);
	hear(manager, "WATCHDOG=1");
	assert_int_equal(manager->count, 2);
	assert_string_equal(manager->heard[0], "READY=1");
	service_free(service);
}

static void what_waits_for_ever_is_dropped_in_the_end(void **state)
{
	struct manager *manager = *state;
	struct error error = {""};
	struct service *service = service_new(manager->base, &error);

	fill(manager);
	service_ready(service);
	service_free(service);
}

static void without_a_manager_nobody_is_told(void **state)
{
	struct manager *manager = *state;
	struct error error = {""};
	struct service *service;

	(void)unsetenv("NOTIFY_SOCKET");
	service = service_new(manager->base, &error);
	assert_non_null(service);
	service_ready(service);
	service_free(service);
	(void)setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	service = service_new(manager->base, &error);
	assert_non_null(service);
	service_ready(service);
	service_free(service);
}

static void a_socket_that_cannot_be_one_is_said(void **state)
{
	struct manager *manager = *state;
	char long_one[256] = "/";
	struct error error = {""};

	memset(long_one + 1, 'x', sizeof long_one - 2);
	for (size_t i = 0; i < 2; i++) {
		(void)setenv("NOTIFY_SOCKET", i == 0 ? "vsock:2:1" : long_one, 1);
		assert_null(service_new(manager->base, &error));
		assert_non_null(strstr(error.text, "NOTIFY_SOCKET"));
	}
}

#define service_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    service_test(a_manager_is_told_in_order),
	    service_test(one_that_does_not_read_is_told_later_and_waited_for_by_nobody),
	    service_test(a_sign_of_life_without_room_comes_as_soon_as_there_is),
	    service_test(what_waits_for_ever_is_dropped_in_the_end),
	    service_test(without_a_manager_nobody_is_told),
	    service_test(a_socket_that_cannot_be_one_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
