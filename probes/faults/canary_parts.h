/* What the two files of the canaries' host share. */
#ifndef PROBES_FAULTS_CANARY_PARTS_H
#define PROBES_FAULTS_CANARY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "probes/faults/canary_host.h"
#include "src/base/id.h"

struct bufferevent;
struct event;
struct event_base;
struct evconnlistener;

#define CANARY_LIMIT 256 /* canaries whose polls are counted */

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

struct canary *canary_find(const struct canary_host *host, const char *name);
/* New if need be: then the one that nobody asked for longest makes place; NULL: all are broken. */
struct canary *canary_find_or_add(struct canary_host *host, const char *name);

/* Serves a connection, which is taken over, with one request. */
void canary_visit_begin(struct canary_host *host, int fd);
/* Those who wait for an answer of this canary; name NULL: every connection there is. */
void canary_visits_close(struct canary_host *host, const char *name);

#endif
