/* One connection to a canary: one request, and the answer that its canary gives just now, if any. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/canary_parts.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define VISIT_LIMIT   256          /* connections at the same time */
#define REQUEST_LIMIT 8192         /* bytes of a request's head */
#define HEAD_MS       10000        /* for the whole of it to arrive */
#define WRITE_MS      10000        /* for the answer to be taken */
#define HANG_MS       (10 * 60000) /* the longest hanging connection */

static void visit_free(struct visit *visit)
{
	*visit->at = visit->next;
	if (visit->next != NULL)
		visit->next->at = visit->at;
	visit->host->visit_count--;
	event_free(visit->timer);
	bufferevent_free(visit->io);
	free(visit);
}

static void visit_limit(struct visit *visit, int64_t ms)
{
	const struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (event_add(visit->timer, &limit) != 0)
		abort();
}

static void answer(struct visit *visit, int status, const char *drill, const char *body)
{
	struct evbuffer *out = bufferevent_get_output(visit->io);
	bool bodiless = status == 204 || status == 304;

	(void)evbuffer_add_printf(out,
				  "HTTP/1.1 %d %s\r\n"
				  "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
				  "Cache-Control: no-store\r\nConnection: close\r\n",
				  status,
				  status == 200      ? "OK"
				  : drill[0] != '\0' ? "Drill"
						     : "Not Found");
	if (drill[0] != '\0')
		(void)evbuffer_add_printf(out, "Firedrill-Drill: %s\r\n", drill);
	if (!bodiless)
		(void)evbuffer_add_printf(out, "Content-Length: %zu\r\n", strlen(body));
	(void)evbuffer_add_printf(out, "\r\n%s", bodiless || visit->head_only ? "" : body);
	visit->waits = false;
	visit->answered = true;
	visit_limit(visit, WRITE_MS);
}

static void answer_healthy(struct visit *visit)
{
	char body[128];

	(void)snprintf(body, sizeof body, "# firedrill canary %s is healthy\n", visit->name);
	answer(visit, 200, "", body);
}

static void answer_broken(struct visit *visit, const struct canary *canary)
{
	char body[160];

	(void)snprintf(body, sizeof body, "# firedrill canary %s" CANARY_BROKEN_BY "%s\n",
		       visit->name, canary->drill);
	switch (canary->mode) {
	case CANARY_STATUS:
		answer(visit, canary->status, canary->drill, body);
		return;
	case CANARY_BODY:
		answer(visit, 200, canary->drill, canary->body != NULL ? canary->body : "");
		return;
	case CANARY_SLOW:
		visit->waits = true;
		visit_limit(visit, canary->delay_ms);
		return;
	case CANARY_HANG:
	case CANARY_REFUSED: /* nobody gets here then */
	case CANARY_MODE_COUNT:
		break;
	}
	visit->waits = true;
	visit_limit(visit, HANG_MS);
}

static void serve(struct visit *visit, bool own)
{
	struct canary *canary = canary_find_or_add(visit->host, visit->name);
	bool broken = canary != NULL && canary->drill[0] != '\0';

	if (canary != NULL && !own) {
		canary->used_ms = clock_ms();
		if (broken) {
			canary->polls.broken++;
		} else {
			canary->polls.healthy++;
			canary->polls.last_healthy_ms = clock_ms();
		}
	}
	if (broken)
		answer_broken(visit, canary);
	else
		answer_healthy(visit);
}

/* "GET /canary/NAME/health HTTP/1.1": false when it is anything else. */
static bool read_target(struct visit *visit, const char *head)
{
	static const char prefix[] = " /canary/", suffix[] = "/health";
	const char *at = strchr(head, ' ');
	size_t len;

	visit->head_only = strncmp(head, "HEAD ", 5) == 0;
	if ((!visit->head_only && strncmp(head, "GET ", 4) != 0) ||
	    strncmp(at, prefix, strlen(prefix)) != 0)
		return false;
	at += strlen(prefix);
	len = strcspn(at, "/ \r\n");
	if (len > CANARY_NAME_LIMIT || strncmp(at + len, suffix, strlen(suffix)) != 0)
		return false;
	memcpy(visit->name, at, len);
	visit->name[len] = '\0';
	at += len + strlen(suffix);
	return (*at == ' ' || *at == '?') && canary_is_name(visit->name);
}

static void take_request(struct visit *visit, const char *head)
{
	bool own = strcasestr(head, "\r\n" CANARY_OWN_HEADER ":") != NULL;

	visit->asked = true;
	if (read_target(visit, head))
		serve(visit, own);
	else
		answer(visit, 404, "", "firedrill hosts its canaries at /canary/NAME/health\n");
}

static void on_readable(struct bufferevent *io, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(io);
	struct visit *visit = arg;
	struct evbuffer_ptr end;
	char head[REQUEST_LIMIT + 1];
	size_t len;

	if (visit->asked) { /* whatever else is sent is dropped */
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	if (end.pos < 0 && evbuffer_get_length(in) < REQUEST_LIMIT)
		return;
	if (end.pos < 0 || end.pos >= REQUEST_LIMIT) {
		visit_free(visit);
		return;
	}
	len = (size_t)end.pos;
	(void)evbuffer_copyout(in, head, len);
	head[len] = '\0';
	(void)evbuffer_drain(in, evbuffer_get_length(in));
	take_request(visit, head);
}

static void on_written(struct bufferevent *io, void *arg)
{
	struct visit *visit = arg;

	(void)io;
	if (visit->answered)
		visit_free(visit);
}

static void on_closed(struct bufferevent *io, short what, void *arg)
{
	struct visit *visit = arg;

	(void)io;
	if ((what & BEV_EVENT_EOF) != 0 && visit->answered)
		return; /* it has said all it wanted to, and still listens */
	visit_free(visit);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct visit *visit = arg;
	const struct canary *canary = canary_find(visit->host, visit->name);

	(void)fd;
	(void)what;
	if (visit->waits && canary != NULL && canary->mode == CANARY_SLOW)
		answer(visit, 200, canary->drill, "# firedrill canary, slow on purpose\n");
	else
		visit_free(visit);
}

void canary_visit_begin(struct canary_host *host, int fd)
{
	struct visit *visit;

	if (host->visit_count >= VISIT_LIMIT) {
		(void)evutil_closesocket(fd);
		return;
	}
	visit = mem_zalloc(sizeof *visit);
	*visit = (struct visit){.next = host->visits, .at = &host->visits, .host = host};
	visit->io = bufferevent_socket_new(host->base, fd, BEV_OPT_CLOSE_ON_FREE);
	visit->timer = evtimer_new(host->base, on_limit, visit);
	if (visit->io == NULL || visit->timer == NULL)
		abort();
	if (visit->next != NULL)
		visit->next->at = &visit->next;
	host->visits = visit;
	host->visit_count++;
	bufferevent_setcb(visit->io, on_readable, on_written, on_closed, visit);
	bufferevent_setwatermark(visit->io, EV_READ, 0, REQUEST_LIMIT);
	if (bufferevent_enable(visit->io, EV_READ | EV_WRITE) != 0)
		abort();
	visit_limit(visit, HEAD_MS);
}

void canary_visits_close(struct canary_host *host, const char *name)
{
	struct visit *next;

	for (struct visit *visit = host->visits; visit != NULL; visit = next) {
		next = visit->next;
		if (name == NULL || (visit->waits && strcmp(visit->name, name) == 0))
			visit_free(visit);
	}
}
