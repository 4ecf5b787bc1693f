/* A server that answers well unless told otherwise: raw bytes over a socket, on the test's loop. */
#ifndef TESTS_PROBES_HOSTILE_H
#define TESTS_PROBES_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct evconnlistener;
struct hostile_peer;

/* What follows the answer. */
enum hostile_end { HOSTILE_KEEP, HOSTILE_CLOSE, HOSTILE_RESET };

struct hostile {
	/* How it behaves; changed at any time, it counts from the next request on. */
	const char *greeting; /* borrowed; sent at once to whoever connects; NULL: nothing */
	const char *answer;   /* borrowed; to each request; NULL: none. Default: a small 200 */
	size_t answer_len;    /* 0: up to its NUL */
	const char *flood;    /* borrowed; sent again and again after the answer; NULL: nothing */
	int drip_ms; /* the flood comes one byte at a time, with this between; 0: at once */
	enum hostile_end end;
	size_t patience; /* requests answered on one connection, 0 for any number; the next one is
			    read, and the connection closed */
	bool deaf;       /* accepts, then neither reads nor answers */

	/* What it saw. */
	size_t connections, requests;
	size_t sent;        /* bytes */
	char request[4096]; /* the last one, cut to fit */

	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* owned */
	struct hostile_peer *first;      /* owned */
	char url[64];                    /* "http://127.0.0.1:PORT" */
};

struct hostile *hostile_new(struct event_base *base);
void hostile_free(struct hostile *hostile);

#endif
