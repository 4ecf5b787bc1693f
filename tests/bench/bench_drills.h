/* What the measurements of many drills share: each drill waits for one alert in #ops, in an environment
 * of its own, for there is one at a time in each. */
#ifndef TESTS_BENCH_BENCH_DRILLS_H
#define TESTS_BENCH_BENCH_DRILLS_H

#include <stddef.h>
#include <stdint.h>

#include "probes/chats/channel.h"
#include "probes/faults/fault.h"
#include "src/engine/drill.h"

struct bench_drills {
	struct event_base *base;   /* borrowed */
	const char *chat;          /* borrowed; address of the chat */
	const char *token;         /* borrowed */
	const char *state;         /* borrowed; path of the ledger */
	int64_t poll_ms;           /* of the chat */
	int64_t within_ms;         /* of the alert */
	struct pipeline *pipeline; /* borrowed; NULL: none */
	size_t count;              /* drills */
	/* Told of every change of a drill, and when one is over. */
	void (*changed)(void *arg, const struct drill_record *record); /* NULL: nobody */
	drill_done_fn *done;
	void *arg; /* borrowed, for both */

	/* From here on made by bench_drills_open. */
	struct config config;
	struct fault_context faults;
	struct drill_world world;  /* `hops` may be set before the drills are started */
	struct channels *channels; /* owned */
	struct drill **list;       /* owned; NULL: not made yet */
	struct bench_wait *wait;   /* owned; what they wait for */
	struct chat *slack;        /* owned */
};

/* These end the process with a sentence when something does not work. */
void bench_drills_open(struct bench_drills *drills);
void bench_drills_start(struct bench_drills *drills); /* makes all of them, too */
/* Before the base. */
void bench_drills_close(struct bench_drills *drills);

#endif
