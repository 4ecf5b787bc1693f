/* The guardian while all is well. It uses neither the loop nor anything else that the work of
 * putting right needs: asleep in poll(2) it costs nothing. */
#include "src/program/guardian_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/program/wire.h"

#define GONE_WAIT_MS 2000 /* for a killed process to go: longer only inside the kernel */
#define OVERSLEPT_MS 1000 /* a poll that took so much longer: we were stopped, too */
#define WAIT_MAX_MS  3600000
#define NEVER        INT64_MAX

struct held {
	char drill[ID_LEN + 1];
	int64_t due_ms; /* clock_ms() when its lease is over */
};

struct watch {
	int socket; /* borrowed */
	struct held held[WIRE_HOLDS_MAX];
	size_t count;
	int64_t tick_ms; /* clock_ms() of the last sign of life */
	bool said_bye, is_closed;
};

/* firedrill's process. */

bool watched_find(int socket, struct watched *ret_watched)
{
	struct ucred maker = {0};
	socklen_t size = sizeof maker;
	struct watched watched;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &maker, &size) != 0 || maker.pid <= 0)
		return false; /* 0: out of our sight, in another container */
	watched = (struct watched){.pid = maker.pid, .pidfd = pidfd_open(maker.pid, 0)};
	/* In this order: as long as it is our parent, its number is not another's. */
	if (getppid() == maker.pid) {
		*ret_watched = watched;
		return true;
	}
	if (watched.pidfd >= 0)
		(void)close(watched.pidfd);
	return false;
}

static bool is_gone(const struct watched *watched, int wait_ms)
{
	struct pollfd end = {.fd = watched->pidfd, .events = POLLIN};

	if (watched->pidfd >= 0)
		return poll(&end, 1, wait_ms) > 0;
	for (; getppid() == watched->pid && wait_ms > 0; wait_ms--)
		(void)poll(NULL, 0, 1);
	return getppid() != watched->pid;
}

void watched_kill(const struct watched *watched)
{
	if (is_gone(watched, 0))
		return;
	if (watched->pidfd >= 0)
		(void)pidfd_send_signal(watched->pidfd, SIGKILL, NULL, 0);
	else
		(void)kill(watched->pid, SIGKILL);
	(void)is_gone(watched, GONE_WAIT_MS);
}

/* What it says. */

static void hold(struct watch *watch, const struct wire_message *message)
{
	size_t i = 0;

	while (i < watch->count && strcmp(watch->held[i].drill, message->drill) != 0)
		i++;
	if (i == WIRE_HOLDS_MAX)
		return; /* it counts them itself, and stops before */
	if (i == watch->count)
		watch->count++;
	memcpy(watch->held[i].drill, message->drill, sizeof watch->held[i].drill);
	watch->held[i].due_ms =
	    message->lease_ms < NEVER - clock_ms() ? clock_ms() + message->lease_ms : NEVER;
}

static void release(struct watch *watch, const char *drill)
{
	for (size_t i = 0; i < watch->count; i++) {
		if (strcmp(watch->held[i].drill, drill) == 0)
			watch->held[i--] = watch->held[--watch->count];
	}
}

static void hear(struct watch *watch, const struct wire_message *message)
{
	watch->tick_ms = clock_ms();
	switch ((enum wire_word)message->word) {
	case WIRE_HOLD:
		hold(watch, message);
		break;
	case WIRE_RELEASE:
		release(watch, message->drill);
		break;
	case WIRE_TICK:
		(void)wire_send(watch->socket, &(struct wire_message){.word = WIRE_TOCK});
		break;
	case WIRE_BYE:
		watch->said_bye = true;
		break;
	case WIRE_READY: /* ours to say */
	case WIRE_TOCK:
	case WIRE_REFUSED:
		break;
	}
}

/* Everything that was said before it died counts, so the socket is read to its end. */
static void listen_to(struct watch *watch)
{
	struct wire_message message;
	enum wire_got got;

	while ((got = wire_receive(watch->socket, &message)) == WIRE_MESSAGE ||
	       got == WIRE_NONSENSE) {
		if (got == WIRE_MESSAGE)
			hear(watch, &message);
	}
	watch->is_closed = got == WIRE_END;
}

/* clock_ms() from which on it counts as hung; NEVER while nothing is held. */
static int64_t hung_ms(const struct watch *watch)
{
	int64_t due_ms = NEVER;

	for (size_t i = 0; i < watch->count; i++) {
		if (watch->held[i].due_ms < due_ms)
			due_ms = watch->held[i].due_ms;
	}
	if (due_ms >= NEVER - WATCH_PATIENCE_MS)
		return NEVER;
	if (due_ms < watch->tick_ms)
		due_ms = watch->tick_ms;
	return due_ms + WATCH_PATIENCE_MS;
}

/* Poll takes an int, and a lease may be days. */
static int wait_ms(const struct watch *watch, int64_t now_ms)
{
	int64_t left_ms = hung_ms(watch) - now_ms;

	if (hung_ms(watch) == NEVER)
		return -1;
	if (left_ms < 0)
		return 0;
	return left_ms < WAIT_MAX_MS ? (int)left_ms : WAIT_MAX_MS;
}

/* Nothing was heard until the time was up. If we slept ourselves, as a machine does, firedrill did,
 * too: it gets its time anew. */
static bool is_hung(struct watch *watch, int64_t expected_ms)
{
	int64_t now_ms = clock_ms();

	if (now_ms < hung_ms(watch))
		return false;
	if (now_ms - expected_ms <= OVERSLEPT_MS)
		return true;
	watch->tick_ms = now_ms;
	return false;
}

static enum watch_end end_as(const struct watch *watch, enum watch_end end,
			     struct watch_held *ret_held)
{
	ret_held->count = watch->count;
	for (size_t i = 0; i < watch->count; i++)
		memcpy(ret_held->drills[i], watch->held[i].drill, sizeof ret_held->drills[i]);
	return end;
}

enum watch_end watch_run(int socket, const struct watched *watched, struct watch_held *ret_held)
{
	struct watch watch = {.socket = socket, .tick_ms = clock_ms()};

	for (;;) {
		struct pollfd news[] = {{.fd = socket, .events = POLLIN},
					{.fd = watched->pidfd, .events = POLLIN}};
		int64_t now_ms = clock_ms();
		int wait = wait_ms(&watch, now_ms);
		int count = poll(news, 2, wait);
		bool is_dead = count > 0 && news[1].revents != 0; /* looked at before its words */

		listen_to(&watch);
		if (watch.said_bye)
			return end_as(&watch, WATCH_BYE, ret_held);
		if (watch.is_closed || is_dead)
			return end_as(&watch, WATCH_DIED, ret_held);
		if (count == 0 && is_hung(&watch, now_ms + wait))
			return end_as(&watch, WATCH_HUNG, ret_held);
	}
}
