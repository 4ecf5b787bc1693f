/* Where the web server listens. */
#include "src/program/serve/web_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 128

/* libevent's parser does not take the port 0. */
static bool parse_address(const char *text, struct sockaddr_storage *ret_address, int *ret_len)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long port = 0;
	char *end = NULL;

	if (colon != NULL && colon[1] >= '0' && colon[1] <= '9')
		port = strtoul(colon + 1, &end, 10);
	if (end == NULL || *end != '\0' || port > UINT16_MAX ||
	    (size_t)(colon - text) >= sizeof host)
		return false;
	(void)snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
	*ret_len = (int)sizeof *ret_address;
	if (evutil_parse_sockaddr_port(host, (struct sockaddr *)ret_address, ret_len) != 0)
		return false;
	if (ret_address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)ret_address)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)ret_address)->sin_port = htons((uint16_t)port);
	return true;
}

static void write_address(const struct sockaddr_storage *address, char ret_text[WEB_ADDRESS_SIZE])
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
		(void)snprintf(ret_text, WEB_ADDRESS_SIZE, "[%s]:%u", text, ntohs(six->sin6_port));
	} else {
		(void)inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
		(void)snprintf(ret_text, WEB_ADDRESS_SIZE, "%s:%u", text, ntohs(four->sin_port));
	}
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static void explain(const char *address, int cause, struct error *error)
{
	if (cause == EADDRINUSE)
		(void)error_set(error,
				"serve.listen: another program has %.80s, perhaps another "
				"firedrill: end it, or choose another port",
				address);
	else if (cause == EADDRNOTAVAIL)
		(void)error_set(error,
				"serve.listen: %.80s is no address of this machine: write "
				"one that it has, such as 127.0.0.1:9820",
				address);
	else if (cause == EACCES)
		(void)error_set(error,
				"serve.listen: the port of %.80s is for root alone: choose "
				"one above 1023",
				address);
	else
		(void)error_set(error,
				"serve.listen: %.80s cannot be listened on: %s; choose "
				"another address",
				address, strerror(cause));
}

struct evconnlistener *web_listen(struct event_base *base, const char *address,
				  evconnlistener_cb on_visit, void *arg,
				  char ret_text[WEB_ADDRESS_SIZE], bool *ret_loopback,
				  struct error *error)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
			       LEV_OPT_BIND_IPV6ONLY;
	struct sockaddr_storage place = {0};
	struct evconnlistener *listener;
	socklen_t room = sizeof place;
	int len = 0;

	if (!parse_address(address, &place, &len)) {
		(void)error_set(error,
				"serve.listen: \"%.80s\" is not an address and a port: "
				"write \"127.0.0.1:9820\" or \"[::1]:9820\"",
				address);
		return NULL;
	}
	*ret_loopback = is_loopback(&place);
	listener = evconnlistener_new_bind(
	    base, on_visit, arg,
	    place.ss_family == AF_INET6 ? flags : flags & ~(unsigned)LEV_OPT_BIND_IPV6ONLY, BACKLOG,
	    (const struct sockaddr *)&place, len);
	if (listener == NULL) {
		explain(address, errno, error);
		return NULL;
	}
	(void)getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&place, &room);
	write_address(&place, ret_text);
	return listener;
}
