/* A client of the web server in tests. */
#include "tests/program/visitor.h"

#include <errno.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

void visitor_come(struct visitor *visitor, const char *address)
{
	struct sockaddr_storage place = {0};
	int len = (int)sizeof place;
	const int at_once = 1;

	*visitor = (struct visitor){0};
	assert_int_equal(evutil_parse_sockaddr_port(address, (struct sockaddr *)&place, &len), 0);
	visitor->fd = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(visitor->fd >= 0);
	(void)setsockopt(visitor->fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
	assert_int_equal(connect(visitor->fd, (struct sockaddr *)&place, (socklen_t)len), 0);
}

void visitor_say(struct visitor *visitor, const char *bytes, size_t len)
{
	(void)send(visitor->fd, bytes, len, MSG_NOSIGNAL);
}

bool visitor_has_all(void *arg)
{
	struct visitor *visitor = arg;
	char room[4096];
	ssize_t got;

	while (!visitor->ended) {
		got = recv(visitor->fd, room, sizeof room, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		visitor->ended = got <= 0;
		visitor->reset = got < 0;
		if (got > 0)
			buf_add(&visitor->got, room, (size_t)got);
	}
	return true;
}

void visitor_go(struct visitor *visitor)
{
	(void)close(visitor->fd);
	buf_done(&visitor->got);
}

int visitor_status(const struct visitor *visitor)
{
	const char *text = buf_text(&visitor->got);

	return strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
}

const char *visitor_body(const struct visitor *visitor)
{
	const char *end = strstr(buf_text(&visitor->got), "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}

bool visitor_has_header(const struct visitor *visitor, const char *line)
{
	const char *found = strstr(buf_text(&visitor->got), line);

	return found != NULL && found < visitor_body(visitor) && found[-1] == '\n' &&
	       found[strlen(line)] == '\r';
}
