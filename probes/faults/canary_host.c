/* The canaries: a small HTTP server of our own, because it must also hang, be slow and refuse. */
#include "probes/faults/canary_host.h"

#include <errno.h>
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

#include "probes/faults/canary_parts.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define BACKLOG 128

bool canary_is_name(const char *name)
{
	size_t len = strnlen(name, CANARY_NAME_LIMIT + 1);

	return len > 0 && len <= CANARY_NAME_LIMIT &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

struct canary *canary_find(const struct canary_host *host, const char *name)
{
	for (size_t i = 0; i < host->count; i++) {
		if (strcmp(host->list[i].name, name) == 0)
			return &host->list[i];
	}
	return NULL;
}

struct canary *canary_find_or_add(struct canary_host *host, const char *name)
{
	struct canary *canary = canary_find(host, name), *oldest = NULL;

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

/* The port. */

static void on_visit(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		     int address_len, void *arg)
{
	(void)listener;
	(void)address;
	(void)address_len;
	canary_visit_begin(arg, fd);
}

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
	canary_visits_close(host, NULL);
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
	struct canary *canary = other == NULL ? canary_find_or_add(host, name) : NULL;

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
		canary_visits_close(host, NULL);
	}
	return true;
}

bool canary_host_heal(struct canary_host *host, const char *name, const char *drill,
		      struct error *error)
{
	struct canary *canary = canary_find(host, name);

	if (canary == NULL || strcmp(canary->drill, drill) != 0)
		return true;
	if (!open_listener(host, error))
		return false;
	canary->drill[0] = '\0';
	canary_visits_close(host, name);
	return true;
}

struct canary_polls canary_host_polls(const struct canary_host *host, const char *name)
{
	const struct canary *canary = canary_find(host, name);

	return canary != NULL ? canary->polls : (struct canary_polls){.last_healthy_ms = -1};
}
