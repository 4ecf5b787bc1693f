/* The C library as the simulation has it: time that moves only when nobody has anything to do, a
 * crash at the n-th call, a disk that is full, and a loop that must not block.  Replaces open, write,
 * fsync, epoll_wait and others for the whole binary, SQLite and libevent included. */
#ifndef TESTS_SIMULATION_CALLS_H
#define TESTS_SIMULATION_CALLS_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

void calls_attach(struct sim *sim); /* borrowed; from then on time is virtual in this process */

struct sim *calls_sim(void); /* borrowed; for what gets no context */

/* Between the two, calls count: in the forked child that lives a life. */
void calls_begin(void);
void calls_end(void);

/* One step towards the world; at the n-th of a life everything ends here. `what` is for the trace. */
void calls_point(const char *what);

/* Of the real clock, for progress. */
int64_t calls_real_ms(void);

#endif
