/* Running the loop in a test until something has happened. */
#include "tests/support/loop.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define GUARD_SECONDS 50 /* ctest ends most tests after 60; only one that fails comes near it */
#define LOOK_MS \
	20 /* between two looks at what the loop is not told of: a file, the other end of a socket */

static void on_guard(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* ends a turn of the loop */
}

void loop_until_true(struct event_base *base, bool (*condition)(void *arg), void *arg)
{
	const struct timeval limit = {.tv_sec = GUARD_SECONDS}, often = {.tv_usec = LOOK_MS * 1000};
	bool expired = false;
	struct event *guard = evtimer_new(base, on_guard, &expired);
	struct event *look = event_new(base, -1, EV_PERSIST, on_look, NULL);

	assert_non_null(guard);
	assert_non_null(look);
	assert_int_equal(evtimer_add(guard, &limit), 0);
	assert_int_equal(event_add(look, &often), 0);
	while (!condition(arg) && !expired)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_free(look);
	event_free(guard);
	if (expired && !condition(arg))
		fail_msg("nothing happened for %d seconds", GUARD_SECONDS);
}

static bool is_set(void *arg)
{
	return **(const bool **)arg;
}

void loop_until(struct event_base *base, const bool *flag)
{
	loop_until_true(base, is_set, &flag);
}
