/* What a service manager is told. */
#include "src/program/serve/service.h"

#include <dlfcn.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/plain.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define LIBRARY      "libsystemd.so.0"
#define STATUS_CHARS 300

/* https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html */
typedef int notify_fn(int unset_environment, const char *state);

struct service {
	void *library;      /* owned; NULL: nobody is told */
	notify_fn *notify;  /* NULL, too */
	struct event *feed; /* owned; NULL: there is no watchdog */
	int64_t feed_us;
};

static void tell(struct service *service, const char *state)
{
	if (service->notify != NULL)
		(void)service->notify(0, state); /* one that is not heard is the manager's affair */
}

static void on_feed(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg, "WATCHDOG=1");
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

static bool load(struct service *service, struct error *error)
{
	void *symbol;

	service->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	symbol = service->library != NULL ? dlsym(service->library, "sd_notify") : NULL;
	if (symbol == NULL)
		return error_set(error,
				 "NOTIFY_SOCKET is set, but " LIBRARY " cannot be loaded (%s): "
				 "install libsystemd0, or set Type=exec in the unit",
				 dlerror());
	memcpy(&service->notify, &symbol, sizeof symbol); /* as dlsym(3) has it for ISO C */
	return true;
}

struct service *service_new(struct event_base *base, struct error *error)
{
	struct service *service = mem_zalloc(sizeof *service);
	const char *socket = getenv("NOTIFY_SOCKET");

	if (socket == NULL || socket[0] == '\0')
		return service;
	if (!load(service, error)) {
		service_free(service);
		return NULL;
	}
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
	if (service->library != NULL)
		(void)dlclose(service->library);
	free(service);
}

void service_ready(struct service *service)
{
	const struct timeval every = {.tv_sec = service->feed_us / 1000000,
				      .tv_usec = service->feed_us % 1000000};

	tell(service, "READY=1");
	if (service->feed == NULL)
		return;
	tell(service, "WATCHDOG=1");
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
