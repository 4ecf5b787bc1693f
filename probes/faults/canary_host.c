/* The canaries: a small HTTP server of our own, because it must also hang, be slow and refuse. */
#include "probes/faults/canary_host.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"

#define CANARY_LIMIT  256          /* canaries whose polls are counted */
#define VISIT_LIMIT   256          /* connections at the same time */
#define REQUEST_LIMIT 8192         /* bytes of a request's head */
#define HEAD_MS       10000        /* for the whole of it to arrive */
#define WRITE_MS      10000        /* for the answer to be taken */
#define HANG_MS       (10 * 60000) /* the longest hanging connection */
#define BACKLOG       128

struct canary {
	char name[CANARY_NAME_LIMIT + 1];
	char drill[ID_LEN + 1]; /* that has it broken; "": it is healthy */
	enum canary_mode mode;
	int status;
	int64_t delay_ms;
	char *body; /* owned; NULL: none */
	struct canary_polls polls;
	int64_t used_ms; /* clock_ms() of the last poll or change */
};

/* One connection, one request. */
struct visit {
	struct visit *next, **at; /* borrowed; in the host's list */
	struct canary_host *host; /* borrowed */
	struct bufferevent *io;   /* owned */
	struct event *timer;      /* owned; ends it, or sends the slow answer */
	char name[CANARY_NAME_LIMIT + 1];
	bool asked;     /* the head is complete */
	bool waits;     /* for the fault to be over (hang) or for the delay */
	bool answered;  /* to be closed when all is written */
	bool head_only; /* HEAD: no body */
};

struct canary_host {
	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* owned; NULL while connections are refused */
	int hold;                        /* owned; bound, never listening: keeps the port ours */
	struct sockaddr_storage address;
	socklen_t address_len;
	char url[80];
	struct canary *list; /* owned; CANARY_LIMIT of them */
	size_t count;
	struct visit *visits; /* owned */
	size_t visit_count;
};

bool canary_is_name(const char *name)
{
	size_t len = strnlen(name, CANARY_NAME_LIMIT + 1);

	return len > 0 && len <= CANARY_NAME_LIMIT &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static struct canary *find(const struct canary_host *host, const char *name)
{
	for (size_t i = 0; i < host->count; i++) {
		if (strcmp(host->list[i].name, name) == 0)
			return &host->list[i];
	}
	return NULL;
}

/* The canary of a name, new if need be: then the one that nobody asked for longest makes place. */
static struct canary *find_or_add(struct canary_host *host, const char *name)
{
	struct canary *canary = find(host, name), *oldest = NULL;

	if (canary != NULL)
		return canary;
	for (size_t i = 0; i < host->count; i++) {
		canary = &host->list[i];
		if (canary->drill[0] == '\0' &&
		    (oldest == NULL || canary->used_ms < oldest->used_ms))
			oldest = canary;
	}
	if (host->count < CANARY_LIMIT)
		oldest = &host->list[host->count++];
	if (oldest == NULL)
		return NULL;
	free(oldest->body);
	*oldest = (struct canary){.polls.last_healthy_ms = -1, .used_ms = clock_ms()};
	(void)snprintf(oldest->name, sizeof oldest->name, "%s", name);
	return oldest;
}

/* Visits. */

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
	struct canary *canary = find_or_add(visit->host, visit->name);
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
	const struct canary *canary = find(visit->host, visit->name);

	(void)fd;
	(void)what;
	if (visit->waits && canary != NULL && canary->mode == CANARY_SLOW)
		answer(visit, 200, canary->drill, "# firedrill canary, slow on purpose\n");
	else
		visit_free(visit);
}

static void on_visit(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		     int address_len, void *arg)
{
	struct canary_host *host = arg;
	struct visit *visit;

	(void)listener;
	(void)address;
	(void)address_len;
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

/* Those who wait for an answer of this canary; name NULL: every connection there is. */
static void close_visits(struct canary_host *host, const char *name)
{
	struct visit *next;

	for (struct visit *visit = host->visits; visit != NULL; visit = next) {
		next = visit->next;
		if (name == NULL || (visit->waits && strcmp(visit->name, name) == 0))
			visit_free(visit);
	}
}

/* The port. */

static bool open_listener(struct canary_host *host, struct error *error)
{
	if (host->listener != NULL)
		return true;
	host->listener = evconnlistener_new_bind(
	    host->base, on_visit, host,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
	    (const struct sockaddr *)&host->address, (int)host->address_len);
	if (host->listener != NULL)
		return true;
	return error_set(error, "the canaries' port %u cannot be opened: %s; end what uses it",
			 canary_host_port(host), strerror(errno));
}

/*
 * A second socket that is bound and never listens.  While connections are refused, it keeps the
 * port from being given to somebody else; the kernel refuses connections to it by itself.
 */
static bool hold_port(struct canary_host *host, struct error *error)
{
	struct sockaddr *address = (struct sockaddr *)&host->address;

	host->hold = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (host->hold >= 0 && evutil_make_listen_socket_reuseable(host->hold) == 0 &&
	    bind(host->hold, address, host->address_len) == 0 &&
	    getsockname(host->hold, address, &host->address_len) == 0)
		return true;
	return error_set(error, "%s: choose another address or end what uses it", strerror(errno));
}

/* "ADDRESS:PORT" or "[ADDRESS]:PORT". libevent's parser does not take the port 0. */
static bool parse_address(struct canary_host *host, const char *listen, struct error *error)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&host->address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&host->address;
	const char *colon = strrchr(listen, ':');
	int len = (int)sizeof host->address;
	char address[INET6_ADDRSTRLEN + 2];
	unsigned long port = 0;
	char *end = NULL;
	bool good;

	if (colon != NULL && colon[1] >= '0' && colon[1] <= '9')
		port = strtoul(colon + 1, &end, 10);
	good = end != NULL && *end == '\0' && port <= UINT16_MAX &&
	       (size_t)(colon - listen) < sizeof address;
	if (good) {
		(void)snprintf(address, sizeof address, "%.*s", (int)(colon - listen), listen);
		good = evutil_parse_sockaddr_port(address, (struct sockaddr *)&host->address,
						  &len) == 0;
	}
	if (!good)
		return error_set(error, "not an address and a port such as 127.0.0.1:9810");
	host->address_len = (socklen_t)len;
	if (host->address.ss_family == AF_INET6)
		six->sin6_port = htons((uint16_t)port);
	else
		four->sin_port = htons((uint16_t)port);
	return true;
}

