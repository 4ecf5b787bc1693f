/* What became of every drill, for those who look back: drills with their reports, what became of their
 * expectations, and which rules and receivers they proved.  A file of its own beside the ledger, so
 * that one that is damaged, full or large is in nobody's way who puts a fault right. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

#define HISTORY_BYTES (INT64_C(4) << 30) /* what `bytes` should be; about a million drills */

struct history;

struct history_limits {
	int64_t keep_ms; /* how long a drill is remembered */
	int64_t bytes;   /* in use in the file; beyond that the oldest are forgotten */
};

/* Times on the wall clock in ms since 1970; latencies in ms, -1 when it never came. All borrowed. */
struct history_expectation {
	const char *alert, *chat, *channel;
	const char *finding;
	int64_t latency_ms;
	const char *resolved; /* a finding; NULL: nobody waited for it */
	int64_t resolved_latency_ms;
};
struct history_proof {
	size_t expect; /* the expectation whose alert proved it */
	const char *pipeline;
	const char *kind; /* "rule", "receiver" */
	const char *hop;  /* the station's name in the configuration */
	const char *name, *detail;
	int64_t wall_ms; /* when the alert was delivered */
	int64_t latency_ms;
};
struct history_drill {
	const char *drill, *scenario, *environment, *kind, *via;
	const char *verdict, *reason; /* reason "": none */
	int exit_code;
	int64_t started_wall_ms, ended_wall_ms;
	const char *report; /* one line of JSON without secrets; over 256 KiB it is left out */
	const struct history_expectation *expectations;
	size_t expectation_count;
	const struct history_proof *proofs;
	size_t proof_count;
};

/* Of the ledger in `state`; creates what is missing. Several processes may have it open. However many
 * drills are in it, opening takes the same time. */
MUST_CHECK struct history *history_open(const char *state, const struct history_limits *limits,
					struct error *error);
void history_close(struct history *history); /* NULL is fine */
bool history_exists(const char *state);      /* is there one? */

/* A drill that is over; one that is known already is left as it is. Forgets a few of the oldest when
 * their time is up. Another process that writes is waited for at most wait_ms. False: nothing of it was
 * written. */
MUST_CHECK bool history_add(struct history *history, const struct history_drill *drill,
			    int64_t wait_ms, struct error *error);

/* A rule or a receiver that was proven at least once. All borrowed, valid inside the callback only. */
struct history_item {
	const char *pipeline, *kind, *hop, *name, *detail;
	int64_t first_wall_ms, last_wall_ms; /* proofs */
	const char *last_drill;
	const int64_t *latencies_ms; /* of the proofs since the time asked for, ascending */
	size_t latency_count;
};
typedef void history_item_fn(void *arg, const struct history_item *item);

/* All items of an environment, in any order. False: not all were visited. */
MUST_CHECK bool history_visit_items(struct history *history, const char *environment,
				    int64_t since_wall_ms, history_item_fn *visit, void *arg,
				    struct error *error);

#endif
