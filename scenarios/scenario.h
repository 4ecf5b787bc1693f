/* A scenario as its author wrote it: one fault, where it may be put, which alerts must follow.
 * Plain data, immutable once loaded; times are ms, every pointer is owned by the struct. */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/words.h"

struct pair { /* a header, a variable, an environment variable */
	char *name;
	char *value; /* for headers: a literal or a secret reference ("env:NAME", "file:PATH") */
};

struct pairs {
	struct pair *list;
	size_t count;
};

struct texts {
	char **list;
	size_t count;
};

/* One HTTP request and what its answer must be. Absent when url is NULL. */
struct http_call {
	char *method; /* "GET" by default, for inject and revert "PUT" */
	char *url;
	char
	    *body; /* NULL: none.  In requests: sent.  In capture, confirm, witness: see `expect` */
	struct pairs headers;
	int status;     /* expected; 0 means any 2xx */
	char *expect;   /* the answer's body, trimmed, must equal this; NULL: anything */
	char *contains; /* the answer's body must contain this; NULL: anything */
};

struct http_fault {
	struct http_call capture; /* optional: its answer's body becomes ${original} */
	struct http_call inject;
	struct http_call witness; /* optional */
	struct http_call revert;  /* may use ${original} */
	struct http_call confirm; /* with capture and without `expect`: must equal ${original} */
};

struct process_fault {
	struct texts command; /* argv of the service; no shell */
	struct texts unset;   /* environment variables taken away */
	struct pairs set; /* environment variables changed, e.g. to a queue that does not exist */
	char *directory;  /* NULL: firedrill's own */
	char *ready;      /* a text in its output that means "it booted anyway"; NULL: none */
	int64_t dies_within_ms; /* alive after this: it booted anyway, the fault had no effect */
};

enum canary_mode {
	CANARY_STATUS,  /* answers with `status` */
	CANARY_REFUSED, /* closes the listening socket */
	CANARY_HANG,    /* accepts and never answers */
	CANARY_SLOW,    /* answers after `delay_ms` */
	CANARY_BODY,    /* answers 200 with `body` */
	CANARY_MODE_COUNT
};

struct canary_fault {
	char *name; /* in /canary/NAME/health */
	enum canary_mode mode;
	int status;
	int64_t delay_ms;
	char *body;
	int64_t polled_within_ms; /* the monitor must have polled it healthy within this, before */
};

struct rabbitmq_fault {
	char *url;             /* of the management API, e.g. http://rabbit.example:15672 */
	char *user, *password; /* password: a secret reference */
	char *vhost;           /* "/" by default */
	char *exchange;        /* "amq.default" by default */
	char *routing_key;     /* with the default exchange: the queue that does not exist */
	char *payload;
};

struct exec_fault {
	struct texts inject, witness, revert, confirm; /* argv lists; exit status 0 means yes */
	struct pairs environment; /* besides PATH and FIREDRILL_DRILL; values may be references */
	int64_t timeout_ms;       /* for each of the four */
};

/* A length of time that is computed from what the stations tell, before the drill touches anything.
 * In a running drill no length is this any more. */
#define SCENARIO_AUTO       (-1)
#define SCENARIO_UNKNOWN_MS 300000 /* what it becomes when no station can tell */

struct fault {
	enum fault_kind kind;
	enum fault_via via;
	int64_t hold_at_most_ms; /* the lease: reverted at the latest after this */
	int64_t
	    hold_ms; /* it stays in place at least this long; or SCENARIO_AUTO: until every alert
			  * of the scenario could have come */
	struct http_fault http; /* the one that `via` names is filled in */
	struct process_fault process;
	struct canary_fault canary;
	struct rabbitmq_fault rabbitmq;
	struct exec_fault exec;
};

/* An alert that must appear, or must never appear. */
struct expectation {
	char *alert;                 /* what people call it; by default the first text of `match` */
	char *chat;                  /* a chat of the configuration */
	char *channel;               /* "#name" or an id */
	struct texts match;          /* every text must occur in the message */
	struct texts contains;       /* must occur too, or the alert is `unreadable` */
	struct texts resolved_match; /* one of these, as a word, any case, means resolved */
	int64_t within_ms;           /* the deadline, from the injection on; or SCENARIO_AUTO */
	int64_t grace_ms;    /* how long after the deadline a late alert is still looked for */
	int64_t settle_ms;   /* how long to go on reading after it came, for duplicates */
	int64_t resolved_ms; /* resolved at most this long after the revert; 0: not asked for; or
			      * SCENARIO_AUTO */
	int at_most;         /* messages with a firing alert; 0: any number */
	bool never;
};

/* Something that, once met while the fault is in place, ends the drill at once.  Either `check` or
 * `prometheus` and `query` are given. */
struct stop_condition {
	char *check; /* a URL that must go on to answer as it should: met when it does not */
	struct pairs headers; /* of either's request */
	int status;           /* ... expected; 0: any 2xx */
	char *contains;       /* ... a text that must be in the body; NULL: anything */
	char *prometheus;     /* base URL of a Prometheus, such as http://prometheus.example:9090 */
	char *query;          /* met when it gives any series, or a number other than 0 */
	int64_t every_ms;     /* between two looks */
	int times;            /* so many looks in a row must find it met, or must fail */
};

/* Where the scenario may run. */
struct placement {
	char *environment;
	char *schedule; /* NULL: only by hand */
	struct pairs variables;
};

struct scenario {
	char *file; /* where it was read from */
	char *name;
	char *summary;
	char *owner;          /* may be NULL */
	char *runbook;        /* may be NULL */
	int64_t jitter_ms;    /* a scheduled drill begins up to so much later */
	bool repeat;          /* a gap found by schedule is confirmed by one repeat */
	struct texts service; /* texts that an alert of the same service carries; may be none */
	struct fault fault;
	struct stop_condition *stop_when;
	size_t stop_when_count;
	struct expectation *expect;
	size_t expect_count;
	struct placement *in;
	size_t in_count;
};

void scenario_free(struct scenario *scenario); /* NULL is fine */
void texts_done(struct texts *texts);          /* of a list that stands alone; reusable */

/* The placement for an environment, borrowed; NULL when the scenario does not name it. */
const struct placement *scenario_placement(const struct scenario *scenario,
					   const char *environment);

#endif
