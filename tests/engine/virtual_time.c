/* Time that moves only when nobody has anything to do. */
#include "tests/engine/virtual_time.h"

#include <event2/event.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clock.h"

#define DAY_MS INT64_C(86400000)

static struct {
	int64_t us;      /* since the start of the machine */
	int64_t wall_us; /* of the wall clock at that time */
	int kernel_ms;   /* really waited for events before time moves */
} now = {INT64_C(1000000000), INT64_C(1700000000000000), 0};

int clock_gettime(clockid_t id, struct timespec *ret_time)
{
	int64_t us = now.us + (id == CLOCK_REALTIME ? now.wall_us : 0);

	*ret_time = (struct timespec){us / 1000000, us % 1000000 * 1000};
	return 0;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
	int64_t us = now.us + now.wall_us;

	(void)zone;
	*ret_time = (struct timeval){us / 1000000, us % 1000000};
	return 0;
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
	int really_ms = timeout_ms != 0 ? now.kernel_ms : 0;
	int ready =
	    (int)syscall(SYS_epoll_pwait, fd, events, count, really_ms, NULL, (size_t)_NSIG / 8);

	if (ready == 0 && timeout_ms > 0)
		now.us += (int64_t)timeout_ms * 1000;
	return ready;
}

void virtual_time_jump_wall(int64_t ms)
{
	now.wall_us += ms * 1000;
}

void virtual_time_wait_for_kernel(int ms)
{
	now.kernel_ms = ms;
}

void virtual_time_take(int64_t ms)
{
	now.us += ms * 1000;
}

bool virtual_time_run(struct event_base *base, bool (*condition)(void *arg), void *arg)
{
	int64_t end_ms = clock_ms() + DAY_MS;

	while (!condition(arg)) {
		if (event_base_loop(base, EVLOOP_ONCE) != 0 || clock_ms() > end_ms)
			return condition(arg);
	}
	return true;
}

static void on_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static bool is_over(void *arg)
{
	return *(bool *)arg;
}

void virtual_time_pass(struct event_base *base, int64_t ms)
{
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};
	bool over = false;

	(void)event_base_once(base, -1, EV_TIMEOUT, on_over, &over, &delay);
	(void)virtual_time_run(base, is_over, &over);
}
