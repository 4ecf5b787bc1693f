/* The alarm of a guardian that has no ledger to work with. */
#include "src/program/siren.h"

#include <event2/event.h>
#include <stdlib.h>

#include "probes/alarm.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define LOOK_MS 50 /* between two looks whether all is told */

struct siren {
	struct event_base *base; /* owned */
	struct http *http;       /* owned */
	struct secrets *secrets; /* owned */
	struct alarm *alarm;     /* owned */
};

struct siren *siren_new(const struct config *config)
{
	struct siren *siren = mem_zalloc(sizeof *siren);

	siren->base = event_base_new();
	if (siren->base == NULL)
		abort(); /* out of memory or of open files; the system log has it by then */
	siren->http = http_new(siren->base);
	siren->secrets = secrets_new();
	siren->alarm = alarm_new(siren->base, siren->http, siren->secrets, config);
	return siren;
}

void siren_free(struct siren *siren)
{
	if (siren == NULL)
		return;
	alarm_free(siren->alarm);
	http_free(siren->http);
	secrets_free(siren->secrets);
	event_base_free(siren->base);
	free(siren);
}

void siren_raise(struct siren *siren, const char *text)
{
	alarm_raise(siren->alarm, text);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

void siren_run(struct siren *siren, int64_t ms)
{
	const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	struct event *end = evtimer_new(siren->base, on_end, siren->base);

	if (end == NULL || event_add(end, &delay) != 0)
		abort(); /* out of memory, as in mem.h */
	(void)event_base_dispatch(siren->base);
	event_free(end);
}

void siren_finish(struct siren *siren)
{
	while (!alarm_is_idle(siren->alarm))
		siren_run(siren, LOOK_MS);
}
