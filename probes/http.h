/* HTTP on the loop: libcurl's multi interface driven by libevent.
 * https://curl.se/libcurl/c/libcurl-multi.html, https://curl.se/libcurl/c/curl_multi_socket_action.html */
#ifndef PROBES_HTTP_H
#define PROBES_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct http;         /* one per event base: connections are kept alive and shared */
struct http_request; /* one transfer in flight */

struct http_header {
	const char *name, *value; /* borrowed during http_start only */
};

/* What is asked; everything is borrowed during http_start only. Zero means the default. */
struct http_ask {
	const char *method; /* NULL: GET, or POST when there is a body */
	const char *url;    /* http:// or https:// only, without a user name */
	const struct http_header *headers;
	size_t header_count;
	const char *body;            /* NULL: none */
	size_t body_len;             /* bytes */
	const char *bearer;          /* NULL, or the token of an Authorization header */
	const char *user, *password; /* NULL, or HTTP basic authentication */
	int64_t timeout_ms; /* for the whole transfer, name look-up included; default 10,000 */
	size_t max_bytes;   /* of the answer's body; default 8 MiB; more is HTTP_TOO_LARGE */
};

enum http_result {
	HTTP_ANSWERED,    /* there is a status, whichever it is */
	HTTP_UNREACHABLE, /* nothing was sent: name look-up, connection or TLS handshake failed, or
			     took until the deadline */
	HTTP_TIMEOUT,     /* may have been carried out by the other side */
	HTTP_BROKEN,      /* connection lost or answer not HTTP; may have been carried out */
	HTTP_TOO_LARGE,   /* answer over max_bytes, or 64 KiB of header lines; was carried out */
	HTTP_BAD_ASK      /* the URL or another part of the question is unusable */
};

/* Borrowed, valid inside the callback only. */
struct http_reply {
	enum http_result result;
	const char *error;        /* one sentence; NULL when answered. Of the URL it shows scheme,
				     host and port only: path and query may be secrets */
	int status;               /* 0 unless answered */
	const char *body;         /* NUL-terminated, may hold NULs before its end */
	size_t body_len;          /* bytes */
	const char *content_type; /* "" when absent */
	const char *oauth_scopes; /* X-OAuth-Scopes, what a token may do; NULL when absent */
	int64_t retry_after_ms;   /* Retry-After in seconds or as a date, as ms; -1 when absent */
	int64_t date_ms;          /* Date header as wall clock ms; -1 when absent */
	int64_t started_ms;       /* clock_ms() when the request was started */
};

typedef void http_done_fn(void *arg, const struct http_reply *reply);

/*
 * The contract of everything asynchronous in firedrill: start returns a handle; `done` is called
 * exactly once, from the event loop, never from inside start; after cancel, never.
 */
struct http *http_new(struct event_base *base);

/* Cancels what is left. The base must still be alive. Not from inside `done`. NULL is fine. */
void http_free(struct http *http);

/*
 * Never NULL: even a malformed URL is reported through `done`, which may start and cancel others.
 * Redirects are answers, not followed.  TLS certificates and host names are verified against the
 * system's store, or the file of authorities in SSL_CERT_FILE.  The proxy variables of the
 * environment count (http_proxy, https_proxy, no_proxy), but never for addresses of this machine.
 * POST and PATCH are sent once at most; what is idempotent (RFC 9110, 9.2.2) is sent again when a
 * connection that was kept alive dies under it.
 */
struct http_request *http_start(struct http *http, const struct http_ask *ask, http_done_fn *done,
				void *arg);

/* Frees it. NULL is fine, and so is the own request from inside its `done`: no effect any more. */
void http_cancel(struct http_request *request);

/* Connections opened since http_new, for the tests of keep-alive. */
size_t http_connection_count(const struct http *http);

#endif
