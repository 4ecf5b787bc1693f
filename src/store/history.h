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
	int64_t within_ms;    /* the deadline it had; -1: none, or not known */
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
/* What a drill saw, as it was: raw messages, answers of stations, its own log. */
struct history_evidence {
	const char *kind;   /* "message", "hop", "fault", "log" */
	const char *source; /* the channel, the station's name, the phase; "" */
	int expect;         /* the expectation it belongs to; -1: to all of it */
	int64_t wall_ms;    /* 0: not known */
	const char *text;   /* without secrets; at most HISTORY_EVIDENCE_BYTES of it are kept */
};
#define HISTORY_EVIDENCE_BYTES 16384
#define HISTORY_EVIDENCE_TOTAL \
	262144 /* of a drill; what comes later is left out, and that is said */

struct history_drill {
	const char *drill, *scenario, *environment, *kind, *via;
	const char *origin;           /* "hand", "schedule", "repeat" */
	const char *repeats;          /* the drill whose gap it confirms; "": none */
	const char *verdict, *reason; /* reason "": none */
	int exit_code;
	int64_t started_wall_ms, ended_wall_ms;
	const char *report; /* one line of JSON without secrets; over 256 KiB it is left out */
	const struct history_expectation *expectations;
	size_t expectation_count;
	const struct history_proof *proofs;
	size_t proof_count;
	const struct history_evidence *evidence;
	size_t evidence_count;
};

/* Of the ledger in `state`; creates what is missing. Several processes may have it open. However many
 * drills are in it, opening takes the same time. */
MUST_CHECK struct history *history_open(const char *state, const struct history_limits *limits,
					struct error *error);
/* The same from a loop: another process that has it for itself is not waited for. */
MUST_CHECK struct history *
history_open_at_once(const char *state, const struct history_limits *limits, struct error *error);
void history_close(struct history *history); /* NULL is fine */
bool history_exists(const char *state);      /* is there one? */

/* A drill that is over; one that is known already is left as it is. Forgets a few of the oldest when
 * their time is up. Another process that writes is waited for at most wait_ms. False: nothing of it was
 * written. */
MUST_CHECK bool history_add(struct history *history, const struct history_drill *drill,
			    int64_t wait_ms, struct error *error);

/* Drills that have begun to say or break something, from before that until they are over.  One whose
 * process died stays, so that a later one can write down that it was, and what is known of it. */
struct history_begun {
	const char *drill, *scenario, *environment, *kind, *via, *origin, *repeats;
	int64_t started_wall_ms;
};
/* True: it is on the disk. One that is known, or over, is left as it is. */
MUST_CHECK bool history_note_begun(struct history *history, const struct history_begun *begun,
				   int64_t wait_ms, struct error *error);
/* Those that are not over, the oldest first; not those that would be forgotten. */
typedef bool history_begun_fn(void *arg, const struct history_begun *begun);
MUST_CHECK bool history_visit_begun(struct history *history, history_begun_fn *visit, void *arg,
				    struct error *error);
/* Its process is dead: what is known of it is written in the place of what that would have written, by
 * one process only (ret_written). Should the other one live after all, history_add replaces it. */
MUST_CHECK bool history_add_unfinished(struct history *history, const struct history_drill *drill,
				       int64_t wait_ms, bool *ret_written, struct error *error);

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

/* Looking back. What is visited is borrowed, and valid inside the callback only; visit returns false to
 * stop. The history must not be written from inside a visit. */

struct history_filter {
	const char *scenario, *environment, *verdict; /* NULL: any */
	int64_t since_wall_ms, until_wall_ms;         /* of its end; 0: any */
	size_t most;                                  /* drills; 0: all */
};
typedef bool history_drill_fn(void *arg, const struct history_drill *drill);

/* The newest first; without proofs and evidence, and without the report unless asked for. */
MUST_CHECK bool history_visit_drills(struct history *history, const struct history_filter *filter,
				     bool reports, history_drill_fn *visit, void *arg,
				     struct error *error);
/* All of one drill: by its id, or by a beginning of it that only one has. ret_found false: none has it;
 * the error then says so, and true is returned. */
MUST_CHECK bool history_find_drill(struct history *history, const char *drill,
				   history_drill_fn *visit, void *arg, bool *ret_found,
				   struct error *error);

/* Of each scenario in each environment: the last drill, and the last pass. */
struct history_last {
	const char *scenario, *environment;
	const char *drill, *verdict, *reason;
	int64_t ended_wall_ms;
	int64_t passed_wall_ms; /* of the last pass or flaky; 0: never */
	const char *passed_drill;
};
typedef bool history_last_fn(void *arg, const struct history_last *last);
MUST_CHECK bool history_visit_last(struct history *history, history_last_fn *visit, void *arg,
				   struct error *error);

/* Delivery times of a scenario, oldest first. */
struct history_latency {
	const char *environment, *drill, *alert, *channel, *finding;
	int64_t wall_ms;    /* end of the drill */
	int64_t latency_ms; /* -1: it never came */
	int64_t within_ms;  /* the deadline it had; -1: not known */
};
typedef bool history_latency_fn(void *arg, const struct history_latency *latency);
MUST_CHECK bool history_visit_latencies(struct history *history, const char *scenario,
					const char *environment, int64_t since_wall_ms,
					history_latency_fn *visit, void *arg, struct error *error);

/* Starts by schedule. */
struct history_planned {
	const char *scenario, *environment;
	int64_t wall_ms; /* planned; begun, or told as missed, last */
};
typedef bool history_planned_fn(void *arg, const struct history_planned *planned);
MUST_CHECK bool history_visit_planned(struct history *history, history_planned_fn *visit, void *arg,
				      struct error *error);

/* Starts that were skipped; kept as long as drills. */
struct history_missed {
	const char *scenario, *environment, *why;
	int64_t first_wall_ms, last_wall_ms;
	int64_t count;
};
typedef bool history_missed_fn(void *arg, const struct history_missed *missed);
MUST_CHECK bool history_visit_missed(struct history *history, int64_t since_wall_ms,
				     history_missed_fn *visit, void *arg, struct error *error);

/* What became of starts, in that order: all of them are written, or none. */
struct history_start {
	struct history_planned planned;
	const struct history_missed *missed; /* NULL: it was begun */
};
MUST_CHECK bool history_add_starts(struct history *history, const struct history_start *starts,
				   size_t count, int64_t wait_ms, struct error *error);

/* Gaps that are open: one for a scenario in an environment, known when a repeat has confirmed it, from the
 * first drill that saw it to the one that passes.  Where its message stands, so that it is edited and not
 * posted again. */
struct history_gap {
	const char *scenario, *environment;
	const char *first_drill, *last_drill;
	int64_t first_wall_ms, last_wall_ms;
	int64_t drills;                               /* that found it */
	const char *finding;                          /* of the last one, "missing" */
	const char *text;                             /* ... in one sentence */
	const char *chat, *channel, *channel_id, *ts; /* "": not posted */
};
typedef bool history_gap_fn(void *arg, const struct history_gap *gap);
MUST_CHECK bool history_put_gap(struct history *history, const struct history_gap *gap,
				int64_t wait_ms, struct error *error); /* or changes it */
MUST_CHECK bool history_close_gap(struct history *history, const char *scenario,
				  const char *environment, int64_t wait_ms, struct error *error);
MUST_CHECK bool history_visit_gaps(struct history *history, history_gap_fn *visit, void *arg,
				   struct error *error);

#endif