/* Whoever listens on every address is reached on the loopback one. */
static void write_url(struct canary_host *host)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&host->address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&host->address;
	char text[INET6_ADDRSTRLEN] = "127.0.0.1";

	if (host->address.ss_family == AF_INET6) {
		bool any = IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);

		(void)inet_ntop(AF_INET6, any ? &in6addr_loopback : &six->sin6_addr, text,
				sizeof text);
		(void)snprintf(host->url, sizeof host->url, "http://[%s]:%u", text,
			       ntohs(six->sin6_port));
		return;
	}
	if (four->sin_addr.s_addr != htonl(INADDR_ANY))
		(void)inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
	(void)snprintf(host->url, sizeof host->url, "http://%s:%u", text, ntohs(four->sin_port));
}

struct canary_host *canary_host_new(struct event_base *base, const char *listen,
				    struct error *error)
{
	struct canary_host *host = mem_zalloc(sizeof *host);
	struct error why;

	host->base = base;
	host->hold = -1;
	host->list = mem_zalloc(CANARY_LIMIT * sizeof *host->list);
	if (parse_address(host, listen, &why) && hold_port(host, &why)) {
		write_url(host);
		if (open_listener(host, &why))
			return host;
	}
	(void)error_set(error, "the canaries cannot be hosted on \"%.80s\": %s", listen, why.text);
	canary_host_free(host);
	return NULL;
}

void canary_host_free(struct canary_host *host)
{
	if (host == NULL)
		return;
	close_visits(host, NULL);
	if (host->listener != NULL)
		evconnlistener_free(host->listener);
	if (host->hold >= 0)
		(void)close(host->hold);
	for (size_t i = 0; i < host->count; i++)
		free(host->list[i].body);
	free(host->list);
	free(host);
}

uint16_t canary_host_port(const struct canary_host *host)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&host->address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&host->address;

	return ntohs(host->address.ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}

const char *canary_host_url(const struct canary_host *host)
{
	return host->url;
}

/* Breaking and healing. */

/* Who stands in the way of breaking this one: its own drill, or one that the port is closed for or
 * would be closed under. */
static const char *in_the_way(const struct canary_host *host, const char *name,
			      enum canary_mode mode)
{
	for (size_t i = 0; i < host->count; i++) {
		const struct canary *canary = &host->list[i];

		if (canary->drill[0] == '\0')
			continue;
		if (strcmp(canary->name, name) == 0 || canary->mode == CANARY_REFUSED ||
		    mode == CANARY_REFUSED)
			return canary->drill;
	}
	return NULL;
}

const char *canary_host_breaker(const struct canary_host *host, const char *name)
{
	return in_the_way(host, name, CANARY_STATUS);
}

bool canary_host_break(struct canary_host *host, const char *name, const char *drill,
		       const struct canary_answer *answer, struct error *error)
{
	const char *other = in_the_way(host, name, answer->mode);
	struct canary *canary = other == NULL ? find_or_add(host, name) : NULL;

	if (other != NULL)
		return error_set(error, "drill %s has a canary broken already: wait for its end",
				 other);
	if (canary == NULL)
		return error_set(error, "%d canaries are broken already", CANARY_LIMIT);
	free(canary->body);
	canary->body = mem_dup(answer->body);
	canary->mode = answer->mode;
	canary->status = answer->status;
	canary->delay_ms = answer->delay_ms;
	canary->polls.broken = 0;
	canary->used_ms = clock_ms();
	(void)snprintf(canary->drill, sizeof canary->drill, "%s", drill);
	if (answer->mode == CANARY_REFUSED) {
		evconnlistener_free(host->listener);
		host->listener = NULL;
		close_visits(host, NULL);
	}
	return true;
}

bool canary_host_heal(struct canary_host *host, const char *name, const char *drill,
		      struct error *error)
{
	struct canary *canary = find(host, name);

	if (canary == NULL || strcmp(canary->drill, drill) != 0)
		return true;
	if (!open_listener(host, error))
		return false;
	canary->drill[0] = '\0';
	close_visits(host, name);
	return true;
}

struct canary_polls canary_host_polls(const struct canary_host *host, const char *name)
{
	const struct canary *canary = find(host, name);

	return canary != NULL ? canary->polls : (struct canary_polls){.last_healthy_ms = -1};
}
