/* The guardian while all is well: asleep until firedrill speaks, dies, or hangs. */
#ifndef PROGRAM_GUARDIAN_WATCH_H
#define PROGRAM_GUARDIAN_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/program/wire.h"

#define WATCH_PATIENCE_MS 5000 /* how far over a lease, and without a sign of life */

/* firedrill, as its guardian knows it. */
struct watched {
	pid_t pid;
	int pidfd; /* owned by whoever found it; -1 where the kernel has none */
};

/* The process that made our socket, when it is our parent and alive. False: it is not. */
bool watched_find(int socket, struct watched *ret_watched);
/* Kills it if it still runs, and waits until it is gone, two seconds at most. */
void watched_kill(const struct watched *watched);

enum watch_end {
	WATCH_BYE,  /* all is over */
	WATCH_DIED, /* the socket is closed, without a word */
	WATCH_HUNG  /* a lease is over, and there was no sign of life */
};
/* The drills whose faults it may have had in place by then. */
struct watch_held {
	char drills[WIRE_HOLDS_MAX][ID_LEN + 1];
	size_t count;
};
/* Returns when it is over. */
enum watch_end watch_run(int socket, const struct watched *watched, struct watch_held *ret_held);

#endif
