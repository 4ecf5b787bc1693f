/* What a service manager is told. */
#include "src/program/serve/service.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reports/plain.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define STATUS_CHARS 300
#define WAITING_MAX  32 /* messages for a manager that does not read; more are dropped */
#define AGAIN_MS     200

struct waiting {
	char *state;          /* owned */
	struct waiting *next; /* owned */
};

struct service {
	int fd; /* owned; -1: nobody is told */
	struct sockaddr_un manager;
	socklen_t manager_len;
	struct waiting *first; /* owned; oldest first */
	struct waiting **end;
	size_t waiting;
	bool feeds;          /* a sign of life is to be sent, behind all that waits */
	struct event *again; /* owned; the next try to send what waits */
	struct event *feed;  /* owned; NULL: there is no watchdog */
	int64_t feed_us;
};

/* Sending.  Written by ourselves, as sd_notify(3) shows: that of libsystemd waits for a manager that does
 * not read, and the loop with it. */

/* False: the manager has no room just now. One that is not there is its own affair. */
static bool send_one(const struct service *service, const char *state)
{
	ssize_t sent;

	do
		sent = sendto(service->fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
			      (const struct sockaddr *)&service->manager, service->manager_len);
	while (sent < 0 && errno == EINTR);
	return sent >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS);
}

static void drop_first(struct service *service)
{
	struct waiting *gone = service->first;

	service->first = gone->next;
	if (service->first == NULL)
		service->end = &service->first;
	service->waiting--;
	free(gone->state);
	free(gone);
}

/* In the order in which they were told. */
static void send_waiting(struct service *service)
{
	static const struct timeval again = {.tv_usec = AGAIN_MS * 1000};

	while (service->first != NULL && send_one(service, service->first->state))
		drop_first(service);
	if (service->first == NULL && service->feeds)
		service->feeds = !send_one(service, "WATCHDOG=1");
	if (service->first != NULL || service->feeds)
		(void)event_add(service->again, &again);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_waiting(arg);
}

static void tell(struct service *service, const char *state)
{
	struct waiting *waiting;

	if (service->fd < 0 || service->waiting == WAITING_MAX)
		return;
	waiting = mem_zalloc(sizeof *waiting);
	waiting->state = mem_dup(state);
	*service->end = waiting;
	service->end = &waiting->next;
	service->waiting++;
	send_waiting(service);
}

/* One that finds no room is made anew in a moment: at the next turn the manager may have lost patience. */
static void on_feed(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	service->feeds = true;
	send_waiting(service);
}

/* WATCHDOG_USEC and, when it is meant for one process only, WATCHDOG_PID:
 * sd_watchdog_enabled(3). 0: none. */
static int64_t watchdog_us(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;
	intmax_t us;

	if (time == NULL || (pid != NULL && strtoimax(pid, NULL, 10) != (intmax_t)getpid()))
		return 0;
	errno = 0;
	us = strtoimax(time, &end, 10);
	return errno == 0 && *end == '\0' && us > 1 ? (int64_t)us : 0;
}

/* A path, or with @ in front a name without one: unix(7). */
static bool find_manager(struct service *service, const char *name, struct error *error)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || len >= sizeof service->manager.sun_path)
		return error_set(error, "NOTIFY_SOCKET is neither a path nor a name that a socket "
					"can have: unset it, or set Type=exec in the unit");
	service->manager.sun_family = AF_UNIX;
	memcpy(service->manager.sun_path, name, len);
	if (name[0] == '@')
		service->manager.sun_path[0] = '\0';
	service->manager_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
	service->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return service->fd >= 0 ||
	       error_set(error, "no socket for NOTIFY_SOCKET can be made: %s", strerror(errno));
}

struct service *service_new(struct event_base *base, struct error *error)
{
	struct service *service = mem_zalloc(sizeof *service);
	const char *name = getenv("NOTIFY_SOCKET");

	service->fd = -1;
	service->end = &service->first;
	if (name == NULL || name[0] == '\0')
		return service;
	if (!find_manager(service, name, error)) {
		service_free(service);
		return NULL;
	}
	service->again = evtimer_new(base, on_again, service);
	service->feed_us = watchdog_us() / 2;
	if (service->feed_us > 0)
		service->feed = event_new(base, -1, EV_PERSIST, on_feed, service);
	return service;
}

void service_free(struct service *service)
{
	if (service == NULL)
		return;
	if (service->feed != NULL)
		event_free(service->feed);
	if (service->again != NULL)
		event_free(service->again);
	while (service->first != NULL)
		drop_first(service);
	if (service->fd >= 0)
		(void)close(service->fd);
	free(service);
}

void service_ready(struct service *service)
{
	const struct timeval every = {.tv_sec = service->feed_us / 1000000,
				      .tv_usec = service->feed_us % 1000000};

	tell(service, "READY=1");
	if (service->feed == NULL)
		return;
	on_feed(-1, 0, service);
	(void)event_add(service->feed, &every);
}

/* When it began, on the clock that the manager reads as well. */
void service_reloading(struct service *service)
{
	char *state = mem_printf("RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_awake_us());

	tell(service, state);
	free(state);
}

void service_stopping(struct service *service)
{
	tell(service, "STOPPING=1");
}

void service_status(struct service *service, const char *text)
{
	static const struct plain how = {.limit = STATUS_CHARS};
	struct buf state = {0};

	buf_adds(&state, "STATUS=");
	(void)plain_add(&state, text, &how);
	tell(service, buf_text(&state));
	buf_done(&state);
}
