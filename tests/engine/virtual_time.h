/* Time that moves only when nobody has anything to do: a test that waits for minutes takes none.
 * For binaries whose world is in memory: clock_gettime, gettimeofday and epoll_wait are replaced for
 * the whole process, libraries included. */
#ifndef TESTS_ENGINE_VIRTUAL_TIME_H
#define TESTS_ENGINE_VIRTUAL_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;

/* Lets the wall clock jump, forwards or back; clock_ms() does not. */
void virtual_time_jump_wall(int64_t ms);

/* What runs now takes so long: both clocks move on, and the loop does not notice. */
void virtual_time_take(int64_t ms);

/* Where a socket is part of the world: so long, really, its bytes may take before time moves.
 * 0 unless set. */
void virtual_time_wait_for_kernel(int ms);

/* Runs the loop until the condition holds. False when it does not within a day, or when nothing is
 * left that could make it hold. */
bool virtual_time_run(struct event_base *base, bool (*condition)(void *arg), void *arg);

/* Runs the loop for so long. */
void virtual_time_pass(struct event_base *base, int64_t ms);

#endif
