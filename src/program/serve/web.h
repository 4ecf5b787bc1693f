/* The web server of the daemon, on libevent's listeners and buffers: GET and HEAD, one request for
 * each connection, every limit named.  Not evhttp: of 2.1.12 it counts no connections, lets a request
 * take for ever a byte at a time, takes "GxT" for GET, takes a body of GET for the next request, and
 * answers what is wrong by itself, without our headers.
 *
 * With a token only to those who have it: "Authorization: Bearer TOKEN", or Basic with the token as
 * password of any user (RFC 6750, RFC 7617), compared in constant time.  Without one only on a loopback
 * address, and only by names of this machine or of `url`, so that no page from elsewhere can read it by
 * a name of its own (DNS rebinding).  Every answer has nosniff, no-referrer and a Content-Security-
 * Policy that forbids scripts, frames and everything from elsewhere. */
#ifndef PROGRAM_WEB_H
#define PROGRAM_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/error.h"

/* The newest is always let in: beyond these the oldest has to go, first one that has not asked yet. */
#define WEB_CONNECTIONS   256
#define WEB_PENDING_BYTES (INT64_C(32) << 20) /* of pages that are not sent whole yet, together */
#define WEB_TIMEOUT_S     20                  /* for a whole visit */

struct event_base;
struct web;

/* A request, decoded. Borrowed, valid inside the callback only. */
struct web_ask {
	const char *path;   /* "/drill/fd-k3q9x2m7"; never with ".." or a NUL */
	const char *query;  /* behind '?', not decoded; "" */
	const char *accept; /* the header; "" */
};
struct web_answer {
	int status;       /* 200 unless set */
	const char *type; /* static; "text/html; charset=utf-8" unless set */
	struct buf body;  /* taken over */
};

/* One of them answers; the first whose prefix fits. NULL-terminated by prefix NULL. */
struct web_route {
	const char *prefix; /* "/metrics" */
	bool exact;         /* the whole path */
	bool open;          /* needs no token: "/-/healthy" */
	void (*answer)(void *arg, const struct web_ask *ask, struct web_answer *ret_answer);
};

/* address as in the configuration, "127.0.0.1:9820" or "[::1]:9820"; port 0: any. token: its value; NULL:
 * none. url: by which people reach the pages, as in the configuration; NULL: none. Texts are copied;
 * routes and arg are borrowed. NULL with an error that says what to do. */
struct web *web_new(struct event_base *base, const char *address, const char *token,
		    const char *url, const struct web_route *routes, void *arg,
		    struct error *error);
void web_free(struct web *web); /* NULL is fine */
const char *
web_address(const struct web *web); /* "127.0.0.1:9820", with the real port. Borrowed. */
size_t web_connections(const struct web *web);

#endif
